"""Checkpoints: tensors as safetensors, everything else as JSON, no pickle.

A checkpoint is a folder `checkpoints/<step>/` of `model`, `optim` and `memory.safetensors` and a
`manifest.json` with the SHA-256 of each and of itself; `normalisation.safetensors` is there where the run
normalises. It is written beside its place, manifest last, and
then renamed, so that a folder with that name is always whole. `last` and `best` are one-line files that name
one; in `best` its score follows.
"""

from __future__ import annotations

import hashlib
import json
import math
import os
import shutil
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import safetensors.numpy
import safetensors.torch
import torch
from torch import Tensor

from rl2graph.agents.base import Agent, Array
from rl2graph.diagnostics import DiagnosticError
from rl2graph.workers.jsonable import jsonable

SCHEMA = 1
# What reading JSON of the wrong shape may raise.
BAD_DATA = (KeyError, TypeError, ValueError, OverflowError, RecursionError, AttributeError)
_FILES = ("model.safetensors", "optim.safetensors", "memory.safetensors")
_NORMALISATION = "normalisation.safetensors"


@dataclass(frozen=True)
class Checkpoint:
    """What a checkpoint holds; `state` is JSON data: counters and random streams."""

    step: int
    model: dict[str, Tensor]
    optim: dict[str, Tensor]
    memory: dict[str, Array]
    state: dict[str, Any]
    normalisation: dict[str, Array] = field(default_factory=dict)

    @classmethod
    def of(
        cls,
        agent: Agent,
        step: int,
        state: Mapping[str, Any],
        kept: Mapping[str, Tensor],
        normalisation: Mapping[str, Array] | None = None,
    ) -> Checkpoint:
        """An agent as it stands (no copies), its weights being `kept`, and the normalisation's moments."""
        return cls(
            step=step,
            model=dict(kept),
            optim=agent.optimiser_tensors(),
            memory=agent.memory_arrays(),
            state={**state, "agent": agent.counters()},
            normalisation=dict(normalisation or {}),
        )

    @property
    def is_finite(self) -> bool:
        """Whether weights and optimiser are all finite numbers."""
        tensors = [*self.model.values(), *self.optim.values()]
        return all(bool(torch.isfinite(tensor).all()) for tensor in tensors)

    def restore(self, agent: Agent) -> None:
        """Puts weights, optimiser, memory, counters and random streams into `agent`.

        Raises:
            DiagnosticError: RLG608 where they do not fit it.
        """
        self.restore_weights(agent)
        agent.load_optimiser(self.optim)
        agent.load_memory(self.memory)
        try:
            agent.load_counters(self.state["agent"])
        except BAD_DATA as error:
            raise DiagnosticError.of("RLG608", f"the checkpoint's counters do not fit: {error!r}") from None

    def restore_weights(self, agent: Agent) -> None:
        """Puts the weights alone into `agent`."""
        try:
            agent.model.load_state_dict(self.model)
        except RuntimeError as error:
            reason = " ".join(str(error).split())
            raise DiagnosticError.of("RLG608", f"the checkpoint does not fit this model: {reason}") from None


def save(checkpoints: Path, checkpoint: Checkpoint, *, spec_text: str) -> Path:
    """Writes `checkpoints/<step>/`, whole or not at all, replacing one of the same step.

    Raises:
        DiagnosticError: RLG609 where it cannot be written.
    """
    # Metadata of a safetensors file is where other tools look for what the weights belong to.
    # One key: of several, safetensors writes the order at random, and no two runs would be the same bytes.
    about = {"spec": spec_text}
    contents = {
        "model.safetensors": safetensors.torch.save(_contiguous(checkpoint.model), about),
        "optim.safetensors": safetensors.torch.save(_contiguous(checkpoint.optim)),
        "memory.safetensors": safetensors.numpy.save(checkpoint.memory),
    }
    if checkpoint.normalisation:
        contents[_NORMALISATION] = safetensors.numpy.save(checkpoint.normalisation)
    manifest: dict[str, Any] = {
        "schema": SCHEMA,
        "step": checkpoint.step,
        "files": {
            name: {"sha256": hashlib.sha256(data).hexdigest(), "bytes": len(data)}
            for name, data in contents.items()
        },
        "state": jsonable(checkpoint.state),
    }
    manifest["sha256"] = _digest(manifest)
    contents["manifest.json"] = (json.dumps(manifest, indent=1, sort_keys=True) + "\n").encode()
    target = checkpoints / str(checkpoint.step)
    partial = checkpoints / f".{checkpoint.step}.partial"
    try:
        shutil.rmtree(partial, ignore_errors=True)
        partial.mkdir(parents=True)
        for name, data in contents.items():
            _write(partial / name, data)
        if target.exists():
            replaced = checkpoints / f".{checkpoint.step}.replaced"
            shutil.rmtree(replaced, ignore_errors=True)
            target.rename(replaced)
            try:
                partial.rename(target)
            except BaseException:
                replaced.rename(target)
                raise
            shutil.rmtree(replaced, ignore_errors=True)
        else:
            partial.rename(target)
    except OSError as error:
        shutil.rmtree(partial, ignore_errors=True)
        raise DiagnosticError.of("RLG609", f"cannot write `{target}`: {error.strerror or error}") from None
    return target


