"""Entry points: compositions of outputs, other inputs, targets, all in one graph."""

from __future__ import annotations

import copy
import pickle
import subprocess
import sys
from pathlib import Path

import pytest
import torch
import torch.nn.utils.parametrize
from torch import nn
from torch.nn.functional import linear

import rl2graph
from rl2graph import Apply, Call, Input
from rl2graph.backend.reference.interpreter import interpret
from rl2graph.spaces import Image, Record, Vector, unbounded
from tests.support import TWO, VECTOR, example, float64

DQN = "encoder e = mlp(obs); q = head(e)"
DDPG = "encoder e = mlp(obs); mu = head(e) |> tanh; q = concat(e, act) |> mlp |> head; output mu, q"
SAC = """encoder e = mlp(obs, hidden=[16])
pi = squashed_gaussian(e)
q1 = concat(e, act) |> mlp(hidden=[16]) |> head
q2 = concat(e, act) |> mlp(hidden=[16]) |> head
output pi, q1, q2
"""
NEXT = Input("next_obs")


def compiled(text, action=TWO, observation=VECTOR, **options):
    return rl2graph.compile(text, observation_space=observation, action_space=action, **options)


def stir(model):
    """Give the targets weights that are not the online ones."""
    generator = torch.Generator().manual_seed(7)
    for buffer in model.target_weights.buffers():
        buffer.add_(torch.randn(buffer.shape, generator=generator, dtype=buffer.dtype))


def agrees_with_the_oracle(entry, model, inputs, **more):
    """The entry's values are the interpreter's, in float64; gives them."""
    model.double()
    inputs = {k: v.double() if v.is_floating_point() else v for k, v in inputs.items()}
    with float64():
        got = entry(*[inputs[n] for n in ("obs", "act") if n in entry.graph.inputs],
                    **{n: v for n, v in inputs.items() if n not in ("obs", "act")}, **more)  # fmt: skip
        want = interpret(
            entry.graph, inputs, model.state_dict(), target=model.target_weights.state_dict(), **more
        )
    for name in want:
        if isinstance(want[name], torch.Tensor):
            assert torch.allclose(got[name], want[name], rtol=1e-9, atol=1e-9), name
    return got


def weighted(entry, path):
    return sum(node.owner == path for node in entry.graph.nodes)


def test_double_dqn_is_one_graph_with_two_versions():
    model = compiled(DQN)
    entry = model.entry(
        {
            "q": "q",
            "next_q": Call("q", {"obs": NEXT}),
            "target_q": Call("q", {"obs": NEXT}, version="target"),
        }
    )
    stir(model)
    obs, next_obs = example(VECTOR), example(VECTOR, seed=1)
    out = entry(obs, next_obs=next_obs)
    assert torch.equal(out["q"], model(obs)["q"])
    assert torch.equal(out["next_q"], model(next_obs)["q"])
    assert not torch.allclose(out["target_q"], out["next_q"])
    assert not out["target_q"].requires_grad
    assert weighted(entry, "e.dense") == 3
    assert [node.version for node in entry.graph.nodes].count("target") == 3
    agrees_with_the_oracle(entry, model, {"obs": obs, "next_obs": next_obs})


def test_targets_are_one_clone_that_moves_once():
    model = compiled(SAC, unbounded((2,)))
    one = model.entry(["q1"], {"obs": NEXT}, version="target")
    two = model.entry(["q2"], {"obs": NEXT}, version="target")
    assert one.target.e.dense.weight is two.target.e.dense.weight
    before = {k: v.clone() for k, v in model.target_weights.state_dict().items()}
    assert set(before) == {k for k in model.state_dict() if not k.startswith("pi")}
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.add_(1.0)
    model.target_weights.update(0.25)
    for name, value in model.target_weights.state_dict().items():
        assert torch.allclose(value, before[name] + 0.25, atol=1e-6)
    model.target_weights.update()
    for name, value in model.target_weights.state_dict().items():
        assert torch.equal(value, model.state_dict()[name])


