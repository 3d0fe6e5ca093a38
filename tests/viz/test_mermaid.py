from __future__ import annotations

import re

import pytest

from rl2graph.ir.provenance import Provenance
from rl2graph.viz import render
from tests.support import GOLDEN, assert_golden
from tests.viz.cases import CASES, pair, random_dag

NASTY = 'end "] --> x; %% <script> #quot; `md` **b** \n---\n subgraph é 例'


@pytest.mark.parametrize("name", CASES)
def test_golden(name):
    assert_golden(GOLDEN / "viz" / f"{name}.mmd", render(*pair(name), format="mmd", view="both", title=name))


def test_both_edges_of_a_value_read_twice():
    text = render(*pair("arithmetic"), format="mmd", view="after")
    assert "a1 -->|0| a2\n    a1 -->|1| a2\n" in text


def test_edges_without_gradient_are_dotted():
    text = render(*pair("detached"), format="mmd", view="after")
    assert text.count("-.->") == 2


def test_names_cannot_break_out_of_their_quotes():
    graph = random_dag(0, 3)
    nasty = type(graph)(
        graph.nodes, graph.outputs, graph.owners, tuple(Provenance(NASTY) for _ in graph.nodes)
    )
    text = render(nasty, nasty, format="mmd", view="after", title=NASTY)
    for line in text.splitlines():
        assert line.count('"') in (0, 2) or line.startswith("title:")
    labels = re.findall(r'"(.*)"', text.split("flowchart TD")[1])
    allowed = ("<b>", "</b>", "<br/>", "<i>", "</i>")
    for label in labels:
        for tag in allowed:
            label = label.replace(tag, "")
        assert not re.search(r"[<>\"`*&]", label)
