"""Emitted modules on a GPU: the same values, levels, copies, targets and compilations as on a CPU."""

from __future__ import annotations

import copy
import pickle

import pytest
import torch

import rl2graph
from rl2graph import Call, Input
from rl2graph.model.export import examples
from tests.support import VECTOR
from tests.zoo.test_whole import SPECS, stirred

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not torch.cuda.is_available(), reason="there is no GPU here"),
]


@pytest.fixture(autouse=True, scope="module")
def exact():
    """Products in full precision, whose order of additions is the same each time."""
    torch.backends.cuda.matmul.allow_tf32 = torch.backends.cudnn.allow_tf32 = False
    torch.backends.cudnn.deterministic = True


def on(device, value):
    if isinstance(value, dict):
        return {name: on(device, part) for name, part in value.items()}
    return value.to(device)


def flat(value, name=""):
    if isinstance(value, dict):
        return [pair for key, part in value.items() for pair in flat(part, f"{name}.{key}")]
    return [(name, value)]


def entry_of(name, level=1):
    spaces = SPECS[name].interface()
    model = rl2graph.compile(
        SPECS[name].path, observation_space=spaces.observation, action_space=spaces.action, level=level
    )
    entry = model.entry([output.name for output in model.outputs])
    return model, entry, stirred(examples(entry.graph), torch.Generator().manual_seed(0))


@pytest.mark.parametrize("name", SPECS)
def test_a_network_is_the_same_on_a_gpu(name):
    model, entry, given = entry_of(name)
    literal, as_written, _ = entry_of(name, level=0)
    with torch.no_grad():
        want = flat(entry(**given))
        model.cuda()
        literal.cuda()
        given = on("cuda", given)
        got = flat(entry(**given))
        for (key, a), (_, b) in zip(got, want, strict=True):
            assert a.device.type == "cuda", key
            assert torch.allclose(a.cpu(), b, rtol=1e-3, atol=1e-3), key
        for (key, a), (_, b) in zip(flat(as_written(**given)), got, strict=True):
            assert torch.equal(a, b), f"-O0 and -O1 differ in {key}"
        for other in (copy.deepcopy(entry), pickle.loads(pickle.dumps(entry))):
            moved = flat(other.cuda()(**given))
            assert all(torch.equal(a, b) for (_, a), (_, b) in zip(moved, got, strict=True))


@pytest.mark.parametrize("name", SPECS)
def test_a_network_compiles_whole_on_a_gpu(name):
    model, entry, given = entry_of(name)
    model.cuda()
    given = on("cuda", given)
    torch._dynamo.reset()
    with torch.no_grad():
        got = flat(torch.compile(entry, fullgraph=True)(**given))
        for (key, a), (_, b) in zip(got, flat(entry(**given)), strict=True):
            assert torch.allclose(a, b, rtol=1e-3, atol=1e-3), key


def test_targets_noise_and_statistics_live_on_the_gpu():
    text = "encoder e = obs |> dense(8) |> batch_norm |> dropout(0.5); q = head(e)"
    model = rl2graph.compile(text, env="CartPole-v1").cuda()
    entry = model.entry(
        {"q": "q", "target": Call("q", {"obs": Input("next_obs")}, version="target")}, mode="train"
    )
    obs = torch.randn(16, *VECTOR.shape, device="cuda")
    noise = entry.draw_noise((16,), seed=0, counter=1)
    assert {value.device.type for value in noise.values()} == {"cuda"}
    out = entry(obs, next_obs=obs, noise=noise)
    model.commit(out["statistics"])
    model.target_weights.update(0.5)
    tensors = [*model.target_weights.buffers(), *model.buffers(), *model.parameters(), out["target"]]
    assert {tensor.device.type for tensor in tensors} == {"cuda"}
