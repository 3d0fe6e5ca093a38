"""The fully connected layer."""

from __future__ import annotations

from random import Random

from rl2graph.ir.op import Attribute, Attributes, Emission, Init, Op, Types, Weight
from rl2graph.ir.ops.rules import HIDDEN_GAIN, ZEROS, integer, need_float, need_rank
from rl2graph.ir.types import TensorType, f32


def dense_weights(types: Types, out: int, gain: float, bias: bool = True) -> tuple[Weight, ...]:
    """`weight [out, in]` and `bias [out]`, as `torch.nn.Linear` has them."""
    weight = Weight("weight", (out, types[0].axes[-1]), Init("orthogonal", gain))
    return (weight, Weight("bias", (out,), ZEROS)) if bias else (weight,)


def dense_flops(types: Types, attributes: Attributes, result: TensorType) -> int:
    return 2 * types[0].dims[-1] * result.size


def linear(e: Emission) -> str:
    """`F.linear(x, weight, bias)`."""
    return f"F.linear({', '.join((e.operands[0], *e.weights.values()))})"


def need_features(op: str, types: Types) -> None:
    """Raises where the operand is no vector (or set of vectors) of floats."""
    need_float(op, types)
    need_rank(op, types[0], (1, 2), "a vector f32[features]")


def _infer(types: Types, attributes: Attributes) -> TensorType:
    need_features("dense", types)
    return f32(*types[0].axes[:-1], integer(attributes, "out"))


def _weights(types: Types, attributes: Attributes) -> tuple[Weight, ...]:
    return dense_weights(types, integer(attributes, "out"), HIDDEN_GAIN, bool(attributes["bias"]))


def _sample(random: Random, types: Types) -> Attributes | None:
    if len(types[0].dims) not in (1, 2):
        return None
    return {"out": random.randint(1, 6), "bias": random.random() < 0.8}


OPS = (
    Op(
        name="dense",
        doc="`x @ weight.T + bias` over the last axis (`torch.nn.Linear`).",
        operands=("x",),
        attributes=(Attribute("out", int, minimum=1), Attribute("bias", bool, True)),
        infer=_infer,
        weights=_weights,
        flops=dense_flops,
        emit=linear,
        sample=_sample,
    ),
)
