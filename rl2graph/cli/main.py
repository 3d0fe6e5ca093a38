"""`rl2graph`: the commands, and what happens when one of them fails."""

from __future__ import annotations

import argparse
import io
import os
import sys
from collections.abc import Callable, Sequence
from errno import EPIPE
from importlib import import_module
from typing import Any

from rl2graph.cli.common import EXIT_ERRORS, EXIT_INTERRUPTED, EXIT_USAGE, UsageError, print_diagnostics
from rl2graph.cli.user_ops import load_user_ops
from rl2graph.diagnostics import DiagnosticError

COMMANDS = (
    "check",
    "fmt",
    "compile",
    "show",
    "visualize",
    "equiv",
    "diff",
    "train",
    "eval",
    "ops",
    "specs",
    "algos",
    "explain",
)


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command and return its exit status: 0 done, 1 errors, 2 usage, 130 interrupted; a command may
    have a status of its own for errors (`error_status`).
    """
    arguments = sys.argv[1:] if argv is None else list(argv)
    _prepare_streams()
    parser = _parser(arguments[:1])
    try:
        args = parser.parse_args(arguments)
    except SystemExit as stop:  # argparse has printed its message
        return stop.code if isinstance(stop.code, int) else EXIT_USAGE
    try:
        if args.command != "check":  # which reports what is wrong with them in its own format
            load_user_ops(args)
        status: int = args.run(args)
        sys.stdout.flush()
        return status
    except DiagnosticError as error:
        print_diagnostics(error.diagnostics, sys.stderr)
        return EXIT_USAGE if isinstance(error, UsageError) else getattr(args, "error_status", EXIT_ERRORS)
    except KeyboardInterrupt as stop:
        print("interrupted", *filter(None, [str(stop)]), sep="\n", file=sys.stderr)
        return EXIT_INTERRUPTED
    except _OutputError as error:
        # Where the reader has gone (`rl2graph show … | head`) there is nothing to say.
        if error.errno != EPIPE:
            print(f"rl2graph: cannot write the output: {error.strerror}", file=sys.stderr)
        # Python would complain once more at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return EXIT_ERRORS


class _OutputError(OSError):
    """What stdout was given cannot be written; any other OSError is of what the command ran."""


def _marking(write: Callable[..., Any]) -> Callable[..., Any]:
    """`write`, a method of stdout, whose errors can be told from others."""

    def marking(*given: Any) -> Any:
        try:
            return write(*given)
        except OSError as error:
            raise _OutputError(error.errno, error.strerror) from None

    return marking


def _prepare_streams() -> None:
    """A closed stream takes what is written to it; one that cannot show a character shows its number."""
    for name in ("stdout", "stderr"):
        stream = getattr(sys, name)
        if stream is None:
            setattr(sys, name, open(os.devnull, "w", encoding="utf-8"))  # noqa: SIM115 (for the process)
        elif isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")
    if isinstance(sys.stdout, io.TextIOWrapper) and "write" not in vars(sys.stdout):
        for name in ("write", "flush"):
            setattr(sys.stdout, name, _marking(getattr(sys.stdout, name)))


def run() -> None:
    """The console script."""
    sys.exit(main())


def _parser(first: Sequence[str]) -> argparse.ArgumentParser:
    """The parser; only the named command's module is imported, all of them for a list of commands."""
    from rl2graph import __version__

    parser = argparse.ArgumentParser(
        prog="rl2graph", description="A language for reinforcement-learning networks, and its compiler."
    )
    parser.add_argument("--version", action="version", version=f"rl2graph {__version__}")
    commands = parser.add_subparsers(dest="command", metavar="COMMAND", required=True)
    wanted = [name for name in COMMANDS if name in first] or COMMANDS
    for name in wanted:
        import_module(f"rl2graph.cli.{name}_command").add_parser(commands)
    return parser
