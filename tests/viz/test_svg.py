from __future__ import annotations

import re
from xml.etree import ElementTree

import pytest

from rl2graph.ir.provenance import Provenance
from rl2graph.viz import render
from rl2graph.viz.metrics import mono_width, sans_width
from tests.programs import random_program
from tests.viz.cases import CASES, both, pair, random_dag

SVG = "{http://www.w3.org/2000/svg}"
NASTY = "<b>&\"'\x00\x1b\ud800 例例例例"


def parsed(before, after, view="both", title="t"):
    return ElementTree.fromstring(render(before, after, format="svg", view=view, title=title).encode())


def boxes(root):
    return [group for group in root.iter(f"{SVG}g") if "box" in group.get("class", "").split()]


def assert_fits(root):
    for box in boxes(root):
        outline = next(rect for rect in box.iter(f"{SVG}rect") if rect.get("class") == "outline")
        width, height = float(outline.get("width")), float(outline.get("height"))
        texts = box.findall(f"{SVG}text")
        assert texts
        for text in texts:
            assert text.text.isprintable()
            size = float(text.get("font-size"))
            assert float(text.get("x")) + mono_width(text.text, size) <= width - 4
            assert float(text.get("y")) - size > 0
            assert float(text.get("y")) < height
    width, height = (float(part) for part in root.get("viewBox").split()[2:])
    for text in root.findall(f"{SVG}text"):
        assert float(text.get("x")) + sans_width(text.text, float(text.get("font-size"))) <= width


def texts_do_not_meet(box):
    """Lines of one box are apart, and a title ends before its badge."""
    title = next(text for text in box.findall(f"{SVG}text") if text.get("class") == "title")
    badges = [text for text in box.findall(f"{SVG}text") if text.get("class") == "badge"]
    end = float(title.get("x")) + mono_width(title.text, float(title.get("font-size")))
    return all(end < float(badge.get("x")) for badge in badges)


@pytest.mark.parametrize("name", CASES)
def test_text_fits_its_box(name):
    root = parsed(*pair(name))
    assert_fits(root)
    assert all(texts_do_not_meet(box) for box in boxes(root))


@pytest.mark.parametrize("seed", range(10))
def test_text_of_random_programs_fits(seed):
    program = random_program(seed)
    assert_fits(parsed(*both(program.text, program.observation, program.action)))


def test_it_has_a_title_and_a_description():
    root = parsed(*pair("shared"), title="specs/shared.rl2")
    assert root.find(f"{SVG}title").text == "specs/shared.rl2"
    assert "as written: 10 evaluations" in root.find(f"{SVG}desc").text
    assert root.get("role") == "img"


def test_both_edges_of_a_value_read_twice():
    root = parsed(*pair("arithmetic"), view="after")
    found = [
        edge
        for edge in root.iter(f"{SVG}path")
        if (edge.get("data-from"), edge.get("data-to")) == ("1", "2") and edge.get("class") == "edge"
    ]
    assert [edge.get("data-operand") for edge in found] == ["0", "1"]
    assert len({edge.get("d") for edge in found}) == 2


def test_edges_without_gradient_are_dashed():
    root = parsed(*pair("detached"), view="after")
    dashed = [e for e in root.iter(f"{SVG}path") if e.get("class") == "edge" and e.get("stroke-dasharray")]
    assert len(dashed) == 2


def test_panels_stand_side_by_side():
    root = parsed(*pair("shared"))
    panels = [group for group in root.iter(f"{SVG}g") if group.get("class", "").startswith("panel")]
    assert [panel.get("class") for panel in panels] == ["panel before", "panel after"]
    places = [re.findall(r"[\d.]+", panel.get("transform")) for panel in panels]
    assert places[0][1] == places[1][1]
    assert float(places[0][0]) < float(places[1][0])


def test_the_legend_has_only_what_is_drawn():
    text = render(*pair("shared"), format="svg", view="after")
    assert "no gradient" not in text
    assert "f, used several times" in text
    assert "1 of 2" not in text
    assert "no gradient flows back" in render(*pair("detached"), format="svg", view="after")


def test_the_legend_stays_short_with_many_modules():
    modules = [f"encoder f{i}(x) = dense(x, 4)\ny{i} = f{i}(obs) + f{i}(obs)" for i in range(14)]
    text = "\n".join([*modules, f"output y = concat({', '.join(f'y{i}' for i in range(14))})"])
    svg = render(*both(text), format="svg")
    assert "f0, f4 and 2 more, used several times" in svg
    assert svg.count("used several times") == 4


def test_any_name_makes_valid_xml():
    graph = random_dag(0, 6)
    nasty = type(graph)(
        graph.nodes, graph.outputs, graph.owners, tuple(Provenance(NASTY) for _ in graph.nodes)
    )
    root = parsed(nasty, nasty, title=NASTY)
    assert_fits(root)
    assert root.find(f"{SVG}title").text.startswith("<b>&\"'")
