from __future__ import annotations

import time
from random import Random

import pytest

from rl2graph.viz.layout import ROW_GAP, layout
from tests.viz.cases import random_dag


def drawn(seed, size, reach=10**6):
    """A random graph's arcs with boxes of random sizes, laid out."""
    random = Random(seed)
    graph = random_dag(seed, size, reach)
    arcs = [(operand, index) for index, node in enumerate(graph.nodes) for operand in node.operands]
    sizes = [(random.uniform(20, 300), random.uniform(20, 90)) for _ in graph.nodes]
    return arcs, sizes, layout(sizes, arcs)


SHAPES = [(seed, size, reach) for seed, size in enumerate([1, 2, 5, 12, 30, 60, 120]) for reach in (3, 10**6)]


@pytest.mark.parametrize(("seed", "size", "reach"), SHAPES)
def test_boxes_do_not_overlap(seed, size, reach):
    _, _, result = drawn(seed, size, reach)
    for index, one in enumerate(result.boxes):
        for other in result.boxes[:index]:
            apart = (
                one.x + one.width < other.x
                or other.x + other.width < one.x
                or one.y + one.height < other.y
                or other.y + other.height < one.y
            )
            assert apart, (one, other)


@pytest.mark.parametrize(("seed", "size", "reach"), SHAPES)
def test_edges_go_down_from_box_to_box(seed, size, reach):
    arcs, _, result = drawn(seed, size, reach)
    for (source, target), route in zip(arcs, result.routes, strict=True):
        start, end = result.boxes[source], result.boxes[target]
        assert route[0] == pytest.approx((start.x + start.width / 2, start.y + start.height))
        assert route[-1][1] == end.y
        assert end.x < route[-1][0] < end.x + end.width
        assert [y for _, y in route] == sorted(y for _, y in route)
        assert end.y - (start.y + start.height) >= ROW_GAP - 0.01
        assert len(route) % 2 == 0
        assert all(x == following for (x, _), (following, _) in zip(route[::2], route[1::2], strict=True))


@pytest.mark.parametrize(("seed", "size", "reach"), SHAPES)
def test_no_edge_runs_through_a_box(seed, size, reach):
    arcs, _, result = drawn(seed, size, reach)
    for arc, route in zip(arcs, result.routes, strict=True):
        for (x, top), (_, bottom) in zip(route[::2], route[1::2], strict=True):
            for index, box in enumerate(result.boxes):
                inside = box.x < x < box.x + box.width
                if index not in arc and inside:
                    assert bottom <= box.y or box.y + box.height <= top


@pytest.mark.parametrize(("seed", "size", "reach"), SHAPES)
def test_everything_lies_within_the_size(seed, size, reach):
    _, _, result = drawn(seed, size, reach)
    for box in result.boxes:
        assert box.x >= -0.01
        assert box.y >= 0
        assert box.x + box.width <= result.width + 0.01
        assert box.y + box.height <= result.height + 0.01
    for route in result.routes:
        assert all(-0.01 <= x <= result.width + 0.01 and 0 <= y <= result.height for x, y in route)


def test_it_is_deterministic():
    assert drawn(5, 80)[2] == drawn(5, 80)[2]


def test_a_chain_stands_in_one_column():
    result = layout([(50, 20), (90, 20), (70, 20)], [(0, 1), (1, 2)])
    assert len({box.x + box.width / 2 for box in result.boxes}) == 1


def test_operands_enter_from_left_to_right():
    _, _, result = drawn(3, 40)
    arcs = drawn(3, 40)[0]
    for target in range(40):
        entries = [route[-1][0] for arc, route in zip(arcs, result.routes, strict=True) if arc[1] == target]
        assert entries == sorted(set(entries))


def test_two_branches_do_not_cross():
    arcs = [(0, 1), (0, 2), (1, 3), (2, 4), (4, 5), (3, 5)]
    result = layout([(40, 20)] * 6, arcs)
    assert (result.boxes[1].x < result.boxes[2].x) == (result.boxes[3].x < result.boxes[4].x)
    assert result.boxes[4].x < result.boxes[3].x  # as box 5 reads them


def test_a_late_input_stands_beside_its_reader():
    result = layout([(40, 20)] * 6, [(0, 1), (1, 2), (2, 4), (3, 4), (4, 5)])
    assert result.boxes[3].y == result.boxes[2].y


def test_no_boxes():
    assert layout([], []).boxes == ()


def test_arcs_that_go_up_are_refused():
    with pytest.raises(ValueError, match="topological order"):
        layout([(10, 10), (10, 10)], [(1, 0)])


@pytest.mark.parametrize("reach", [1, 3, 200, 10**6])
def test_two_thousand_boxes_are_quick(reach):
    started = time.process_time()
    drawn(7, 2000, reach)
    assert time.process_time() - started < 4  # takes under one second; a busy machine gets leave


def test_a_long_chain_whose_boxes_read_far_back_stays_small():
    random = Random(0)
    arcs = [arc for box in range(1, 1500) for arc in ((box - 1, box), (random.randrange(box), box))]
    result = layout([(40, 20)] * 1500, arcs)
    assert sum(map(len, result.routes)) < 20 * len(arcs)
