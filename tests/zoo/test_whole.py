"""Every network of the zoo as a module: copies, pickles that another process reads, one graph for Dynamo."""

from __future__ import annotations

import copy
import pickle
import subprocess
import sys

import pytest
import torch

import rl2graph
from rl2graph.ir.slots import is_recurrent
from rl2graph.model import weights as initial
from rl2graph.model.export import examples
from rl2graph.zoo import zoo
from tests.support import ROOT

SPECS = {spec.name: spec for spec in zoo() if spec.name not in ("maddpg", "mappo")}
READ = """
import pickle, sys, torch
for path in sys.argv[1:]:
    entry, given, want = pickle.loads(open(path, "rb").read())
    with torch.no_grad():
        got = entry(**given)
    assert all(torch.equal(got[name], want[name]) for name in want), path
print(len(sys.argv) - 1)
"""


@pytest.fixture(scope="module")
def entries():
    """An entry of all outputs of each, made when it is first asked for, and inputs that fit."""
    made = {}

    def entry_of(name):
        if name not in made:
            spaces = SPECS[name].interface()
            with pytest.MonkeyPatch.context() as patch:
                # Orthogonal matrices take longer than all else here.
                draw = lambda generator, _, shape: 0.1 * generator.standard_normal(shape)  # noqa: E731
                patch.setitem(initial._RULES, "orthogonal", draw)
                model = rl2graph.compile(
                    SPECS[name].path, observation_space=spaces.observation, action_space=spaces.action
                )
            entry = model.entry([output.name for output in model.outputs])
            made[name] = entry, stirred(examples(entry.graph), torch.Generator().manual_seed(0))
        return made[name]

    return entry_of


def stirred(value, generator):
    """Random numbers in place of zeros, and ones for indices, of which all spaces here have two."""
    if isinstance(value, dict):
        return {name: stirred(part, generator) for name, part in value.items()}
    if value.dtype == torch.uint8:
        return torch.randint(256, value.shape, generator=generator, dtype=torch.uint8)
    random = torch.randn(value.shape, generator=generator)
    return random if value.is_floating_point() else torch.ones_like(value)


def same(one, other):
    if isinstance(one, dict):
        return one.keys() == other.keys() and all(same(one[name], other[name]) for name in one)
    return torch.equal(one, other)


@pytest.mark.parametrize("name", SPECS)
def test_a_network_copies_and_compiles_in_one_graph(name, entries):
    entry, given = entries(name)
    with torch.no_grad():
        want = entry(**given)
        assert same(copy.deepcopy(entry)(**given), want)
        torch._dynamo.reset()
        assert same(torch.compile(entry, fullgraph=True, backend="eager")(**given), want)


def test_pickles_are_read_in_another_process(entries, tmp_path):
    names = ["dqn_nature", "sac", "dqn_drqn", "multimodal", "rl_games_301"]
    paths = []
    for name in names:
        entry, given = entries(name)
        with torch.no_grad():
            want = {key: value for key, value in entry(**given).items() if torch.is_tensor(value)}
        paths.append(tmp_path / f"{name}.pickle")
        paths[-1].write_bytes(pickle.dumps((entry, given, want)))
    done = subprocess.run(
        [sys.executable, "-c", READ, *map(str, paths)], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.stdout.strip() == str(len(paths)), done.stderr
    assert len(paths) >= 4
    assert any(is_recurrent(entries(path.stem)[0].graph) for path in paths)
