"""Ops of one's own: they work everywhere, and one that disagrees with itself is refused with the reason."""

from __future__ import annotations

import pytest
import torch

import rl2graph
from rl2graph.backend.reference import SEMANTICS
from rl2graph.ir.table import OPS
from rl2graph.ops import (
    Attribute,
    Effect,
    Init,
    Noise,
    Op,
    State,
    TensorType,
    Weight,
    f32,
    register,
    same_type,
)
from tests.support import TWO, VECTOR, codes, example

(DROPOUT,) = OPS["dropout"].helpers
OTHER_DROPOUT = DROPOUT + "    # of another text\n"


def swish(**changes):
    parts = {
        "name": "swish",
        "doc": "x * sigmoid(beta * x).",
        "operands": ("x",),
        "attributes": (Attribute("beta", float, 1.0),),
        "infer": same_type,
        "emit": lambda e: f"{e.operands[0]} * torch.sigmoid({e.attributes['beta']!r} * {e.operands[0]})",
    }
    return Op(**parts | changes)


def reference(e):
    return e.x / (1 + torch.exp(-e.number("beta") * e.x))


def scaled(**changes):
    """An op with a weight, `x * scale`."""
    parts = {
        "name": "scaled",
        "doc": "x * scale.",
        "operands": ("x",),
        "infer": same_type,
        "weights": lambda types, attributes: (Weight("scale", types[0].axes, Init("constant", 1.0)),),
        "emit": lambda e: f"{e.operands[0]} * {e.weights['scale']}",
    }
    return Op(**parts | changes)


def refusal(op, semantics):
    before = dict(OPS), dict(SEMANTICS)
    with pytest.raises(rl2graph.DiagnosticError) as caught:
        register(op, semantics)
    (found,) = caught.value.diagnostics
    assert found.code == "RLG703"
    assert before == (OPS, SEMANTICS)
    return found.message


def test_a_registered_op_works_like_any_other():
    register(swish(), reference)
    register(scaled(), lambda e: e.x * e.weights["scale"])
    model = rl2graph.compile(
        "h = dense(obs, 8) |> swish(beta=2) |> scaled\npi = head(h)",
        observation_space=VECTOR,
        action_space=TWO,
    )
    obs = example(VECTOR)
    hidden = torch.nn.functional.linear(obs, model.h.dense.weight, model.h.dense.bias)
    expected = hidden * torch.sigmoid(2 * hidden) * model.h.scale
    assert torch.allclose(
        model(obs)["pi"], torch.nn.functional.linear(expected, model.pi.weight, model.pi.bias)
    )
    assert "h.scale" in model.state_dict()
    assert codes("pi = head(swish(obs, beta=true))") == ["RLG303"]
    assert codes("pi = head(swihs(obs))") == ["RLG202"]


