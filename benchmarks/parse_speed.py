"""Statements per second of `parse_file`, beside a bare Lark parse of the same text by the same grammar.

    python benchmarks/parse_speed.py [ROUNDS]

The bare parse is Lark's own LALR parser building Lark's own trees, without positions; ours builds the syntax
tree with its spans. Runs alternate; the table shows medians. `collector` says whether Python's cyclic garbage
collector runs during both; `parse_file` pauses it, which is part of what it is.
"""

import gc
import statistics
import sys
import time
import tracemalloc
from functools import partial
from itertools import product

from rl2graph.diagnostics import Source
from rl2graph.lang.grammar import build
from rl2graph.lang.parser import parse_file
from rl2graph.lang.statements import cut

UNIT = """param w{i} = 256
encoder cam{i} = obs.camera |> nature(w{i})
encoder arm{i} = mlp(obs.joints, hidden=[64, 64])
h{i} = concat(cam{i}, arm{i}) |> lstm(w{i})
pi{i} = head(h{i})
v{i} = head(detach(h{i}))
x{i} = 0.5 * dense(h{i}, 64, bias=true) + relu(v{i})
encoder f{i}(x) {{
  y = dense(x, 3)
  return relu(y)
}}
"""
STATEMENTS = 8  # of a unit, those of the block not counted


def program(statements: int) -> str:
    return "".join(UNIT.format(i=i) for i in range(statements // STATEMENTS))


def seconds(function, collector: bool) -> float:
    gc.collect()
    (gc.enable if collector else gc.disable)()
    start = time.perf_counter()
    kept = function()
    took = time.perf_counter() - start
    gc.enable()
    del kept
    return took


def compare(rounds: int) -> None:
    lark = build()
    print("| statements | collector | bare Lark, 1/s | parse_file, 1/s | ratio |")
    print("|---|---|---|---|---|")
    for count, collector in product((1_000, 10_000), ("on", "off")):
        text = program(count)
        runs = [partial(lark.parse, text, start="start"), partial(parse_file, Source("t", text))]
        times = [[seconds(run, collector == "on") for run in runs] for _ in range(rounds)]
        bare, ours = (count / statistics.median(column) for column in zip(*times, strict=True))
        print(f"| {count:,} | {collector} | {bare:,.0f} | {ours:,.0f} | {ours / bare:.2f} |")


def scale() -> None:
    print("\n| statements | characters | parse_file, s | µs per statement | peak memory, MB |")
    print("|---|---|---|---|---|")
    for count in (1_000, 10_000, 100_000, 224_000):
        source = Source("t", program(count))
        took = min(seconds(partial(parse_file, source), collector=True) for _ in range(3))
        tracemalloc.start()
        kept = parse_file(source)
        peak = tracemalloc.get_traced_memory()[1] / 1e6
        tracemalloc.stop()
        del kept
        print(f"| {count:,} | {len(source.text):,} | {took:.2f} | {took / count * 1e6:.1f} | {peak:,.0f} |")


def cutting() -> None:
    text = "".join(f"h{i} = h{i - 1} |> dense({i % 7 + 1}) |> tanh\n" for i in range(1000))
    took = statistics.median(seconds(lambda: cut(text), collector=True) for _ in range(51))
    print(f"\nstatements.cut on 1,000 lines: {took * 1e3:.2f} ms")


if __name__ == "__main__":
    compare(int(sys.argv[1]) if len(sys.argv) > 1 else 7)
    scale()
    cutting()
