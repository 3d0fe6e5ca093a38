"""The learning bar: CartPole-v1, shipped defaults, 100,000 steps, greedy evaluation of the final policy."""

import pytest

from rl2graph.workers.train import train

SPEC = "encoder e = encode(obs); pi = head(e); v = head(e)"


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(5))
def test_the_final_greedy_policy_balances(seed, tmp_path):
    result = train(SPEC, env="CartPole-v1", steps=100_000, seed=seed, run=tmp_path / "run", quiet=True)
    assert len(result.evaluation.returns) == 100
    assert result.evaluation.return_mean >= 475


@pytest.mark.slow
def test_the_compiled_driver_learns_as_well(tmp_path):
    result = train(
        SPEC,
        env="CartPole-v1",
        steps=100_000,
        run=tmp_path / "run",
        settings=["driver=compiled"],
        quiet=True,
    )
    assert result.evaluation.return_mean >= 475
