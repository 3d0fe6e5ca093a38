import numpy as np
import pytest
import torch
from gymnasium.vector import AutoresetMode

from rl2graph.agents import PPO, PPOConfig
from rl2graph.diagnostics import DiagnosticError
from rl2graph.spaces import Discrete, Vector
from rl2graph.workers import Environments, MaxStepWorker
from rl2graph.workers.evaluate import Evaluation, evaluate
from tests.agents.handmade import Handmade
from tests.workers.tiny import Tiny, tiny_vector

CONFIG = PPOConfig(n_steps=8, minibatch_size=8, epochs=2)


def agent(seed=0):
    return PPO(Handmade(Vector((3,)), Discrete(2), hidden=(8,)), CONFIG, seed=seed)


def run(mode=AutoresetMode.SAME_STEP, max_steps=64, seed=0, **hooks):
    it = agent(seed)
    worker = MaxStepWorker(tiny_vector(mode), it, max_steps=max_steps, seed=seed, **hooks)
    return it, worker.run()


@pytest.mark.parametrize("mode", list(AutoresetMode))
def test_steps_are_counted_without_resets(mode):
    _, progress = run(mode)
    assert 64 <= progress.steps <= 65
    assert progress.episodes in (24, 25, 26)


def test_it_updates_whenever_a_rollout_is_whole():
    seen = []
    it, progress = run(on_update=lambda now: seen.append(now.steps))
    assert seen == [16, 32, 48, 64]
    assert it.counters()["updates"] == 4
    assert progress.stats["updates"] == 4


def test_same_seed_bit_identical_weights():
    first, second, other = run()[0], run()[0], run(seed=1)[0]
    for key, value in first.model.state_dict().items():
        assert torch.equal(value, second.model.state_dict()[key])
    assert any(not torch.equal(v, other.model.state_dict()[k]) for k, v in first.model.state_dict().items())


def test_a_single_environment_and_an_id_will_do():
    it = agent()
    assert MaxStepWorker(Tiny(), it, max_steps=20).run().steps == 20
    cartpole = PPO(Handmade(Vector((4,)), Discrete(2), hidden=(8,)), CONFIG)
    assert MaxStepWorker("CartPole-v1", cartpole, max_steps=20).run().steps == 20


@pytest.mark.parametrize("mode", list(AutoresetMode))
def test_evaluation_plays_exactly_n_episodes_an_equal_share_each(mode):
    """Slot 1 plays 3, 2, 3, … steps and slot 0 plays 2, 3, 2, …: each gives its first, whoever is faster."""
    it = agent()
    found = evaluate(it, Environments(tiny_vector(mode)), episodes=5)
    assert found.lengths == (2, 3, 2, 3, 2)
    assert len(found.returns) == 5
    assert found.return_mean == pytest.approx(np.mean(found.returns))
    assert found.to_json()["return_std"] == pytest.approx(np.std(found.returns))


def test_greedy_evaluation_repeats_itself_and_moves_no_stream():
    it = agent()
    before = it.counters()
    results = {evaluate(it, Environments(tiny_vector("SameStep")), episodes=4).returns for _ in range(2)}
    assert len(results) == 1
    assert it.counters() == before
    evaluate(it, Environments(tiny_vector("SameStep")), episodes=4, greedy=False)
    assert it.counters() != before


def test_annealing_starts_at_the_full_rate_and_ends_above_zero():
    config = PPOConfig(n_steps=8, minibatch_size=8, epochs=1, learning_rate=1.0e-3, anneal_learning_rate=True)
    it = PPO(Handmade(Vector((3,)), Discrete(2), hidden=(8,)), config)
    rates = []
    worker = MaxStepWorker(tiny_vector("SameStep"), it, max_steps=64)
    worker._on_update = lambda now: rates.append(now.stats["learning_rate"])
    worker.run()
    assert rates == pytest.approx([1e-3, 0.75e-3, 0.5e-3, 0.25e-3])


def test_an_evaluation_can_be_stopped_and_its_episodes_have_to_end(monkeypatch):
    def stop():
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        evaluate(agent(), Environments(tiny_vector("SameStep")), episodes=4, check=stop)

    class Endless(Tiny):
        def step(self, action):
            return self.observe(), 0.0, False, False, {}

    monkeypatch.setattr("rl2graph.workers.evaluate.EPISODE_LIMIT", 20)
    with pytest.raises(DiagnosticError, match="20 steps") as caught:
        evaluate(agent(), Environments(Endless()), episodes=1)
    assert caught.value.diagnostics[0].code == "RLG604"
    evaluate(agent(), Environments(Tiny()), episodes=30)


def test_json_holds_no_nan():
    data = Evaluation((1.0, float("nan")), (2, 3), greedy=True).to_json()
    assert data["return_mean"] is data["return_std"] is None
    assert data["returns"] == [1.0, None]
