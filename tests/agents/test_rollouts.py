"""How rollouts are cut into minibatches."""

import numpy as np
import torch

from rl2graph.agents.rollouts import Rollout, means


def rollout(n_steps, num_envs, valid=None, **options):
    """A rollout whose samples are numbered row by row, `t * num_envs + slot`."""
    number = np.arange(n_steps * num_envs).reshape(n_steps, num_envs)
    return Rollout(
        inputs={"obs": {"number": number}},
        samples={"number": number},
        valid=np.ones((n_steps, num_envs), bool) if valid is None else np.array(valid),
        device=torch.device("cpu"),
        resets=number % 5 == 0,
        **options,
    )


def numbers(batches):
    return [batch["number"].tolist() for batch in batches]


def order(count, seed=0):
    return np.random.default_rng(seed).permutation(count).tolist()


def test_minibatches_are_slices_of_a_permutation():
    batches = list(rollout(3, 2).minibatches(np.random.default_rng(0), 3))
    assert numbers(batches) == [order(6)[:3], order(6)[3:]]
    assert all(torch.equal(batch["number"], batch["inputs"]["obs"]["number"]) for batch in batches)


def test_steps_that_only_reset_are_left_out_and_every_minibatch_has_one_size():
    valid = [[True, False], [True, True], [False, True]]
    kept = [row for row in order(6) if row not in (1, 4)]
    batches = rollout(3, 2, valid).minibatches(np.random.default_rng(0), 3)
    assert numbers(batches) == [kept[:3], [kept[3], *kept[:2]]]
    (whole,) = rollout(3, 2, valid).minibatches(np.random.default_rng(0))
    assert whole["number"].tolist() == kept


def test_a_rollout_of_resets_alone_gives_no_minibatch():
    nothing = np.zeros((4, 2), bool)
    states = {"h": np.zeros((2, 2, 1), np.float32)}
    assert list(rollout(4, 2, nothing).minibatches(np.random.default_rng(0), 3)) == []
    recurrent = rollout(4, 2, nothing, sequence_length=2, states=states)
    assert list(recurrent.minibatches(np.random.default_rng(0), 3)) == []


def test_sequences_are_whole_environments():
    states = {"h": np.arange(3, dtype=np.float32).reshape(1, 3, 1)}
    it = rollout(4, 3, sequence_length=4, states=states)
    batches = list(it.minibatches(np.random.default_rng(0), 8))
    chosen = order(3)
    assert len(batches) == 2  # two environments each, the second filled up
    for batch, slots in zip(batches, (chosen[:2], [chosen[2], chosen[0]]), strict=True):
        inputs = batch["inputs"]
        assert inputs["obs"]["number"].tolist() == [[t * 3 + slot for slot in slots] for t in range(4)]
        assert batch["number"].tolist() == [t * 3 + slot for t in range(4) for slot in slots]
        assert inputs["state"]["h"][:, 0].tolist() == slots
        assert inputs["resets"].tolist() == [[(t * 3 + slot) % 5 == 0 for slot in slots] for t in range(4)]
        assert "rows" not in batch


def test_shorter_sequences_begin_at_their_own_states():
    states = {"h": np.arange(4, dtype=np.float32).reshape(2, 2, 1)}  # by stretch of time, then slot
    it = rollout(4, 2, sequence_length=2, states=states)
    found = {}
    for batch in it.minibatches(np.random.default_rng(0), 1):  # less than a sequence: one
        found[float(batch["inputs"]["state"]["h"])] = batch["number"].tolist()
    assert found == {0.0: [0, 2], 1.0: [1, 3], 2.0: [4, 6], 3.0: [5, 7]}


def test_of_a_sequence_the_steps_that_only_reset_are_run_through_but_give_no_sample():
    valid = [[True, True], [False, True], [True, True]]
    states = {"h": np.zeros((1, 2, 1), np.float32)}
    (batch,) = rollout(3, 2, valid, sequence_length=3, states=states).minibatches(np.random.default_rng(0))
    assert batch["inputs"]["obs"]["number"].shape == (3, 2)
    whole = batch["inputs"]["obs"]["number"].flatten()
    assert torch.equal(whole[batch["rows"]], batch["number"])
    assert sorted(batch["number"].tolist()) == [0, 1, 3, 4, 5]


def test_means_of_no_steps_are_none():
    assert means([]) == {}
    assert means([{"loss": torch.tensor(1.0)}, {"loss": torch.tensor(2.0)}]) == {"loss": 1.5}
