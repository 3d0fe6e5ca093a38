"""Heads: a dense layer whose value means something to an algorithm."""

from __future__ import annotations

from random import Random

from rl2graph.ir.op import Attribute, Attributes, Emission, Op, Types, Weight
from rl2graph.ir.ops.dense import dense_flops, dense_weights, linear, need_features
from rl2graph.ir.ops.rules import ZEROS, integer
from rl2graph.ir.types import TensorType, f32

POLICY_GAIN = 0.01  # small first logits: a start near the uniform policy (Andrychowicz et al. 2021)
VALUE_GAIN = 1.0


_GAUSSIAN_PARAMETERS = '''
def gaussian_parameters(mean, log_std):
    """Means, then log standard deviations, along the last axis."""
    return torch.cat((mean, log_std.expand_as(mean)), dim=-1)
'''


def _wide(name: str, doc: str, gain: float) -> Op:
    """A head with one output per `n`."""

    def infer(types: Types, attributes: Attributes) -> TensorType:
        need_features(name, types)
        return f32(*types[0].axes[:-1], integer(attributes, "n"))

    def weights(types: Types, attributes: Attributes) -> tuple[Weight, ...]:
        return dense_weights(types, integer(attributes, "n"), gain)

    return Op(
        name=name,
        doc=doc,
        operands=("x",),
        attributes=(Attribute("n", int, minimum=1),),
        infer=infer,
        weights=weights,
        flops=dense_flops,
        emit=linear,
        sample=_sample_n,
    )


def _sample_n(random: Random, types: Types) -> Attributes | None:
    return {"n": random.randint(1, 4)} if len(types[0].dims) in (1, 2) else None


def _gaussian_type(types: Types, attributes: Attributes) -> TensorType:
    need_features("gaussian", types)
    return f32(*types[0].axes[:-1], 2 * integer(attributes, "n"))


def _gaussian_weights(types: Types, attributes: Attributes) -> tuple[Weight, ...]:
    n = integer(attributes, "n")
    return *dense_weights(types, n, POLICY_GAIN), Weight("log_std", (n,), ZEROS)


def _gaussian_flops(types: Types, attributes: Attributes, result: TensorType) -> int:
    return dense_flops(types, attributes, result) // 2


def _emit_gaussian(e: Emission) -> str:
    x, weight, bias, log_std = e.operands[0], *e.weights.values()
    return f"gaussian_parameters(F.linear({x}, {weight}, {bias}), {log_std})"


def _value_type(types: Types, attributes: Attributes) -> TensorType:
    need_features("value", types)
    return f32(*types[0].axes[:-1])


def _value_weights(types: Types, attributes: Attributes) -> tuple[Weight, ...]:
    return dense_weights(types, 1, VALUE_GAIN)


def _value_sample(random: Random, types: Types) -> Attributes | None:
    return {} if len(types[0].dims) in (1, 2) else None


OPS = (
    _wide("categorical", "Logits of a distribution over `n` choices.", POLICY_GAIN),
    Op(
        name="gaussian",
        doc="A diagonal Gaussian over `n` dimensions: means from a dense layer, then free log standard"
        " deviations, as one vector of 2n.",
        operands=("x",),
        attributes=(Attribute("n", int, minimum=1),),
        infer=_gaussian_type,
        weights=_gaussian_weights,
        flops=_gaussian_flops,
        emit=_emit_gaussian,
        helpers=(_GAUSSIAN_PARAMETERS,),
        sample=_sample_n,
    ),
    _wide("deterministic", "An action of `n` dimensions.", POLICY_GAIN),
    _wide("qvalues", "The values of `n` actions.", VALUE_GAIN),
    Op(
        name="value",
        doc="The value of a state (or of a state and an action): one number, without an axis of its own.",
        operands=("x",),
        infer=_value_type,
        weights=_value_weights,
        flops=dense_flops,
        emit=lambda e: f"{linear(e)}.squeeze(-1)",
        sample=_value_sample,
    ),
)
