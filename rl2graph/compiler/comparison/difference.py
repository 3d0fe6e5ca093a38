"""What differs between two specs, node by node."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from rl2graph.compiler.comparison.alignment import align
from rl2graph.compiler.comparison.changes import Change, Changed, Changes, owners_of
from rl2graph.compiler.comparison.equivalence import normalised, training_differences
from rl2graph.ir.canonical import Mismatch, match
from rl2graph.ir.canonical.numbering import view
from rl2graph.ir.graph import Graph, Output


@dataclass(frozen=True, slots=True)
class Difference:
    """What differs between A and B after the passes of `-O1`.

    Attributes:
        removed, added: nodes of A, and of B, that have no counterpart.
        changed: nodes that have one that differs in more than its owner's path.
        renamed: owners' paths in A and what they are in B, where those differ.
        outputs_removed, outputs_added: outputs that one alone has.
        outputs_changed: outputs, by their name in B, that are another value.
        training: how owners start or train differently, in sentences.
        other: what `match` finds where nothing above says it: the order in which statistics move.
    """

    a: Graph
    b: Graph
    removed: tuple[int, ...]
    added: tuple[int, ...]
    changed: tuple[Changed, ...]
    renamed: Mapping[str, str]
    outputs_removed: tuple[Output, ...]
    outputs_added: tuple[Output, ...]
    outputs_changed: Mapping[str, Change]
    training: tuple[str, ...]
    other: tuple[str, ...]
    pairs: Mapping[int, int]

    def __bool__(self) -> bool:
        """Whether anything differs."""
        return self.function_differs or bool(self.renamed or self.training)

    @property
    def function_differs(self) -> bool:
        """Whether more than names of owners, and how they start and train, differs."""
        nodes = self.removed or self.added or self.changed
        return bool(nodes or self.outputs_removed or self.outputs_added or self.outputs_changed or self.other)


def difference(a: Graph, b: Graph) -> Difference:
    """What differs between two literal graphs, once both are normalised.

    Raises:
        DiagnosticError: RLG701 for a graph that breaks an invariant.
    """
    a, b = normalised(a), normalised(b)
    result = match(a, b)
    pairs, same = align(a, b, result)
    owners = owners_of(a, b, pairs)
    one, other = view(a), view(b)
    changes = Changes(a, b, pairs, owners)
    moved = {
        other.outputs[key].name: changes.of_value("output", root, other.roots[key])
        for key, root in one.roots.items()
        if key in other.roots and not pairs.has(root, other.roots[key])
    }
    found = Difference(
        a,
        b,
        removed=tuple(index for index in range(len(a.nodes)) if index not in pairs.forward),
        added=tuple(index for index in range(len(b.nodes)) if index not in pairs.back),
        changed=tuple(changes.all(but=same)),
        renamed={path: twin for path, twin in owners.forward.items() if path != twin},
        outputs_removed=tuple(output for key, output in one.outputs.items() if key not in other.outputs),
        outputs_added=tuple(output for key, output in other.outputs.items() if key not in one.outputs),
        outputs_changed=moved,
        training=training_differences(a, b, owners.forward),
        other=(),
        pairs=pairs.forward,
    )
    if isinstance(result, Mismatch) and not found.function_differs:
        return replace(found, other=(result.reason,))
    return found
