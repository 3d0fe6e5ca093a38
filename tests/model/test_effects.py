"""State, noise and statistics of compiled models: what an entry is given, what it gives, what moves when."""

from __future__ import annotations

import copy
import pickle

import pytest
import torch

import rl2graph
from rl2graph.ir.slots import noise_schema, state_schema
from rl2graph.spaces import Discrete, Image, Record, Vector, unbounded
from tests.support import codes, example, graph_of

OBS = Vector((4,))
RECURRENT = "e = mlp(obs, hidden=[8])\nh = lstm(e, 6)\ng = gru(h, 5)\npi = head(g)\nv = head(concat(h, g))"
NOISY = "h = mlp(obs, hidden=[16]) |> dropout(0.5)\npi = head(h)\nv = head(h)"
NORMED = "h = dense(obs, 8) |> batch_norm |> relu\npi = head(h)\nv = head(h)"


def compiled(text, observation=OBS, action=None, **options):
    return rl2graph.compile(
        text, observation_space=observation, action_space=action or Discrete(3), **options
    )


def steps_of(model, obs, resets):
    """A sequence, step by step."""
    state, taken = None, []
    for t in range(len(resets)):
        now = {k: x[t] for k, x in obs.items()} if isinstance(obs, dict) else obs[t]
        out = model(now, state=state, resets=resets[t])
        state = out.pop("state")
        taken.append(out)
    return {name: torch.stack([out[name] for out in taken]) for name in taken[0]}, state


@pytest.mark.parametrize(
    ("text", "observation"),
    [
        (RECURRENT, OBS),
        ("h = frame_stack(obs, 3) |> conv |> lstm(8)\npi = head(h)\nv = head(h)", Image((1, 12, 12))),
        ("h = memory(mlp(obs), 4) |> attention(4) |> mean(axis=0)\npi = head(h)\nv = head(h)", OBS),
        (
            "h = encode(obs) |> gru(8)\npi = head(h)\nv = head(h)",
            Record((("camera", Image((3, 16, 16))), ("joints", Vector((3,))))),
        ),
    ],
    ids=["lstm and gru", "images", "memory", "dict"],
)
def test_a_sequence_is_its_steps(text, observation):
    model = compiled(text, observation)
    T, B = 6, 5
    if isinstance(observation, Record):
        obs = {name: example(space, T * B).unflatten(0, (T, B)) for name, space in observation.fields}
    else:
        obs = example(observation, T * B).unflatten(0, (T, B))
    resets = torch.rand(T, B, generator=torch.Generator().manual_seed(1)) < 0.3
    whole = model(obs, resets=resets)
    after = whole.pop("state")
    stepped, state = steps_of(model, obs, resets)
    for name in whole:
        torch.testing.assert_close(whole[name], stepped[name], rtol=1e-5, atol=1e-6)
    for name in after:
        torch.testing.assert_close(after[name], state[name], rtol=1e-5, atol=1e-6)


def test_a_reset_forgets_and_no_reset_does_not():
    model = compiled(RECURRENT)
    obs = example(OBS, 3)
    before = {name: torch.ones_like(x) for name, x in model.entry(["pi"]).initial_state(3).items()}
    fresh = model(obs)["pi"]
    assert torch.equal(model(obs, state=before, resets=torch.ones(3, dtype=torch.bool))["pi"], fresh)
    kept = model(obs, state=before, resets=torch.tensor([True, False, False]))["pi"]
    assert torch.equal(kept[0], fresh[0])
    assert not torch.allclose(kept[1:], fresh[1:])


def test_the_schema_names_each_slot_and_its_parts():
    model = compiled(RECURRENT)
    shapes = {name: part.shape for name, part in model.state_schema.items()}
    assert shapes == {"h.hidden": (6,), "h.cell": (6,), "g.hidden": (5,)}
    entry = model.entry(["v"])
    assert {name: tuple(x.shape) for name, x in entry.initial_state(2).items()} == {
        "h.hidden": (2, 6),
        "h.cell": (2, 6),
        "g.hidden": (2, 5),
    }


def test_one_owner_on_the_same_operands_has_one_slot_and_is_computed_once():
    text = "encoder f(x) = mlp(x, hidden=[8]) |> lstm(6)\npi = head(f(obs))\nv = head(f(obs))"
    literal = graph_of(text)
    assert sum(node.op == "lstm" for node in literal.nodes) == 2
    assert list(state_schema(literal)) == ["f.hidden", "f.cell"]
    one, other = compiled(text, level=0), compiled(text, level=1)
    assert sum(node.op == "lstm" for node in other.graph.nodes) == 1
    obs = example(OBS)
    for a, b in ((one(obs), other(obs)),):
        assert torch.equal(a["pi"], b["pi"])
        assert a["state"].keys() == b["state"].keys()


