"""Each entry of the op table, checked against the others' promises: signature, types, emission, reference."""

from __future__ import annotations

import pytest
from torch.utils.flop_counter import FlopCounterMode

from rl2graph.backend.codegen import emit_module
from rl2graph.backend.reference import SEMANTICS
from rl2graph.ir.build import coerce_attributes
from rl2graph.ir.op import TypeProblem
from rl2graph.ir.table import OPS, functions_of
from rl2graph.ir.types import f32
from rl2graph.ops.applications import applications, trial
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


def test_no_helper_of_emitted_code_has_a_name_that_an_input_wants():
    names = [name for op in OPS.values() for name in functions_of(op.helpers)]
    assert not [name for name in names if not name.startswith("_")]


@pytest.mark.parametrize("name", COMPUTING)
def test_flops_are_those_that_torch_counts_and_few_for_each_element(name):
    for index, graph in enumerate(applications(OPS[name], 4)):
        node = graph.nodes[-1]
        given = trial(graph, (1,), index)
        namespace: dict = {}
        exec(compile(emit_module(graph, "Only"), "only.py", "exec"), namespace)
        module = namespace["Only"]().double()
        extra = {} if given.state is None else {"state": given.state, "resets": given.resets}
        extra |= {} if given.noise is None else {"noise": given.noise}
        with FlopCounterMode(display=False) as counter:
            module(**given.inputs, **extra)
        types = graph.operand_types(node)
        own = node.spec.flops(types, node.values, node.type) - counter.get_total_flops()
        elements = node.type.size + sum(type_.size for type_ in types)
        assert 0 <= own <= 40 * elements
