"""Normalisation: by a sample's own statistics, by those of batches, by those of all that was seen."""

from __future__ import annotations

from math import prod
from random import Random

from rl2graph.ir.dims import Dim
from rl2graph.ir.op import Attribute, Attributes, Effect, Emission, Init, Op, TypeProblem, Types, Weight
from rl2graph.ir.ops.rules import ZEROS, describe, integer, need_float, need_rank, number
from rl2graph.ir.ops.text import OVER_BATCH, call, tuple_of
from rl2graph.ir.types import TensorType, f32

ONES = Init("constant", 1.0)
FIRST_COUNT = Init("constant", 1e-4)  # so that nothing is divided by zero

_CHANNELS = "channels first, f32[channels], f32[channels, length] or f32[channels, height, width]"
_MIN_EPS = 1e-12
_NOTHING = "leaves nothing of it: a value less its own mean is zero"


def _eps(default: float) -> Attribute:
    """What keeps the variance of constant values from being zero."""
    return Attribute("eps", float, default, minimum=_MIN_EPS)


def _affine(*shape: Dim) -> tuple[Weight, ...]:
    """A factor and an offset for each place."""
    return Weight("weight", shape, ONES), Weight("bias", shape, ZEROS)


def _need_axes(op: str, types: Types) -> None:
    need_float(op, types)
    if not types[0].axes:
        message = f"`{op}` needs an axis to normalise over, but its operand is {describe(types[0])}"
        raise TypeProblem("RLG302", message, "x")


_BATCH_NORM = '''
def _batch_norm(x, rank, weight, bias, mean, var, momentum, eps):
    """Normalised by the batch's own statistics; with it, the running statistics moved towards those."""
    y = _over_batch(torch.batch_norm, x, rank, weight, bias, None, None, True, 0.0, eps, True)
    flat = x.detach().reshape(-1, *x.shape[x.dim() - rank :])
    batch_var, batch_mean = torch.var_mean(flat, (0, *range(2, flat.dim())), correction=0)
    count = flat.numel() // flat.shape[1]
    unbiased = batch_var * count / torch.sym_max(count - 1, 1)
    rate = momentum * torch.sym_min(count - 1, 1)  # one value has no variance
    return y, torch.lerp(mean, batch_mean, momentum), torch.lerp(var, unbiased, rate)
'''

_RUNNING_NORM = '''
def _running_norm(x, mean, var, count, clip, eps):
    """Normalised by all that was seen so far, this batch included; with it, the statistics of that."""
    flat = x.detach().reshape(-1, *mean.shape)
    batch_var, batch_mean = torch.var_mean(flat, 0, correction=0)
    total = count + flat.shape[0]
    share = flat.shape[0] / total
    between = (batch_mean - mean).square() * share * (count / total)
    mean, var = torch.lerp(mean, batch_mean, share), torch.lerp(var, batch_var, share) + between
    return ((x - mean) / torch.sqrt(var + eps)).clamp(-clip, clip), mean, var, total
'''


def _layer_type(types: Types, attributes: Attributes) -> TensorType:
    _need_axes("layer_norm", types)
    axes = integer(attributes, "axes")
    if axes > len(types[0].axes):
        message = f"`layer_norm` cannot normalise over {axes} axes of {describe(types[0])}"
        raise TypeProblem("RLG304", message, "axes")
    if prod(types[0].axes[-axes:]) == 1:
        raise TypeProblem(
            "RLG301", f"`layer_norm` over one value, here of {describe(types[0])}, {_NOTHING}", "x"
        )
    return types[0]


def _layer_weights(types: Types, attributes: Attributes) -> tuple[Weight, ...]:
    return _affine(*types[0].axes[-integer(attributes, "axes") :])


def _emit_layer(e: Emission) -> str:
    shape = tuple_of(e.types[0].dims[-integer(e.attributes, "axes") :])
    return call("F.layer_norm", e.operands[0], shape, *e.weights.values(), e.attributes["eps"])


def _sample_layer(random: Random, types: Types) -> Attributes | None:
    rank = len(types[0].dims)
    return {"axes": random.randint(1, rank)} if rank else None


def _rms_type(types: Types, attributes: Attributes) -> TensorType:
    _need_axes("rms_norm", types)
    return types[0]


def _emit_rms(e: Emission) -> str:
    shape = tuple_of(e.types[0].dims[-1:])
    return call("F.rms_norm", e.operands[0], shape, e.weights["weight"], e.attributes["eps"])


def _group_type(types: Types, attributes: Attributes) -> TensorType:
    need_float("group_norm", types)
    need_rank("group_norm", types[0], (1, 2, 3), _CHANNELS)
    channels, groups = types[0].axes[0], integer(attributes, "groups")
    if isinstance(channels, int) and channels % groups:
        message = f"`group_norm` cannot split {channels} channels into {groups} equal groups"
        raise TypeProblem("RLG304", message, "groups")
    if types[0].count == groups:
        message = f"`group_norm` in {groups} groups, each of one value of {describe(types[0])}, {_NOTHING}"
        raise TypeProblem("RLG304", message, "groups")
    return types[0]


