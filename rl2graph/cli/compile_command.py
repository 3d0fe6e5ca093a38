"""`rl2graph compile`: what was merged and what that saves; writes the module."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import Any

from rl2graph.cli.common import (
    EXIT_USAGE,
    add_spec_options,
    checked,
    natural,
    print_json,
    write_whole,
)
from rl2graph.compiler.analysis import Analysis
from rl2graph.compiler.explain import explain_merge
from rl2graph.compiler.pipeline import LEVELS, optimise
from rl2graph.compiler.report import Report, cost

FORMATS = (".py", ".pt2")


def add_parser(commands: Any) -> None:
    parser = commands.add_parser(
        "compile", help="compile a spec and say what was shared", description=__doc__
    )
    add_spec_options(parser)
    parser.add_argument(
        "-O", dest="level", type=int, choices=sorted(LEVELS), default=1, help="optimisation level"
    )
    parser.add_argument("--seed", type=natural, help="of the initial weights of OUT.pt2")
    parser.add_argument("-o", dest="output", metavar="OUT", help=f"write the module: {' or '.join(FORMATS)}")
    parser.add_argument(
        "--print-after",
        metavar="PASS",
        action="append",
        default=[],
        choices=("lowering", *(step.name for step in LEVELS[1])),
        help=f"print the graph after a pass: lowering, {', '.join(step.name for step in LEVELS[1])}",
    )
    parser.add_argument(
        "--explain-merge",
        metavar=("A", "B"),
        nargs=2,
        help="say why two values are one computation, or are not",
    )
    parser.add_argument("--json", action="store_true", help="print the report as JSON")
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    if args.output and Path(args.output).suffix not in FORMATS:
        print(f"rl2graph compile: -o takes {' or '.join(FORMATS)}, not {args.output}", file=sys.stderr)
        return EXIT_USAGE
    if args.seed is not None and not (args.output or "").endswith(".pt2"):
        print("rl2graph compile: --seed is of initial weights, which -o OUT.pt2 alone holds", file=sys.stderr)
        return EXIT_USAGE
    missing = set(args.print_after) - {"lowering", *(step.name for step in LEVELS[args.level])}
    if missing:
        print(f"rl2graph compile: -O{args.level} has no pass {', '.join(sorted(missing))}", file=sys.stderr)
        return EXIT_USAGE
    if args.explain_merge and args.level == 0:
        print("rl2graph compile: -O0 merges nothing, so there is nothing to explain", file=sys.stderr)
        return EXIT_USAGE
    analysis, literal = checked(args)
    graph, passes = optimise(literal, args.level)
    graphs = {"lowering": literal, **{step.name: step.after for step in passes}}
    printed = {name: graphs[name].to_text() for name in args.print_after}
    explanation = None
    if args.explain_merge:
        one, other = args.explain_merge
        explanation = explain_merge(literal, one, other, analysis.values)
    report = Report(args.level, cost(literal), cost(graph), passes)
    if args.output:
        _write(analysis, args)
    if args.json:
        extra = {"graphs": printed} if printed else {}
        if explanation is not None:
            extra["explanation"] = explanation.to_json()
        print_json({"schema": 1, "spec": args.spec, "output": args.output, **report.to_json(), **extra})
        return 0
    for name, text in printed.items():
        print(f"# after {name}\n{text}")
    if explanation is not None:
        print(explanation)
    if not printed and explanation is None:
        print(_text(args.spec, report))
    if args.output:
        print(f"wrote {args.output}")
    return 0


def _write(analysis: Analysis, args: argparse.Namespace) -> None:
    from rl2graph.model.compile import build

    path = Path(args.output)
    model = build(analysis, args.level, args.seed or 0, args.algo)
    if path.suffix == ".py":
        write_whole(path, model.source)
        return
    from rl2graph.model.export import export_program

    export_program(model, path)


def _text(spec: str, report: Report) -> str:
    before, after = report.before, report.after
    lines = [f"{spec} at -O{report.level}"]
    lines.append(f"  evaluations  {_change(before.evaluations, after.evaluations)}")
    if before.flops is not None and after.flops is not None:
        lines.append(f"  FLOPs/sample {_change(before.flops, after.flops)}")
        lines.append(f"  parameters   {after.parameters:,}")
    for step in report.passes:
        for remark, text in zip(step.remarks, step.worded(), strict=True):
            lines.append(f"  {remark.kind:<12} {text}")
    return "\n".join(lines)


def _change(before: int, after: int) -> str:
    if before == after:
        return f"{after:,}"
    return f"{before:,} -> {after:,} ({(after - before) / before:+.0%})"
