"""What a spec is checked for, given as users have it: an environment, or spaces of gymnasium's or ours."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from rl2graph.compiler.elaboration.values import Constant
from rl2graph.compiler.incremental import Checker
from rl2graph.compiler.interface import Interface
from rl2graph.compiler.limits import DEFAULT, Limits
from rl2graph.spaces import action_space as to_action_space
from rl2graph.spaces import observation_space as to_observation_space


def checker(
    *,
    env: Any = None,
    observation_space: Any = None,
    action_space: Any = None,
    algo: str | None = None,
    params: Mapping[str, Constant] | None = None,
    agents: Sequence[str] | None = None,
    name: str = "<text>",
    folder: str | Path | None = None,
    limits: Limits = DEFAULT,
) -> Checker:
    """A checker of one spec, for use after each edit: `checker(env="CartPole-v1").check(text).diagnostics`.

    Args:
        env: the environment whose spaces to check for: its id, or an environment of either kind.
        observation_space, action_space: the spaces themselves, gymnasium's or `rl2graph.spaces`'.
        algo: an algorithm whose contract the spec is held against.
        params: values for the spec's `param` statements.
        agents: names of the agents that `joint` is over, in the environment's order, all of these spaces.
        name: what diagnostics call the spec.
        folder: where its imports, and the files that it loads, are looked up.

    Raises:
        DiagnosticError: RLG506 for an algorithm that does not exist; RLG502, RLG604 or RLG611 for the
            environment.
        TypeError: an environment and spaces.
    """
    interface = make_interface(env, observation_space, action_space, agents)
    at = None if folder is None else Path(folder)
    return Checker(interface, algorithm=algo, params=params, name=name, folder=at, limits=limits)


def make_interface(
    env: Any, observation_space: Any, action_space: Any, agents: Sequence[str] | None = None
) -> Interface:
    """The spaces of an environment, or those given.

    Raises:
        TypeError: an environment and spaces or agents, a single string for the agents.
        ValueError: no agents, or two of one name.
    """
    if isinstance(agents, str):
        raise TypeError(f"agents is a list of names: [{agents!r}]")
    if agents is not None and (not agents or len(set(agents)) < len(agents)):
        raise ValueError(f"agents are one or more, each with a name of its own, not {list(agents)}")
    if env is not None:
        if observation_space is not None or action_space is not None:
            raise TypeError("give env, or observation_space and action_space, not both")
        if agents is not None:
            raise TypeError("an env has one agent; give observation_space and action_space with agents")
        from rl2graph.environments import spaces_of

        return Interface(*spaces_of(env), groups=())
    return Interface(
        None if observation_space is None else to_observation_space(observation_space),
        None if action_space is None else to_action_space(action_space),
        agents=None if agents is None else tuple(agents),
    )
