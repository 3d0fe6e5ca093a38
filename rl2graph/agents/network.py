"""The functions of a model that an actor-critic calls, over observations in NumPy and minibatches in torch.

All evaluations go through entry points: acting is one pass for policy and value, a minibatch one pass for
policy, value and the spec's own losses.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from rl2graph.agents.base import Array, EntryPoint, Flags, Model, observation_dtype
from rl2graph.agents.distributions import distribution_for
from rl2graph.agents.drivers import Entries
from rl2graph.agents.rollouts import Batch, in_sequences, out_of_sequences
from rl2graph.agents.safety import SPEC
from rl2graph.contracts.check import check_contract
from rl2graph.contracts.contract import Contract
from rl2graph.diagnostics import Diagnostic, DiagnosticError
from rl2graph.memory.trees import Tree, first_leaf, map_tree
from rl2graph.spaces import Record, Space

ENTRIES = {"act", "learn", "value"}


@dataclass(frozen=True, slots=True)
class Acted:
    """Policy parameters `[B, P]` and values `[B]` of observations, and the state after them."""

    params: Tensor
    value: Tensor
    state: dict[str, Tensor]


@dataclass(frozen=True, slots=True)
class Evaluated:
    """What the network says of a minibatch's N samples.

    Attributes:
        params: `[N, P]`, the policy's parameters.
        log_prob, entropy: `[N]`, of the actions taken, and of the policy.
        value: `[N]`.
        losses: the spec's own by name, each a scalar mean over the samples.
    """

    params: Tensor
    log_prob: Tensor
    entropy: Tensor
    value: Tensor
    losses: dict[str, Tensor]

    @property
    def spec_loss(self) -> Tensor:
        """The sum of the spec's own losses; zero where there are none."""
        return sum(self.losses.values(), self.value.new_zeros(()))

    @property
    def spec_stats(self) -> dict[str, Tensor]:
        """The spec's own losses, as they are reported."""
        return {f"{SPEC}{name}": loss for name, loss in self.losses.items()}


