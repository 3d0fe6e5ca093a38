"""Distributions of choices, and of zeros and ones: sampled, scored and measured. Choices are one-hot floats,
as graphs read actions.
"""

from __future__ import annotations

from random import Random

from rl2graph.ir.dims import equal
from rl2graph.ir.op import Attribute, Attributes, Emission, Noise, TypeProblem, Types
from rl2graph.ir.ops.distributions import distribution
from rl2graph.ir.ops.rules import integers
from rl2graph.ir.ops.text import call

_GUMBEL = '''
def _gumbel(logits, uniform):
    """Logits with Gumbel noise: the largest is a choice of their distribution. The logits, without noise."""
    if uniform is None:
        return logits
    # Noise of zero would make a logit -inf, less than one that a mask has put low.
    return logits - torch.log(-torch.log(uniform.clamp(min=torch.finfo(uniform.dtype).tiny)))
'''

_ONE_AT_LARGEST = '''
def _one_at_largest(logits):
    """A one at the first largest logit, else zeros."""
    return F.one_hot(logits.argmax(dim=-1), logits.shape[-1]).to(logits.dtype)
'''

_CATEGORICAL_ENTROPY = '''
def _entropy_of_choices(log_probabilities):
    """The entropy of choices, over the last axis."""
    return -(log_probabilities.exp() * log_probabilities).sum(dim=-1)
'''

_IN_GROUPS = '''
def _in_groups(function, x, counts, **options):
    """`function` of each part of the last axis, which are `counts` long, joined again."""
    return torch.cat([function(part, **options) for part in x.split(counts, dim=-1)], dim=-1)
'''

_BERNOULLI_SAMPLE = '''
def _sample_bernoulli(logits, uniform):
    """Ones with probability sigmoid(logits), else zeros; without noise, whichever is more likely."""
    ones = logits > 0 if uniform is None else uniform < torch.sigmoid(logits)
    return ones.to(logits.dtype)
'''

_COUNTS = (Attribute("counts", tuple[int, ...], None, minimum=1),)


def _check_counts(op: str, types: Types, attributes: Attributes) -> None:
    if attributes["counts"] is None:
        return
    total = sum(integers(attributes, "counts"))
    if not total or not equal(types[0].axes[0], total):
        message = f"`counts` of `{op}` has {total} choices in all, but the logits are {types[0]}"
        raise TypeProblem("RLG301", message, "counts")


def _counts(types: Types, attributes: Attributes) -> tuple[int, ...]:
    """How many choices each group of logits has."""
    return types[0].dims if attributes["counts"] is None else integers(attributes, "counts")


def _sample_counts(random: Random, types: Types) -> Attributes | None:
    if len(types[0].dims) != 1:
        return None
    (width,) = types[0].dims
    if width == 1 or random.random() < 0.4:
        return {"counts": random.choice((None, (width,)))}
    first = random.randint(1, width - 1)
    return {"counts": (first, width - first)}


def _uniform(types: Types, attributes: Attributes) -> tuple[Noise, ...]:
    return (Noise("uniform", types[0].axes, "uniform"),)


def _in_groups(e: Emission, function: str, x: str, *options: str) -> str:
    """A function of every group of `x`."""
    counts = list(_counts(e.types, e.attributes))
    if len(counts) == 1:
        return call(function, x, *options)
    return call("_in_groups", function, x, counts, *options)


def _log_probabilities(e: Emission) -> str:
    return _in_groups(e, "torch.log_softmax", e.operands[0], "dim=-1")


def _emit_categorical_sample(e: Emission) -> str:
    return _in_groups(e, "_one_at_largest", call("_gumbel", e.operands[0], e.noise["uniform"]))


def _emit_bernoulli_log_prob(e: Emission) -> str:
    logits, act = e.operands
    return f'-F.binary_cross_entropy_with_logits({logits}, {act}, reduction="none").sum(dim=-1)'


def _emit_bernoulli_entropy(e: Emission) -> str:
    logits = e.operands[0]
    each = f'F.binary_cross_entropy_with_logits({logits}, torch.sigmoid({logits}), reduction="none")'
    return f"{each}.sum(dim=-1)"


OPS = (
    distribution(
        "categorical_sample",
        "A choice, one-hot, by Gumbel noise on the logits (Maddison et al. 2014), or one for each of several"
        " groups of `counts` logits; without noise the likeliest, the first of equals. No gradient flows"
        " through it.",
        ("logits",),
        _emit_categorical_sample,
        18,
        attributes=_COUNTS,
        check=_check_counts,
        sample=_sample_counts,
        helpers=(_GUMBEL, _ONE_AT_LARGEST, _IN_GROUPS),
        noise=_uniform,
        stable=False,
    ),
    distribution(
        "categorical_log_prob",
        "The log-probability of a choice `act`, one-hot (`torch.distributions.OneHotCategorical`), or of one"
        " for each of several groups of `counts` logits.",
        ("logits", "act"),
        lambda e: f"({_log_probabilities(e)} * {e.operands[1]}).sum(dim=-1)",
        12,
        attributes=_COUNTS,
        check=_check_counts,
        sample=_sample_counts,
        helpers=(_IN_GROUPS,),
    ),
    distribution(
        "categorical_entropy",
        "The entropy of a choice, or of one for each of several groups of `counts` logits.",
        ("logits",),
        lambda e: f"_entropy_of_choices({_log_probabilities(e)})",
        20,
        attributes=_COUNTS,
        check=_check_counts,
        sample=_sample_counts,
        helpers=(_IN_GROUPS, _CATEGORICAL_ENTROPY),
    ),
    distribution(
        "bernoulli_sample",
        "Zeros and ones, each a one with the probability sigmoid(logit); without noise the likelier. No"
        " gradient flows through it.",
        ("logits",),
        lambda e: f"_sample_bernoulli({e.operands[0]}, {e.noise['uniform']})",
        9,
        helpers=(_BERNOULLI_SAMPLE,),
        noise=_uniform,
        stable=False,
    ),
    distribution(
        "bernoulli_log_prob",
        "The log-probability of zeros and ones `act` (`torch.distributions.Bernoulli`, summed).",
        ("logits", "act"),
        _emit_bernoulli_log_prob,
        13,
    ),
    distribution(
        "bernoulli_entropy",
        "The entropy of zeros and ones with those logits.",
        ("logits",),
        _emit_bernoulli_entropy,
        21,
    ),
)
