"""`--ops MODULE`: ops of the user's own, registered by a module that they name."""

from __future__ import annotations

import argparse
import sys
from contextlib import redirect_stdout
from importlib import import_module, util
from pathlib import Path
from traceback import extract_tb

from rl2graph.diagnostics import DiagnosticError


def add_ops_option(parser: argparse.ArgumentParser) -> None:
    """The option; `load_user_ops` obeys it."""
    parser.add_argument(
        "--ops",
        metavar="MODULE",
        action="append",
        default=[],
        help="import a module (or a .py file) that registers ops of your own",
    )


def load_user_ops(args: argparse.Namespace) -> None:
    """Import what `--ops` names.

    Raises:
        DiagnosticError: RLG613 where that fails, RLG703 for an op that cannot be registered.
    """
    for name in getattr(args, "ops", ()):
        try:
            with redirect_stdout(sys.stderr):  # stdout is for results
                _import(name)
        except DiagnosticError:
            raise
        except (Exception, SystemExit) as error:
            message = (
                f"the module of ops `{name}` cannot be used{_place(error)}: {type(error).__name__}: {error}"
            )
            raise DiagnosticError.of("RLG613", message) from None


def _place(error: BaseException) -> str:
    """The line that raised the error, where it is one of the user's."""
    frames = [frame for frame in extract_tb(error.__traceback__) if not frame.filename.startswith("<frozen")]
    last = frames[-1] if frames else None
    return f", {Path(last.filename).name} line {last.lineno}" if last and last.filename != __file__ else ""


def _import(name: str) -> None:
    if not name.endswith(".py"):
        here = str(Path.cwd())
        if here not in sys.path:
            sys.path.insert(0, here)
        import_module(name)
        return
    path = Path(name).resolve()
    stem = f"rl2graph_user_ops_{path.stem}"
    if stem in sys.modules and getattr(sys.modules[stem], "__file__", None) == str(path):
        return
    found = util.spec_from_file_location(stem, path)
    if found is None or found.loader is None or not path.is_file():
        raise FileNotFoundError(f"there is no file {name}")
    module = util.module_from_spec(found)
    sys.modules[stem] = module
    try:
        found.loader.exec_module(module)
    except BaseException:
        del sys.modules[stem]
        raise
