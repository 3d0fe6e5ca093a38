"""`rl2graph train`: from a spec and an environment to a trained agent in a run folder."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import Any

from rl2graph.cli.common import EXIT_USAGE, natural, parameters_of, print_json
from rl2graph.cli.user_ops import add_ops_option


def add_parser(commands: Any) -> None:
    parser = commands.add_parser("train", help="train an agent", description=__doc__)
    parser.add_argument("spec", metavar="SPEC", nargs="?", help="an .rl2 file (not with --resume)")
    parser.add_argument("--env", metavar="ID", help="a gymnasium environment")
    parser.add_argument(
        "--algo", metavar="NAME", help="the algorithm; the spec's roles choose it where left out"
    )
    parser.add_argument("--steps", type=int, metavar="N", help="environment steps in all")
    parser.add_argument("--seed", type=natural, help="root of every random stream")
    parser.add_argument(
        "--run", dest="folder", metavar="DIR", help="the run folder; a new one in runs/ if left out"
    )
    parser.add_argument("--resume", action="store_true", help="go on from the last checkpoint of --run")
    parser.add_argument("--config", metavar="FILE", help="a TOML file with tables [run], [env], [ppo], …")
    parser.add_argument(
        "--set", dest="settings", metavar="KEY=VALUE", action="append", default=[], help="set one value"
    )
    parser.add_argument(
        "--param", metavar="NAME=VALUE", action="append", default=[], help="set a parameter of the spec"
    )
    add_ops_option(parser)
    parser.add_argument("--quiet", action="store_true", help="show no progress")
    parser.add_argument("--json", action="store_true", help="print the result as JSON")
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    missing = _missing(args)
    if missing:
        print(f"rl2graph train: {missing}", file=sys.stderr)
        return EXIT_USAGE
    from rl2graph.workers.train import train

    result = train(
        None if args.spec is None else Path(args.spec),
        env=args.env,
        algo=args.algo,
        steps=args.steps,
        seed=args.seed,
        run=args.folder,
        resume=args.resume,
        config=args.config,
        settings=args.settings,
        params=parameters_of(args) or None,
        quiet=args.quiet,
    )
    if args.json:
        print_json(result.to_json())
        return 0
    if result.evaluation is not None:
        found = result.evaluation
        spread = f"{found.return_mean:.1f} ± {found.return_std:.1f}"
        print(f"return {spread} over {len(found.returns)} greedy episodes")
    speed = result.steps / result.seconds if result.seconds else 0.0
    print(f"{result.steps:,} steps in {result.seconds:.1f} s ({speed:,.0f} steps/s)")
    print(f"run folder: {result.run}")
    return 0


def _missing(args: argparse.Namespace) -> str | None:
    if args.resume:
        return None if args.folder else "--resume needs --run DIR"
    if args.spec is None:
        return "which SPEC?"
    # A file or a setting may name it; where they do not, `train` says so.
    named = args.config or any(each.partition("=")[0].strip() in ("env", "run.env") for each in args.settings)
    return None if args.env or named else "which environment? give --env ID"
