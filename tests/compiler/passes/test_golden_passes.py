"""Each pass on small graphs, before and after, as text: `tests/golden/passes/<pass>/<case>.txt`.

A case is a file: what it shows, and a graph. `RL2GRAPH_UPDATE_GOLDEN=1` writes the rest of it: the graph
after the pass, where each node went, and the remarks.
"""

from __future__ import annotations

import pytest

from rl2graph.compiler.passes.base import GONE
from rl2graph.compiler.passes.wording import worded
from rl2graph.compiler.pipeline import LEVELS
from rl2graph.ir.graph import Graph
from rl2graph.ir.textual import read, write
from rl2graph.ir.verify import verify
from tests.support import GOLDEN, assert_golden

PASSES = {step.name: step for step in LEVELS[1]}
CASES = sorted((GOLDEN / "passes").rglob("*.txt"))


def after(name: str) -> str:
    return f"\n# after {name}\n"


def given(path) -> str:
    """The part of a case that people write."""
    return path.read_text(encoding="utf-8").partition(after(path.parent.name))[0]


@pytest.mark.parametrize("path", CASES, ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_a_pass_makes_of_a_graph_what_its_golden_file_shows(path):
    name, text = path.parent.name, given(path)
    graph = read(text)
    result, remarks, number = PASSES[name].run(graph)
    verify(result, name)
    went = " ".join("gone" if to == GONE else f"%{to}" for to in number)
    said = [f"# {remark.kind}: {worded(graph, remark)}" for remark in remarks]
    shown = write(result) if result is not graph else "# the same graph\n"
    assert_golden(path, "\n".join([f"{text}{after(name)}\n{shown}", f"# {went}", *said, ""]))


@pytest.mark.parametrize("path", CASES, ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_a_pass_leaves_nothing_for_itself_to_do_and_no_owner_or_name_changed(path):
    run = PASSES[path.parent.name].run
    graph = read(given(path))
    result = run(graph).graph
    again = run(result)
    assert again.graph is result
    assert list(again.number) == list(range(len(result.nodes)))
    assert result.owners == graph.owners
    assert [(o.name, o.role) for o in result.outputs] == [(o.name, o.role) for o in graph.outputs]


def test_a_pass_that_finds_nothing_gives_its_graph():
    graph = Graph((), (), ())
    for step in PASSES.values():
        assert step.run(graph).graph is graph


def test_every_pass_has_cases():
    counts = {name: sum(path.parent.name == name for path in CASES) for name in PASSES}
    assert min(counts.values()) >= 8
    assert sum(counts.values()) == len(CASES)
