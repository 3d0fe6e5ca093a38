"""Short texts for ops, counts and names."""

from __future__ import annotations

from rl2graph.ir.graph import LOSS, ONLINE, Graph, Node, Output
from rl2graph.ir.op import Effect, Value
from rl2graph.ir.signatures import shown_value

SIGNS = {"add": "+", "sub": "-", "mul": "*", "div": "/"}
"""Ops that are written as a sign; a number that one of them reads is shown in its place."""


def short_op(node: Node) -> str:
    """The op with the attributes that matter: `dense 128`, `conv2d 32 8x8 /4`."""
    values = node.values
    if "kernel" in values:
        return _window(node)
    if node.op == "unresolved":
        return f"{values['part']} ?"
    if node.op == "constant":
        return shown(values["value"])
    if node.op == "input":
        return "input"
    words = [node.op]
    for attribute in node.spec.attributes:
        value = values[attribute.name]
        if value != attribute.default:
            required = not isinstance(attribute.default, bool | int | float | str | tuple | None)
            words.append(shown(value) if required else f"{attribute.name}={shown(value)}")
    return " ".join(words)


def call(node: Node) -> str:
    """The op as a call without its operands: `conv2d(out=16, kernel=3, padding=1)`."""
    if node.op == "input":
        return "input"
    if node.op == "unresolved":
        return short_op(node)
    parts = [
        f"{attribute.name}={shown(node.values[attribute.name])}"
        for attribute in node.spec.attributes
        if node.values[attribute.name] != attribute.default
    ]
    return f"{node.op}({', '.join(parts)})" if parts else node.op


def shown(value: Value) -> str:
    """An attribute's value as a spec would have it, a number with six digits at most."""
    return f"{value:.6g}" if isinstance(value, float) else shown_value(value)


def params(graph: Graph, node: Node) -> str:
    """`640 params`; nothing for an op without weights."""
    if node.owner is None:
        return ""
    known = all(type_.known for type_ in graph.operand_types(node))
    owner = graph.owner.get(node.owner)
    if owner is not None and owner.weights and all(weight.buffer for weight in owner.weights):
        return ""
    count = counted(owner.size, "param") if known and owner is not None else "? params"
    return count if node.version == ONLINE else f"{count} ({node.version})"


def carried(node: Node) -> str:
    """`state`, `noise` or `statistics`: what an evaluation is given, or moves, beside its value."""
    if node.spec.has_state:
        return "state"
    return {Effect.PURE: "", Effect.RANDOM: "noise"}.get(node.spec.effect, "statistics")


def output_label(output: Output) -> str:
    """`output pi`, or `output left (role pi)` where the name is not the role; `loss aux` for a loss."""
    if output.role == LOSS:
        return f"loss {output.name}"
    last = output.name.rpartition(".")[2]  # of `speaker.pi`, in a group of agents
    if output.role in (None, last):
        return f"output {output.name}"
    return f"output {output.name} (role {output.role})"


def counted(number: int, noun: str) -> str:
    """`1 param`, `1,280 params`."""
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"


def flops(number: int) -> str:
    """A count of floating-point operations with three digits: `18.1 kFLOP`."""
    size, unit = float(number), ""
    for unit in ("", "k", "M", "G", "T"):
        if size < 999.5 or unit == "T":
            break
        size /= 1000
    shown = f"{size:#.3g}".rstrip(".")
    return f"{shown} {unit}FLOP" if unit else f"{number} FLOP"


def printable(text: str) -> str:
    """`text` on one line, without anything that a terminal or a parser would act on."""
    return "".join(character if character.isprintable() else " " for character in text)


def shorten(text: str, length: int) -> str:
    """`text` in at most `length` characters, its middle left out."""
    if len(text) <= length:
        return text
    head = (length - 1) // 2
    return f"{text[:head]}…{text[len(text) - (length - 1 - head) :]}"


def _window(node: Node) -> str:
    values = node.values
    kernel, stride, padding = values["kernel"], values["stride"], values["padding"]
    words = [node.op]
    if "out" in values:
        words.append(shown(values["out"]))
    words.append(f"{kernel}x{kernel}" if node.op.endswith("2d") else shown(kernel))
    if stride is not None and not ("out" not in values and stride == kernel):
        words.append(f"/{stride}")
    if padding:
        words.append(f"p{padding}")
    return " ".join(words)
