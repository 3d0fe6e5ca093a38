"""Specs compared for what users have: an environment, or spaces of gymnasium's or ours."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from rl2graph.checking import make_interface
from rl2graph.compiler.comparison.equivalence import Comparison, compare
from rl2graph.compiler.comparison.spec_pairs import SpecSource, analyse_pair
from rl2graph.compiler.elaboration.values import Constant
from rl2graph.compiler.limits import DEFAULT, Limits
from rl2graph.compiler.spec import Spec, as_spec


def equivalent(
    a: Spec | str | Path,
    b: Spec | str | Path,
    *,
    env: Any = None,
    observation_space: Any = None,
    action_space: Any = None,
    agents: Sequence[str] | None = None,
    params: Mapping[str, Constant] | None = None,
    params_a: Mapping[str, Constant] | None = None,
    params_b: Mapping[str, Constant] | None = None,
    limits: Limits = DEFAULT,
) -> Comparison:
    """Whether two specs are one function of inputs, weights, state and noise; true where they are.

    The result has the bijection of their owners, `owners`, by which weights go from one to the other:
    `model_a.load_state_dict(equivalent(a, b, env=env).translate(model_b.state_dict()))`. Where they differ,
    `reason` and `spans` say what comes first.

    Args:
        a, b: each a parsed spec, the path of an `.rl2` file, or the text of one.
        env: the environment whose spaces to compare for: its id, or an environment of either kind.
        observation_space, action_space: the spaces themselves, gymnasium's or `rl2graph.spaces`'; without
            any, dims stay symbols.
        agents: names of the agents that `joint` is over, in the environment's order, all of these spaces.
        params: values for the `param` statements of both, or of the one that has them.
        params_a, params_b: values for those of one alone.

    Raises:
        DiagnosticError: with every finding about a spec that has an error; RLG502, RLG604 or RLG611 for the
            environment.
        TypeError: an environment and spaces or agents.
    """
    interface = make_interface(env, observation_space, action_space, agents)
    one = SpecSource(lambda: as_spec(a, limits), params_a or {})
    other = SpecSource(lambda: as_spec(b, limits), params_b or {})
    return compare(*analyse_pair(one, other, interface, params))
