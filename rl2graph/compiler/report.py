"""What a compilation did and what its result costs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from rl2graph.compiler.pipeline import PassReport
from rl2graph.ir.graph import Graph


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
        return self._remarks("merged")

    @property
    def kept_apart(self) -> tuple[str, ...]:
        """Look-alikes that were not merged, with the reason."""
        return self._remarks("kept apart")

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
                    "nodes_before": step.nodes_before,
                    "nodes_after": step.nodes_after,
                }
                for step in self.passes
            ],
        }

    def _remarks(self, kind: str) -> tuple[str, ...]:
        return tuple(r.text for step in self.passes for r in step.remarks if r.kind == kind)
