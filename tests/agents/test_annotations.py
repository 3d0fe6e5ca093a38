"""What `@frozen`, `@lr`, `@init` and `@load` do to updates of compiled specs."""

import pytest
import torch
from safetensors.torch import save_file

import rl2graph
from rl2graph.agents.a2c import A2C
from rl2graph.agents.a2c_config import A2CConfig
from rl2graph.agents.ppo import PPO
from rl2graph.agents.ppo_config import PPOConfig
from tests.agents.collecting import Loop, agent_for, walks

SHARED = "{e}encoder e = mlp(obs, hidden=[8, 6])\n{pi}pi = head(e)\n{v}v = head(e)\n"
UNCLIPPED = 1e9
ROLLOUT = 24  # 8 steps of 3 environments


def annotated(**annotations):
    return SHARED.format_map({"e": "", "pi": "", "v": "", **annotations})


def once(algorithm, spec, **settings):
    """An agent before its first update, which is one step of its optimiser, and its rollout collected."""
    settings = {"learning_rate": 1e-3, "max_grad_norm": UNCLIPPED, "n_steps": 8, **settings}
    if algorithm is PPO:
        config = PPOConfig(minibatch_size=ROLLOUT, **{"epochs": 1, **settings})
    else:
        config = A2CConfig(**{"anneal_learning_rate": False, **settings})
    env = walks()
    return Loop(agent_for(algorithm, spec, env, config), env)


def weights(loop):
    return {key: p.detach().clone() for key, p in loop.agent.model.named_parameters()}


def updated(algorithm, spec, progress=0.0, **settings):
    """Weights after one step of the optimiser."""
    loop = once(algorithm, spec, **settings)
    loop.collect().update(progress)
    return weights(loop)


def owned(tensors, owner):
    found = {key: tensor for key, tensor in tensors.items() if key.startswith(f"{owner}.")}
    assert found
    return found


def same(left, right):
    return left.keys() == right.keys() and all(torch.equal(left[key], right[key]) for key in left)


def moved(before, after):
    """Keys of the weights that are not what they were."""
    return {key for key in before if not torch.equal(before[key], after[key])}


algorithms = pytest.mark.parametrize("algorithm", [PPO, A2C])


@algorithms
@pytest.mark.parametrize("owner", ["e", "pi", "v"])
def test_frozen_owners_stay_bit_for_bit_and_all_others_move(algorithm, owner):
    loop = once(algorithm, annotated(**{owner: "@frozen "}), max_grad_norm=0.5)
    before = weights(loop)
    for _ in range(3):
        loop.collect().update()
    assert moved(before, weights(loop)) == before.keys() - owned(before, owner).keys()
    assert not any(f".{owner}." in key for key in loop.agent.optimiser_tensors())


@algorithms
def test_frozen_owners_do_not_count_in_the_norm_that_is_clipped(algorithm):
    def first(spec, **settings):
        """The first step's gradients as the optimiser saw them, and their norm before clipping."""
        loop = once(algorithm, spec, optimiser="adam", **settings)
        stats = loop.collect().update()
        averages = loop.agent.optimiser_tensors()
        # Adam's first average is 0.1 of the gradient.
        grads = {k.removeprefix("exp_avg."): 10 * t for k, t in averages.items() if k.startswith("exp_avg.")}
        return grads, stats["grad_norm"]

    def norm(grads):
        return float(torch.cat([grad.flatten() for grad in grads.values()]).norm())

    whole, all_of_it = first(annotated())
    assert norm(whole) == pytest.approx(all_of_it, rel=1e-5)
    frozen, rest = first(annotated(e="@frozen "))
    assert all(torch.equal(grad, whole[key]) for key, grad in frozen.items())
    assert rest == pytest.approx(norm(frozen), rel=1e-5)
    assert rest < 0.99 * all_of_it
    clipped, _ = first(annotated(e="@frozen "), max_grad_norm=0.01)
    assert norm(clipped) == pytest.approx(0.01, rel=1e-3)


@algorithms
def test_owners_with_a_rate_move_by_their_own_alone(algorithm):
    own = updated(algorithm, annotated(e="@lr(0.02) "))
    theirs, ours = updated(algorithm, annotated(), learning_rate=0.02), updated(algorithm, annotated())
    assert same(owned(own, "e"), owned(theirs, "e"))
    assert same(owned(own, "pi") | owned(own, "v"), owned(ours, "pi") | owned(ours, "v"))
    assert moved(own, ours) == owned(own, "e").keys()


def test_adams_first_step_is_the_owners_rate_up_to_eps():
    loop = once(PPO, annotated(e="@lr(0.02) ", v="@lr(3e-4) "))
    before = weights(loop)
    loop.collect().update()
    averages = loop.agent.optimiser_tensors()
    for key, after in weights(loop).items():
        rate = {"e": 0.02, "pi": 1e-3, "v": 3e-4}[key.split(".")[0]]
        grad = averages[f"exp_avg.{key}"] / 0.1
        expected = -rate * grad / (grad.abs() + 1e-5)
        torch.testing.assert_close(after - before[key], expected, rtol=1e-4, atol=2e-7)
        assert (expected.abs().max() / rate) > 0.99


