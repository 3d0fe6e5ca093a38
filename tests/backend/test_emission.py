"""Emitted code: readable, the same as the reference interpreter, deduplicated without changing a bit."""

from __future__ import annotations

import subprocess
import sys
import traceback
from math import prod

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

import rl2graph
from rl2graph.backend.codegen import emit_entry
from rl2graph.backend.naming import class_name, value_names
from rl2graph.backend.reference import interpret
from rl2graph.compiler.pipeline import optimise
from rl2graph.ir.slots import EFFECTS, with_effects
from rl2graph.spaces import Image, Record, Vector, unbounded
from tests.programs import random_program
from tests.support import GOLDEN, SHARED, TWO, VECTOR, assert_golden, example, float64, graph_of

PROGRAMS = 150


def compiled(program, level):
    return rl2graph.compile(
        program.text,
        observation_space=program.observation,
        action_space=program.action,
        level=level,
        seed=3,
    )


def batched(space, batch):
    """Observations of a space under batch axes of that shape, in float64."""
    return example(space, batch=prod(batch), dtype=torch.float64).unflatten(0, batch)


def stirred(model, seed):
    """The model with its weights moved a little.

    Offsets that start at zero would leave what is normalised and then rectified at the very kink, where the
    gradient hangs on rounding.
    """
    generator = torch.Generator().manual_seed(seed)
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.add_(0.01 * torch.randn(parameter.shape, generator=generator, dtype=parameter.dtype))
    return model


def conditions(entry, batch, seed):
    """A random state with resets, and noise, where an entry takes any."""
    generator = torch.Generator().manual_seed(seed)
    extra = {}
    if entry.state_schema:
        zeros = entry.initial_state(*batch[-1:])
        extra["state"] = {
            k: torch.randn(z.shape, generator=generator, dtype=z.dtype) for k, z in zeros.items()
        }
        extra["resets"] = torch.rand(batch, generator=generator) < 0.3
    if entry.noise_schema:
        noise = entry.draw_noise(batch, seed=seed, counter=1)
        extra["noise"] = {name: value.double() for name, value in noise.items()}
    return extra


def gradients(outputs, parameters):
    """Gradients of a weighted sum of everything; None where nothing reaches a parameter."""
    total = sum(
        ((value * torch.linspace(-1, 1, value.numel(), dtype=value.dtype).view(value.shape)).sum())
        for value in outputs.values()
    )
    if not (parameters and total.requires_grad):
        return [None] * len(parameters)
    return torch.autograd.grad(total, parameters, allow_unused=True)


def assert_same_gradients(one, other):
    for a, b in zip(one, other, strict=True):
        if a is None or b is None:
            assert a is None or not a.abs().max()
            assert b is None or not b.abs().max()
            continue
        assert (a - b).abs().max() <= 1e-10 * max(1.0, float(b.abs().max()))


@settings(max_examples=PROGRAMS)
@given(st.integers(0, 10**9))
def test_random_programs_equal_the_reference_in_values_and_gradients(seed):
    program = random_program(seed)
    with float64():
        model = stirred(compiled(program, level=1).double(), seed)
        outputs = [output.name for output in model.outputs]
        entry = model.entry(outputs, mode="train")
        batch = (2, 4) if entry.state_schema else (8,)
        obs = batched(program.observation, batch)
        extra = conditions(entry, batch, seed)
        state = {k: v.detach().clone().requires_grad_() for k, v in model.named_parameters()}
        buffers = {k: v.clone() for k, v in model.named_buffers()}
        got = entry(obs, **extra) if "obs" in entry.graph.inputs else entry(**extra)
        graph = with_effects(model._literal, EFFECTS["train"])
        want = interpret(graph, {"obs": obs}, state | buffers, **extra)
    assert set(got) == set(want)
    for carried in ("state", "statistics"):
        one, other = got.pop(carried, {}), want.pop(carried, {})
        assert set(one) == set(other)
        for name in one:
            torch.testing.assert_close(one[name], other[name], rtol=1e-9, atol=1e-10)
    for name in got:
        torch.testing.assert_close(got[name], want[name], rtol=1e-9, atol=1e-10)
    assert_same_gradients(gradients(got, list(model.parameters())), gradients(want, list(state.values())))


