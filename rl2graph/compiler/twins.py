"""Twin networks: two that differ in nothing but their weights, where one may have been meant."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence

from rl2graph.compiler.elaboration.scope import Binding
from rl2graph.compiler.elaboration.values import MacroFunction
from rl2graph.diagnostics import Diagnostic, Label, Span
from rl2graph.ir.graph import Graph, Node, attribute_key
from rl2graph.ir.numbering import numbered
from rl2graph.ir.provenance import Provenance

SHOWN = 48  # characters of an expression
TWIN_CRITICS = {"q1", "q2"}  # roles for two networks that are apart on purpose
_LOOK_BACK = 200  # characters in which the operand of a pipeline is looked for


def twins(graph: Graph, bindings: Sequence[Binding]) -> Iterator[Diagnostic]:
    """Networks on the same operands that differ in nothing but their owners, each reported at its end, once
    for each two places of the text.
    """
    pairs = list(_lookalikes(graph))
    if not pairs:
        return
    users = graph.users()
    paired = {frozenset(pair) for pair in pairs}
    alike = {node for pair in pairs for node in pair}
    bound = {binding.name for binding in bindings}
    seen: set[tuple[Span, Span]] = set()
    for first, other in pairs:
        if any(frozenset((a, b)) in paired for a in users[first] for b in users[other]):
            continue  # the network goes on
        one, two = graph.where(first), graph.where(other)
        if one is not None and two is not None and {_binding(one), _binding(two)} == TWIN_CRITICS:
            continue
        if _frozen(graph, first) != _frozen(graph, other):
            continue  # one of them is trained to be like the other, or unlike it
        if one is None or two is None or one.span is None or two.span is None:
            continue
        if one.span == two.span:
            found = _of_a_definition(one, two, two.span, bindings)
        else:
            ends = _pipeline(graph, first, one.span, alike), _pipeline(graph, other, two.span, alike)
            found = _twin(one, two, ends[0], ends[1], bound)
        if found is None or found.span is None or (found.span, found.labels[0].span) in seen:
            continue
        seen.add((found.span, found.labels[0].span))
        yield found


def _twin(one: Provenance, two: Provenance, first: Span, second: Span, bound: set[str]) -> Diagnostic:
    """Two networks that are written twice."""
    hint = f"to share one, bind it once{_example(first, bound)} and use the name in both"
    return _finding(one, two, _text(second), second, first, hint)


def _of_a_definition(
    one: Provenance, two: Provenance, text: Span, bindings: Sequence[Binding]
) -> Diagnostic | None:
    """Two expansions of one definition; None for members of an ensemble and passes of a loop, which are apart
    on purpose.
    """
    names = {binding.name: binding.span for binding in bindings if binding.what != "definition"}
    places = names.get(_binding(one)), names.get(_binding(two))
    if _binding(one) == _binding(two) or places[0] is None or places[1] is None:
        return None
    function = next((b.value for b in bindings if _holds(b.value, text)), None)
    hint, shown = "to share one, bind it once and use the name in both", _text(text)
    if isinstance(function, MacroFunction):
        name, formals = function.tree.name.text, ", ".join(f.span.text for f in function.tree.formals)
        hint = f"to share one, bind a call once and use the name in both, or make `{name}` a module:"
        hint += f" `encoder {name}({formals}) = …`"
        shown = f"{name}({', '.join(formal.name.text for formal in function.tree.formals)})"
    return _finding(one, two, shown, places[1], places[0], hint)


def _holds(value: object, span: Span) -> bool:
    """Whether a span lies in a definition's text."""
    if not isinstance(value, MacroFunction):
        return False
    whole = value.tree.span
    return whole.source is span.source and whole.start <= span.start and span.end <= whole.end


def _finding(one: Provenance, two: Provenance, shown: str, at: Span, first: Span, hint: str) -> Diagnostic:
    names = _names(one, two)
    return Diagnostic(
        "RLG901",
        f"`{names[0]}` and `{names[1]}` each have a network of their own, `{shown}`",
        at,
        label="a second network with weights of its own",
        labels=(Label(first, "the first"),),
        hint=f"{hint}; two on purpose need nothing",
    )


def _pipeline(graph: Graph, node: int, span: Span, alike: set[int]) -> Span:
    """The text of a network that ends at `node`: where that is a stage, with the stages before it."""
    before: int | None = node
    while before is not None:
        node, before = before, None
        for operand in graph.nodes[node].operands:
            place = graph.where(operand)
            if operand not in alike or place is None or place.span is None:
                continue
            if place.span == span or _is_stage_before(place.span, span):
                before, span = operand, place.span.to(span)
                break
    return _with_operand(span)


def _is_stage_before(stage: Span, span: Span) -> bool:
    between = stage.source.text[stage.end : span.start]
    return stage.source is span.source and stage.end <= span.start and between.strip() == "|>"


def _with_operand(span: Span) -> Span:
    """A pipeline with the name that it starts from, where one stands before it."""
    before = span.source.text[max(0, span.start - _LOOK_BACK) : span.start]
    operand = re.search(r"[=(,]\s*([A-Za-z_][\w.]*\s*\|>\s*)$", before)
    return span if operand is None else Span(span.source, span.start - len(operand[1]), span.end)


def _example(span: Span, bound: set[str]) -> str:
    """How to bind the network of `span`, where the span is the whole expression and a short one."""
    before = span.source.text[max(0, span.start - _LOOK_BACK) : span.start].rstrip()
    text = " ".join(span.text.split())
    if before.endswith("|>") or len(text) > SHOWN or re.search(r"\bhead\b", text):
        return ""
    free = [name for name in ("e", "h", "trunk") if name not in bound]
    return f" (`encoder {free[0]} = {text}`)" if free else ""


def _frozen(graph: Graph, node: int) -> bool:
    owner = graph.nodes[node].owner
    return owner is not None and graph.owner[owner].frozen


def _binding(place: Provenance) -> str:
    """The top-level binding that a value belongs to."""
    parts = place.name.split(".")
    return parts[2] if parts[0] == "agents" and len(parts) > 2 else parts[0]


def _names(one: Provenance, two: Provenance) -> tuple[str, str]:
    """The bindings that two values belong to, the innermost that tell them apart."""
    names = _binding(one), _binding(two)
    if names[0] != names[1]:
        return names
    apart = zip(one.name.split("."), two.name.split("."), strict=False)
    return next(((a, b) for a, b in apart if a != b), names)


def _text(span: Span) -> str:
    """An expression on one line, shortened."""
    line = " ".join(span.text.split())
    return line if len(line) <= SHOWN else line[: SHOWN - 3] + "..."


def _lookalikes(graph: Graph) -> Iterator[tuple[int, int]]:
    """Pairs (first, other) of nodes that look alike and are not one computation."""
    shape = numbered(graph, _looks)
    whose: dict[int, tuple[object, ...]] = {}
    for number, node in zip(shape, graph.nodes, strict=True):
        own = node.owner, node.version, node.slot
        if whose.setdefault(number, own) != own:
            break
    else:
        return  # what looks alike has the same weights, and so it is one computation
    many = {number for number, count in Counter(shape).items() if count > 1}
    real = numbered(graph)
    groups: dict[int, dict[int, int]] = defaultdict(dict)
    for index, number in enumerate(shape):
        if number in many:
            groups[number].setdefault(real[index], index)
    for group in groups.values():
        first, *others = group.values()
        for other in others:
            yield first, other


def _looks(node: Node, operands: tuple[int, ...]) -> tuple[object, ...]:
    """What a computation is but for whose weights and whose state it reads."""
    return node.op, operands, attribute_key(node.attributes), node.evaluation
