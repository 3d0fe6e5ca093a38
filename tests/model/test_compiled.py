"""The compiled model: keys, initial weights, entries, copies."""

from __future__ import annotations

import copy
import pickle
import subprocess
import sys
from pathlib import Path

import gymnasium
import numpy as np
import pytest
import torch

import rl2graph
from rl2graph.ir.op import Init, Weight
from rl2graph.model.weights import initial_weight
from rl2graph.spaces import Discrete, Image, unbounded
from tests.support import SHARED, TWO, VECTOR, example

DDPG = "encoder e = mlp(obs); mu = head(e); q = head(mlp(concat(e, act))); output mu, q"


def compile(text=SHARED, observation=VECTOR, action=TWO, **options):
    return rl2graph.compile(text, observation_space=observation, action_space=action, **options)


def test_keys_shapes_and_order_are_the_owners():
    shapes = {key: tuple(value.shape) for key, value in compile().state_dict().items()}
    assert shapes == {
        "f.dense.weight": (128, 4),
        "f.dense.bias": (128,),
        "f.dense_1.weight": (64, 128),
        "f.dense_1.bias": (64,),
        "pi.weight": (2, 64),
        "pi.bias": (2,),
        "v.weight": (1, 64),
        "v.bias": (1,),
    }
    assert list(dict(compile().named_parameters())) == list(shapes)


@pytest.mark.parametrize(
    "text", [SHARED, DDPG.replace("mu", "pi"), "pi = head(mlp(obs)); v = head(mlp(obs))"]
)
def test_levels_have_the_same_weights(text):
    literal, merged = compile(text, level=0, seed=7), compile(text, level=1, seed=7)
    assert list(literal.state_dict()) == list(merged.state_dict())
    for one, other in zip(literal.parameters(), merged.parameters(), strict=True):
        assert torch.equal(one, other)


def test_adding_a_head_changes_no_other_owners_start():
    before = compile("encoder e = mlp(obs); pi = head(e); v = head(e)").state_dict()
    after = compile("encoder e = mlp(obs); output z = head(e, out=9), pi = head(e), v = head(e)").state_dict()
    assert set(before) < set(after)
    assert all(torch.equal(before[key], after[key]) for key in before)


def test_seeds_differ_and_global_generators_are_untouched():
    torch.manual_seed(0)
    np.random.seed(0)
    state = torch.get_rng_state(), np.random.get_state()[1].copy()
    one, same, other = (compile(seed=seed) for seed in (1, 1, 2))
    assert torch.equal(one.pi.weight, same.pi.weight)
    assert not torch.equal(one.pi.weight, other.pi.weight)
    assert torch.equal(state[0], torch.get_rng_state())
    assert (state[1] == np.random.get_state()[1]).all()


def test_initial_weights_are_orthogonal_with_the_roles_gains():
    model = compile()
    for weight, gain in ((model.f.dense_1.weight, 2**0.5), (model.pi.weight, 0.01), (model.v.weight, 1.0)):
        product = weight.detach() @ weight.detach().T
        torch.testing.assert_close(product, gain**2 * torch.eye(len(weight)), atol=1e-5, rtol=1e-5)
    assert not model.pi.bias.any()


def test_an_initial_weight_depends_on_its_key_alone():
    weight = Weight("weight", (3, 4), Init("orthogonal", 1.0))
    base = initial_weight(0, "e.dense", weight)
    assert torch.equal(base, initial_weight(0, "e.dense", weight))
    assert not torch.equal(base, initial_weight(0, "e.dense_1", weight))
    doubled = initial_weight(0, "e.dense", Weight("weight", (3, 4), Init("orthogonal", 2.0)))
    torch.testing.assert_close(doubled, 2 * base)


def test_outputs_that_need_only_obs_and_all_outputs():
    model = compile(DDPG, action=unbounded((3,)))
    obs, act = example(VECTOR), torch.randn(3, 3)
    assert list(model(obs)) == ["mu"]
    assert list(model(obs, act=act)) == ["mu", "q"]
    assert model(obs, act=act)["q"].shape == (3,)
    with pytest.raises(TypeError, match="unknown: goal"):
        model(obs, act, goal=act)


def test_described_outputs():
    model = compile("e = mlp(obs); pi = head(e); v = head(e)", action=unbounded((3,)), algo="PPO")
    assert [(o.name, o.role, str(o.type), o.head) for o in model.outputs] == [
        ("pi", "pi", "f32[6]", "gaussian"),
        ("v", "v", "f32[]", "value"),
    ]


def test_entries_share_the_models_parameters_and_carry_only_what_they_read():
    model = compile()
    entry = model.entry(["v"])
    assert list(entry.state_dict()) == [k for k in model.state_dict() if not k.startswith("pi")]
    assert entry.v.weight is model.v.weight
    assert model.entry(["v"]) is entry
    entry(example(VECTOR))["v"].sum().backward()
    assert model.f.dense.weight.grad is not None
    with pytest.raises(KeyError, match="no output 'p'"):
        model.entry(["p"])


