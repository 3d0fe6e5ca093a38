"""Environment ids and environments: from a name to what is registered under it, or to the reason why not."""

from __future__ import annotations

import importlib
import os
import sys
from typing import Any

from rl2graph.diagnostics import DiagnosticError, nearest
from rl2graph.spaces import Space, action_space, observation_space

# Namespaces whose package registers them on import, and what installs it.
_PACKAGES = {"ALE": ("ale_py", "pip install ale-py")}


def spaces_of(env: Any) -> tuple[Space, Space]:
    """Observation and action space of an environment, one per agent where it is a vector of them.

    Args:
        env: a registered id, a `gymnasium.Env` or a `gymnasium.vector.VectorEnv`.

    Raises:
        DiagnosticError: RLG502, RLG604 or RLG611.
    """
    if isinstance(env, str):
        made = make_one(env)
        try:
            return spaces_of(made)
        finally:
            made.close()
    observation = getattr(env, "single_observation_space", None) or env.observation_space
    action = getattr(env, "single_action_space", None) or env.action_space
    return observation_space(observation), action_space(action)


def make_one(env_id: str) -> Any:
    """One environment of that id.

    Raises:
        DiagnosticError: RLG604 or RLG611.
    """
    import gymnasium

    find_spec(env_id)
    with explained(env_id):
        return gymnasium.make(env_id)


def find_spec(env_id: str) -> Any:
    """The registered spec of `env_id` (`CartPole-v1`, `ALE/Pong-v5`, `package.module:Name-v0`).

    Raises:
        DiagnosticError: RLG604 for an id that is not registered, RLG611 where its package is missing.
    """
    import gymnasium
    from gymnasium import error as gym_error

    name = env_id
    if ":" in env_id:
        module, name = env_id.split(":", 1)
        _import(module, env_id, f"install the package that provides `{module}`")
    namespace = name.split("/")[0] if "/" in name else ""
    if namespace in _PACKAGES:
        _import(_PACKAGES[namespace][0], env_id, _PACKAGES[namespace][1])
    spec = gymnasium.registry.get(name)
    if spec is not None:
        return spec
    try:
        return gymnasium.spec(name)
    except gym_error.DependencyNotInstalled as error:
        raise _missing(env_id, str(error)) from None
    except Exception:
        # Every way of not being registered: unknown name or version, malformed text, a namespace not there.
        raise DiagnosticError.of(
            "RLG604", f"no environment is called `{env_id}`", hint=_nearest(name)
        ) from None


class explained:  # noqa: N801 (reads as a word: `with explained(env_id):`)
    """Turns what an environment's constructor raises into a diagnostic."""

    def __init__(self, env_id: str) -> None:
        self.env_id = env_id

    def __enter__(self) -> None:
        return None

    def __exit__(self, kind: Any, error: BaseException | None, trace: Any) -> None:
        from gymnasium import error as gym_error

        if error is None or isinstance(error, DiagnosticError) or not isinstance(error, Exception):
            return
        if isinstance(error, gym_error.DependencyNotInstalled | ImportError):
            raise _missing(self.env_id, str(error)) from None
        reason = " ".join(str(error).split()) or type(error).__name__
        raise DiagnosticError.of(
            "RLG604", f"the environment `{self.env_id}` cannot be made: {reason}"
        ) from error


def _import(module: str, env_id: str, remedy: str) -> None:
    # A user's own environments lie where they work; `python -m` looks there, a console script does not.
    if os.getcwd() not in sys.path and "" not in sys.path:
        sys.path.append(os.getcwd())
    try:
        importlib.import_module(module)
    except Exception as error:  # whatever the package does on import
        raise DiagnosticError.of(
            "RLG611", f"`{env_id}` needs a package that cannot be imported: {error}", hint=remedy
        ) from None


def _missing(env_id: str, reason: str) -> DiagnosticError:
    text = " ".join(reason.split())
    return DiagnosticError.of("RLG611", f"`{env_id}` needs a package that is not installed: {text}")


def _nearest(name: str) -> str:
    import gymnasium

    known = list(gymnasium.registry)
    near = nearest(name, known) or name
    stem = near.rsplit("-v", 1)[0].casefold()
    versions = [key for key in known if "-v" in key and key.rsplit("-v", 1)[0].casefold() == stem]
    candidate = max(versions, key=lambda key: int(key.rsplit("-v", 1)[1])) if versions else None
    if candidate is not None:
        return f"did you mean `{candidate}`?"
    return "registered ids are listed by `python -c 'import gymnasium; gymnasium.pprint_registry()'`"