class Network:
    """A model seen by an algorithm.

    Args:
        model: has the outputs that the contract asks for.
        contract: says which; has the roles `pi` and `v`, and the entries `act`, `value` and `learn`.
        device: where the model is put; None to leave it where it is.

    Raises:
        ValueError: the contract is of another kind of algorithm.
        DiagnosticError: whatever the contract has against the model, such as RLG501 where an output is
            missing; RLG607 for a device that is not there.
    """

    def __init__(self, model: Model, contract: Contract, device: torch.device | str | None = None) -> None:
        check_served(model, contract)
        self.model = model
        self.device = placed(model, device)
        names: dict[str, list[str]] = {}
        for output in model.outputs:
            names.setdefault(output.role or "", []).append(output.name)
        if not {"pi", "v"} <= {*contract.roles} or not {entry.name for entry in contract.entries} >= ENTRIES:
            raise ValueError(
                f"an on-policy contract has the roles pi and v and the entries {', '.join(sorted(ENTRIES))}"
            )
        missing = [f"`{role}`" for role in contract.roles if role not in names]
        if missing:
            title = contract.algorithm.upper()
            raise DiagnosticError.of(
                "RLG501", f"{title} needs a model with an output {' and '.join(missing)}"
            )
        self._pi, self._v = names["pi"][0], names["v"][0]
        head = next(output.head for output in model.outputs if output.name == self._pi)
        self.distribution = distribution_for(head, model.action_space)
        self.losses = tuple(names.get("loss", ()))
        self.entries: dict[str, EntryPoint] = {
            entry.name: model.entry(
                [name for role in entry.roles for name in names.get(role, ())], mode=entry.mode
            )
            for entry in contract.entries
        }
        # Asked for at every step, and read off the whole graph.
        self._inputs = {name: tuple(entry.input_names) for name, entry in self.entries.items()}
        self._statistics = model.entry([], mode="collect") if model.collects_statistics else None
        self._dtypes = None if model.observation_space is None else dtypes(model.observation_space)

    @property
    def names(self) -> tuple[str, str]:
        """What the spec calls policy and value."""
        return self._pi, self._v

    @property
    def recurrent(self) -> bool:
        """Whether it is learned from sequences."""
        return any(entry.state_schema for entry in self.entries.values())

    @property
    def noisy(self) -> bool:
        """Whether acting draws noise."""
        return bool(self.entries["act"].noise_schema)

    @property
    def moves_statistics(self) -> bool:
        """Whether collected steps move statistics."""
        return self._statistics is not None

    def reads(self, name: str) -> bool:
        """Whether a loss of the spec reads an input."""
        return any(name in inputs for inputs in self._inputs.values())

    def trained_parameters(self, entry: str = "learn") -> dict[str, nn.Parameter]:
        """What learning by an entry changes, by state_dict key, in the model's order."""
        used = {key for key, _ in self.entries[entry].named_parameters()}
        return {key: p for key, p in self.model.named_parameters() if key in used and p.requires_grad}

    def act(
        self, obs: Tree, state: Tree | None, resets: Array | None, noise: np.random.Generator | None
    ) -> Acted:
        """One pass over observations `[B, ...]`, or `[T, B, ...]` for a sequence; noise from that stream."""
        entry = self.entries["act"]
        given = self.tensors(obs)
        out = entry(given, **self._effects(entry, given, state, resets, noise))
        return Acted(out[self._pi], out[self._v], out.get("state", {}))

    def value(self, obs: Tree, state: Tree | None = None, resets: Array | None = None) -> Array:
        """V of observations `[B, ...]`, float32 `[B]`; nothing advances."""
        entry = self.entries["value"]
        given = self.tensors(obs)
        with torch.inference_mode():
            value = entry(given, **self._effects(entry, given, state, resets, None))[self._v]
        return value.cpu().numpy()  # type: ignore[no-any-return]

    def collect(self, obs: Tree, state: Tree, resets: Flags, valid: Flags) -> None:
        """Moves the statistics of collected steps by one vector step, of which only valid rows count."""
        entry = self._statistics
        if entry is not None and valid.any():
            obs, state, resets = map_tree(
                lambda part: part[valid], {"obs": obs, "state": state, "resets": resets}
            ).values()
            given = self.tensors(obs)
            with torch.no_grad():
                out = entry(given, **self._effects(entry, given, state, resets, None))
                self.model.commit(out["statistics"])

    def evaluate_rollout(self, obs: Tree, states: Tree, resets: Array) -> Acted:
        """Policy parameters and values of a rollout `[T, B, ...]`, without noise, in one pass; of a recurrent
        model in the sequences that it is learned from, each from its own of `states`, `[T / L, B, ...]`.
        """
        steps, envs = resets.shape
        with torch.inference_mode():
            if not self.recurrent:
                out = self.act(
                    map_tree(lambda part: part.reshape(-1, *part.shape[2:]), obs), None, None, None
                )
                return Acted(out.params.reshape(steps, envs, -1), out.value.reshape(steps, envs), {})
            length = steps // len(first_leaf(states)) if states else steps
            cut = map_tree(lambda part: in_sequences(part, length), {"obs": obs, "resets": resets})
            before = map_tree(lambda part: part.reshape(-1, *part.shape[2:]), states)
            out = self.act(cut["obs"], before, cut["resets"], None)
            return Acted(
                out_of_sequences(out.params, steps, envs), out_of_sequences(out.value, steps, envs), {}
            )

    def noise(self, name: str, batch: Batch, rng: np.random.Generator) -> dict[str, Tensor]:
        """Noise for one evaluation of an entry over a minibatch, its seed drawn from `rng`."""
        axes = 2 if self.recurrent else 1
        return self._noise(self.entries[name], first_leaf(batch["inputs"]["obs"]).shape[:axes], rng)

    def evaluate(
        self,
        entries: Entries,
        name: str,
        batch: Batch,
        noise: Mapping[str, Tensor],
    ) -> Evaluated:
        """One pass over a minibatch by the entry of that name: what the losses are made of."""
        entry, inputs = self.entries[name], batch["inputs"]
        further = {key: inputs[key] for key in self._inputs[name] if key != "obs"}
        if entry.state_schema:
            sequences = first_leaf(inputs["obs"]).shape[1]
            further["state"] = {
                key: inputs["state"].get(key, zeros) for key, zeros in entry.initial_state(sequences).items()
            }
            further["resets"] = inputs["resets"]
        if noise:
            further["noise"] = noise
        out = {key: value for key, value in entries[name](inputs["obs"], **further).items() if key != "state"}
        if self.recurrent:
            out = {key: value.flatten(0, 1) for key, value in out.items()}
            if "rows" in batch:
                out = {key: value[batch["rows"]] for key, value in out.items()}
        log_prob, entropy = self.distribution.log_prob_entropy(out[self._pi], batch["action"])
        losses = {loss: out[loss].mean() for loss in self.losses if loss in out}
        return Evaluated(out[self._pi], log_prob, entropy, out[self._v], losses)

    def cast(self, obs: Tree) -> Tree:
        """Observations in the dtypes that the graph reads."""
        if self._dtypes is None:
            return obs
        return map_tree(lambda dtype, part: np.ascontiguousarray(part, dtype), self._dtypes, obs)

    def tensors(self, obs: Tree) -> Tree:
        """Observations as the graph reads them, on the device."""
        return map_tree(self.put, self.cast(obs))

    def _effects(
        self,
        entry: EntryPoint,
        given: Tree,
        state: Tree | None,
        resets: Array | None,
        noise: np.random.Generator | None,
    ) -> dict[str, Any]:
        """State, resets and noise, as an entry takes them."""
        effects: dict[str, Any] = {}
        if entry.state_schema:
            # The value alone may read less state than the policy carries.
            effects["state"] = {key: self.put(state[key]) for key in entry.state_schema} if state else None
            effects["resets"] = None if resets is None else self.put(resets)
        if entry.noise_schema and noise is not None:
            effects["noise"] = self._noise(entry, first_leaf(given).shape[:1], noise)
        return effects

    def _noise(
        self, entry: EntryPoint, batch: tuple[int, ...], rng: np.random.Generator
    ) -> dict[str, Tensor]:
        if not entry.noise_schema:
            return {}
        return entry.draw_noise(batch, seed=int(rng.integers(2**63)), counter=0)

    def put(self, part: Any) -> Tensor:
        """An array or a tensor as a tensor on the device."""
        return torch.as_tensor(part).to(self.device)


def check_served(model: Model, contract: Contract) -> None:
    """Holds a compiled model against a contract, for it may have been compiled for none or another.

    Raises:
        DiagnosticError: with every way in which it fails.
    """
    graph = getattr(model, "graph", None)  # what is written by hand has none
    problems = [] if graph is None else check_contract(graph, contract, model.action_space)
    if problems:
        raise DiagnosticError([Diagnostic(each.code, each.message, hint=each.hint) for each in problems])


def placed(model: Model, device: torch.device | str | None) -> torch.device:
    """Puts a model on a device, and says where it is.

    Raises:
        DiagnosticError: RLG607 for a device that is not there.
    """
    if device is not None:
        try:
            model.to(torch.device(device))
        except (RuntimeError, AssertionError) as error:
            reason = " ".join(str(error).split())
            raise DiagnosticError.of("RLG607", f"the device `{device}` cannot be used: {reason}") from None
    parameter = next((p for _, p in model.named_parameters()), None)
    return torch.device("cpu") if parameter is None else parameter.device


def dtypes(space: Space) -> Tree:
    """How observations are held, part by part."""
    if isinstance(space, Record):
        return {name: dtypes(part) for name, part in space.fields}
    return observation_dtype(space)
