"""How a run's environments are made and what is done to what they give: the table `[env]`."""

from __future__ import annotations

from dataclasses import dataclass, fields

from rl2graph.agents.fields import choice, number, plain, validate
from rl2graph.diagnostics import DiagnosticError

# Settings that wrap a single environment, which only what is made here can be given.
_WRAPPERS = ("time_limit", "atari", "terminal_on_life_loss", "rescale_action", "frame_stack", "action_mask")


@dataclass(frozen=True, kw_only=True)
class EnvConfig:
    """Everything is off unless it is switched on; docs/environments.md has the order of wrapping."""

    vectorization: str = choice(
        "sync",
        ("sync", "async", "vector_entry_point"),
        doc="copies stepped one after another, in a process each, or by the environment's own vector class",
    )
    atari: bool = plain(
        False, doc="frames skipped by 4, maximum of the last two, 84x84 grey, up to 30 no-ops at resets"
    )
    terminal_on_life_loss: bool = plain(
        False, doc="in training, a life lost ends an Atari game; never in evaluation"
    )
    time_limit: int | None = number(
        None, low=1, most=10**9, doc="steps of the agent in an episode, in place of the registered limit"
    )
    rescale_action: bool = plain(False, doc="a Box action's bounds become -1 and 1")
    frame_stack: int | None = number(
        None, low=1, most=1000, doc="observations stacked; of images, along the channels"
    )
    action_mask: bool = plain(
        False, doc='`info["action_mask"]` joins the observation: {observation, action_mask}'
    )
    clip_rewards: float | None = number(
        None, above=0.0, most=1e30, doc="rewards are clipped to [-c, c]; 1 is Atari's"
    )
    normalise_observations: bool = plain(False, doc="floats to mean 0 and variance 1 of what was seen so far")
    observation_clip: float = number(10.0, above=0.0, most=1e30, doc="of normalised observations, to [-c, c]")
    normalise_rewards: bool = plain(
        False, doc="by the standard deviation of the discounted return that was seen so far"
    )
    reward_clip: float = number(10.0, above=0.0, most=1e30, doc="of normalised rewards, to [-c, c]")
    normalisation_epsilon: float = number(1e-8, above=0.0, most=1.0, doc="added to variances")

    def __post_init__(self) -> None:
        validate(self, "env")
        if self.terminal_on_life_loss and not self.atari:
            raise DiagnosticError.of(
                "RLG607", "`env.terminal_on_life_loss` is a setting of `env.atari`, which is off"
            )
        wrappers = self.wrappers
        if self.vectorization == "vector_entry_point" and wrappers - {"time_limit"}:
            raise DiagnosticError.of(
                "RLG607",
                f"`env.vectorization` is vector_entry_point, and {_listed(wrappers - {'time_limit'})} wraps"
                " single environments, of which that has none",
                hint="leave `env.vectorization` at sync",
            )

    @property
    def wrappers(self) -> frozenset[str]:
        """The settings for wrappers of single environments that are on."""
        defaults = {item.name: item.default for item in fields(self)}
        return frozenset(name for name in _WRAPPERS if getattr(self, name) != defaults[name])

    def check_handed_in(self) -> None:
        """Raises RLG607 where a setting is for environments that are made by id, and one was handed in."""
        made = self.wrappers | ({"vectorization"} if self.vectorization != "sync" else set())
        if made:
            raise DiagnosticError.of(
                "RLG607",
                f"{_listed(made)} says how an environment is made, and this one was handed in ready-made",
                hint="wrap it yourself; normalisation and `env.clip_rewards` apply to what is handed in, too",
            )


def _listed(names: frozenset[str] | set[str]) -> str:
    return " and ".join(f"`env.{name}`" for name in sorted(names))
