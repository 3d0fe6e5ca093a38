"""Settings that do not go together, found before a run begins."""

import os
import subprocess
import sys

import gymnasium
import numpy as np
import pytest
from gymnasium import spaces

from rl2graph.agents import PPOConfig
from rl2graph.cli.main import main
from rl2graph.diagnostics import DiagnosticError
from rl2graph.workers import building
from rl2graph.workers.config import resolve
from rl2graph.workers.env_config import EnvConfig
from rl2graph.workers.registry import make
from rl2graph.workers.train import evaluate_run, train
from rl2graph.workers.wrappers import ActionMask, wrapped
from tests.workers.test_train import SMALL, SPEC, code, start
from tests.workers.tiny import Tiny


class Masked(Tiny):
    """Gives `first` at resets, `then` in steps."""

    def __init__(self, action_space, first, then=None):
        super().__init__(action_space=action_space)
        self.first, self.then = first, first if then is None else then

    def reset(self, **options):
        return super().reset(**options)[0], {"action_mask": self.first}

    def step(self, action):
        return *super().step(action)[:-1], {"action_mask": self.then}


@pytest.mark.parametrize(
    ("mask", "said"),
    [
        (np.array([1.0, np.nan]), "nan"),
        (["1", "0"], "'1'"),
        ([None, 1], "None"),
        ([1, 2], "2"),
        ([-1, 1], "-1"),
    ],
)
def test_a_mask_of_anything_but_zeros_and_ones_is_refused(mask, said):
    with pytest.raises(DiagnosticError, match="1 or 0, and the environment gives " + said) as caught:
        ActionMask(Masked(spaces.Discrete(2), mask)).reset()
    assert code(caught) == "RLG607"


@pytest.mark.parametrize("mask", [[True, False], np.array([1, 0], object), np.array([1.0, 0.0]), [1, 0]])
def test_zeros_and_ones_of_every_type_are_taken(mask):
    assert ActionMask(Masked(spaces.Discrete(2), mask)).reset()[0]["action_mask"].tolist() == [1, 0]


@pytest.mark.parametrize(
    ("space", "mask"),
    [(spaces.Discrete(2), [0, 0]), (spaces.MultiDiscrete([2, 3]), [0, 1, 0, 0, 0])],
)
def test_a_mask_that_allows_nothing_is_refused_where_an_action_is_due(space, mask):
    with pytest.raises(DiagnosticError, match="allows nothing") as caught:
        ActionMask(Masked(space, mask)).reset()
    assert code(caught) == "RLG607"
    env = ActionMask(Masked(space, np.ones(len(mask)), mask))
    env.reset()
    with pytest.raises(DiagnosticError, match="allows nothing"):
        env.step(0)
    last = ActionMask(Masked(space, np.ones(len(mask)), mask))
    last.reset()
    last.env.t = 1  # the second step ends the episode
    assert last.step(0)[0]["action_mask"].tolist() == mask


def test_of_switches_nothing_need_be_allowed():
    env = ActionMask(Masked(spaces.MultiBinary(2), [0, 0]))
    assert env.reset()[0]["action_mask"].tolist() == [0, 0]


@pytest.mark.parametrize("vectorization", ["sync", "async"])
def test_a_mask_that_goes_wrong_in_a_step_is_told_as_such(vectorization):
    gymnasium.register("Masked-v0", lambda: Masked(spaces.Discrete(2), [1, 1], [0, 0]))
    try:
        env = make("Masked-v0", 2, EnvConfig(action_mask=True, vectorization=vectorization))
        env.reset(0)
        with pytest.raises(DiagnosticError, match="allows nothing") as caught:
            env.step(np.zeros(2, np.int64))
        assert code(caught) == "RLG607"
        env.close()
    finally:
        del gymnasium.registry["Masked-v0"]


def test_whole_number_actions_are_not_rescaled():
    env = Tiny(action_space=spaces.Box(0, 4, (2,), np.int64))
    with pytest.raises(DiagnosticError, match="whole numbers") as caught:
        wrapped(env, EnvConfig(rescale_action=True))
    assert code(caught) == "RLG607"


