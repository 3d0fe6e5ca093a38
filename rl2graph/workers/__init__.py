"""Runs: environments, the loop, evaluation, configuration, checkpoints and run folders.

`train` and `evaluate` are modules here; the functions are `rl2graph.train` and `evaluate.evaluate`.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from rl2graph.workers.environments import Environments
    from rl2graph.workers.evaluate import Evaluation
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
    "evaluate_run",
]

# Functions called as their modules are would be hidden by them once those are imported.
_HOMES = {
    "Environments": "environments",
    "Evaluation": "evaluate",
    "MaxStepWorker": "worker",
    "Normalisation": "normalisation",
    "Progress": "worker",
    "TrainResult": "train",
    "evaluate_run": "train",
}


def __getattr__(name: str) -> Any:
    if name in _HOMES:
        return getattr(import_module(f"rl2graph.workers.{_HOMES[name]}"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted([*globals(), *__all__])
