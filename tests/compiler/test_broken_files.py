"""A file of N broken statements gives exactly N errors, and every good statement is still checked."""

from __future__ import annotations

import pytest

from rl2graph.compiler.check import check
from rl2graph.compiler.interface import Interface
from rl2graph.compiler.spec import parse
from rl2graph.compiler.type_names import space_from_text
from tests.compiler.broken import OBSERVATION, WAYS, broken_file
from tests.work import calls

ALL = tuple(WAYS)
INTERFACE = Interface(space_from_text(OBSERVATION, "--obs"), None)


def errors(text):
    found = check(parse(text, "broken.rl2"), INTERFACE).diagnostics
    return [(d.span.location()[1], d.code) for d in found if d.is_error]


def assert_exactly(file):
    """Every error that is expected, on its line, and no other."""
    found, expected = errors(file.text), file.errors
    assert sorted(found) == sorted(expected)


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("count", [1, 7, 60])
@pytest.mark.parametrize("way", WAYS)
def test_each_way_alone(way, count, seed):
    assert_exactly(broken_file(seed, count, [way]))


@pytest.mark.parametrize("way", WAYS)
def test_each_way_six_hundred_times(way):
    assert_exactly(broken_file(0, 600, [way]))


@pytest.mark.parametrize("seed", range(12))
@pytest.mark.parametrize("count", [1, 7, 60])
def test_ways_mixed(count, seed):
    assert_exactly(broken_file(seed, count, ALL))


@pytest.mark.parametrize("seed", range(3))
def test_ways_mixed_six_hundred_times(seed):
    assert_exactly(broken_file(seed, 600, ALL))


@pytest.mark.parametrize("seed", range(3))
def test_broken_statements_next_to_each_other(seed):
    assert_exactly(broken_file(seed, 60, ALL, good=0))


@pytest.mark.parametrize("seed", range(3))
def test_every_good_statement_is_still_checked(seed):
    file = broken_file(seed, 40, ALL)
    assert len(file.good) >= 40
    for index in file.good:
        assert_exactly(file.with_error_in(index))


def test_good_files_have_no_errors():
    for seed in range(5):
        assert not errors(broken_file(seed, 0, ALL, good=60).text)


def test_every_misspelt_name_of_many_gets_its_suggestion():
    lines = [f"value_{i} = dense(obs, 8)\nhidden_{i} = dense(valeu_{i}, 8)" for i in range(300)]
    found = check(parse("\n".join([*lines, "output value_0"])), INTERFACE).diagnostics
    assert [d.hint for d in found] == [f"did you mean `value_{i}`?" for i in range(300)]


def test_the_work_is_linear_in_the_number_of_errors():
    def work(count):
        text = broken_file(0, count, ALL).text
        return calls(lambda: errors(text))

    work(10)  # tables and patterns are made once
    assert work(600) < 10 * 1.6 * work(60)
