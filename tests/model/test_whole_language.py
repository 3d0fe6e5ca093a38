"""Compiled models of the language's further forms: values against hand-written torch, export, pickling."""

from __future__ import annotations

import pickle

import pytest
import torch
from safetensors.torch import save_file
from torch.nn import functional as F

import rl2graph
from rl2graph.backend.reference import interpret
from rl2graph.compiler.spec import load
from rl2graph.diagnostics import DiagnosticError
from rl2graph.model.export import export
from rl2graph.spaces import Discrete, Image, MultiBinary, MultiDiscrete, Record, Vector, unbounded

TWO = Discrete(2)
CAMERA = Record((("camera", Image((2, 12, 12), channels_last=True)), ("left arm", Vector((3,)))))
PARTS = 'c = obs.camera |> conv2d(4, kernel=3) |> flatten\npi = head(concat(c, obs["left arm"]))'


def camera(batch=3):
    generator = torch.Generator().manual_seed(0)
    return {
        "camera": torch.randint(0, 256, (batch, 12, 12, 2), generator=generator, dtype=torch.uint8),
        "left arm": torch.randn(batch, 3, generator=generator),
    }


def compiled(text, observation, action=TWO, **options):
    return rl2graph.compile(text, observation_space=observation, action_space=action, **options)


def test_dict_observations_against_hand_written_torch():
    model = compiled(PARTS, CAMERA)
    obs = camera()
    state = dict(model.named_parameters())
    image = obs["camera"].permute(0, 3, 1, 2).float() / 255
    features = F.conv2d(image, state["c.conv2d.weight"], state["c.conv2d.bias"]).flatten(1)
    joined = torch.cat((features, obs["left arm"]), dim=-1)
    expected = F.linear(joined, state["pi.weight"], state["pi.bias"])
    torch.testing.assert_close(model(obs)["pi"], expected)
    torch.testing.assert_close(interpret(model.graph, {"obs": obs}, model.state_dict())["pi"], expected)


def test_dict_observations_are_exported_and_pickled():
    model, obs = compiled(PARTS, CAMERA), camera()
    program = export(model)
    torch.testing.assert_close(program.module()(obs)["pi"], model(obs)["pi"])
    again = pickle.loads(pickle.dumps(model))
    assert torch.equal(again(obs)["pi"], model(obs)["pi"])
    namespace: dict = {}
    exec(model.source, namespace)
    alone = next(v for k, v in namespace.items() if isinstance(v, type) and issubclass(v, torch.nn.Module))()
    alone.load_state_dict(model.state_dict())
    assert torch.equal(alone(obs)["pi"], model(obs)["pi"])


def test_choices_are_presented_as_floats():
    model = compiled("output x = concat(obs, act)", MultiDiscrete((3, 2)), MultiBinary(2))
    out = model(torch.tensor([[2, 0], [0, 1]]), torch.tensor([[1, 0], [1, 1]]))["x"]
    assert out.tolist() == [[0, 0, 1, 1, 0, 1, 0], [1, 0, 0, 0, 1, 1, 1]]


def test_an_ensemble_is_its_members_stacked():
    model = compiled(
        "ensemble[3] q = head(concat(obs, act) |> dense(5) |> tanh)", Vector((4,)), unbounded((2,))
    )
    obs, act = torch.randn(6, 4), torch.randn(6, 2)
    q = model(obs, act)["q"]
    state = model.state_dict()
    for i in range(3):
        h = torch.tanh(
            F.linear(
                torch.cat((obs, act), -1), *(state[f"q.member_{i}.dense.{w}"] for w in ("weight", "bias"))
            )
        )
        member = F.linear(h, state[f"q.member_{i}.weight"], state[f"q.member_{i}.bias"])[:, 0]
        torch.testing.assert_close(q[:, i], member)
    assert q.shape == (6, 3)


def test_a_loss_is_an_entry_and_no_output():
    text = "pi = head(obs)\np = dense(obs, 3)\nloss aux = 0.5 * mse(p, 2 * p)"
    model = compiled(text, Vector((4,)))
    obs = torch.randn(5, 4)
    assert set(model(obs)) == {"pi"}
    p = F.linear(obs, model.state_dict()["p.weight"], model.state_dict()["p.bias"])
    torch.testing.assert_close(model.entry(["aux"])(obs)["aux"], 0.5 * (p**2).mean(-1))


def test_frozen_weights_take_no_gradient_and_other_starts_do_not_move():
    plain = compiled("e = mlp(obs); pi = head(e)", Vector((4,)))
    frozen = compiled("@frozen e = mlp(obs); pi = head(e)", Vector((4,)))
    assert {k: p.requires_grad for k, p in frozen.named_parameters() if k.endswith("weight")} == {
        "e.dense.weight": False, "e.dense_1.weight": False, "pi.weight": True,
    }  # fmt: skip
    assert all(torch.equal(plain.state_dict()[k], v) for k, v in frozen.state_dict().items())
    assert "requires_grad=False" in frozen.source