def test_targets_are_no_part_of_the_model_and_no_optimiser_finds_them():
    model = compiled(DQN)
    keys, count = set(model.state_dict()), len(list(model.parameters()))
    entry = model.entry(["q"], version="target")
    assert set(model.state_dict()) == keys
    assert len(list(model.parameters())) == count
    assert not list(entry.parameters())
    assert set(entry.state_dict()) == {f"target.{key}" for key in keys}


def test_an_owner_that_is_called_target_is_no_obstacle():
    model = compiled("target = mlp(obs, hidden=[8]); q = head(target)")
    entry = model.entry({"a": "q", "b": Call("q", version="target")})
    stir(model)
    agrees_with_the_oracle(entry, model, {"obs": example(VECTOR)})
    assert "target_1.target.dense.weight" in entry.state_dict()


def test_the_target_of_ddpg_reads_its_own_actor():
    model = compiled(DDPG, unbounded((3,)))
    entry = model.entry(["q"], {"obs": NEXT, "act": "mu"}, version="target")
    stir(model)
    assert entry.graph.inputs == ("next_obs",)
    assert weighted(entry, "e.dense") == 1  # mu and q share the encoder of the target
    assert {node.version for node in entry.graph.nodes if node.owner} == {"target"}
    agrees_with_the_oracle(entry, model, {"next_obs": example(VECTOR)})


def test_the_actors_loss_of_ddpg_trains_the_actor_alone():
    model = compiled(DDPG, unbounded((3,)))
    entry = model.entry(["q"], {"act": "mu"}, train=["mu"])
    assert weighted(entry, "e.dense") == 1
    entry(example(VECTOR))["q"].sum().backward()
    trained = {name for name, parameter in model.named_parameters() if parameter.grad is not None}
    assert trained == {"mu.head.weight", "mu.head.bias"}


def test_sac_evaluates_the_encoder_once_and_mixes_versions():
    model = compiled(SAC, unbounded((2,)))
    action = Apply("tanh", Apply("gaussian_sample", "pi"))
    entry = model.entry({name: Call(name, {"act": action}) for name in ("q1", "q2")}, mode="train")
    assert weighted(entry, "e.dense") == 1
    assert len(entry.noise_schema) == 1  # both critics see one sample
    obs = example(VECTOR)
    noise = entry.draw_noise((3,), seed=0, counter=0)
    agrees_with_the_oracle(entry, model, {"obs": obs}, noise={k: v.double() for k, v in noise.items()})
    next_pi = Call("pi", {"obs": NEXT})
    sample = Apply("gaussian_sample", next_pi)
    next_action = Apply("tanh", sample)
    target = model.entry(
        {
            "value": Apply(
                "minimum",
                *tuple(Call(q, {"obs": NEXT, "act": next_action}, version="target") for q in ("q1", "q2")),
            ),
            "log_prob": Apply(
                "sub", Apply("gaussian_log_prob", next_pi, sample), Apply("tanh_log_det", sample)
            ),
        },
        mode="train",
    )
    stir(model)
    versions = [node.version for node in target.graph.nodes if node.owner == "e.dense"]
    assert sorted(versions) == ["online", "target"]
    noise = target.draw_noise((3,), seed=0, counter=0)
    agrees_with_the_oracle(target, model, {"next_obs": obs}, noise={k: v.double() for k, v in noise.items()})


def test_numbers_are_operands_of_arithmetic():
    model = compiled(DQN)
    entry = model.entry({"scaled": Apply("mul", "q", 0.5)})
    obs = example(VECTOR)
    assert torch.equal(entry(obs)["scaled"], model(obs)["q"] * 0.5)


def test_evaluations_that_nothing_changes_are_one_and_others_have_noise_of_their_own():
    text = "h = obs |> dropout(0.5); q = concat(h, act) |> dense(8) |> dropout(0.5) |> head; mu = dense(h, 3)"
    model = compiled(f"{text}; output mu, q", unbounded((3,)))
    entry = model.entry({"q": "q", "q_mu": Call("q", {"act": Call("mu")}), "again": Call("q")}, mode="train")
    drops = [node for node in entry.graph.nodes if node.op == "dropout"]
    assert len(drops) == 3  # one of obs; of the two critics' hidden layers, one for each action
    assert entry.graph.output["q"].node == entry.graph.output["again"].node
    assert set(entry.noise_schema) == {"h.mask", "q.dropout.mask", "mu.q.dropout.mask"}


