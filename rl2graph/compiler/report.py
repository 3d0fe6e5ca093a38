"""What a compilation did and what its result costs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from rl2graph.compiler.passes.base import Kind
from rl2graph.compiler.pipeline import PassReport
from rl2graph.diagnostics.render import place
from rl2graph.ir.graph import Graph
from rl2graph.ir.provenance import Provenance


@dataclass(frozen=True, slots=True)
class Cost:
    """Evaluations (nodes that compute something), floating-point operations per sample, parameters.

    `flops` and `parameters` are None where shapes are not known.
    """

    evaluations: int
    flops: int | None
    parameters: int | None


def cost(graph: Graph) -> Cost:
    """The cost of running a graph once on one sample."""
    computing = [node for node in graph.nodes if node.op not in ("input", "constant")]
    if not graph.known:
        return Cost(len(computing), None, None)
    flops = sum(node.spec.flops(graph.operand_types(node), node.values, node.type) for node in computing)
    return Cost(len(computing), flops, sum(owner.size for owner in graph.owners))


@dataclass(frozen=True, slots=True)
class Report:
    """One compilation: the literal graph's cost, the result's, and what each pass did."""

    level: int
    before: Cost
    after: Cost
    passes: tuple[PassReport, ...]

    @property
    def merged(self) -> tuple[str, ...]:
        """What was merged, one line each."""
        return self.remarks("merged")

    @property
    def kept_apart(self) -> tuple[str, ...]:
        """Look-alikes that were not merged, with the reason."""
        return self.remarks("kept apart")

    def to_json(self) -> dict[str, Any]:
        """A stable, JSON-ready form."""
        return {
            "level": self.level,
            "evaluations": {"before": self.before.evaluations, "after": self.after.evaluations},
            "flops": {"before": self.before.flops, "after": self.after.flops},
            "parameters": self.after.parameters,
            "merged": list(self.merged),
            "kept_apart": list(self.kept_apart),
            "passes": [
                {
                    "name": step.name,
                    "keeps": step.keeps,
                    "nodes_before": len(step.before.nodes),
                    "nodes_after": len(step.after.nodes),
                    "remarks": [
                        {
                            "kind": remark.kind,
                            "text": text,
                            "nodes": list(remark.nodes),
                            "places": [_place(step.before, node) for node in remark.nodes],
                        }
                        for remark, text in zip(step.remarks, step.worded(), strict=True)
                    ],
                }
                for step in self.passes
            ],
        }

    def remarks(self, *kinds: Kind) -> tuple[str, ...]:
        """The remarks of some kinds, of all where none is named, one line each."""
        return tuple(text for step in self.passes for text in step.worded(*kinds))


def _place(graph: Graph, node: int) -> dict[str, Any] | None:
    where = graph.where(node)
    return place(where.span) if isinstance(where, Provenance) else None
