"""rl2graph on the tasks of `tasks.py`: greedy return of the final policy, per seed.

    python -m benchmarks.on_policy.ours TASK [OUT.json]

A seed that OUT.json already holds for this commit is not run again.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import torch

import rl2graph
from benchmarks.on_policy.tasks import TASKS, Task


def commit() -> str:
    command = ["git", "rev-parse", "--short", "HEAD"]
    here = Path(__file__).parent
    return subprocess.run(command, capture_output=True, text=True, check=True, cwd=here).stdout.strip()


def train(task: Task, seed: int, run: Path) -> Any:
    """A finished run of a task; evaluations before the end are left out, for they only cost time."""
    return rl2graph.train(
        task.spec,
        env=task.env,
        algo=task.algo,
        steps=task.steps,
        seed=seed,
        run=run,
        config={
            "run": {"num_envs": task.num_envs, "eval_episodes": 0},
            "env": {"normalise_observations": task.normalised, "normalise_rewards": task.normalised},
            task.algo: dict(task.settings),
        },
        quiet=True,
    )


def main() -> None:
    name = sys.argv[1]
    out = Path(sys.argv[2] if len(sys.argv) > 2 else f"docs/results/on_policy/{name}.json")
    torch.set_num_threads(1)
    results: dict[str, Any] = {
        "command": f"python -m benchmarks.on_policy.ours {name}",
        "commit": commit(),
        "evaluation": "final weights, greedy, 100 episodes",
        "seeds": {},
    }
    if out.is_file():
        earlier = json.loads(out.read_text())
        results = earlier if earlier["commit"] == results["commit"] else results
    for seed in TASKS[name].seeds:
        if str(seed) in results["seeds"]:
            continue
        with tempfile.TemporaryDirectory() as folder:
            found = train(TASKS[name], seed, Path(folder) / "run")
        assert found.evaluation is not None
        results["seeds"][str(seed)] = {
            "return_mean": found.evaluation.return_mean,
            "return_std": found.evaluation.return_std,
            "seconds": round(found.seconds, 1),
        }
        print(f"{name} seed {seed}: {found.evaluation.return_mean:.1f} in {found.seconds:.1f} s", flush=True)
        out.parent.mkdir(parents=True, exist_ok=True)
        out.write_text(json.dumps(results, indent=1) + "\n")


if __name__ == "__main__":
    main()
