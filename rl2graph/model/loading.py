"""`@load`: first weights from a safetensors file."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import torch

from rl2graph.diagnostics import DiagnosticError, did_you_mean
from rl2graph.ir.graph import Load, Owner


def loaded_weights(owners: Iterable[Owner], folder: Path | None) -> dict[str, torch.Tensor]:
    """First values, by state_dict key, of the owners that load theirs, float32.

    Args:
        folder: what the files' paths are relative to; the working directory where None.

    Raises:
        DiagnosticError: RLG601 for a file that cannot be read, RLG608 for one that does not hold the tensors,
            or holds numbers that are not finite.
    """
    files: dict[str, dict[str, torch.Tensor]] = {}
    found = {}
    for owner in owners:
        if owner.load is None:
            continue
        file = owner.load.file
        if file not in files:
            files[file] = _read(file, folder)
        for weight in owner.weights:
            key = owner.load.key_of(weight.name)
            found[f"{owner.path}.{weight.name}"] = _tensor(files[file], key, weight.dims, owner.load)
    return found


def _read(file: str, folder: Path | None) -> dict[str, torch.Tensor]:
    from safetensors import SafetensorError
    from safetensors.torch import load_file

    path = (folder or Path()) / file
    try:
        return load_file(path)
    except OSError as error:
        raise DiagnosticError.of("RLG601", f"cannot read {path}: {error.strerror or error}") from None
    except SafetensorError as error:
        raise DiagnosticError.of("RLG608", f"{path} is no safetensors file: {error}") from None


def _tensor(tensors: dict[str, torch.Tensor], key: str, shape: tuple[int, ...], load: Load) -> torch.Tensor:
    if key not in tensors:
        hint = did_you_mean(key, tensors) or f"it holds {', '.join(sorted(tensors)[:8])}"
        raise DiagnosticError.of("RLG608", f"{load.file} holds no tensor `{key}`", load.span, hint)
    value = tensors[key]
    if tuple(value.shape) != shape:
        message = f"`{key}` of {load.file} is {list(value.shape)}, and the spec needs {list(shape)}"
        raise DiagnosticError.of("RLG608", message, load.span)
    value = value.to(torch.float32)
    finite = torch.isfinite(value)
    if not finite.all():
        message = f"`{key}` of {load.file} holds {value[~finite][0].item()}, and weights are finite"
        hint = "save the weights of an earlier step"
        raise DiagnosticError.of("RLG608", message, load.span, hint)
    return value
