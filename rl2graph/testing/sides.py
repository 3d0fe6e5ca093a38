"""A spec or a model as one side of a comparison: a copy in float64 whose weights are the comparison's."""

from __future__ import annotations

import copy
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from rl2graph.compiler.elaboration.values import Constant
from rl2graph.compiler.pipeline import optimise
from rl2graph.compiler.spec import Spec
from rl2graph.ir.graph import Graph
from rl2graph.ir.op import Weight
from rl2graph.ir.slots import Mode
from rl2graph.model.compile import compile as compile_spec
from rl2graph.model.compiled import CompiledModel
from rl2graph.model.entry import Entry
from rl2graph.testing.counting import weighted_ops

Comparable = Spec | str | Path | CompiledModel
"""What can be compared: a spec, its path, its text, or a model that was compiled from it."""


@dataclass(frozen=True, slots=True)
class Conditions:
    """What both sides are run on: inputs by name, state and resets for a recurrent one."""

    inputs: Mapping[str, Any]
    state: Mapping[str, Tensor]
    resets: Tensor | None


class Side:
    """One side of a comparison, whose entries are those of level 1."""

    def __init__(self, model: CompiledModel) -> None:
        self.model = model.double()
        self.model.requires_grad_(True)  # gradients of frozen weights are compared too
        self.graph: Graph = optimise(model._literal, 1)[0]
        self.outputs = [output.name for output in model.outputs]

    @property
    def weights(self) -> dict[str, Weight]:
        """Every tensor of the model by its key."""
        return {
            f"{owner.path}.{weight.name}": weight
            for owner in self.model.graph.owners
            for weight in owner.weights
        }

    def entry(self, mode: Mode) -> Entry:
        """The function of all outputs, losses among them."""
        return self.model.entry(self.outputs, mode=mode)

    def evaluations(self, mode: Mode) -> Counter[str]:
        """How often each op is evaluated in one run at level 1."""
        nodes = self.entry(mode).graph.nodes
        return Counter(node.op for node in nodes if node.op not in ("input", "constant"))

    def run(self, mode: Mode, given: Conditions, noise: Mapping[str, Tensor]) -> dict[str, Any]:
        """Values of the outputs, `state` and `statistics`, as the entry gives them."""
        entry = self.entry(mode)
        arguments = {name: value for name, value in given.inputs.items() if name in entry.graph.inputs}
        if entry.state_schema:
            state = {name: given.state[name] for name in entry.state_schema}
            arguments |= {"state": state, "resets": given.resets}
        if entry.noise_schema:
            arguments["noise"] = {name: noise[name] for name in entry.noise_schema}
        return entry(**arguments)  # type: ignore[no-any-return]

    def weighted(self, mode: Mode, given: Conditions, noise: Mapping[str, Tensor]) -> Counter[str]:
        """The torch ops on weights that a run dispatches."""
        weights = [*self.model.parameters(), *self.model.buffers()]
        return weighted_ops(weights, lambda: self.run(mode, given, noise))[1]

    def load(self, weights: Mapping[str, Tensor]) -> None:
        """Take over the values of some tensors."""
        with torch.no_grad():
            own = dict(self.model.state_dict(keep_vars=True))
            for key, value in weights.items():
                own[key].copy_(value)


def sides(
    a: Comparable,
    b: Comparable,
    env: Any,
    observation_space: Any,
    action_space: Any,
    params: Mapping[str, Constant] | None,
    agents: Sequence[str] | None,
) -> tuple[Side, Side]:
    """Both sides, compiled for the same spaces and agents: those given, or those of the model among them."""
    models: Sequence[CompiledModel] = [each for each in (a, b) if isinstance(each, CompiledModel)]
    if models and env is observation_space is action_space is None:
        observation_space, action_space = models[0].observation_space, models[0].action_space
        agents = models[0]._analysis.interface.agents if agents is None else agents
    spaces = {"env": env, "observation_space": observation_space, "action_space": action_space}

    def model_of(side: Comparable) -> CompiledModel:
        if isinstance(side, CompiledModel):
            copied = copy.deepcopy(side)
            copied._level = 1  # of the entries that it makes from now on
            return copied
        return compile_spec(side, params=params, agents=agents, **spaces)

    return Side(model_of(a)), Side(model_of(b))
