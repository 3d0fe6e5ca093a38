"""Ensembles, losses, records, inputs, groups of agents, parameters, definitions that nothing calls."""

from __future__ import annotations

import pytest

from rl2graph.compiler.analysis import analyse
from rl2graph.compiler.check import check
from rl2graph.compiler.files.overrides import constant_from
from rl2graph.compiler.interface import Interface
from rl2graph.compiler.spec import parse
from rl2graph.ir.graph import LOSS
from rl2graph.spaces import Discrete, Image, MultiBinary, MultiDiscrete, Record, Vector, unbounded
from tests.support import TWO, VECTOR, codes, graph_of

PI = "\npi = head(obs)"


def output_types(graph):
    return {o.name: str(graph.nodes[o.node].type) for o in graph.outputs}


# Ensembles


def test_members_own_weights_of_one_shape_and_stack_along_a_leading_axis():
    graph = graph_of("e = mlp(obs)\nensemble[3] q = head(e |> dense(8))", VECTOR, TWO)
    assert output_types(graph) == {"q": "f32[3, 2]"}
    assert [p for p in graph.owner if p.startswith("q")] == [
        path for i in range(3) for path in (f"q.member_{i}.dense", f"q.member_{i}")
    ]
    assert len({graph.owner[f"q.member_{i}"].weights for i in range(3)}) == 1


def test_what_members_read_from_outside_is_shared():
    graph = graph_of("e = mlp(obs)\nensemble[4] q = head(e)")
    assert sum(node.op == "dense" for node in graph.nodes) == 2


def test_an_ensemble_of_values():
    graph = graph_of("ensemble[5] q = head(concat(obs, act))", VECTOR, unbounded((2,)))
    assert output_types(graph) == {"q": "f32[5]"}


def test_an_ensemble_inside_a_definition():
    graph = graph_of("def twins(x) { ensemble[2] h = dense(x, 3); return flatten(h) }\npi = head(twins(obs))")
    assert list(graph.owner) == ["pi.h.member_0", "pi.h.member_1", "pi"]


def test_members_are_no_twins():
    assert codes("ensemble[3] q = head(mlp(obs))") == []


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("ensemble[0] q = head(obs)", "RLG304"),
        ("ensemble[2.5] q = head(obs)", "RLG303"),
        ("ensemble[obs] q = head(obs)", "RLG303"),
        ("ensemble[2] q = 3", "RLG305"),
        ("ensemble[2] q = head(observation)", "RLG201"),
        ("ensemble[2] relu = dense(obs, 2)", "RLG207"),
    ],
)
def test_faults_of_an_ensemble_are_said_once(text, code):
    assert codes(text + PI) == [code]


# Losses


def test_a_loss_is_an_output_for_algorithms_and_makes_no_output_of_what_it_reads():
    graph = graph_of("pi = head(obs)\nv = head(obs)\nloss aux = 0.1 * mse(v, 3 * v)")
    assert [(o.name, o.role) for o in graph.outputs] == [("pi", "pi"), ("v", "v"), ("aux", LOSS)]


def test_what_only_a_loss_reads_is_alive():
    graph = graph_of("pi = head(obs)\npred = dense(obs, 3)\nloss aux = mse(pred, detach(dense(obs, 3)))")
    assert {"pred", "aux.dense"} <= set(graph.owner)
    assert codes("pi = head(obs)\npred = dense(obs, 3)\nloss aux = mse(pred, detach(pred))") == []


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("loss aux = dense(obs, 3)", "RLG309"),
        ("loss aux = 3", "RLG305"),
        ("loss aux = mse(obs, obsv)", "RLG201"),
        ("loss pi = mse(obs, obs)", "RLG206"),
        ("def f(x) { loss a = mse(x, x); return x }\nz = f(obs)\noutput z, pi", "RLG101"),
    ],
)
def test_faults_of_a_loss(text, code):
    assert codes("pi = head(obs)\n" + text) == [code]


def test_ppo_adds_a_loss_and_what_it_alone_trains_is_no_orphan():
    text = "e = mlp(obs); pi = head(e); v = head(e)\nloss aux = mse(dense(e, 4), detach(obs))"
    assert not check(parse(text), Interface(VECTOR, TWO), "ppo").diagnostics


# Records and choices

CAMERA = Record(
    (("camera", Image((3, 36, 36))), ("arm", Record((("left", Vector((2,))), ("n", Discrete(3))))))
)


def test_parts_of_an_observation():
    text = 'c = obs.camera |> nature(8)\nl = obs.arm["left"]\npi = head(concat(c, l, obs.arm.n))'
    graph = graph_of(text, CAMERA)
    assert [n.values["path"] for n in graph.nodes if n.op == "input"] == [
        ("camera",), ("arm", "left"), ("arm", "n"),
    ]  # fmt: skip
    assert graph.inputs == ("obs",)


