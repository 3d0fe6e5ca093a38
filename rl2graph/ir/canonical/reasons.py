"""Mismatches in words: what of the two graphs differs, and where."""

from __future__ import annotations

from rl2graph.ir.canonical.mismatch import Kind, Mismatch, Place
from rl2graph.ir.canonical.numbering import At, View, Views
from rl2graph.ir.canonical.writing import told_apart
from rl2graph.ir.graph import LOSS, Node, Output
from rl2graph.ir.op import Effect
from rl2graph.ir.signatures import shown_value


def outputs(views: Views) -> Mismatch | None:
    """Outputs that only one has."""
    a, b = views
    alone = _beyond(a, b), _beyond(b, a)
    if not alone[0] and not alone[1]:
        return None
    sides = zip("AB", alone, strict=True)
    reasons = [f"only {side} has {', '.join(map(_output, found))}" for side, found in sides if found]
    in_a, in_b = (tuple([Place(output.node, _output(output)) for output in found[:1]]) for found in alone)
    return Mismatch("output", ", ".join(reasons), in_a, in_b)


def _beyond(seen: View, other: View) -> list[Output]:
    """The outputs that another graph has not."""
    return [output for key, output in seen.outputs.items() if key not in other.outputs]


def ops(views: Views, at: At, users: At | None) -> Mismatch:
    """Two ops; an input, which need not be written here, is shown by what reads it."""
    one, other = _shown(_node(views, at, 0)), _shown(_node(views, at, 1))
    if users is not None and "input" in (_node(views, at, 0).op, _node(views, at, 1).op):
        reader = _shown(_node(views, users, 0))
        reason = f"{reader} reads {one} in A and {other} in B"
        return mismatch("op", reason, users, f"reads {one}", f"reads {other}")
    found = mismatch("op", f"A has {one} where B has {other}", at, one, other)
    if users is None or len(_node(views, users, 0).operands) == 1:
        return found
    a, b = (_as_operand(seen, node, user) for seen, node, user in zip(views, at, users, strict=True))
    return Mismatch("op", found.reason, (*found.a, a), (*found.b, b))


def _as_operand(seen: View, node: int, user: int) -> Place:
    """What reads a node among others."""
    number = seen.operands[user].index(node) + 1
    return Place(user, f"operand {number} of `{seen.node(user).op}`")


def left_out(views: Views, at: At, users: At | None, in_a: bool) -> Mismatch:
    """An op that one graph has, and the other goes on without, which is shown by what reads on."""
    shown = _shown(_node(views, at, 0 if in_a else 1))
    read = at if users is None else users
    if in_a:
        reason = f"A has {shown} where B goes on without it"
        return mismatch("op", reason, (at[0], read[1]), shown, f"no {shown}")
    reason = f"B has {shown} where A goes on without it"
    return mismatch("op", reason, (read[0], at[1]), f"no {shown}", shown)


def operands(views: Views, at: At) -> Mismatch:
    one, other = _node(views, at, 0), _node(views, at, 1)
    counts = len(one.operands), len(other.operands)
    reason = f"`{one.op}` reads {_values(counts[0])} in A and {_values(counts[1])} in B"
    return mismatch("operands", reason, at, _values(counts[0]), _values(counts[1]))


def attribute(views: Views, at: At, name: str, values: tuple[object, object]) -> Mismatch:
    """An attribute with two values."""
    one = _node(views, at, 0)
    shown = told_apart(*values)
    if one.op == "constant":
        return mismatch("attribute", f"the number {shown[0]} in A is {shown[1]} in B", at, *shown)
    reason = f"`{name}` of `{one.op}` is {shown[0]} in A and {shown[1]} in B"
    return mismatch("attribute", reason, at, f"{name} {shown[0]}", f"{name} {shown[1]}")


def inputs(views: Views, at: At, users: At | None) -> Mismatch:
    """Two inputs, or two types of one; shown by what reads them."""
    one, other = _node(views, at, 0), _node(views, at, 1)
    names = _input(one), _input(other)
    at = at if users is None else users
    if names[0] != names[1]:
        reason = f"A reads the input `{names[0]}` where B reads `{names[1]}`"
        return mismatch("input", reason, at, f"reads `{names[0]}`", f"reads `{names[1]}`")
    types = str(one.type), str(other.type)
    if types[0] == types[1]:  # which says the same symbol for two dims of one graph and for one of the other
        reason = f"the dims of `{names[0]}` are tied to each other, or to those of other inputs, in one alone"
    else:
        reason = f"`{names[0]}` is {types[0]} in A and {types[1]} in B"
    return mismatch("input", reason, at, *types)


def types(views: Views, at: At) -> Mismatch:
    one, other = _node(views, at, 0), _node(views, at, 1)
    reason = f"`{one.op}` gives {one.type} in A and {other.type} in B"
    return mismatch("type", reason, at, str(one.type), str(other.type))


def versions(views: Views, at: At) -> Mismatch:
    one, other = _node(views, at, 0), _node(views, at, 1)
    reason = f"`{one.op}` reads {_weights(one)} in A and {_weights(other)} in B"
    return mismatch("version", reason, at, _weights(one), _weights(other))


def states(views: Views, at: At) -> Mismatch:
    one, other = _node(views, at, 0), _node(views, at, 1)
    reason = f"the state of `{one.op}` is called `{one.slot}` in A and `{other.slot}` in B"
    return mismatch("state", reason, at, f"state `{one.slot}`", f"state `{other.slot}`")


def effects(views: Views, at: At) -> Mismatch:
    """An effect that is switched off on one side."""
    one = _node(views, at, 0)
    does, does_not = ("A", "B") if one.evaluation is not None else ("B", "A")
    happens, quiet = _EFFECTS[one.spec.effect]
    reason = f"`{one.op}` {happens} in {does}, and {quiet} in {does_not}"
    labels = (happens, quiet) if does == "A" else (quiet, happens)
    return mismatch("effect", reason, at, *labels)


def mismatch(kind: Kind, reason: str, at: At, in_a: str, in_b: str) -> Mismatch:
    """A mismatch about one place of each graph."""
    return Mismatch(kind, reason, (Place(at[0], in_a),), (Place(at[1], in_b),))


_EFFECTS = {
    Effect.PURE: ("has an effect", "has none"),
    Effect.RANDOM: ("draws noise", "draws none"),
    Effect.TRAINING: ("moves its statistics", "leaves them as they are"),
    Effect.COLLECTING: ("moves its statistics", "leaves them as they are"),
}
"""What an evaluation does where its effect happens, and where it does not."""


def _node(views: Views, at: At, side: int) -> Node:
    return views[side].node(at[side])


def _output(output: Output) -> str:
    if output.role == LOSS:
        return f"the loss `{output.name}`"
    own = output.role in (None, "aux", output.name.rpartition(".")[2])
    return f"the output `{output.name}`" + ("" if own else f" of the role `{output.role}`")


def _shown(node: Node) -> str:
    match node.op:
        case "input":
            return f"the input `{_input(node)}`"
        case "constant":
            return f"the number {shown_value(node.values['value'])}"
        case "unresolved":
            return f"`{node.values['part']}` (open without the spaces)"
    return f"`{node.op}`"


def _input(node: Node) -> str:
    return ".".join((node.input_name, *node.input_path))


def _values(count: int) -> str:
    return f"{count} value" if count == 1 else f"{count} values"


def _weights(node: Node) -> str:
    return f"the {node.version} weights of `{node.owner}`" if node.owner is not None else "no weights"
