"""Each entry of the op table, checked against the others' promises: signature, types, emission, reference."""

from __future__ import annotations

from random import Random

import pytest
import torch

from rl2graph.backend.reference import SEMANTICS, interpret
from rl2graph.ir.build import coerce_attributes
from rl2graph.ir.graph import Graph, Node, Output, Owner
from rl2graph.ir.op import TypeProblem
from rl2graph.ir.table import OPS
from rl2graph.ir.types import TensorType, f32
from rl2graph.ir.verify import verify
from rl2graph.model.entry import attach
from tests.support import float64

NOT_RUN = {"input", "unresolved", "joint"}
SHAPES = [f32(), f32(1), f32(5), f32(2, 3), f32(2, 6, 5)]


def test_every_op_has_reference_semantics():
    assert set(SEMANTICS) == set(OPS) - NOT_RUN


def applications(name: str, count: int = 12) -> list[Graph]:
    """Graphs of one application of op `name` to random operands that it takes."""
    op = OPS[name]
    random = Random(name)
    graphs = []
    for _ in range(400):
        number = random.randint(1, 3) if op.variadic else len(op.operands)
        types = tuple(_operand(name, random) for _ in range(number))
        attributes = _attributes(name, random, types)
        if attributes is None:
            continue
        try:
            items = coerce_attributes(op, attributes)
            result = op.infer(types, dict(items))
        except (TypeProblem, ValueError):
            continue
        inputs = [
            Node("input", (), (("name", f"x{i}"), ("dtype", t.dtype), ("shape", t.shape), ("path", ())), t)
            for i, t in enumerate(types)
        ]
        weights = op.weights(types, dict(items))
        node = Node(name, tuple(range(number)), items, result, "w" if weights else None)
        owners = (Owner("w", name, weights),) if weights else ()
        graphs.append(Graph((*inputs, node), (Output("y", None, number),), owners))
        if len(graphs) == count:
            break
    return graphs


def _operand(name: str, random: Random) -> TensorType:
    if name == "scale_image":
        return TensorType("u8", (2, 4, 3))
    if name == "one_hot":
        return TensorType("i64", ())
    if name == "one_hots":
        return TensorType("i64", (2,))
    if name == "as_float":
        return TensorType("i64", (3,))
    if name == "channels_first":
        return TensorType("f32", (4, 5, 3))
    return random.choice(SHAPES)


def _attributes(name: str, random: Random, types: tuple[TensorType, ...]):
    if name == "one_hot":
        return {"n": 4, "start": random.randint(0, 2)}
    if name == "one_hots":
        return {"counts": (5, 4)}
    return OPS[name].sample(random, types)


COMPUTING = sorted(set(OPS) - NOT_RUN - {"constant"})


@pytest.mark.parametrize("name", COMPUTING)
def test_emitted_code_and_reference_agree_in_values_gradients_and_shapes(name):
    from rl2graph.backend.codegen import emit_entry
    from rl2graph.backend.loading import load_class

    graphs = applications(name)
    assert graphs
    for index, graph in enumerate(graphs):
        verify(graph, "test")
        generator = torch.Generator().manual_seed(index)
        inputs = {
            f"x{i}": _value(node.type, graph.nodes[-1], generator) for i, node in enumerate(graph.nodes[:-1])
        }
        state = {
            f"{o.path}.{w.name}": torch.randn(
                w.shape, generator=generator, dtype=torch.float64, requires_grad=True
            )
            for o in graph.owners
            for w in o.weights
        }
        with float64():
            entry = load_class(emit_entry(graph, "Only"), "Only")(graph)
            attach(entry, graph.owners, {k: torch.nn.Parameter(v.detach().clone()) for k, v in state.items()})
            got = entry(**inputs)["y"]
            want = interpret(graph, inputs, state)["y"]
        assert got.shape == (3, *graph.nodes[-1].type.dims)
        torch.testing.assert_close(got, want, rtol=1e-10, atol=1e-10)
        if want.requires_grad:
            scale = torch.randn(want.shape, generator=generator, dtype=torch.float64)
            leaves = [*state.values(), *(x for x in inputs.values() if x.requires_grad)]
            wanted = torch.autograd.grad((want * scale).sum(), leaves, allow_unused=True)
            own = [*entry.parameters(), *(x for x in inputs.values() if x.requires_grad)]
            found = torch.autograd.grad((got * scale).sum(), own, allow_unused=True)
            for one, other in zip(found, wanted, strict=True):
                torch.testing.assert_close(one, other, rtol=1e-10, atol=1e-10)


def _value(type_: TensorType, node: Node, generator: torch.Generator) -> torch.Tensor:
    if type_.dtype == "u8":
        return torch.randint(0, 256, (3, *type_.dims), generator=generator, dtype=torch.uint8)
    if type_.dtype == "i64":
        start = int(node.values.get("start", 0))
        return torch.randint(start, start + 4, (3, *type_.dims), generator=generator)
    value = torch.randn(3, *type_.dims, generator=generator, dtype=torch.float64)
    return (value + value.sign()).requires_grad_()


@pytest.mark.parametrize("name", sorted(n for n, op in OPS.items() if op.written))
def test_costs_count_and_are_not_negative(name):
    for graph in applications(name):
        node = graph.nodes[-1]
        assert node.spec.flops(graph.operand_types(node), node.values, node.type) >= 0
        assert all(owner.size > 0 for owner in graph.owners)


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
