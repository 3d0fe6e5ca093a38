"""Rollouts for tests: real steps of a small environment whose episodes end at known times."""

from __future__ import annotations

import gymnasium
import numpy as np
from gymnasium import spaces
from gymnasium.vector import AutoresetMode, SyncVectorEnv

import rl2graph
from rl2graph.workers.environments import Environments


class Walk(gymnasium.Env):
    """Random observations of a space; episode k of slot s has 2 + (s + k) % 3 steps, odd ones cut short."""

    def __init__(self, observation, action, slot=0):
        self.observation_space, self.action_space = observation, action
        self.observation_space.seed(slot)
        self.slot, self.episode, self.t = slot, -1, 0

    def reset(self, *, seed=None, options=None):
        super().reset(seed=seed)
        self.episode += 1
        self.t = 0
        return self.observation_space.sample(), {}

    def step(self, action):
        assert self.action_space.contains(action), action
        self.t += 1
        over = self.t == 2 + (self.slot + self.episode) % 3
        odd = self.episode % 2 == 1
        return self.observation_space.sample(), float(self.t), over and not odd, over and odd, {}


VECTOR = spaces.Box(-1, 1, (3,), np.float32)
TWO = spaces.Discrete(2)


def walks(observation=VECTOR, action=TWO, *, num_envs=3, mode=AutoresetMode.SAME_STEP):
    def make(slot):
        from copy import deepcopy

        return lambda: Walk(deepcopy(observation), deepcopy(action), slot)

    return Environments(SyncVectorEnv([make(slot) for slot in range(num_envs)], autoreset_mode=mode))


def agent_for(algorithm, spec, env, config=None, **options):
    model = rl2graph.compile(
        spec,
        observation_space=env.observation_space,
        action_space=env.action_space,
        algo=algorithm.contract.algorithm,
    )
    return algorithm(model, config, **options)


class Loop:
    """Steps agent and environments as a worker does, and keeps what was decided."""

    def __init__(self, agent, env):
        self.agent, self.env = agent, env
        self.obs, self.state, self.resets = env.reset(0), None, None
        self.outputs, self.steps, self.seen = [], [], []

    def collect(self):
        """Until the agent is ready."""
        while not self.agent.ready:
            output = self.agent.act(self.obs, state=self.state, resets=self.resets)
            step = self.env.step(output.action)
            self.agent.remember(self.obs, output, step)
            self.outputs.append(output)
            self.steps.append(step)
            self.seen.append(self.obs)
            self.obs, self.state, self.resets = step.obs, output.state, step.resets
        return self.agent
