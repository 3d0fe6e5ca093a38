import numpy as np
import pytest
import torch
from torch import distributions as reference

from rl2graph.agents.distributions import Categorical, DiagonalGaussian, distribution_for
from rl2graph.diagnostics import DiagnosticError
from rl2graph.spaces import Discrete, unbounded

LOGITS = torch.tensor([[0.3, -1.2, 2.0], [5.0, 5.0, -40.0]])


def test_categorical_agrees_with_torch():
    action = torch.tensor([2, 1])
    log_prob, entropy = Categorical().log_prob_entropy(LOGITS, action)
    torch.testing.assert_close(log_prob, reference.Categorical(logits=LOGITS).log_prob(action))
    torch.testing.assert_close(entropy, reference.Categorical(logits=LOGITS).entropy())


def test_categorical_takes_time_and_batch_axes():
    logits, action = LOGITS.expand(4, 2, 3), torch.tensor([2, 1]).expand(4, 2)
    log_prob, entropy = Categorical().log_prob_entropy(logits, action)
    assert log_prob.shape == entropy.shape == (4, 2)


def test_categorical_draws_follow_the_logits_and_come_with_their_log_probability():
    params = LOGITS[:1].numpy().repeat(20_000, axis=0)
    action, log_prob = Categorical().sample(params, np.random.default_rng(0))
    assert action.dtype == np.int64
    assert log_prob.dtype == np.float32
    np.testing.assert_allclose(
        np.bincount(action) / len(action), torch.softmax(LOGITS[0], -1).numpy(), atol=0.01
    )
    torch_log_prob = reference.Categorical(logits=torch.from_numpy(params)).log_prob(torch.from_numpy(action))
    np.testing.assert_allclose(log_prob, torch_log_prob.numpy(), rtol=1e-5, atol=1e-6)


def test_categorical_mode_is_the_first_best():
    action, log_prob = Categorical().mode(LOGITS.numpy())
    assert action.tolist() == [2, 0]
    np.testing.assert_allclose(log_prob[1], np.log(0.5), rtol=1e-6)


def gaussian_params():
    return torch.tensor([[0.5, -1.0, 0.1, -0.7], [2.0, 0.0, -2.0, 1.5]])


def test_gaussian_agrees_with_torch():
    params, action = gaussian_params(), torch.tensor([[1.0, -3.0], [2.0, 0.5]])
    mean, log_std = params.chunk(2, -1)
    normal = reference.Independent(reference.Normal(mean, log_std.exp()), 1)
    log_prob, entropy = DiagonalGaussian((2,)).log_prob_entropy(params, action)
    torch.testing.assert_close(log_prob, normal.log_prob(action))
    torch.testing.assert_close(entropy, normal.entropy())


def test_gaussian_keeps_the_spaces_shape():
    params = torch.zeros(5, 12)
    action, log_prob = DiagonalGaussian((2, 3)).sample(params.numpy(), np.random.default_rng(0))
    assert action.shape == (5, 2, 3)
    assert action.dtype == log_prob.dtype == np.float32
    again, _ = DiagonalGaussian((2, 3)).log_prob_entropy(params, torch.from_numpy(action))
    np.testing.assert_allclose(log_prob, again.numpy(), rtol=1e-5)


def test_gaussian_draws_have_mean_and_deviation():
    params = gaussian_params()[:1].numpy().repeat(20_000, axis=0)
    action, _ = DiagonalGaussian((2,)).sample(params, np.random.default_rng(0))
    np.testing.assert_allclose(action.mean(0), params[0, :2], atol=0.03)
    np.testing.assert_allclose(action.std(0), np.exp(params[0, 2:]), atol=0.03)
    mode, _ = DiagonalGaussian((2,)).mode(params)
    np.testing.assert_array_equal(mode, params[:, :2])


def test_head_and_space_have_to_agree():
    assert isinstance(distribution_for("categorical", Discrete(3)), Categorical)
    assert distribution_for("gaussian", unbounded((2, 2))).action_shape == (2, 2)
    with pytest.raises(DiagnosticError) as caught:
        distribution_for("dense", Discrete(3))
    assert caught.value.diagnostics[0].code == "RLG504"
