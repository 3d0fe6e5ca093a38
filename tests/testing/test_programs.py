"""Random programs are valid, varied, and the same on every machine."""

from __future__ import annotations

import os
import subprocess
import sys
from collections import Counter

import pytest

from rl2graph.compiler.analysis import analyse
from rl2graph.compiler.interface import Interface
from rl2graph.compiler.spec import parse
from rl2graph.ir.graph import Graph
from rl2graph.lang import ast
from rl2graph.spaces import Box, Discrete, Image, MultiBinary, MultiDiscrete, Record, Vector
from rl2graph.testing import PLAIN, ProgramOptions, random_program, random_programs
from rl2graph.testing.generation.calls import drawable
from rl2graph.testing.generation.statements import KINDS
from rl2graph.testing.rewrites.trees import of_type

COUNT = 2_000


def literal(program) -> Graph:
    analysis = analyse(parse(program.text), Interface(program.observation, program.action, groups=()))
    errors = [found.message for found in analysis.diagnostics if found.is_error]
    assert analysis.graph is not None, f"{program.text}\n{errors}"
    return analysis.graph


@pytest.fixture(scope="module")
def programs():
    return list(random_programs(COUNT))


@pytest.fixture(scope="module")
def graphs(programs):
    return [literal(program) for program in programs]


def test_every_program_is_a_spec_without_errors(graphs):
    assert len(graphs) == COUNT
    assert sum(len(graph.nodes) for graph in graphs) > 10 * COUNT


def test_every_op_is_drawn(graphs):
    drawn = {node.op for graph in graphs for node in graph.nodes}
    assert {op.name for op in drawable(unstable=False)} <= drawn


def test_programs_have_what_specs_can_have(programs, graphs):
    trees = [parse(program.text).tree for program in programs]
    kinds = ast.Macro, ast.Declare, ast.Ensemble, ast.Loss, ast.Annotated, ast.Loop, ast.Pipe, ast.Param
    for kind in (*kinds, ast.Input, ast.Block):
        assert sum(any(True for _ in of_type(tree, kind)) for tree in trees) > COUNT / 50, kind
    spaces = Counter(type(program.observation) for program in programs)
    assert set(spaces) == {Vector, Image, Discrete, MultiDiscrete, MultiBinary, Record}
    assert {type(program.action) for program in programs} == {Discrete, MultiDiscrete, MultiBinary, Box}
    assert sum(any(owner.frozen for owner in graph.owners) for graph in graphs) > COUNT / 100
    reads = [Counter(node.owner for node in graph.nodes if node.owner) for graph in graphs]
    assert sum(max(read.values(), default=0) > 1 for read in reads) > COUNT / 8
    operands = Counter(len(n.operands) for graph in graphs for n in graph.nodes if n.op == "attention")
    assert min(operands[1], operands[2], operands[3]) > 3


def test_a_seed_is_one_program_in_every_process():
    code = "from rl2graph.testing import random_programs; print(*random_programs(40), sep='')"
    outputs = {
        subprocess.run(
            [sys.executable, "-c", code],
            env={**os.environ, "PYTHONHASHSEED": seed},
            capture_output=True,
            check=True,
        ).stdout
        for seed in ("1", "2")
    }
    assert outputs == {"".join(map(str, random_programs(40))).encode() + b"\n"}
    assert len({program.text for program in random_programs(100)}) == 100


def test_plain_programs_read_one_observation():
    for program in random_programs(200, PLAIN):
        graph = literal(program)
        assert graph.inputs == ("obs",)
        assert not graph.losses
        assert not isinstance(program.observation, Record)


def test_unstable_programs_have_ops_that_others_have_not():
    graphs = [literal(program) for program in random_programs(300, ProgramOptions(unstable=True))]
    ops = {node.op for graph in graphs for node in graph.nodes}
    assert {"argmax", "where", "log", "cast"} <= ops


def test_options_choose_kinds_and_lengths():
    options = ProgramOptions(kinds=(("arithmetic", 1.0),), statements=(4, 4), nested=0.0)
    text = random_program(5, options).text
    assert text.count("\nn") + text.startswith("n0") == 4
    assert set(dict(ProgramOptions().kinds)) == set(KINDS)
