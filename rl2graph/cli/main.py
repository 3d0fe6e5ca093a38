"""`rl2graph`: the commands, and what happens when one of them fails."""

from __future__ import annotations

import argparse
import io
import os
import sys
from collections.abc import Sequence
from importlib import import_module

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
    except KeyboardInterrupt:
        print("interrupted", file=sys.stderr)
        return EXIT_INTERRUPTED
    except BrokenPipeError:
        # The reader has gone (`rl2graph show … | head`); Python would complain once more at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return EXIT_ERRORS
    except OSError as error:
        if error.filename is not None:
            raise
        print(f"rl2graph: cannot write the output: {error.strerror}", file=sys.stderr)
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return EXIT_ERRORS


def _prepare_streams() -> None:
    """A closed stream takes what is written to it; one that cannot show a character shows its number."""
    for name in ("stdout", "stderr"):
        stream = getattr(sys, name)
        if stream is None:
            setattr(sys, name, open(os.devnull, "w", encoding="utf-8"))  # noqa: SIM115 (for the process)
        elif isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")


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
