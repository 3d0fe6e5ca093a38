"""Heads: a dense layer whose value means something to an algorithm."""

from __future__ import annotations

from collections.abc import Callable
from random import Random

from rl2graph.ir.dims import surely_more
from rl2graph.ir.op import Attribute, Attributes, Emission, Op, TypeProblem, Types, Weight
from rl2graph.ir.ops.dense import dense_flops, dense_weights, linear, need_features
from rl2graph.ir.ops.rules import ZEROS, integer, need_float, number, same_axes
from rl2graph.ir.ops.text import call, tuple_of
from rl2graph.ir.types import TensorType, f32

POLICY_GAIN = 0.01  # small first logits: a start near the uniform policy (Andrychowicz et al. 2021)
VALUE_GAIN = 1.0

_CHOICES = Attribute("n", int, minimum=1, action="choices")
_DIMS = Attribute("n", int, minimum=1, action="dims")

_LEAST_LOG_STD, _MOST_LOG_STD = -20.0, 2.0
_LEAST_RETURN, _MOST_RETURN = -10.0, 10.0


_GAUSSIAN_PARAMETERS = '''
def _gaussian_parameters(mean, log_std):
    """Means, then log standard deviations, along the last axis."""
    return torch.cat((mean, log_std.expand_as(mean)), dim=-1)
'''

_CLIPPED_PARAMETERS = '''
def _clipped_parameters(parameters, low, high):
    """Means, then log standard deviations kept between `low` and `high`, along the last axis."""
    mean, log_std = parameters.chunk(2, dim=-1)
    return torch.cat((mean, log_std.clamp(low, high)), dim=-1)
'''

_ATOMS_MEAN = '''
def _expected_atom(logits, low, high):
    """The expected value of atoms that lie evenly from `low` to `high`, over the last axis."""
    support = torch.linspace(low, high, logits.shape[-1], dtype=logits.dtype, device=logits.device)
    return (torch.softmax(logits, dim=-1) * support).sum(dim=-1)
'''


def _sample_n(random: Random, types: Types) -> Attributes | None:
    return {"n": random.randint(1, 4)} if len(types[0].dims) in (1, 2) else None


def _head(name: str, doc: str, n: Attribute, gain: float) -> Op:
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
        attributes=(n,),
        infer=infer,
        weights=weights,
        flops=dense_flops,
        emit=linear,
        sample=_sample_n,
    )


def _any_interval(attributes: Attributes) -> None:
    pass


def _returns(
    name: str, doc: str, *attributes: Attribute, check: Callable[[Attributes], None] = _any_interval
) -> Op:
    """A head with a distribution of the return for each of `n` actions, as wide as the attribute `name`."""

    def infer(types: Types, attributes: Attributes) -> TensorType:
        need_features(name, types)
        check(attributes)
        return f32(*types[0].axes[:-1], integer(attributes, "n"), integer(attributes, name))

    def weights(types: Types, attributes: Attributes) -> tuple[Weight, ...]:
        return dense_weights(types, integer(attributes, "n") * integer(attributes, name), VALUE_GAIN)

    def emit(e: Emission) -> str:
        shape = tuple_of((e.attributes["n"], e.attributes[name]))
        return f"{linear(e)}.unflatten(-1, {shape})"

    def sample(random: Random, types: Types) -> Attributes | None:
        given = _sample_n(random, types)
        return given and {**given, name: random.randint(2, 5)}

    return Op(
        name=name,
        doc=doc,
        operands=("x",),
        attributes=(*attributes, _CHOICES),
        infer=infer,
        weights=weights,
        flops=dense_flops,
        emit=emit,
        sample=sample,
    )


def _need_interval(op: str, attributes: Attributes, default_high: float | None = None) -> None:
    """Raises RLG304 where `low` is not below `high`: at `low` where `high` is at its default."""
    low, high = number(attributes, "low"), number(attributes, "high")
    if not low < high:
        message = f"`{op}` needs `low` below `high`, not {low:g} and {high:g}"
        raise TypeProblem("RLG304", message, "low" if high == default_high else "high")


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
    return call("_gaussian_parameters", call("F.linear", x, weight, bias), log_std)


def _squashed_type(types: Types, attributes: Attributes) -> TensorType:
    need_features("squashed_gaussian", types)
    _need_interval("squashed_gaussian", attributes, _MOST_LOG_STD)
    return f32(*types[0].axes[:-1], 2 * integer(attributes, "n"))


def _squashed_weights(types: Types, attributes: Attributes) -> tuple[Weight, ...]:
    return dense_weights(types, 2 * integer(attributes, "n"), POLICY_GAIN)


def _emit_squashed(e: Emission) -> str:
    return call("_clipped_parameters", linear(e), e.attributes["low"], e.attributes["high"])


def _sample_squashed(random: Random, types: Types) -> Attributes | None:
    given = _sample_n(random, types)
    return given and {**given, "low": random.choice((-20.0, -0.5)), "high": random.choice((0.5, 2.0))}


def _value_type(types: Types, attributes: Attributes) -> TensorType:
    need_features("value", types)
    return f32(*types[0].axes[:-1])