@settings(max_examples=PROGRAMS)
@given(st.integers(0, 10**9))
def test_deduplication_changes_no_bit_of_a_value_and_no_gradient(seed):
    program = random_program(seed)
    literal, merged = compiled(program, 0).eval(), compiled(program, 1).eval()
    assert list(literal.state_dict()) == list(merged.state_dict())
    for a, b in zip(literal.parameters(), merged.parameters(), strict=True):
        assert torch.equal(a, b)
    obs = example(program.observation)
    one, other = literal(obs), merged(obs)
    for name in list(one):
        if name == "state":
            one |= one.pop("state")
            other |= other.pop("state")
    for name in one:
        assert one[name].numpy(force=True).tobytes() == other[name].numpy(force=True).tobytes()
    with float64():
        literal.double()
        merged.double()
        obs = example(program.observation, dtype=torch.float64)
        one, other = literal(obs), merged(obs)
    one.pop("state", None)
    other.pop("state", None)
    assert_same_gradients(
        gradients(one, list(literal.parameters())), gradients(other, list(merged.parameters()))
    )


def test_golden_code_of_a_whole_module():
    model = rl2graph.compile(SHARED, observation_space=VECTOR, action_space=TWO)
    assert_golden(GOLDEN / "shared_module.py.txt", model.source)


def test_golden_code_of_an_entry_with_every_kind_of_operand():
    text = (
        "encoder e = conv2d(obs, 4, kernel=3, stride=2, padding=1) |> relu |> flatten\n"
        "pi = head(detach(e) * -0.5 + 1)\nv = head(concat(e, act))\noutput pi, v\n"
    )
    graph, _ = optimise(graph_of(text, Image((2, 8, 8), channels_last=True), unbounded((2,))), 1)
    assert_golden(GOLDEN / "entry.py.txt", emit_entry(graph, "Entry1", train=("pi",)))


def test_the_standalone_module_runs_without_this_package(tmp_path):
    model = rl2graph.compile(SHARED, observation_space=VECTOR, action_space=unbounded((3,)), seed=5)
    (tmp_path / "net.py").write_text(model.source)
    torch.save(model.state_dict(), tmp_path / "net.pt")
    obs = example(VECTOR)
    torch.save((obs, model(obs)), tmp_path / "io.pt")
    script = (
        "import sys, torch, net\n"
        "model = net.Model(); model.load_state_dict(torch.load('net.pt'))\n"
        "obs, want = torch.load('io.pt'); got = model(obs)\n"
        "assert all(torch.equal(got[k], want[k]) for k in want) and set(got) == set(want)\n"
        "assert not [m for m in sys.modules if m.startswith('rl2graph')]\n"
    )
    subprocess.run([sys.executable, "-c", script], cwd=tmp_path, check=True)


def test_tracebacks_show_emitted_lines():
    model = rl2graph.compile(SHARED, observation_space=VECTOR, action_space=TWO)
    with pytest.raises(RuntimeError) as caught:
        model(torch.zeros(2, 7))
    shown = "".join(traceback.format_exception(caught.value))
    assert "f_dense = F.linear(obs, self.f.dense.weight, self.f.dense.bias)" in shown


@given(st.integers(0, 10**9))
def test_names_are_unique_identifiers(seed):
    program = random_program(seed)
    graph = graph_of(program.text, program.observation, program.action)
    names = [n for n, node in zip(value_names(graph), graph.nodes, strict=True) if node.op != "input"]
    assert len(set(names)) == len(names)
    assert all(name.isidentifier() for name in names)


def test_class_names():
    assert class_name("ppo_shared") == "PpoShared"
    assert class_name("3d-net") == "Model3dNet"
    assert class_name("none") == "ModelNone"
    assert class_name("F") == "ModelF"
    assert class_name("x²") == "X"


def test_group_norm_over_a_transposed_image_has_a_backward_pass():
    # torch itself crashes there: docs/upstream/group_norm_channels_last.py
    model = rl2graph.compile(
        "pi = obs |> group_norm(1) |> flatten |> head",
        observation_space=Image((3, 8, 8), True),
        action_space=TWO,
    )
    model(example(Image((3, 8, 8), True)))["pi"].sum().backward()
    assert model.pi.weight.grad is not None


@pytest.mark.parametrize(
    "part", ['""";open("pwned","w")#', '"""', "a\\", "tab\tand\nline", "\x01\x7f", '\\"""', "ünï ✓"]
)
def test_names_of_parts_are_text_and_never_code(part, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    space = Record(((part, Vector((4,))), ("other", Vector((2,)))))
    text = "e = encode(obs); pi = head(e); v = head(e)"
    model = rl2graph.compile(text, observation_space=space, action_space=TWO)
    obs = {part: torch.ones(2, 4), "other": torch.ones(2, 2)}
    assert model(obs)["pi"].shape == (2, 2)
    namespace: dict = {}
    exec(compile(model.source, "model.py", "exec"), namespace)
    assert not list(tmp_path.iterdir())
    shown = model.entry(["pi"]).__doc__
    assert part.split()[0].rstrip("\x01\x7f") in shown.replace(chr(92) * 2, chr(92))
