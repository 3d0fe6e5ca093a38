"""The shipped specs: their headers, what `check` says of them, and how many parameters they have."""

from __future__ import annotations

import re

import pytest

from rl2graph.compiler.report import cost
from rl2graph.contracts import CONTRACTS
from rl2graph.ir.op import Init
from rl2graph.lang.formatting.formatter import format_text
from rl2graph.shipped import shipped
from rl2graph.zoo import UNTRAINED, read_header, zoo
from tests.zoo import handwritten
from tests.zoo.counts import ZOO

SPECS = zoo()
TWINS = {
    "ddpg": ["actor seen"],
    "efficient_zero": ["pi v"],
    "gated_transformer": ["r z"],
    "icm": ["now e"],
    "ppg": ["aux v"],
    "ppo_split": ["pi v"],
    "rl_games_301": ["pi v"],
    "rnd": ["v v_novelty"],
}
"""The pairs of bindings that are two networks of one shape on purpose, which `check` points out."""

every_spec = pytest.mark.parametrize("spec", SPECS, ids=lambda spec: spec.name)


@every_spec
def test_a_header_says_what_the_spec_is(spec):
    assert re.fullmatch(r"[^:]+: .+\.", spec.title)
    assert spec.paper.endswith(".")
    entry = ZOO[spec.name]
    assert (spec.observation, spec.action) == (entry.observation, entry.action)
    assert spec.text.isascii() or "ñ" in spec.text
    assert max(map(len, spec.text.splitlines())) <= 110


@every_spec
def test_a_spec_is_in_the_canonical_layout(spec):
    assert format_text(spec.text) == spec.text


@every_spec
def test_nothing_is_wrong_with_a_spec(spec):
    found = spec.check().diagnostics
    assert {diagnostic.code for diagnostic in found} <= {"RLG901"}
    pairs = [re.match(r"`(\w+)` and `(\w+)` each have", diagnostic.message) for diagnostic in found]
    assert [f"{pair[1]} {pair[2]}" for pair in pairs] == TWINS.get(spec.name, [])


@every_spec
def test_a_spec_is_trained_by_what_its_header_says(spec):
    """By exactly the algorithms whose contract it serves, each of which reads all of it."""
    serving = [name for name in CONTRACTS if not findings_of(spec, name)]
    assert spec.trained == bool(serving)
    assert spec.algorithms == tuple(serving)
    chosen = "a2c" if spec.name == "a2c_shared" else "ppo"
    assert spec.algorithm() == (chosen if serving else None)
    assert (UNTRAINED in spec.text) == (not spec.trained)


def findings_of(spec, algorithm):
    return [d for d in spec.check(algorithm).diagnostics if d.code != "RLG901"]


@every_spec
def test_the_number_of_parameters_is_that_of_the_header_and_of_arithmetic(spec):
    entry = ZOO[spec.name]
    graph = spec.check().graph
    assert cost(graph).parameters == spec.parameters == entry.parameters == entry.counted


def test_every_spec_is_counted_and_written_by_hand():
    """But for those whose environment decides over their widths."""
    names = {spec.name for spec in SPECS}
    assert set(ZOO) == names
    assert set(handwritten.NETWORKS) == {spec.name for spec in SPECS if spec.parameters is not None}


@pytest.mark.parametrize(
    ("spec", "weight", "init"),
    [
        ("ddpg", "mu.head.weight", Init("uniform", 0.003)),
        ("ddpg", "q.weight", Init("uniform", 0.003)),
        ("gated_transformer", "positions.value", Init("normal", 0.02)),
        ("gated_transformer", "steps.y.z.parameter.value", Init("constant", 2.0)),
        ("dqn_noisy_dueling", "q.values.weight_sigma", Init("constant", 0.5 / 512**0.5)),
    ],
)
def test_weights_start_as_the_paper_says(spec, weight, init):
    (graph,) = (s.check().graph for s in SPECS if s.name == spec)
    path, _, name = weight.rpartition(".")
    assert {w.name: w.init for w in graph.owner[path].weights}[name] == init


@pytest.mark.parametrize(("spec", "op"), [("dqn_c51", "atoms"), ("rainbow", "atoms_mean")])
def test_returns_lie_where_the_paper_has_them(spec, op):
    (graph,) = (s.check().graph for s in SPECS if s.name == spec)
    (values,) = (node.values for node in graph.nodes if node.op == op)
    assert (values["low"], values["high"]) == (-10.0, 10.0)


def test_no_two_specs_are_one():
    assert len({spec.title for spec in SPECS}) == len(SPECS) == len(list(shipped("specs").iterdir()))


@pytest.mark.parametrize(
    "header",
    [
        "# T: x.\n# P.\n# spaces: --obs 'f32[4]' --act 'box[1]'\n# parameters: 7\n\n",
        "rl2 1\n# T: x.\n# spaces: --obs 'f32[4]' --act 'box[1]'\n# parameters: 7\n\n",
        "rl2 1\n# T: x.\n# P.\n# spaces: --obs 'f32[4]'\n# parameters: 7\n\n",
        "rl2 1\n# T: x.\n# P.\n# spaces: --obs 'f32[4]' --act 'box[1]'\n# parameters: many\n\n",
        "rl2 1\n# T: x.\n# P.\n# spaces: --obs 'f32[4]' --act 'box[1]'\n# parameters: 7\nv = head(obs)\n",
    ],
)
def test_another_header_is_none(tmp_path, header):
    path = tmp_path / "own.rl2"
    path.write_text(f"{header}v = head(obs)\n")
    with pytest.raises(ValueError, match="own has no header"):
        read_header(path)


def test_a_header_is_read_whole(tmp_path):
    path = tmp_path / "own.rl2"
    path.write_text(
        f"rl2 1\n# {UNTRAINED}\n# Own: a title.\n# A paper,\n# on two lines.\n"
        "# spaces: --obs '{ a: f32[4], b: image[3, 8, 8] }' --act 'multi_discrete[3, 2]'\n"
        "# parameters: 1,234\n# A note\n# on two.\n\nv = head(obs.a)\n"
    )
    spec = read_header(path)
    assert (spec.name, spec.title, spec.paper) == ("own", "Own: a title.", "A paper, on two lines.")
    assert (spec.parameters, spec.trained, spec.notes) == (1234, False, "A note on two.")
    assert str(spec.interface().observation) == "{ a: f32[4], b: image[3, 8, 8] }"