@pytest.mark.parametrize("setting", ["normalise_observations", "normalise_rewards"])
@pytest.mark.parametrize("then", [True, False])
def test_normalisation_switched_by_hand(tmp_path, setting, then):
    run = tmp_path / "run"
    other = {"normalise_observations", "normalise_rewards"} - {setting}
    words = {True: "true", False: "false"}
    start(SPEC, run, steps=32, settings=[f"{setting}={words[then]}", f"{other.pop()}=true"])
    config = run / "config.toml"
    text = config.read_text()
    assert f"{setting} = {words[then]}" in text
    config.write_text(text.replace(f"{setting} = {words[then]}", f"{setting} = {words[not then]}"))
    for use in (lambda: train(run=run, resume=True, steps=64, quiet=True), lambda: evaluate_run(run, 1)):
        with pytest.raises(DiagnosticError) as caught:
            use()
        assert code(caught) == "RLG608"
        now, before = ("off", "on") if then else ("on", "off")
        assert f"`env.{setting}` is {now}, and the checkpoint was saved with it {before}" in str(caught.value)


def test_all_normalisation_switched_off_by_hand(tmp_path):
    run = tmp_path / "run"
    start(SPEC, run, steps=32, settings=["normalise_observations=true"])
    config = run / "config.toml"
    config.write_text(config.read_text().replace("normalise_observations = true", ""))
    with pytest.raises(DiagnosticError, match=r"`env\.normalise_observations` is off") as caught:
        evaluate_run(run, 1)
    assert code(caught) == "RLG608"


AUXILIARY = (
    "input returns: f32\nencoder e = mlp(obs, hidden=[8])\npi = head(e)\nv = head(e)\n"
    "loss aux = 0.5 * mse(value(e), returns)\n"
)


def test_a_run_that_ends_before_its_first_auxiliary_phase_is_refused(tmp_path):
    settings = ["auxiliary_interval=4", "auxiliary_epochs=1"]
    with pytest.raises(DiagnosticError, match="the first auxiliary phase comes after 128 steps") as caught:
        start(AUXILIARY, tmp_path / "run", settings=settings, steps=127)
    assert code(caught) == "RLG607"
    assert not list(tmp_path.iterdir())
    start(AUXILIARY, tmp_path / "run", settings=settings, steps=128)
    assert "phase/cloning_loss" in (tmp_path / "run" / "metrics.jsonl").read_text()


@pytest.mark.parametrize("where", ["[run]\nenv = 'CartPole-v1'\n", "--set"])
def test_an_environment_named_elsewhere_needs_no_flag(tmp_path, where, capsys):
    spec, config = tmp_path / "net.rl2", tmp_path / "run.toml"
    spec.write_text(SPEC)
    config.write_text(where if where != "--set" else "")
    named = ["--set", "env=CartPole-v1"] if where == "--set" else ["--config", str(config)]
    settings = [part for setting in [*SMALL, "num_envs=2"] for part in ("--set", setting)]
    command = ["train", str(spec), "--steps", "32", "--run", str(tmp_path / "run"), "--quiet"]
    assert main([*command, *named, *settings]) == 0
    capsys.readouterr()
    config.write_text("")
    assert main(["train", str(spec), "--config", str(config)]) == 1
    assert "error[RLG604]: no environment is given" in capsys.readouterr().err
    assert main(["train", str(spec)]) == 2


def test_the_table_of_another_algorithm_is_one_finding():
    layers = [{"ppo": {"gamma": 0.9, "n_steps": 3}, "runn": {"a": 1, "b": 2}}]
    with pytest.raises(DiagnosticError) as caught:
        resolve(algo="a2c", layers=layers)
    messages = [found.message for found in caught.value.diagnostics]
    assert len(messages) == 2
    assert messages[0] == "`[ppo]` has settings of another algorithm than the run's, a2c"
    assert "`[runn]`" in messages[1]
    assert {found.code for found in caught.value.diagnostics} == {"RLG606"}


