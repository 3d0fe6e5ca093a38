"""What A2C asks of a spec: the same as PPO."""

from __future__ import annotations

from dataclasses import replace

from rl2graph.contracts.ppo import PPO

A2C = replace(
    PPO,
    algorithm="a2c",
    title="Advantage actor-critic, synchronous",
    paper="Mnih et al. 2016, arXiv:1602.01783",
)
