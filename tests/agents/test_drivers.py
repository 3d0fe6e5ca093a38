import math
import shutil

import pytest
import torch
from torch import nn

from rl2graph.agents.drivers import CompiledDriver, EagerDriver, global_norm, make_driver, scale_
from rl2graph.agents.optimiser import make_optimiser
from rl2graph.agents.safety import NonFinite

compilers = ["aot_eager", "inductor"]
kinds = ["adam", "rmsprop"]


class Linear(nn.Module):
    def __init__(self, width, out, generator):
        super().__init__()
        self.weight = nn.Parameter(torch.randn(out, width, generator=generator) / math.sqrt(width))
        self.bias = nn.Parameter(torch.zeros(out))

    def forward(self, x):
        return nn.functional.linear(x, self.weight, self.bias)


class Learn(nn.Module):
    """An entry of a recurrent model: an observation with parts, and what a loss reads beside it."""

    def __init__(self, seed=3):
        super().__init__()
        generator = torch.Generator().manual_seed(seed)
        self.e = Linear(6, 8, generator)
        self.pi = Linear(8, 2, generator)
        self.v = Linear(8, 1, generator)

    def forward(self, obs, act=None, *, state=None, resets=None, noise=None):
        carried = torch.where(resets[:, None], 0.0, state["h"])
        x = torch.cat([obs["position"], obs["velocity"]], -1)
        e = torch.tanh(self.e(x)) + carried + noise["eps"]
        v = self.v(torch.cat([e[:, :4], e[:, 4:]], -1)).squeeze(-1)
        return {"pi": self.pi(e) + act, "v": v, "state": {"h": e}}


def loss(entries, batch, noise):
    inputs = batch["inputs"]
    out = entries["learn"](
        inputs["obs"], batch["act"], state=inputs["state"], resets=inputs["resets"], noise=noise
    )
    policy = (out["pi"].log_softmax(-1)[:, 0] * batch["advantage"]).mean()
    value = (out["v"] - batch["return"]).square().mean()
    return policy + value + out["state"]["h"].mean(), {"policy_loss": policy, "value_loss": value}


def batches(count, size=32):
    generator = torch.Generator().manual_seed(0)

    def normal(*shape):
        return torch.randn(size, *shape, generator=generator)

    for _ in range(count):
        yield (
            {
                "inputs": {
                    "obs": {"position": normal(4), "velocity": normal(2)},
                    "state": {"h": normal(8)},
                    "resets": normal() > 1,
                },
                "act": normal(2),
                "advantage": normal(),
                "return": normal() * 10,
            },
            {"eps": normal(8) / 10},
        )


def driven(kind, optimiser="adam", objective=loss, frozen=(), max_grad_norm=0.5, rates=None, seed=3):
    """A driver, its network, and its optimiser; `kind` is `eager` or a backend of the compiled one."""
    learn = Learn(seed)
    for key in frozen:
        learn.get_parameter(key).requires_grad_(False)
    made = make_optimiser(optimiser, dict(learn.named_parameters()), learning_rate=1e-3, learning_rates=rates)
    if kind == "eager":
        driver = EagerDriver({"learn": learn}, objective, made, max_grad_norm=max_grad_norm)
    else:
        driver = CompiledDriver({"learn": learn}, objective, made, max_grad_norm=max_grad_norm, backend=kind)
    return driver, learn, made


def everything(learn, optimiser):
    both = {**dict(learn.named_parameters()), **optimiser.tensors()}
    return {key: tensor.detach().clone() for key, tensor in both.items()}


def needs_a_compiler(backend):
    if backend == "inductor" and not (shutil.which("c++") or shutil.which("g++")):
        pytest.skip("inductor needs a C++ compiler")


