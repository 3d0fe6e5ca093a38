"""What is legal and looks like a slip: bindings and definitions that nothing reads, and twin networks."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from rl2graph.compiler.elaboration.scope import Binding
from rl2graph.compiler.elaboration.values import Tensor
from rl2graph.compiler.twins import twins
from rl2graph.diagnostics import Diagnostic, Span
from rl2graph.ir.graph import Graph
from rl2graph.ir.provenance import Provenance


def lints(graph: Graph, views: Sequence[Sequence[Binding]], live: Sequence[bool]) -> list[Diagnostic]:
    """Every warning about a spec without errors.

    Args:
        views: what the spec binds, in the view of each group of agents.
        live: which nodes of the builder reach an output.
    """
    bindings = [binding for bindings in views for binding in bindings]
    return [*twins(graph, bindings), *_unused(views, live), *_normalised(graph)]


def _normalised(graph: Graph) -> Iterator[Diagnostic]:
    """Policies of probabilities: algorithms read logits, and would normalise them once more."""
    for output in graph.outputs:
        node = graph.nodes[output.node]
        place = graph.where(output.node)
        if output.role == "pi" and node.op in ("softmax", "sigmoid") and isinstance(place, Provenance):
            message = f"`{output.name}` is a {node.op}, but a policy holds logits"
            hint = f"leave `{node.op}` out: algorithms normalise logits themselves"
            yield Diagnostic("RLG907", message, place.span, hint=hint)


def _unused(views: Sequence[Sequence[Binding]], live: Sequence[bool]) -> Iterator[Diagnostic]:
    """Bindings and definitions that are of no use in any view."""
    idle = [binding for bindings in views for binding in bindings if not _is_used(binding, live)]
    if not idle:
        return
    used = {b.span for bindings in views for b in bindings if _is_used(b, live)}
    seen: set[Span] = set()
    for binding in idle:
        if binding.span in used or binding.span in seen:
            continue
        seen.add(binding.span)
        if _nodes(binding):
            yield Diagnostic(
                "RLG902",
                f"`{binding.name}` reaches no output, so it is left out and owns no weights",
                binding.span,
                hint=f"use it, write `output {binding.name}`, or remove it",
            )
        elif binding.what in ("definition", "module", "param", "import"):
            what = "parameter" if binding.what == "param" else binding.what
            yield Diagnostic("RLG903", f"nothing uses the {what} `{binding.name}`", binding.span)


def _is_used(binding: Binding, live: Sequence[bool]) -> bool:
    """Whether a binding's value reaches an output, or is read where it has no node."""
    if binding.what == "binding" and isinstance(binding.value, Tensor):
        return live[binding.value.node]
    nodes = _nodes(binding)
    return any(live[node] for node in nodes) if nodes else binding.read


def _nodes(binding: Binding) -> list[int]:
    """The nodes that a binding holds: one, those of a list of pieces, or none."""
    items = binding.value if isinstance(binding.value, list) else [binding.value]
    return [item.node for item in items if binding.what == "binding" and isinstance(item, Tensor)]
