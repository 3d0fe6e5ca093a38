"""The auxiliary phase of phasic policy gradient (Cobbe et al. 2020, arXiv:2009.04416, algorithm 1)."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
from torch import Tensor

from rl2graph.agents import losses
from rl2graph.agents.base import Array
from rl2graph.agents.drivers import Entries
from rl2graph.agents.joint_optimiser import JointOptimiser
from rl2graph.agents.rollouts import Batch, Rollout, means
from rl2graph.contracts.contract import LossTerm, Optimiser
from rl2graph.contracts.ppo import PPO as PPO_CONTRACT
from rl2graph.contracts.training import training_plan
from rl2graph.diagnostics import DiagnosticError
from rl2graph.memory.trees import Tree, leaves, map_tree

if TYPE_CHECKING:
    from rl2graph.agents.ppo import PPO

_TERMS = ("spec", "value", "cloning")
PHASE = replace(
    PPO_CONTRACT,
    losses=(LossTerm("spec", reads=("loss",)), LossTerm("value", ("v",)), LossTerm("cloning", ("pi",))),
    optimisers=(Optimiser("actor_critic", losses=_TERMS),),
)
"""PPO's contract in the phase: other losses, the same optimiser."""


class AuxiliaryPhase:
    """Keeps the rollouts of `auxiliary_interval` updates, then learns the spec's losses from them.

        L_joint = sum of the spec's losses + beta * E[ KL(pi_old || pi) ] + c1 * L_value

    pi_old is the policy as the phase begins. The paper takes its steps on L_joint and on the value network's
    loss one after the other; the two share no weights there, so that one step on the sum is the same, but for
    the norm that gradients are clipped to, which is of both together here.

    Raises:
        DiagnosticError: RLG607 where the spec has no losses.
    """

    def __init__(self, agent: PPO) -> None:
        if not agent.network.losses:
            raise DiagnosticError.of(
                "RLG607",
                "`ppo.auxiliary_interval` is set, and the spec has no `loss` statement",
                hint="say what the phase learns from what `pi` reads, here `e`: `input returns: f32; loss"
                " distillation = 0.5 * mse(value(e), returns)`; or leave it out",
            )
        if agent.network.entries["act"].noise_schema:
            raise DiagnosticError.of(
                "RLG607",
                "`ppo.auxiliary_interval` is set, and the policy draws noise, which would move it from what"
                " the phase holds it to",
                hint="leave the noise out of what `pi` and `v` read, or the phase",
            )
        self._agent = agent
        # What the phase alone trains has an optimiser of its own: momentum would move it between phases.
        own = agent.network.trained_parameters("learn")
        own = {key: parameter for key, parameter in own.items() if key not in agent.optimiser.parameters}
        if own:
            agent.optimisers["phase."] = agent.make_optimiser(own)
        self._driver = agent.make_driver(self._loss, JointOptimiser(list(agent.optimisers.values())))
        self._rollouts: list[Rollout] = []

    def after(self, rollout: Rollout) -> dict[str, float]:
        """Keeps a copy of an update's rollout, and runs the phase when it is time; its means, if it ran."""
        kept = ("action", "return")
        self._rollouts.append(
            replace(
                rollout,
                inputs=map_tree(np.copy, rollout.inputs),
                samples={name: map_tree(np.copy, rollout.samples[name]) for name in kept},
                valid=rollout.valid.copy(),
                resets=rollout.resets.copy(),
                states=map_tree(np.copy, rollout.states),
            )
        )
        interval = self._agent.config.auxiliary_interval
        assert interval is not None
        return self._run() if len(self._rollouts) >= interval else {}

    def _run(self) -> dict[str, float]:
        agent, config = self._agent, self._agent.config
        rollouts = [
            replace(each, samples={**each.samples, "old_params": agent.policy_params(each)})
            for each in self._rollouts
        ]
        steps = [
            agent.learn(batch, self._driver, "learn")
            for _ in range(config.auxiliary_epochs)
            for index in agent.minibatch_rng.permutation(len(rollouts))
            for batch in rollouts[index].minibatches(agent.minibatch_rng, config.minibatch_size)
        ]
        self._rollouts = []
        return {f"phase/{name}": mean for name, mean in means(steps).items()}

    def _loss(
        self, entries: Entries, batch: Batch, noise: Mapping[str, Tensor]
    ) -> tuple[Tensor, dict[str, Tensor]]:
        agent, config = self._agent, self._agent.config
        out = agent.network.evaluate(entries, "learn", batch, noise)
        cloning = agent.distribution.kl(batch["old_params"], out.params).mean()
        # Not clipped: values of the time of collection are many updates old.
        value = losses.value_loss(out.value, batch["return"])
        total = config.cloning_coefficient * cloning + config.value_coefficient * value
        return total + out.spec_loss, {"cloning_loss": cloning, "value_loss": value, **out.spec_stats}

    def training_plan(self) -> list[dict[str, Any]]:
        """What the phase descends, as `OnPolicyAgent.training_plan`."""
        graph = getattr(self._agent.model, "graph", None)
        plan = [] if graph is None else training_plan(graph, PHASE)
        kind = self._agent.config.optimiser
        return [{**each, "kind": kind, "when": "in each auxiliary phase"} for each in plan]

    def arrays(self) -> dict[str, Array]:
        """The rollouts that wait for the phase, flat, for a checkpoint."""
        return {
            json.dumps([str(index), *path]): leaf
            for index, rollout in enumerate(self._rollouts)
            for path, leaf in leaves(_parts(rollout))
        }

    def load(self, arrays: Mapping[str, Array]) -> None:
        """Goes on with saved rollouts."""
        nested: dict[str, Any] = {}
        for key, leaf in arrays.items():
            *path, last = json.loads(key)
            place = nested
            for name in path:
                place = place.setdefault(name, {})
            place[last] = leaf
        network = self._agent.network
        length = self._agent.config.sequence_length
        self._rollouts = [
            Rollout(
                **{"states": {}, **nested[index]},
                device=network.device,
                sequence_length=(length or self._agent.config.n_steps) if network.recurrent else None,
            )
            for index in sorted(nested, key=int)
        ]


def _parts(rollout: Rollout) -> dict[str, Tree]:
    return {
        "inputs": rollout.inputs,
        "samples": rollout.samples,
        "valid": rollout.valid,
        "resets": rollout.resets,
        "states": rollout.states,
    }
