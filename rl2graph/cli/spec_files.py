"""The files that a command line names: specs, and those below folders."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

STDIN = "-"


def spec_files(given: Sequence[str]) -> Iterator[str]:
    """The files named, and those below the folders named; each once."""
    found: dict[str, None] = {}
    for path in given:
        below = _files_below(path) if path != STDIN and os.path.isdir(path) else [path]
        if not below:
            print(f"{path}: no .rl2 files below it", file=sys.stderr)
        found.update(dict.fromkeys(below))
    yield from found


def _files_below(folder: str) -> list[str]:
    """Every .rl2 file below a folder. Hidden folders are left out, such as a virtual environment's, and those
    of runs, which are records.
    """
    found: list[str] = []
    for root, folders, files in os.walk(folder):
        if root != folder and {"config.toml", "meta.json", "spec.rl2"} <= set(files):
            folders.clear()
            continue
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        found += [str(Path(root, name)) for name in sorted(files) if name.endswith(".rl2")]
    return found
