"""What `register` refuses, and how algorithms are named."""

from dataclasses import dataclass, replace

import pytest

from rl2graph.agents import PPO, OnPolicyAgent, OnPolicyConfig, PPOConfig, register
from rl2graph.agents.algorithms import ALGORITHMS, algorithm_named
from rl2graph.contracts import CONTRACTS, EntryPoint, LossTerm, Optimiser, contract_of
from rl2graph.diagnostics import DiagnosticError


@dataclass(frozen=True)
class Alone:
    n_steps: int = 1


class Undecorated(OnPolicyConfig):
    pass


def contract(**changes):
    return replace(PPO.contract, **{"algorithm": "own", **changes})


WHOLE = contract()


def agent(contract=WHOLE, config_type=PPOConfig):
    names = {"contract": contract, "config_type": config_type}
    return type("Own", (OnPolicyAgent,), {name: value for name, value in names.items() if value is not None})


@pytest.fixture(autouse=True)
def registry(monkeypatch):
    monkeypatch.setattr("rl2graph.agents.algorithms.ALGORITHMS", dict(ALGORITHMS))
    before = dict(CONTRACTS)
    yield
    CONTRACTS.clear()
    CONTRACTS.update(before)


def test_a_whole_one_is_taken():
    own = agent()
    assert register(own) is own
    assert algorithm_named("own") is own


@pytest.mark.parametrize(
    ("made", "said"),
    [
        (lambda: 3, "it is no class that derives OnPolicyAgent"),
        (lambda: type("Own", (), {"contract": contract()}), "it is no class that derives OnPolicyAgent"),
        (lambda: agent(config_type=None), "its config_type is no class that derives OnPolicyConfig"),
        (lambda: agent(config_type=Alone), "its config_type is no class that derives OnPolicyConfig"),
        (lambda: agent(config_type=PPOConfig()), "its config_type is no class that derives OnPolicyConfig"),
        (
            lambda: agent(config_type=Undecorated),
            "Undecorated is no frozen dataclass of its own",
        ),
        (lambda: agent(contract=None), "its contract is no Contract"),
        (lambda: agent(contract=PPO), "its contract is no Contract"),
        (lambda: agent(contract(algorithm="Own")), "a lower-case identifier, not 'Own'"),
        (lambda: agent(contract(algorithm="my-own")), "a lower-case identifier, not 'my-own'"),
        (lambda: agent(contract(algorithm="lambda")), "a lower-case identifier, not 'lambda'"),
        (lambda: agent(contract(algorithm="auto")), "'auto' stands for the algorithm that"),
        (lambda: agent(contract(algorithm="env")), "'env' is the name of another table"),
        (lambda: agent(contract(roles=("pi",), losses=(), optimisers=())), "missing are v"),
        (lambda: agent(contract(entries=PPO.contract.entries[:1])), "missing are learn, value"),
        (lambda: agent(contract(roles=("pi", "v", "w"))), "asks for the role 'w', and roles are pi, v"),
        (
            lambda: agent(contract(losses=(LossTerm("critic", reads=("q",)),), optimisers=())),
            "the loss 'critic' of its contract reads 'q', which is none of pi, v, loss",
        ),
        (
            lambda: agent(contract(entries=(*PPO.contract.entries, EntryPoint("more", ("aux",))))),
            "the entry 'more' of its contract reads 'aux', which is none of pi, v, loss",
        ),
        (
            lambda: agent(contract(optimisers=(Optimiser("both", losses=("policy", "penalty")),))),
            "the optimiser 'both' of its contract descends 'penalty', which is none of policy, value",
        ),
    ],
)
def test_what_cannot_work_is_refused_in_a_sentence(made, said):
    with pytest.raises(ValueError, match="cannot be registered") as caught:
        register(made())
    assert said in str(caught.value)
    assert set(ALGORITHMS) == set(CONTRACTS)


def test_names_are_known_in_any_case_and_unknown_ones_refused_in_one_text():
    assert algorithm_named("PPO") is PPO
    texts = []
    for known in (algorithm_named, contract_of):
        with pytest.raises(DiagnosticError) as caught:
            known("Popo")
        texts += [(d.code, d.message, d.hint) for d in caught.value.diagnostics]
    assert texts[0] == texts[1]
    assert "--ops MODULE" in texts[0][2]
