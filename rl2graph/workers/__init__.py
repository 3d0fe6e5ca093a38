"""Runs: environments, the loop, evaluation, configuration, checkpoints and run folders.

`train` and `evaluate` are modules here; the functions are `rl2graph.train` and `evaluate_agent`.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from rl2graph.workers.environments import Environments
    from rl2graph.workers.evaluate import Evaluation
    from rl2graph.workers.evaluate import evaluate as evaluate_agent
    from rl2graph.workers.loading import load_agent
    from rl2graph.workers.normalisation import Normalisation
    from rl2graph.workers.train import TrainResult, evaluate_run
    from rl2graph.workers.worker import MaxStepWorker, Progress

__all__ = [
    "Environments",
    "Evaluation",
    "MaxStepWorker",
    "Normalisation",
    "Progress",
    "TrainResult",
    "evaluate_agent",
    "evaluate_run",
    "load_agent",
]

# Functions called as their modules are would be hidden by them once those are imported.
_HOMES = {
    "Environments": "environments",
    "Evaluation": "evaluate",
    "MaxStepWorker": "worker",
    "Normalisation": "normalisation",
    "Progress": "worker",
    "TrainResult": "train",
    "evaluate_agent": "evaluate",
    "evaluate_run": "train",
    "load_agent": "loading",
}
_NAMES = {"evaluate_agent": "evaluate"}  # what is called otherwise at home


def __getattr__(name: str) -> Any:
    if name in _HOMES:
        home = import_module(f"rl2graph.workers.{_HOMES[name]}")
        return getattr(home, _NAMES.get(name, name))
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted([*globals(), *__all__])
