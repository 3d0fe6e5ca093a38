"""Losses per sample, for `loss` statements."""

from __future__ import annotations

from collections.abc import Callable
from random import Random

from rl2graph.ir.op import Attribute, Attributes, Emission, Op, TypeProblem, Types
from rl2graph.ir.ops.pointwise import aligned, broadcast
from rl2graph.ir.ops.rules import need_float, number, same_axes
from rl2graph.ir.ops.text import call, options, tuple_of
from rl2graph.ir.types import TensorType, f32


def _flops(op: str, cost: int) -> Callable[[Types, Attributes, TensorType], int]:
    """So many operations for each element."""
    return lambda types, attributes, result: cost * broadcast(op, types).size


def _over_sample(text: str, rank: int) -> str:
    """The mean of what the text gives over the last `rank` axes."""
    return f"{text}.mean(dim={tuple_of(range(-rank, 0))})" if rank else text


def _mse_type(types: Types, attributes: Attributes) -> TensorType:
    broadcast("mse", types)
    return f32()


def _emit_mse(e: Emission) -> str:
    x, y = aligned(e)
    return _over_sample(f"({x} - {y}).square()", len(broadcast("mse", e.types).axes))


def _huber_type(types: Types, attributes: Attributes) -> TensorType:
    broadcast("huber", types)
    delta = number(attributes, "delta")
    if delta <= 0:
        raise TypeProblem("RLG304", f"`delta` of `huber` is above 0, not {delta:g}", "delta")
    return f32()


def _emit_huber(e: Emission) -> str:
    given = aligned(e)
    if e.types[0] != e.types[1]:
        # torch warns of operands that differ in shape.
        given = ["*" + call("torch.broadcast_tensors", *given)]
    loss = call("F.huber_loss", *given, 'reduction="none"', *options(e, delta=1.0))
    return _over_sample(loss, len(broadcast("huber", e.types).axes))


def _need_target(op: str, types: Types) -> None:
    """Raises where the second operand is no target for every one of the first, the logits."""
    logits, target = types
    need_float(op, (logits,), "logits")
    if target.dtype == "i64":
        hint = "one_hot(target, n) makes a distribution of an index"
        raise TypeProblem("RLG305", f"`{op}` takes a target of floats, not {target}", "target", hint)
    need_float(op, (target,), "target")
    if not same_axes(logits, target):
        message = f"`{op}` takes a target of the shape of its logits, {logits}, not {target}"
        raise TypeProblem("RLG301", message, "target")


def _cross_entropy_type(types: Types, attributes: Attributes) -> TensorType:
    _need_target("cross_entropy", types)
    if not types[0].axes:
        message = f"`cross_entropy` needs logits along an axis, not the scalar {types[0]}"
        raise TypeProblem("RLG302", message, "logits")
    return f32()


def _emit_cross_entropy(e: Emission) -> str:
    logits, target = e.operands
    loss = f"({target} * torch.log_softmax({logits}, dim=-1)).sum(dim=-1)"
    rank = len(e.types[0].axes) - 1
    return f"-{_over_sample(loss, rank)}"


def _binary_cross_entropy_type(types: Types, attributes: Attributes) -> TensorType:
    _need_target("binary_cross_entropy", types)
    return f32()


def _emit_binary_cross_entropy(e: Emission) -> str:
    loss = call("F.binary_cross_entropy_with_logits", *e.operands, 'reduction="none"')
    return _over_sample(loss, len(e.types[0].axes))


def _draw_same(random: Random) -> Types:
    type_ = f32(*random.choice(((), (1,), (4,), (2, 3), (2, 3, 4))))
    return type_, type_


OPS = (
    Op(
        name="mse",
        doc="The mean over a sample's elements of the squared difference (`torch.nn.MSELoss`): one number per"
        " sample.",
        operands=("x", "y"),
        infer=_mse_type,
        flops=_flops("mse", 3),
        emit=_emit_mse,
    ),
    Op(
        name="huber",
        doc="The mean over a sample's elements of half the squared difference, and beyond `delta` of the"
        " straight line that goes on from there (`torch.nn.HuberLoss`): one number per sample.",
        operands=("x", "y"),
        attributes=(Attribute("delta", float, 1.0),),
        infer=_huber_type,
        flops=_flops("huber", 6),
        emit=_emit_huber,
        sample=lambda random, types: {"delta": random.choice((0.5, 1.0, 3.0))},
    ),
    Op(
        name="cross_entropy",
        doc="The cross entropy of logits with a target distribution along the last axis"
        " (`torch.nn.CrossEntropyLoss`), its mean over a sample's other axes: one number per sample.",
        operands=("logits", "target"),
        infer=_cross_entropy_type,
        flops=_flops("cross_entropy", 12),
        emit=_emit_cross_entropy,
        draw=_draw_same,
    ),
    Op(
        name="binary_cross_entropy",
        doc="The mean over a sample's elements of the cross entropy of logits with targets from 0 to 1"
        " (`torch.nn.BCEWithLogitsLoss`): one number per sample.",
        operands=("logits", "target"),
        infer=_binary_cross_entropy_type,
        flops=_flops("binary_cross_entropy", 20),
        emit=_emit_binary_cross_entropy,
        draw=_draw_same,
    ),
)
