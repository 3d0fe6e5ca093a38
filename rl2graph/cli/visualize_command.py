"""`rl2graph visualize`: the graph as a picture."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import Any

from rl2graph.cli.common import EXIT_USAGE, add_spec_options, checked, write_whole
from rl2graph.compiler.pipeline import optimise
from rl2graph.viz import FORMATS, render


def add_parser(commands: Any) -> None:
    parser = commands.add_parser("visualize", help="draw the graph", description=__doc__)
    add_spec_options(parser)
    suffixes = ", ".join(f".{name}" for name in FORMATS)
    parser.add_argument(
        "-o", dest="output", metavar="OUT", help=f"a file: {suffixes}; text on stdout without it"
    )
    parser.add_argument(
        "--view", choices=("before", "after", "both"), default="after", help="around deduplication"
    )
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    form = Path(args.output).suffix.removeprefix(".") if args.output else "txt"
    if form not in FORMATS:
        shown = ", ".join(f".{name}" for name in FORMATS)
        print(f"rl2graph visualize: -o takes {shown}, not {args.output}", file=sys.stderr)
        return EXIT_USAGE
    _, literal = checked(args)
    graph, _ = optimise(literal, 1)
    picture = render(literal, graph, format=form, view=args.view, title=Path(args.spec).name)
    if args.output is None:
        sys.stdout.write(picture)
    else:
        write_whole(Path(args.output), picture)
        print(f"wrote {args.output}")
    return 0
