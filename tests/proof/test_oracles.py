"""The compiler held to its oracles, on random programs and the zoo; tests/slow/proof_job.py goes on."""

from __future__ import annotations

import json

import pytest

import rl2graph
from rl2graph.compiler.pipeline import optimise
from rl2graph.ir.slots import with_effects
from rl2graph.model import weights as initial
from rl2graph.zoo import zoo
from tests.proof import running
from tests.proof.chunks import run_chunk
from tests.proof.dispatching import products_of, watched
from tests.proof.draws import draw
from tests.proof.oracles import graph_oracle, slot_faults
from tests.proof.running import call
from tests.proof.sources import MODES
from tests.slow import proof_job

AGENTS = {"maddpg": ["a", "b"]}


def each(specs):
    return pytest.mark.parametrize("spec", specs, ids=lambda spec: spec.name)


def failures(stage, first, count):
    return run_chunk(stage, first, count).failures


@pytest.mark.parametrize("first", range(0, 2_000, 500))
def test_graphs_become_what_the_design_makes_of_them(first):
    assert failures("graph", first, 500) == []


@pytest.mark.parametrize("first", range(0, 80, 20))
def test_programs_run_alike_at_both_levels_and_as_the_interpreter_says(first):
    assert failures("executed", first, 20) == []


def test_exported_programs_compute_each_thing_once():
    assert failures("exported", 0, 4) == []


# The zoo


@each(zoo())
def test_graphs_of_the_zoo_become_what_the_design_makes_of_them(spec):
    literal = spec.check().graph
    assert list(slot_faults(literal)) == []
    for effects in MODES.values():
        graph = with_effects(literal, effects)
        assert graph_oracle(graph, optimise(graph, 1)[1]) == []


@each([spec for spec in zoo() if spec.name != "mappo"])  # whose global state has no width
def test_networks_of_the_zoo_compute_each_thing_once_and_write_to_no_value(spec, monkeypatch):
    # Orthogonal matrices take longer than all else here.
    draw_quickly = lambda generator, _, shape: 0.1 * generator.standard_normal(shape)  # noqa: E731
    monkeypatch.setitem(initial._RULES, "orthogonal", draw_quickly)
    spaces = spec.interface()
    model = rl2graph.compile(
        spec.path,
        observation_space=spaces.observation,
        action_space=spaces.action,
        agents=AGENTS.get(spec.name),
    )
    for mode in ("train", "evaluate"):
        entry = model.entry([output.name for output in model.outputs], mode=mode)
        drawn = draw(entry.graph, 0, (2,))
        given = (entry, running.single(drawn.inputs), running.single(drawn.conditions))
        watch = watched(lambda given=given: call(*given), grad=mode == "train")
        assert watch.products == products_of(entry.graph, (2,), grad=mode == "train")
        assert watch.written == set()


# The long job


def test_the_job_goes_on_where_it_was_and_counts_failures(tmp_path, monkeypatch, capsys):
    out = tmp_path / "proof.json"
    assert proof_job.main([str(out), "--graph", "4", "--processes", "1"]) == 0
    assert proof_job.main([str(out), "--graph", "4", "--processes", "1"]) == 0
    assert proof_job.main([str(out), "--graph", "6", "--processes", "1"]) == 0
    record = json.loads(out.read_text())
    assert record["stages"]["graph"]["programs"] == record["stages"]["graph"]["counts"]["programs"] == 6
    assert capsys.readouterr().out.splitlines()[-1].startswith("graph: 6 of 6, ")
    with pytest.raises(SystemExit, match="from seed 0, not 7"):
        proof_job.main([str(out), "--first", "7"])


def test_the_job_counts_each_compiler_apart(tmp_path, monkeypatch, capsys):
    out = tmp_path / "proof.json"

    def run(compiler, count):
        monkeypatch.setattr(proof_job, "digest", lambda: compiler)
        assert proof_job.main([str(out), "--graph", str(count), "--processes", "1"]) == 0
        assert capsys.readouterr().out.startswith(f"compiler {compiler}, commit ")
        record = json.loads(out.read_text())
        runs = [record, *record["earlier"]]
        return {run["compiler"]: run["stages"]["graph"]["programs"] for run in runs}

    assert run("one", 2) == {"one": 2}
    assert run("two", 1) == {"two": 1, "one": 2}
    assert run("one", 3) == {"one": 3, "two": 1}


def test_a_digest_names_the_compiler():
    assert proof_job.digest() == proof_job.digest()
    assert len(proof_job.digest()) == 16


def test_a_job_whose_compiler_changes_stops(tmp_path, monkeypatch):
    digests = iter(["one", "other"])
    monkeypatch.setattr(proof_job, "digest", lambda: next(digests))
    with pytest.raises(SystemExit, match="changed while the job ran"):
        proof_job.main([str(tmp_path / "proof.json"), "--graph", "1", "--processes", "1"])