def test_targets_keep_their_sharing_state_and_statistics():
    text = "encoder e = obs |> dense(8) |> batch_norm |> lstm(4); q = head(e); v = head(e)"
    model = compiled(f"{text}; output q, v")
    both = {"q": "q", "target_q": Call("q", version="target"), "target_v": Call("v", version="target")}
    entry = model.entry(both, mode="train")
    assert weighted(entry, "e.batch_norm") == 2
    assert set(entry.state_schema) == {
        f"{s}.{part}" for s in ("e", "target.e") for part in ("hidden", "cell")
    }
    obs = example(VECTOR, 5)
    statistics = entry(obs)["statistics"]
    assert set(statistics) == {"e.batch_norm.running_mean", "e.batch_norm.running_var"}
    before = model.target_weights.e.batch_norm.running_mean.clone()
    model.commit(statistics)
    assert torch.equal(model.target_weights.e.batch_norm.running_mean, before)
    model.target_weights.update(0.0)  # weights stay; statistics are taken over
    assert torch.equal(model.target_weights.e.batch_norm.running_mean, model.e.batch_norm.running_mean)
    agrees_with_the_oracle(entry, model, {"obs": obs})


@pytest.mark.parametrize("bound", [Call("a", {"obs": NEXT}), Call("a", version="target")])
def test_copies_of_calls_that_are_one_computation_carry_one_state(bound):
    text = "encoder f(x) = dense(x, 4); module g(x) = lstm(x, 4); output a = g(f(obs)), b = tanh(g(f(obs)))"
    model = compiled(text)
    entry = model.entry({"a": bound, "b": Call("b", bound.bind, bound.version)})
    assert weighted(entry, "g") == 1
    assert len(entry.state_schema) == 2  # the hidden state and the cell
    again = model.entry({"a": "a", "same": Call("b", {"obs": Apply("add", Call("a"), 0.0)})})
    assert len(again.state_schema) == 4  # on other operands it has seen other things


def test_a_part_of_a_dict_is_bound_by_its_path_and_all_parts_by_another_input():
    space = Record((("camera", Image((3, 8, 8))), ("goal", Vector((2,)))))
    text = (
        "q = concat(conv(obs.camera), obs.goal) |> dense(8) |> relu |> head; output q, goal = tanh(obs.goal)"
    )
    model = compiled(text, observation=space)
    obs = {"camera": example(Image((3, 8, 8))), "goal": example(Vector((2,)))}
    other = {"camera": example(Image((3, 8, 8)), seed=1), "goal": example(Vector((2,)), seed=1)}
    entry = model.entry({"q": Call("q", {"obs.goal": Call("goal")}), "next": Call("q", {"obs": NEXT})})
    out = entry(obs, next_obs=other)
    assert torch.equal(out["next"], model(other)["q"])
    assert torch.equal(out["q"], model({**obs, "goal": torch.tanh(obs["goal"])})["q"])
    with pytest.raises(ValueError, match=r"bound one by one: obs\.camera, obs\.goal"):
        model.entry(["q"], {"obs": Call("goal")})


@pytest.mark.parametrize("level", [0, 1])
def test_levels_agree_on_a_composition(level):
    model, other = compiled(DDPG, unbounded((3,)), level=level), compiled(DDPG, unbounded((3,)))
    terms = {"q": "q", "at_mu": Call("q", {"act": Call("mu")}), "next": Call("mu", {"obs": NEXT})}
    given = {"obs": example(VECTOR), "act": torch.randn(3, 3), "next_obs": example(VECTOR, seed=2)}
    one, two = (
        m.entry(terms)(given["obs"], given["act"], next_obs=given["next_obs"]) for m in (model, other)
    )
    assert all(torch.equal(one[name], two[name]) for name in terms)


