"""Two sides that are run on the same: whose weights, noise and outputs are each other's."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from torch import Tensor

from rl2graph.ir.canonical import Equivalence, match
from rl2graph.ir.canonical.numbering import view
from rl2graph.ir.graph import Owner
from rl2graph.ir.op import Effect, Noise
from rl2graph.ir.slots import Mode, is_recurrent, noise_schema, state_schema
from rl2graph.testing.sides import Conditions, Side
from rl2graph.testing.trials import (
    Leaf,
    LeafName,
    keyed,
    leaves,
    nested,
    random_inputs,
    random_noise,
    random_resets,
    random_state,
    random_weights,
    shown,
)

_UNPAIRED = 1_000_000  # is added to a seed for what one side alone has


class Pair:
    """Two sides of a comparison.

    Attributes:
        owners: owners' paths in a to those in b: those given; else what the graphs say, where they are the
            same; else likely ones.
        outputs: names of outputs in A to those in B, which have the same role; or name, where the role does
            not tell.
        structure: why the two graphs are not the same; None where they are.
    """

    def __init__(self, a: Side, b: Side, owners: Mapping[str, str] | None) -> None:
        self.a, self.b = a, b
        self.weights = a.weights, b.weights
        theirs = view(b.graph).outputs
        self.outputs = {
            output.name: theirs[key].name for key, output in view(a.graph).outputs.items() if key in theirs
        }
        matched = match(a.graph, b.graph)
        self.structure: str | None = None
        self._noise: Mapping[str, str] = {}
        if isinstance(matched, Equivalence):
            self._noise, self.owners = matched.noise, matched.owners
        else:
            self.structure = matched.reason
            self.owners = _likely(a.model.graph.owners, b.model.graph.owners)
        if owners is not None:
            self.owners = owners

    @property
    def sides(self) -> tuple[Side, Side]:
        return self.a, self.b

    @property
    def recurrent(self) -> bool:
        return any(is_recurrent(side.graph) for side in self.sides)

    def modes(self) -> tuple[Mode, ...]:
        """The modes in which something happens that does not in the others."""
        nodes = (node for side in self.sides for node in side.graph.nodes)
        effects = {node.spec.effect for node in nodes if node.evaluation is not None}
        modes: list[Mode] = ["evaluate"]
        if effects & {Effect.RANDOM, Effect.TRAINING}:
            modes.append("train")
        if Effect.COLLECTING in effects:
            modes.append("collect")
        return tuple(modes)

    def obstacles(self) -> Iterator[str]:
        """Why the two cannot be run on the same."""
        a, b = self.sides
        if len(self.outputs) != max(len(a.outputs), len(b.outputs)):
            yield f"outputs are {_listed(a.outputs)} in A and {_listed(b.outputs)} in B"
        states = [
            {name: list(part.shape) for name, part in state_schema(side.graph).items()} for side in self.sides
        ]
        if states[0] != states[1]:
            said = [_listed(f"{name} {shape}" for name, shape in state.items()) for state in states]
            yield f"the state is {said[0]} in A and {said[1]} in B"
        inputs = leaves(a.graph), leaves(b.graph)
        for name in inputs[0]:
            one, other = (each.get(name) for each in inputs)
            if other is not None and one != other:
                yield f"the input {shown(name)} is {one} in A and {other} in B"
        for path, counterpart in self.owners.items():
            shapes = _shapes(self.a, path), _shapes(self.b, counterpart)
            if shapes[0] != shapes[1]:
                yield f"owner {path} of A has {shapes[0]}, and {counterpart} of B has {shapes[1]}"

    def alone(self) -> tuple[list[str], list[str]]:
        """Owners of each side that some output hangs on and the other side has no counterpart of."""
        used = [{node.owner for node in side.graph.nodes if node.owner is not None} for side in self.sides]
        paired = self.owners.keys(), set(self.owners.values())
        one, other = (sorted(each - both) for each, both in zip(used, paired, strict=True))
        return one, other

    def key(self, key: str) -> str | None:
        """The key in b of a tensor of a, where it has one."""
        path, _, name = key.rpartition(".")
        return f"{self.owners[path]}.{name}" if path in self.owners else None

    def load(self, seed: int) -> None:
        """Random weights: the same for owners that are each other's."""
        values = dict(random_weights(self.weights[0].items(), seed))
        self.a.load(values)
        rest = dict(random_weights(self.weights[1].items(), seed + _UNPAIRED))
        paired = {self.key(key): value for key, value in values.items()}
        self.b.load(rest | {key: value for key, value in paired.items() if key is not None})

    def noise(
        self, mode: Mode, seed: int, batch: Sequence[int]
    ) -> tuple[dict[str, Tensor], dict[str, Tensor]]:
        """Random noise: the same for slots that are each other's, or of one name where graphs differ."""

        def draw(schema: Mapping[str, Noise]) -> dict[str, Tensor]:
            return {
                name: random_noise(noise, batch, keyed(seed, "noise", name)) for name, noise in schema.items()
            }

        one, other = (draw(noise_schema(side.entry(mode).graph)) for side in self.sides)
        for name, value in one.items():
            slot, _, part = name.rpartition(".")
            counterpart = f"{self._noise.get(slot, slot)}.{part}"
            if counterpart in other and other[counterpart].shape == value.shape:
                other[counterpart] = value
        return one, other

    def conditions(self, seed: int, batch: Sequence[int]) -> tuple[Conditions, dict[str, Tensor]]:
        """What a side is run on, and what of that gradients are taken for, by what messages call it."""
        given: dict[LeafName, Leaf] = leaves(self.a.graph) | leaves(self.b.graph)
        inputs = random_inputs(given, batch, seed)
        state = random_state(state_schema(self.a.graph), batch[-1:], seed)
        traced = {
            f"the input {shown(name)}": value.requires_grad_()
            for name, value in inputs.items()
            if value.is_floating_point()
        }
        traced |= {f"the state {name} before": value.requires_grad_() for name, value in state.items()}
        resets = random_resets(batch, seed) if state else None
        return Conditions(nested(inputs), state, resets), traced


def _likely(ours: Sequence[Owner], theirs: Sequence[Owner]) -> dict[str, str]:
    """Counterparts of owners in graphs that are not the same: those of one path; of the rest, those of one op
    and one shape, in order.
    """
    left = {owner.path: owner for owner in theirs}
    found = {owner.path: owner.path for owner in ours if left.pop(owner.path, None)}
    for owner in ours:
        if owner.path not in found:
            alike = next((other for other in left.values() if _kind(other) == _kind(owner)), None)
            if alike is not None:
                found[owner.path] = left.pop(alike.path).path
    return found


def _kind(owner: Owner) -> tuple[object, ...]:
    return owner.op, *((weight.name, weight.shape) for weight in owner.weights)


def _shapes(side: Side, path: str) -> str:
    owner = side.model.graph.owner.get(path)
    if owner is None:
        return "no weights"
    return ", ".join(f"{weight.name} {list(weight.shape)}" for weight in owner.weights)


def _listed(names: Iterator[str] | Sequence[str]) -> str:
    return ", ".join(names) or "nothing"
