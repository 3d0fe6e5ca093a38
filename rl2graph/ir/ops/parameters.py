"""Weights that stand for themselves."""

from __future__ import annotations

from random import Random

from rl2graph.ir.inits import INITS
from rl2graph.ir.op import Attribute, Attributes, Emission, Init, Op, TypeProblem, Types, Weight
from rl2graph.ir.ops.rules import free, integers
from rl2graph.ir.ops.text import tuple_of
from rl2graph.ir.types import TensorType, f32

_OF_MATRICES = ("orthogonal", "xavier_uniform", "kaiming_uniform")
"""The rules that go by the number of inputs and outputs."""


def _infer(types: Types, attributes: Attributes) -> TensorType:
    shape, init = integers(attributes, "shape"), _init(attributes)
    if init.rule in _OF_MATRICES and len(shape) < 2:
        raise TypeProblem(
            "RLG304",
            f'"{init.rule}" starts matrices, and the shape of this `parameter` is {list(shape)}',
            "init",
            hint='"normal", "uniform" and "constant" start any shape',
        )
    if init.rule != "constant" and init.value < 0:
        message = (
            f'`value`, the {INITS[init.rule].number} of "{init.rule}", is at least 0, not {init.value:g}'
        )
        raise TypeProblem("RLG304", message, "value")
    return f32(*shape)


def _init(attributes: Attributes) -> Init:
    rule, value = attributes["init"], attributes["value"]
    assert isinstance(rule, str)
    return Init(rule, value if isinstance(value, float) else INITS[rule].default)


def _weights(types: Types, attributes: Attributes) -> tuple[Weight, ...]:
    return (Weight("value", integers(attributes, "shape"), _init(attributes)),)


def _emit(e: Emission) -> str:
    shape = tuple_of((f"*{e.batch}", *integers(e.attributes, "shape")))
    return f"{e.weights['value']}.expand({shape})"


def _sample(random: Random, types: Types) -> Attributes | None:
    shape = tuple(random.randint(1, 4) for _ in range(random.randint(0, 3)))
    rules = [rule for rule in INITS if len(shape) > 1 or rule not in _OF_MATRICES]
    return {"shape": shape, "init": random.choice(rules), "value": random.choice((None, 0.5))}


OPS = (
    Op(
        name="parameter",
        doc="A free weight, the same for each sample (`torch.nn.Parameter`). `init` is a rule by which"
        " weights start, `value` its number: the deviation of a normal start, the value of a constant one.",
        operands=(),
        attributes=(
            Attribute("shape", tuple[int, ...], minimum=1),
            Attribute("init", str, "constant", choices=tuple(INITS), initial=True),
            Attribute("value", float, None, initial=True),
        ),
        infer=_infer,
        weights=_weights,
        flops=free,
        emit=_emit,
        sample=_sample,
    ),
)