@pytest.mark.parametrize(
    ("outputs", "options", "error", "said"),
    [
        (["q"], {"version": "old"}, ValueError, "online or target"),
        ({"q": Call("p")}, {}, KeyError, "no output 'p'"),
        ({"q": Call("q", {"goal": NEXT})}, {}, KeyError, "no input 'goal'"),
        ({"q": Call("q", {"obs": Input("noise")})}, {}, ValueError, "cannot be an input's name"),
        ({"q": Call("q", {"obs": Input("act")})}, {}, ValueError, "not also one of"),
        ({"q": Call("mu", {"act": Call("mu")})}, {}, ValueError, "nothing here reads it"),
        ({"q": Input("x")}, {}, ValueError, "stands in the place of another"),
        ({"q": Apply("dense", "q", out=3)}, {}, ValueError, "has weights"),
        ({"q": Apply("rleu", "q")}, {}, KeyError, "did you mean 'relu'"),
        ({"q": Apply("concat", "q", "mu")}, {}, ValueError, "concat"),
        ({"q": Apply("softmax", "mu", axes=1)}, {}, ValueError, "no argument `axes`"),
        ({"q": Apply("add", 1.0, 2.0)}, {}, ValueError, "takes tensors"),
        ({"q": Apply("add", "mu")}, {}, ValueError, "does not take 1"),
        ({"q": 3.0}, {}, ValueError, "the number 3.0"),
        ({"q": None}, {}, TypeError, "not None"),
    ],
)
def test_what_cannot_be_composed_is_refused(outputs, options, error, said):
    model = compiled(DDPG, unbounded((3,)))
    with pytest.raises(error, match=said):
        model.entry(outputs, **options)


def test_entries_copy_and_pickle_with_models_of_their_own(tmp_path):
    model = compiled(DDPG, unbounded((3,)))
    entry = model.entry({"q": Call("q", {"act": Call("mu")}, version="target"), "mu": "mu"})
    stir(model)
    obs = example(VECTOR)
    want = entry(obs)
    for other in (copy.deepcopy(entry), pickle.loads(pickle.dumps(entry))):
        got = other(obs)
        assert all(torch.equal(got[name], want[name]) for name in want)
        assert other.mu.head.weight is not entry.mu.head.weight
    pair = copy.deepcopy((model, entry))
    assert pair[0].mu.head.weight is pair[1].mu.head.weight
    (tmp_path / "entry.pickle").write_bytes(pickle.dumps(entry))
    code = (
        "import pickle, sys, torch\n"
        "entry = pickle.loads(open(sys.argv[1], 'rb').read())\n"
        f"print(entry(torch.tensor({obs.tolist()}))['q'].tolist())"
    )
    shown = subprocess.run(
        [sys.executable, "-c", code, str(tmp_path / "entry.pickle")],
        capture_output=True, text=True, check=True, cwd=Path(__file__).parents[2],
    )  # fmt: skip
    assert eval(shown.stdout) == want["q"].tolist()


def test_entries_follow_a_model_that_moves_and_loads():
    model = compiled(DQN)
    entry = model.entry({"a": "q", "b": Call("q", version="target")})
    model.double()
    out = entry(example(VECTOR).double())
    assert out["a"].dtype == out["b"].dtype == torch.float64
    saved = {name: value + 1 for name, value in model.target_weights.state_dict().items()}
    model.target_weights.load_state_dict(saved)
    moved = entry(example(VECTOR).double())["b"]
    e = torch.relu(linear(example(VECTOR).double(), saved["e.dense.weight"], saved["e.dense.bias"]))
    e = torch.relu(linear(e, saved["e.dense_1.weight"], saved["e.dense_1.bias"]))
    assert torch.allclose(moved, linear(e, saved["q.weight"], saved["q.bias"]))


def test_compositions_compile_and_export_whole():
    model = compiled(DDPG, unbounded((3,)))
    entry = model.entry({"q": Call("q", {"act": Call("mu")}, version="target"), "mu": "mu"})
    obs = example(VECTOR)
    whole = torch.compile(entry, fullgraph=True, backend="eager")
    assert torch.equal(whole(obs)["q"], entry(obs)["q"])
    exported = torch.export.export(entry, (obs,)).module()
    assert torch.equal(exported(obs)["q"], entry(obs)["q"])


