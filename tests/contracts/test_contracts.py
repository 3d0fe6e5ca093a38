from __future__ import annotations

import pytest

from rl2graph.compiler.type_names import space_from_text
from rl2graph.contracts import CONTRACTS, choose_algorithm, contract_of
from rl2graph.contracts.check import check_contract, loss_matrix
from rl2graph.contracts.heads import head_of
from rl2graph.diagnostics import DiagnosticError
from rl2graph.spaces import Discrete, unbounded
from tests.support import SHARED, TWO, VECTOR, graph_of

PPO = CONTRACTS["ppo"]


def test_names_are_case_insensitive_and_unknown_ones_are_diagnosed():
    assert contract_of("PPO") is PPO
    with pytest.raises(DiagnosticError) as caught:
        contract_of("pop")
    assert caught.value.diagnostics[0].code == "RLG506"
    own = "`--ops MODULE` loads one of your own"
    assert caught.value.diagnostics[0].hint == f"did you mean `ppo`? {own}"
    with pytest.raises(DiagnosticError) as caught:
        contract_of("reinforce")
    assert caught.value.diagnostics[0].hint == f"known are {', '.join(CONTRACTS)}; {own}"


def test_roles_choose_the_algorithm():
    assert choose_algorithm(["v", "pi", "aux", None]) == "ppo"
    with pytest.raises(DiagnosticError) as caught:
        choose_algorithm(["v"])
    assert caught.value.diagnostics[0].code == "RLG505"


def test_the_matrix_of_losses_by_owners_says_what_is_shared():
    matrix = loss_matrix(graph_of(SHARED), PPO)
    assert matrix["policy"] == ("f.dense", "f.dense_1", "pi")
    assert matrix["value"] == ("f.dense", "f.dense_1", "v")
    partly = graph_of("e = mlp(obs); pi = head(e); v = head(mlp(detach(e)))")
    assert "e.dense" not in loss_matrix(partly, PPO)["value"]
    assert "v.dense" in loss_matrix(partly, PPO)["value"]


def test_every_loss_belongs_to_exactly_one_optimiser():
    for contract in CONTRACTS.values():
        losses = [name for optimiser in contract.optimisers for name in optimiser.losses]
        assert sorted(losses) == sorted(loss.name for loss in contract.losses)


def problems(text, action=TWO):
    return [p.code for p in check_contract(graph_of(text, VECTOR, action), PPO, action)]


@pytest.mark.parametrize(
    ("text", "action", "expected"),
    [
        (SHARED, TWO, []),
        (SHARED, unbounded((3,)), []),
        ("pi = head(obs)", TWO, ["RLG501"]),
        ("e = mlp(obs); pi = dense(e, 5); v = head(e)", TWO, ["RLG504"]),
        ("e = mlp(obs); pi = dense(e, 6); v = head(e)", unbounded((3,)), []),
        ("e = mlp(obs); pi = head(e); v = dense(e, 1)", TWO, ["RLG504"]),
        ("e = mlp(detach(mlp(obs))); pi = head(e); v = head(e)", TWO, ["RLG403"]),
        ("pi = head(concat(obs, act)); v = head(obs)", TWO, ["RLG507"]),
        ("output a: pi = head(obs), b: pi = head(obs), v = head(obs)", TWO, ["RLG504"]),
    ],
)
def test_what_fails_the_contract(text, action, expected):
    assert problems(text, action) == expected


PARTS = space_from_text("{ a: discrete[3], b: { c: box[2], d: multi_binary[4] } }", "--act")


@pytest.mark.parametrize(
    ("policy", "expected"),
    [
        ("concat(masked(categorical(e, 3), three), gaussian(e, 2), categorical(e, 4))", []),
        ("concat(categorical(e, 3), gaussian(e, 2), masked(dense(e, 4), four))", []),
        ("concat(concat(masked(categorical(e, 3), three), dense(e, 4)), masked(dense(e, 4), four))", []),
        ("concat(categorical(e, 3), masked(gaussian(e, 2), four), categorical(e, 4))", ["RLG504"]),
        ("concat(categorical(e, 3), masked(concat(gaussian(e, 2), dense(e, 4)), obs))", ["RLG504"]),
        ("masked(head(e), concat(three, obs))", ["RLG504"]),
        ("concat(categorical(e, 3), squashed_gaussian(e, 2), categorical(e, 4))", ["RLG504"]),
        ("concat(gaussian(e, 2), categorical(e, 3), categorical(e, 4))", ["RLG504"]),
    ],
)
def test_numbers_of_a_policy_are_what_its_parts_take_them_for(policy, expected):
    pieces = "parts = split(obs, [3, 4, 1]); three = parts[0]; four = parts[1]"
    text = f"{pieces}; e = mlp(obs); pi = {policy}; v = head(e)"
    graph = graph_of(text, unbounded((8,)), PARTS)
    assert [p.code for p in check_contract(graph, PPO, PARTS)] == expected


def test_heads():
    assert head_of("pi", Discrete(4)).kind == "categorical"
    assert head_of("pi", unbounded((2,))).shape == (4,)
    assert head_of("v", None).shape == ()
    assert head_of("aux", TWO) is None
