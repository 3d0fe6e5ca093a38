"""Distributions of vectors of numbers: what heads give, sampled, scored and measured."""

from __future__ import annotations

from collections.abc import Callable
from random import Random

from rl2graph.ir.dims import equal
from rl2graph.ir.op import Attribute, Attributes, Effect, Emission, Noise, Op, TypeProblem, Types, no_noise
from rl2graph.ir.ops.rules import need_float, need_rank
from rl2graph.ir.types import TensorType, f32

_GAUSSIAN_SAMPLE = '''
def _sample_gaussian(parameters, normal):
    """Means plus noise of the standard deviations that follow them; without noise, the means."""
    mean, log_std = parameters.chunk(2, dim=-1)
    return mean if normal is None else mean + log_std.exp() * normal
'''

_GAUSSIAN_LOG_PROB = '''
def _gaussian_log_density(parameters, act):
    """The log-density of an action, over the last axis."""
    mean, log_std = parameters.chunk(2, dim=-1)
    distance = (act - mean) * torch.exp(-log_std)
    half_log_2_pi = 0.9189385332046727
    return -(0.5 * distance.square() + log_std + half_log_2_pi).sum(dim=-1)
'''

_GAUSSIAN_ENTROPY = '''
def _entropy_of_gaussian(parameters):
    """The entropy, over the last axis: that of a standard normal, moved by the log standard deviation."""
    _, log_std = parameters.chunk(2, dim=-1)
    half_log_2_pi_e = 1.4189385332046727
    return (log_std + half_log_2_pi_e).sum(dim=-1)
'''

_TANH_LOG_DET = '''
def _log_det_of_tanh(u):
    """log(1 - tanh(u)^2), in a form that holds where tanh(u) rounds to one, over the last axis."""
    log_2 = 0.6931471805599453
    return 2 * (log_2 - u - F.softplus(-2 * u)).sum(dim=-1)
'''


def _no_groups(op: str, types: Types, attributes: Attributes) -> None:
    pass


def _any_vectors(random: Random, types: Types) -> Attributes:
    return {}


def distribution(
    name: str,
    doc: str,
    operands: tuple[str, ...],
    emit: Callable[[Emission], str],
    cost: int,
    *,
    parameters: int = 1,
    attributes: tuple[Attribute, ...] = (),
    check: Callable[[str, Types, Attributes], None] = _no_groups,
    sample: Callable[[Random, Types], Attributes | None] = _any_vectors,
    helpers: tuple[str, ...] = (),
    noise: Callable[[Types, Attributes], tuple[Noise, ...]] = no_noise,
    stable: bool = True,
) -> Op:
    """An entry whose first operand is a vector, so many `parameters` for each number of an action, and whose
    second, if any, an action. It gives an action where it takes noise, else one number. `check` raises where
    the attributes do not fit; `cost` is the operations per parameter.
    """

    def infer(types: Types, attributes: Attributes) -> TensorType:
        need_float(name, types[:1], operands[0])
        need_rank(name, types[0], (1,), f"a vector `{operands[0]}`", operands[0])
        _need_whole(name, types[0], operands[0], parameters)
        check(name, types, attributes)
        if len(types) == 2:
            _need_action(name, types, parameters)
        return f32() if noise is no_noise else f32(types[0].axes[0] // parameters)

    def flops(types: Types, attributes: Attributes, result: TensorType) -> int:
        return cost * types[0].size

    def draw(random: Random) -> Types:
        width = random.randint(1, 6)
        return f32(width * parameters), *(f32(width) for _ in operands[1:])

    return Op(
        name=name,
        doc=doc,
        operands=operands,
        attributes=attributes,
        infer=infer,
        noise=noise,
        flops=flops,
        emit=emit,
        helpers=helpers,
        draw=draw,
        sample=sample,
        effect=Effect.PURE if noise is no_noise else Effect.RANDOM,
        stable=stable,
    )


def _need_whole(op: str, type_: TensorType, operand: str, parameters: int) -> None:
    """Raises where the parameters are not so many for each of some dimensions."""
    width = type_.axes[0]
    if isinstance(width, int) and width % parameters:
        message = f"`{op}` needs a mean and a log standard deviation for each dimension, not {type_}"
        raise TypeProblem("RLG301", message, operand)


def _need_action(op: str, types: Types, parameters: int) -> None:
    """Raises where the second operand is no action that the first can be the parameters of."""
    need_float(op, types[1:], "act")
    (width,), axes = types[0].axes, types[1].axes
    if len(axes) != 1 or not equal(axes[0] * parameters, width):
        wanted = f32(width // parameters)
        raise TypeProblem("RLG301", f"`{op}` of {types[0]} takes an action {wanted}, not {types[1]}", "act")


def _normal(types: Types, attributes: Attributes) -> tuple[Noise, ...]:
    return (Noise("normal", (types[0].axes[0] // 2,), "normal"),)


OPS = (
    distribution(
        "gaussian_sample",
        "A sample of the diagonal Gaussian of `params`: means, then log standard deviations, as one vector of"
        " 2n. Gradients flow through it; without noise it is the means.",
        ("params",),
        lambda e: f"_sample_gaussian({e.operands[0]}, {e.noise['normal']})",
        5,
        parameters=2,
        helpers=(_GAUSSIAN_SAMPLE,),
        noise=_normal,
        stable=False,
    ),
    distribution(
        "gaussian_log_prob",
        "The log-density of `act` under the diagonal Gaussian of `params`: means, then log standard"
        " deviations, as one vector of 2n (`torch.distributions.Normal`, summed).",
        ("params", "act"),
        lambda e: f"_gaussian_log_density({e.operands[0]}, {e.operands[1]})",
        8,
        parameters=2,
        helpers=(_GAUSSIAN_LOG_PROB,),
        stable=False,
    ),
    distribution(
        "gaussian_entropy",
        "The entropy of the diagonal Gaussian of `params`: means, then log standard deviations, as one vector"
        " of 2n.",
        ("params",),
        lambda e: f"_entropy_of_gaussian({e.operands[0]})",
        1,
        parameters=2,
        helpers=(_GAUSSIAN_ENTROPY,),
    ),
    distribution(
        "tanh_log_det",
        "log(1 - tanh(u)^2), summed: what squashing `u` takes from its log-density (Haarnoja et al. 2018,"
        " appendix C).",
        ("u",),
        lambda e: f"_log_det_of_tanh({e.operands[0]})",
        14,
        helpers=(_TANH_LOG_DET,),
    ),
)