MADDPG = "mu = obs |> mlp(hidden=[16]) |> head |> tanh; q = concat(joint(obs), joint(act)) |> mlp |> head"


def test_one_slot_of_a_joint_is_bound():
    agents = ["left", "right arm"]
    model = compiled(MADDPG, unbounded((2,)), agents=agents)
    assert model.graph.inputs == ("obs", "joint_obs", "joint_act")
    entry = model.entry(["q"], {"joint_act.right arm": "mu"}, train=["mu"])
    joint_obs = {name: example(VECTOR, seed=i) for i, name in enumerate(agents)}
    joint_act = {"left": torch.randn(3, 2)}
    obs = joint_obs["right arm"]
    q = entry(obs, joint_obs=joint_obs, joint_act=joint_act)["q"]
    acts = {**joint_act, "right arm": model(obs)["mu"]}
    want = model.entry(["q"])(joint_obs=joint_obs, joint_act=acts)["q"]
    assert torch.equal(q, want)
    q.sum().backward()
    assert {n.split(".")[0] for n, p in model.named_parameters() if p.grad is not None} == {"mu"}
    next_obs = Input("joint_next_obs")
    target = model.entry(["q"], {"joint_obs": next_obs}, version="target")
    assert "joint_next_obs" in target.graph.inputs
    assert torch.equal(target(joint_next_obs=joint_obs, joint_act=acts)["q"], want)


def test_discrete_actions_of_agents_are_indices_and_a_slot_takes_their_float_encoding():
    text = "pi = head(mlp(obs)); q = concat(joint(obs), joint(act)) |> mlp |> head; soft: aux = softmax(pi)"
    model = compiled(text.replace("soft: aux", "output pi, q, soft: aux"), TWO, agents=["a", "b"])
    given = {"joint_obs": {n: example(VECTOR) for n in "ab"}, "joint_act": {"a": torch.tensor([0, 1, 1])}}
    entry = model.entry(["q"], {"joint_act.b": "soft"})
    assert entry(example(VECTOR), **given)["q"].shape == (3,)


def test_models_for_agents_copy_and_refuse_what_is_not_known():
    model = compiled(MADDPG, unbounded((2,)), agents=["a", "b"])
    assert copy.deepcopy(model).graph == model.graph
    with pytest.raises(rl2graph.DiagnosticError, match="RLG508"):
        compiled(MADDPG, unbounded((2,)))
    with pytest.raises(ValueError, match="name of its own"):
        compiled(MADDPG, unbounded((2,)), agents=["a", "a"])
    with pytest.raises(TypeError, match="list of names"):
        compiled(MADDPG, unbounded((2,)), agents="ab")


def test_a_version_holds_for_all_that_does_not_say_its_own():
    model = compiled(DDPG, unbounded((3,)))
    terms = {"q": Call("q", {"act": Call("mu")}), "t": Apply("tanh", Call("mu"))}
    entry = model.entry(terms, version="target")
    assert {node.version for node in entry.graph.nodes if node.owner} == {"target"}
    mixed = model.entry({"q": Call("q", {"act": Call("mu", version="online")}, version="target")})
    assert {n.owner: n.version for n in mixed.graph.nodes}["mu.head"] == "online"


def test_an_entry_of_targets_alone_makes_state_and_noise_like_them():
    model = compiled("h = obs |> dense(4) |> gru(4) |> dropout(0.5); q = head(h)")
    entry = model.entry(["q"], version="target", mode="train")
    model.double()
    assert {value.dtype for value in entry.initial_state(2).values()} == {torch.float64}
    noise = entry.draw_noise((2,), seed=0, counter=0)
    assert {value.dtype for value in noise.values()} == {torch.float64}
    entry(example(VECTOR, 2).double(), state=entry.initial_state(2), noise=noise)


