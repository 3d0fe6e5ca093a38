"""What an entry point computes, as data: a spec's outputs, applied to other inputs, in other versions."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from dataclasses import dataclass, field
from typing import Any

from rl2graph.ir.graph import ONLINE


@dataclass(frozen=True, slots=True)
class Input:
    """An input of the entry, of the type of the one in whose place it is: `Input("next_obs")` for `obs`."""

    name: str


@dataclass(frozen=True, slots=True)
class Call:
    """An output of the spec as a function: `Call("q", {"act": Call("mu")})` is `q(obs, act=mu(obs))`.

    Attributes:
        output: the output's name.
        bind: for an input by its name (`act`, `obs.camera`, `joint_act.agent_1`), what stands in its place.
            A name there is an output of the spec under the same `bind` and `version`.
        version: which copy of the weights it reads, `online` or `target`.
    """

    output: str
    bind: Mapping[str, Term] = field(default_factory=dict)
    version: str = ONLINE


@dataclass(frozen=True, slots=True)
class Apply:
    """An op without weights, by its name in the op table: `Apply("gaussian_sample", (Call("pi"),))`."""

    op: str
    operands: tuple[Term, ...]
    attributes: Mapping[str, Any] = field(default_factory=dict)


Term = Input | Call | Apply | str | float
"""A number is an operand of arithmetic alone."""


def key_of(term: Term) -> Hashable:
    """What two terms have in common exactly where they are equal."""
    match term:
        case Call(output, bind, version):
            return Call, output, bound_key(bind), version
        case Apply(op, operands, attributes):
            return Apply, op, tuple(map(key_of, operands)), tuple(sorted(map(repr, attributes.items())))
        case int() | float():
            return float, float(term).hex()  # by its bits: 0.0 and -0.0 are equal
    return term


def bound_key(bind: Mapping[str, Term]) -> Hashable:
    """As `key_of`, for what is bound."""
    return tuple((name, key_of(bind[name])) for name in sorted(bind))
