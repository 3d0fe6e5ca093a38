"""A spec: its text and its syntax tree."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path

from rl2graph.diagnostics import Diagnostic, DiagnosticError, Source
from rl2graph.lang import ast
from rl2graph.lang.parser import parse_file


@dataclass(frozen=True, eq=False)
class Spec:
    """A parsed spec; `problems` are what could not be parsed."""

    source: Source
    tree: ast.File
    problems: tuple[Diagnostic, ...]

    @property
    def text(self) -> str:
        return self.source.text


def parse(text: str, name: str = "<text>") -> Spec:
    """The spec that `text` is; problems are kept in it, not raised."""
    source = Source(name, text)
    tree, problems = parse_file(source)
    if not tree.statements and not problems:
        problems = [
            Diagnostic(
                "RLG603", f"{name} has no statements", hint="a spec starts like this: `pi = head(mlp(obs))`"
            )
        ]
    return Spec(source, tree, tuple(problems))


def load(path: str | Path) -> Spec:
    """The spec in a file.

    Raises:
        DiagnosticError: RLG601 where it cannot be read, RLG602 where it is not UTF-8 text.
    """
    try:
        data = Path(path).read_bytes()
    except OSError as error:
        reason = error.strerror or str(error)
        raise DiagnosticError.of(
            "RLG601", f"cannot read {path}: {reason}", hint=_neighbours(Path(path))
        ) from None
    except ValueError as error:
        raise DiagnosticError.of("RLG601", f"cannot read {str(path)!r}: {error}") from None
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        message = f"{path} is not UTF-8 text: byte {error.start} is 0x{data[error.start]:02x}"
        raise DiagnosticError.of("RLG602", message) from None
    if "\0" in text:
        raise DiagnosticError.of("RLG602", f"{path} is not text: it holds NUL bytes")
    return parse(text.replace("\r\n", "\n"), str(path))


def _neighbours(path: Path) -> str | None:
    from rl2graph.diagnostics import did_you_mean

    try:
        names = [entry.name for entry in path.parent.iterdir() if entry.suffix == ".rl2"]
    except OSError:
        return None
    return did_you_mean(path.name, names)


@cache
def prelude() -> Spec:
    """The presets, written in the language."""
    path = Path(__file__).with_name("prelude.rl2")
    return parse(path.read_text(encoding="utf-8"), "prelude.rl2")
