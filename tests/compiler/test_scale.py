"""Long specs: nothing recurses over a graph, and the collector is on again whatever happens."""

from __future__ import annotations

import gc
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import networkx
import pytest

from rl2graph.collector import collector_paused
from rl2graph.compiler.analysis import analyse
from rl2graph.compiler.entries.compose import compose
from rl2graph.compiler.entries.terms import Call
from rl2graph.compiler.files.toplevel import FileRunner
from rl2graph.compiler.incremental import Checker
from rl2graph.compiler.interface import Interface
from rl2graph.compiler.limits import DEFAULT
from rl2graph.compiler.passes.base import Pass, Rewrite
from rl2graph.compiler.pipeline import LEVELS, optimise, run_passes
from rl2graph.compiler.report import cost
from rl2graph.compiler.spec import parse
from rl2graph.diagnostics import DiagnosticError
from rl2graph.ir.canonical.form import canonical_form
from rl2graph.ir.canonical.matching import match
from rl2graph.ir.graph import Graph
from rl2graph.ir.slots import with_effects, with_slots
from rl2graph.ir.verify import verify
from rl2graph.spaces import Vector, unbounded
from tests.support import graph_of

LONG = 20_000
FRAMES = 100  # of Python, for whatever works on a graph, however long


def chains(length: int) -> str:
    """A chain of statements, and on it an unrolled loop that also reads the action."""
    lines = [
        "x0 = dense(obs, 4)",
        *(f"x{i + 1} = tanh(x{i})" for i in range(length)),
        f"mu = head(x{length})",
    ]
    loop = f"concat(x{length}, act) |> for i in range({length}) {{ dropout(0.1) }}"
    return "\n".join([*lines, f"q = {loop} |> head"])


def chained(length: int) -> Graph:
    return graph_of(chains(length), Vector((4,)), unbounded((2,)))


@pytest.fixture(scope="module")
def long() -> Graph:
    return chained(LONG)


@contextmanager
def shallow() -> Iterator[None]:
    """A stack with room for FRAMES more."""
    depth, frame = 0, sys._getframe()
    while frame is not None:
        depth, frame = depth + 1, frame.f_back
    before = sys.getrecursionlimit()
    sys.setrecursionlimit(depth + FRAMES)
    try:
        yield
    finally:
        sys.setrecursionlimit(before)


def test_the_stack_is_shallow():
    def down(levels: int) -> int:
        return down(levels - 1) + 1 if levels else 0

    with shallow():
        assert down(FRAMES // 2) == FRAMES // 2
        with pytest.raises(RecursionError):
            down(2 * FRAMES)


def test_analysis_needs_no_deeper_stack_than_the_limit_on_depth(long):
    assert sys.getrecursionlimit() < LONG
    assert 25 * DEFAULT.depth < LONG  # frames, as `deep_recursion` reckons
    assert sum(node.op == "tanh" for node in long.nodes) == LONG
    assert sum(node.slot is not None for node in long.nodes) == LONG


def chain(graph: Graph) -> Graph:
    """The first chain alone."""
    return compose(graph, ["mu"])


def there_and_back(graph: Graph) -> Graph:
    """By way of networkx, the order of the nodes turned round."""
    there = chain(graph).to_networkx()
    other = networkx.MultiDiGraph(**there.graph)
    other.add_nodes_from(reversed(list(there.nodes(data=True))))
    other.add_edges_from(there.edges(keys=True))
    return Graph.from_networkx(other)


WORK: dict[str, Callable[[Graph], object]] = {
    **{f"pass {step.name}": step.run for step in LEVELS[1]},
    "optimise": lambda graph: optimise(with_effects(graph, ()), 1),
    "verify": lambda graph: verify(graph, "test"),
    "slice": chain,
    "substitute": lambda graph: compose(graph, {"q": Call("q", {"act": "mu"})}),
    "target": lambda graph: compose(graph, ["q"], version="target"),
    "slots": with_slots,
    "cost": cost,
    "networkx": there_and_back,
    "text": lambda graph: Graph.from_text(chain(graph).to_text()),
    "canonical form": canonical_form,
    "match": lambda graph: match(graph, graph),
    "live": lambda graph: (graph.live(), graph.users(), graph.inputs, graph.known),
}


@pytest.mark.parametrize("name", WORK)
def test_no_recursion_over_a_graph(name, long):
    WORK[name](chained(3))  # imports what it needs, which is a deep business
    with shallow():
        WORK[name](long)


@pytest.mark.parametrize("enabled", [True, False])
@pytest.mark.parametrize("fails", [True, False])
def test_the_collector_is_as_it_was(enabled, fails, collector):
    (gc.enable if enabled else gc.disable)()
    try:
        with collector_paused(), collector_paused():
            assert not gc.isenabled()
            if fails:
                raise KeyError
    except KeyError:
        pass
    assert gc.isenabled() == enabled


@pytest.fixture
def collector() -> Iterator[None]:
    enabled = gc.isenabled()
    gc.enable()
    yield
    (gc.enable if enabled else gc.disable)()


def broken_pass(graph: Graph) -> Rewrite:
    assert not gc.isenabled()
    return Rewrite(Graph(graph.nodes[:-1], graph.outputs, graph.owners), (), range(len(graph.nodes)))


def test_it_is_on_again_after_a_pass_that_breaks_the_graph(collector):
    with pytest.raises(DiagnosticError):
        run_passes(chained(3), (Pass("breaker", "bitwise", broken_pass),))
    assert gc.isenabled()


@pytest.mark.parametrize("check", [lambda text: analyse(parse(text), Interface()), Checker().check])
def test_it_is_on_again_after_an_analysis_that_fails(check, collector, monkeypatch):
    def fail(*_: object) -> None:
        assert not gc.isenabled()
        raise KeyError

    monkeypatch.setattr(FileRunner, "statement", fail)
    with pytest.raises(KeyError):
        check("pi = head(obs)\n")
    assert gc.isenabled()
