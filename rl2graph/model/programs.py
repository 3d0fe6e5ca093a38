"""Emitted code, and what it takes and gives beside values."""

from __future__ import annotations

from collections.abc import Callable, Collection, Hashable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, get_args

import torch
from torch import Tensor

from rl2graph.backend.codegen import emit_entry
from rl2graph.backend.forward import first_input
from rl2graph.backend.loading import load_class
from rl2graph.backend.naming import class_name, path_of
from rl2graph.compiler.entries.compose import compose
from rl2graph.compiler.entries.terms import Term, bound_key, key_of
from rl2graph.compiler.pipeline import optimise
from rl2graph.ir.graph import ONLINE, Graph, Output
from rl2graph.ir.op import Effect, Noise
from rl2graph.ir.slots import is_recurrent, moves_statistics, noise_schema, with_effects

Mode = Literal["evaluate", "collect", "train"]

EFFECTS: Mapping[str, tuple[Effect, ...]] = {
    "evaluate": (),
    "collect": (Effect.RANDOM, Effect.COLLECTING),
    "train": (Effect.RANDOM, Effect.TRAINING),
}
"""What happens in each mode beside the values: nothing in evaluation, so that all may merge; noise where it
is given, and the statistics of collected steps; noise, and the statistics that training moves.
"""


@dataclass(frozen=True, slots=True)
class Request:
    """What `CompiledModel.entry` is asked for; `outputs` has terms by the names that they get."""

    outputs: Mapping[str, Term]
    bind: Mapping[str, Term] = field(default_factory=dict)
    train: frozenset[str] | None = None
    mode: Mode = "evaluate"
    version: str = ONLINE

    @property
    def key(self) -> Hashable:
        """What two requests have in common exactly where they are equal; the order of outputs counts."""
        outputs = tuple((name, key_of(term)) for name, term in self.outputs.items())
        return outputs, bound_key(self.bind), self.train, self.mode, self.version


@dataclass(frozen=True, slots=True)
class Program:
    """An entry's graph, the class that its code defines, and its schemas."""

    graph: Graph
    entry_class: type[Any]
    recurrent: bool
    noise: Mapping[str, Noise]

    @property
    def forward(self) -> Callable[..., dict[str, Any]]:
        return self.entry_class.forward  # type: ignore[no-any-return]

    def batch_of(self, given: Mapping[str, Any]) -> torch.Size:
        """The batch's shape, of inputs by name."""
        leading = first_input(self.graph)
        if leading is None:
            return torch.Size()
        value = given[str(leading.values["name"])]
        for part in path_of(leading):
            value = value[part]
        return value.shape[: value.dim() - len(leading.type.dims)]  # type: ignore[no-any-return]


def build_program(literal: Graph, request: Request, level: int) -> Program:
    """The program of some outputs of a spec's literal graph.

    Without outputs, that of the statistics that the mode moves: the part of the graph that they need.

    Raises:
        ValueError: a mode that does not exist, and as `compose`.
        KeyError: an owner that does not exist, and as `compose`.
    """
    mode, outputs = request.mode, request.outputs
    if mode not in EFFECTS:
        raise ValueError(f"the mode of an entry is one of {', '.join(get_args(Mode))}, not {mode!r}")
    train = None if request.train is None else owners_below(literal, request.train)
    statistics_alone = not outputs
    if statistics_alone:
        literal, outputs = _of_statistics(literal, mode)
    graph = with_effects(compose(literal, outputs, request.bind, request.version), EFFECTS[mode])
    graph, _ = optimise(graph, level, "composing")
    if statistics_alone:
        graph = Graph(graph.nodes, (), graph.owners, graph.provenance)
    name = class_name("_".join(["entry", *outputs]))
    entry_class = load_class(emit_entry(graph, name, train), name)
    return Program(graph, entry_class, is_recurrent(graph), noise_schema(graph))


def _of_statistics(literal: Graph, mode: Mode) -> tuple[Graph, dict[str, Term]]:
    """The graph with an output for each evaluation that moves statistics in that mode, and their names."""
    moved = with_effects(literal, EFFECTS[mode])
    nodes = [index for index, node in enumerate(moved.nodes) if moves_statistics(node)]
    outputs = tuple(Output(f"evaluation {index}", None, index) for index in nodes)
    graph = Graph(literal.nodes, outputs, literal.owners, literal.provenance)
    return graph, {output.name: output.name for output in outputs}


def check_names(what: str, given: Mapping[str, Tensor] | None, schema: Mapping[str, Any]) -> None:
    """Raises TypeError where the names of what is given are not those of the schema."""
    if given is not None and given.keys() != schema.keys():
        wanted = ", ".join(schema) or "none"
        shown = ", ".join(given) or "none"
        raise TypeError(f"the names of this model's {what} are: {wanted}; given: {shown}")


def owners_below(graph: Graph, paths: Collection[str]) -> frozenset[str]:
    """Owners at the given paths or below them."""
    chosen = set()
    for path in paths:
        below = {o.path for o in graph.owners if o.path == path or o.path.startswith(f"{path}.")}
        if not below:
            raise KeyError(f"no owner {path!r}, the owners are {', '.join(graph.owner)}")
        chosen |= below
    return frozenset(chosen)
