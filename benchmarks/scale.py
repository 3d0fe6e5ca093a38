"""How the time to analyse and deduplicate a spec grows with the number of its nodes.

    python benchmarks/scale.py [--runs RUNS] [--nodes N N …] [--json OUT]

Three kinds of specs: a chain of statements, each of which reads the one before; a wide one, short branches on
shared encoders that repeat computations; and a loop, unrolled, that calls a module twice in each pass. A spec
is parsed once; the table has medians over the runs of the time that follows: analysis (names, types, the
literal graph, warnings), each pass of -O1, one verification of the literal graph, and `analysis + dedup +
prune`. It is time of the processor, which is what one thread that waits for nothing takes on a machine that
does nothing else. The collector is on, and paused by what is measured as it is for everyone. `growth` is how
much more time ten times the nodes take.
"""

from __future__ import annotations

import argparse
import gc
import json
import statistics
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from rl2graph.collector import collector_paused
from rl2graph.compiler.analysis import analyse
from rl2graph.compiler.interface import Interface
from rl2graph.compiler.limits import Limits
from rl2graph.compiler.pipeline import LEVELS, optimise
from rl2graph.compiler.spec import Spec, parse
from rl2graph.ir.graph import Graph
from rl2graph.ir.verify import verify
from rl2graph.spaces import Discrete, Vector

SPACES = Interface(Vector((4,)), Discrete(2))
LIMITS = Limits(nodes=10**7, statements=10**7, steps=10**8, weights=10**10)
TOTAL = "analysis + dedup + prune"


def chain(nodes: int) -> str:
    count = nodes // 4
    lines = [f"x{i} = x{i - 1} |> dense(8) |> relu |> dense(8) |> tanh" for i in range(1, count + 1)]
    return "\n".join(["x0 = dense(obs, 8)", *lines, f"pi = head(x{count})"]) + "\n"


def wide(nodes: int) -> str:
    """Five of a branch's eight nodes are computed by every other branch too."""
    count = nodes // 8
    lines = [
        "encoder e = mlp(obs, hidden=[8])",
        "encoder g = mlp(obs, hidden=[16, 8])",
        "encoder f(x) = dense(x, 8) |> relu",
        "pi = head(e)",
    ]
    lines += [f"b{i} = {i + 1}.5 * (f(concat(e, g)) + tanh(e)) |> dense(2)" for i in range(count)]
    return "\n".join([*lines, "output pi", *(f"output b{i}: aux" for i in range(count))]) + "\n"


def unrolled(nodes: int) -> str:
    passes = nodes // 6
    return (
        "encoder f(x) = dense(x, 8) |> relu\n"
        f"y = dense(obs, 8) |> for i in range({passes}) {{ f |> tanh |> f |> sigmoid }}\n"
        "pi = head(y)\n"
    )


KINDS: dict[str, Callable[[int], str]] = {"chain": chain, "wide": wide, "unrolled": unrolled}


def seconds(what: Callable[[], Any]) -> tuple[float, Any]:
    """How long a call keeps the processor, and what it gives; garbage of earlier ones is collected before."""
    gc.collect()
    start = time.process_time()
    result = what()
    return time.process_time() - start, result


def graph_of(spec: Spec) -> Graph:
    analysis = analyse(spec, SPACES)
    assert analysis.graph is not None, analysis.diagnostics[:3]
    return analysis.graph


def measured(spec: Spec) -> tuple[dict[str, float], int, int]:
    """Times of one run by step, and the numbers of nodes before and after."""
    times: dict[str, float] = {}
    times["analysis"], literal = seconds(lambda: graph_of(spec))
    times["verify"], _ = seconds(lambda: verify(literal, "the analysis"))
    graph = literal
    for step in LEVELS[1]:
        run = collector_paused()(step.run)  # as the pipeline runs it
        times[step.name], rewrite = seconds(lambda run=run, graph=graph: run(graph))
        graph = rewrite.graph
    times["-O1, verified"], _ = seconds(lambda: optimise(literal, 1))
    times[TOTAL] = times["analysis"] + times["dedup"] + times["prune"]
    return times, len(literal.nodes), len(graph.nodes)


def rows(kind: str, sizes: list[int], runs: int) -> Iterator[dict[str, Any]]:
    for size in sizes:
        spec = parse(KINDS[kind](size), limits=LIMITS)
        measured(spec)
        found = [measured(spec) for _ in range(runs)]
        medians = {name: statistics.median(times[name] for times, _, _ in found) for name in found[0][0]}
        _, before, after = found[0]
        took = {name: round(value, 5) for name, value in medians.items()}
        yield {"kind": kind, "nodes": before, "nodes_after": after, "seconds": took}


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--nodes", type=int, nargs="+", default=[1_000, 10_000, 100_000])
    parser.add_argument("--json", type=Path, metavar="OUT")
    given = parser.parse_args()
    results: list[dict[str, Any]] = []
    for kind in KINDS:
        before: dict[str, Any] | None = None
        for row in rows(kind, given.nodes, given.runs):
            took = row["seconds"]
            if before is None:
                print(f"\n| {kind}, nodes | after -O1 | " + " | ".join(f"{name}, ms" for name in took) + " |")
                print("|---" * (len(took) + 2) + "|")
            shown = (f"{1e3 * value:,.1f}" for value in took.values())
            print(f"| {row['nodes']:,} | {row['nodes_after']:,} | " + " | ".join(shown) + " |", flush=True)
            if before is not None:
                tens = row["nodes"] / before["nodes"] / 10
                row["growth"] = {
                    name: round(value / before["seconds"][name] / tens, 2) for name, value in took.items()
                }
                print(
                    "| growth | | " + " | ".join(f"{value:.1f}x" for value in row["growth"].values()) + " |"
                )
            results.append(row)
            before = row
    if given.json is not None:
        sizes = " ".join(map(str, given.nodes))
        command = f"python benchmarks/scale.py --runs {given.runs} --nodes {sizes}"
        found = {"command": command, "commit": _commit(), "results": results}
        given.json.write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")


def _commit() -> str:
    here = Path(__file__).parent
    command = ["git", "rev-parse", "--short", "HEAD"]
    return subprocess.run(command, cwd=here, check=True, capture_output=True, text=True).stdout.strip()


if __name__ == "__main__":
    main()
