"""A spec: its text and its syntax tree."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from rl2graph.compiler.limits import DEFAULT, Limits
from rl2graph.diagnostics import Diagnostic, DiagnosticError, Source, did_you_mean
from rl2graph.lang import ast
from rl2graph.lang.layout import nesting
from rl2graph.lang.parser import parse_file


@dataclass(frozen=True, eq=False)
class Spec:
    """A parsed spec.

    Attributes:
        problems: what could not be parsed.
        folder: where its imports are looked up; None for a text without a file.
        files: texts of imported files by their path below `folder`, which go before those on disk.
        restored: its weights come from a checkpoint, so that `@load` reads nothing.
    """

    source: Source
    tree: ast.File
    problems: tuple[Diagnostic, ...]
    folder: Path | None = None
    files: Mapping[str, str] = field(default_factory=dict)
    limits: Limits = DEFAULT
    restored: bool = False

    @property
    def text(self) -> str:
        return self.source.text


def parse(
    text: str,
    name: str = "<text>",
    *,
    folder: Path | None = None,
    files: Mapping[str, str] | None = None,
    limits: Limits = DEFAULT,
    shipped: bool = False,
    restored: bool = False,
) -> Spec:
    """The spec that `text` is; problems are kept in it, not raised.

    Args:
        name: what diagnostics call it.
        folder: where its imports are looked up.
        files: texts of imported files by their path below `folder`, which go before those on disk.
        shipped: whether it is a part of the language's own library.
        restored: whether its weights come from a checkpoint, so that `@load` reads nothing.
    """
    source = Source(name, text, shipped)
    tree, problems = _within(limits, source)
    if not tree.statements and not problems:
        hint = "a spec starts like this: `pi = head(mlp(obs))`"
        problems = [Diagnostic("RLG603", f"{name} has no statements", hint=hint)]
    return Spec(source, tree, tuple(problems), folder, files or {}, limits, restored)


def without_statements(name: str, text: str, *, restored: bool = False) -> Spec:
    """The spec that stands for a text in another form than the language, which nobody parses."""
    source = Source(name, text)
    return Spec(source, ast.File(source, 0, 0, None, []), (), restored=restored)


def load(path: str | Path, limits: Limits = DEFAULT) -> Spec:
    """The spec in a file.

    Raises:
        DiagnosticError: RLG601 where it cannot be read, RLG602 where it is not UTF-8 text, RLG108 where it is
            longer than the limit.
    """
    return parse(read_text(path, limits), str(path), folder=Path(path).parent, limits=limits)


def as_spec(spec: Spec | str | Path, limits: Limits = DEFAULT) -> Spec:
    """The spec that a path, a text or a spec stands for; a path ends in `.rl2` and has no `=` in it.

    Raises:
        DiagnosticError: as `load`.
    """
    if isinstance(spec, Spec):
        return spec
    if not isinstance(spec, str | Path):
        raise TypeError(f"a spec is its path, its text or a Spec, not a {type(spec).__name__}")
    if isinstance(spec, Path) or (spec.endswith(".rl2") and "=" not in spec):
        return load(spec, limits)
    return parse(spec, limits=limits)


def read_text(path: str | Path, limits: Limits = DEFAULT) -> str:
    """The text of a file, with the line ends of Unix.

    Raises:
        DiagnosticError: as `load`.
    """
    try:
        with open(path, "rb") as stream:
            data = stream.read(limits.bytes + 1)
    except OSError as error:
        reason = error.strerror or str(error)
        raise DiagnosticError.of(
            "RLG601", f"cannot read {path}: {reason}", hint=_neighbours(Path(path))
        ) from None
    except ValueError as error:
        raise DiagnosticError.of("RLG601", f"cannot read {str(path)!r}: {error}") from None
    if len(data) > limits.bytes:
        message = f"{path} is longer than {limits.bytes:,} bytes"
        raise DiagnosticError.of("RLG108", message, hint="`--limit bytes=NUMBER` raises the limit")
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        message = f"{path} is not UTF-8 text: byte {error.start} is 0x{data[error.start]:02x}"
        raise DiagnosticError.of("RLG602", message) from None
    if "\0" in text:
        raise DiagnosticError.of("RLG602", f"{path} is not text: it holds NUL bytes")
    return text.replace("\r\n", "\n")


def _within(limits: Limits, source: Source) -> tuple[ast.File, list[Diagnostic]]:
    """The tree, or an empty one where the text passes a limit."""
    what, name = f"{limits.bytes:,} characters", "bytes"
    if len(source.text) <= limits.bytes:
        with nesting(limits.nesting):
            tree, problems = parse_file(source)
        if len(tree.statements) <= limits.statements:
            return tree, problems
        what, name = f"{limits.statements:,} statements", "statements"
    hint = f"`--limit {name}=NUMBER` raises the limit"
    found = Diagnostic("RLG108", f"{source.name} is longer than {what}", hint=hint)
    return ast.File(source, 0, 0, None, []), [found]


def _neighbours(path: Path) -> str | None:
    try:
        names = [
            entry.name
            for entry in path.parent.iterdir()
            if entry.suffix == ".rl2" and entry.name != path.name
        ]
    except OSError:
        return None
    return did_you_mean(path.name, names)


@cache
def prelude() -> Spec:
    """The presets, written in the language."""
    path = Path(__file__).with_name("prelude.rl2")
    return parse(path.read_text(encoding="utf-8"), "prelude.rl2", shipped=True)