def test_numbers_of_numpy_are_numbers():
    config = PPOConfig(gamma=np.float64(0.9), n_steps=np.int64(3), learning_rate=np.float32(0.5))
    assert (config.gamma, config.n_steps, config.learning_rate) == (0.9, 3, 0.5)
    assert {type(config.gamma), type(config.learning_rate)} == {float}
    assert type(config.n_steps) is int
    assert PPOConfig(anneal_clip_range=np.True_).anneal_clip_range is True
    for wrong in ({"n_steps": np.True_}, {"gamma": np.True_}, {"n_steps": np.float64(3)}):
        with pytest.raises(DiagnosticError) as caught:
            PPOConfig(**wrong)
        assert code(caught) == "RLG607"


def test_seed_and_steps_of_numpy(tmp_path):
    result = start(SPEC, tmp_path / "run", seed=np.int64(3), steps=np.int64(32))
    assert "seed = 3\n" in (tmp_path / "run" / "config.toml").read_text()
    assert train(run=result.run, resume=True, steps=np.int64(64), quiet=True).steps == 64


@pytest.mark.parametrize("device", ["meta", "nonsense"])
def test_a_device_that_cannot_compute_is_refused(tmp_path, device):
    with pytest.raises(DiagnosticError, match=f"the device `{device}` cannot be used") as caught:
        start(SPEC, tmp_path / "run", settings=[f"device={device}"])
    assert code(caught) == "RLG607"
    assert not list(tmp_path.iterdir())


def test_a_folder_that_cannot_be_finished_leaves_nothing(tmp_path, monkeypatch):
    def stopped(*_, **__):
        raise KeyboardInterrupt

    monkeypatch.setattr("rl2graph.workers.checkpoint.save", stopped)
    with pytest.raises(KeyboardInterrupt):
        start(SPEC, tmp_path / "run")
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("name", ["observation_clip", "reward_clip", "clip_rewards"])
def test_bounds_are_numbers_of_a_sensible_size(name):
    for bound in (float("inf"), float("nan"), 1e31):
        with pytest.raises(DiagnosticError) as caught:
            EnvConfig(**{name: bound})
        assert code(caught) == "RLG607"


def test_a_rollout_that_does_not_fit_memory_is_refused(tmp_path, monkeypatch):
    """CartPole's four floats take 16 bytes; 16 steps of 2 copies take 512."""
    monkeypatch.setattr(building, "available_memory", lambda: 511)
    with pytest.raises(DiagnosticError, match="a rollout's observations take") as caught:
        start(SPEC, tmp_path / "run")
    assert code(caught) == "RLG607"
    assert "16 bytes times ppo.n_steps (16) times the 2 environments" in caught.value.diagnostics[0].hint
    assert not list(tmp_path.iterdir())
    for enough in (512, None):
        monkeypatch.setattr(building, "available_memory", lambda enough=enough: enough)
        start(SPEC, tmp_path / f"run{enough}", steps=32)


def test_what_an_observation_takes():
    image = spaces.Box(0, 255, (3, 84, 84), np.uint8)
    for space, size in (
        (image, 3 * 84 * 84),
        (spaces.Discrete(5), 8),
        (spaces.Dict(a=image, b=spaces.Box(-1, 1, (2, 3), np.float64)), 3 * 84 * 84 + 24),
    ):
        assert building.observation_bytes(building_space(space)) == size


def building_space(space):
    from rl2graph.spaces import observation_space

    return observation_space(space)


def test_weights_are_the_same_bytes_in_every_process(tmp_path):
    script = (
        "import sys, rl2graph; from pathlib import Path\n"
        "from rl2graph.agents import PPO; from rl2graph.workers.checkpoint import Checkpoint, save\n"
        f"agent = PPO(rl2graph.compile({SPEC!r}, env='CartPole-v1'))\n"
        "kept = Checkpoint.of(agent, 0, {}, agent.model.state_dict())\n"
        f"save(Path(sys.argv[1]), kept, spec_text={SPEC!r})\n"
    )
    # Three: of two keys in random order, two processes agree half the time.
    for name in "abc":
        env = {**os.environ, "OMP_NUM_THREADS": "1"}
        subprocess.run([sys.executable, "-c", script, str(tmp_path / name)], check=True, env=env)
    for file in sorted(path.name for path in (tmp_path / "a" / "0").iterdir()):
        first, *others = ((tmp_path / name / "0" / file).read_bytes() for name in "abc")
        assert all(other == first for other in others), file
