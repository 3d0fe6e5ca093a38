"""What is said of an environment that raises while it runs, or gives what its spaces do not declare."""

from __future__ import annotations

import sysconfig
from collections.abc import Mapping, Sequence
from pathlib import Path
from traceback import FrameSummary, extract_tb
from typing import Any

import numpy as np
from gymnasium import spaces
from gymnasium.vector import VectorEnv

from rl2graph.diagnostics import DiagnosticError

_OURS = str(Path(__file__).parents[1])
_LIBRARIES = tuple(sysconfig.get_paths()[name] for name in ("stdlib", "purelib", "platlib"))
_OF_THE_FORM = (TypeError, ValueError, AssertionError)
_FORMS = "`reset` returns (observation, info), `step` (observation, reward, terminated, truncated, info)"


def broke_off(error: Exception, vector: VectorEnv[Any, Any, Any], call: str) -> DiagnosticError:
    """What an error in the environment's `reset` or `step` (`call`) is reported as: RLG604, with the line."""
    frames = extract_tb(error.__traceback__)
    if any("concatenate" in frame.name for frame in frames):  # the batch could not be made of them
        kept = getattr(vector.unwrapped, "_env_obs", ())
        found = (mismatch(vector.single_observation_space, obs) for obs in kept)
        wrong = next(filter(None, found), None)
        if wrong is not None:
            return misfit(vector, call, wrong)
    text = " ".join(str(error).split())
    if isinstance(error, EOFError) and not text:
        text = "the process of a copy has ended"
    raised = type(error).__name__ + (f": {text}" if text else "")
    frame = _frame(frames)
    place = "" if frame is None else f" ({frame.filename}:{frame.lineno})"
    # Where nothing of the user's raised, it is most often the form of what was given back.
    form = "unpack" in text if frame is None else not _is_users(frame)
    return DiagnosticError.of(
        "RLG604",
        f"the environment `{_name(vector)}` broke off: `{call}` raised {raised}{place}",
        hint=_FORMS if form and isinstance(error, _OF_THE_FORM) else None,
    )


def misfit(vector: VectorEnv[Any, Any, Any], call: str, wrong: str) -> DiagnosticError:
    """RLG604 for observations or rewards that are `wrong`."""
    return DiagnosticError.of(
        "RLG604",
        f"the environment `{_name(vector)}` broke off: in what `{call}` gave, {wrong}",
        hint="make what the environment gives and its spaces agree",
    )


def mismatch(space: spaces.Space[Any], value: Any, name: str = "the observation") -> str | None:
    """How `value` differs in shape from what `space` declares, in words; None where it does not."""
    if isinstance(space, spaces.Dict):
        if not isinstance(value, Mapping):
            return f"{name} is {_kind(value)}, and the space declares a Dict"
        missing = [key for key in space.spaces if key not in value]
        if missing:
            return f"{name} has no part `{missing[0]}`, which the space declares"
        parts = [(part, value[key], f"the observation's part `{key}`") for key, part in space.spaces.items()]
        return next(filter(None, (mismatch(*each) for each in parts)), None)
    if isinstance(space, spaces.Tuple):
        if not isinstance(value, tuple | list) or len(value) != len(space.spaces):
            return f"{name} is {_kind(value)}, and the space declares a Tuple of {len(space.spaces)}"
        items = [(part, value[i], f"the observation's part `{i}`") for i, part in enumerate(space.spaces)]
        return next(filter(None, (mismatch(*each) for each in items)), None)
    if space.shape is None:
        return None
    if value is None or isinstance(value, str | Mapping):
        return f"{name} is {_kind(value)}, and the space declares {space}"
    try:
        shape = np.shape(value)
    except ValueError:
        return f"{name} is {_kind(value)} of parts of several shapes, and the space declares {space}"
    return None if shape == space.shape else f"{name} has shape {shape}, and the space declares {space.shape}"


def _kind(value: Any) -> str:
    return "None" if value is None else f"a {type(value).__name__}"


def _name(vector: VectorEnv[Any, Any, Any]) -> str:
    spec = getattr(vector, "spec", None)
    if spec is not None:
        return str(spec.id)
    inner = getattr(vector.unwrapped, "envs", None)
    return type(inner[0].unwrapped if inner else vector.unwrapped).__name__


def _frame(frames: Sequence[FrameSummary]) -> FrameSummary | None:
    """The line that raised: the user's own, where one took part; None where it is in another process."""
    own = [frame for frame in frames if _is_users(frame)]
    last = own[-1] if own else frames[-1]
    elsewhere = "multiprocessing" in last.filename or last.filename.endswith("async_vector_env.py")
    known = own or not (elsewhere or last.filename.startswith(_OURS))
    return last if known else None


def _is_users(frame: FrameSummary) -> bool:
    return not frame.filename.startswith((_OURS, *_LIBRARIES, "<frozen"))
