"""What specs mean: owners, sharing, macros, modules, loops, parameters, liveness."""

from __future__ import annotations

import pytest

from rl2graph.compiler.analysis import analyse
from rl2graph.compiler.interface import Interface
from rl2graph.compiler.limits import Limits
from rl2graph.compiler.pipeline import optimise
from rl2graph.compiler.spec import parse
from rl2graph.ir.types import f32
from rl2graph.spaces import Discrete, Image, Vector, unbounded
from tests.support import IMAGE, SHARED, TWO, VECTOR, codes, graph_of


def owners(text, observation=VECTOR, action=TWO):
    return [owner.path for owner in graph_of(text, observation, action).owners]


def ops(graph):
    return [node.op for node in graph.nodes]


def test_the_op_whose_value_a_binding_is_takes_its_path():
    assert owners("e = dense(obs, 3); pi = head(e)") == ["e", "pi"]
    assert owners("e = dense(obs, 3) |> relu; pi = head(e)") == ["e.dense", "pi"]
    assert owners("e = obs |> dense(3) |> dense(4); pi = head(e)") == ["e.dense", "e", "pi"]


def test_repeats_are_counted_in_the_order_of_evaluation_and_nesting_is_the_same_as_piping():
    piped = owners("e = obs |> dense(3) |> relu |> dense(4) |> relu; pi = head(e)")
    nested = owners("e = relu(dense(relu(dense(obs, 3)), 4)); pi = head(e)")
    assert piped == nested == ["e.dense", "e.dense_1", "pi"]


def test_ops_of_macros_stand_below_the_binding_and_macro_names_add_nothing():
    assert owners("encoder e = mlp(obs); pi = head(e)") == ["e.dense", "e.dense_1", "pi"]
    text = "def one(x) = dense(x, 3)\ndef two(x) = x |> one |> one\ne = two(obs); pi = head(e)"
    assert owners(text) == ["e.dense", "e.dense_1", "pi"]


def test_inner_bindings_of_blocks_add_their_names():
    text = "def block(x) { h = dense(x, 3); return dense(h, 3) }\ne = obs |> block |> block; pi = head(e)"
    assert owners(text) == ["e.h", "e.dense", "e.h_1", "e.dense_1", "pi"]
    text = "encoder f(x) { h = dense(x, 3); return dense(h, 3) }\npi = head(f(obs))"
    assert owners(text) == ["f.h", "f", "pi"]


def test_a_module_owns_one_set_of_weights_and_a_macro_new_ones_at_each_use():
    assert owners(SHARED) == ["f.dense", "f.dense_1", "pi", "v"]
    assert owners(SHARED.replace("encoder f(x)", "def f(x)")) == [
        "pi.dense", "pi.dense_1", "pi", "v.dense", "v.dense_1", "v",
    ]  # fmt: skip


def test_a_module_in_a_module_is_one_per_outer_module():
    text = "encoder g(x) { encoder f(y) = dense(y, 4); return f(f(x)) }\npi = head(g(g(obs)))"
    assert owners(text) == ["g.f", "pi"]


def test_a_module_in_a_def_is_fresh_at_each_expansion():
    text = "def g(x) { encoder f(y) = dense(y, 4); return f(f(x)) }\na = g(obs)\npi = head(g(a))"
    assert owners(text) == ["a.f", "pi.f", "pi"]


def test_two_equal_networks_are_two_for_ever():
    graph, _ = optimise(graph_of("pi = head(mlp(obs)); v = head(mlp(obs))"), 1)
    assert ops(graph).count("dense") == 4
    assert codes("pi = head(mlp(obs)); v = head(mlp(obs))") == ["RLG901"]


def test_loops_are_unrolled():
    text = "e = obs |> for n in [3, 5] { dense(n) |> for m in [1, 2] { tanh } }; pi = head(e)"
    graph = graph_of(text)
    assert ops(graph) == ["input", "dense", "tanh", "tanh", "dense", "tanh", "tanh", "categorical"]
    assert graph.nodes[4].type == f32(5)


def test_macro_arguments_may_be_ops_macros_lists_and_numbers():
    text = "def twice(x, f, n=2 * 2) = x |> f |> dense(n) |> f\ndef half(x) = x * 0.5\ne = twice(obs, half)\n"
    graph = graph_of(text + "pi = head(twice(e, f=tanh, n=7))")
    assert ops(graph) == [
        "input", "constant", "mul", "dense", "constant", "mul", "tanh", "dense", "tanh", "categorical",
    ]  # fmt: skip


def test_a_default_may_read_an_earlier_parameter():
    graph = graph_of("def f(x, n=3, m=n + 1) = x |> dense(n) |> dense(m)\npi = head(f(obs))")
    assert [node.type for node in graph.nodes if node.op == "dense"] == [f32(3), f32(4)]


