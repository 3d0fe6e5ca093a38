"""Random modules and macros, and calls of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from random import Random

from rl2graph.ir.types import TensorType
from rl2graph.testing.generation.calls import ACTIVATIONS, Caller, Known

FORMALS = ("x", "y", "z")
WORDS = ("encoder", "module", "head")


@dataclass(frozen=True, slots=True)
class Definition:
    """What a program defined: how a call is written and what it gives.

    Attributes:
        macro: whether each call owns weights of its own.
        formals: its tensors by name, with the types that every call gives them.
        activation: its parameter that stands for an activation, None where it has none.
    """

    name: str
    macro: bool
    formals: tuple[tuple[str, TensorType], ...]
    result: TensorType
    activation: str | None = None

    def call(self, values: Sequence[Known], random: Random) -> str:
        """A call on values of its types, by position or by name."""
        chosen = [
            random.choice([value.name for value in values if value.type == type_])
            for _, type_ in self.formals
        ]
        keywords = [f"{name}={text}" for (name, _), text in zip(self.formals, chosen, strict=True)]
        named = 0 if random.random() < 0.7 else random.randint(0, len(chosen))
        arguments = [*chosen[: len(chosen) - named], *keywords[len(chosen) - named :]]
        if self.activation is not None and self.macro and random.random() >= 0.5:
            arguments.append(f"{self.activation}={random.choice(ACTIVATIONS)}")
        if named == 0 and random.random() >= 0.8:
            return f"{chosen[0]} |> {self.name}({', '.join(arguments[1:])})"
        return f"{self.name}({', '.join(arguments)})"


def small_module(
    caller: Caller, values: Sequence[Known], name: str, source: Known
) -> tuple[str, Definition] | None:
    """A module of one operand: one op on it (or on `obs` too), and an activation."""
    outer = [value for value in values if value.name == "obs"]
    formal = Known("x", source.type)
    found = caller.call([formal, *outer], formal)
    if found is None or found[1].dtype != "f32":
        return None
    random = caller.random
    body = f"{found[0]} |> {random.choice(['tanh', 'relu', 'sigmoid'])}"
    if random.random() < 0.5:
        text = f"encoder {name}(x) = {body}"
    else:
        text = f"module {name}(x) {{ h = {body}; return h + h }}"
    return text, Definition(name, False, (("x", source.type),), found[1])


def definition(
    caller: Caller, values: Sequence[Known], earlier: Sequence[Definition], name: str, macro: bool
) -> tuple[str, Definition] | None:
    """A module or macro of up to three operands, whose body may read outer values and call what is defined
    earlier.
    """
    random = caller.random
    count = random.randint(1, len(FORMALS))
    formals = tuple((formal, random.choice(values).type) for formal in FORMALS[:count])
    inner = [Known(formal, type_) for formal, type_ in formals]
    if random.random() >= 0.6:
        inner.append(random.choice(values))
    lines: list[str] = []
    if macro and random.random() >= 0.8:
        lines += _inner_module(caller, inner)
    for number in range(random.choice([0, 0, 1, 2])):
        found = _expression(caller, inner, earlier)
        if found is not None:
            lines.append(f"h{number} = {found[0]}")
            inner.append(Known(f"h{number}", found[1]))
    found = _expression(caller, inner[::-1], earlier)
    if found is None:
        return None
    text, result = found
    activation = "g" if result.dtype == "f32" and random.random() >= 0.7 else None
    if activation is not None:
        text = f"{text} |> {activation}"
    shown = ", ".join([*(formal for formal, _ in formals), *([f"{activation}=tanh"] if activation else [])])
    word = "def" if macro else random.choice(WORDS)
    body = f"{{ {'; '.join([*lines, f'return {text}'])} }}" if lines or random.random() > 0.8 else f"= {text}"
    return f"{word} {name}({shown}) {body}", Definition(name, macro, formals, result, activation)


def _expression(
    caller: Caller, values: Sequence[Known], earlier: Sequence[Definition]
) -> tuple[str, TensorType] | None:
    types = {value.type for value in values}
    fitting = [known for known in earlier if all(type_ in types for _, type_ in known.formals)]
    if fitting and caller.random.random() >= 0.8:
        chosen = caller.random.choice(fitting)
        return chosen.call(values, caller.random), chosen.result
    return caller.call(values)


def _inner_module(caller: Caller, values: list[Known]) -> list[str]:
    """A module inside a macro, fresh at each expansion, that is called twice."""
    source = values[0]
    found = caller.call([Known("a", source.type)])
    if found is None:
        return []
    text, result = found
    values += [Known("k0", result), Known("k1", result)]
    return [f"encoder k(a) = {text}", f"k0 = k({source.name})", f"k1 = k({source.name})"]
