"""Files that a wheel holds inside the package and that lie beside it in the repository."""

from __future__ import annotations

from pathlib import Path


def shipped(path: str) -> Path:
    """The file or folder at `path` of the repository: package data in a wheel, the repository's own in an
    editable install.

    Raises:
        FileNotFoundError: it is in neither.
    """
    package = Path(__file__).resolve().parent
    for root in (package, package.parent):
        if (root / path).exists():
            return root / path
    raise FileNotFoundError(f"{path} is neither in the installed package nor beside the repository's root")
