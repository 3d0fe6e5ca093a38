"""What reviewers broke, each with the spec that broke it."""

from __future__ import annotations

import pickle
import time

import pytest
import torch

import rl2graph
from rl2graph.compiler.analysis import analyse
from rl2graph.compiler.check import check
from rl2graph.compiler.interface import Interface
from rl2graph.compiler.pipeline import optimise
from rl2graph.compiler.spec import load, parse
from rl2graph.ir.dims import symbol
from tests.support import TWO, VECTOR, codes, graph_of

SPACES = Interface(VECTOR, TWO)
ENDS = "\npi = head(h); v = head(h)"


@pytest.mark.parametrize(
    "definitions",
    [
        "def f(x) = relu(h)",
        "def f(x) = dense(obs, 3)\ndef g(x) = h + dense(obs, 4)",
        "def f(x) { y = concat(h, x); return dense(y, 2) }",
    ],
)
def test_uncalled_definitions_may_read_bindings(definitions):
    found = codes(f"h = dense(obs, 4)\n{definitions}{ENDS}")
    assert set(found) == {"RLG903"}


def test_what_an_uncalled_definition_would_make_leaves_no_trace():
    plain = graph_of(f"h = dense(obs, 4){ENDS}")
    assert graph_of(f"h = dense(obs, 4)\ndef f(x) = dense(h, 3) |> dense(5){ENDS}") == plain


@pytest.mark.parametrize("kind", ["def", "encoder"])
def test_a_parameter_twice_is_one_finding(kind):
    assert codes(f"{kind} f(n, n=3) = relu(obs)\nh = f()\n{ENDS}") == ["RLG206"]


def test_weights_of_a_default_are_the_defaults_own():
    text = "encoder f(x, y=dense(obs, 4)) = relu(dense(x, 4) + y)\nh = f(obs) + f(obs, tanh(obs))" + ENDS
    graph = graph_of(text)
    assert [path for path in graph.owner if path.startswith("f")] == ["f.y.dense", "f.dense"]
    merged, _ = optimise(graph, 1)
    assert sum(node.owner == "f.dense" for node in merged.nodes) == 1


def test_layers_that_move_between_calls_are_refused():
    text = "encoder f(x, ns) = x |> for n in ns { dense(n) |> relu } |> dense(4) |> tanh\n"
    assert codes(f"{text}h = f(obs, [4, 4]) + f(obs, [4]){ENDS}")[0] == "RLG401"
    assert codes(f"{text}h = f(obs, [4, 4]) + f(tanh(obs), [4, 4]){ENDS}") == []


def test_declared_inputs_leave_presets_and_parameters_alone():
    text = "input x: f32[4]\ninput width: f32[3]\nh = concat(mlp(obs), mlp(x), width)" + ENDS
    assert [c for c in codes(text) if c != "RLG901"] == []
    assert codes("input goal: f32[4]\ndef f(goal) = relu(goal)\nh = f(goal)" + ENDS) == ["RLG904"]


def test_imported_files_see_no_input_of_the_importer(tmp_path):
    (tmp_path / "lib.rl2").write_text("def f(y) = dense(goal, 4)\ndef g(y, goal) = y + goal")
    (tmp_path / "net.rl2").write_text(
        'input goal: f32[4]\nimport "lib.rl2" as l\nh = l.g(obs, goal)\npi = head(l.f(h))'
    )
    found = analyse(load(tmp_path / "net.rl2"), SPACES).diagnostics
    assert [d.code for d in found] == ["RLG201"]


def test_a_run_may_import_a_file_called_spec(tmp_path):
    (tmp_path / "imports").mkdir()
    (tmp_path / "imports" / "spec.rl2").write_text("def f(x) = relu(x)")
    spec = parse(
        'import "spec.rl2" as s\npi = head(s.f(obs))', str(tmp_path / "spec.rl2"), folder=tmp_path / "imports"
    )
    assert not analyse(spec, SPACES).diagnostics


@pytest.mark.parametrize("name", ["train", "forward", "graph", "_x"])
def test_losses_and_imports_become_paths_too(tmp_path, name):
    (tmp_path / "lib.rl2").write_text("encoder f(x) = dense(x, 3)")
    (tmp_path / "net.rl2").write_text(f'import "lib.rl2" as {name}\npi = head(obs)')
    assert "RLG207" in [d.code for d in analyse(load(tmp_path / "net.rl2"), SPACES).diagnostics]
    assert codes(f"pi = head(obs)\nloss {name} = mse(dense(obs, 4), obs)") == ["RLG207"]


def test_a_spec_that_is_all_frozen_has_nothing_to_train():
    text = "@frozen e = mlp(obs)\n@frozen pi = head(e)\n@frozen v = head(e)"
    assert [d.code for d in check(parse(text), SPACES, "ppo").diagnostics] == ["RLG403"]


@pytest.mark.parametrize(
    "text",
    [
        "input obs: f32[n]\nx = concat(obs, obs) + dense(obs, 8)\noutput x",
        "input obs: f32[n, m]\nx = flatten(obs) + (flatten(obs) |> dense(12))\noutput x",
    ],
)
def test_symbolic_specs_that_some_space_fits_are_taken(text):
    assert not [d for d in analyse(parse(text), Interface()).diagnostics if d.is_error]


def test_a_contradiction_in_whole_numbers_is_one():
    text = "input obs: f32[n]\nx = concat(obs, obs) + dense(obs, 7)\noutput x"
    assert [d.code for d in analyse(parse(text), Interface()).diagnostics] == ["RLG301"]


def test_symbolic_shapes_that_double_stay_cheap():
    lines = ["input obs: f32[n]", "x0 = obs"]
    lines += [f"x{i} = flatten(stack(x{i - 1}, axis=1) + x{i - 1})" for i in range(1, 40)]
    start = time.perf_counter()
    analyse(parse("\n".join([*lines, "output x39"])), Interface())
    assert time.perf_counter() - start < 30, "measured: milliseconds; exponential without a normal form"
    assert symbol("n") * symbol("n") == symbol("n") * symbol("n")


def test_lists_that_double_meet_a_limit():
    lines = [
        "param a0 = [1]",
        *(f"param a{i} = [a{i - 1}, a{i - 1}]" for i in range(1, 60)),
        "pi = head(obs)",
    ]
    found = analyse(parse("\n".join(lines)), SPACES).diagnostics
    assert "RLG307" in [d.code for d in found]


def test_an_annotation_inside_a_module_changes_something_at_every_call():
    text = "encoder f(x) { @lr(1e-3) h = dense(x, 4); return relu(h) }\nh = f(obs) + f(tanh(obs))" + ENDS
    assert codes(text) == []


def test_bindings_of_a_block_that_nothing_reads_are_pointed_out():
    text = "def f(x) { y = dense(x, 4); z = dense(x, 5); return y }\nh = f(obs)" + ENDS
    assert codes(text) == ["RLG902"]


def test_numbers_are_finite():
    assert codes("h = obs * 1e999" + ENDS)[0] == "RLG304"


def test_models_with_defaults_pickle():
    model = rl2graph.compile(
        "encoder f(x, y=dense(obs, 4)) = relu(dense(x, 4) + y)\npi = head(f(obs))", observation_space=VECTOR,
        action_space=TWO,
    )  # fmt: skip
    again = pickle.loads(pickle.dumps(model))
    obs = torch.randn(3, 4)
    assert torch.equal(model(obs)["pi"], again(obs)["pi"])
