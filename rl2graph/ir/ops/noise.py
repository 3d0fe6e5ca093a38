"""Ops that draw noise. Without any they are deterministic: most of them do nothing then."""

from __future__ import annotations

from math import sqrt
from random import Random

from rl2graph.ir.op import (
    Attribute,
    Attributes,
    Effect,
    Emission,
    Init,
    Noise,
    Op,
    TypeProblem,
    Types,
    Weight,
)
from rl2graph.ir.ops.dense import dense_flops, need_features
from rl2graph.ir.ops.rules import (
    BIAS,
    OUT,
    always,
    biased,
    free,
    integer,
    need_float,
    need_rank,
    number,
    same_floats,
)
from rl2graph.ir.ops.text import call
from rl2graph.ir.types import TensorType, f32

_DROPOUT = '''
def _dropout(x, p, noise):
    """Zero where the noise is below `p`, the rest scaled so that the mean stays."""
    return x if noise is None else torch.where(noise < p, 0.0, x / (1 - p))
'''

_ADD_NOISE = '''
def _add_noise(x, std, noise):
    """`x` with noise of the deviation `std` added, where there is any."""
    return x if noise is None else x + std * noise
'''

_NOISY_DENSE = '''
def _noisy_dense(x, weight, bias, weight_sigma, bias_sigma, noise_in, noise_out):
    """A linear layer whose weights are moved by factorised noise."""
    if noise_in is None:
        return F.linear(x, weight, bias)
    noise_in, noise_out = (e.sign() * e.abs().sqrt() for e in (noise_in, noise_out))
    weight = weight + weight_sigma * noise_out.unsqueeze(-1) * noise_in
    return F.linear(x, weight, bias if bias is None else bias + bias_sigma * noise_out)
'''

_RANDOM_SHIFT = '''
def _random_shift(x, pad, noise):
    """Images moved by up to `pad` pixels along both axes; pixels at the border fill the gap."""
    if noise is None:
        return x
    offset = (noise * (2 * pad + 1)).long().clamp(max=2 * pad) - pad
    height, width = x.shape[-2:]
    rows = (offset[..., 0, None] + torch.arange(height, device=x.device)).clamp(0, height - 1)
    columns = (offset[..., 1, None] + torch.arange(width, device=x.device)).clamp(0, width - 1)
    pixels = (rows.unsqueeze(-1) * width + columns.unsqueeze(-2)).flatten(-2).unsqueeze(-2)
    return x.flatten(-2).gather(-1, pixels.expand(*x.shape[:-2], -1)).reshape(x.shape)
'''


def _dropout_type(types: Types, attributes: Attributes) -> TensorType:
    need_float("dropout", types)
    if attributes["p"] == 1.0:
        raise TypeProblem("RLG304", "`p` of `dropout` is less than 1, for at 1 nothing is kept", "p")
    return types[0]


def _noisy_type(types: Types, attributes: Attributes) -> TensorType:
    need_features("noisy_dense", types)
    return f32(*types[0].axes[:-1], integer(attributes, "out"))


def _noisy_weights(types: Types, attributes: Attributes) -> tuple[Weight, ...]:
    """Means, then widths of the noise; both start by the number of inputs (section 3.2 of the paper)."""
    inputs, out = types[0].axes[-1], integer(attributes, "out")
    counted = inputs if isinstance(inputs, int) else 1  # a width that is not known yet
    bound = 1 / sqrt(counted)
    mean, width = Init("uniform", bound), Init("constant", number(attributes, "sigma") * bound)
    weights = (
        Weight("weight", (out, inputs), mean),
        Weight("bias", (out,), mean),
        Weight("weight_sigma", (out, inputs), width),
        Weight("bias_sigma", (out,), width),
    )
    return weights if attributes["bias"] else weights[::2]


