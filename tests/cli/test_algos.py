"""`rl2graph algos`."""

from __future__ import annotations

import json

import pytest

from rl2graph.agents.algorithms import ALGORITHMS
from rl2graph.agents.settings import settings_of
from rl2graph.cli.main import main
from rl2graph.contracts import CONTRACTS
from rl2graph.workers.config import RunConfig, resolve
from rl2graph.workers.env_config import EnvConfig

MINE = """
from dataclasses import replace

from rl2graph.agents.algorithms import register
from rl2graph.agents.ppo import PPO

@register
class Mine(PPO):
    contract = replace(PPO.contract, algorithm="mine", title="PPO by another name")
"""


def algorithms(capsys, *arguments):
    assert main(["algos", "--json", *arguments]) == 0
    data = json.loads(capsys.readouterr().out)
    assert data["schema"] == 1
    return data["algorithms"]


def test_every_algorithm_is_listed(capsys):
    assert main(["algos"]) == 0
    listed = capsys.readouterr().out
    for contract in CONTRACTS.values():
        assert f"{contract.algorithm}: {contract.title}" in listed
        assert contract.paper in listed
    assert [entry["name"] for entry in algorithms(capsys)] == list(ALGORITHMS)
    assert algorithms(capsys)[0]["roles"] == ["pi", "v"]


@pytest.mark.parametrize("name", list(ALGORITHMS))
def test_the_settings_are_those_that_a_run_takes(capsys, name):
    (entry,) = algorithms(capsys, name.upper())
    defaults = {setting["name"]: setting["default"] for setting in entry["settings"]}
    config = resolve(algo=name, layers=[]).algorithm
    assert defaults == {key: getattr(config, key) for key in defaults}
    assert set(defaults) == set(type(config).__dataclass_fields__)


@pytest.mark.parametrize("config", [RunConfig, EnvConfig, *(a.config_type for a in ALGORITHMS.values())])
def test_defaults_are_shown_as_they_are_set(config):
    """What is shown as default is taken by --set and means the default."""
    table = {RunConfig: "run", EnvConfig: "env"}.get(config)
    algo = next((name for name, agent in ALGORITHMS.items() if agent.config_type is config), "ppo")
    shown = [f"{table or algo}.{s.name}={s.shown_default}" for s in settings_of(config) if s.name != "env"]
    resolved = resolve(
        algo=algo, layers=[], settings=[text for text in shown if not text.endswith("algo=ppo")]
    )
    assert resolved == resolve(algo=algo, layers=[])


def test_the_text_has_defaults_and_ranges(capsys, monkeypatch):
    monkeypatch.setenv("COLUMNS", "110")
    assert main(["algos", "ppo"]) == 0
    lines = capsys.readouterr().out.splitlines()
    (gamma,) = [line.split("  ") for line in lines if line.startswith("ppo.gamma")]
    assert [cell.strip() for cell in gamma if cell] == [
        "ppo.gamma", "0.99", "a number from 0 to 1", "discount per step",
    ]  # fmt: skip
    shown = "\n".join(lines)
    for words in ("a number above 0, or none", "one of adam, rmsprop", "true or false", "at least 2"):
        assert words in shown
    monkeypatch.setenv("COLUMNS", "60")
    assert main(["algos", "ppo"]) == 0
    assert "\n    discount per step\n" in capsys.readouterr().out


def test_an_unknown_algorithm_is_a_usage_error(capsys):
    assert main(["algos", "pppo"]) == 2
    assert "did you mean `ppo`?" in capsys.readouterr().err


def test_algorithms_of_ones_own_are_listed_too(capsys, tmp_path):
    (tmp_path / "mine.py").write_text(MINE)
    try:
        assert main(["algos", "mine", "--ops", str(tmp_path / "mine.py")]) == 0
        assert "PPO by another name" in capsys.readouterr().out
    finally:
        ALGORITHMS.pop("mine", None)
        CONTRACTS.pop("mine", None)
