"""Texts of graphs that cannot be read: what is said, and where."""

from __future__ import annotations

from random import Random

import pytest

from rl2graph.diagnostics import DiagnosticError
from rl2graph.diagnostics.render import render_full
from rl2graph.ir.graph import Graph
from rl2graph.ir.textual import read, write
from tests.support import GOLDEN, assert_golden, graph_of

TEXT = """\
owner e: dense, weight[3, 4] = orthogonal(1.0), bias[3] = constant(0.0)
%0 = input() {name = "obs", dtype = "f32", shape = [4], path = []} : f32[4]  # obs
%1 = dense(%0) {out = 3, bias = true} @e : f32[3]  # e
%2 = dropout(%1) {p = 0.5} evaluation(0) slot(e) : f32[3]
output pi (pi) = %2
"""

# What is put in place of what in the text, then line and column of the mistake.
MISTAKES = {
    "an unknown op": ("= dense", "= dens", 3, 6),
    "an op by another library's name": ("= dense", "= Linear", 3, 6),
    "no op": ("= dense(%0)", "= (%0)", 3, 6),
    "an unknown op of an owner": ("e: dense", "e: dence", 1, 10),
    "an unknown attribute": ("bias = true", "bais = true", 3, 26),
    "an attribute twice": ("bias = true", "out = 4", 3, 26),
    "an attribute that is missing": ("out = 3, ", "", 3, 16),
    "attributes that are all missing": (" {out = 3, bias = true}", "", 3, 16),
    "a float for a whole number": ("out = 3", "out = 3.0", 3, 23),
    "a whole number for a float": ("p = 0.5", "p = 1", 4, 23),
    "a number for a bool": ("bias = true", "bias = 1", 3, 33),
    "none for a number": ("out = 3", "out = none", 3, 23),
    "a number for a list": ("shape = [4]", "shape = 4", 2, 52),
    "a list of numbers for one of strings": ("path = []", "path = [1]", 2, 64),
    "a value that is too small": ("out = 3", "out = 0", 3, 23),
    "a value that is too large": ("p = 0.5", "p = 1e999", 4, 23),
    "a value that is a word": ("bias = true", "bias = True", 3, 33),
    "a value that is left out": ("bias = true", "bias = ", 3, 33),
    "an operand that comes later": ("dense(%0)", "dense(%2)", 3, 12),
    "an operand that is the node itself": ("dense(%0)", "dense(%1)", 3, 12),
    "an operand by its name": ("dense(%0)", "dense(obs)", 3, 12),
    "an operand without a number": ("dense(%0)", "dense(%)", 3, 12),
    "operands without a comma": ("dense(%0)", "dense(%0 %0)", 3, 15),
    "an id twice": ("%2 =", "%1 =", 4, 1),
    "an id too far": ("%2 =", "%3 =", 4, 1),
    "ids in another order": ("%0 =", "%1 =", 2, 1),
    "an owner that is not declared": ("@e", "@f", 3, 40),
    "an owner that is misspelt": ("owner e:", "owner encoder:", 3, 40),
    "an owner twice": ("%0 =", "owner e: dense\n%0 =", 2, 7),
    "an owner behind a node": ("output pi", "owner f: relu\noutput pi", 5, 1),
    "a node behind an output": ("(pi) = %2\n", "(pi) = %2\n%3 = relu(%2) : f32[3]\n", 6, 1),
    "an output twice": ("(pi) = %2\n", "(pi) = %2\noutput pi = %1\n", 6, 8),
    "an output of no node": ("(pi) = %2", "(pi) = %7", 5, 18),
    "an output without a role": ("(pi) = %2", "() = %2", 5, 12),
    "a dtype that there is not": (": f32[3]  # e", ": f23[3]", 3, 44),
    "a type without dims": (": f32[3]  # e", ": f32", 3, 47),
    "a type that is not closed": (": f32[3]  # e", ": f32[3", 3, 49),
    "no type": (" : f32[3]  # e", "", 3, 41),
    "a dim that is no dim": (": f32[3]  # e", ": f32[3.5]", 3, 48),
    "a dim without an operand": (": f32[3]  # e", ": f32[n + ]", 3, 52),
    "a sign inside a product": (": f32[3]  # e", ": f32[n * -m]", 3, 52),
    "a sign behind a sign": (": f32[3]  # e", ": f32[n - -m]", 3, 52),
    "a dim divided by zero": (": f32[3]  # e", ": f32[n // 0]", 3, 53),
    "a power of a number": (": f32[3]  # e", ": f32[2^9]", 3, 49),
    "a power of a product": (": f32[3]  # e", ": f32[(n * m)^2]", 3, 55),
    "a power of a multiple": (": f32[3]  # e", ": f32[(2 * n)^2]", 3, 55),
    "a power of one": (": f32[3]  # e", ": f32[n^1]", 3, 49),
    "a bracket in a dim that is not closed": (": f32[3]  # e", ": f32[(n + 1]", 3, 54),
    "text behind a node": ("# e\n", "e\n", 3, 52),
    "text behind an output": ("(pi) = %2", "(pi) = %2, %1", 5, 20),
    "text behind an owner": ("constant(0.0)", "constant(0.0) trained", 1, 73),
    "a string that is not closed": ("path = []", 'path = ["a]', 2, 65),
    "an escape that there is not": ('"obs"', '"o\\bs"', 2, 22),
    "a statement that there is not": ("output pi", "outputs pi", 5, 1),
    "an unknown rule": ("orthogonal(1.0)", "orthogonl(1.0)", 1, 32),
    "a rule without its number": ("orthogonal(1.0)", "orthogonal", 1, 42),
    "a weight without a shape": ("weight[3, 4]", "weight", 1, 24),
    "a call site that is no number": ("evaluation(0)", "evaluation(first)", 4, 39),
    "a version that there is not": ("@e :", "@e version(targt) :", 3, 50),
    "bits that are no NaN": ("orthogonal(1.0)", "orthogonal(nan(0x3ff0000000000000))", 1, 47),
    "settings of an owner in another order": ("e: dense,", "e: dense lr(0.1) frozen,", 1, 24),
    "a number with too many digits": ("out = 3", f"out = {'9' * 5000}", 3, 23),
    "a large number for a float": ("p = 0.5", f"p = {'9' * 300}", 4, 23),
    "a larger number for a float": ("p = 0.5", f"p = {'9' * 301}", 4, 23),
    "a dim of large numbers": (": f32[3]  # e", f": f32[{'*'.join(['9' * 300] * 15)} * n]", 3, 48),
    "an operand that no graph has": ("dense(%0)", f"dense(%{'9' * 5000})", 3, 12),
    "a dim of many brackets": (": f32[3]  # e", f": f32[{'(' * 5000}n{' // 2 + m)' * 5000}]", 3, 48),
}


