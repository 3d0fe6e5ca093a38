"""A model as a program that torch alone can run."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path
from typing import Any

import torch

from rl2graph.diagnostics import DiagnosticError
from rl2graph.ir.graph import Graph
from rl2graph.model.compiled import CompiledModel

_DTYPES = {"f32": torch.float32, "u8": torch.uint8, "i64": torch.int64}


def export(model: CompiledModel) -> torch.export.ExportedProgram:
    """All outputs of `model` as a `torch.export` program; the batch size is free.

    A recurrent model is exported as one step, which takes `state` and `resets` and gives the next state.
    """
    entry = model.entry([output.name for output in model.outputs])
    inputs = examples(entry.graph)
    if entry.state_schema:
        inputs |= {"state": entry.initial_state(2), "resets": torch.zeros(2, dtype=torch.bool)}
    batch = torch.export.Dim("batch", min=1)
    positional = tuple(value for name, value in inputs.items() if name in ("obs", "act"))
    keyword = {name: value for name, value in inputs.items() if name not in ("obs", "act")}
    shapes = {name: _free_batch(value, batch) for name, value in inputs.items()}
    return torch.export.export(entry, positional, keyword, dynamic_shapes=shapes)


def export_program(model: CompiledModel, path: Path) -> None:
    """Write the exported program to a `.pt2` file, whole or not at all.

    Raises:
        DiagnosticError: RLG609.
    """
    program = export(model)
    try:
        with tempfile.TemporaryDirectory(dir=path.parent) as folder:
            temporary = Path(folder) / path.name
            torch.export.save(program, temporary)
            os.replace(temporary, path)
    except OSError as error:
        raise DiagnosticError.of("RLG609", f"cannot write {path}: {error.strerror or error}") from None


def examples(graph: Graph) -> dict[str, Any]:
    """A batch of two of each input, in the order of `forward`."""
    examples: dict[str, Any] = {}
    for node in graph.nodes:
        if node.op == "input":
            value = torch.zeros(2, *node.type.dims, dtype=_DTYPES[node.type.dtype])
            _put(examples, (node.input_name, *node.input_path), value)
    order = sorted(examples, key=lambda name: {"obs": 0, "act": 1}.get(name, 2))
    return {name: examples[name] for name in order}


def _put(tree: dict[str, Any], path: tuple[str, ...], value: torch.Tensor) -> None:
    for part in path[:-1]:
        tree = tree.setdefault(part, {})
    tree[path[-1]] = value


def _free_batch(value: Any, batch: Any) -> Any:
    """For each tensor of an input, that its first axis is free."""
    if isinstance(value, dict):
        return {name: _free_batch(part, batch) for name, part in value.items()}
    return {0: batch}