@pytest.mark.parametrize(
    ("op", "semantics", "reason"),
    [
        (swish(name="relu"), reference, "there is an op of that name already"),
        (swish(name="mlp"), reference, "a preset"),
        (swish(name="split"), reference, "is an op"),
        (swish(name="encoder"), reference, "a word of the language"),
        (swish(name="obs"), reference, "an input"),
        (swish(name="my op"), reference, "none that a spec and Python can write"),
        (swish(name="torch"), reference, "emitted code uses its name"),
        (swish(infer=None), reference, "no shape rule"),
        (swish(emit=None), reference, "no emission"),
        (swish(), None, "no reference semantics"),
        (swish(operands=("x", "x")), reference, "two of its arguments are called `x`"),
        (swish(helpers=("def f(:",)), reference, "no text of a function"),
        (
            swish(helpers=("def half(x):\n    return x / 2\n",)),
            reference,
            "`half` cannot be the name of a helper",
        ),
        (swish(helpers=("def F(x):\n    return x\n",)), reference, "`F` cannot be the name of a helper"),
        (swish(helpers=(OTHER_DROPOUT,)), reference, "another op has a helper"),
        (swish(attributes=(Attribute("beta", list, 1),)), reference, "`beta` is of no kind"),
        (
            swish(attributes=(Attribute("beta", float, action="dims"),)),
            reference,
            "`beta` is filled from the action space, so it is an int",
        ),
        (
            swish(
                state=lambda types, attributes: (State("last", types[0].axes),),
                noise=lambda types, attributes: (Noise("jitter", types[0].axes, "normal"),),
            ),
            reference,
            "both state and noise",
        ),
        (swish(infer=lambda types, a: f32(*types[0].axes, 1)), reference, "the shape rule says"),
        (
            swish(infer=lambda types, a: TensorType("i64", types[0].axes)),
            reference,
            "the shape rule says i64",
        ),
        (swish(emit=lambda e: f"{e.operands[0]} * 0.5"), reference, "differ by"),
        (swish(emit=lambda e: f"{e.operands[0]}.sum(0)"), reference, "the shape rule says"),
        (swish(emit=lambda e: f"swish_of({e.operands[0]})"), reference, "NameError"),
        (swish(emit=lambda e: "1 +"), reference, "does not load"),
        (swish(emit=lambda e: f"{e.operands[0]}.mul_(1.0)"), lambda e: e.x, "fails"),
        (swish(emit=lambda e: f"{e.operands[0]}.detach()"), lambda e: e.x, "gradients flow"),
        (swish(emit=lambda e: e.operands[0]), lambda e: e.x.detach(), "gradients flow"),
        (swish(flops=lambda types, a, result: -1), reference, "`flops` gives -1"),
        (swish(flops=lambda types, a, result: 0.5), reference, "`flops` gives 0.5"),
        (swish(infer=lambda types, a: types[0].axes[9]), reference, "in <lambda>, test_registration.py line"),
        (
            swish(attributes=(), emit=lambda e: f"{e.operands[0]} - {e.operands[0]}.mean(0)"),
            lambda e: e.x - e.x.mean(0),
            "depends on the other samples",
        ),
        (swish(name="pi"), reference, "a role"),
        (swish(name="forward"), reference, "torch.nn.Module has an attribute"),
        (swish(effect=Effect.RANDOM), reference, "given noise where its effect is RANDOM"),
        (swish(attributes=(Attribute("beta", float, "one"),)), reference, "a default of it is none"),
        (
            swish(
                attributes=(Attribute("beta", float, 1.0),),
                emit=lambda e: f"torch.sigmoid({e.operands[0]}) * {e.operands[0]}",
            ),
            reference,
            "differ by",
        ),
        (
            swish(attributes=(), emit=lambda e: f"{e.operands[0]}.where({e.operands[0]}.abs() > 1, 0.0)"),
            lambda e: e.x,
            "differ by",
        ),
        (
            swish(attributes=(), emit=lambda e: f"{e.operands[0]}.double()"),
            lambda e: e.x,
            "float32 its value is float64",
        ),
        (
            swish(
                attributes=(), emit=lambda e: f"({e.operands[0]} * 2 if self.training else {e.operands[0]})"
            ),
            lambda e: 2 * e.x,
            "far from",
        ),
        (swish(attributes=(), emit=lambda e: f"(y1 := {e.operands[0]})"), lambda e: e.x, "binds a name"),
        (swish(helpers=("def _f(x):\n    return x\n_g = 3\n",)), reference, "nothing else"),
        (
            swish(infer=lambda types, a: f32(*[int(d) for d in types[0].axes])),
            reference,
            "where dims are symbols",
        ),
        (
            scaled(weights=lambda types, a: (Weight("scale", types[0].axes, Init("constant")),) * 2),
            lambda e: e.x * e.weights["scale"],
            "one name",
        ),
        (
            scaled(weights=lambda types, a: (Weight("scale", types[0].axes, Init("uniformly", 1.0)),)),
            lambda e: e.x * e.weights["scale"],
            "no start",
        ),
        (
            scaled(emit=lambda e: f"{e.operands[0]} * {e.weights['scale']}.data.mul_(1.5)"),
            lambda e: e.x * e.weights["scale"] * 1.5,
            "weight in place",
        ),
        (
            scaled(emit=lambda e: f"{e.operands[0]} * {e.weights['scale']}.detach()"),
            lambda e: e.x * e.weights["scale"],
            "gradient for w.scale",
        ),
    ],
)
def test_what_disagrees_is_refused_with_the_reason(op, semantics, reason):
    assert reason in refusal(op, semantics)


