"""`rl2graph eval`: evaluate a run's last checkpoint."""

from __future__ import annotations

import argparse
import sys
from typing import Any

from rl2graph.cli.common import natural, print_json
from rl2graph.cli.user_ops import add_ops_option


def add_parser(commands: Any) -> None:
    parser = commands.add_parser("eval", help="evaluate a trained agent", description=__doc__)
    parser.add_argument("folder", metavar="RUN", help="a run folder")
    parser.add_argument("--episodes", type=int, default=100, metavar="N")
    parser.add_argument(
        "--checkpoint", default="last", metavar="NAME", help="last, best or a step (default: last)"
    )
    parser.add_argument("--sample", action="store_true", help="sample actions instead of the most likely")
    parser.add_argument("--seed", type=natural, help="of the episodes")
    parser.add_argument(
        "--device", metavar="NAME", help="where the network is, such as cpu; the run's if left out"
    )
    add_ops_option(parser)
    parser.add_argument("--json", action="store_true", help="print the result as JSON")
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    from rl2graph.workers.train import evaluate_run

    found = evaluate_run(
        args.folder,
        args.episodes,
        checkpoint=args.checkpoint,
        greedy=not args.sample,
        seed=args.seed,
        device=args.device,
    )
    if found.warning is not None:
        print(found.warning, file=sys.stderr)
    if args.json:
        print_json({"schema": 1, "run": args.folder, **found.to_json()})
    else:
        how = "sampled" if args.sample else "greedy"
        spread = f"{found.return_mean:.1f} ± {found.return_std:.1f}"
        print(f"return {spread} over {len(found.returns)} {how} episodes")
    return 0
