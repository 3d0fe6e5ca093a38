"""What passes by default: 100,000 statements, 8 MB of text, 1,000,000 nodes."""

from __future__ import annotations

import resource
import time

import pytest

from rl2graph.compiler.analysis import analyse
from rl2graph.compiler.interface import Interface
from rl2graph.compiler.spec import parse
from rl2graph.spaces import Discrete, Vector

pytestmark = pytest.mark.slow
SPACES = Interface(Vector((4,)), Discrete(2))

TEN = "[1, 2, 3, 4, 5, 6, 7, 8, 9, 10]"


def chain(op: str, length: int) -> list[str]:
    """Bindings `h0`, `h1`, … that each apply `op` to the one before."""
    return [f"h0 = {op}(obs)", *(f"h{i} = {op}(h{i - 1})" for i in range(1, length))]


MANY = "\n".join([*chain("tanh", 100_000), "pi = head(h99999)"])
LONG = "\n".join([*(["# " + "x" * 98] * 79_000), *chain("relu", 20_000), "pi = head(obs)"])
WIDE = "\n".join(
    [
        f"def ten(x) = x |> for i in {TEN} {{ tanh }}",
        f"def thousand(x) = x |> for i in {TEN} {{ {' |> '.join(['ten'] * 10)} }}",
        *chain("thousand", 1_000),
        "pi = head(h999)",
    ]
)


@pytest.mark.parametrize(
    ("text", "nodes"), [(MANY, 100_002), (LONG, 2), (WIDE, 1_000_002)], ids=["statements", "bytes", "nodes"]
)
def test_the_default_limits_let_it_pass(text, nodes):
    start = time.perf_counter()
    spec = parse(text)
    parsed = time.perf_counter()
    analysis = analyse(spec, SPACES)
    done = time.perf_counter()
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6
    print(
        f"\n{len(text):,} bytes: parsed in {parsed - start:.1f} s,"
        f" analysed in {done - parsed:.1f} s, peak {peak:.1f} GB"
    )
    assert analysis.graph is not None, analysis.diagnostics[:3]
    assert len(analysis.graph.nodes) == nodes
