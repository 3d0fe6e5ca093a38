"""What on-policy algorithms have in common: acting, collecting a rollout, and steps of the optimiser.

An algorithm is a contract, a type of settings, a loss over one minibatch, and how many minibatches an update
takes: see `ppo.py` and `a2c.py`, and docs/new_algorithm.md for one of your own.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, ClassVar, Generic, TypeVar, cast

import torch
from torch import Tensor, nn

from rl2graph.agents.base import ActOutput, Array, Flags, Model, Step
from rl2graph.agents.collector import Collector
from rl2graph.agents.distributions import Distribution
from rl2graph.agents.drivers import Driver, Entries, Loss, Steps, make_driver
from rl2graph.agents.network import Evaluated, Network
from rl2graph.agents.on_policy_config import OnPolicyConfig, check_recurrence
from rl2graph.agents.optimiser import Optimiser, make_optimiser
from rl2graph.agents.returns import explained_variance, gae
from rl2graph.agents.rollouts import Batch, Rollout, Stats, means
from rl2graph.agents.safety import NonFinite, check_acting, non_finite
from rl2graph.agents.seeds import Stream, generator, generator_state, restore_generator
from rl2graph.contracts.contract import Contract
from rl2graph.contracts.training import training_plan
from rl2graph.memory.rollout import RolloutMemory
from rl2graph.memory.trees import Tree, first_leaf

Config = TypeVar("Config", bound=OnPolicyConfig)


class OnPolicyAgent(Generic[Config]):
    """Acts by one pass that gives policy and value, learns from whole rollouts, then drops them.

    Subclasses say `contract` and `config_type`, and define `loss` and `update`.

    Args:
        model: a compiled model with the outputs that the contract asks for.
        config: settings; None for the defaults.
        seed: root of the exploration and minibatch streams.
        device: where the model is put; None to leave it where it is.
        memory: makes the rollout's memory: `RolloutMemory` or a subclass.
        memory_options: keyword arguments that a subclass has of its own.

    Raises:
        DiagnosticError: whatever the contract has against the model, RLG607 for settings that do not go with
            it.
    """

    contract: ClassVar[Contract]
    config_type: ClassVar[type[Any]]

    def __init__(
        self,
        model: Model,
        config: Config | None = None,
        *,
        seed: int = 0,
        device: torch.device | str | None = None,
        memory: Callable[..., RolloutMemory] = RolloutMemory,
        memory_options: Mapping[str, Any] | None = None,
    ) -> None:
        name = type(self).__name__
        if not hasattr(model, "outputs"):
            raise TypeError(f"{name} takes a compiled model, not {model!r}")
        if config is not None and not isinstance(config, self.config_type):
            raise TypeError(f"{name} takes a {self.config_type.__name__}, not {config!r}")
        self.model = model
        self.config: Config = config or self.config_type()
        self.network = network = Network(model, self.contract, device)
        check_recurrence(self.config, self.contract.algorithm, network.recurrent)
        self.optimiser = self.make_optimiser(network.trained_parameters(self.learning_entry))
        self.optimisers = {"": self.optimiser}
        self.driver = self.make_driver(self.loss)
        self._exploration = generator(seed, Stream.EXPLORATION)
        self.minibatch_rng = generator(seed, Stream.MEMORY)
        self.collector = Collector(
            network,
            lambda num_envs, **examples: memory(
                self.config.n_steps,
                num_envs,
                sequence_length=self.config.sequence_length,
                **examples,
                **(memory_options or {}),
            ),
        )
        self._updates = 0
        self.prepare()

    def prepare(self) -> None:
        """What a subclass has of its own, made when all else is there."""

    @property
    def distribution(self) -> Distribution:
        """Of the policy: what makes actions, log-probabilities and divergences of its parameters."""
        return self.network.distribution

    @classmethod
    def check(cls, config: Config, num_envs: int) -> None:
        """Raises RLG607 where settings do not go with so many environments."""

    def loss(self, entries: Entries, batch: Batch, noise: Mapping[str, Tensor]) -> tuple[Tensor, Stats]:
        """The objective on one minibatch, to be minimised, and what is to be reported of it (scalars)."""
        raise NotImplementedError

    def update(self, progress: float = 0.0) -> dict[str, float]:
        """Learns from the rollout and drops it; `progress` (0 to 1) is the share of the run before it.

        Raises:
            DiagnosticError: RLG610 where a step would not have been finite; it is not taken.
        """
        raise NotImplementedError

    def begin(self) -> None:
        """Environments start anew: what was collected of others and is not yet a rollout is dropped."""
        self.collector.forget()

    def act(
        self,
        obs: Tree,
        *,
        state: Mapping[str, Tensor] | None = None,
        resets: Flags | None = None,
        greedy: bool = False,
    ) -> ActOutput:
        """Actions for observations `[B, ...]`: sampled from the exploration stream, or the modes.

        Args:
            obs: what is seen.
            state: of a recurrent model, from the step before; zeros where left out.
            resets: bool `[B]`, where it is zero again.
            greedy: take the likeliest action, without noise.

        Raises:
            DiagnosticError: RLG610 where the policy or value is not finite.
        """
        noise = None if greedy else self._exploration
        with torch.inference_mode():
            out = self.network.act(obs, state, resets, noise)
        params, value = out.params.cpu().numpy(), out.value.cpu().numpy()
        check_acting(
            params,
            value,
            obs,
            update=self._updates,
            algorithm=self.contract.algorithm,
            names=self.network.names,
        )
        if greedy:
            action, log_prob = self.network.distribution.mode(params)
        else:
            action, log_prob = self.network.distribution.sample(params, self._exploration)
        return ActOutput(action, log_prob, value, out.state)

    def remember(self, obs: Tree, output: ActOutput, step: Step) -> None:
        """Stores one vector step; an episode cut short is valued at its true last observation.

        Statistics of collected steps move here, once a step, and nowhere else.
        """
        if not self.collector.started:
            self.check(self.config, len(first_leaf(obs)))
        self.collector.add(obs, output, step)

    @property
    def ready(self) -> bool:
        """Whether a whole rollout is there to learn from."""
        return self.collector.full

    def collected(self) -> Rollout:
        """The rollout, with advantages and returns."""
        return self.collector.rollout(self.targets)

    def targets(
        self, rewards: Array, values: Array, next_values: Array, terminated: Array, truncated: Array
    ) -> tuple[Array, Array]:
        """Advantages and returns of a rollout, by GAE; all arrays are `[T, B]`, see `returns.gae`.

        What comes second is what values learn, and what the spec's losses read as `returns`.
        """
        config = self.config
        return gae(
            rewards,
            values,
            next_values,
            terminated,
            truncated,
            gamma=config.gamma,
            gae_lambda=config.gae_lambda,
        )

    def policy_params(self, rollout: Rollout) -> Array:
        """The policy's parameters of a rollout, `[T, B, P]`, as they are now."""
        out = self.network.evaluate_rollout(rollout.inputs["obs"], rollout.states, rollout.resets)
        return out.params.cpu().numpy()

    def anneal(self, progress: float) -> float:
        """Sets the learning rate for the update; returns the share of the run that is left."""
        remaining = max(0.0, 1.0 - progress)
        for optimiser in self.optimisers.values():
            optimiser.anneal(remaining if self.config.anneal_learning_rate else 1.0)
        return remaining

    def evaluate(self, entries: Entries, batch: Batch, noise: Mapping[str, Tensor]) -> Evaluated:
        """One pass over a minibatch, for a loss."""
        return self.network.evaluate(entries, self.learning_entry, batch, noise)

    @property
    def learning_entry(self) -> str:
        """The entry that the loss is made of."""
        return "learn"

    def make_optimiser(self, parameters: Mapping[str, nn.Parameter]) -> Optimiser:
        """The optimiser that the settings name, for some parameters by key.

        One beside the agent's own goes into `optimisers`, under a prefix of its tensors.
        """
        return make_optimiser(
            self.config.optimiser,
            parameters,
            learning_rate=self.config.learning_rate,
            learning_rates=self.model.learning_rates,
            eps=self.config.optimiser_eps,
        )

    def make_driver(self, loss: Loss, optimiser: Steps | None = None) -> Driver:
        """A driver that takes steps on `loss`, with this agent's optimiser or another one."""
        return make_driver(
            self.config.driver,
            cast(Mapping[str, nn.Module], self.network.entries),
            loss,
            optimiser or self.optimiser,
            max_grad_norm=self.config.max_grad_norm,
        )

    def learn(self, batch: Batch, driver: Driver | None = None, entry: str | None = None) -> Stats:
        """One optimiser step on a minibatch.

        Raises:
            DiagnosticError: RLG610 where it would not have been finite; it is not taken, and the rollout is
                dropped.
        """
        noise = self.network.noise(entry or self.learning_entry, batch, self.minibatch_rng)
        try:
            return (driver or self.driver).step(batch, noise)
        except NonFinite as error:
            self.collector.forget()
            name = self.contract.algorithm
            raise non_finite(error, update=self._updates + 1, algorithm=name) from None

    def finished(self, rollout: Rollout, steps: list[Stats], **stats: float) -> dict[str, float]:
        """Drops the rollout; returns means over the optimiser's steps, and `stats`."""
        self.collector.clear()
        self._updates += 1
        valid = rollout.valid
        return means(steps) | {
            "explained_variance": explained_variance(
                rollout.samples["value"][valid], rollout.samples["return"][valid]
            ),
            "learning_rate": self.optimiser.learning_rate,
            **stats,
            "updates": self._updates,
        }

    def training_plan(self) -> list[dict[str, Any]]:
        """What each optimiser descends, as in `contracts.training`, and its `kind`; nothing of one that is
        written by hand.
        """
        graph = getattr(self.model, "graph", None)
        plan = [] if graph is None else training_plan(graph, self.contract, without=self.idle_losses)
        return [{**each, "kind": self.config.optimiser} for each in plan]

    @property
    def idle_losses(self) -> tuple[str, ...]:
        """Losses of the contract that the settings leave out."""
        return ()

    def optimiser_tensors(self) -> dict[str, Tensor]:
        """The state of all optimisers, for a checkpoint."""
        return {
            f"{prefix}{name}": tensor
            for prefix, optimiser in self.optimisers.items()
            for name, tensor in optimiser.tensors().items()
        }

    def load_optimiser(self, tensors: Mapping[str, Tensor]) -> None:
        """Goes on from saved optimisers.

        Raises:
            DiagnosticError: RLG608 where they are of other parameters.
        """
        left = dict(tensors)
        for prefix, optimiser in sorted(self.optimisers.items(), reverse=True):  # "", a prefix of all, last
            own = [name for name in left if name.startswith(prefix)]
            optimiser.load({name.removeprefix(prefix): left.pop(name) for name in own})

    def memory_arrays(self) -> dict[str, Array]:
        """Nothing: a rollout that is not yet whole cannot be gone on with once its environments are gone."""
        return {}

    def load_memory(self, _arrays: Mapping[str, Array]) -> None:
        """Starts an empty rollout."""
        self.begin()

    def counters(self) -> dict[str, Any]:
        """Counters and random streams, JSON-ready, for a checkpoint."""
        return {
            "updates": self._updates,
            "exploration": generator_state(self._exploration),
            "memory": generator_state(self.minibatch_rng),
        }

    def load_counters(self, counters: Mapping[str, Any]) -> None:
        """Goes on from saved counters and random streams."""
        self._updates = int(counters["updates"])
        restore_generator(self._exploration, counters["exploration"])
        restore_generator(self.minibatch_rng, counters["memory"])