def test_a_declared_record_is_held_against_the_space():
    declared = 'input obs: { "camera": image[3, 36, 36], arm: { left: f32[2], n: discrete[3] } }'
    assert codes(declared + "\npi = head(obs.arm.left)", CAMERA) == []
    assert codes(declared.replace("f32[2]", "f32[3]") + "\npi = head(obs.arm.left)", CAMERA) == ["RLG503"]


def test_without_spaces_parts_stay_open():
    analysis = analyse(parse("c = obs.camera |> nature\npi = head(concat(c, obs.arm))"), Interface())
    assert analysis.graph is not None
    assert not analysis.graph.known


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("pi = head(obs.camra)", "RLG208"),
        ("pi = head(mlp(obs))", "RLG305"),
        ("pi = head(mlp(obs.arm))", "RLG305"),
        ("pi = head(obs.arm.left.more)", "RLG208"),
        ("pi = head(obs[0])", "RLG303"),
        ("input obs: { a: f32[1], a: f32[2] }\npi = head(obs.a)", "RLG206"),
        ("input obs: {}\npi = head(obs)", "RLG212"),
    ],
)
def test_faults_of_parts(text, code):
    assert [c for c in codes(text, CAMERA) if c != "RLG902"] == [code]


def test_several_choices_are_joined_one_hot_vectors():
    graph = graph_of("pi = head(concat(obs, dense(act, 2)))", MultiDiscrete((3, 4)), MultiBinary(5))
    types = {n.op: str(n.type) for n in graph.nodes}
    assert types["one_hots"] == "f32[7]"
    assert types["as_float"] == "f32[5]"
    assert types["categorical"] == "f32[5]"


# Further inputs, groups of agents


def test_inputs_that_some_algorithms_give():
    graph = graph_of("z = concat(obs, next_obs, act)\npred = dense(z, 4)\noutput pred, r = dense(obs, 1)")
    assert graph.inputs == ("obs", "next_obs", "act")
    assert codes("reward = head(obs, out=1)\noutput x = obs") == ["RLG207"]


def test_what_only_several_agents_have():
    single = Interface(VECTOR, TWO, groups=())
    for text in ("global_state", "agent_id", "joint(obs)"):
        found = analyse(parse(f"pi = head(encode({text}))"), single).diagnostics
        assert [d.code for d in found] == ["RLG507"], text
    unknown = analyse(parse("v = head(concat(joint(obs), joint(act), agent_id))"), Interface(VECTOR, TWO))
    assert unknown.graph is not None
    (concat,) = [n.type for n in unknown.graph.nodes if n.op == "concat"]
    assert str(concat) == "f32[agents + joint_act + joint_obs]"


AGENTS = """
shared encoder f(x) = mlp(x)
shared g = dense(f(obs), 8)
e = mlp(g)
agents speaker { input obs: f32[3]; input act: discrete[3]; pi = head(e) }
agents listener {
  input obs: f32[3]
  input act: discrete[5]
  h = dense(e, 4)
  pi = head(h)
}
v = head(concat(joint(obs), g))
"""


def test_groups_have_views_of_their_own_and_share_what_is_shared():
    analysis = analyse(parse(AGENTS), Interface())
    assert [str(d) for d in analysis.diagnostics if d.is_error] == []
    graph = analysis.graph
    assert graph is not None
    assert analysis.groups == ("speaker", "listener")
    assert [(o.name, o.role) for o in graph.outputs] == [
        ("speaker.v", "v"), ("speaker.pi", "pi"), ("listener.v", "v"), ("listener.pi", "pi"),
    ]  # fmt: skip
    assert {"f.dense", "f.dense_1", "g", "agents.speaker.e.dense", "agents.listener.h"} <= set(graph.owner)
    assert output_types(graph)["listener.pi"] == "f32[5]"


def test_a_groups_own_binding_goes_before_the_one_for_all():
    text = "agents speaker { pi = head(mlp(obs)) }\npi = head(obs)\nloss a = mse(obs, obs)"
    graph = analyse(parse(text), Interface(VECTOR, TWO)).graph
    assert graph is not None
    assert [o.name for o in graph.outputs] == ["speaker.pi", "speaker.a"]
    assert "agents.speaker.pi.dense" in graph.owner


def test_two_losses_of_one_name_in_a_view_are_an_error():
    text = "agents a { loss x = mse(obs, obs) }\nloss x = mse(obs, obs)\npi = head(obs)"
    assert [d.code for d in analyse(parse(text), Interface(VECTOR, TWO)).diagnostics] == ["RLG206"]


def test_a_shared_encoder_needs_one_shape():
    text = AGENTS.replace("input obs: f32[3]\n", "input obs: f32[11]\n")
    assert "RLG401" in [d.code for d in analyse(parse(text), Interface()).diagnostics]


