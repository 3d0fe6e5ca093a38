"""Warnings about statements that are legal and do nothing."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from rl2graph.compiler.elaboration.diagnose import Context
from rl2graph.compiler.elaboration.values import POISON
from rl2graph.diagnostics import Diagnostic
from rl2graph.lang import ast

if TYPE_CHECKING:
    from rl2graph.compiler.elaboration.elaborate import Elaborator


def warn_of_unread(elaborator: Elaborator, block: ast.Block, context: Context) -> None:
    """RLG902 for the bindings of a block that nothing in it reads, where nothing of the block has failed."""
    bindings = [b for b in context.scope.bindings.values() if b.span.source is block.source]
    if block.broken or any(binding.value is POISON for binding in bindings):
        return
    for binding in bindings:
        inside = block.start <= binding.span.start < block.end
        if inside and binding.what == "binding" and not binding.read:
            found = Diagnostic(
                "RLG902",
                f"`{binding.name}` is read by nothing in its block, so it is left out and owns no weights",
                binding.span,
                hint="use it, or remove it",
            )
            elaborator.reporter.report(found, context)


def warn_of_no_weights(
    elaborator: Elaborator, annotations: Sequence[ast.Annotation], path: str, context: Context, since: int
) -> None:
    """RLG905 where nothing at or below `path` owns weights; `since` counts the claims before its value."""
    if not annotations:
        return
    claimed = elaborator.builder.claims.paths[since:]
    if any(claim == path or claim.startswith(f"{path}.") for claim in claimed):
        return
    if elaborator.builder.is_unresolved():
        return  # what the spaces decide may own some
    found = Diagnostic(
        "RLG905",
        f"`@{annotations[0].name.text}` changes nothing: `{path}` owns no weights",
        annotations[0].span,
        hint="it belongs to the binding or module whose layers it is about",
    )
    elaborator.reporter.report(found, context)
