"""PPO with the shipped defaults on CartPole-v1: greedy return of the final policy, per seed.

    python benchmarks/ppo_cartpole.py [SEEDS] [OUT.json]

A seed that OUT.json already holds for this commit is not run again.
"""

import json
import subprocess
import sys
import tempfile
from pathlib import Path

import torch

import rl2graph

ROOT = Path(__file__).resolve().parent.parent
SPEC = ROOT / "specs" / "ppo_shared.rl2"
STEPS = 100_000


def commit() -> str:
    command = ["git", "-C", str(ROOT), "rev-parse", "--short", "HEAD"]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()


def main() -> None:
    seeds = int(sys.argv[1]) if len(sys.argv) > 1 else 5
    out = Path(sys.argv[2]) if len(sys.argv) > 2 else None
    torch.set_num_threads(1)
    results = {
        "command": "python benchmarks/ppo_cartpole.py",
        "commit": commit(),
        "environment": "CartPole-v1",
        "steps": STEPS,
        "evaluation": "final weights, greedy, 100 episodes",
        "seeds": {},
    }
    if out is not None and out.is_file():
        earlier = json.loads(out.read_text())
        if earlier["commit"] == results["commit"]:
            results = earlier
    for seed in range(seeds):
        if str(seed) in results["seeds"]:
            continue
        with tempfile.TemporaryDirectory() as folder:
            run = Path(folder) / "run"
            found = rl2graph.train(SPEC, env="CartPole-v1", steps=STEPS, seed=seed, run=run, quiet=True)
        assert found.evaluation is not None
        results["seeds"][str(seed)] = {
            "return_mean": found.evaluation.return_mean,
            "return_std": found.evaluation.return_std,
            "seconds": round(found.seconds, 1),
        }
        print(f"seed {seed}: {found.evaluation.return_mean:.1f} in {found.seconds:.1f} s", flush=True)
        if out is not None:
            out.parent.mkdir(parents=True, exist_ok=True)
            out.write_text(json.dumps(results, indent=1) + "\n")


if __name__ == "__main__":
    main()
