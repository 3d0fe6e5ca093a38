"""A run's folder: `spec.rl2 imports/ config.toml meta.json metrics.jsonl checkpoints/ last best`."""

from __future__ import annotations

import json
import os
import platform
import shutil
from collections.abc import Mapping
from datetime import UTC, datetime
from importlib import metadata
from pathlib import Path
from typing import Any

from rl2graph.diagnostics import DiagnosticError
from rl2graph.workers import checkpoint as checkpoints
from rl2graph.workers.checkpoint import Checkpoint
from rl2graph.workers.jsonable import jsonable

SCHEMA = 1
_PACKAGES = ("rl2graph", "torch", "numpy", "gymnasium", "safetensors")


class RunFolder:
    """Paths and small files of one run; `create` makes one, `open` finds one."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.spec = path / "spec.rl2"
        self.imports = path / "imports"
        self.config = path / "config.toml"
        self.meta = path / "meta.json"
        self.metrics = path / "metrics.jsonl"
        self.checkpoints = path / "checkpoints"
        self.last = path / "last"
        self.best = path / "best"

    @classmethod
    def create(
        cls,
        path: Path,
        *,
        spec_text: str,
        imported_files: Mapping[str, str],
        config_text: str,
        meta: Mapping[str, Any],
        first: Checkpoint,
    ) -> RunFolder:
        """Makes the folder with its first checkpoint in it and no metrics yet, whole or not at all.

        Raises:
            DiagnosticError: RLG605 where the place is taken, RLG609 where it cannot be written.
        """
        check_free(path)
        partial = cls(path.with_name(f".{path.name}.partial"))
        try:
            shutil.rmtree(partial.path, ignore_errors=True)
            partial.checkpoints.mkdir(parents=True)
            partial.spec.write_text(spec_text, encoding="utf-8")
            for name, text in imported_files.items():
                file = partial.imports / name
                file.parent.mkdir(parents=True, exist_ok=True)
                file.write_text(text, encoding="utf-8")
            partial.config.write_text(config_text, encoding="utf-8")
            partial.meta.write_text(json.dumps(meta, indent=1) + "\n", encoding="utf-8")
            partial.metrics.touch()
            checkpoints.save(partial.checkpoints, first, spec_text=spec_text)
            checkpoints.point(partial.last, first.step)
            os.replace(partial.path, path)
        except BaseException as error:
            shutil.rmtree(partial.path, ignore_errors=True)
            if not isinstance(error, OSError):
                raise
            raise DiagnosticError.of(
                "RLG609", f"cannot make the run folder `{path}`: {error.strerror or error}"
            ) from None
        return cls(path)

    @classmethod
    def open(cls, path: Path) -> RunFolder:
        """The run that is at `path`.

        Raises:
            DiagnosticError: RLG605 where there is none.
        """
        folder = cls(path)
        if not (folder.config.is_file() and folder.spec.is_file()):
            raise DiagnosticError.of(
                "RLG605",
                f"`{path}` holds no run",
                hint="a run's folder has spec.rl2 and config.toml in it; `rl2graph train --run` makes one",
            )
        return folder

    def load_spec(self) -> Any:
        """The run's spec, with the files that it imports; what `@load` read is in the checkpoints."""
        import rl2graph

        return rl2graph.parse(self.read(self.spec), str(self.spec), folder=self.imports, restored=True)

    def check_function(self, digest: str) -> None:
        """Raises RLG608 unless `digest` is that of the function that the run trains."""
        try:
            meta = json.loads(self.read(self.meta))
            kept = str(meta.get("function_digest", digest))
        except ValueError as error:
            raise DiagnosticError.of("RLG608", f"`{self.meta}` cannot be read: {error}") from None
        # Digests of two canonical forms, which two releases may have, say nothing of each other.
        if kept != digest and kept.partition(":")[0] == digest.partition(":")[0]:
            raise DiagnosticError.of(
                "RLG608",
                f"the spec of `{self.path}` is another function now than the one that was trained",
                hint="an op of yours, the environment's spaces, or the release of rl2graph has changed;"
                " meta.json says what it was trained with",
            )

    def read(self, file: Path) -> str:
        """The text of one of the run's files; RLG601 or RLG602 where it cannot be had."""
        try:
            return file.read_text(encoding="utf-8")
        except UnicodeDecodeError:
            raise DiagnosticError.of("RLG602", f"`{file}` is not UTF-8 text") from None
        except OSError as error:
            raise DiagnosticError.of("RLG601", f"cannot read `{file}`: {error.strerror or error}") from None

    def log(self, record: Mapping[str, Any]) -> None:
        """Appends one line to metrics.jsonl; numbers that are not finite become null."""
        try:
            with self.metrics.open("a", encoding="utf-8") as file:
                file.write(json.dumps(jsonable(dict(record))) + "\n")
        except OSError as error:
            raise DiagnosticError.of(
                "RLG609", f"cannot write `{self.metrics}`: {error.strerror or error}"
            ) from None

    def rewind(self, step: int) -> None:
        """Drops the lines of metrics.jsonl that a run, going on from `step`, will write again."""
        kept = []
        for line in self.read(self.metrics).splitlines() if self.metrics.exists() else []:
            try:
                record = json.loads(line)
            except ValueError:  # a line that a killed run left half-written
                continue
            if isinstance(record, dict) and record.get("steps", 0) <= step:
                kept.append(line + "\n")
        self.write(self.metrics, "".join(kept))

    def write(self, file: Path, text: str) -> None:
        """Replaces one of the run's files, whole or not at all."""
        partial = file.with_name(f".{file.name}.partial")
        try:
            partial.write_text(text, encoding="utf-8")
            os.replace(partial, file)
        except OSError as error:
            raise DiagnosticError.of("RLG609", f"cannot write `{file}`: {error.strerror or error}") from None


def check_free(path: Path) -> None:
    """Raises RLG605 unless nothing, or an empty folder, is at `path`."""
    if (path / "config.toml").exists():
        raise DiagnosticError.of(
            "RLG605",
            f"`{path}` holds a run already",
            hint="go on with it by --resume, or give another folder with --run",
        )
    if path.name in ("", ".."):
        raise DiagnosticError.of(
            "RLG605", f"`{path}` cannot become a run folder", hint="give a new folder with --run, by its name"
        )
    taken = path.exists() and (not path.is_dir() or any(path.iterdir()))
    if taken:
        raise DiagnosticError.of(
            "RLG605", f"`{path}` exists and is not a run", hint="give a new or empty folder with --run"
        )


def free_name(root: Path, stem: str) -> Path:
    """`root/stem`, or the first of `root/stem-2`, `root/stem-3`, … that does not exist."""
    path, count = root / stem, 1
    while path.exists():
        count += 1
        path = root / f"{stem}-{count}"
    return path


def describe(**facts: Any) -> dict[str, Any]:
    """The content of meta.json: when, with which versions, and the given facts."""
    versions: dict[str, str] = {"python": platform.python_version()}
    for name in _PACKAGES:
        try:
            versions[name] = metadata.version(name)
        except metadata.PackageNotFoundError:
            versions[name] = "not installed"
    return {
        "schema": SCHEMA,
        "created": datetime.now(UTC).isoformat(timespec="seconds"),
        "platform": platform.platform(),
        "versions": versions,
        **facts,
    }
