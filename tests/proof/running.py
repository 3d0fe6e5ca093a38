"""What was compiled, run: `-O1` against `-O0` bit by bit, both against the interpreter, products counted."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from random import Random
from typing import Any

import torch
from torch import Tensor

import rl2graph
from rl2graph.backend.numerics import float64, same_values
from rl2graph.backend.reference.interpreter import interpret
from rl2graph.compiler.entries.compose import compose
from rl2graph.ir.graph import ONLINE, Graph
from rl2graph.ir.slots import with_effects
from rl2graph.model.compiled import CompiledModel
from rl2graph.model.entry import Entry
from rl2graph.testing.generation.programs import Program
from tests.proof.composition import Meanings, effect_faults
from tests.proof.dispatching import products_of, watched
from tests.proof.draws import Draw, draw, weights
from tests.proof.rounding import GRADIENT, Results, far, flat, unforgiven
from tests.proof.sources import MODES
from tests.proof.terms import Terms

GRADIENTS = 1e-10
VALUES = 1e-9
DRAWS = 3
"""All have to agree."""


@dataclass(slots=True)
class Counts:
    """What running came to: `faults`, none where all is well, the products before and after merging, and how
    many disagreements were `forgiven`.
    """

    faults: list[str] = field(default_factory=list)
    before: int = 0
    after: int = 0
    forgiven: int = 0


@dataclass(frozen=True, slots=True)
class Pair:
    """One entry at `-O0` and at `-O1`, and the literal graph in its mode, which says what it means."""

    literal: CompiledModel
    merged: CompiledModel
    entries: tuple[Entry, Entry]
    graph: Graph

    @property
    def models(self) -> tuple[CompiledModel, CompiledModel]:
        return self.literal, self.merged


def models_of(program: Program) -> tuple[CompiledModel, CompiledModel]:
    """The model of a program at `-O0` and at `-O1`."""
    zero, one = (
        rl2graph.compile(
            program.text,
            observation_space=program.observation,
            action_space=program.action,
            level=level,
            seed=3,
        )
        for level in (0, 1)
    )
    return zero, one


def run_program(program: Program, seed: int) -> Counts:
    """Run a program in each mode of an entry that is another than the others."""
    counts = Counts()
    literal, merged = models_of(program)
    counts.faults += _same_weights(literal, merged)
    names = [output.name for output in literal.outputs]
    seen: list[Graph] = []
    for mode in ("train", "evaluate", "collect"):
        graph = with_effects(literal._literal, MODES[mode])
        if graph not in seen:
            seen.append(graph)
            entries = tuple(model.entry(names, mode=mode) for model in (literal, merged))
            pair = Pair(literal, merged, entries, graph)  # type: ignore[arg-type]
            counts.faults += [f"{mode}: {fault}" for fault in run_pair(pair, seed, counts)]
    return counts


def run_pair(pair: Pair, seed: int, counts: Counts) -> Iterator[str]:
    """What is wrong with an entry at `-O1`."""
    zero, one = pair.entries
    if list(zero.state_schema) != list(one.state_schema):
        yield "the states have other names or another order"
    if list(zero.noise_schema) != list(one.noise_schema):
        yield "the noise has other names or another order"
    for edges in (False, True):
        yield from _bits(pair, seed, edges)
    for number in range(DRAWS):
        yield from _float64(pair, seed + 1000 * number, counts)
    yield from _dispatched(pair, seed, counts)


def _same_weights(literal: CompiledModel, merged: CompiledModel) -> Iterator[str]:
    one, two = literal.state_dict(), merged.state_dict()
    if list(one) != list(two):
        yield "the state_dict has other keys or another order"
    elif not all(torch.equal(one[name], two[name]) for name in one):
        yield "initial weights are others"
    if [n for n, _ in literal.named_parameters()] != [n for n, _ in merged.named_parameters()]:
        yield "the parameters are in another order"


def _bits(pair: Pair, seed: int, edges: bool) -> Iterator[str]:
    """Values, states and statistics in float32, `-O0` against `-O1`."""
    drawn = draw(pair.graph, seed, edges=edges)
    for model in pair.models:
        model.float()
        load(model, drawn, torch.float32)
    conditions = {name: single(value) for name, value in drawn.conditions.items()}
    zero, one = (call(entry, single(drawn.inputs), conditions) for entry in pair.entries)
    yield from _different_bits(zero, one)


def _different_bits(zero: Mapping[str, Any], one: Mapping[str, Any]) -> Iterator[str]:
    if list(zero) != list(one):
        yield f"it gives {', '.join(one)} in place of {', '.join(zero)}"
        return
    for name, value in zero.items():
        if isinstance(value, dict):
            yield from (f"{name} of {fault}" for fault in _different_bits(value, one[name]))
        elif not same_values(value, one[name]):
            yield f"{name}: its bits are not those of -O0"


def _float64(pair: Pair, seed: int, counts: Counts) -> Iterator[str]:
    """Values and gradients in float64: `-O0` against `-O1`, and that against the interpreter.

    What is apart is forgiven, and counted, where the interpreter moves as far by itself.
    """
    drawn = draw(pair.graph, seed)
    found = []
    with float64():
        for model, entry in zip(pair.models, pair.entries, strict=True):
            model.double()
            load(model, drawn, torch.float64)
            inputs = leaves(drawn.inputs)
            result = call(entry, inputs, drawn.conditions)
            found.append((result, gradients(result, trained(entry) | taking(inputs))))

        def meant(given: Draw) -> Results:
            inputs, online = leaves(given.inputs), leaves(given.weights)
            own = {name: online[name] for name in trained(pair.entries[1])}
            result = interpret(pair.graph, inputs, online, target=given.target, **given.conditions)
            return named(result, gradients(result, own | taking(inputs)))

        zero, one = (named(*each) for each in found)
        wanted = meant(drawn)
        apart = [
            *far(gradients_in(one), gradients_in(zero), GRADIENTS, "{} is not that of -O0"),
            *far(one, wanted, VALUES, "{} is not what the interpreter gives"),
        ]
        left = unforgiven(apart, drawn, meant, wanted)
    counts.forgiven += len(apart) - len(left)
    yield from (each.said for each in left)


def _dispatched(pair: Pair, seed: int, counts: Counts) -> Iterator[str]:
    """Products, counted and as the graph says, and ops in place, of one step."""
    drawn = draw(pair.graph, seed, (4,))
    with float64():
        for entry in pair.entries:
            for grad in (True, False):
                given = (entry, drawn.inputs, drawn.conditions)
                watch = watched(lambda given=given: call(*given), grad)
                said = products_of(entry.graph, (4,), grad)
                where = (
                    f"{'training' if grad else 'no_grad'} at {'-O0' if entry is pair.entries[0] else '-O1'}"
                )
                if watch.products != said:
                    yield f"{where}: {watch.products} products are dispatched, the graph says {said}"
                for op in sorted(watch.written):
                    yield f"{where}: {op} writes to a value that has a name"
                if entry is pair.entries[0] and grad:
                    counts.before += said
                elif grad:
                    counts.after += said


def call(
    entry: Entry, inputs: Mapping[str, Any], conditions: Mapping[str, Any], function: Any = None
) -> dict[str, Any]:
    """The entry's result, or that of a `function` in its place: of the inputs that it reads."""
    read = entry.graph.inputs
    positional = [inputs[name] for name in ("obs", "act") if name in read]
    further = {name: inputs[name] for name in read if name not in ("obs", "act")}
    given = dict(conditions)
    if not entry.noise_schema:
        given.pop("noise", None)
    if not entry.state_schema:
        given = {name: value for name, value in given.items() if name == "noise"}
    result: dict[str, Any] = (entry if function is None else function)(*positional, **further, **given)
    return result


