"""Environment ids: from a name to environments, or to the reason why not."""

from __future__ import annotations

import importlib
import importlib.util
from typing import Any

import gymnasium
from gymnasium import error as gym_error
from gymnasium.envs.registration import EnvSpec
from gymnasium.vector import AutoresetMode, VectorEnv

from rl2graph.diagnostics import DiagnosticError, nearest
from rl2graph.workers.environments import Environments

# Namespaces whose package registers them on import, and the extra that brings it.
_PACKAGES = {"ALE": ("ale_py", "pip install 'rl2graph[atari]'")}


def find_spec(env_id: str) -> EnvSpec:
    """The registered spec of `env_id` (`CartPole-v1`, `ALE/Pong-v5`, `package.module:Name-v0`).

    Raises:
        DiagnosticError: RLG604 for an id that is not registered, RLG611 where its package is missing.
    """
    name = env_id
    if ":" in env_id:
        module, name = env_id.split(":", 1)
        _import(module, env_id, f"pip install the package that provides `{module}`")
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


def make(env_id: str, num_envs: int = 1, **kwargs: Any) -> Environments:
    """`num_envs` copies of a registered environment, stepped one after another in this process.

    Raises:
        DiagnosticError: RLG604 or RLG611 where they cannot be made, RLG502 where their spaces are not served.
    """
    find_spec(env_id)
    try:
        # The mode is always stated: left out, gymnasium picks a different class for some environments.
        vector: VectorEnv[Any, Any, Any] = gymnasium.make_vec(
            env_id,
            num_envs=num_envs,
            vectorization_mode="sync",
            vector_kwargs={"autoreset_mode": AutoresetMode.SAME_STEP},
            **kwargs,
        )
    except (gym_error.DependencyNotInstalled, ImportError) as error:
        raise _missing(env_id, str(error)) from None
    except Exception as error:
        reason = " ".join(str(error).split()) or type(error).__name__
        raise DiagnosticError.of("RLG604", f"the environment `{env_id}` cannot be made: {reason}") from error
    try:
        return Environments(vector)
    except DiagnosticError:
        vector.close()
        raise


def _import(module: str, env_id: str, remedy: str) -> None:
    try:
        importlib.import_module(module)
    except ImportError as error:
        raise DiagnosticError.of(
            "RLG611", f"`{env_id}` needs a package that cannot be imported: {error}", hint=remedy
        ) from None


def _missing(env_id: str, reason: str) -> DiagnosticError:
    text = " ".join(reason.split())
    return DiagnosticError.of("RLG611", f"`{env_id}` needs a package that is not installed: {text}")


def _nearest(name: str) -> str:
    stem = name.rsplit("-v", 1)[0].casefold()
    versions = [key for key in gymnasium.registry if key.rsplit("-v", 1)[0].casefold() == stem]
    if versions:
        return f"did you mean `{max(versions, key=_version)}`?"
    newest: dict[str, str] = {}
    for key in sorted(gymnasium.registry, key=_version):
        newest[key.rsplit("-v", 1)[0]] = key
    candidate = nearest(name.rsplit("-v", 1)[0], newest)
    if candidate is not None:
        return f"did you mean `{newest[candidate]}`?"
    return "registered ids are listed by `python -c 'import gymnasium; gymnasium.pprint_registry()'`"


def _version(env_id: str) -> int:
    digits = env_id.rsplit("-v", 1)[-1]
    return int(digits) if digits.isdecimal() else -1
