"""Applications that are remembered are those that would be worked out anew."""

from __future__ import annotations

import math
import struct

import pytest

from rl2graph.ir.application import Applications
from rl2graph.ir.bits import attribute_bits
from rl2graph.ir.op import TypeProblem
from rl2graph.ir.table import OPS
from rl2graph.ir.types import UNKNOWN, f32


def test_an_application_is_worked_out_once():
    known = Applications()
    first = known.of(OPS["dense"], [f32(4)], {"out": 8})
    assert known.of(OPS["dense"], [f32(4)], {"out": 8}) is first
    assert first.attributes == (("out", 8), ("bias", True))
    assert first.type == f32(8)
    assert [weight.shape for weight in first.weights] == [(8, 4), (8,)]
    assert first.numbers == 40


@pytest.mark.parametrize(
    ("op", "one", "other"),
    [
        ("constant", {"value": 0.0}, {"value": -0.0}),
        ("dense", {"out": 1}, {"out": True}),
        ("dense", {"out": 3}, {"out": 3.0}),
        ("reshape", {"shape": [1, 4]}, {"shape": [True, 4]}),
        ("reshape", {"shape": [1, 4]}, {"shape": [[1], 4]}),
    ],
)
def test_attributes_that_only_equal_known_ones_are_looked_at(op, one, other):
    types = {"constant": [], "dense": [f32(4)], "reshape": [f32(4)]}[op]
    known, fresh = Applications(), Applications()
    known.of(OPS[op], types, one)
    assert outcome(known, op, types, other) == outcome(fresh, op, types, other)
    assert outcome(known, op, types, other) != outcome(known, op, types, one)


def outcome(known: Applications, op: str, types, given) -> str:
    try:
        return repr(known.of(OPS[op], types, given))
    except TypeProblem as problem:
        return problem.message


def test_a_refusal_is_not_remembered_as_a_result():
    known = Applications()
    for _ in range(2):
        with pytest.raises(TypeProblem, match="at least 1"):
            known.of(OPS["dense"], [f32(4)], {"out": 0})


def test_of_operands_of_unknown_rank_nothing_is_known():
    made = Applications().of(OPS["dense"], [UNKNOWN], {"out": 8})
    assert (made.type, made.weights, made.numbers) == (UNKNOWN, (), 0)


def test_keys_compare_bits_and_types():
    values = [0.0, -0.0, 0, False, "0", (0,), [0], (0.0,), (False,), None, math.inf]
    values += [math.nan, -math.nan, struct.unpack("<d", struct.pack("<q", 0x7FF8000000000001))[0]]
    assert len({attribute_bits([("value", value)]) for value in values}) == len(values)
    assert attribute_bits([("value", math.nan)]) == attribute_bits([("value", math.nan)])