def test_names_of_noise_hang_on_nothing_else_in_the_entry():
    model = compiled("e = obs |> dropout(0.5) |> mlp; pi = head(e); v = head(e)")
    following = {"v": Call("v", {"obs": NEXT})}
    alone = model.entry(following, mode="train")
    more = model.entry({"pi": Call("pi", {"obs": Input("goal")}), **following}, mode="train")
    assert set(alone.noise_schema) == {"next_obs.e.dropout.mask"}
    assert set(more.noise_schema) == {"next_obs.e.dropout.mask", "goal.e.dropout.mask"}


def test_an_op_is_drawn_more_than_once_by_number():
    model = compiled("pi = gaussian(mlp(obs)); output pi", unbounded((2,)))
    samples = {f"a_{k}": Apply("gaussian_sample", "pi", draw=k) for k in range(3)}
    entry = model.entry({**samples, "again": samples["a_0"]}, mode="train")
    assert len(entry.noise_schema) == 3
    assert entry.graph.output["a_0"].node == entry.graph.output["again"].node


def test_a_term_that_was_given_cannot_change():
    model = compiled(DDPG, unbounded((3,)))
    bind = {"act": Call("mu")}
    entry = model.entry({"q": Call("q", bind)})
    bind.clear()
    assert copy.deepcopy(entry).graph.inputs == entry.graph.inputs == ("obs",)
    assert hash(Call("q", {"act": "mu"})) == hash(Call("q", {"act": "mu"}))


def test_entries_that_are_held_follow_the_model_however_many_are_made():
    model = compiled(DQN)
    held = model.entry({"q": Apply("mul", "q", 0.5)})
    for number in range(100):
        model.entry({"q": Apply("mul", "q", float(number))})
    assert len(model._entries) <= 66
    model.double()
    assert held(example(VECTOR).double())["q"].dtype == torch.float64


def test_state_that_a_call_does_not_read_is_carried_through():
    model = compiled("h = gru(obs, 4); v = head(h); g = gru(concat(h, act), 4); q = head(g); output v, q")
    out = model(example(VECTOR), torch.tensor([0, 1, 1]))
    after = model(example(VECTOR), state=out["state"])["state"]
    assert torch.equal(after["g.hidden"], out["state"]["g.hidden"])
    again = model(example(VECTOR), state=model(example(VECTOR))["state"])["state"]
    assert set(again) == {"h.hidden"}


def test_targets_load_before_any_entry_reads_them():
    model, fresh = compiled(DQN), compiled(DQN, seed=1)
    entry = model.entry(["q"], version="target")
    stir(model)
    fresh.target_weights.load_state_dict(model.target_weights.state_dict())
    assert torch.equal(
        fresh.entry(["q"], version="target")(example(VECTOR))["q"], entry(example(VECTOR))["q"]
    )
    with pytest.raises(RuntimeError, match="Unexpected key"):
        fresh.target_weights.load_state_dict({"nothing.weight": torch.zeros(2)})


def test_an_optimiser_is_given_what_the_entry_trains():
    model = compiled(DDPG, unbounded((3,)))
    actor = model.entry(["q"], {"act": "mu"}, train=["mu"])
    assert actor.trained_parameters() == [model.mu.head.weight, model.mu.head.bias]
    assert len(model.entry(["mu"]).trained_parameters()) == 6  # with those of the encoder
    assert model.entry(["q"], {"act": "mu"}, version="target").trained_parameters() == []
    frozen = compiled("@frozen e = mlp(obs, hidden=[8])\nq = head(e)").entry(["q"])
    assert len(frozen.trained_parameters()) == 2


def test_noise_is_given_whole_or_not_at_all():
    entry = compiled("q = obs |> dropout(0.5) |> head").entry(["q"], mode="train")
    with pytest.raises(KeyError, match=r"q\.dropout\.mask"):
        entry(example(VECTOR), noise={})


def test_an_entry_shows_what_it_takes_and_gives():
    shown = repr(compiled(DQN).entry(["q"], {"obs": NEXT}))
    assert "next_obs f32[4] to q f32[2]; batch axes lead." in shown