@pytest.mark.parametrize(
    ("rule", "number", "spread"),
    [
        ("orthogonal", 0.5, None),
        ("xavier_uniform", 1.0, (6 / (64 + 128)) ** 0.5),
        ("kaiming_uniform", 1.0, (3 / 64) ** 0.5),
        ("uniform", 0.003, 0.003),
        ("normal", 0.02, None),
        ("constant", 0.25, None),
    ],
)
def test_init_rules(rule, number, spread):
    weight = compiled(f"@init({rule}, {number}) x = dense(obs, 128)\noutput x", Vector((64,))).state_dict()[
        "x.weight"
    ]
    if rule == "orthogonal":
        torch.testing.assert_close(weight.T @ weight, 0.25 * torch.eye(64), atol=1e-5, rtol=0)
    elif rule == "constant":
        assert (weight == 0.25).all()
    elif rule == "normal":
        assert 0.019 < weight.std() < 0.021
        assert abs(weight.mean()) < 0.001
    else:
        assert 0.97 * spread < weight.abs().max() <= spread
        assert abs(weight.std() - spread / 3**0.5) < 0.02 * spread


def test_standalone_modules_start_by_the_same_rules():
    for rule, number in (
        ("kaiming_uniform", 1.0),
        ("xavier_uniform", 2.0),
        ("normal", 0.5),
        ("uniform", 0.1),
    ):
        model = compiled(f"@init({rule}, {number}) x = dense(obs, 200)\noutput x", Vector((100,)))
        namespace: dict = {}
        exec(model.source, namespace)
        alone = next(
            v for v in namespace.values() if isinstance(v, type) and issubclass(v, torch.nn.Module)
        )()
        ratio = alone.state_dict()["x.weight"].std() / model.state_dict()["x.weight"].std()
        assert 0.97 < ratio < 1.03, rule


def test_weights_are_loaded_from_a_file_beside_the_spec(tmp_path):
    source = compiled("encoder enc = mlp(obs); pi = head(enc)", Vector((4,)), seed=7)
    save_file(dict(source.state_dict()), tmp_path / "enc.safetensors")
    (tmp_path / "net.rl2").write_text(
        '@load("enc.safetensors", key="enc") e = mlp(obs)\npi = head(e); v = head(e)'
    )
    model = compiled(load(tmp_path / "net.rl2"), Vector((4,)))
    for name in ("dense.weight", "dense_1.bias"):
        assert torch.equal(model.state_dict()[f"e.{name}"], source.state_dict()[f"enc.{name}"])
    again = pickle.loads(pickle.dumps(model))  # the file may be gone: weights travel
    (tmp_path / "enc.safetensors").unlink()
    again = pickle.loads(pickle.dumps(model))
    assert torch.equal(again.state_dict()["e.dense.weight"], model.state_dict()["e.dense.weight"])


@pytest.mark.parametrize(
    ("key", "shape", "code"), [("other", 4, "RLG608"), ("enc", 5, "RLG608"), (None, 4, "RLG601")]
)
def test_files_that_do_not_fit_are_refused(tmp_path, key, shape, code):
    if key is not None:
        source = compiled("encoder enc = mlp(obs); pi = head(enc)", Vector((shape,)))
        save_file(dict(source.state_dict()), tmp_path / "enc.safetensors")
    (tmp_path / "net.rl2").write_text(f'@load("enc.safetensors", key="{key}") e = mlp(obs)\npi = head(e)')
    with pytest.raises(DiagnosticError) as caught:
        compiled(load(tmp_path / "net.rl2"), Vector((4,)))
    assert caught.value.diagnostics[0].code == code


@pytest.mark.parametrize("value", [float("nan"), float("inf"), -float("inf"), 1e300])
def test_numbers_that_are_not_finite_are_refused_where_they_are_loaded(tmp_path, value):
    source = compiled("encoder enc = mlp(obs); pi = head(enc)", Vector((4,)))
    tensors = dict(source.state_dict())
    tensors["enc.dense_1.bias"] = tensors["enc.dense_1.bias"].double()
    tensors["enc.dense_1.bias"][3] = value
    save_file(tensors, tmp_path / "enc.safetensors")
    (tmp_path / "net.rl2").write_text('@load("enc.safetensors", key="enc") e = mlp(obs)\npi = head(e)')
    with pytest.raises(DiagnosticError) as caught:
        compiled(load(tmp_path / "net.rl2"), Vector((4,)))
    (found,) = caught.value.diagnostics
    shown = "inf" if value == 1e300 else str(value)
    assert found.message == f"`enc.dense_1.bias` of enc.safetensors holds {shown}, and weights are finite"
    assert (found.code, found.span.text) == ("RLG608", '@load("enc.safetensors", key="enc")')


def test_imports_travel_with_the_model(tmp_path):
    (tmp_path / "parts").mkdir()
    (tmp_path / "parts" / "a.rl2").write_text("param width = 8\nencoder trunk(x) = dense(x, width) |> tanh")
    (tmp_path / "net.rl2").write_text('import "parts/a.rl2" as a\npi = head(a.trunk(obs))')
    model = compiled(load(tmp_path / "net.rl2"), Vector((4,)), params={"a.width": 5})
    data = pickle.dumps(model)
    (tmp_path / "parts" / "a.rl2").unlink()
    again = pickle.loads(data)
    assert again.state_dict()["a.trunk.dense.weight"].shape == (5, 4)
    obs = torch.randn(3, 4)
    assert torch.equal(again(obs)["pi"], model(obs)["pi"])


def test_groups_of_agents_are_refused_by_name():
    with pytest.raises(DiagnosticError) as caught:
        compiled("agents a { pi = head(obs) }\nv = head(obs)", Vector((4,)))
    assert caught.value.diagnostics[0].code == "RLG106"
