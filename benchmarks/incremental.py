"""From a single-line edit in a 1,000-line spec to its findings, in one warm process, against a fresh check.

    python benchmarks/incremental.py [EDITS] [OUT.json]

Edits are drawn at random over the file: another number, a misspelt op, a stage more, a bracket less, a line
more, a line less; each is undone before the next, and undoing it is an edit too.
"""

from __future__ import annotations

import gc
import json
import sys
import time
from random import Random

from rl2graph.compiler.check import check
from rl2graph.compiler.incremental import Checker
from rl2graph.compiler.interface import Interface
from rl2graph.compiler.spec import parse
from rl2graph.spaces import Discrete, Vector

LINES = 1_000
SPACES = Interface(Vector((4,)), Discrete(2))


def spec(lines: int) -> list[str]:
    """A spec of that many lines in which each reads those before it, with a preset every tenth line."""
    text = [
        "param width = 64",
        "def block(x, n=width) = dense(x, n) |> relu",
        "encoder trunk(x) = mlp(x, hidden=[width, 32])",
        "h0 = dense(obs, 64)",
    ]
    forms = [
        "h{i} = h{a} |> dense(64) |> relu",
        "h{i} = concat(h{a}, h{b}) |> dense(32)",
        "h{i} = tanh(dense(h{a}, 64))",
        "h{i} = block(h{a}, 16)",
        "h{i} = trunk(obs) + dense(h{a}, 32)",
        "h{i} = 0.5 * h{a} + tanh(h{a})",
        "h{i} = h{a} |> for n in [32, 16] {{ dense(n) |> relu }}",
        "h{i} = concat(h{a}, obs) |> flatten",
        "h{i} = dense(h{a}, width)  # a comment",
        "h{i} = mlp(h{a}, hidden=[48])",
    ]
    for i in range(1, lines - 5):
        text.append(forms[i % len(forms)].format(i=i, a=i - 1, b=max(0, i - 3)))
    return [*text, f"pi = head(h{lines - 6})", f"v = head(h{lines - 6})"]


def edit(random: Random, lines: list[str]) -> list[str]:
    at = random.randrange(3, len(lines) - 2)
    line = lines[at]
    new = list(lines)
    match random.randrange(6):
        case 0:
            new[at] = line.replace("64", "48").replace("32", "24").replace("16", "8")
        case 1:
            new[at] = line.replace("dense", "dnese").replace("trunk", "trunc").replace("tanh", "tnah")
        case 2:
            new[at] = f"{line.partition('  #')[0]} |> relu"
        case 3:
            new[at] = line.replace(")", "", 1).replace("]", "", 1)
        case 4:
            new.insert(at, "extra = relu(obs)")
        case _:
            del new[at]
    return new


def main() -> None:
    edits = int(sys.argv[1]) if len(sys.argv) > 1 else 300
    random = Random(0)
    lines = spec(LINES)
    base = "\n".join(lines)
    checker = Checker(SPACES)
    base_analysis = checker.check(base)
    assert base_analysis.graph is not None
    assert len(base_analysis.graph.nodes) > LINES
    times: list[float] = []
    fresh: list[float] = []
    for number in range(edits):
        for text in ("\n".join(edit(random, lines)), base):
            start = time.perf_counter()
            checker.check(text)
            times.append((time.perf_counter() - start) * 1e3)
        if number % 10 == 0:
            gc.collect()
            start = time.perf_counter()
            check(parse(base), SPACES)
            fresh.append((time.perf_counter() - start) * 1e3)
    times.sort()
    fresh.sort()
    result = {
        "lines": LINES,
        "edits": len(times),
        "median_ms": round(times[len(times) // 2], 1),
        "p95_ms": round(times[int(len(times) * 0.95)], 1),
        "max_ms": round(times[-1], 1),
        "fresh_check_median_ms": round(fresh[len(fresh) // 2], 1),
    }
    print(json.dumps(result, indent=1))
    if len(sys.argv) > 2:
        with open(sys.argv[2], "w", encoding="utf-8") as file:
            json.dump({"command": "python benchmarks/incremental.py 300", **result}, file, indent=1)
            file.write("\n")


if __name__ == "__main__":
    main()
