"""rl2graph: a small language for reinforcement-learning networks, and the compiler behind it.

Importing this package imports neither torch nor the compiler: names load what they need when first used.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from rl2graph.checking import checker as checker
    from rl2graph.comparing import equivalent as equivalent
    from rl2graph.compiler.entries.terms import Apply as Apply
    from rl2graph.compiler.entries.terms import Call as Call
    from rl2graph.compiler.entries.terms import Input as Input
    from rl2graph.compiler.incremental import Checker as Checker
    from rl2graph.compiler.limits import Limits as Limits
    from rl2graph.compiler.spec import Spec as Spec
    from rl2graph.compiler.spec import load as load
    from rl2graph.compiler.spec import parse as parse
    from rl2graph.diagnostics import DiagnosticError as DiagnosticError
    from rl2graph.ir.graph import Graph as Graph
    from rl2graph.lang.formatting.formatter import format_text as format_text
    from rl2graph.model.compile import compile as compile
    from rl2graph.model.compiled import CompiledModel as CompiledModel
    from rl2graph.workers.train import evaluate_run as evaluate_run
    from rl2graph.workers.train import train as train

__version__ = "0.1.0"

_HOMES = {
    "Apply": "rl2graph.compiler.entries.terms",
    "Call": "rl2graph.compiler.entries.terms",
    "Input": "rl2graph.compiler.entries.terms",
    "Checker": "rl2graph.compiler.incremental",
    "CompiledModel": "rl2graph.model.compiled",
    "DiagnosticError": "rl2graph.diagnostics",
    "Graph": "rl2graph.ir.graph",
    "Limits": "rl2graph.compiler.limits",
    "Spec": "rl2graph.compiler.spec",
    "checker": "rl2graph.checking",
    "compile": "rl2graph.model.compile",
    "equivalent": "rl2graph.comparing",
    "format_text": "rl2graph.lang.formatting.formatter",
    "evaluate_run": "rl2graph.workers.train",
    "load": "rl2graph.compiler.spec",
    "parse": "rl2graph.compiler.spec",
    "train": "rl2graph.workers.train",
}

__all__ = [*_HOMES, "__version__"]


def __getattr__(name: str) -> Any:
    if name in _HOMES:
        return getattr(import_module(_HOMES[name]), name)
    try:
        return import_module(f"{__name__}.{name}")
    except ModuleNotFoundError as error:
        if error.name != f"{__name__}.{name}":
            raise
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}") from None


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__, "agents", "memory", "workers"})