@pytest.mark.parametrize(("backend", "optimiser"), [("inductor", "adam"), ("aot_eager", "rmsprop")])
def test_the_compiled_update_equals_the_eager_one(backend, optimiser):
    needs_a_compiler(backend)
    torch.set_num_threads(1)
    sides = [
        driven(kind, optimiser, frozen=["pi.bias"], rates={"v.weight": 5e-3}) for kind in ("eager", backend)
    ]
    for number, (batch, noise) in enumerate(batches(5)):
        for _, _, made in sides:
            made.anneal(1 - number / 5)
        eager, compiled = (driver.step(batch, noise) for driver, _, _ in sides)
        assert eager.keys() == compiled.keys()
        for name in eager:
            torch.testing.assert_close(eager[name], compiled[name], rtol=1e-5, atol=1e-6)
            assert not eager[name].requires_grad
    left, right = (everything(learn, made) for _, learn, made in sides)
    for key, tensor in left.items():
        assert (tensor - right[key]).abs().max() < 1e-6, key
    assert torch.equal(left["pi.bias"], torch.zeros(2))
    assert not torch.equal(left["e.bias"], torch.zeros(8))


def test_the_eager_driver_is_torchs_adam_with_clipping():
    driver, learn, _ = driven("eager")
    theirs = Learn()
    optimiser = torch.optim.Adam(theirs.parameters(), lr=1e-3, eps=1e-5)
    for batch, noise in batches(4):
        stats = driver.step(batch, noise)
        value, _ = loss({"learn": theirs}, batch, noise)
        optimiser.zero_grad()
        value.backward()
        norm = torch.nn.utils.clip_grad_norm_(theirs.parameters(), 0.5)
        optimiser.step()
        torch.testing.assert_close(stats["grad_norm"], norm)
        torch.testing.assert_close(stats["loss"], value.detach())
    for left, right in zip(learn.parameters(), theirs.parameters(), strict=True):
        torch.testing.assert_close(left, right, rtol=1e-5, atol=1e-6)


def test_clipping_scales_to_the_norm_and_only_down():
    grads = [torch.tensor([3.0]), torch.tensor([4.0])]
    norm = global_norm(grads)
    assert norm.item() == pytest.approx(5.0)
    scale_(grads, norm, float("inf"))
    assert [g.item() for g in grads] == [3.0, 4.0]
    scale_(grads, norm, 1.0)
    assert [g.item() for g in grads] == pytest.approx([0.6, 0.8], rel=1e-5)
    scale_(grads, global_norm(grads), 2.0)
    assert [g.item() for g in grads] == pytest.approx([0.6, 0.8], rel=1e-5)


@pytest.mark.parametrize("kind", ["eager", "aot_eager"])
def test_frozen_weights_stay_and_do_not_count_in_the_norm(kind):
    driver, learn, made = driven(kind, frozen=["e.weight", "pi.weight"])
    before = everything(learn, made)
    batch, noise = next(batches(1))
    stats = driver.step(batch, noise)
    whole, _, _ = driven("eager")
    assert stats["grad_norm"] < whole.step(batch, noise)["grad_norm"]
    after = everything(learn, made)
    moved = {key for key in dict(learn.named_parameters()) if not torch.equal(before[key], after[key])}
    assert moved == {"e.bias", "pi.bias", "v.weight", "v.bias"}


@pytest.mark.parametrize("kind", ["eager", "aot_eager"])
def test_what_the_loss_does_not_reach_gets_a_gradient_of_zero(kind):
    def policy_alone(entries, batch, noise):
        _, stats = loss(entries, batch, noise)
        return stats["policy_loss"], {}

    driver, learn, made = driven(kind, objective=policy_alone)
    before = everything(learn, made)
    driver.step(*next(batches(1)))
    after = everything(learn, made)
    assert torch.equal(before["v.weight"], after["v.weight"])
    assert not torch.equal(before["pi.weight"], after["pi.weight"])


