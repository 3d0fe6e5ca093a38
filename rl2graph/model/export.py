"""A model as a program that torch alone can run."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

import torch

from rl2graph.diagnostics import DiagnosticError
from rl2graph.ir.graph import Graph
from rl2graph.model.compiled import CompiledModel

_DTYPES = {"f32": torch.float32, "u8": torch.uint8, "i64": torch.int64}


def export(model: CompiledModel) -> torch.export.ExportedProgram:
    """All outputs of `model` as a `torch.export` program; the batch size is free."""
    entry = model.entry([output.name for output in model.outputs])
    inputs = _examples(entry.graph)
    batch = torch.export.Dim("batch", min=1)
    positional = tuple(value for name, value in inputs.items() if name in ("obs", "act"))
    keyword = {name: value for name, value in inputs.items() if name not in ("obs", "act")}
    shapes = {name: {0: batch} for name in inputs}
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


def _examples(graph: Graph) -> dict[str, torch.Tensor]:
    """A batch of two of each input, in the order of `forward`."""
    types = {str(node.values["name"]): node.type for node in graph.nodes if node.op == "input"}
    order = [name for name in ("obs", "act") if name in types] + [n for n in types if n not in ("obs", "act")]
    return {name: torch.zeros(2, *types[name].dims, dtype=_DTYPES[types[name].dtype]) for name in order}