def is_there(folder: Path) -> bool:
    """Whether there is a checkpoint; one that a killed `save` had set aside is put back first."""
    replaced = folder.with_name(f".{folder.name}.replaced")
    if not folder.exists() and replaced.is_dir():
        with suppress(OSError):
            replaced.rename(folder)
    return folder.is_dir()


def load(folder: Path) -> Checkpoint:
    """Reads a checkpoint's folder, every file held against its SHA-256 first.

    Raises:
        DiagnosticError: RLG608 where anything is missing, damaged or of another schema.
    """
    if not is_there(folder):
        raise _damaged(folder, "it is missing")
    try:
        manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
        if manifest["schema"] != SCHEMA:
            raise _damaged(folder, f"its schema is {manifest['schema']}, and this release reads {SCHEMA}")
        if manifest.pop("sha256", None) != _digest(manifest):
            raise _damaged(folder, "manifest.json is not what was written")
        if str(manifest["step"]) != folder.name:
            raise _damaged(folder, f"it is the checkpoint of step {manifest['step']}")
        files = [*_FILES, *([_NORMALISATION] if _NORMALISATION in manifest["files"] else [])]
        data = {name: (folder / name).read_bytes() for name in files}
        for name in files:
            if hashlib.sha256(data[name]).hexdigest() != manifest["files"][name]["sha256"]:
                raise _damaged(folder, f"{name} is not what was written")
        return Checkpoint(
            step=int(manifest["step"]),
            model=safetensors.torch.load(data["model.safetensors"]),
            optim=safetensors.torch.load(data["optim.safetensors"]),
            memory=safetensors.numpy.load(data["memory.safetensors"]),
            state=dict(manifest["state"]),
            normalisation=safetensors.numpy.load(data[_NORMALISATION]) if _NORMALISATION in data else {},
        )
    except FileNotFoundError as error:
        raise _damaged(folder, f"{Path(error.filename).name} is missing") from None
    except OSError as error:
        raise _damaged(folder, str(error.strerror or error)) from None
    except BAD_DATA as error:
        raise _damaged(folder, f"manifest.json cannot be read ({error!r})") from None


def point(pointer: Path, step: int, score: float | None = None) -> None:
    """Makes a pointer file (`last`, `best`) name the checkpoint of `step`, in one replacement.

    The score goes with it: a state that is saved before its policy is judged cannot hold it.
    """
    partial = pointer.with_name(f".{pointer.name}.partial")
    try:
        _write(partial, (f"{step}\n" if score is None else f"{step} {score!r}\n").encode())
        os.replace(partial, pointer)
    except OSError as error:
        raise DiagnosticError.of("RLG609", f"cannot write `{pointer}`: {error.strerror or error}") from None


def follow(pointer: Path, checkpoints: Path) -> Path:
    """The checkpoint folder that a pointer file names.

    Raises:
        DiagnosticError: RLG608 where there is none.
    """
    try:
        name = pointer.read_text(encoding="utf-8").partition(" ")[0].strip()
    except FileNotFoundError:
        raise DiagnosticError.of(
            "RLG608", f"`{pointer.parent}` has no checkpoint called `{pointer.name}`"
        ) from None
    except (OSError, UnicodeDecodeError) as error:
        raise DiagnosticError.of("RLG608", f"cannot read `{pointer}`: {error}") from None
    if not name.isdecimal():
        raise DiagnosticError.of("RLG608", f"`{pointer}` names no checkpoint: {name[:40]!r}")
    return checkpoints / name


def score_of(pointer: Path) -> tuple[int, float] | None:
    """The step and score in a pointer file; None where there are none."""
    try:
        step, score = pointer.read_text(encoding="utf-8").split()
        found = int(step), float(score)
    except (OSError, ValueError):
        return None
    return found if math.isfinite(found[1]) else None


def _digest(manifest: Mapping[str, Any]) -> str:
    return hashlib.sha256(json.dumps(manifest, sort_keys=True).encode()).hexdigest()


def _contiguous(tensors: Mapping[str, Tensor]) -> dict[str, Tensor]:
    return {key: tensor.detach().contiguous() for key, tensor in tensors.items()}


def _write(path: Path, data: bytes) -> None:
    with path.open("wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())


def _damaged(folder: Path, reason: str) -> DiagnosticError:
    return DiagnosticError.of(
        "RLG608",
        f"the checkpoint `{folder}` cannot be used: {reason}",
        hint="write another checkpoint's number into the run's `last` file to go on from that one",
    )
