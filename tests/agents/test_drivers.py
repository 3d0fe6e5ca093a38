import shutil

import pytest
import torch

from rl2graph.agents.drivers import CompiledDriver, EagerDriver, clip_
from rl2graph.agents.optimiser import AdamState
from rl2graph.agents.ppo import PPO
from rl2graph.agents.ppo_config import PPOConfig
from rl2graph.diagnostics import DiagnosticError
from rl2graph.spaces import Discrete, Vector
from tests.agents.handmade import Handmade

compilers = ["aot_eager", "inductor"]


def model(seed=3):
    return Handmade(Vector((4,)), Discrete(2), hidden=(16, 8), seed=seed)


def batches(count):
    generator = torch.Generator().manual_seed(0)
    for _ in range(count):
        yield {
            "obs": torch.randn(32, 4, generator=generator),
            "action": torch.randint(0, 2, (32,), generator=generator),
            "log_prob": torch.full((32,), -0.7),
            "value": torch.zeros(32),
            "advantage": torch.randn(32, generator=generator),
            "return": torch.randn(32, generator=generator) * 10,
            "clip_range": torch.tensor(0.2),
        }


@pytest.mark.parametrize("backend", compilers)
def test_the_compiled_update_equals_the_eager_one(backend):
    if backend == "inductor" and not (shutil.which("c++") or shutil.which("g++")):
        pytest.skip("inductor needs a C++ compiler")
    torch.set_num_threads(1)
    config = PPOConfig(minibatch_size=32, n_steps=32, entropy_coefficient=0.01)
    drivers, states, models = [], [], []
    for kind in ("eager", "compiled"):
        handmade = model()
        # Borrows the agent's loss; the driver is ours, so that the backend can be chosen.
        agent = PPO(handmade, config)
        state = AdamState.fresh(dict(handmade.named_parameters()), lr=1e-3)
        entries = {"learn": handmade.entry(["pi", "v"])}
        if kind == "eager":
            drivers.append(EagerDriver(entries, agent._loss, state, max_grad_norm=0.5))
        else:
            drivers.append(CompiledDriver(entries, agent._loss, state, max_grad_norm=0.5, backend=backend))
        states.append(state)
        models.append(handmade)
    for number, batch in enumerate(batches(5)):
        for state in states:
            state.lr.fill_(1e-3 * (1 - number / 5))
        eager, compiled = (driver.step(batch, {}) for driver in drivers)
        assert eager.keys() == compiled.keys()
        for name in eager:
            torch.testing.assert_close(eager[name], compiled[name], rtol=1e-5, atol=1e-6)
    for (key, left), (_, right) in zip(
        models[0].named_parameters(), models[1].named_parameters(), strict=True
    ):
        assert (left - right).abs().max() < 1e-6, key
    for key, left in states[0].tensors().items():
        torch.testing.assert_close(left, states[1].tensors()[key], rtol=1e-5, atol=1e-6)
    assert states[0].step.unique().tolist() == [5.0]


def test_the_eager_driver_is_torchs_adam_with_clipping():
    ours, theirs = model(), model()
    agent = PPO(ours, PPOConfig(minibatch_size=32, n_steps=32))
    state = AdamState.fresh(dict(ours.named_parameters()), lr=1e-3)
    driver = EagerDriver({"learn": ours.entry(["pi", "v"])}, agent._loss, state, max_grad_norm=0.5)
    optimiser = torch.optim.Adam(theirs.parameters(), lr=1e-3, eps=1e-5)
    for batch in batches(4):
        stats = driver.step(batch, {})
        loss, _ = agent._loss({"learn": theirs.entry(["pi", "v"])}, batch, {})
        optimiser.zero_grad()
        loss.backward()
        norm = torch.nn.utils.clip_grad_norm_(theirs.parameters(), 0.5)
        optimiser.step()
        torch.testing.assert_close(stats["grad_norm"], norm)
    for left, right in zip(ours.parameters(), theirs.parameters(), strict=True):
        torch.testing.assert_close(left, right, rtol=1e-5, atol=1e-6)


def test_clipping_scales_to_the_norm_and_only_down():
    grads = [torch.tensor([3.0]), torch.tensor([4.0])]
    assert clip_(grads, 1.0).item() == pytest.approx(5.0)
    assert [g.item() for g in grads] == pytest.approx([0.6, 0.8], rel=1e-5)
    assert clip_(grads, 2.0).item() == pytest.approx(1.0, rel=1e-5)
    assert [g.item() for g in grads] == pytest.approx([0.6, 0.8], rel=1e-5)


def test_frozen_weights_stay_and_unreached_ones_get_zero_gradients():
    handmade = model()
    handmade.pi.weight.requires_grad_(False)
    before = handmade.pi.weight.clone(), handmade.v.weight.clone()
    state = AdamState.fresh({k: p for k, p in handmade.named_parameters() if p.requires_grad}, lr=1e-2)

    def loss(entries, batch, noise):
        return entries["learn"](batch["obs"])["pi"].square().mean(), {}

    driver = EagerDriver({"learn": handmade.entry(["pi", "v"])}, loss, state, max_grad_norm=1.0)
    driver.step(next(batches(1)), {})
    assert torch.equal(handmade.pi.weight, before[0])
    assert torch.equal(handmade.v.weight, before[1])


def test_adam_state_refuses_a_parameter_twice_and_a_state_of_another_model():
    handmade = model()
    weight = handmade.v.weight
    with pytest.raises(ValueError, match="twice"):
        AdamState.fresh({"a": weight, "b": weight}, lr=1e-3)
    state = AdamState.fresh(dict(handmade.named_parameters()), lr=1e-3)
    tensors = dict(state.tensors())
    del tensors["exp_avg.v.bias"]
    with pytest.raises(DiagnosticError) as caught:
        state.load(tensors)
    assert caught.value.diagnostics[0].code == "RLG608"