def load(model: CompiledModel, drawn: Draw, dtype: torch.dtype) -> None:
    """Give a model, and its targets, the weights of a draw."""
    model.load_state_dict({name: value.to(dtype) for name, value in drawn.weights.items()}, strict=False)
    target = {name: drawn.target[name].to(dtype) for name in model.target_weights.state_dict()}
    model.target_weights.load_state_dict(target)


def single(value: Any) -> Any:
    """Floats as float32."""
    if isinstance(value, dict):
        return {name: single(part) for name, part in value.items()}
    return value.float() if value.is_floating_point() else value


def leaves(values: Mapping[str, Any]) -> dict[str, Any]:
    """Copies that take gradients."""
    return {
        name: leaves(value)
        if isinstance(value, dict)
        else value.clone().requires_grad_(value.is_floating_point())
        for name, value in values.items()
    }


def trained(entry: Entry) -> dict[str, Tensor]:
    return {name: parameter for name, parameter in entry.named_parameters() if parameter.requires_grad}


def taking(values: Mapping[str, Any]) -> dict[str, Tensor]:
    """The inputs that take gradients."""
    return {f"input {name}": value for name, value in flat(values).items() if value.requires_grad}


def named(result: Mapping[str, Any], its_gradients: Results) -> Results:
    """Values and gradients by what messages call them."""
    return {**flat(result), **{f"{GRADIENT}{name}": value for name, value in its_gradients.items()}}


def gradients_in(results: Results) -> Results:
    return {name: value for name, value in results.items() if name.startswith(GRADIENT)}


def gradients(result: Mapping[str, Any], of: Mapping[str, Tensor]) -> dict[str, Tensor | None]:
    """Gradients of a weighted sum of all that a result has, by what they are of."""
    total = torch.zeros((), dtype=torch.float64)
    for value in flat(result).values():
        if value.requires_grad:
            total = total + (value * torch.linspace(-1, 1, value.numel()).view(value.shape)).sum()
    if not of or not total.requires_grad:
        return dict.fromkeys(of)
    return dict(zip(of, torch.autograd.grad(total, [*of.values()], allow_unused=True), strict=True))


def run_entries(program: Program, seed: int) -> Counts:
    """Run a random entry point of a program in a random mode; hold its composition to what its terms mean."""
    random = Random(seed)
    counts = Counts()
    literal, merged = models_of(program)
    terms = Terms(literal._literal, random).entry()
    composed = compose(literal._literal, terms)
    mode = random.choice(("evaluate", "train", "collect"))
    graph = with_effects(composed, MODES[mode])
    drawn = draw(composed, seed, (4,))
    all_target = weights(literal._literal.owners, seed + 1)
    with float64(), torch.no_grad():
        meanings = Meanings(
            literal._literal, drawn.inputs, (4,), weights(literal._literal.owners, seed), all_target
        )
        got = interpret(with_effects(composed, ()), drawn.inputs, drawn.weights, target=drawn.target)
        for name, term in terms.items():
            if not same_values(got[name], meanings.of(term, {}, ONLINE)):
                counts.faults.append(f"{name}: the composition is not {term}")
        faults = effect_faults(literal._literal, terms, graph, MODES[mode], draw(graph, seed, (4,)))
        counts.faults += [f"{mode}: {fault}" for fault in faults]
    entries = tuple(model.entry(terms, mode=mode) for model in (literal, merged))
    pair = Pair(literal, merged, entries, graph)  # type: ignore[arg-type]
    counts.faults += [f"{mode}: {fault}" for fault in run_pair(pair, seed, counts)]
    return counts