def test_two_entries_that_apply_one_op_to_two_values_draw_from_two_streams():
    model = compiled(SAC, unbounded((2,)))
    now = model.entry({"a": Apply("gaussian_sample", "pi")}, mode="train")
    later = model.entry({"a": Apply("gaussian_sample", Call("pi", {"obs": NEXT}))}, mode="train")
    assert set(now.noise_schema) == {"gaussian_sample(pi).normal"}
    assert set(later.noise_schema) == {"gaussian_sample(pi(next_obs)).normal"}


@pytest.mark.parametrize("bound", [{"obs.goal": Input("goal_2")}, {"obs": NEXT}])
def test_an_input_has_the_type_of_what_it_stands_for(bound):
    space = Record((("camera", Image((3, 8, 8))), ("goal", Vector((2,)))))
    model = compiled("q = concat(conv(obs.camera), obs.goal) |> dense(8) |> head", observation=space)
    obs = {"camera": example(Image((3, 8, 8))), "goal": example(Vector((2,)))}
    entry = model.entry(["q"], bound)
    given = {"next_obs": obs} if "obs" in bound else {"obs": {"camera": obs["camera"]}, "goal_2": obs["goal"]}
    assert torch.equal(entry(**given)["q"], model(obs)["q"])


class Agent(nn.Module):
    def __init__(self):
        super().__init__()
        self.model = compiled(DDPG, unbounded((3,)))
        self.entry = self.model.entry(["q"], {"act": "mu"}, version="target")
        self.targets = self.model.target_weights


@pytest.mark.parametrize("copied", [copy.deepcopy, lambda agent: pickle.loads(pickle.dumps(agent))])
def test_an_agent_that_holds_model_entries_and_targets_copies_whole(copied):
    agent = copied(Agent())
    assert agent.targets is agent.model.target_weights
    with torch.no_grad():
        for parameter in agent.model.parameters():
            parameter.add_(0.1)
    agent.targets.update()
    want = agent.model.entry(["q"], {"act": "mu"})(example(VECTOR))["q"]
    assert torch.equal(agent.entry(example(VECTOR))["q"], want)


def test_entries_follow_a_model_that_is_a_part_of_another_module():
    model = compiled(DDPG, unbounded((3,)))
    whole, part = model.entry(["q"], {"act": "mu"}), model.entry(["mu"])
    outer = nn.ModuleDict({"model": model})
    state = {name: torch.rand_like(value) for name, value in outer.state_dict().items()}
    outer.load_state_dict(state, assign=True)
    assert torch.equal(part(example(VECTOR))["mu"], model(example(VECTOR))["mu"])
    whole(example(VECTOR))["q"].sum().backward()
    assert all(parameter.grad is not None for parameter in model.parameters())
    model.q.bias = nn.Parameter(torch.full_like(model.q.bias, 5.0))
    act = torch.zeros(3, 3)
    both = model.entry(["q"])
    assert torch.equal(both(example(VECTOR), act)["q"], model(example(VECTOR), act)["q"])


def test_parametrised_weights_are_what_entries_and_targets_read():
    class Double(nn.Module):
        def forward(self, x):
            return 2 * x

    model = compiled(DQN)
    entry = model.entry(["q"])
    target = model.entry(["q"], version="target")
    nn.utils.parametrize.register_parametrization(model.q, "weight", Double())
    nn.utils.parametrize.register_parametrization(model.e.dense, "weight", Double())
    obs = example(VECTOR)
    assert torch.equal(entry(obs)["q"], model(obs)["q"])
    assert torch.equal(model.entry(["q"], {"obs": NEXT})(next_obs=obs)["q"], model(obs)["q"])
    model.target_weights.update()
    assert torch.allclose(target(obs)["q"], model(obs)["q"])
    with pytest.raises(TypeError, match=r"would lose what was put into it: .*parametrizations"):
        copy.deepcopy(model)


def test_copies_keep_what_was_added_to_a_model():
    model = compiled(DQN)
    model.log_alpha = nn.Parameter(torch.zeros(()))
    model.extra = nn.Linear(2, 2)
    other = copy.deepcopy(model)
    assert set(other.state_dict()) == set(model.state_dict())
    assert other.extra.weight is not model.extra.weight