def test_definitions_see_what_was_bound_before_them_alone():
    assert codes("def f(x) = relu(late)\nlate = tanh(obs)\npi = head(f(obs))") == ["RLG201"]
    assert codes("early = tanh(obs)\ndef f(x) = x + early\npi = head(f(obs))") == []


def test_parameters_and_overrides():
    text = "param width = 64\nparam scale = 0.5\ne = dense(obs, width / 2); pi = head(e * scale)"

    def run(**overrides):
        return analyse(parse(text), Interface(VECTOR, TWO), overrides)

    assert run().graph.owner["e"].weights[0].shape == (32, 4)
    assert run(width=128).graph.owner["e"].weights[0].shape == (64, 4)
    assert run(scale=2).parameters["scale"] == 2.0
    assert [d.code for d in run(width=1.5).diagnostics if d.is_error] == ["RLG303"]
    assert [d.code for d in run(widht=3).diagnostics if d.is_error] == ["RLG211"]
    assert "did you mean `width`?" in str(run(widht=3).diagnostics[-1].hint)


def test_whole_numbers_stay_whole():
    assert codes("param n = 7; pi = head(dense(obs, (n + 1) * 2 / 4 - 1))") == []
    assert graph_of("param n = 7; e = dense(obs, (n + 1) * 2 / 4 - 1); pi = head(e)").nodes[1].type == f32(3)


@pytest.mark.parametrize(
    ("observation", "first"),
    [
        (VECTOR, ["input", "dense"]),
        (IMAGE, ["input", "scale_image", "conv2d"]),
        (Image((3, 84, 84), channels_last=True), ["input", "channels_first", "scale_image", "conv2d"]),
        (Discrete(5, start=1), ["input", "one_hot", "dense"]),
        (Vector((2, 3)), ["input", "flatten", "dense"]),
    ],
)
def test_encode_chooses_by_the_space_and_inputs_are_presented_once(observation, first):
    graph = graph_of("encoder e = encode(obs); pi = head(e); v = head(e)", observation)
    assert ops(graph)[: len(first)] == first
    assert ops(graph).count("input") == 1


def test_a_transposed_image_gets_a_note():
    assert codes("pi = head(encode(obs))", Image((3, 84, 84), channels_last=True)) == ["RLG801"]


def test_heads_by_role_and_space():
    def head(text, action):
        graph = graph_of(text, VECTOR, action)
        node = graph.nodes[graph.outputs[-1].node]
        return node.op, node.type

    assert head("pi = head(obs)", Discrete(6)) == ("categorical", f32(6))
    assert head("pi = head(obs)", unbounded((2, 3))) == ("gaussian", f32(12))
    assert head("v = head(obs)", TWO) == ("value", f32())
    assert head("mu = head(obs)", unbounded((3,))) == ("deterministic", f32(3))
    assert head("q = head(obs)", Discrete(6)) == ("qvalues", f32(6))
    assert head("q = head(concat(obs, act))", unbounded((3,))) == ("value", f32())
    assert head("q1 = head(concat(obs, act))", Discrete(3)) == ("value", f32())
    assert head("output left: pi = head(obs)", Discrete(6)) == ("categorical", f32(6))
    assert head('output left = head(obs, role="pi")', Discrete(6)) == ("categorical", f32(6))
    assert head("output left = head(obs, out=8)", Discrete(6)) == ("dense", f32(8))


def test_the_gaussian_owns_mean_and_log_std():
    (owner,) = graph_of("pi = head(obs)", VECTOR, unbounded((3,))).owners
    assert [(w.name, w.shape) for w in owner.weights] == [
        ("weight", (3, 4)),
        ("bias", (3,)),
        ("log_std", (3,)),
    ]


def test_outputs_are_bindings_of_a_role_that_no_other_reads():
    graph = graph_of("v = head(obs); q = head(concat(obs, act)) ; pi = dense(concat(obs, obs), 2)")
    assert [(o.name, o.role) for o in graph.outputs] == [("v", "v"), ("q", "q"), ("pi", "pi")]
    graph = graph_of("mu = dense(obs, 3); pi = head(mu)")
    assert [o.name for o in graph.outputs] == ["pi"]


def test_named_outputs_replace_the_rule():
    graph = graph_of("e = mlp(obs); v = head(e); output e, left: pi = head(e)")
    assert [(o.name, o.role) for o in graph.outputs] == [("e", None), ("left", "pi")]
    assert codes("e = mlp(obs); v = head(e); output e, left: pi = head(e)") == ["RLG902"]


def test_what_reaches_no_output_owns_nothing():
    graph = graph_of("e = mlp(obs); old = dense(e, 64); pi = head(e)")
    assert [owner.path for owner in graph.owners] == ["e.dense", "e.dense_1", "pi"]


