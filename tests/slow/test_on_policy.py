"""The learning bars of PPO and A2C: final weights, greedy, 100 episodes, each of five seeds.

Settings are those of benchmarks/on_policy/tasks.py, with which Stable-Baselines3 is compared too.
"""

import numpy as np
import pytest
import torch

import rl2graph
from benchmarks.on_policy.ours import train as train_task
from benchmarks.on_policy.tasks import HIDDEN, SPLIT, TASKS
from rl2graph.workers.train import train

SEEDS = range(5)
TANH = "mlp(hidden=[64, 64], activation=tanh)"
# Environment, network, bar (of a best return that is known), and the share of the future that counts there.
SMALL = {
    "Dials": (f"e = obs |> {TANH}; pi = head(e); v = head(e)", 15.5, 0.5),
    "Lookout": ("c = conv(obs.camera); e = concat(c, obs.flag) |> mlp; pi = head(e); v = head(e)", 15.5, 0.5),
    "Maze": (f"e = obs.place |> {TANH}; pi = masked(head(e), obs.mask); v = head(e)", 0.87, 0.99),
    "Crane": (f"e = obs |> {TANH}; pi = head(e); v = head(e)", 14.5, 0.5),
}


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "seed"), [(name, seed) for name, task in TASKS.items() for seed in task.seeds]
)
def test_the_final_greedy_policy_meets_the_bar(name, seed, tmp_path):
    torch.set_num_threads(1)
    result = train_task(TASKS[name], seed, tmp_path / "run")
    assert len(result.evaluation.returns) == 100
    assert result.evaluation.return_mean >= TASKS[name].bar


@pytest.mark.slow
@pytest.mark.parametrize("seed", TASKS["hidden-velocity-ppo"].seeds)
def test_hidden_velocities_are_beyond_a_network_without_memory(seed, tmp_path):
    task = TASKS["hidden-velocity-ppo"]
    result = train(
        SPLIT,
        env=HIDDEN,
        steps=task.steps,
        seed=seed,
        run=tmp_path / "run",
        config={
            "run": {"eval_episodes": 0},
            "env": {"normalise_observations": task.normalised, "normalise_rewards": task.normalised},
            "ppo": dict(task.settings),
        },
        quiet=True,
    )
    assert result.evaluation.return_mean < 200


@pytest.mark.slow
@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("algo", ["ppo", "a2c"])
@pytest.mark.parametrize("name", SMALL)
def test_small_environments_of_each_kind_of_space_are_solved(name, algo, seed, tmp_path):
    spec, bar, gamma = SMALL[name]
    settings = {
        "ppo": {
            "n_steps": 64,
            "minibatch_size": 64,
            "learning_rate": 1e-3,
            "anneal_learning_rate": True,
            "entropy_coefficient": 0.01,
        },
        "a2c": {"n_steps": 8, "learning_rate": 2e-3, "optimiser": "adam", "gae_lambda": 0.95},
    }[algo]
    result = train(
        spec,
        env=f"tests.environments:{name}-v0",
        algo=algo,
        steps=100_000,
        seed=seed,
        run=tmp_path / "run",
        config={"run": {"eval_episodes": 0}, algo: {**settings, "gamma": gamma}},
        quiet=True,
    )
    assert result.evaluation.return_mean >= bar


@pytest.mark.slow
@pytest.mark.parametrize("algo", ["ppo", "a2c"])
@pytest.mark.parametrize(
    ("spec", "driver"),
    [
        (SPLIT, "eager"),
        (SPLIT, "compiled"),
        ("h = obs |> lstm(32); pi = head(h); v = head(h)", "eager"),  # sequences run eager alone
    ],
    ids=["mlp-eager", "mlp-compiled", "lstm-eager"],
)
def test_one_seed_gives_the_same_weights_bit_for_bit(algo, spec, driver, tmp_path):
    weights = []
    for run in ("a", "b"):
        result = train(
            spec,
            env="CartPole-v1",
            algo=algo,
            steps=20_000,
            seed=3,
            run=tmp_path / run,
            settings=[f"{algo}.driver={driver}", "eval_episodes=0", "final_episodes=1"],
            quiet=True,
        )
        state = result.agent.model.state_dict()
        weights.append(np.concatenate([value.numpy().ravel() for value in state.values()]))
    np.testing.assert_array_equal(*weights)


@pytest.mark.slow
def test_networks_of_the_comparison_have_the_peers_parameters():
    """As many as Stable-Baselines3 makes of the arguments of the same task."""
    stable_baselines3 = pytest.importorskip("stable_baselines3")
    del stable_baselines3
    from benchmarks.on_policy.sb3 import made

    for task in TASKS.values():
        theirs = sum(p.numel() for p in made(task, 0).policy.parameters())
        ours = sum(p.numel() for p in rl2graph.compile(task.spec, env=task.env).parameters())
        assert ours == theirs
