"""What was compiled, outside eager mode: exported programs, and entries under `torch.compile`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import torch

from rl2graph.backend.numerics import float64, same_values
from rl2graph.ir.slots import with_effects
from rl2graph.model.export import export
from rl2graph.testing.generation.programs import Program
from tests.proof.dispatching import products_of, watched
from tests.proof.draws import draw
from tests.proof.rounding import far
from tests.proof.running import VALUES, call, flat, gradients, leaves, load, models_of, named, taking, trained
from tests.proof.sources import MODES

BATCH = (5,)


def run_exported(program: Program, seed: int) -> Iterator[str]:
    """What is wrong with the exported program at `-O1`: bits, and products that are there twice."""
    literal, merged = models_of(program)
    graph = with_effects(literal._literal, MODES["evaluate"])
    drawn = draw(graph, seed, BATCH)
    with float64():
        for model in (literal, merged):
            model.double()
            load(model, drawn, torch.float64)
        names = [output.name for output in merged.outputs]
        entry = merged.entry(names)
        module = export(merged).module()
        wanted = flat(call(literal.entry(names), drawn.inputs, drawn.conditions))
        got = flat(_called(module, entry.graph.inputs, drawn.inputs, drawn.conditions))
        for name, value in wanted.items():
            if not same_values(value, got[name]):
                yield f"{name}: its bits are not those of -O0"
        for grad in (True, False):
            watch = watched(lambda: _called(module, entry.graph.inputs, drawn.inputs, drawn.conditions), grad)
            said = products_of(entry.graph, BATCH, grad)
            if watch.products != said:
                yield f"{watch.products} products are dispatched, the graph says {said}"


def run_compiled(program: Program, seed: int) -> Iterator[str]:
    """What is wrong with an entry at `-O1` under `torch.compile`, whole."""
    literal, merged = models_of(program)
    graph = with_effects(literal._literal, MODES["train"])
    drawn = draw(graph, seed, BATCH)
    names = [output.name for output in merged.outputs]
    with float64():
        merged.double()
        load(merged, drawn, torch.float64)
        entry = merged.entry(names, mode="train")
        torch.compiler.reset()
        whole = torch.compile(entry, fullgraph=True)
        results = []
        for function in (entry, whole):
            inputs = leaves(drawn.inputs)
            result = call(entry, inputs, drawn.conditions, function)
            results.append(named(result, gradients(result, trained(entry) | taking(inputs))))
    wanted, got = results
    yield from (apart.said for apart in far(got, wanted, VALUES, "{} is not what it is in eager mode"))


def _called(
    module: Any, read: tuple[str, ...], inputs: Mapping[str, Any], conditions: Mapping[str, Any]
) -> dict[str, Any]:
    positional = [inputs[name] for name in ("obs", "act") if name in read]
    further = {name: inputs[name] for name in read if name not in ("obs", "act")}
    result: dict[str, Any] = module(*positional, **further, **conditions)
    return result
