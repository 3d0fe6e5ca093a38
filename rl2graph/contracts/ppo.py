"""What PPO asks of a spec."""

from __future__ import annotations

from rl2graph.contracts.contract import Contract, EntryPoint, LossTerm, Optimiser

PPO = Contract(
    algorithm="ppo",
    title="Proximal policy optimisation, clipped",
    paper="Schulman et al. 2017, arXiv:1707.06347",
    roles=("pi", "v"),
    actions=("discrete", "multi_discrete", "multi_binary", "box"),
    inputs=("act", "next_obs", "reward", "done", "returns"),
    effects=("state", "random", "collecting"),
    entries=(
        EntryPoint("act", ("pi", "v")),
        EntryPoint("learn", ("pi", "v", "loss")),
        # What is bootstrapped from is moved by no draw.
        EntryPoint("value", ("v",), mode="evaluate"),
    ),
    losses=(
        LossTerm("policy", reads=("pi",)),
        LossTerm("value", reads=("v",)),
        LossTerm("entropy", reads=("pi",)),
        LossTerm("spec", reads=("loss",)),
    ),
    # A shared encoder is under all of them: PPO descends their weighted sum (equation 9), in one step.
    optimisers=(Optimiser("actor_critic", losses=("policy", "value", "entropy", "spec")),),
)
