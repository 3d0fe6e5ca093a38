from __future__ import annotations

import pytest

from rl2graph.viz import render
from tests.support import GOLDEN, assert_golden
from tests.viz.cases import CASES, both, pair

LONG = "a_name_that_is_longer_than_any_column_should_be_for_its_sake"


@pytest.mark.parametrize("name", CASES)
def test_golden(name):
    assert_golden(GOLDEN / "viz" / f"{name}.txt", render(*pair(name), format="txt", view="both", title=name))


def test_merged_nodes_name_the_one_that_stands_for_them():
    text = render(*pair("shared"), format="txt", view="before")
    assert "2 of 2 = %1" in text
    assert "once for" not in text


def test_columns_are_aligned():
    lines = render(*pair("net"), format="txt", view="after").splitlines()[1:]
    rows = [line for line in lines if line.startswith("  %")]
    at = {line.index("f32[") for line in rows}
    assert len(at) == 1


def test_one_long_name_does_not_push_the_others():
    graphs = both(f"{LONG} = dense(obs, 4); pi = head({LONG})")
    lines = render(*graphs, format="txt", view="after").splitlines()
    others = [line for line in lines if "f32[" in line and LONG not in line]
    assert len({line.index("f32[") for line in others}) == 1
    assert all(len(line) < 80 for line in others)


def test_a_title_cannot_drive_the_terminal():
    text = render(*pair("shared"), format="txt", title="a\x1b[31m\nb")
    assert text.startswith("a [31m b\n")