@pytest.mark.parametrize("optimiser", kinds)
@pytest.mark.parametrize("kind", ["eager", "aot_eager"])
def test_a_step_that_is_not_finite_changes_nothing_and_says_what_it_was(kind, optimiser):
    driver, learn, made = driven(kind, optimiser)
    good, bad = batches(2)
    driver.step(*good)
    before = everything(learn, made)
    bad[0]["return"][5] = math.nan
    with pytest.raises(NonFinite) as caught:
        driver.step(*bad)
    assert (caught.value.what, caught.value.terms) == ("the loss", ("value_loss",))
    assert caught.value.owners == ("e", "v")
    assert all(torch.equal(tensor, before[key]) for key, tensor in everything(learn, made).items())
    other, _, _ = driven("eager", optimiser)
    other.step(*good)
    torch.testing.assert_close(driver.step(*good), other.step(*good), rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("kind", ["eager", "aot_eager"])
def test_a_gradient_may_be_bad_though_its_loss_is_finite(kind):
    def rooted(entries, batch, noise):
        out = entries["learn"](
            batch["inputs"]["obs"], 0.0, noise=noise, **{k: batch["inputs"][k] for k in ("state", "resets")}
        )
        # The root's slope at 0 is infinite.
        return (out["v"] - out["v"]).sum().sqrt() + out["pi"].square().mean(), {"aux": out["v"].mean()}

    driver, learn, made = driven(kind, objective=rooted, max_grad_norm=float("inf"))
    before = everything(learn, made)
    with pytest.raises(NonFinite) as caught:
        driver.step(*next(batches(1)))
    assert (caught.value.what, caught.value.terms) == ("a gradient", ())
    assert "v" in caught.value.owners
    assert "pi" not in caught.value.owners
    assert all(torch.equal(tensor, before[key]) for key, tensor in everything(learn, made).items())


@pytest.mark.parametrize("kind", ["eager", "aot_eager"])
def test_a_loss_may_be_bad_though_its_gradient_is_finite(kind):
    def shifted(entries, batch, noise):
        value, _ = loss(entries, batch, noise)
        return value + batch["shift"], {"shift": batch["shift"]}

    driver, learn, made = driven(kind, objective=shifted)
    batch, noise = next(batches(1))
    before = everything(learn, made)
    with pytest.raises(NonFinite) as caught:
        driver.step({**batch, "shift": torch.tensor(math.inf)}, noise)
    assert (caught.value.what, caught.value.owners, caught.value.terms) == ("the loss", (), ("shift",))
    assert all(torch.equal(tensor, before[key]) for key, tensor in everything(learn, made).items())


def test_a_norm_that_overflows_is_not_finite():
    def steep(entries, batch, noise):
        value, _ = loss(entries, batch, noise)
        return value * 1e25, {}

    driver, learn, made = driven("eager", objective=steep)
    before = everything(learn, made)
    with pytest.raises(NonFinite) as caught:
        driver.step(*next(batches(1)))
    assert caught.value.what == "a gradient"
    assert "e" in caught.value.owners
    assert all(torch.equal(tensor, before[key]) for key, tensor in everything(learn, made).items())


def test_annealing_compiles_nothing_anew():
    driver, _, made = driven("aot_eager", rates={"v.bias": 0.1})
    count = torch._dynamo.utils.counters["stats"]
    batch, noise = next(batches(1))
    driver.step(batch, noise)
    graphs = count["unique_graphs"]
    assert graphs >= 1
    for number in range(3):
        made.anneal(0.3 * number)
        driver.step(batch, noise)
    assert count["unique_graphs"] == graphs


def test_drivers_of_many_batch_shapes_compile_in_one_process():
    with torch._dynamo.config.patch(recompile_limit=1):
        for size in (8, 9):
            driver, _, made = driven("aot_eager")
            driver.step(*next(batches(1, size)))
            assert made.tensors()["step"].unique().tolist() == [1.0]


def test_a_config_names_the_driver():
    learn = Learn()
    made = make_optimiser("adam", dict(learn.named_parameters()), learning_rate=1e-3)
    for kind, driver in (("eager", EagerDriver), ("compiled", CompiledDriver)):
        assert isinstance(make_driver(kind, {"learn": learn}, loss, made, max_grad_norm=1.0), driver)