def test_groups_in_a_single_agent_environment():
    found = analyse(parse("agents a { pi = head(obs) }"), Interface(VECTOR, TWO, groups=())).diagnostics
    assert [d.code for d in found] == ["RLG509"]
    several = Interface(VECTOR, TWO, groups=("speaker", "listener"))
    found = analyse(parse("agents speker { pi = head(obs) }\nv = head(obs)"), several).diagnostics
    assert [d.code for d in found if d.is_error] == ["RLG509"]
    assert found[0].fix.replacement == "speaker"


def test_groups_are_checked_and_not_yet_trained():
    found = check(
        parse("agents a { pi = head(obs) }\nv = head(obs)"), Interface(VECTOR, TWO), "ppo"
    ).diagnostics
    assert [d.code for d in found] == ["RLG106"]


# Parameters


@pytest.mark.parametrize(
    ("default", "given", "text"),
    [
        ("[64, 64]", "[8]", "mlp(obs, hidden=p)"),
        ("relu", "tanh", "mlp(obs, activation=p)"),
        ("[relu, tanh]", "[tanh, relu]", "obs |> for a in p { dense(3) |> a }"),
        ("mlp", "flat_mlp", "p(obs)"),
        ("[8, 16]", "[4, 2]", "dense(obs, p[1])"),
        ("true", "false", "dense(obs, 3, bias=p)"),
        ("0.5", "2", "p * obs"),
    ],
)
def test_overrides_of_every_kind(default, given, text):
    spec = parse(f"param p = {default}\noutput x = {text}")
    plain = analyse(spec, Interface(VECTOR, TWO))
    changed = analyse(spec, Interface(VECTOR, TWO), {"p": constant_from(given)})
    assert plain.graph is not None
    assert changed.graph is not None
    assert plain.graph != changed.graph
    again = analyse(spec, Interface(VECTOR, TWO), changed.parameters)
    assert again.graph == changed.graph


@pytest.mark.parametrize(
    ("default", "given", "code"),
    [
        ("64", "big", "RLG303"),
        ("[64]", "64", "RLG303"),
        ("[64]", "[relu]", "RLG303"),
        ("relu", "rleu", "RLG202"),
        ("relu", "3", "RLG303"),
        ("true", "1", "RLG303"),
        ("64", "6.5", "RLG303"),
    ],
)
def test_overrides_of_another_kind(default, given, code):
    spec = parse(f"param p = {default}\noutput x = obs")
    found = analyse(spec, Interface(VECTOR, TWO), {"p": constant_from(given)}).diagnostics
    assert code in [d.code for d in found]


# Definitions that nothing calls


@pytest.mark.parametrize(
    ("definition", "code"),
    [
        ("def f(x) = rleu(x)", "RLG202"),
        ("def f(x) = dense(y, 3)", "RLG201"),
        ("encoder f(x) = dense(x, 3, biass=true)", "RLG203"),
        ("def f(x) = x |> for c in [1, 2] { dense(c, 4, 5) }", "RLG205"),
        ("def f(x, cs) = x |> for c in cs { dens(c) }", "RLG202"),
        ("def f(x) { h = dense(x, 0); return h }", "RLG304"),
        ("def f(x) { h = dense(x, 3) }", "RLG103"),
        ("def f(x, x) = x", "RLG206"),
        ("def f(x) = f(x)", "RLG213"),
        ('def f(x) = head(x, role="pii")', "RLG209"),
        ("def f(x) = head(x)", "RLG210"),
        ("def f(x, n=m) = dense(x, n)", "RLG201"),
    ],
)
def test_bodies_of_uncalled_definitions_are_checked(definition, code):
    assert codes(definition + PI) == [code]


def test_a_fault_in_a_definition_is_said_once_however_often_it_is_called():
    text = "def f(x) = rleu(x)\na = f(obs); b = f(obs); c = f(a)\noutput a, b, c"
    assert codes(text) == ["RLG202"]


def test_names_that_hide_others_are_pointed_out():
    hidden = "e = mlp(obs)\ndef f(e) = relu(e)\npi = head(f(e))"
    assert codes(hidden) == ["RLG904"]
    assert codes("c = obs\npi = head(c |> for c in [1, 2] { dense(c) })") == ["RLG904"]
    assert codes("h = obs\nencoder f(x) { h = dense(x, 2); return h }\npi = head(f(h))") == ["RLG904"]


def test_a_name_in_a_definition_hides_nothing_that_is_bound_after_it():
    text = "def f(x) { a = mlp(x); return a }; a = f(obs); pi = head(a); v = head(f(a))"
    assert "RLG904" not in codes(text)
    assert "RLG904" in codes("a = relu(obs); def f(x) { a = mlp(x); return a }; pi = head(f(a))")
