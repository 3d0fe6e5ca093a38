"""The canonical form of a graph, and its digests."""

from __future__ import annotations

from collections.abc import Iterator
from hashlib import sha256
from typing import TypeVar

from rl2graph.ir.canonical.numbering import View, movements, view
from rl2graph.ir.canonical.writing import Writer, number
from rl2graph.ir.graph import ONLINE, Graph, Node, Owner

VERSION = 1
"""Of the form: in its first line and before its digests, so that those of two are never taken for
each other.
"""

Key = TypeVar("Key", str, int)


def canonical_form(graph: Graph) -> str:
    """A text that is equal for two graphs exactly where `match` says that they are one function.

    A line for each computation that an output depends on, operands before users, in the order of outputs by
    role and of operands: op, operands, attributes by type and bits, type, the number of its owner (`@0`, by
    first use) and a version other than online, the number of its call site (`!0`), its state by name or its
    noise by number (`~0`). Then the outputs, and the evaluations that move one owner's statistics, in their
    order. Names other than those of roles, inputs and state are left out, and so is what no output needs.
    """
    seen = view(graph)
    return "\n".join([f"rl2graph canonical form {VERSION}", *_function_lines(seen, seen.order())]) + "\n"


def training_form(graph: Graph) -> str:
    """The canonical form, and how each owner starts and is trained: its path, rates, initial values.

    The names of slots are in it, too, for streams of noise go by them.
    """
    seen = view(graph)
    order = seen.order()
    paths = dict.fromkeys(seen.node(index).owner for index in order)
    owners = [graph.owner[path] for path in paths if path is not None]
    lines = [line for place, owner in enumerate(owners) for line in _owner_lines(place, owner)]
    slots = dict.fromkeys(seen.node(index).slot for index in order)
    lines += [f"~ {Writer().value(slot)}" for slot in slots if slot is not None]
    return "\n".join([f"rl2graph canonical form {VERSION}", *_function_lines(seen, order), *lines]) + "\n"


def function_digest(graph: Graph) -> str:
    """The form's version, and the SHA-256 of the canonical form, in hexadecimal: of values and gradients."""
    return f"{VERSION}:{sha256(canonical_form(graph).encode()).hexdigest()}"


def training_digest(graph: Graph) -> str:
    """As `function_digest`, of the training form: of the function, and how its owners start and train."""
    return f"{VERSION}:{sha256(training_form(graph).encode()).hexdigest()}"


class _Counter:
    """Numbers in the order of first use."""

    def __init__(self) -> None:
        self._numbers: dict[str | int, int] = {}

    def __call__(self, key: str | int) -> int:
        return self._numbers.setdefault(key, len(self._numbers))


def _function_lines(seen: View, order: list[int]) -> Iterator[str]:
    place = {index: position for position, index in enumerate(order)}
    writer, owners, evaluations, noise = Writer(), _Counter(), _Counter(), _Counter()
    for index in order:
        node = seen.node(index)
        operands = ", ".join([f"%{place[operand]}" for operand in seen.operands[index]])
        words = [f"%{place[index]} = {node.op}({operands})"]
        words += [f"{name}={writer.value(value)}" for name, value in node.attributes]
        words.append(f": {writer.type(node.type)}")
        if node.owner is not None:
            words.append(f"@{owners(node.owner)}{_version(node.version)}")
        words += _effects(node, evaluations, noise)
        yield " ".join(words)
    for (role, name), root in seen.roots.items():
        yield f"output {writer.value(role)} {writer.value(name)} = %{place[root]}"
    for (owner, version), moved in movements(seen, order).items():
        if len(moved) > 1:
            order_of = " ".join([f"%{place[index]}" for index in moved])
            yield f"statistics @{owners(owner)}{_version(version)}: {order_of}"


def _version(version: str) -> str:
    return "" if version == ONLINE else f" {Writer().value(version)}"


def _effects(node: Node, evaluations: _Counter, noise: _Counter) -> Iterator[str]:
    if node.evaluation is not None:
        yield f"!{evaluations(node.evaluation)}"
    if node.slot is not None:
        yield f"state {Writer().value(node.slot)}" if node.spec.has_state else f"~{noise(node.slot)}"


def _owner_lines(place: int, owner: Owner) -> Iterator[str]:
    text = Writer().value
    load = None if owner.load is None else (owner.load.file, owner.load.key)
    trained = f"frozen={text(owner.frozen)} learning_rate={text(owner.learning_rate)} load={text(load)}"
    yield f"@{place} = {text(owner.path)} {trained}"
    for weight in owner.weights:
        init = f"{weight.init.rule} {number(float(weight.init.value))}"
        yield f"@{place}.{weight.name} {text(weight.shape)} {init}"
