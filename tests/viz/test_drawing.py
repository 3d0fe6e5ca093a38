from __future__ import annotations

import pytest

from rl2graph.ir.graph import Graph
from rl2graph.viz.chains import MAX_STEPS
from rl2graph.viz.drawing import draw
from rl2graph.viz.panels import panels
from tests.programs import random_program
from tests.viz.cases import CASES, both, drawings, random_dag, titled


def drawn(text, **spaces):
    return draw(panels(*both(text, **spaces), "after")[0])


def test_a_layer_and_its_activation_are_one_box():
    before, after = drawings("shared")
    assert [box.title for box in after.boxes] == ["obs", "f.dense", "f.dense_1 → f", "pi", "v"]
    assert titled(after, "f.dense").steps == ("dense 128", "relu")
    assert titled(after, "f.dense").facts == ("f32[128]", "640 params")
    assert len(before.boxes) == 7


def test_shared_boxes_say_so():
    before, after = drawings("shared")
    assert [box.badge for box in before.boxes] == ["", "1 of 2", "1 of 2", "", "2 of 2", "2 of 2", ""]
    assert [box.badge for box in after.boxes] == ["", "once for 2", "once for 2", "", ""]
    assert before.boxes[4].facts == ("f32[128]", "the same 640 params")
    assert {box.group for box in (*before.boxes, *after.boxes) if box.badge} == {0}


def test_one_binding_read_by_two_heads():
    (drawing,) = drawings("nature", "after")
    assert titled(drawing, "e.dense → e").badge == "shared by pi, v"
    assert all(box.trunk for box in drawing.boxes if box.title.startswith("e."))
    assert not titled(drawing, "obs").trunk
    assert len(drawing.boxes) == 7


def test_an_input_keeps_its_conversion():
    (drawing,) = drawings("nature", "after")
    assert drawing.boxes[0].steps == ("input", "scale_image")
    assert drawing.boxes[0].facts[0] == "u8[4, 84, 84] → f32[4, 84, 84]"


def test_a_value_with_two_readers_ends_its_box():
    drawing = drawn("e = dense(obs, 4); r = relu(e); output y = r + e")
    assert [box.steps for box in drawing.boxes] == [("input",), ("dense 4",), ("relu",), ("add",)]


def test_an_output_ends_its_box():
    drawing = drawn("e = dense(obs, 4); output e; output y = relu(e)")
    assert [box.outputs for box in drawing.boxes] == [(), ("output e",), ("output y",)]


def test_both_edges_of_a_value_read_twice():
    (drawing,) = drawings("arithmetic", "after")
    concat = drawing.boxes.index(titled(drawing, "y"))
    assert [(edge.source, edge.operand) for edge in drawing.edges if edge.target == concat] == [
        (1, 0),
        (1, 1),
    ]


def test_numbers_stand_in_the_text_of_their_readers():
    drawing = drawn("output y = (2 / obs - 1) * 3")
    assert [box.steps for box in drawing.boxes] == [("input",), ("2 / x", "x - 1", "x * 3")]


def test_detach_stands_alone_and_stops_its_edges():
    (drawing,) = drawings("detached", "after")
    box = drawing.boxes.index(titled(drawing, "v.detach"))
    assert drawing.boxes[box].kind == "detach"
    assert drawing.boxes[box].steps == ("detach",)
    assert [edge.stopped for edge in drawing.edges] == [box in (e.source, e.target) for e in drawing.edges]


def test_without_spaces():
    (drawing,) = drawings("unknown", "after")
    assert titled(drawing, "f.dense").facts == ("f32[?]", "? params")
    assert titled(drawing, "pi").kind == "unresolved"
    assert titled(drawing, "pi").steps == ("head ?",)
    assert drawing.panel.summary == "sizes unknown without the spaces"


def test_roles_that_are_not_the_name():
    (drawing,) = drawings("arithmetic", "after")
    assert titled(drawing, "left").outputs == ("output left (role pi)",)


def test_long_chains_are_cut():
    drawing = drawn("output y = obs |> for i in [1, 2, 3, 4, 5, 6, 7, 8, 9] { tanh }")
    assert [len(box.steps) for box in drawing.boxes] == [1, MAX_STEPS, 3]


def test_a_graph_without_provenance():
    graph = random_dag(0, 5)
    bare = Graph(graph.nodes, graph.outputs, graph.owners)
    (panel,) = panels(bare, bare, "before")
    assert draw(panel).boxes[-1].title == "%4"


@pytest.mark.parametrize("seed", range(40))
def test_every_node_is_drawn_once_and_every_operand_has_its_edge(seed):
    program = random_program(seed)
    for panel in panels(*both(program.text, program.observation, program.action), "both"):
        drawing, graph = draw(panel), panel.graph
        nodes = [node for box in drawing.boxes for node in box.nodes]
        numbers = {index for index, node in enumerate(graph.nodes) if node.op == "constant"}
        assert len(nodes) == len(set(nodes))
        assert set(range(len(graph.nodes))) - set(nodes) <= numbers
        box_of = {node: index for index, box in enumerate(drawing.boxes) for node in box.nodes}
        wanted = sorted(
            (box_of[operand], box_of[index], place)
            for index, node in enumerate(graph.nodes)
            for place, operand in enumerate(node.operands)
            if operand in box_of and box_of[operand] != box_of[index]
        )
        assert sorted((edge.source, edge.target, edge.operand) for edge in drawing.edges) == wanted
        assert all(edge.source < edge.target for edge in drawing.edges)


@pytest.mark.parametrize("name", CASES)
def test_headings_count_evaluations(name):
    for drawing in drawings(name):
        count = sum(node.op not in ("input", "constant") for node in drawing.panel.graph.nodes)
        assert f": {count} evaluation" in drawing.panel.heading
