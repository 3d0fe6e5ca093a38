"""What a reviewer broke: each was a fault once."""

from __future__ import annotations

import copy
import json
import pickle

import pytest
import torch

import rl2graph
from rl2graph.cli.main import main
from rl2graph.compiler.check import check
from rl2graph.compiler.interface import Interface
from rl2graph.compiler.spec import parse
from rl2graph.spaces import Discrete, Vector, unbounded
from tests.support import codes

OBS = Vector((4,))


def compiled(text, observation=OBS, action=None, **options):
    return rl2graph.compile(
        text, observation_space=observation, action_space=action or Discrete(3), **options
    )


@pytest.mark.parametrize(
    ("shape", "state"),
    [((5, 2, 7), (2, 3)), ((5, 2, 4), (4, 3)), ((2, 3, 2, 4), (2, 3)), ((5, 2, 2), (2, 3))],
)
@pytest.mark.parametrize("op", ["lstm", "gru"])
def test_a_sequence_of_another_shape_is_refused_and_not_read_beyond_its_end(op, shape, state):
    model = compiled(f"h = {op}(obs, 3)\npi = head(h)")
    zeros = {name: torch.zeros(state) for name in model.state_schema}
    with pytest.raises((ValueError, RuntimeError)):
        model(torch.randn(shape), state=zeros)


def test_a_statement_that_read_a_lost_name_is_run_again():
    checker = rl2graph.checker(observation_space=OBS, action_space=Discrete(2))
    assert not checker.check("pi = head(pi)\npi = x)\n").ok
    found = checker.check("pi = head(pi)\n").diagnostics
    assert [d.code for d in found] == ["RLG201"]


def test_attention_computes_the_same_whether_its_context_was_merged_with_it_or_not():
    text = (
        "a = reshape(relu(obs), [3, 4])\nb = reshape(relu(obs), [3, 4])\nc = attention(a, 2, context=b)\n"
        "pi = head(flatten(c))\nv = head(flatten(a))"
    )
    obs = torch.randn(7, 12)
    one, other = (compiled(text, Vector((12,)), level=level)(obs)["pi"] for level in (0, 1))
    assert torch.equal(one, other)


@pytest.mark.parametrize("travel", [copy.deepcopy, lambda model: pickle.loads(pickle.dumps(model))])
def test_buffers_keep_their_dtype_on_their_way(travel):
    model = compiled("h = batch_norm(running_norm(obs)) |> dense(4)\npi = head(h)").double()
    obs = torch.randn(5, 4).double()
    model(obs)
    assert torch.equal(travel(model).eval()(obs)["pi"], model.eval()(obs)["pi"])


@pytest.mark.parametrize("name", ["state", "statistics"])
@pytest.mark.parametrize("form", ["output {}: aux = mse(obs, obs)", "loss {} = mse(obs, obs)"])
def test_outputs_do_not_hide_what_stands_beside_them(name, form):
    assert codes(f"{form.format(name)}\noutput pi = head(obs)") == ["RLG207"]


def test_a_value_and_a_loss_are_floats():
    text = "h = dense(obs, 16)\npi = head(h)\nv = argmax(h)"
    found = check(parse(text), Interface(OBS, Discrete(2)), "ppo", {}).diagnostics
    assert [d.code for d in found] == ["RLG504"]
    assert codes("pi = head(obs)\nloss l = argmax(obs)") == ["RLG309"]


def test_statistics_of_another_shape_are_not_taken_over():
    model = compiled("h = running_norm(obs)\npi = head(h)")
    with pytest.raises(ValueError, match=r"h\.mean"):
        model.commit({"h.mean": torch.zeros(1)})


def test_graphs_whose_spaces_are_not_known_are_shown(tmp_path, capsys):
    spec = tmp_path / "net.rl2"
    spec.write_text("h = dropout(memory(frame_stack(obs, 4), 3)) |> noise\npi = head(h)\n")
    assert main(["show", str(spec)]) == 0
    assert main(["show", str(spec), "--json"]) == 0
    assert main(["visualize", str(spec), "-o", str(tmp_path / "net.json"), "--obs", "f32[n]"]) == 0
    (tmp_path / "dense.rl2").write_text("pi = head(dense(obs, 3))\n")
    picture = tmp_path / "dense.json"
    assert main(["visualize", str(tmp_path / "dense.rl2"), "-o", str(picture), "--obs", "f32[n]"]) == 0
    owners = json.loads(picture.read_text())["graphs"]
    assert "n" in str(owners)
    capsys.readouterr()


@pytest.mark.parametrize("name", ["noise_schema", "initial_state", "draw_noise"])
def test_attributes_of_entries_are_no_names_of_bindings(name):
    assert codes(f"{name} = dense(obs, 4)\npi = head({name})") == ["RLG207"]


def test_a_shape_beside_a_tensor_waits_for_the_spaces():
    for text in ("div(obs, dim_of(obs))", "obs / dim_of(obs)", "minimum(obs, dim_of(obs))"):
        assert codes(f"pi = head({text})", None, None) == []
        assert codes(f"pi = head({text})") == []


def test_a_parameter_holds_no_tensors():
    assert codes("param p = split(dense(obs, 4), 2)\npi = head(p[0])") == ["RLG305"]


def test_outputs_need_not_read_obs():
    model = compiled("free = parameter([3], value=2.0)\noutput free: aux, pi = head(obs)")
    assert model.entry(["free"])()["free"].tolist() == [2.0, 2.0, 2.0]
    alone = compiled("free = parameter([3])\noutput free: aux")
    assert alone(torch.zeros(5, 4))["free"].shape == (3,)


def test_entries_take_lists_without_repeats():
    model = compiled("pi = head(obs)\nv = head(obs)")
    with pytest.raises(ValueError, match="twice"):
        model.entry(["pi", "pi"])
    with pytest.raises(TypeError, match="train"):
        model.entry(["pi"], train="pi")


def test_state_and_noise_are_made_like_the_weights():
    model = compiled("h = lstm(dropout(obs), 3)\npi = head(h)").double()
    entry = model.entry(["pi"], mode="train")
    assert {x.dtype for x in entry.initial_state(2).values()} == {torch.float64}
    noise = entry.draw_noise((2,), seed=0, counter=1)
    assert {x.dtype for x in noise.values()} == {torch.float64}


def test_dueling_is_for_choices():
    assert "RLG504" in codes("q = dueling(obs)", OBS, unbounded((2,)))
    assert codes("q = dueling(obs)", OBS, None) == []
    assert codes("q = dueling(obs)") == []


def test_pieces_that_nothing_reads_are_pointed_out():
    assert codes("p = split(dense(obs, 4), 2)\npi = head(obs)") == ["RLG902"]
    assert codes("p = split(dense(obs, 4), 2)\npi = head(p[1])") == []


def test_what_agents_see_may_stand_beside_what_one_sees():
    assert codes("pi = head(joint(obs) + obs)") == []
