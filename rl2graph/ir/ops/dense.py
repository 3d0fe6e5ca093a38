"""The fully connected layer, and the table of vectors that is one for one-hot inputs."""

from __future__ import annotations

from random import Random

from rl2graph.ir.dims import equal
from rl2graph.ir.op import Attribute, Attributes, Emission, Init, Op, TypeProblem, Types, Weight
from rl2graph.ir.ops.rules import (
    BIAS,
    HIDDEN_GAIN,
    OUT,
    ZEROS,
    biased,
    describe,
    integer,
    need_float,
    need_rank,
)
from rl2graph.ir.ops.text import call
from rl2graph.ir.types import TensorType, f32


def dense_weights(types: Types, out: int, gain: float, bias: bool = True) -> tuple[Weight, ...]:
    """`weight [out, in]` and `bias [out]`, as `torch.nn.Linear` has them."""
    weight = Weight("weight", (out, types[0].axes[-1]), Init("orthogonal", gain))
    return (weight, Weight("bias", (out,), ZEROS)) if bias else (weight,)


def dense_flops(types: Types, attributes: Attributes, result: TensorType) -> int:
    return 2 * types[0].dims[-1] * result.size


def linear(e: Emission) -> str:
    """`F.linear(x, weight, bias)`."""
    return call("F.linear", e.operands[0], *e.weights.values())


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
    return {"out": random.randint(1, 6), "bias": biased(random)}


def _embedding_type(types: Types, attributes: Attributes) -> TensorType:
    x, n, out = types[0], attributes["n"], integer(attributes, "out")
    if x.dtype == "i64":
        if n is None:
            raise TypeProblem("RLG204", "`embedding` of integers needs `n`, how many there are", "n")
        return f32(*x.axes, out)
    need_float("embedding", types)
    if not x.axes:
        needs = "one-hot vectors f32[n], or integers"
        raise TypeProblem("RLG302", f"`embedding` needs {needs}, but its operand is {describe(x)}", "x")
    if n is not None and not equal(integer(attributes, "n"), x.axes[-1]):
        message = f"`embedding` of {n} vectors cannot look up {describe(x)}"
        raise TypeProblem("RLG301", message, "n", hint="`n` may be left out: the operand has it")
    return f32(*x.axes[:-1], out)


def _embedding_weights(types: Types, attributes: Attributes) -> tuple[Weight, ...]:
    n = types[0].axes[-1] if types[0].dtype == "f32" else integer(attributes, "n")
    return (Weight("weight", (n, integer(attributes, "out")), Init("normal", 1.0)),)


def _embedding_flops(types: Types, attributes: Attributes, result: TensorType) -> int:
    return dense_flops(types, attributes, result) if types[0].dtype == "f32" else 0


def _emit_embedding(e: Emission) -> str:
    x, weight = e.operands[0], e.weights["weight"]
    return f"{x} @ {weight}" if e.types[0].dtype == "f32" else f"F.embedding({x}, {weight})"


def _sample_embedding(random: Random, types: Types) -> Attributes | None:
    if types[0].dtype == "i64":
        return {"out": random.randint(1, 6), "n": random.randint(1, 6)}
    if not types[0].dims:
        return None
    return {"out": random.randint(1, 6), "n": random.choice((None, types[0].dims[-1]))}


def _draw_embedding(random: Random) -> Types:
    return (random.choice((f32(5), f32(2, 3), TensorType("i64", ()), TensorType("i64", (2, 3)))),)


OPS = (
    Op(
        name="dense",
        doc="`x @ weight.T + bias` over the last axis (`torch.nn.Linear`).",
        operands=("x",),
        attributes=(OUT, BIAS),
        infer=_infer,
        weights=_weights,
        flops=dense_flops,
        emit=linear,
        sample=_sample,
    ),
    Op(
        name="embedding",
        doc="The row of a table of `n` vectors for each index, or one-hot vector (`torch.nn.Embedding`).",
        operands=("x",),
        attributes=(OUT, Attribute("n", int, None, minimum=1)),
        infer=_embedding_type,
        weights=_embedding_weights,
        flops=_embedding_flops,
        emit=_emit_embedding,
        sample=_sample_embedding,
        draw=_draw_embedding,
    ),
)
