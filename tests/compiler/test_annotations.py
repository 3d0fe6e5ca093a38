"""What annotations say of the owners below a binding."""

from __future__ import annotations

from dataclasses import fields

import pytest

from rl2graph.agents import OnPolicyConfig
from rl2graph.compiler.check import check
from rl2graph.compiler.elaboration.annotations import MAX_RATE
from rl2graph.compiler.interface import Interface
from rl2graph.compiler.spec import parse
from rl2graph.ir.graph import Load
from rl2graph.spaces import Discrete, Image, Vector
from tests.support import VECTOR, codes, graph_of

ENDS = "\npi = head(e); v = head(e)"


def owners(text):
    return graph_of(text + ENDS).owner


def test_frozen_reaches_every_owner_below_the_binding_and_no_other():
    found = owners("@frozen encoder e = mlp(obs)")
    assert {path: owner.frozen for path, owner in found.items()} == {
        "e.dense": True, "e.dense_1": True, "pi": False, "v": False,
    }  # fmt: skip


def test_annotations_on_lines_of_their_own_add_up():
    found = owners(
        '@lr(1e-4)\n@init(orthogonal, gain=0.5)\n@load("a.safetensors", key="enc")\nencoder e = mlp(obs)'
    )
    owner = found["e.dense_1"]
    assert owner.learning_rate == 1e-4
    assert owner.load == Load("a.safetensors", "enc.dense_1")
    assert [str(weight.init) for weight in owner.weights] == ["orthogonal(0.5)", "constant(0)"]


def test_load_without_a_key_takes_the_bindings_own_path():
    assert owners('@load("a.safetensors") e = dense(obs, 4)')["e"].load == Load("a.safetensors", "e")


def test_a_module_is_annotated_where_it_is_declared():
    text = "@frozen encoder f(x) = mlp(x)\n@lr(0.1) e = f(obs) |> dense(3)"
    found = owners(text)
    assert (found["f.dense"].frozen, found["f.dense"].learning_rate) == (True, None)
    assert (found["e"].frozen, found["e"].learning_rate) == (False, 0.1)


def test_annotations_inside_blocks_add_to_those_outside():
    text = "@frozen encoder f(x) { @init(constant, 0.5) h = dense(x, 4); return dense(h, 4) }\ne = f(obs)"
    found = owners(text)
    assert found["f.h"].frozen
    assert found["f"].frozen
    assert str(found["f.h"].weights[0].init) == "constant(0.5)"
    assert found["f"].weights[0].init.rule == "orthogonal"


def test_an_ensemble_is_annotated_as_a_whole():
    found = graph_of("@lr(1e-3) ensemble[2] q = head(mlp(obs))").owner
    assert {owner.learning_rate for owner in found.values()} == {1e-3}


@pytest.mark.parametrize(
    ("annotation", "code"),
    [
        ("@frozn", "RLG218"),
        ("@lr", "RLG204"),
        ("@lr(0)", "RLG304"),
        ("@lr(-1.0)", "RLG304"),
        ("@lr(100.5)", "RLG304"),
        ("@lr(1e300 * 1e300)", "RLG304"),
        ("@lr(1e300 * 1e300 * 0)", "RLG304"),
        ('@lr("fast")', "RLG303"),
        ("@lr(1e-3, 2)", "RLG205"),
        ("@lr(rate=1e-3, decay=1)", "RLG203"),
        ("@frozen(1)", "RLG205"),
        ("@init", "RLG204"),
        ("@init(orthogonl)", "RLG303"),
        ("@init(orthogonal, std=1)", "RLG203"),
        ("@init(orthogonal, gain=-1)", "RLG304"),
        ("@init(orthogonal, [1])", "RLG303"),
        ("@load", "RLG204"),
        ('@load("a.pt")', "RLG304"),
        ("@load(3)", "RLG303"),
        ("@frozen @frozen", "RLG219"),
        ("@frozen @lr(1e-3)", "RLG404"),
        ("@lr(1e-3) @frozen", "RLG404"),
        ("@lr(missing)", "RLG201"),
    ],
)
def test_what_is_wrong_with_an_annotation_is_one_finding(annotation, code):
    assert codes(f"{annotation} e = mlp(obs){ENDS}") == [code]


def test_the_largest_rate_is_that_of_the_settings():
    (settings,) = (item for item in fields(OnPolicyConfig) if item.name == "learning_rate")
    assert settings.metadata["most"] == MAX_RATE
    assert codes(f"@lr({MAX_RATE}) e = mlp(obs){ENDS}") == []


def test_an_annotation_that_changes_nothing_is_pointed_out():
    assert codes(f"@frozen e = relu(obs){ENDS}") == ["RLG905"]
    assert codes(f"encoder f(x) = mlp(x)\n@frozen e = f(obs){ENDS}") == ["RLG905"]


def test_frozen_owners_need_no_loss_and_a_learning_rate_of_their_own_is_served_by_ppo():
    interface = Interface(VECTOR, Discrete(2))
    frozen = check(parse(f"@frozen e = mlp(obs){ENDS}"), interface, "ppo")
    assert frozen.ok
    own = check(parse(f"@lr(1e-3) e = mlp(obs){ENDS}"), interface, "ppo")
    assert not own.diagnostics


def test_init_changes_weights_and_leaves_biases_and_vectors():
    graph = graph_of("@init(normal, 0.1) pi = head(mlp(obs))", Vector((4,)))
    rules = {w.name: w.init.rule for owner in graph.owners for w in owner.weights}
    assert rules == {"weight": "normal", "bias": "constant"}


def test_init_is_about_no_statistics_scales_or_deviations_of_noise():
    text = (
        "@init(orthogonal, gain=3.0)\n"
        "h = running_norm(obs) |> layer_norm(axes=3) |> flatten |> noisy_dense(4)\n"
        "@init(normal, std=2.0)\np = parameter([2])\npi = head(h)\nv = head(concat(h, p))"
    )
    graph = graph_of(text, Image((2, 5, 5)))
    starts = {f"{o.path}.{w.name}": str(w.init) for o in graph.owners for w in o.weights}
    assert starts["h.running_norm.var"] == "constant(1)"
    assert starts["h.layer_norm.weight"] == "constant(1)"
    assert starts["h.weight_sigma"].startswith("constant")
    assert starts["h.weight"] == "orthogonal(3)"
    assert starts["p.value"] == "normal(2)"


def test_an_annotation_may_be_about_what_only_the_spaces_decide():
    text = "actor = mlp(obs)\n@init(uniform, bound=0.003)\nmu = head(actor)\noutput mu"
    assert codes(text, Vector((4,)), None) == []
