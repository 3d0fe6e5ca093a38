"""Networks of the zoo as one writes them in torch without a compiler, for comparing the two.

Each takes what its spec takes, by name: images as bytes, choices as whole numbers, and a recurrent one
sequences `[T, B, …]` with `resets` `[T, B]`, its state starting from zeros. It returns what its spec calls
outputs and losses, by name. `weights` says where the spec keeps what a network holds.
"""

from __future__ import annotations

from collections.abc import Callable

from torch import nn

from tests.zoo.handwritten.critics import (
    AsymmetricActorCritic,
    Ddpg,
    Drq,
    Her,
    Redq,
    Sac,
    SacAutoencoder,
    SacPixels,
    Simba,
    Td3,
)
from tests.zoo.handwritten.models import EfficientZero, GatedTransformer, Icm, WorldModel
from tests.zoo.handwritten.observations import EntityAttention, Multimodal, RlGames301
from tests.zoo.handwritten.owners import weights as weights
from tests.zoo.handwritten.pieces import a2c, impala, mlp, nature, numbered
from tests.zoo.handwritten.policies import ActorCritic, AlphaZero, MaskedActions, Ppg, PpoLstm, PpoSplit, Rnd
from tests.zoo.handwritten.values import (
    BootstrappedDqn,
    DqnDrqn,
    DqnDueling,
    DqnNoisyDueling,
    QNetwork,
    R2d2,
    Rainbow,
)

NETWORKS: dict[str, Callable[[], nn.Module]] = {
    "a2c_shared": lambda: ActorCritic(a2c(), 256, 4),
    "alpha_zero": AlphaZero,
    "asymmetric_actor_critic": AsymmetricActorCritic,
    "bootstrapped_dqn": BootstrappedDqn,
    "ddpg": Ddpg,
    "dqn_c51": lambda: QNetwork(nature(4), 512, 4, 51),
    "dqn_drqn": DqnDrqn,
    "dqn_dueling": DqnDueling,
    "dqn_mlp": lambda: QNetwork(mlp(4, 128, 64), 64, 2),
    "dqn_nature": lambda: QNetwork(nature(4), 512, 4),
    "dqn_noisy_dueling": DqnNoisyDueling,
    "dqn_qr": lambda: QNetwork(nature(4), 512, 4, 200),
    "drq": Drq,
    "efficient_zero": EfficientZero,
    "entity_attention": EntityAttention,
    "gated_transformer": GatedTransformer,
    "her": Her,
    "icm": Icm,
    "masked_actions": MaskedActions,
    "multi_discrete": lambda: ActorCritic(mlp(20, 64, 64, activation=nn.Tanh), 64, 3 + 3 + 2),
    "multimodal": Multimodal,
    "ppg": Ppg,
    "ppo_embedding": lambda: ActorCritic(numbered(), 64, 6),
    "ppo_impala": lambda: ActorCritic(impala(3), 256, 15),
    "ppo_lstm": PpoLstm,
    "ppo_module": lambda: ActorCritic(mlp(4, 128, 64), 64, 2),
    "ppo_nature": lambda: ActorCritic(nature(4), 512, 6),
    "ppo_shared": lambda: ActorCritic(mlp(4, 128, 64), 64, 2),
    "ppo_split": PpoSplit,
    "r2d2": R2d2,
    "rainbow": Rainbow,
    "redq": Redq,
    "rl_games_301": RlGames301,
    "rnd": Rnd,
    "sac": Sac,
    "sac_autoencoder": SacAutoencoder,
    "sac_pixels": SacPixels,
    "simba": Simba,
    "td3": Td3,
    "world_model": WorldModel,
}
"""By the name of their spec."""

RECURRENT = ("dqn_drqn", "gated_transformer", "icm", "ppo_lstm", "r2d2", "rl_games_301", "world_model")
"""Those that take sequences and `resets`."""