def test_without_spaces_the_graph_can_be_made_but_not_run():
    graph = graph_of("encoder e = encode(obs); pi = head(e); v = head(e)", None, None)
    assert ops(graph) == ["input", "unresolved", "unresolved", "value"]
    assert not graph.known
    graph, _ = optimise(graph_of(SHARED, None, None), 1)
    assert ops(graph).count("dense") == 2


def test_declared_inputs_become_inputs():
    graph = graph_of("input goal: f32[3]\npi = head(concat(obs, goal))")
    assert graph.inputs == ("obs", "goal")
    assert graph.nodes[graph.outputs[0].node].type == f32(2)


@pytest.mark.parametrize(
    "text",
    [
        "def f0(x) = concat(x, x)\n"
        + "".join(f"def f{i}(x) = concat(f{i - 1}(x), f{i - 1}(x))\n" for i in range(1, 40))
        + "pi = head(f39(obs))",
        "x = obs |> " + "for a in [1, 2, 3, 4, 5, 6, 7, 8] { " * 9 + "tanh" + "}" * 9 + "\npi = head(x)",
        "def f0(x) = x\n"
        + "".join(f"def f{i}(x) = f{i - 1}(f{i - 1}(x))\n" for i in range(1, 60))
        + "pi = head(f59(obs))",
    ],
)
def test_expansion_is_bounded(text):
    analysis = analyse(parse(text, limits=Limits(nodes=2000)), Interface(VECTOR, TWO))
    assert [d.code for d in analysis.diagnostics if d.is_error] == ["RLG307"]


def test_deep_expansion_is_a_diagnostic():
    text = "def f0(x) = relu(x)\n" + "".join(f"def f{i}(x) = relu(f{i - 1}(x))\n" for i in range(1, 400))
    assert codes(text + "pi = head(f399(obs))") == ["RLG107"]


def test_long_chains_need_no_recursion():
    graph = graph_of("e = obs" + " |> tanh" * 5000 + "\nf = e" + " + e" * 3000 + "\npi = head(f)")
    assert len(graph.nodes) == 8002


RECURSIVE = [
    "def f(x, g) = g(x, g)\npi = head(f(obs, f))",
    "encoder f(x, g) = g(x, g)\npi = head(f(obs, f))",
    "def f0(x) { h = relu(x); return h }\n"
    + "".join(f"def f{i}(x) {{ h = f{i - 1}(x); return h }}\n" for i in range(1, 300))
    + "pi = head(f299(obs))",
]


@pytest.mark.parametrize("text", RECURSIVE)
def test_endless_expansion_is_a_diagnostic(text):
    assert codes(text) == ["RLG107"]


def test_many_unknown_names_take_no_quadratic_time():
    text = "".join(f"x{i} = tanh(unknown{i})\n" for i in range(3000)) + "pi = head(obs)"
    assert codes(text) == ["RLG201"] * 3000


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("param e = mlp(obs)\npi = head(e)", ["RLG305"]),
        ("param n = 3\nx = dense(obs, n)\noutput x, n", ["RLG305"]),
        ("def f(x) = x\noutput f", ["RLG305"]),
        ('pi = head(obs, out=8, role="v")', ["RLG205"]),
        ("input class: f32[3]\npi = head(class)", ["RLG207"]),
        ("input torch: f32[3]\npi = head(torch)", ["RLG207"]),
        ("x = tanh(obs)\ninput x: f32[3]\npi = head(x)", ["RLG206"]),
        ("input a: f32[3]\ninput a: f32[4]\npi = head(a)", ["RLG206"]),
        ("pi = head(obs)\ninput obs: f32[4]", ["RLG206"]),
        ("encoder train(x) = mlp(x)\npi = head(train(obs))", ["RLG207"]),
        ("param relu = 3\npi = head(dense(obs, 3))", ["RLG207"]),
        ("e = elu(obs, alpha=1e999)\npi = head(e)", ["RLG304"]),
        ("a = mlp(obs)\nb = mlp(a)\nc = relu(b)\npi = head(obs)", ["RLG902"] * 3),
        ("pi = head(add(obs, true))", ["RLG305"]),
    ],
)
def test_nothing_is_accepted_silently(text, expected):
    assert codes(text) == expected


def test_a_head_within_an_expression_keeps_its_path_whatever_the_space():
    for action in (Discrete(3), unbounded((2,))):
        assert owners("pi = tanh(head(obs))", action=action) == ["pi.head"]


@pytest.mark.parametrize(
    ("text", "hint"),
    [
        (
            "e = mlp(obs, hidden=64)\npi = head(e)",
            "a list of one is written `[64]`, one that counts `range(64)`",
        ),
        ('e = mlp(obs, activation="tanh")\npi = head(e)', "the op itself is written without quotes: `tanh`"),
        ("// a comment\npi = head(obs)", "a comment starts with `#`"),
    ],
)
def test_hints_for_natural_guesses(text, hint):
    found = analyse(parse(text), Interface(VECTOR, TWO)).diagnostics
    assert hint in [d.hint for d in found]
