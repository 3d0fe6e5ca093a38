"""Every spec of the zoo with its spaces and its number of parameters.

The number is computed here from the layers that the paper describes, in arithmetic that knows nothing of
the compiler; where somebody published it, `source` says who. `tests/zoo/handwritten.py` counts most of them
again, in torch. Frozen weights count, statistics such as running means do not.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise


@dataclass(frozen=True)
class Entry:
    """`parameters` is the number in a header, None where it depends on the environment; `counted` is the
    same as arithmetic.
    """

    observation: str
    action: str
    parameters: int | None
    counted: int | None
    source: str = "the arithmetic here"


def dense(inputs: int, out: int) -> int:
    return inputs * out + out


def noisy(inputs: int, out: int) -> int:
    """Each weight and each bias also has a width of its noise."""
    return 2 * dense(inputs, out)


def conv(inputs: int, out: int, kernel: int, bias: bool = True) -> int:
    """A convolution, transposed or not."""
    return inputs * out * kernel * kernel + out * bias


def conv_norm(inputs: int, out: int, kernel: int) -> int:
    """A convolution whose offsets are those of the batch normalisation behind it."""
    return conv(inputs, out, kernel, bias=False) + norm(out)


def lstm(inputs: int, hidden: int) -> int:
    """Four gates, each with two matrices and, as in torch, two biases."""
    return 4 * (inputs * hidden + hidden * hidden + 2 * hidden)


def gru(inputs: int, hidden: int) -> int:
    return 3 * (inputs * hidden + hidden * hidden + 2 * hidden)


def attention(width: int) -> int:
    """Queries, keys, values and the output."""
    return 4 * dense(width, width)


def norm(width: int) -> int:
    """A factor and an offset for each feature."""
    return 2 * width


def mlp(*widths: int) -> int:
    return sum(dense(a, b) for a, b in pairwise(widths))


def atari(channels: int) -> int:
    """The convolutions of Mnih et al. 2015: 84 pixels become 20, 9 and 7, so 7*7*64 = 3136 features."""
    return conv(channels, 32, 8) + conv(32, 64, 4) + conv(64, 64, 3)


def nature(channels: int) -> int:
    return atari(channels) + dense(3136, 512)


def impala(channels: int) -> int:
    """Three sections of a convolution and two blocks of two; 64 pixels become 8, so 8*8*32 = 2048."""
    sections = [(channels, 16), (16, 32), (32, 32)]
    return sum(conv(a, b, 3) + 4 * conv(b, b, 3) for a, b in sections) + dense(2048, 256)


def pixels(channels: int) -> int:
    """The convolutions of Yarats et al. 2019: 84 pixels become 41, 39, 37, 35, so 35*35*32 = 39200."""
    return conv(channels, 32, 3) + 3 * conv(32, 32, 3)


COMPACT = dense(39200, 50) + norm(50)
CURIOUS = conv(4, 32, 3) + 3 * conv(32, 32, 3)
"""42 pixels become 21, 11, 6 and 3, so 3*3*32 = 288 features."""
GATE = 6 * 64 * 64 + 64
GATED_BLOCK = 2 * GATE + attention(64) + 2 * norm(64) + mlp(64, 256, 64)
SIMBA_ACTOR = dense(17, 128) + norm(128) + mlp(128, 512, 128) + norm(128) + dense(128, 12)
SIMBA_CRITIC = dense(23, 512) + 2 * (norm(512) + mlp(512, 2048, 512)) + norm(512) + dense(512, 1)
GO_TOWER = conv_norm(17, 64, 3) + 5 * 2 * conv_norm(64, 64, 3)
DREAMER_DECODER = dense(230, 1024) + conv(1024, 128, 5) + conv(128, 64, 5) + conv(64, 32, 6) + conv(32, 3, 6)
DREAMER_ENCODER = conv(3, 32, 4) + conv(32, 64, 4) + conv(64, 128, 4) + conv(128, 256, 4)

ATARI, BREAKOUT = "image[4, 84, 84]", "discrete[4]"
CHEETAH, TORQUES = "f32[17]", "box[6]"
GOALS = "{ observation: f32[25], achieved_goal: f32[3], desired_goal: f32[3] }"

ZOO: dict[str, Entry] = {
    "a2c_shared": Entry(
        ATARI,
        BREAKOUT,
        677_429,
        conv(4, 16, 8) + conv(16, 32, 4) + dense(9 * 9 * 32, 256) + dense(256, 4) + dense(256, 1),
    ),
    "alpha_zero": Entry(
        "f32[17, 9, 9]",
        "discrete[82]",
        414_653,
        GO_TOWER + (conv_norm(64, 2, 1) + dense(2 * 81, 82)) + (conv_norm(64, 1, 1) + mlp(81, 256, 1)),
    ),
    "asymmetric_actor_critic": Entry(
        "image[4, 100, 100]",
        "box[4]",
        802_053,
        conv(4, 64, 3) + 3 * conv(64, 64, 3) + mlp(5 * 5 * 64, 256, 4) + mlp(24 + 4, 512, 512, 1),
    ),
    "bootstrapped_dqn": Entry(ATARI, BREAKOUT, 16_159_944, atari(4) + 10 * mlp(3136, 512, 4)),
    "ddpg": Entry(
        CHEETAH,
        TORQUES,
        258_907,
        mlp(17, 400, 300, 6) + dense(17, 400) + mlp(400 + 6, 300, 1),
    ),
    "dqn_c51": Entry(ATARI, BREAKOUT, 1_788_780, nature(4) + dense(512, 4 * 51)),
    "dqn_drqn": Entry("image[1, 84, 84]", BREAKOUT, 7_549_092, atari(1) + lstm(3136, 512) + dense(512, 4)),
    "dqn_dueling": Entry(ATARI, BREAKOUT, 3_292_837, atari(4) + mlp(3136, 512, 1) + mlp(3136, 512, 4)),
    "dqn_mlp": Entry("f32[4]", "discrete[2]", 9_026, mlp(4, 128, 64, 2)),
    "dqn_nature": Entry(
        ATARI,
        BREAKOUT,
        1_686_180,
        nature(4) + dense(512, 4),
        "published: Keras's summary of the network in the README of https://github.com/gsurma/atari",
    ),
    "dqn_noisy_dueling": Entry(
        ATARI,
        BREAKOUT,
        6_507_690,
        atari(4) + (noisy(3136, 512) + noisy(512, 1)) + (noisy(3136, 512) + noisy(512, 4)),
    ),
    "dqn_qr": Entry(ATARI, BREAKOUT, 2_094_528, nature(4) + dense(512, 4 * 200)),
    "drq": Entry(
        "image[9, 84, 84]",
        "box[6]",
        7_276_628,
        pixels(9) + 2 * COMPACT + mlp(50, 1024, 1024, 6) + 2 * mlp(50 + 6, 1024, 1024, 1),
    ),
    "efficient_zero": Entry(
        "f32[16]",
        "discrete[6]",
        179_592,
        (mlp(16, 256, 128) + mlp(128, 128, 128))
        + (mlp(128, 64, 6) + mlp(128, 64, 1))
        + (mlp(128 + 6, 256, 128) + mlp(128, 64, 1) + mlp(128, 64, 128)),
    ),
    "entity_attention": Entry(
        "{ entities: f32[16, 10], present: multi_binary[16] }",
        "discrete[9]",
        85_514,
        dense(10, 128) + attention(128) + norm(128) + dense(128, 128) + dense(128, 9) + dense(128, 1),
    ),
    "gated_transformer": Entry(
        "f32[12]",
        BREAKOUT,
        200_709,
        dense(12, 64) + 16 * 64 + 2 * GATED_BLOCK + dense(64, 4) + dense(64, 1),
    ),
    "her": Entry(GOALS, "box[4]", 280_325, mlp(28, 256, 256, 256, 4) + mlp(28 + 4, 256, 256, 256, 1)),
    "icm": Entry(
        "image[4, 42, 42]",
        BREAKOUT,
        916_009,
        (CURIOUS + mlp(2 * 288, 256, 4) + mlp(288 + 4, 256, 288))
        + (CURIOUS + lstm(288, 256) + dense(256, 4) + dense(256, 1)),
    ),
    "maddpg": Entry("f32[18]", "box[5]", None, None, "the environment's agents decide"),
    "mappo": Entry("f32[18]", "discrete[5]", None, None, "the environment's state decides"),
    "masked_actions": Entry(
        "{ observation: f32[32], action_mask: multi_binary[8] }",
        "discrete[8]",
        13_065,
        mlp(32, 128, 64) + dense(64, 8) + dense(64, 1),
    ),
    "multi_discrete": Entry(
        "f32[20]",
        "multi_discrete[3, 3, 2]",
        6_089,
        mlp(20, 64, 64) + dense(64, 3 + 3 + 2) + dense(64, 1),
    ),
    "multimodal": Entry(
        "{ camera: image[3, 84, 84], joints: f32[12] }",
        "box[7]",
        968_239,
        atari(3)
        + dense(3136, 256)
        + mlp(12, 64, 64)
        + dense(256 + 64, 256)
        + (dense(256, 7) + 7)
        + dense(256, 1),
    ),
    "ppg": Entry(
        "image[3, 64, 64]", "discrete[15]", 1_248_657, 2 * impala(3) + dense(256, 15) + 2 * dense(256, 1)
    ),
    "ppo_embedding": Entry(
        "discrete[500]", "discrete[6]", 36_615, 500 * 64 + dense(64, 64) + dense(64, 6) + dense(64, 1)
    ),
    "ppo_impala": Entry(
        "image[3, 64, 64]", "discrete[15]", 626_256, impala(3) + dense(256, 15) + dense(256, 1)
    ),
    "ppo_lstm": Entry(
        "image[1, 84, 84]", BREAKOUT, 2_007_333, nature(1) + lstm(512, 128) + dense(128, 4) + dense(128, 1)
    ),
    "ppo_module": Entry("f32[4]", "discrete[2]", 9_091, mlp(4, 128, 64) + dense(64, 2) + dense(64, 1)),
    "ppo_nature": Entry(ATARI, "discrete[6]", 1_687_719, nature(4) + dense(512, 6) + dense(512, 1)),
    "ppo_shared": Entry("f32[4]", "discrete[2]", 9_091, mlp(4, 128, 64) + dense(64, 2) + dense(64, 1)),
    "ppo_split": Entry(CHEETAH, TORQUES, 11_085, (mlp(17, 64, 64, 6) + 6) + mlp(17, 64, 64, 1)),
    "r2d2": Entry(
        ATARI, BREAKOUT, 4_313_253, nature(4) + lstm(512, 512) + mlp(512, 512, 1) + mlp(512, 512, 4)
    ),
    "rainbow": Entry(
        ATARI,
        BREAKOUT,
        6_764_190,
        atari(4) + (noisy(3136, 512) + noisy(512, 51)) + (noisy(3136, 512) + noisy(512, 4 * 51)),
    ),
    "redq": Entry(CHEETAH, TORQUES, 795_414, mlp(17, 256, 256, 12) + 10 * mlp(17 + 6, 256, 256, 1)),
    "rl_games_301": Entry(
        "{ x: image[3, 64, 64], y: f32[8], z: f32[5] }",
        "box[6]",
        942_893,
        (atari(3) + dense(4 * 4 * 64, 256) + lstm(256 + 8, 256))
        + (mlp(256 + 8 + 5, 128, 6) + 6)
        + mlp(256 + 8 + 5, 128, 1),
    ),
    "rnd": Entry(
        ATARI,
        BREAKOUT,
        5_568_486,
        (nature(4) + dense(512, 4) + 2 * dense(512, 1)) + 2 * nature(1) + mlp(512, 512, 512),
    ),
    "sac": Entry(CHEETAH, TORQUES, 217_870, mlp(17, 256, 256, 12) + 2 * mlp(17 + 6, 256, 256, 1)),
    "sac_autoencoder": Entry(
        "image[9, 84, 84]",
        "box[6]",
        9_312_323,
        (pixels(9) + 2 * COMPACT + mlp(50, 1024, 1024, 12) + 2 * mlp(50 + 6, 1024, 1024, 1))
        + (dense(50, 39200) + 3 * conv(32, 32, 3) + conv(32, 9, 3)),
    ),
    "sac_pixels": Entry(
        "image[9, 84, 84]",
        "box[6]",
        7_282_778,
        pixels(9) + 2 * COMPACT + mlp(50, 1024, 1024, 12) + 2 * mlp(50 + 6, 1024, 1024, 1),
    ),
    "simba": Entry(CHEETAH, TORQUES, 8_566_670, SIMBA_ACTOR + 2 * SIMBA_CRITIC),
    "td3": Entry(CHEETAH, TORQUES, 389_708, mlp(17, 400, 300, 6) + 2 * mlp(17 + 6, 400, 300, 1)),
    "world_model": Entry(
        "image[3, 64, 64]",
        "box[6]",
        5_495_620,
        (DREAMER_ENCODER + dense(1024 + 6, 200) + gru(200, 200))
        + (mlp(200, 200, 60) + mlp(200 + 1024, 200, 60))
        + (DREAMER_DECODER + mlp(230, 400, 400, 1)),
    ),
}
