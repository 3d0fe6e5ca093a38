"""The kinds of statements that random programs are made of."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from rl2graph.ir.types import TensorType, f32
from rl2graph.spaces import MultiBinary
from rl2graph.testing.generation.calls import ACTIVATIONS, MAX_SIZE, Caller
from rl2graph.testing.generation.definitions import Definition, definition, small_module
from rl2graph.testing.generation.maker import Maker

ANNOTATIONS = ("@frozen ", "@lr(0.001) ", "@init(orthogonal, gain=0.5) ")


def op(maker: Maker) -> None:
    """An op applied to what there is."""
    _apply(maker, maker.caller)


def effect(maker: Maker) -> None:
    """An op with noise, statistics or state."""
    _apply(maker, maker.effects)


def annotated(maker: Maker) -> None:
    """An op whose weights are frozen, start otherwise or learn at a rate of their own."""
    found = maker.caller.call(maker.values)
    if found is not None:
        maker.bind(*found, before=maker.random.choice(ANNOTATIONS))


def dead(maker: Maker) -> None:
    """A binding that is no output; later ones may read it."""
    found = maker.caller.call(maker.values)
    if found is not None:
        maker.bind(*found, dead=True)


def arithmetic(maker: Maker) -> None:
    """A value and a number."""
    random = maker.random
    value = random.choice(maker.floats())
    number = random.choice(["2", "0.5", "-1.5", "-0.0", "3"])
    if random.random() < 0.2:
        maker.bind(f"{value.name} / 4", value.type)
        return
    sign = random.choice("+-*")
    first = random.random() < 0.5
    maker.bind(f"{value.name} {sign} {number}" if first else f"{number} {sign} {value.name}", value.type)


def gradient(maker: Maker) -> None:
    """A value whose gradient is stopped or scaled, alone or in a sum with what it was."""
    random = maker.random
    value = random.choice(maker.floats())
    text = random.choice([f"detach({value.name})", f"scale_grad({value.name}, 0.5)"])
    maker.bind(text if random.random() < 0.6 else f"{text} * {value.name}", value.type)


def duplicate(maker: Maker) -> None:
    """The same expression again: another network where it owns weights, the same value where not."""
    if not maker.bound:
        return
    name, text = maker.random.choice(list(maker.bound.items()))
    maker.bind(text, next(value.type for value in maker.values if value.name == name))


def module(maker: Maker) -> None:
    """A module of one operand."""
    found = small_module(maker.bodies, maker.values, maker.fresh("f"), maker.random.choice(maker.values))
    if found is not None:
        maker.lines.append(found[0])
        maker.definitions.append(found[1])


def define(maker: Maker, macro: bool = False) -> None:
    """A module of several operands, or a macro."""
    letter = "m" if macro else "f"
    found = definition(maker.bodies, maker.values, maker.definitions, maker.fresh(letter), macro)
    if found is not None:
        text, made = found
        frozen = "" if macro or maker.random.random() < 0.9 else "@frozen "
        maker.lines.append(frozen + text)
        maker.definitions.append(made)
        for _ in range(maker.random.randint(1, 2)):
            _call(maker, made)


def call(maker: Maker) -> None:
    """A call of what is defined."""
    if not maker.definitions:
        op(maker)
        return
    _call(maker, maker.random.choice(maker.definitions))


def ensemble(maker: Maker) -> None:
    """Several networks of one shape."""
    found = maker.caller.call(maker.values)
    if found is not None and 2 * found[1].size <= MAX_SIZE:
        text, type_ = found
        maker.bind(text, TensorType(type_.dtype, (2, *type_.dims)), before="ensemble[2] ")


def loop(maker: Maker) -> None:
    """Dense layers in a loop that is unrolled."""
    random = maker.random
    found = maker.floats(1, 2)
    if found:
        value = random.choice(found)
        widths = random.choices(range(1, 6), k=random.randint(1, 3))
        body = f"dense(c) |> {random.choice(ACTIVATIONS)}"
        text = f"{value.name} |> for c in {widths} {{ {body} }}"
        maker.bind(text, f32(*value.type.dims[:-1], widths[-1]))


def preset(maker: Maker) -> None:
    """Dense layers by the preset `mlp`."""
    random = maker.random
    found = maker.floats(1, 2)
    if found:
        value = random.choice(found)
        widths = random.choices(range(1, 6), k=random.randint(1, 2))
        text = f"mlp({value.name}, hidden={widths}, activation={random.choice(ACTIVATIONS)})"
        maker.bind(text, f32(*value.type.dims[:-1], widths[-1]))


def parameter(maker: Maker) -> None:
    """A free weight, added to a value of its shape."""
    value = maker.random.choice(maker.floats())
    if value.type.dims:
        shape = list(value.type.dims)
        maker.bind(f'{value.name} + parameter({shape}, init="normal", value=0.5)', value.type)


def attention(maker: Maker) -> None:
    """Attention, with optional operands: another context, and a mask that is an input."""
    random = maker.random
    found = maker.floats(2)
    if not found:
        return
    value = random.choice(found)
    context = random.choice([other for other in found if other.type.dims[1] == value.type.dims[1]])
    operands = [value.name]
    if random.random() >= 0.4:
        operands.append(f"context={context.name}")
    if random.random() >= 0.6:
        rows = (context if len(operands) == 2 else value).type.dims[0]
        operands.append(f"mask={maker.declare(maker.fresh('i'), MultiBinary(rows)).name}")
    maker.bind(f"attention({operands[0]}, 1, {', '.join(operands[1:])})".replace(", )", ")"), value.type)


def loss(maker: Maker) -> None:
    """One number per sample for algorithms: the distance of two values, or a number that there is."""
    random = maker.random
    value = random.choice(maker.floats())
    other = random.choice([each for each in maker.values if each.type == value.type])
    text = value.name if not value.type.dims else f"mse({value.name}, detach({other.name}))"
    maker.lines.append(f"loss {maker.fresh('l')} = {random.choice(['', '0.5 * '])}{text}")


def _call(maker: Maker, chosen: Definition) -> None:
    maker.bind(chosen.call(maker.values, maker.random), chosen.result)


def _apply(maker: Maker, caller: Caller) -> None:
    found = caller.call(maker.values)
    if found is not None:
        maker.bind(*found)


Kind = Callable[[Maker], None]

KINDS: Mapping[str, Kind] = {
    "op": op,
    "arithmetic": arithmetic,
    "duplicate": duplicate,
    "gradient": gradient,
    "module": module,
    "call": call,
    "effect": effect,
    "definition": define,
    "macro": lambda maker: define(maker, macro=True),
    "loop": loop,
    "preset": preset,
    "parameter": parameter,
    "attention": attention,
    "ensemble": ensemble,
    "annotated": annotated,
    "dead": dead,
    "loss": loss,
}
"""Kinds by name, the plainest first, towards which examples shrink. Each makes a statement, or none where
nothing fits.
"""
