"""`rl2graph fmt`: the one canonical layout of specs, comments kept."""

from __future__ import annotations

import argparse
import io
import sys
from codecs import BOM_UTF8
from dataclasses import dataclass
from difflib import unified_diff
from pathlib import Path
from typing import Any

from rl2graph.cli.common import EXIT_ERRORS, print_diagnostics, write_whole
from rl2graph.cli.spec_files import STDIN, spec_files
from rl2graph.compiler.spec import read_text
from rl2graph.diagnostics import DiagnosticError
from rl2graph.lang.formatting.formatter import format_text


def add_parser(commands: Any) -> None:
    parser = commands.add_parser("fmt", help="lay specs out in the canonical way", description=__doc__)
    parser.add_argument(
        "spec", metavar="SPEC", nargs="+", help="an .rl2 file, a folder of them, or - for stdin to stdout"
    )
    action = parser.add_mutually_exclusive_group()
    action.add_argument("--check", action="store_true", help="change nothing; exit 1 if a file would change")
    action.add_argument("--diff", action="store_true", help="change nothing; print what would change")
    parser.add_argument(
        "--stdin-filename", metavar="NAME", default="<stdin>", help="what messages call the text of -"
    )
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    failed = False
    for path in spec_files(args.spec):
        try:
            text = _read_stdin(args.stdin_filename) if path == STDIN else _read_file(path)
        except DiagnosticError as error:
            print_diagnostics(error.diagnostics, sys.stderr)
            failed = True
            continue
        if args.check or args.diff:
            failed |= text.changes
            _report(text, diff=args.diff)
        elif path == STDIN:
            _print_exactly(text.after)
        elif text.changes:
            failed |= not _rewrite(path, text)
    return EXIT_ERRORS if failed else 0


@dataclass(frozen=True, slots=True)
class _Text:
    """A text with its byte-order mark and its own line ends, as it is and as it should be."""

    name: str
    before: str
    after: str

    @property
    def changes(self) -> bool:
        return self.before != self.after


def _read_file(path: str) -> _Text:
    text = read_text(path)
    return _formatted(path, text, Path(path).read_bytes())


def _read_stdin(name: str) -> _Text:
    data = sys.stdin.buffer.read()
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        message = f"{name} is not UTF-8 text: byte {error.start} is 0x{data[error.start]:02x}"
        raise DiagnosticError.of("RLG602", message) from None
    return _formatted(name, text.replace("\r\n", "\n"), data)


def _formatted(name: str, text: str, data: bytes) -> _Text:
    after = format_text(text, name)
    if b"\r\n" in data:
        after = after.replace("\n", "\r\n")
    return _Text(name, data.decode("utf-8"), "\ufeff" * data.startswith(BOM_UTF8) + after)


def _rewrite(path: str, text: _Text) -> bool:
    try:
        write_whole(Path(path), text.after)
    except DiagnosticError as error:
        print_diagnostics(error.diagnostics, sys.stderr)
        return False
    print(f"{path}: formatted", file=sys.stderr)
    return True


def _report(text: _Text, *, diff: bool) -> None:
    if diff:
        _print_exactly(_difference(text))
    elif text.changes:
        print(f"{text.name}: would be formatted", file=sys.stderr)


def _difference(text: _Text) -> str:
    """A unified diff, for `patch -p0`."""
    before, after = (list(io.StringIO(side, newline="\n")) for side in (text.before, text.after))
    return "".join(
        line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n"
        for line in unified_diff(before, after, text.name, text.name)
    )


def _print_exactly(text: str) -> None:
    """To stdout as UTF-8, whatever the terminal's encoding: what is printed is a file's text."""
    sys.stdout.flush()
    sys.stdout.buffer.write(text.encode("utf-8"))
