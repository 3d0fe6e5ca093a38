"""Entry points held to what their terms mean, and to what was counted by hand."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import torch
from torch import Tensor

import rl2graph
from rl2graph.backend.numerics import float64, same_values
from rl2graph.compiler.entries.terms import Term
from rl2graph.ir.graph import ONLINE
from rl2graph.model.compiled import CompiledModel
from rl2graph.spaces import Record, Space, Vector, unbounded
from tests.proof.composition import Meanings
from tests.proof.draws import EDGES, key, weights
from tests.proof.oracles import slot_faults

BATCH = (5,)
FOUR = Vector((4,))


@dataclass(frozen=True, slots=True)
class Entry:
    """An entry point of a spec, and what was counted by hand: how often each owner is evaluated, which inputs
    it takes, how many draws, states and statistics it has, and the roles of its outputs.

    Its values are compared bit for bit where they are `exact`.
    """

    text: str
    terms: Mapping[str, Term] | Sequence[str]
    bind: Mapping[str, Term] = field(default_factory=dict)
    version: str = ONLINE
    train: tuple[str, ...] | None = None
    mode: Any = "evaluate"
    observation: Space = FOUR
    inputs: tuple[str, ...] = ()
    counts: Mapping[str, int] = field(default_factory=dict)
    draws: int = 0
    states: tuple[str, ...] = ()
    statistics: tuple[str, ...] = ()
    roles: tuple[str | None, ...] = ()
    exact: bool = False

    def __call__(self) -> Iterator[str]:
        for level in (0, 1):
            yield from self._faults(model_of(self, level), level)

    def _faults(self, model: CompiledModel, level: int) -> Iterator[str]:
        entry = model.entry(self.terms, self.bind or None, self.train, self.mode, self.version)
        names = [*self.terms]
        if [output.name for output in entry.graph.outputs] != names:
            yield "the outputs are in another order"
        if self.roles and tuple(output.role for output in entry.graph.outputs) != self.roles:
            yield "the outputs have other roles"
        if self.inputs and sorted(entry.graph.inputs) != sorted(self.inputs):
            yield f"it takes {', '.join(entry.graph.inputs)}"
        found = [node.owner for node in entry.graph.nodes]
        for owner, count in self.counts.items():
            if found.count(owner) != count and level:
                yield f"{owner} is evaluated {found.count(owner)} times, not {count}"
        if len(entry.noise_schema) != self.draws:
            yield f"it draws {len(entry.noise_schema)} times, not {self.draws}"
        if tuple(entry.state_schema) != self.states:
            yield f"its states are {', '.join(entry.state_schema)}"
        yield from slot_faults(entry.graph)
        yield from self._values(model, entry)

    def _values(self, model: CompiledModel, entry: Any) -> Iterator[str]:
        """Values and gradients in float64."""
        given = given_to(model)
        with float64():
            read = entry.graph.inputs
            positional = [given[name] for name in ("obs", "act") if name in read]
            result = entry(*positional, **{n: given[n] for n in read if n not in ("obs", "act")})
            if tuple(result.get("statistics", ())) != self.statistics:
                yield f"it moves {', '.join(result.get('statistics', ()))}"
            if self.mode == "train":
                return  # where a batch's statistics take part in values: counted above
            online, target = leaves(model, self.train)
            meanings = Meanings(model._literal, given, BATCH, online, target)
            terms = self.terms if isinstance(self.terms, Mapping) else {name: name for name in self.terms}
            wanted = {name: meanings.of(term, self.bind, self.version) for name, term in terms.items()}
            for name, value in wanted.items():
                same = same_values if self.exact else close
                if not same(result[name].detach(), value.detach()):
                    yield f"{name} is not what its term means"
            yield from _gradients(model, {n: result[n] for n in wanted}, wanted, online)


def _gradients(
    model: CompiledModel,
    got: Mapping[str, Tensor],
    wanted: Mapping[str, Tensor],
    online: Mapping[str, Tensor],
) -> Iterator[str]:
    names = [name for name, _ in model.named_parameters()]
    found = derivative(got, [parameter for _, parameter in model.named_parameters()])
    meant = derivative(wanted, [online[name] for name in names if online[name].requires_grad])
    meant = {name: meant.pop(0) if online[name].requires_grad else None for name in names}  # type: ignore[assignment]
    for name, gradient in zip(names, found, strict=True):
        want = meant[name]  # type: ignore[call-overload]
        if (gradient is None) != (want is None):
            yield f"{name} is {'not ' if gradient is None else ''}trained"
        elif gradient is not None and not close(gradient, want):
            yield f"the gradient of {name} is another"


def derivative(values: Mapping[str, Tensor], of: list[Tensor]) -> list[Tensor | None]:
    total = sum(((v * torch.linspace(-1, 1, v.numel()).view(v.shape)).sum() for v in values.values()),
                torch.zeros(()))  # fmt: skip
    if not of or not total.requires_grad:
        return [None] * len(of)
    return list(torch.autograd.grad(total, of, allow_unused=True))


def close(one: Tensor, other: Tensor) -> bool:
    return torch.allclose(one, other, rtol=1e-9, atol=1e-9, equal_nan=True)


def model_of(case: Entry, level: int = 1) -> CompiledModel:
    return rl2graph.compile(
        case.text, observation_space=case.observation, action_space=unbounded((3,)), level=level
    )


def given_to(model: CompiledModel) -> dict[str, Any]:
    """Online and target weights for the model, and inputs: edge cases lead each."""
    model.double()
    model.load_state_dict(weights(model._literal.owners, 0))
    targets = weights(model._literal.owners, 1)
    model.target_weights.load_state_dict({n: targets[n] for n in model.target_weights.state_dict()})
    given: dict[str, Any] = {}
    for name, width in (("obs", 4), ("next_obs", 4), ("goal", 4), ("act", 3)):
        given[name] = torch.randn(*BATCH, width, generator=key(0, name), dtype=torch.float64)
        given[name][0] = torch.tensor(EDGES[:2] * 2, dtype=torch.float64)[:width]
    if isinstance(model.observation_space, Record):
        for name in ("obs", "next_obs"):
            given[name] = {"left": given[name], "right": given[name] * 2}
    return given


def leaves(
    model: CompiledModel, train: tuple[str, ...] | None
) -> tuple[dict[str, Tensor], dict[str, Tensor]]:
    """The weights that a case is run on, of which those that it trains take gradients."""
    literal = model._literal
    trained = set(literal.owner)
    if train is not None:
        trained = {o for o in trained if any(o == path or o.startswith(f"{path}.") for path in train)}
    online = weights(literal.owners, 0)
    buffers = {f"{o.path}.{w.name}" for o in literal.owners for w in o.weights if w.buffer}
    for name, value in online.items():
        value.requires_grad_(name.rpartition(".")[0] in trained and name not in buffers)
    return online, weights(literal.owners, 1)