def _emit_group(e: Emission) -> str:
    x, rank = e.operands[0], len(e.types[0].dims)
    groups, eps = e.attributes["groups"], e.attributes["eps"]
    given = (groups, *e.weights.values(), eps)
    if rank < 3:
        return call("_over_batch", "torch.group_norm", x, rank, *given)
    # torch crashes in the backward pass over an image that has its channels last, as one of a single pixel
    # always may: docs/upstream/group_norm_channels_last.py. A sequence of pixels cannot.
    pixels = call("_over_batch", "torch.group_norm", f"{x}.flatten(-2)", 2, *given)
    return f"{pixels}.unflatten(-1, {tuple_of(e.types[0].dims[1:])})"


def _sample_group(random: Random, types: Types) -> Attributes | None:
    if len(types[0].dims) not in (1, 2, 3):
        return None
    channels = types[0].dims[0]
    return {"groups": random.choice([n for n in range(1, channels + 1) if channels % n == 0])}


def _batch_type(types: Types, attributes: Attributes) -> TensorType:
    need_float("batch_norm", types)
    need_rank("batch_norm", types[0], (1, 2, 3), _CHANNELS)
    return types[0]


def _batch_weights(types: Types, attributes: Attributes) -> tuple[Weight, ...]:
    channels = types[0].axes[0]
    return (
        *_affine(channels),
        Weight("running_mean", (channels,), ZEROS, buffer=True),
        Weight("running_var", (channels,), ONES, buffer=True),
    )


def _emit_batch(e: Emission) -> str:
    weight, bias, mean, var = e.weights.values()
    x, rank, eps = e.operands[0], len(e.types[0].dims), e.attributes["eps"]
    if e.advance:
        return call("_batch_norm", x, rank, weight, bias, mean, var, e.attributes["momentum"], eps)
    return call("_over_batch", "F.batch_norm", x, rank, mean, var, weight, bias, f"eps={eps}")


def _running_type(types: Types, attributes: Attributes) -> TensorType:
    need_float("running_norm", types)
    if attributes["clip"] == 0.0:
        raise TypeProblem("RLG304", "`clip` of `running_norm` is above 0, not 0", "clip")
    return types[0]


def _running_weights(types: Types, attributes: Attributes) -> tuple[Weight, ...]:
    return (
        Weight("mean", types[0].axes, ZEROS, buffer=True),
        Weight("var", types[0].axes, ONES, buffer=True),
        Weight("count", (), FIRST_COUNT, buffer=True),
    )


def _emit_running(e: Emission) -> str:
    x, clip, eps = e.operands[0], number(e.attributes, "clip"), number(e.attributes, "eps")
    mean, var, count = e.weights.values()
    if e.advance:
        return call("_running_norm", x, mean, var, count, clip, eps)
    return f"(({x} - {mean}) / torch.sqrt({var} + {eps})).clamp({-clip}, {clip})"


def _draw_channels(random: Random) -> Types:
    return (f32(random.randint(1, 6), *(random.randint(1, 5) for _ in range(random.randint(0, 2)))),)


OPS = (
    Op(
        name="layer_norm",
        doc="Normalised over the last axes of a sample, `axes` of them, then scaled and moved"
        " (`torch.nn.LayerNorm`).",
        operands=("x",),
        attributes=(Attribute("axes", int, 1, minimum=1), _eps(1e-5)),
        infer=_layer_type,
        weights=_layer_weights,
        flops=lambda types, attributes, result: 8 * result.size,
        emit=_emit_layer,
        sample=_sample_layer,
    ),
    Op(
        name="rms_norm",
        doc="Divided by the root of the mean square over the last axis, then scaled (`torch.nn.RMSNorm`).",
        operands=("x",),
        attributes=(_eps(1e-6),),
        infer=_rms_type,
        weights=lambda types, attributes: (Weight("weight", types[0].axes[-1:], ONES),),
        flops=lambda types, attributes, result: 4 * result.size,
        emit=_emit_rms,
    ),
    Op(
        name="group_norm",
        doc="Normalised over groups of channels of each sample, channels first (`torch.nn.GroupNorm`).",
        operands=("x",),
        attributes=(Attribute("groups", int, minimum=1), _eps(1e-5)),
        infer=_group_type,
        weights=lambda types, attributes: _affine(types[0].axes[0]),
        flops=lambda types, attributes, result: 8 * result.size,
        emit=_emit_group,
        helpers=(OVER_BATCH,),
        sample=_sample_group,
        draw=_draw_channels,
    ),
    Op(
        name="batch_norm",
        doc="Normalised over batches, channels first, by their own statistics in training and else by running"
        " ones (`torch.nn.BatchNorm1d`, `torch.nn.BatchNorm2d`). A batch of one value per channel, which"
        " torch refuses, gives the bias and moves the running mean alone.",
        operands=("x",),
        attributes=(Attribute("momentum", float, 0.1, minimum=0.0, maximum=1.0), _eps(1e-5)),
        infer=_batch_type,
        weights=_batch_weights,
        flops=lambda types, attributes, result: 8 * result.size,
        emit=_emit_batch,
        helpers=(OVER_BATCH, _BATCH_NORM),
        draw=_draw_channels,
        effect=Effect.TRAINING,
    ),
    Op(
        name="running_norm",
        doc="Normalised by the mean and variance of all that was collected so far, and clipped. They move"
        " once per collected step, whose batch is merged into them (Chan et al. 1983).",
        operands=("x",),
        attributes=(Attribute("clip", float, 10.0, minimum=0.0), _eps(1e-8)),
        infer=_running_type,
        weights=_running_weights,
        flops=lambda types, attributes, result: 4 * result.size,
        emit=_emit_running,
        helpers=(_RUNNING_NORM,),
        effect=Effect.COLLECTING,
    ),
)