def test_rmsprops_first_step_divides_by_the_root_of_an_average_that_was_one():
    def first(optimiser):
        loop = once(A2C, annotated(e="@lr(0.02) "), optimiser=optimiser)
        before = weights(loop)
        loop.collect().update()
        return before, weights(loop), loop.agent.optimiser_tensors()

    grads = first("adam")[2]
    before, after, averages = first("rmsprop")
    for key, p in before.items():
        rate = 0.02 if key.startswith("e.") else 1e-3
        grad = grads[f"exp_avg.{key}"] / 0.1
        average = 0.99 + 0.01 * grad.square()
        torch.testing.assert_close(averages[f"square_avg.{key}"], average)
        expected = -rate * grad / (average + 1e-5).sqrt()
        torch.testing.assert_close(after[key] - p, expected, rtol=1e-4, atol=2e-7)
        assert expected.abs().max() > 1e-5


@algorithms
def test_own_rates_are_annealed_by_the_same_factor(algorithm):
    late = updated(algorithm, annotated(e="@lr(0.02) "), progress=0.75, anneal_learning_rate=True)
    slow = updated(algorithm, annotated(e="@lr(0.005) "), learning_rate=0.25e-3)
    assert same(late, slow)
    kept = updated(algorithm, annotated(e="@lr(0.02) "), progress=0.75, anneal_learning_rate=False)
    assert same(kept, updated(algorithm, annotated(e="@lr(0.02) ")))
    assert not same(late, kept)


@algorithms
def test_init_sets_what_learning_starts_from(algorithm):
    spec = annotated(e="@init(orthogonal, gain=0.5) ", pi="@init(constant, 0.25) ")
    loop = once(algorithm, spec)
    before = weights(loop)
    wide, tall = before["e.dense_1.weight"], before["e.dense.weight"]
    torch.testing.assert_close(wide @ wide.T, 0.25 * torch.eye(6), rtol=0, atol=1e-6)
    torch.testing.assert_close(tall.T @ tall, 0.25 * torch.eye(3), rtol=0, atol=1e-6)
    assert torch.equal(before["pi.weight"], torch.full((2, 6), 0.25))
    torch.testing.assert_close(before["v.weight"].norm(), torch.tensor(1.0))
    loop.collect().update()
    assert {"e.dense.weight", "pi.weight"} <= moved(before, weights(loop))


def saved(folder):
    generator = torch.Generator().manual_seed(5)
    shapes = {"dense.weight": (8, 3), "dense.bias": (8,), "dense_1.weight": (6, 8), "dense_1.bias": (6,)}
    tensors = {f"old.{key}": torch.randn(shape, generator=generator) for key, shape in shapes.items()}
    save_file(tensors, folder / "old.safetensors")
    return {key.replace("old.", "e."): tensor for key, tensor in tensors.items()}


@algorithms
@pytest.mark.parametrize("frozen", [False, True], ids=["trained", "frozen"])
def test_loaded_weights_are_where_learning_starts_or_what_it_keeps(algorithm, frozen, tmp_path):
    file = saved(tmp_path)
    load = '@load("old.safetensors", key="old") '
    path = tmp_path / "net.rl2"
    path.write_text(annotated(e=load + "@frozen " * frozen), "utf-8")
    loop = once(algorithm, path)
    before = weights(loop)
    assert same(owned(before, "e"), file)
    loop.collect().update()
    after = weights(loop)
    assert moved(before, after) == (before.keys() - file.keys() if frozen else before.keys())
    if not frozen:
        assert max((after[key] - file[key]).abs().max() for key in file) < 5e-3


@algorithms
def test_a_resumed_run_keeps_its_groups(algorithm):
    spec = annotated(e="@lr(0.02) ", v="@lr(1e-4) @init(constant, 0.1) ", pi="@frozen ")

    def start():
        return once(algorithm, spec, anneal_learning_rate=True, max_grad_norm=0.5)

    def later(agent):
        """Weights after one more rollout, in fresh environments, and one more update."""
        loop = Loop(agent, walks())
        loop.collect().update(0.5)
        return weights(loop)

    whole, resumed = start().agent, start().agent
    Loop(whole, walks()).collect().update(0.0)
    tensors = {key: tensor.clone() for key, tensor in whole.optimiser_tensors().items()}
    resumed.model.load_state_dict({key: p.clone() for key, p in whole.model.state_dict().items()})
    resumed.load_optimiser(tensors)
    resumed.load_counters(whole.counters())
    rates = resumed.optimiser_tensors()["lr"]
    assert rates.tolist() == pytest.approx([1e-3, 0.02, 1e-4])
    assert same(later(whole), later(resumed))
    assert rates.tolist() == pytest.approx([0.5e-3, 0.01, 0.5e-4])
    other = agent_for(algorithm, annotated(), walks(), resumed.config)
    with pytest.raises(rl2graph.DiagnosticError) as caught:
        other.load_optimiser(tensors)
    assert caught.value.diagnostics[0].code == "RLG608"