def _noisy_noise(types: Types, attributes: Attributes) -> tuple[Noise, ...]:
    return (
        Noise("in", types[0].axes[-1:], "normal", shared=True),
        Noise("out", (integer(attributes, "out"),), "normal", shared=True),
    )


def _emit_noisy(e: Emission) -> str:
    names = ("weight", "bias", "weight_sigma", "bias_sigma")
    weights = (e.weights.get(name, "None") for name in names)
    return call("_noisy_dense", e.operands[0], *weights, *e.noise.values())


def _sample_noisy(random: Random, types: Types) -> Attributes | None:
    if len(types[0].dims) not in (1, 2):
        return None
    return {"out": random.randint(1, 6), "sigma": 0.4, "bias": biased(random)}


def _shift_type(types: Types, attributes: Attributes) -> TensorType:
    need_float("random_shift", types)
    need_rank("random_shift", types[0], (3,), "an image f32[channels, height, width]")
    return types[0]


OPS = (
    Op(
        name="dropout",
        doc="Values dropped at random with probability `p`, the rest scaled by 1 / (1 - p)"
        " (`torch.nn.Dropout`); without noise, the operand.",
        operands=("x",),
        attributes=(Attribute("p", float, 0.5, minimum=0.0, maximum=1.0),),
        infer=_dropout_type,
        noise=lambda types, attributes: (Noise("mask", types[0].axes, "uniform"),),
        emit=lambda e: f"_dropout({e.operands[0]}, {e.attributes['p']!r}, {e.noise['mask']})",
        helpers=(_DROPOUT,),
        passes_on=always,
        sample=lambda random, types: {"p": random.choice((0.0, 0.3, 0.5))},
        effect=Effect.RANDOM,
    ),
    Op(
        name="noise",
        doc="x plus Gaussian noise of standard deviation `std`; without noise, x.",
        operands=("x",),
        attributes=(Attribute("std", float, 1.0, minimum=0.0),),
        infer=same_floats("noise"),
        noise=lambda types, attributes: (Noise("normal", types[0].axes, "normal"),),
        flops=lambda types, attributes, result: 2 * result.size,
        emit=lambda e: f"_add_noise({e.operands[0]}, {e.attributes['std']!r}, {e.noise['normal']})",
        helpers=(_ADD_NOISE,),
        passes_on=always,
        sample=lambda random, types: {"std": random.choice((0.1, 2.0))},
        effect=Effect.RANDOM,
    ),
    Op(
        name="noisy_dense",
        doc="A dense layer with factorised Gaussian noise on its weights, drawn once for a batch"
        " (Fortunato et al. 2018, arXiv:1706.10295); without noise, `dense`.",
        operands=("x",),
        attributes=(
            OUT,
            Attribute("sigma", float, 0.5, minimum=0.0, initial=True),
            BIAS,
        ),
        infer=_noisy_type,
        weights=_noisy_weights,
        noise=_noisy_noise,
        flops=dense_flops,
        emit=_emit_noisy,
        helpers=(_NOISY_DENSE,),
        sample=_sample_noisy,
        effect=Effect.RANDOM,
    ),
    Op(
        name="random_shift",
        doc="Images padded by `pad` pixels of their borders and cropped at a random place"
        " (Kostrikov et al. 2020, arXiv:2004.13649); without noise, the operand.",
        operands=("x",),
        attributes=(Attribute("pad", int, 4, minimum=0),),
        infer=_shift_type,
        noise=lambda types, attributes: (Noise("offset", (2,), "uniform"),),
        flops=free,
        emit=lambda e: f"_random_shift({e.operands[0]}, {e.attributes['pad']}, {e.noise['offset']})",
        helpers=(_RANDOM_SHIFT,),
        passes_on=always,
        sample=lambda random, types: {"pad": random.randint(0, 4)} if len(types[0].dims) == 3 else None,
        draw=lambda random: (f32(random.randint(1, 3), random.randint(1, 6), random.randint(1, 6)),),
        effect=Effect.RANDOM,
    ),
)
