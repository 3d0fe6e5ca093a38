"""The compiled model: weights at their owner paths, and entry points over them."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Collection, Hashable, Mapping, Sequence
from functools import cached_property
from typing import Any
from weakref import WeakValueDictionary

import torch
from torch import Tensor, nn

from rl2graph.backend.codegen import emit_module
from rl2graph.backend.naming import class_name, target_attribute
from rl2graph.compiler.analysis import Analysis
from rl2graph.compiler.entries.terms import Term
from rl2graph.compiler.pipeline import optimise
from rl2graph.compiler.report import Report, cost
from rl2graph.ir.canonical import function_digest, training_digest
from rl2graph.ir.graph import LOSS, ONLINE, TARGET, Graph, owners_in
from rl2graph.ir.op import Effect, State
from rl2graph.ir.slots import Mode, state_schema, with_effects
from rl2graph.model.entry import Entry
from rl2graph.model.holders import attach, share
from rl2graph.model.inputs import given_inputs, reads_only_obs
from rl2graph.model.loading import loaded_weights
from rl2graph.model.outputs import ModelOutput, outputs_of
from rl2graph.model.pickling import reduce_model, restore_model
from rl2graph.model.programs import Program, Request, build_program, check_names
from rl2graph.model.targets import TargetWeights
from rl2graph.model.weights import initial_weights, stated_rates
from rl2graph.spaces import Space

RECENT = 64
"""Entries that a model keeps for the next time, whether or not somebody holds them."""


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
        self._entries: WeakValueDictionary[Hashable, Entry] = WeakValueDictionary()
        self._recent: deque[Entry] = deque(maxlen=RECENT)
        values = initial_weights(seed, self.graph.owners)
        if not analysis.spec.restored:
            values |= loaded_weights(self.graph.owners, analysis.spec.folder)
        attach(self, self.graph.owners, values)
        # Torch calls it for a model that is a part of another module, too.
        self.register_load_state_dict_post_hook(_follow)  # type: ignore[no-untyped-call]
        self._targets = (TargetWeights(self),)  # in a tuple, or they would be a part of this module
        outputs = [output for output in self.graph.outputs if output.role != LOSS]
        every = tuple(output.name for output in outputs)
        from_obs = tuple(output.name for output in outputs if reads_only_obs(self.graph, output.node))
        self._programs = {
            (mode, only_obs): build_program(
                self._literal, Request({name: name for name in names}, mode=mode), level
            )
            for mode in self._modes()
            for only_obs, names in ((False, every), (True, from_obs))
            if names
        }
        self._calls = 0

    @property
    def outputs(self) -> tuple[ModelOutput, ...]:
        """The outputs, and the losses, which have the role `loss`."""
        return outputs_of(self.graph, self.action_space)

    @property
    def observation_space(self) -> Space | None:
        return self._analysis.interface.observation

    @property
    def action_space(self) -> Space | None:
        return self._analysis.interface.action

    @property
    def collects_statistics(self) -> bool:
        """Whether collected steps move statistics of this model (`running_norm`)."""
        return any(node.spec.effect is Effect.COLLECTING for node in self.graph.nodes)

    @property
    def learning_rates(self) -> dict[str, float]:
        """Rates that `@lr` gives, by state_dict key; an optimiser's own is for all others."""
        return stated_rates(self.graph.owners)

    @property
    def target_weights(self) -> TargetWeights:
        """The version `target` of the weights that entries read; no part of this module's `state_dict`."""
        return self._targets[0]

    @property
    def function_digest(self) -> str:
        """The same for two models exactly where they are one function of inputs and weights."""
        return self._digests[0]

    @property
    def training_digest(self) -> str:
        """The same for two models that also start and train alike: paths, initial values, learning rates."""
        return self._digests[1]

    @cached_property
    def _digests(self) -> tuple[str, str]:
        graph, _ = optimise(self._literal, 1)  # whatever the model's own level
        return function_digest(graph), training_digest(graph)

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
        """The model as a module that needs torch alone; loads this model's state_dict.

        Its random ops take noise; statistics are read as they are.
        """
        stem = self._analysis.spec.source.name.replace("\\", "/").rsplit("/", 1)[-1].removesuffix(".rl2")
        still = with_effects(self.graph, (Effect.RANDOM,))
        return emit_module(still, class_name(stem if stem[:1].isalpha() else "model"))

    @property
    def state_schema(self) -> Mapping[str, State]:
        """What a recurrent model carries from step to step, by name; empty for a feed-forward one."""
        return state_schema(self.graph)

    def forward(
        self,
        obs: Tensor | Mapping[str, Any],
        act: Tensor | None = None,
        *,
        state: Mapping[str, Tensor] | None = None,
        resets: Tensor | None = None,
        noise: Mapping[str, Tensor] | None = None,
        **inputs: Tensor,
    ) -> dict[str, Any]:
        """Outputs by name, losses left out; without `act` (and further inputs), those that need `obs` alone.

        In training mode random ops draw their noise, and the statistics of batch normalisation move, as in
        any module; in evaluation mode (`model.eval()`) neither does.

        Args:
            obs: `[batch axes…, sample axes…]`, in the environment's dtype; a mapping of such where the
                observation has parts.
            act: the action, likewise (indices for a discrete space).
            state: of a recurrent model, before the step `[B, …]` or the sequence `[T, B, …]`; zeros where
                left out. The next state is under the key `state` of the result.
            resets: `[B]` or `[T, B]`, bool: where the state is zero before that step.
            noise: in place of the model's own, by the names of `entry(…).noise_schema`.

        Raises:
            TypeError: an input, state or noise that the model does not take, or one that is missing.
        """
        only_obs = act is None and not inputs
        program = self._programs.get((self._mode, only_obs))
        if program is None:
            raise TypeError(f"every output reads more than obs: {', '.join(self.graph.inputs)}")
        given = given_inputs(self.graph, obs, act, inputs) if not only_obs else {"obs": obs}
        given = {name: value for name, value in given.items() if name in program.graph.inputs}
        if not self.state_schema and (state is not None or resets is not None):
            raise TypeError("this model has no state: nothing in it is recurrent")
        carried = program.carried(state, self.state_schema)
        if program.state:
            given |= {"state": state, "resets": resets}
        check_names("noise", noise, program.noise)
        if program.noise:
            given["noise"] = self._drawn(program, given) if noise is None else noise
        # Emitted `forward`s run on the model itself, so that replaced Parameters, parametrisations and
        # `torch.func.functional_call` mean what they mean for any module.
        result = program.forward(self, **given)
        if carried:
            result["state"] = {**carried, **result.get("state", {})}
        if "statistics" in result:
            self.commit(result.pop("statistics"))
        return result

    def _drawn(self, program: Program, given: Mapping[str, Any]) -> dict[str, Tensor]:
        self._calls += 1
        return program.drawn(given, self._seed, self._calls, next(self.parameters(), torch.empty(())))

    def commit(self, statistics: Mapping[str, Tensor]) -> None:
        """Take over the statistics that an entry gave under the key `statistics`.

        Raises:
            KeyError: statistics that this model does not have.
            ValueError: statistics of another shape.
        """
        buffers = dict(self.named_buffers())
        with torch.no_grad():
            for key, value in statistics.items():
                if value.shape != buffers[key].shape:
                    raise ValueError(f"{key} is {list(buffers[key].shape)}, not {list(value.shape)}")
                buffers[key].copy_(value)

    @property
    def _mode(self) -> Mode:
        """The mode in which a call runs; a graph without effects has one for all."""
        return "train" if self.training and ("train", False) in self._programs else "evaluate"

    def _modes(self) -> tuple[Mode, ...]:
        pure = all(node.evaluation is None for node in self._literal.nodes)
        return ("evaluate",) if pure else ("evaluate", "train")

    def entry(
        self,
        outputs: Sequence[str] | Mapping[str, Term],
        bind: Mapping[str, Term] | None = None,
        train: Collection[str] | None = None,
        mode: Mode = "evaluate",
        version: str = ONLINE,
    ) -> Entry:
        """A function that gives some outputs, over this model's own Parameters.

        What several outputs of one entry share is evaluated once.

        Args:
            outputs: names of outputs, in the order of the result; or terms (`Call`, `Apply`) by the names
                that their values get; none for the statistics alone.
            bind: what stands in an input's place: an output, under the same `bind` and `version`
                (`{"act": "mu"}` makes `q(obs, act=mu(obs))`), a term, or `Input("next_obs")`.
            train: owner paths (or prefixes of them, such as a binding's name) that gradients are taken for;
                the others are read detached. None trains all.
            mode: what happens beside the values. `evaluate`: nothing. `collect`: random ops take noise, and
                statistics of collected steps (`running_norm`) move. `train`: random ops take noise, and
                statistics of training (`batch_norm`) move.
            version: `online`, or `target` to read `target_weights`, which get a clone of each owner that
                has none there yet. A target moves no statistics.

        Raises:
            TypeError: a single string for the list of outputs, a term that is none.
            KeyError: an output, input, op or owner that the model does not have.
            ValueError: a bound value whose type is not the input's, a mode or version that does not exist.
        """
        for what, names in (("outputs", outputs), ("train", train)):
            if isinstance(names, str):
                raise TypeError(f"{what} is a list of names: [{names!r}]")
        terms = dict(outputs) if isinstance(outputs, Mapping) else {name: name for name in outputs}
        if len(terms) < len(outputs):
            raise ValueError(f"an output is named twice: {', '.join(outputs)}")
        trained = None if train is None else frozenset(train)
        return self._entry(Request(terms, dict(bind or {}), trained, mode, version))

    def _entry(self, request: Request) -> Entry:
        entry = self._entries.get(request.key)
        if entry is None:
            program = build_program(self._literal, request, self._level)
            entry = program.entry_class(program.graph)
            entry._origin = (self, request)
            entry._trained = program.trained
            self.target_weights.add(owners_in(program.graph, TARGET))
            self._share(entry)
            self._entries[request.key] = entry
            self._recent.append(entry)
        return entry

    def _share(self, entry: Entry) -> None:
        """Give an entry the weights that it reads."""
        share(entry, owners_in(entry.graph, ONLINE), self)
        targets = owners_in(entry.graph, TARGET)
        if targets:
            name = target_attribute(entry.graph)
            if name not in entry._modules:
                entry.add_module(name, nn.Module())
            share(entry.get_submodule(name), targets, self.target_weights)

    def _apply(self, fn: Callable[[Tensor], Tensor], recurse: bool = True) -> CompiledModel:
        super()._apply(fn, recurse)  # type: ignore[no-untyped-call]
        self.target_weights._apply(fn, recurse)  # type: ignore[no-untyped-call]
        self._reattach()
        return self

    def _reattach(self) -> None:
        for entry in self._entries.values():
            self._share(entry)

    def __reduce__(self) -> tuple[Any, ...]:
        return reduce_model(self)

    def __setstate__(self, state: dict[str, Any]) -> None:
        restore_model(self, state)


def _follow(model: nn.Module, incompatible: object) -> None:
    """Let entries read what a loaded state put in the place of other tensors."""
    assert isinstance(model, CompiledModel)
    model._reattach()