def _value_weights(types: Types, attributes: Attributes) -> tuple[Weight, ...]:
    return dense_weights(types, 1, VALUE_GAIN)


def _sample_value(random: Random, types: Types) -> Attributes | None:
    return {} if len(types[0].dims) in (1, 2) else None


def _masked_type(types: Types, attributes: Attributes) -> TensorType:
    need_float("masked", types[:1], "logits")
    need_float("masked", types[1:], "mask")
    if not same_axes(*types):
        message = f"`masked` takes a mask of the shape of its logits, {types[0]}, not {types[1]}"
        raise TypeProblem("RLG301", message, "mask")
    return types[0]


def _emit_masked(e: Emission) -> str:
    logits, mask = e.operands
    return f"{logits}.masked_fill({mask} == 0, torch.finfo({logits}.dtype).min / 4)"


def _atoms_mean_type(types: Types, attributes: Attributes) -> TensorType:
    need_float("atoms_mean", types, "logits")
    logits = types[0]
    if not logits.axes or surely_more(2, logits.axes[-1]):
        message = f"`atoms_mean` needs logits of two atoms or more along the last axis, not {logits}"
        raise TypeProblem("RLG301" if logits.axes else "RLG302", message, "logits")
    _need_interval("atoms_mean", attributes)
    return f32(*logits.axes[:-1])


def _atoms_mean_flops(types: Types, attributes: Attributes, result: TensorType) -> int:
    return 12 * types[0].size  # softmax ten, and the weighted sum


def _emit_atoms_mean(e: Emission) -> str:
    return call("_expected_atom", e.operands[0], e.attributes["low"], e.attributes["high"])


OPS = (
    _head("categorical", "Logits of a distribution over `n` choices.", _CHOICES, POLICY_GAIN),
    Op(
        name="gaussian",
        doc="Means, then log standard deviations, as one vector of 2n: a diagonal Gaussian over `n`"
        " dimensions, the means from a dense layer, the deviations weights of their own.",
        operands=("x",),
        attributes=(_DIMS,),
        infer=_gaussian_type,
        weights=_gaussian_weights,
        flops=_gaussian_flops,
        emit=_emit_gaussian,
        helpers=(_GAUSSIAN_PARAMETERS,),
        sample=_sample_n,
    ),
    Op(
        name="squashed_gaussian",
        doc="Means, then log standard deviations, as one vector of 2n: a diagonal Gaussian before its tanh"
        " (SAC, Haarnoja et al. 2018), from one dense layer, the log deviations clipped to `low` and `high`.",
        operands=("x",),
        attributes=(
            _DIMS,
            Attribute("low", float, _LEAST_LOG_STD),
            Attribute("high", float, _MOST_LOG_STD),
        ),
        infer=_squashed_type,
        weights=_squashed_weights,
        flops=dense_flops,
        emit=_emit_squashed,
        helpers=(_CLIPPED_PARAMETERS,),
        sample=_sample_squashed,
    ),
    _head(
        "deterministic", "An action of `n` dimensions, unbounded: `tanh` is yours to add.", _DIMS, POLICY_GAIN
    ),
    _head("qvalues", "The values of `n` actions.", _CHOICES, VALUE_GAIN),
    _returns(
        "atoms",
        "For each of `n` actions, logits of its return over `atoms` values that lie evenly from `low` to"
        " `high` (C51, Bellemare et al. 2017).",
        Attribute("atoms", int, 51, minimum=2),
        Attribute("low", float, _LEAST_RETURN),
        Attribute("high", float, _MOST_RETURN),
        check=lambda attributes: _need_interval("atoms", attributes, _MOST_RETURN),
    ),
    _returns(
        "quantiles",
        "For each of `n` actions, `quantiles` values of its return, each as likely as the others (QR-DQN,"
        " Dabney et al. 2018).",
        Attribute("quantiles", int, 200, minimum=1),
    ),
    Op(
        name="value",
        doc="The value of a state (or of a state and an action): one number, without an axis of its own.",
        operands=("x",),
        infer=_value_type,
        weights=_value_weights,
        flops=dense_flops,
        emit=lambda e: f"{linear(e)}.squeeze(-1)",
        sample=_sample_value,
    ),
    Op(
        name="masked",
        doc="`logits` where `mask` is not zero, else a quarter of the dtype's lowest number"
        " (`torch.finfo(dtype).min / 4`): probabilities of exactly zero with finite logarithms (Huang and"
        " Ontañón 2022). Where all are masked, all are as likely.",
        operands=("logits", "mask"),
        infer=_masked_type,
        emit=_emit_masked,
        stable=False,
    ),
    Op(
        name="atoms_mean",
        doc="The expected value of what `atoms` gives, over the last axis: `low` and `high` are its own.",
        operands=("logits",),
        attributes=(Attribute("low", float), Attribute("high", float)),
        infer=_atoms_mean_type,
        flops=_atoms_mean_flops,
        emit=_emit_atoms_mean,
        helpers=(_ATOMS_MEAN,),
        sample=lambda random, types: {"low": random.uniform(-5, 0), "high": random.uniform(1, 5)},
    ),
)
