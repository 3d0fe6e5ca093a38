"""The texts that set limits."""

import pytest

from rl2graph.compiler.limits import MAX_DEPTH, limits_from
from rl2graph.diagnostics import DiagnosticError


@pytest.mark.parametrize(
    ("item", "said"),
    [
        ("depth=90000000", "at most 100,000"),
        (f"depth={MAX_DEPTH + 1}", "at most 100,000"),
        ("nodes=" + "0" * 18 + "1" * 5000, "at most 18 digits"),
        ("nodes=" + "1" * 19, "at most 18 digits"),
        ("nodes=" + "0" * 5000, "above 0"),
        ("nodes=-1", "above 0"),
        ("nodes=", "above 0"),
        ("nodes=١", "above 0"),
        ("nodes", "sets no limit"),
        ("node=1", "sets no limit"),
    ],
)
def test_texts_that_set_no_limit(item, said):
    with pytest.raises(DiagnosticError) as caught:
        limits_from([item])
    (found,) = caught.value.diagnostics
    assert found.code == "RLG612"
    assert said in found.message


def test_the_largest_limits():
    limits = limits_from([f"depth={MAX_DEPTH}", "nodes=" + "0" * 5000 + "9" * 18, "steps=1_000"])
    assert (limits.depth, limits.nodes, limits.steps) == (MAX_DEPTH, 10**18 - 1, 1000)


def test_a_limit_that_is_given_twice():
    with pytest.raises(DiagnosticError) as caught:
        limits_from(["nodes=1", "nodes=2"])
    assert caught.value.diagnostics[0].message == "the limit `nodes` is given twice"
