"""Each entry of the op table, checked against the others' promises: signature, types, emission, reference."""

from __future__ import annotations

import pytest

from rl2graph.backend.reference import SEMANTICS
from rl2graph.ir.build import coerce_attributes
from rl2graph.ir.op import TypeProblem
from rl2graph.ir.table import OPS
from rl2graph.ir.types import f32
from rl2graph.ops.checking import check_op

NOT_RUN = {"input", "unresolved", "joint"}
COMPUTING = sorted(set(OPS) - NOT_RUN - {"constant"})


def test_every_op_has_reference_semantics():
    assert set(SEMANTICS) == set(OPS) - NOT_RUN


@pytest.mark.parametrize("name", COMPUTING)
def test_what_an_entry_says_is_what_it_does(name):
    check_op(OPS[name])


def test_flops_of_known_layers():
    dense = OPS["dense"].flops((f32(4),), {"out": 3}, f32(3))
    conv = OPS["conv2d"].flops((f32(4, 84, 84),), {"kernel": 8}, f32(32, 20, 20))
    assert dense == 2 * 4 * 3
    assert conv == 2 * (4 * 8 * 8) * (32 * 20 * 20)


@pytest.mark.parametrize(
    ("op", "given", "code"),
    [
        ("dense", {"out": 2.5}, "RLG303"),
        ("dense", {"out": True}, "RLG303"),
        ("dense", {"out": 0}, "RLG304"),
        ("dense", {}, "RLG204"),
        ("dense", {"out": 1, "width": 2}, "RLG203"),
        ("dense", {"out": 1, "bias": 1}, "RLG303"),
    ],
)
def test_attributes_are_checked(op, given, code):
    with pytest.raises(TypeProblem) as caught:
        coerce_attributes(OPS[op], given)
    assert caught.value.code == code


def test_whole_numbers_become_floats_where_floats_are_asked_for():
    assert coerce_attributes(OPS["elu"], {"alpha": 2}) == (("alpha", 2.0),)
    assert type(dict(coerce_attributes(OPS["elu"], {"alpha": 2}))["alpha"]) is float