def test_a_bound_entry_is_the_composition():
    model = compile(DDPG, action=unbounded((3,)))
    obs = example(VECTOR)
    mu = model.entry(["mu"])(obs)["mu"]
    assert torch.equal(model.entry(["q"], bind={"act": "mu"})(obs)["q"], model.entry(["q"])(obs, mu)["q"])


def test_train_takes_gradients_for_the_listed_owners_alone():
    model = compile(DDPG, action=unbounded((3,)))
    entry = model.entry(["q"], bind={"act": "mu"}, train=["mu", "e"])
    entry(example(VECTOR))["q"].sum().backward()
    trained = [name for name, p in model.named_parameters() if p.grad is not None]
    assert {name.split(".")[0] for name in trained} == {"mu", "e"}
    with pytest.raises(KeyError, match="no owner 'nu'"):
        model.entry(["q"], train=["nu"])


@pytest.mark.parametrize("change", ["double", "assign", "load"])
def test_entries_follow_the_model(change):
    model = compile()
    entry = model.entry(["v"])
    if change == "double":
        model.double()
    else:
        model.load_state_dict(compile(seed=9).state_dict(), assign=change == "assign")
    assert entry.v.weight is model.v.weight
    obs = example(VECTOR, dtype=model.v.weight.dtype)
    assert torch.equal(entry(obs)["v"], model(obs)["v"])


def test_replaced_parameters_count_as_in_any_module():
    obs = example(VECTOR)
    zeros = {key: torch.zeros_like(value) for key, value in compile().state_dict().items()}
    model = compile()
    assert not torch.func.functional_call(model, zeros, (obs,))["v"].any()
    entry = model.entry(["v"])
    wrapped = torch.nn.Sequential(model)
    wrapped.load_state_dict({f"0.{key}": value for key, value in zeros.items()}, assign=True)
    assert not model(obs)["v"].any()
    assert not entry(obs)["v"].any()
    model.v.bias = torch.nn.Parameter(torch.ones(1))
    assert model(obs)["v"].eq(1).all()
    assert entry(obs)["v"].eq(1).all()


def test_models_compile_whole_without_a_warm_up():
    model = compile()
    obs = example(VECTOR)
    whole = torch.compile(model, fullgraph=True, backend="eager")
    assert torch.equal(whole(obs)["pi"], model(obs)["pi"])


@pytest.mark.parametrize("space", [Image((3, 16, 16)), Discrete(5)])
def test_bytes_and_indices_become_what_the_weights_are(space):
    model = compile("encoder e = encode(obs); pi = head(e); v = head(e)", space).double()
    assert model(example(space))["v"].dtype == torch.float64


def test_copies_and_pickles_have_weights_of_their_own():
    model = compile(seed=4)
    with torch.no_grad():
        model.pi.bias.add_(1)
    model.v.weight.requires_grad_(False)
    model.eval()
    obs = example(VECTOR)
    for other in (copy.deepcopy(model), pickle.loads(pickle.dumps(model))):
        assert torch.equal(other(obs)["pi"], model(obs)["pi"])
        assert other.pi.bias is not model.pi.bias
        assert not other.v.weight.requires_grad
        assert not other.training


def test_a_pickle_loads_in_another_process(tmp_path):
    model = compile(seed=4)
    path: Path = tmp_path / "model.pickle"
    path.write_bytes(pickle.dumps((model, example(VECTOR), model(example(VECTOR))["v"].detach())))
    script = (
        f"import pickle, torch\nmodel, obs, want = pickle.load(open({str(path)!r}, 'rb'))\n"
        "assert torch.equal(model(obs)['v'], want)"
    )
    subprocess.run([sys.executable, "-c", script], check=True)


def test_the_line_of_the_issue_compiles_for_images():
    model = compile("encoder e = conv(obs); pi = head(e); v = head(e)", Image((4, 84, 84)), Discrete(6))
    outputs = model(example(Image((4, 84, 84)), batch=2))
    assert outputs["pi"].shape == (2, 6)
    assert outputs["v"].shape == (2,)


def test_nature_has_the_published_number_of_parameters():
    # Mnih et al. 2015 with 4 actions: 1,686,180.
    model = compile("encoder e = nature(obs); q = head(e)", Image((4, 84, 84)), Discrete(4))
    assert sum(p.numel() for p in model.parameters()) == 1_686_180


@pytest.mark.parametrize("env", ["CartPole-v1", "made", "vector"])
def test_environments_give_the_spaces(env):
    if env == "made":
        env = gymnasium.make("CartPole-v1")
    elif env == "vector":
        env = gymnasium.make_vec("CartPole-v1", num_envs=2, vectorization_mode="sync")
    model = rl2graph.compile(SHARED, env=env)
    assert str(model.observation_space) == "f32[4]"
    assert str(model.action_space) == "discrete[2]"


