"""Strategies draw what they say, and examples shrink."""

from __future__ import annotations

import subprocess
import sys

import pytest
from hypothesis import HealthCheck, find, given, settings
from hypothesis import strategies as st

from rl2graph.ir.canonical import match
from rl2graph.ir.verify import verify
from rl2graph.spaces import Record, Vector
from rl2graph.testing import PLAIN, graphs, programs, rewritten, spaces
from tests.support import graph_of
from tests.testing.test_programs import literal

SHRINKING = settings(max_examples=200, derandomize=True, database=None)


@settings(max_examples=60)
@given(programs())
def test_programs_are_specs_without_errors(program):
    literal(program)


@settings(max_examples=60)
@given(graphs(), st.sampled_from([0, 1]).flatmap(lambda level: graphs(PLAIN, level)))
def test_graphs_are_well_formed(one, other):
    verify(one, "a strategy")
    verify(other, "a strategy")
    assert other.inputs == ("obs",)


@settings(max_examples=100)
@given(spaces(), spaces("actions"))
def test_spaces_are_for_observations_and_actions(observation, action):
    assert graph_of("output a = act", Vector((1,)), action)
    if not isinstance(observation, Record):
        assert graph_of("output o = obs", observation).inputs == ("obs",)


@settings(max_examples=60, suppress_health_check=[HealthCheck.filter_too_much])
@given(st.data())
def test_rewritten_specs_are_the_same_function(data):
    program = data.draw(programs())
    text = data.draw(rewritten(program.text))
    assert text != program.text
    spaces = program.observation, program.action
    assert match(graph_of(program.text, *spaces), graph_of(text, *spaces))


def test_examples_shrink_to_what_matters():
    program = find(programs(), lambda program: "ensemble" in program.text, settings=SHRINKING)
    assert len(program.text.splitlines()) <= 4
    assert str(program.observation) == "f32[1]"


def run(code: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)


def test_strategies_and_rewrites_import_no_torch():
    names = "graphs, programs, spaces, random_program, PRESERVING, BREAKING"
    code = f"import sys; from rl2graph.testing import {names}; print('torch' in sys.modules)"
    assert run(code).stdout == "False\n"


def test_without_hypothesis_it_says_what_to_install():
    code = (
        "import importlib.util as u; real = u.find_spec\n"
        "u.find_spec = lambda name, *rest: None if name == 'hypothesis' else real(name, *rest)\n"
        "import sys; sys.modules['hypothesis'] = None\n"
        "from rl2graph.testing import assert_equivalent, random_program, PRESERVING\n"
        "assert_equivalent('pi = head(obs)', 'x = obs; pi = head(x)', env='CartPole-v1', seeds=(0,))\n"
        "from rl2graph.testing import programs"
    )
    said = run(code).stderr.splitlines()[-1]
    assert said == "ImportError: rl2graph.testing.programs needs hypothesis: pip install 'rl2graph[testing]'"


def test_unknown_names_are_refused():
    import rl2graph.testing

    assert "programs" in dir(rl2graph.testing)
    with pytest.raises(AttributeError, match="no attribute 'nonsense'"):
        _ = rl2graph.testing.nonsense