def test_one_owner_on_other_operands_has_a_slot_of_its_own():
    text = "encoder f(x) = lstm(x, 6)\na = f(obs)\nb = f(obs * 2)\npi = head(a)\nv = head(b)"
    assert list(state_schema(graph_of(text))) == ["f.hidden", "f.cell", "f_1.hidden", "f_1.cell"]
    model = compiled(text)
    assert [name for name, _ in model.named_parameters() if name.startswith("f.")] == [
        "f.weight_ih",
        "f.weight_hh",
        "f.bias_ih",
        "f.bias_hh",
    ]


def test_an_entry_advances_nothing_by_itself():
    model = compiled(RECURRENT)
    entry = model.entry(["v"])
    obs = example(OBS)
    state = entry.initial_state(3)
    first = entry(obs, state=state)
    assert all(not value.any() for value in state.values())
    assert torch.equal(entry(obs, state=state)["v"], first["v"])


def test_a_model_without_state_takes_none():
    model = compiled("pi = head(obs)\nv = head(obs)")
    with pytest.raises(TypeError, match="no state"):
        model(example(OBS), state={})


def test_recurrent_models_travel_and_compile():
    model = compiled(RECURRENT)
    obs = example(OBS)
    for other in (copy.deepcopy(model), pickle.loads(pickle.dumps(model))):
        assert torch.equal(other(obs)["pi"], model(obs)["pi"])


def test_dropout_is_off_in_evaluation_and_drawn_anew_in_training():
    model = compiled(NOISY)
    obs = example(OBS)
    one, other = model(obs)["pi"], model(obs)["pi"]
    assert not torch.equal(one, other)
    model.eval()
    assert torch.equal(model(obs)["pi"], model(obs)["pi"])
    again = compiled(NOISY)
    assert torch.equal(again(obs)["pi"], one)
    assert torch.equal(again(obs)["pi"], other)


def test_noise_never_touches_torchs_generator():
    model = compiled(NOISY)
    before = torch.get_rng_state()
    model(example(OBS))
    assert torch.equal(torch.get_rng_state(), before)


def test_two_calls_with_dropout_are_two_masks_and_one_binding_is_one():
    text = (
        "encoder f(x) = mlp(x, hidden=[8]) |> dropout(0.5)\na = f(obs)\nb = f(obs)\nmu = a\nv = b\n"
        "output mu, v: aux, again: aux = a"
    )
    model = compiled(text)
    assert len(noise_schema(model.graph)) == 2
    obs = example(OBS, 64)
    out = model(obs)
    assert torch.equal(out["mu"], out["again"])
    assert not torch.equal(out["mu"], out["v"])
    entry = model.entry(["mu", "v"])  # in evaluation nothing tells them apart
    assert entry.graph.output["mu"].node == entry.graph.output["v"].node


def test_pruning_and_merging_change_no_draw():
    two = compiled(NOISY + "\nw = dropout(obs, 0.5)\noutput pi, v, w: aux")
    one = compiled(NOISY)
    for mode in ("collect", "train"):
        a, b = two.entry(["pi"], mode=mode), one.entry(["pi"], mode=mode)
        for name, value in a.draw_noise((3,), seed=1, counter=2).items():
            assert torch.equal(value, b.draw_noise((3,), seed=1, counter=2)[name])


def test_batch_norm_is_torchs_in_training_and_evaluation():
    model = compiled(NORMED)
    norm = torch.nn.BatchNorm1d(8)
    dense = torch.nn.Linear(4, 8)
    dense.load_state_dict({"weight": model.h.dense.weight, "bias": model.h.dense.bias})
    head = torch.nn.Linear(8, 3)
    head.load_state_dict({"weight": model.pi.weight, "bias": model.pi.bias})
    network = torch.nn.Sequential(dense, norm, torch.nn.ReLU(), head)
    obs = example(OBS, 16)
    for _ in range(3):
        torch.testing.assert_close(model(obs)["pi"], network(obs))
    torch.testing.assert_close(model.h.batch_norm.running_var, norm.running_var)
    model.eval()
    network.eval()
    torch.testing.assert_close(model(obs)["pi"], network(obs))
    before = model.h.batch_norm.running_mean.clone()
    model(obs)
    assert torch.equal(model.h.batch_norm.running_mean, before)


def test_statistics_are_no_parameters_and_travel():
    model = compiled(NORMED)
    model(example(OBS, 16))
    names = [name for name, _ in model.named_buffers()]
    assert names == ["h.batch_norm.running_mean", "h.batch_norm.running_var"]
    assert not any("running" in name for name, _ in model.named_parameters())
    other = pickle.loads(pickle.dumps(model))
    assert torch.equal(other.h.batch_norm.running_mean, model.h.batch_norm.running_mean)
    fresh = compiled(NORMED)
    fresh.load_state_dict(model.state_dict())
    assert torch.equal(fresh.h.batch_norm.running_var, model.h.batch_norm.running_var)


def test_two_evaluations_of_one_batch_norm_are_two_updates():
    text = (
        "encoder f(x) = batch_norm(x, momentum=0.5)\na = f(obs)\nb = f(obs * 2)\n"
        "mu = a\nv = b\noutput mu: aux, v: aux"
    )
    model = compiled(text)
    obs = example(OBS, 8)
    model(obs)
    mean = obs.mean(0)
    torch.testing.assert_close(model.f.running_mean, 0.5 * (0.5 * mean) + 0.5 * 2 * mean)