def test_what_is_no_op_is_a_type_error():
    with pytest.raises(TypeError, match="not 'swish'"):
        register("swish", reference)


def test_an_op_is_registered_once():
    register(swish(), reference)
    assert "already" in refusal(swish(), reference)


def test_state_that_a_sequence_carries_otherwise_is_refused():
    def delay(emit):
        return Op(
            name="delay",
            doc="The value of the step before.",
            operands=("x",),
            infer=same_type,
            state=lambda types, attributes: (State("last", types[0].axes),),
            emit=emit,
        )

    def semantics(e):
        e.after["last"] = e.x
        return e.state["last"]

    def emit(e):
        return f"{e.state['last']}, {e.operands[0]}"

    assert "the emitted code gives" in refusal(delay(emit), semantics)  # it knows no sequences


def test_noise_that_is_not_used_the_same_way_is_refused():
    op = Op(
        name="jitter",
        doc="x and noise.",
        operands=("x",),
        infer=same_type,
        noise=lambda types, attributes: (Noise("jitter", types[0].axes, "normal"),),
        effect=Effect.RANDOM,
        emit=lambda e: e.operands[0],
    )

    def semantics(e):
        return e.x if e.noise is None else e.x + e.noise["jitter"]

    assert "differ" in refusal(op, semantics)


def test_flops_below_those_of_its_products_are_refused():
    op = Op(
        name="squared_products",
        doc="x times itself, as vectors.",
        operands=("x",),
        infer=same_type,
        flops=lambda types, attributes, result: 0,
        emit=lambda e: "({0}.unsqueeze(-2) @ {0}.unsqueeze(-1))[..., 0] + 0 * {0}".format(*e.operands),
        sample=lambda random, types: {} if len(types[0].dims) == 1 else None,
    )
    assert "matrix products" in refusal(op, lambda e: (e.x * e.x).sum(-1, keepdim=True) + 0 * e.x)


def test_an_op_may_be_called_like_a_name_of_the_prelude():
    register(swish(name="width"), reference)
    assert codes("pi = obs |> mlp |> width |> head") == []


@pytest.mark.parametrize(
    ("claim", "said"),
    [
        ({"idempotent": True}, "it is idempotent, but values differ"),
        (
            {"passes_on": lambda types, attributes, result: True},
            "it passes its operand on, but values differ",
        ),
        (
            {"canonical": lambda types, given, result: {**given, "beta": 1.0}},
            "that mean the same, but values",
        ),
        (
            {"canonical": lambda types, given, result: {**given, "beta": given["beta"] + 1}},
            "its canonical attributes have other canonical attributes",
        ),
    ],
)
def test_claims_that_passes_rely_on_are_tried(claim, said):
    draws = {"sample": lambda random, types: {"beta": random.choice((1.0, 2.0))}}
    assert said in refusal(swish(**draws, **claim), reference)


@pytest.mark.parametrize(("neutral", "fits"), [({0: 0.0}, False), ({1: 0.0}, True), ({1: -0.0}, False)])
def test_a_neutral_number_is_one_in_every_bit(neutral, fits):
    op = Op(
        name="minus",
        doc="x - y.",
        operands=("x", "y"),
        infer=OPS["sub"].infer,
        emit=OPS["sub"].emit,
        constants=True,
        neutral=neutral,
    )
    semantics = SEMANTICS["sub"]
    if fits:
        register(op, semantics)
    else:
        assert "gives its other operand beside" in refusal(op, semantics)
