"""The compiled model: weights at their owner paths, and entry points over them."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from torch import Tensor, nn

from rl2graph.backend.codegen import emit_entry, emit_module
from rl2graph.backend.loading import load_class
from rl2graph.backend.naming import class_name
from rl2graph.compiler.analysis import Analysis
from rl2graph.compiler.pipeline import optimise
from rl2graph.compiler.report import Report, cost
from rl2graph.compiler.slicing import slice_outputs
from rl2graph.contracts.check import head_of
from rl2graph.ir.graph import LOSS, Graph
from rl2graph.ir.types import TensorType
from rl2graph.model.entry import Entry, attach, share
from rl2graph.model.loading import loaded_weights
from rl2graph.model.weights import initial_weights
from rl2graph.spaces import Space


@dataclass(frozen=True, slots=True)
class ModelOutput:
    """An output of a model: its name, role, per-sample type, and what it is to an algorithm (`categorical`,
    `gaussian`, `value`, … or the op that gives it).
    """

    name: str
    role: str | None
    type: TensorType
    head: str


class CompiledModel(nn.Module):
    """A spec as a module.

    Weights live at their owner paths, so that `state_dict` keys, shapes and the order of `parameters()` are
    the same at every optimisation level. Calls run emitted, deduplicated code over them.

    Attributes:
        graph: the graph after the passes. `report`: what they did.
        outputs: names, roles and types of the outputs, in source order.
        observation_space, action_space: what the model was compiled for.
    """

    def __init__(self, analysis: Analysis, level: int, seed: int, algorithm: str | None) -> None:
        super().__init__()
        assert analysis.graph is not None
        self._analysis = analysis
        self._level = level
        self._seed = seed
        self._algorithm = algorithm
        self._literal: Graph = analysis.graph
        self.graph, passes = optimise(self._literal, level)
        self.report = Report(level, cost(self._literal), cost(self.graph), passes)
        self._entries: dict[Any, Entry] = {}
        values = initial_weights(seed, self.graph.owners)
        if not analysis.spec.restored:
            values |= loaded_weights(self.graph.owners, analysis.spec.folder)
        frozen = {owner.path for owner in self.graph.owners if owner.frozen}
        initial = {
            key: nn.Parameter(value, requires_grad=key.rpartition(".")[0] not in frozen)
            for key, value in values.items()
        }
        attach(self, self.graph.owners, initial)
        outputs = [output for output in self.graph.outputs if output.role != LOSS]
        every = [output.name for output in outputs]
        from_obs = [output.name for output in outputs if self._reads_only_obs(output.node)]
        # Emitted `forward`s run on the model itself, so that replaced Parameters, parametrisations and
        # `torch.func.functional_call` mean what they mean for any module.
        self._forward_all = self._emit(every)[1].forward
        self._forward_obs = self._emit(from_obs)[1].forward if from_obs else None

    @property
    def outputs(self) -> tuple[ModelOutput, ...]:
        """The outputs, and the losses, which have the role `loss`."""
        shown = []
        for output in self.graph.outputs:
            node = self.graph.nodes[output.node]
            head = head_of(output.role, self.action_space)
            shown.append(ModelOutput(output.name, output.role, node.type, head.kind if head else node.op))
        return tuple(shown)

    @property
    def observation_space(self) -> Space | None:
        return self._analysis.interface.observation

    @property
    def action_space(self) -> Space | None:
        return self._analysis.interface.action

    @property
    def spec_text(self) -> str:
        """The spec that this was compiled from."""
        return self._analysis.spec.text

    @property
    def imported_files(self) -> Mapping[str, str]:
        """Texts of the files that the spec imports from its own folder, by their path below it."""
        return self._analysis.files

    @property
    def seed(self) -> int:
        """The seed of the initial weights."""
        return self._seed

    @property
    def source(self) -> str:
        """The model as a module that needs torch alone; loads this model's state_dict."""
        stem = self._analysis.spec.source.name.replace("\\", "/").rsplit("/", 1)[-1].removesuffix(".rl2")
        return emit_module(self.graph, class_name(stem if stem[:1].isalpha() else "model"))

    def forward(
        self, obs: Tensor | Mapping[str, Any], act: Tensor | None = None, **inputs: Tensor
    ) -> dict[str, Tensor]:
        """Outputs by name, losses left out; without `act` (and further inputs), those that need `obs` alone.

        Args:
            obs: `[batch axes…, sample axes…]`, in the environment's dtype; a mapping of such where the
                observation has parts.
            act: the action, likewise (indices for a discrete space).
        """
        if act is None and not inputs:
            if self._forward_obs is None:
                raise TypeError(f"every output reads more than obs: {', '.join(self.graph.inputs)}")
            return self._forward_obs(self, obs)  # type: ignore[no-any-return]
        given = {"obs": obs, **({} if act is None else {"act": act}), **inputs}
        missing = [name for name in self.graph.inputs if name not in given]
        unknown = [name for name in given if name not in self.graph.inputs]
        if missing or unknown:
            problem = f"missing: {', '.join(missing)}" if missing else f"unknown: {', '.join(unknown)}"
            raise TypeError(f"inputs of this model are {', '.join(self.graph.inputs)}; {problem}")
        return self._forward_all(self, **given)  # type: ignore[no-any-return]

    def entry(
        self,
        outputs: Sequence[str],
        bind: Mapping[str, str] | None = None,
        train: Collection[str] | None = None,
    ) -> Entry:
        """A function that gives some outputs, over this model's own Parameters.

        Args:
            outputs: names of outputs, in the order of the result.
            bind: puts an output's value in an input's place: `{"act": "mu"}` makes `q(obs, act=mu(obs))`.
            train: owner paths (or prefixes of them, such as a binding's name) that gradients are taken for;
                the others are read detached. None trains all.

        Raises:
            TypeError: a single string for the list of outputs.
            KeyError: an output, input or owner that the model does not have.
            ValueError: a bound value whose type is not the input's.
        """
        if isinstance(outputs, str):
            raise TypeError(f"outputs is a list of names: [{outputs!r}]")
        key = (
            tuple(outputs),
            tuple(sorted((bind or {}).items())),
            None if train is None else frozenset(train),
        )
        entry = self._entries.get(key)
        if entry is None:
            entry = self._build_entry(outputs, bind, train)
            self._entries[key] = entry
        return entry

    def load_state_dict(
        self, state_dict: Mapping[str, Any], strict: bool = True, assign: bool = False
    ) -> Any:
        """As `torch.nn.Module.load_state_dict`; entries follow, with `assign` too."""
        result = super().load_state_dict(state_dict, strict, assign)
        self._reattach()
        return result

    def _apply(self, fn: Callable[[Tensor], Tensor], recurse: bool = True) -> CompiledModel:
        super()._apply(fn, recurse)  # type: ignore[no-untyped-call]
        self._reattach()
        return self

    def _reattach(self) -> None:
        for entry in self._entries.values():
            share(entry, entry.graph.owners, self)

    def _build_entry(
        self, outputs: Sequence[str], bind: Mapping[str, str] | None, train: Collection[str] | None
    ) -> Entry:
        graph, entry_class = self._emit(outputs, bind, train)
        entry: Entry = entry_class(graph)
        share(entry, graph.owners, self)
        return entry

    def _emit(
        self,
        outputs: Sequence[str],
        bind: Mapping[str, str] | None = None,
        train: Collection[str] | None = None,
    ) -> tuple[Graph, type[Any]]:
        """The graph of an entry, and the class that its code defines."""
        graph, _ = optimise(slice_outputs(self._literal, outputs, bind), self._level, "slicing")
        chosen = None if train is None else _owners_below(self._literal, train)
        name = class_name("_".join(["entry", *outputs]))
        return graph, load_class(emit_entry(graph, name, chosen), name)

    def _reads_only_obs(self, node: int) -> bool:
        live = self.graph.live([node])
        return all(
            n.values["name"] == "obs"
            for index, n in enumerate(self.graph.nodes)
            if live[index] and n.op == "input"
        )

    def __reduce__(self) -> tuple[Any, ...]:
        # Emitted classes exist in this process alone: what travels is the text, and the weights.
        from rl2graph.model.compile import rebuild

        analysis = self._analysis
        arguments = (
            self.spec_text,
            analysis.spec.source.name,
            dict(self.imported_files),
            analysis.interface,
            dict(analysis.parameters),
            self._level,
            self._seed,
            self._algorithm,
        )
        weights = {name: parameter.detach() for name, parameter in self.named_parameters()}
        frozen = [name for name, parameter in self.named_parameters() if not parameter.requires_grad]
        return rebuild, arguments, {"weights": weights, "frozen": frozen, "training": self.training}

    def __setstate__(self, state: dict[str, Any]) -> None:
        for name, parameter in self.named_parameters():
            parameter.data = state["weights"][name].clone()
            parameter.requires_grad_(name not in state["frozen"])
        self.train(state["training"])


def _owners_below(graph: Graph, paths: Collection[str]) -> frozenset[str]:
    """Owners at the given paths or below them."""
    chosen = set()
    for path in paths:
        below = {o.path for o in graph.owners if o.path == path or o.path.startswith(f"{path}.")}
        if not below:
            raise KeyError(f"no owner {path!r}, the owners are {', '.join(graph.owner)}")
        chosen |= below
    return frozenset(chosen)