def test_an_entry_gives_statistics_and_the_model_takes_them_over():
    model = compiled("h = running_norm(obs)\npi = head(h)\nv = head(h)")
    obs = example(OBS, 32) * 3 + 1
    assert "statistics" not in model.entry(["pi", "v"])(obs)
    assert "statistics" not in model.entry(["pi", "v"], mode="train")(obs)
    model(obs)
    assert not model.h.mean.any()
    out = model.entry([], mode="collect")(obs)
    assert not model.h.mean.any()
    model.commit(out["statistics"])
    torch.testing.assert_close(model.h.mean, obs.mean(0), rtol=1e-4, atol=1e-5)


def test_frozen_statistics_let_evaluations_merge():
    text = "encoder f(x) = running_norm(x) |> mlp(hidden=[8])\npi = head(f(obs))\nv = head(f(obs))"
    model = compiled(text)
    assert sum(node.op == "running_norm" for node in model.graph.nodes) == 2
    assert sum(node.op == "running_norm" for node in model.entry(["pi", "v"]).graph.nodes) == 1
    assert sum(node.op == "dense" for node in model.entry(["pi", "v"]).graph.nodes) == 1


def test_modes_that_do_not_exist_are_refused():
    with pytest.raises(ValueError, match="evaluate, collect, train"):
        compiled(NOISY).entry(["pi"], mode="eval")


@pytest.mark.parametrize(("text", "said"), [(RECURRENT, set()), (NOISY, set()), (NORMED, {"RLG106"})])
def test_ppo_refuses_by_name_what_it_does_not_serve_yet(text, said):
    from rl2graph.compiler.check import check
    from rl2graph.compiler.interface import Interface
    from rl2graph.compiler.spec import parse

    assert codes(text) == []
    found = check(parse(text), Interface(OBS, Discrete(2)), "ppo", {}).diagnostics
    assert {d.code for d in found} == said


@pytest.mark.parametrize("text", [RECURRENT, NOISY, NORMED])
def test_the_standalone_module_gives_the_same(text, tmp_path):
    model = compiled(text, action=unbounded((2,))).eval()
    namespace: dict = {}
    exec(compile(model.source, "net.py", "exec"), namespace)
    alone = namespace["Model"]()
    alone.load_state_dict(model.state_dict())
    obs = example(OBS)
    assert torch.equal(alone(obs)["pi"], model(obs)["pi"])


@pytest.mark.parametrize("text", [RECURRENT, NOISY, NORMED])
def test_exported_programs_give_the_same(text):
    from rl2graph.model.export import export

    model = compiled(text).eval()
    obs = example(OBS, 5)
    extra = {}
    if model.state_schema:
        state = model.entry(["pi", "v"]).initial_state(5)
        extra = {"state": state, "resets": torch.zeros(5, dtype=torch.bool)}
    torch.testing.assert_close(export(model).module()(obs, **extra)["pi"], model(obs)["pi"])


def test_an_entry_of_statistics_gives_nothing_else():
    model = compiled("h = running_norm(obs)\npi = head(h)\nv = head(h)")
    assert set(model.entry([], mode="collect")(example(OBS))) == {"statistics"}


@pytest.mark.parametrize(("text", "what"), [(RECURRENT, "state"), (NOISY, "noise"), (NORMED, "noise")])
def test_names_of_state_and_noise_that_do_not_exist_are_refused(text, what):
    model = compiled(text)
    with pytest.raises(TypeError, match=f"names of this model's {what}"):
        model(example(OBS), **{what: {"h.nothing": torch.zeros(3, 1)}})


def test_an_entry_misses_noise_that_is_misspelt():
    entry = compiled(NOISY).entry(["pi"], mode="train")
    with pytest.raises(KeyError, match="mask"):
        entry(example(OBS), noise={"h.dropuot": torch.zeros(3, 16)})


def test_a_memory_mask_tells_steps_of_the_episode_from_zeros_before_it():
    model = compiled("m = memory_mask(obs, 4)\noutput m: aux")
    resets = torch.tensor([[False], [False], [True], [False]])
    out = model(torch.full((4, 1, 4), float("nan")), resets=resets)["m"][:, 0]
    assert out.tolist() == [[0, 0, 0, 1], [0, 0, 1, 1], [0, 0, 0, 1], [0, 0, 1, 1]]


def test_resets_may_be_numbers():
    model = compiled(RECURRENT)
    obs = example(OBS, 6).unflatten(0, (3, 2))
    resets = torch.tensor([[0.0, 1.0], [1.0, 0.0], [0.0, 0.0]])
    assert torch.equal(model(obs, resets=resets)["pi"], model(obs, resets=resets.bool())["pi"])
    assert torch.equal(model(obs, resets=resets.to(torch.uint8))["v"], model(obs, resets=resets.bool())["v"])