def mistake(name: str) -> str:
    old, new, *_ = MISTAKES[name]
    assert TEXT.count(old) >= 1
    return TEXT.replace(old, new, 1)


def problem(text: str):
    with pytest.raises(DiagnosticError) as caught:
        read(text, "net.graph")
    (diagnostic,) = caught.value.diagnostics
    return diagnostic


def test_the_text_without_mistakes_is_read():
    assert write(read(TEXT)) == TEXT


@pytest.mark.parametrize("name", MISTAKES)
def test_a_mistake_is_found_at_its_place(name):
    found = problem(mistake(name))
    assert found.code == "RLG704"
    assert found.span is not None
    assert found.span.location() == ("net.graph", *MISTAKES[name][2:])


def test_golden_of_what_is_said():
    shown = [f"# {name}\n{render_full(problem(mistake(name)))}\n" for name in MISTAKES]
    short = [text for text in shown if len(text) < 1000]
    assert len(short) >= len(shown) - 6
    assert_golden(GOLDEN / "graphs" / "mistakes.txt", "\n".join(short))


def test_a_name_of_a_node_stays_a_name():
    graph = read(TEXT.replace("# obs", '# "not closed'))
    assert graph.where(0).name == '"not closed'


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (": f32[3]  # e", ": f32[5]"),
        ("weight[3, 4]", "weight[3, 5]"),
        (" evaluation(0)", ""),
        (" slot(e)", ""),
        ("dense(%0)", "dense(%0, %0)"),
        ("owner e:", "owner e.train:"),
        (" @e", ""),
    ],
)
def test_a_graph_that_can_be_read_and_is_wrong_is_the_verifiers(old, new):
    with pytest.raises(DiagnosticError, match="the graph after reading its text is broken") as caught:
        Graph.from_text(TEXT.replace(old, new, 1).replace("@e", "@e.train" if "train" in new else "@e"))
    assert [diagnostic.code for diagnostic in caught.value.diagnostics] == ["RLG701"]


def _damaged(text: str, random: Random) -> str:
    """A text with a few characters or words left out, put in or moved."""
    for _ in range(random.randint(1, 3)):
        at, to = random.randrange(len(text)), random.randrange(len(text))
        piece = text[to : to + random.randint(1, 6)]
        put = random.choice(
            ["", piece, random.choice('%{}[]()@:,="#\\\n .0-x^*/?\x00\u2028é'), "nan", "0x1", "%1"]
        )
        text = text[:at] + put + text[at + random.randint(0, 2) :]
    return text


def test_any_damage_is_read_or_refused_with_a_place():
    random = Random(0)
    texts = [TEXT, write(graph_of("input obs: f32[n]\ne = obs |> batch_norm |> gru(4)\npi = head(e)", None))]
    refused = 0
    for _ in range(4000):
        text = _damaged(random.choice(texts), random)
        try:
            graph = read(text)
        except DiagnosticError as error:
            (found,) = error.diagnostics
            refused += 1
            assert found.code in ("RLG701", "RLG704")
            if found.code == "RLG704":
                assert 0 <= found.span.start <= found.span.end <= len(text)
                assert render_full(found)
        else:
            assert write(read(write(graph))) == write(graph)
    assert refused > 2000
