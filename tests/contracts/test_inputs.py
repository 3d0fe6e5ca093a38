"""Inputs that algorithms give to losses: their types, and statements that declare them."""

import re
from dataclasses import replace

import pytest

from rl2graph.agents import PPO, PPOConfig
from rl2graph.compiler.check import check
from rl2graph.compiler.interface import Interface
from rl2graph.compiler.spec import parse
from rl2graph.contracts import CONTRACTS
from rl2graph.contracts.inputs import DECLARED, TYPES
from rl2graph.diagnostics import DiagnosticError
from tests.agents.collecting import agent_for, walks
from tests.support import ROOT, SHARED

LOSS = "loss own = 0.0 * v * mean(flatten({0}), axis=0)"
SPACES = Interface.of_texts("f32[4]", "discrete[2]")


def found(text):
    return check(parse(text), SPACES, "ppo").diagnostics


@pytest.mark.parametrize("name", sorted(TYPES))
@pytest.mark.parametrize(
    ("declared", "codes"),
    [
        ("f32", []),
        ("f32[]", []),
        ("f32[1]", ["RLG503"]),
        ("f32[128]", ["RLG503"]),
        ("f32[n]", ["RLG503"]),
        ("image[3, 8, 8]", ["RLG503"]),
        ("discrete[2]", ["RLG503"]),
        ("multi_binary[2]", ["RLG503"]),
    ],
)
def test_they_are_one_number_per_sample(name, declared, codes):
    text = f"input {name}: {declared}\n{SHARED}\n{LOSS.format(name)}"
    diagnostics = found(text)
    assert [d.code for d in diagnostics] == codes
    for diagnostic in diagnostics:
        assert diagnostic.span.text == declared
        assert diagnostic.hint == f"write `input {name}: f32`"
        mended = text.replace(f"input {name}: {declared}", f"input {name}: f32")
        assert not found(mended)


def test_an_algorithm_that_does_not_give_them_says_so_alone(monkeypatch):
    monkeypatch.setitem(CONTRACTS, "kl", replace(CONTRACTS["ppo"], algorithm="kl", inputs=()))
    text = f"input returns: f32[3]\n{SHARED}\n{LOSS.format('returns')}"
    assert [d.code for d in check(parse(text), SPACES, "kl").diagnostics] == ["RLG507"]


@pytest.mark.parametrize("name", sorted(DECLARED))
def test_an_undeclared_one_is_declared_as_the_hint_says(name):
    text = f"{SHARED}\n{LOSS.format(name)}"
    (unknown,) = found(text)
    assert (unknown.code, unknown.span.text) == ("RLG201", name)
    statement = re.fullmatch(r"declare it: `(.*)`", unknown.hint)[1]
    assert not found(f"{statement}\n{text}")


def test_one_that_is_declared_too_late_is_told_its_line():
    (unknown,) = found(f"{SHARED}\n{LOSS.format('returns')}\ninput returns: f32")
    assert unknown.hint == "line 3 binds it: a name is bound before it is used"


def test_what_the_auxiliary_phase_proposes_compiles_as_it_stands():
    spec = "e = mlp(obs); pi = head(e); v = obs |> mlp |> head"
    config = PPOConfig(n_steps=12, minibatch_size=36, auxiliary_interval=2)
    with pytest.raises(DiagnosticError, match="no `loss` statement") as caught:
        agent_for(PPO, spec, walks(), config)
    proposed = re.search(r"`(input .*?)`", caught.value.diagnostics[0].hint)[1]
    assert not any(d.is_error for d in found(f"{spec}\n{proposed}"))
    assert agent_for(PPO, f"{spec}\n{proposed}", walks(), config)


def test_the_example_of_the_language_page_has_no_finding():
    page = (ROOT / "docs" / "language.md").read_text()
    (example,) = re.findall(r"```\n(input returns.*?)```", page, re.S)
    assert not found(example)
