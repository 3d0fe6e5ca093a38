"""What is legal and looks like a slip: twin networks, bindings and definitions that nothing reads."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from typing import Any

from rl2graph.compiler.elaboration.scope import Binding
from rl2graph.compiler.elaboration.values import Tensor
from rl2graph.diagnostics import Diagnostic, Label, Span
from rl2graph.ir.graph import Graph, attribute_key, computation
from rl2graph.ir.provenance import Provenance


def lints(graph: Graph, views: Sequence[Sequence[Binding]], live: Sequence[bool]) -> list[Diagnostic]:
    """Every warning about a spec without errors.

    Args:
        views: what the spec binds, in the view of each group of agents.
        live: which nodes of the builder reach an output.
    """
    return [*_twins(graph), *_unused(views, live)]


def _unused(views: Sequence[Sequence[Binding]], live: Sequence[bool]) -> Iterator[Diagnostic]:
    """Bindings and definitions that are of no use in any view."""
    used = {
        binding.span
        for bindings in views
        for binding in bindings
        if (live[binding.value.node] if _is_tensor(binding) else binding.read)  # type: ignore[union-attr]
    }
    seen: set[Span] = set()
    for binding in (binding for bindings in views for binding in bindings):
        if binding.span in used or binding.span in seen:
            continue
        seen.add(binding.span)
        if _is_tensor(binding):
            yield Diagnostic(
                "RLG902",
                f"`{binding.name}` reaches no output, so it is left out and owns no weights",
                binding.span,
                hint=f"use it, write `output {binding.name}`, or remove it",
            )
        elif binding.what in ("definition", "module", "param", "import"):
            what = "parameter" if binding.what == "param" else binding.what
            yield Diagnostic("RLG903", f"nothing uses the {what} `{binding.name}`", binding.span)


def _is_tensor(binding: Binding) -> bool:
    return binding.what == "binding" and isinstance(binding.value, Tensor)


def _twins(graph: Graph) -> Iterator[Diagnostic]:
    """Networks on the same operands that differ in nothing but their owners, each reported at its end."""
    real, shape = _numberings(graph)
    pairs = [(first, other) for first, other in _lookalikes(graph, real, shape)]
    users = graph.users()
    paired = {frozenset(pair) for pair in pairs}
    for first, other in pairs:
        continues = any(frozenset((a, b)) in paired for a in users[first] for b in users[other])
        if continues:
            continue
        one, two = graph.where(first), graph.where(other)
        if one is None or two is None or one.span is None or two.span is None:
            continue
        if one.span == two.span and _binding(one) == _binding(two):
            continue  # members of an ensemble, passes of a loop: apart on purpose
        yield Diagnostic(
            "RLG901",
            f"`{_binding(one)}` and `{_binding(two)}` each have a network of their own, `{_text(two.span)}`",
            two.span,
            label="a second network with weights of its own",
            labels=(Label(one.span, "the first"),),
            hint=f"to share one, bind it once{_example(one.span)} and use the name in both;"
            " two on purpose need nothing",
        )


def _example(span: Span) -> str:
    """How to bind the network of `span`, where the span is the whole expression."""
    before = span.source.text[: span.start].rstrip()
    if before.endswith("|>"):
        return ""
    free = (name for name in ("e", "h", "trunk") if not re.search(rf"\b{name}\b", span.text))
    name = next(free, "network")
    return f" (`encoder {name} = {_text(span)}`)"


def _binding(place: Provenance) -> str:
    """The top-level binding that a value belongs to."""
    parts = place.name.split(".")
    return parts[2] if parts[0] == "agents" and len(parts) > 2 else parts[0]


def _text(span: Span) -> str:
    """An expression on one line, shortened."""
    line = " ".join(span.text.split())
    return line if len(line) <= 48 else line[:45] + "..."


def _numberings(graph: Graph) -> tuple[list[int], list[int]]:
    """For each node its computation's number, and the number that it has where owners are not looked at."""
    real: list[int] = []
    shape: list[int] = []
    known: dict[Any, int] = {}
    for node in graph.nodes:
        key = ("real", computation(node, tuple([real[operand] for operand in node.operands])))
        real.append(known.setdefault(key, len(known)))
        looks = (
            node.op,
            tuple([shape[operand] for operand in node.operands]),
            attribute_key(node.attributes),
            node.evaluation,
        )
        shape.append(known.setdefault(("shape", looks), len(known)))
    return real, shape


def _lookalikes(graph: Graph, real: list[int], shape: list[int]) -> Iterator[tuple[int, int]]:
    """Pairs (first, other) of nodes that look alike and are not one computation."""
    groups: dict[int, dict[int, int]] = defaultdict(dict)
    for index in range(len(graph.nodes)):
        groups[shape[index]].setdefault(real[index], index)
    for group in groups.values():
        first, *others = group.values()
        for other in others:
            yield first, other
