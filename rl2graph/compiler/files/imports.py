"""Which file an `import` means: below the spec's own folder, or in the shipped library, and nowhere else."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from rl2graph.compiler.elaboration.parts import inside_quotes
from rl2graph.compiler.limits import Limits
from rl2graph.compiler.spec import Spec, parse, read_text
from rl2graph.diagnostics import Diagnostic, DiagnosticError, Fix, did_you_mean
from rl2graph.lang import ast

LIBRARY = Path(__file__).resolve().parents[2] / "library"


@dataclass(frozen=True, slots=True)
class Place:
    """A file that can be imported: its path below a root; `shipped`: that root is the library."""

    path: str
    shipped: bool

    @property
    def folder(self) -> str:
        return self.path.rpartition("/")[0]


class Importer:
    """Finds and parses imported files, each once.

    Attributes:
        main: the spec itself.
        files: texts of the files of the spec's own folder that were imported, by their path below it.
    """

    def __init__(self, spec: Spec) -> None:
        self.files: dict[str, str] = {}
        self.source = spec.source
        name = Path(spec.source.name)
        self.main = Place(name.name if spec.folder == name.parent else "", shipped=False)
        self._spec = spec
        self._limits: Limits = spec.limits
        self._parsed: dict[Place, Spec] = {}

    def find(self, written: ast.String, importer: Place) -> Place:
        """The file that a path means in the file `importer`.

        Raises:
            DiagnosticError: RLG215 for a path that cannot be one, RLG601 where there is no such file.
        """
        text, span = written.value, written.span
        reason = _refusal(text)
        if reason is not None:
            raise self._refused(written, reason, importer)
        below = _normal(importer.folder, text)
        own = None if below is None else Place(below, importer.shipped)
        if own is not None and self._has(own):
            return own
        shipped = _normal("", text)
        if shipped is not None and self._has(Place(shipped, True)):
            return Place(shipped, True)
        if own is None:
            message = f"`{text}` leaves the folder of the spec"
            hint = "an import stays below the folder of the spec that is compiled, or names a shipped file"
            raise DiagnosticError.of("RLG215", message, span, hint)
        raise DiagnosticError.of(
            "RLG601", f"no file `{text}`, neither below the spec's folder nor shipped", span, self._near(text)
        )

    def _refused(self, written: ast.String, reason: str, importer: Place) -> DiagnosticError:
        """The refusal of a path that can be no import, with the path that was meant where there is one."""
        message = f"`{written.value}` {reason}"
        meant = written.value.replace("\\", "/")
        meant += "" if meant.endswith(".rl2") else ".rl2"
        place = Place(_normal(importer.folder, meant) or "", importer.shipped)
        if _refusal(meant) is None and self._has(place):
            span = inside_quotes(written)
            hint, fix = f"did you mean `{meant}`?", Fix(f"write `{meant}`", span, meant)
            return DiagnosticError([Diagnostic("RLG215", message, written.span, hint=hint, fix=fix)])
        hint = 'write it like `import "encoders/nature.rl2" as enc`'
        return DiagnosticError.of("RLG215", message, written.span, hint)

    def load(self, place: Place, written: ast.String) -> Spec:
        """The file, parsed.

        Raises:
            DiagnosticError: RLG601, RLG602 or RLG108, at the import.
        """
        known = self._parsed.get(place)
        if known is None:
            try:
                text = self._read(place)
            except DiagnosticError as error:
                found = error.diagnostics[0]
                raise DiagnosticError(
                    [Diagnostic(found.code, found.message, written.span, hint=found.hint)]
                ) from None
            if not place.shipped:
                self.files[place.path] = text
            known = parse(text, self._shown(place), limits=self._limits, shipped=place.shipped)
            self._parsed[place] = known
        return known

    def _read(self, place: Place) -> str:
        if not place.shipped and place.path in self._spec.files:
            return self._spec.files[place.path]
        path = self._path(place)
        assert path is not None
        return read_text(path, self._limits)

    def _has(self, place: Place) -> bool:
        if not place.shipped and place.path in self._spec.files:
            return True
        path = self._path(place)
        try:
            # A link may lead out of the root though the path does not.
            return path is not None and path.is_file() and path.resolve().is_relative_to(self._root(place))
        except (OSError, ValueError, RuntimeError):
            return False

    def _root(self, place: Place) -> Path:
        return LIBRARY if place.shipped else (self._spec.folder or Path()).resolve()

    def _path(self, place: Place) -> Path | None:
        if place.shipped:
            return LIBRARY / place.path
        return None if self._spec.folder is None else self._spec.folder / place.path

    def _shown(self, place: Place) -> str:
        return place.path if place.shipped else str(self._path(place) or place.path)

    def _near(self, text: str) -> str | None:
        known = {path.relative_to(LIBRARY).as_posix() for path in LIBRARY.rglob("*.rl2")}
        folder = self._spec.folder
        if folder is not None:
            try:
                known |= {path.name for path in folder.glob("*.rl2")}
                known |= {path.relative_to(folder).as_posix() for path in folder.glob("*/*.rl2")}
            except OSError:
                pass
        return did_you_mean(text, known)


def _refusal(text: str) -> str | None:
    """Why a path can be no import, or None."""
    if "\\" in text:
        return "has a backslash; folders are separated by `/`"
    if text.startswith("/") or text[1:2] == ":":
        return "is an absolute path"
    if not text.endswith(".rl2"):
        return "does not end in `.rl2`"
    if not text.isprintable() or len(text) > 1_000:
        return "is no path of a file"
    return None


def _normal(folder: str, text: str) -> str | None:
    """`folder/text` without `.` and `..`; None where it leaves the root."""
    parts = [part for part in folder.split("/") if part]
    for part in text.split("/"):
        if part == "..":
            if not parts:
                return None
            parts.pop()
        elif part not in ("", "."):
            parts.append(part)
    return "/".join(parts)
