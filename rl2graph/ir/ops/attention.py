"""Attention between the vectors of a set or a sequence `[n, features]`."""

from __future__ import annotations

from random import Random

from rl2graph.ir.dims import Dim, equal
from rl2graph.ir.op import Attribute, Attributes, Emission, Init, Op, TypeProblem, Types, Weight
from rl2graph.ir.ops.rules import BIAS, ZEROS, biased, integer, need_float, need_rank
from rl2graph.ir.ops.text import call
from rl2graph.ir.types import TensorType, f32

_XAVIER = Init("xavier_uniform", 1.0)

_ATTENTION = '''
def _attention(x, context, mask, heads, causal, in_weight, in_bias, out_weight, out_bias):
    """Multi-head attention of `x` to its context (itself where None), as far as the mask is not zero."""
    if context is None:
        q, k, v = F.linear(x, in_weight, in_bias).chunk(3, dim=-1)
    else:
        width = x.shape[-1]
        q_bias, kv_bias = (None, None) if in_bias is None else (in_bias[:width], in_bias[width:])
        q = F.linear(x, in_weight[:width], q_bias)
        k, v = F.linear(context, in_weight[width:], kv_bias).chunk(2, dim=-1)
    q, k, v = (y.reshape(-1, y.shape[-2], heads, y.shape[-1] // heads).transpose(1, 2) for y in (q, k, v))
    if mask is None:
        y = F.scaled_dot_product_attention(q, k, v, is_causal=causal)
    else:
        keep = (mask != 0).reshape(-1, 1, 1, mask.shape[-1])
        if causal:
            keep = keep & torch.ones(x.shape[-2], x.shape[-2], dtype=torch.bool, device=x.device).tril()
        some = keep.any(-1, keepdim=True)
        y = F.scaled_dot_product_attention(q, k, v, attn_mask=keep | ~some)
        y = torch.where(some, y, 0.0)
    return F.linear(y.transpose(1, 2).reshape(x.shape), out_weight, out_bias)
'''


def _infer(types: Types, attributes: Attributes) -> TensorType:
    need_float("attention", types)
    x, context = types[0], types[min(1, len(types) - 1)]
    need_rank("attention", x, (2,), "a set of vectors f32[n, features]")
    need_rank("attention", context, (2,), "a set of vectors f32[n, features] as its context", "context")
    (n, width), (m, context_width) = x.axes, context.axes
    heads = integer(attributes, "heads")
    if isinstance(width, int) and width % heads:
        message = f"`attention` cannot split vectors of {width} into {heads} equal heads"
        raise TypeProblem("RLG304", message, "heads")
    if not equal(width, context_width):
        raise TypeProblem(
            "RLG301",
            f"`attention` of vectors of {width} takes a context of the same width, not {context}",
            "context",
            hint=f"dense(context, {width}) makes one",
        )
    if len(types) == 3:
        _check_mask(types[2], m)
    if attributes["causal"] and not equal(n, m):
        message = f"`attention` is causal within one sequence, not between {n} vectors and a context of {m}"
        raise TypeProblem("RLG301", message, "causal")
    return x


def _check_mask(mask: TensorType, count: Dim) -> None:
    need_rank("attention", mask, (1,), "one number per vector, f32[n], as its mask", "mask")
    if not equal(mask.axes[0], count):
        message = f"`attention` takes one number per vector, f32[{count}], as its mask, not {mask}"
        raise TypeProblem("RLG301", message, "mask")


def _weights(types: Types, attributes: Attributes) -> tuple[Weight, ...]:
    """As `torch.nn.MultiheadAttention` has them, `out_proj.weight` written with `_`."""
    width = types[0].axes[-1]
    weights = (
        Weight("in_proj_weight", (3 * width, width), _XAVIER),
        Weight("in_proj_bias", (3 * width,), ZEROS),
        Weight("out_proj_weight", (width, width), _XAVIER),
        Weight("out_proj_bias", (width,), ZEROS),
    )
    return weights if attributes["bias"] else weights[::2]


def _flops(types: Types, attributes: Attributes, result: TensorType) -> int:
    """Four projections, the scores and the sums that they weigh."""
    (n, width), (m, _) = types[0].dims, types[min(1, len(types) - 1)].dims
    return 4 * (n + m) * width * width + 4 * n * m * width


def _emit(e: Emission) -> str:
    # Decided by the call: whether another value turned out to be the same one changes no bit.
    context = "None" if len(e.operands) == 1 else e.operands[1]
    mask = e.operands[2] if len(e.operands) == 3 else "None"
    names = ("in_proj_weight", "in_proj_bias", "out_proj_weight", "out_proj_bias")
    weights = (e.weights.get(name, "None") for name in names)
    settings = (e.attributes["heads"], e.attributes["causal"])
    return call("_attention", e.operands[0], context, mask, *settings, *weights)


def _sample(random: Random, types: Types) -> Attributes | None:
    if len(types[0].dims) != 2:
        return None
    heads = [n for n in range(1, 5) if types[0].dims[1] % n == 0]
    return {"heads": random.choice(heads), "bias": biased(random), "causal": random.random() < 0.4}


def _draw(random: Random) -> Types:
    n, width = random.randint(1, 4), random.choice((1, 4, 6))
    m = n if random.random() < 0.5 else random.randint(1, 4)
    return (f32(n, width), f32(m, width), f32(m))[: random.randint(1, 3)]


OPS = (
    Op(
        name="attention",
        doc="Multi-head attention of each vector of `x` to those of `context`, or of `x` itself"
        " (`torch.nn.MultiheadAttention`), whose `mask` is not zero; where none is left, the result is"
        " the bias of the last projection, or zero without.",
        operands=("x",),
        optional=("context", "mask"),
        attributes=(
            Attribute("heads", int, minimum=1),
            BIAS,
            Attribute("causal", bool, False),
        ),
        infer=_infer,
        weights=_weights,
        flops=_flops,
        emit=_emit,
        helpers=(_ATTENTION,),
        sample=_sample,
        draw=_draw,
        stable=False,
    ),
)
