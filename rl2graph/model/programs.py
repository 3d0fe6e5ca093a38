"""Emitted code, and what it takes and gives beside values."""

from __future__ import annotations

from collections.abc import Callable, Collection, Hashable, Mapping
from dataclasses import dataclass, field
from typing import Any, get_args

import torch
from torch import Tensor

from rl2graph.backend.codegen import emit_entry
from rl2graph.backend.forward import first_input
from rl2graph.backend.loading import load_class
from rl2graph.backend.naming import class_name
from rl2graph.compiler.entries.compose import compose
from rl2graph.compiler.entries.terms import Frozen, Term
from rl2graph.compiler.pipeline import optimise
from rl2graph.ir.graph import ONLINE, Graph, Output, owners_in
from rl2graph.ir.op import Noise, State
from rl2graph.ir.slots import EFFECTS, Mode, moves_statistics, noise_schema, state_schema, with_effects
from rl2graph.model.noise import draw_noise


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
        return tuple(self.outputs.items()), Frozen(self.bind), self.train, self.mode, self.version


@dataclass(frozen=True, slots=True)
class Program:
    """An entry's graph, the class that its code defines, its schemas, and the keys of what is trained."""

    graph: Graph
    entry_class: type[Any]
    state: Mapping[str, State]
    noise: Mapping[str, Noise]
    trained: tuple[str, ...]

    @property
    def forward(self) -> Callable[..., dict[str, Any]]:
        return self.entry_class.forward  # type: ignore[no-any-return]

    def batch_of(self, given: Mapping[str, Any]) -> torch.Size:
        """The batch's shape, of inputs by name."""
        leading = first_input(self.graph)
        if leading is None:
            return torch.Size()
        value = given[leading.input_name]
        for part in leading.input_path:
            value = value[part]
        return value.shape[: value.dim() - len(leading.type.dims)]  # type: ignore[no-any-return]

    def drawn(self, given: Mapping[str, Any], seed: int, counter: int, like: Tensor) -> dict[str, Tensor]:
        """Noise for a call with these inputs, in the dtype and on the device of `like`."""
        batch = self.batch_of(given)
        return draw_noise(self.noise, batch, seed=seed, counter=counter, dtype=like.dtype, device=like.device)

    def carried(self, state: Mapping[str, Tensor] | None, schema: Mapping[str, State]) -> dict[str, Tensor]:
        """The part of the model's state that this program does not read, which stays as it is.

        Raises:
            TypeError: names that are neither those of the program nor of the model, whose are `schema`.
        """
        if state is None or state.keys() == self.state.keys():
            return {}
        check_names("state", state, schema)
        return {name: value for name, value in state.items() if name not in self.state}


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
    trained = tuple(
        f"{owner.path}.{weight.name}"
        for owner in owners_in(graph, ONLINE)
        if train is None or owner.path in train
        for weight in owner.weights
        if not weight.buffer
    )
    return Program(graph, entry_class, state_schema(graph), noise_schema(graph), trained)


def _of_statistics(literal: Graph, mode: Mode) -> tuple[Graph, dict[str, Term]]:
    """The graph with an output for each evaluation that moves statistics in that mode, and their names."""
    moved = with_effects(literal, EFFECTS[mode])
    nodes = [index for index, node in enumerate(moved.nodes) if moves_statistics(node)]
    outputs = tuple(Output(f"evaluation_{index}", None, index) for index in nodes)
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