def test_paths_texts_and_specs_compile_alike(tmp_path):
    path = tmp_path / "net.rl2"
    path.write_text(SHARED)
    spaces = {"observation_space": VECTOR, "action_space": TWO}
    graphs = [
        rl2graph.compile(spec, **spaces).graph
        for spec in (path, str(path), SHARED, rl2graph.load(path), rl2graph.parse(SHARED))
    ]
    assert all(graph == graphs[0] for graph in graphs)


def test_errors_carry_every_finding():
    with pytest.raises(rl2graph.DiagnosticError) as caught:
        compile("e = mpl(obs)\nh = rleu(obs)\npi = head(h)")
    assert [d.code for d in caught.value.diagnostics] == ["RLG202", "RLG202"]
    assert "did you mean `mlp`?" in str(caught.value)


def test_unknown_spaces_are_asked_for():
    with pytest.raises(rl2graph.DiagnosticError) as caught:
        rl2graph.compile(SHARED)
    assert caught.value.diagnostics[0].code == "RLG508"


def test_the_algorithm_can_be_chosen_by_the_roles():
    compile(algo="auto")
    with pytest.raises(rl2graph.DiagnosticError) as caught:
        compile("v = head(obs)", algo="auto")
    assert caught.value.diagnostics[0].code == "RLG505"


def test_entries_compile_whole():
    model = compile()
    obs = example(VECTOR)
    whole = torch.compile(model.entry(["pi", "v"]), fullgraph=True, backend="aot_eager")
    assert torch.equal(whole(obs)["pi"], model(obs)["pi"])


def test_digests_are_of_the_function_and_of_how_it_trains():
    model = compile()
    assert len({compile(level=level).function_digest for level in (0, 1)}) == 1
    renamed = compile(SHARED.replace("f(", "g("))
    assert renamed.function_digest == model.function_digest
    assert renamed.training_digest != model.training_digest
    assert compile(SHARED, action=Discrete(3)).function_digest != model.function_digest
    equal = rl2graph.equivalent(
        SHARED, SHARED.replace("f(", "g("), observation_space=VECTOR, action_space=TWO
    )
    model.load_state_dict(equal.translate(renamed.state_dict()))
    obs = example(VECTOR)
    assert torch.equal(model(obs)["pi"], renamed(obs)["pi"])


def test_a_graph_compiles_as_its_spec_does_and_after_a_change_of_its_text():
    model = compile()
    graph = rl2graph.Graph.from_text(model._literal.to_text())
    again = rl2graph.compile(graph)
    again.load_state_dict(model.state_dict())
    obs = example(VECTOR)
    assert torch.equal(again(obs)["pi"], model(obs)["pi"])
    assert again.function_digest == model.function_digest
    changed = rl2graph.compile(rl2graph.Graph.from_text(graph.to_text().replace("relu", "tanh")))
    assert not torch.equal(changed(obs)["pi"], model(obs)["pi"])
    assert torch.equal(pickle.loads(pickle.dumps(changed))(obs)["pi"], changed(obs)["pi"])
    with pytest.raises(TypeError, match="level and seed alone"):
        rl2graph.compile(graph, env="CartPole-v1")
    with pytest.raises(ValueError, match="no outputs"):
        rl2graph.compile(rl2graph.Graph((), (), ()))
    with pytest.raises(TypeError, match="a spec is its path, its text or a Spec, not a int"):
        rl2graph.compile(3)


def test_a_graph_made_in_networkx_compiles():
    network = compile()._literal.to_networkx()
    assert torch.equal(
        rl2graph.compile(rl2graph.Graph.from_networkx(network))(example(VECTOR))["v"],
        compile()(example(VECTOR))["v"],
    )


def test_a_copy_of_a_graphs_model_reads_no_file_again(tmp_path, monkeypatch):
    from safetensors.torch import save_file

    monkeypatch.chdir(tmp_path)
    save_file({"weight": torch.ones(2, 4), "bias": torch.zeros(2)}, "start.safetensors")
    text = (
        'owner y: dense load("start.safetensors", ""),'
        " weight[2, 4] = constant(0.0), bias[2] = constant(0.0)\n"
        '%0 = input() {name = "obs", shape = [4]} : f32[4]\n'
        "%1 = dense(%0) {out = 2} @y : f32[2]\noutput y = %1\n"
    )
    model = rl2graph.compile(rl2graph.Graph.from_text(text))
    assert torch.equal(model.y.weight, torch.ones(2, 4))
    (tmp_path / "start.safetensors").unlink()
    assert torch.equal(pickle.loads(pickle.dumps(model)).y.weight, model.y.weight)
