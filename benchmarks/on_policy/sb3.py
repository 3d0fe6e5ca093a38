"""Stable-Baselines3 and sb3-contrib on the tasks of `tasks.py`: greedy return of the final policy, per seed.

    pip install stable-baselines3 sb3-contrib
    python -m benchmarks.on_policy.sb3 TASK [OUT.json]

A seed that OUT.json already holds is not run again. Evaluation is ours: final weights, deterministic
actions, 100 separate episodes.
"""

from __future__ import annotations

import importlib
import json
import sys
import time
from dataclasses import fields
from pathlib import Path
from typing import Any

import gymnasium
import numpy as np
import torch

from benchmarks.on_policy.tasks import TASKS, Task
from rl2graph.agents.algorithms import algorithm_named

EPISODES = 100
NAMES = {
    "n_steps": "n_steps",
    "minibatch_size": "batch_size",
    "epochs": "n_epochs",
    "learning_rate": "learning_rate",
    "gamma": "gamma",
    "gae_lambda": "gae_lambda",
    "entropy_coefficient": "ent_coef",
    "max_grad_norm": "max_grad_norm",
    "normalise_advantages": "normalize_advantage",
}


def translated(task: Task) -> dict[str, Any]:
    """Our settings as the peer's constructor arguments; what a task leaves out are our defaults.

    Our value loss is half the mean squared error, the peer's the whole: `vf_coef` is half the coefficient.
    """
    defaults = {item.name: item.default for item in fields(algorithm_named(task.algo).config_type)}
    given = {name: task.settings.get(name, default) for name, default in defaults.items()}
    annealed = given["anneal_learning_rate"]
    arguments: dict[str, Any] = {"vf_coef": 0.5 * given["value_coefficient"]}
    for name, theirs in NAMES.items():
        if name in given:
            arguments[theirs] = given[name]
    if task.algo == "a2c":
        arguments["use_rms_prop"] = given["optimiser"] == "rmsprop"
    if annealed:
        rate = float(arguments["learning_rate"])
        arguments["learning_rate"] = lambda left: rate * left
    if task.algo == "ppo":
        clip, shrinks = float(given["clip_range"]), given["anneal_clip_range"]
        arguments["clip_range"] = lambda left: clip * left if shrinks else clip
    return arguments


def made(task: Task, seed: int) -> Any:
    """The peer, not yet trained."""
    from stable_baselines3.common.env_util import make_vec_env
    from stable_baselines3.common.vec_env import VecNormalize

    module = "sb3_contrib" if task.peer == "RecurrentPPO" else "stable_baselines3"
    algorithm = getattr(importlib.import_module(module), task.peer)
    policy = "MlpLstmPolicy" if task.peer == "RecurrentPPO" else "MlpPolicy"
    env = make_vec_env(task.env, n_envs=task.num_envs, seed=seed)
    if task.normalised:
        env = VecNormalize(env, gamma=task.settings.get("gamma", 0.99))
    return algorithm(
        policy, env, seed=seed, policy_kwargs=dict(task.peer_policy), device="cpu", **translated(task)
    )


def train(task: Task, seed: int) -> tuple[Any, float]:
    """The trained peer, and the seconds that it took."""
    model = made(task, seed)
    started = time.perf_counter()
    model.learn(task.steps)
    return model, time.perf_counter() - started


def evaluate(model: Any, env_id: str, seed: int) -> list[float]:
    """Undiscounted returns of 100 greedy episodes."""
    env = gymnasium.make(env_id)
    normalised = model.get_vec_normalize_env()
    returns = []
    for episode in range(EPISODES):
        obs, _ = env.reset(seed=10_000 + 1_000 * seed + episode)
        state, start, total, over = None, np.ones(1, bool), 0.0, False
        while not over:
            seen = obs if normalised is None else normalised.normalize_obs(obs)
            action, state = model.predict(seen, state=state, episode_start=start, deterministic=True)
            obs, reward, terminated, truncated, _ = env.step(action)
            start = np.zeros(1, bool)
            total += float(reward)
            over = terminated or truncated
        returns.append(total)
    return returns


def main() -> None:
    name = sys.argv[1]
    out = Path(sys.argv[2] if len(sys.argv) > 2 else f"docs/results/on_policy/sb3-{name}.json")
    torch.set_num_threads(1)
    task = TASKS[name]
    versions = {m: importlib.import_module(m).__version__ for m in ("stable_baselines3", "sb3_contrib")}
    results: dict[str, Any] = {
        "command": f"python -m benchmarks.on_policy.sb3 {name}",
        "versions": {**versions, "torch": torch.__version__, "gymnasium": gymnasium.__version__},
        "evaluation": "final weights, deterministic, 100 episodes",
        "seeds": {},
    }
    if out.is_file():
        results = json.loads(out.read_text())
    for seed in TASKS[name].seeds:
        if str(seed) in results["seeds"]:
            continue
        model, seconds = train(task, seed)
        returns = evaluate(model, task.env, seed)
        results["seeds"][str(seed)] = {
            "return_mean": float(np.mean(returns)),
            "return_std": float(np.std(returns)),
            "seconds": round(seconds, 1),
        }
        print(f"{name} seed {seed}: {np.mean(returns):.1f} in {seconds:.1f} s", flush=True)
        out.parent.mkdir(parents=True, exist_ok=True)
        out.write_text(json.dumps(results, indent=1) + "\n")


if __name__ == "__main__":
    main()
