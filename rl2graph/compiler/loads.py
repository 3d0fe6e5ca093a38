"""Whether the files that `@load` names hold what their owners need, read without torch."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path

from rl2graph.diagnostics import Diagnostic, DiagnosticError, did_you_mean
from rl2graph.ir.graph import Graph, Load, Owner

MAX_HEADER = 100_000_000  # bytes; what safetensors itself allows

Shapes = Mapping[str, tuple[int, ...]]


def load_findings(graph: Graph, folder: Path | None) -> Iterator[Diagnostic]:
    """What is wrong with the files of a graph's `@load`s, each fault once, at the annotation.

    Args:
        folder: what the files' paths are relative to; the working directory where None.
    """
    held: dict[str, Shapes | None] = {}
    for owner in graph.owners:
        load = owner.load
        if load is None:
            continue
        if load.file not in held:
            held[load.file] = None
            try:
                held[load.file] = read_shapes((folder or Path()) / load.file)
            except DiagnosticError as error:
                yield from (Diagnostic(d.code, d.message, load.span, hint=d.hint) for d in error.diagnostics)
        shapes = held[load.file]
        if shapes is not None:
            yield from _misfits(owner, load, shapes)


def _misfits(owner: Owner, load: Load, shapes: Shapes) -> Iterator[Diagnostic]:
    for weight in owner.weights:
        key = load.key_of(weight.name)
        if key not in shapes:
            hint = did_you_mean(key, shapes) or f"it holds {', '.join(sorted(shapes)[:8])}"
            yield Diagnostic("RLG608", f"{load.file} holds no tensor `{key}`", load.span, hint=hint)
        elif shapes[key] != weight.shape:
            message = (
                f"`{key}` of {load.file} is {list(shapes[key])}, and the spec needs {list(weight.shape)}"
            )
            yield Diagnostic("RLG608", message, load.span)


def read_shapes(path: Path) -> Shapes:
    """Shapes of the tensors in a safetensors file, by name, from its header alone.

    Raises:
        DiagnosticError: RLG601 where it cannot be read, RLG608 where it is no such file.
    """
    try:
        with path.open("rb") as file:
            size = int.from_bytes(file.read(8), "little")
            header = json.loads(file.read(size)) if 0 < size <= MAX_HEADER else None
    except OSError as error:
        raise DiagnosticError.of("RLG601", f"cannot read {path}: {error.strerror or error}") from None
    except ValueError:
        header = None
    if not isinstance(header, dict):
        raise DiagnosticError.of("RLG608", f"{path} is no safetensors file")
    try:
        return {name: tuple(entry["shape"]) for name, entry in header.items() if name != "__metadata__"}
    except (KeyError, TypeError):
        raise DiagnosticError.of("RLG608", f"{path} is no safetensors file") from None
