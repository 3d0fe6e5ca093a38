"""The incremental checker says what a fresh check says, whatever the edits."""

from __future__ import annotations

import time
from random import Random

import pytest

import rl2graph
from rl2graph.compiler.check import check
from rl2graph.compiler.incremental import Checker
from rl2graph.compiler.interface import Interface
from rl2graph.compiler.limits import Limits
from rl2graph.compiler.spec import parse
from rl2graph.diagnostics import DiagnosticError
from rl2graph.diagnostics.render import render_full
from rl2graph.spaces import Discrete, Image, Vector, unbounded
from tests.support import GOLDEN, ROOT

SPACES = Interface(Vector((4,)), Discrete(2))
RICH = """rl2 1
import "encoders/nature.rl2" as lib
param width = 64
param sizes = [width, 32]
input goal: f32[4]
def block(x, n=width) = dense(x, n) |> relu
encoder trunk(x) = mlp(x, hidden=sizes)
@frozen encoder fixed = mlp(obs - goal)
module deep(x) {
  h = block(x, 16)
  k = block(h)
  return h |> dense(8)
}
a = trunk(obs)
b = trunk(obs) + block(a, 32) |> dense(32)
c = obs |> for n in sizes { block(n) |> tanh }
ensemble[3] q = head(concat(deep(a), act))
d = concat(a, b, c, deep(obs), fixed)
unused = block(d)
pi = head(d)
v = head(detach(d))
loss aux = 0.1 * mse(a, detach(trunk(goal)))
output pi, v, critic: q = flatten(q)
"""


def rendered(analysis):
    return [render_full(diagnostic) for diagnostic in analysis.diagnostics]


def assert_same(checker, text, interface=SPACES, algorithm=None):
    again, fresh = checker.check(text), check(parse(text), interface, algorithm)
    assert rendered(again) == rendered(fresh), text
    assert again.graph == fresh.graph, text
    assert again.parameters == fresh.parameters
    assert all(
        d.span is None or d.span.source.text == text or d.span.source.name != "<text>"
        for d in again.diagnostics
    )


def edited(random: Random, lines: list[str], pool: list[str]) -> list[str]:
    """The lines after one edit of the kind that typing makes."""
    lines = list(lines) or ["pi = head(obs)"]
    at = random.randrange(len(lines))
    line = lines[at]
    match random.randrange(9):
        case 0:
            lines.insert(at, random.choice(pool))
        case 1:
            del lines[at]
        case 2:
            lines[at] = random.choice(pool)
        case 3:
            cut = random.randrange(len(line) + 1)
            lines[at] = line[:cut] + line[cut + 1 :]
        case 4:
            cut = random.randrange(len(line) + 1)
            lines[at] = line[:cut] + random.choice('abx(){}[],.=|>@#" 129\n;') + line[cut:]
        case 5:
            lines[at] = line.replace("32", "48").replace("64", "16").replace("trunk", "block")
        case 6:
            lines[at] = line + random.choice([" |> relu", " + obs", "  # why", " |> dense(3)"])
        case 7:
            other = random.randrange(len(lines))
            lines[at], lines[other] = lines[other], line
        case _:
            lines[at] = random.choice([f"x{at} = {random.choice('abc')}", "", f"  {line}", line.strip()])
    return "\n".join(lines).split("\n")


@pytest.mark.parametrize("seed", range(8))
def test_edits_of_a_rich_spec(seed):
    random = Random(seed)
    algorithm = random.choice([None, "ppo"])
    checker = Checker(SPACES, algorithm=algorithm)
    base = RICH.splitlines()
    lines = base
    for _ in range(120):
        if random.random() < 0.3:
            lines = base
        lines = edited(random, lines, base)
        assert_same(checker, "\n".join(lines), algorithm=algorithm)


@pytest.mark.parametrize("seed", range(4))
def test_one_file_after_another(seed):
    random = Random(seed)
    interface = random.choice([SPACES, Interface(Image((4, 84, 84)), unbounded((2,))), Interface()])
    checker = Checker(interface)
    texts = [p.read_text() for p in [*ROOT.glob("specs/*.rl2"), *(GOLDEN / "diagnostics").glob("*.rl2")]]
    pool = [line for text in texts for line in text.splitlines()]
    for _ in range(40):
        text = random.choice(texts)
        assert_same(checker, text, interface)
        assert_same(checker, "\n".join(edited(random, text.splitlines(), pool)), interface)


@pytest.mark.parametrize("path", sorted((GOLDEN / "diagnostics").glob("*.rl2")), ids=lambda path: path.stem)
def test_a_line_more_and_a_line_less(path):
    try:
        text = path.read_text()
    except UnicodeDecodeError:
        return
    checker = Checker(SPACES)
    for edited_text in (text, f"{text}zz = relu(obs)\n", f"aa = relu(obs)\n{text}", text):
        assert_same(checker, edited_text)


def test_a_statement_is_run_again_only_where_something_that_it_asked_for_changed(monkeypatch):
    from rl2graph.compiler.files.toplevel import FileRunner

    run: list[str] = []
    original = FileRunner.statement
    monkeypatch.setattr(
        FileRunner, "statement", lambda self, s: (run.append(s.span.text.split(" ")[0]), original(self, s))[1]
    )
    text = "\n".join(
        [
            "a = relu(obs)",
            "b = dense(a, 8)",
            "c = dense(b, 8)",
            "d = tanh(c)",
            "e = dense(a, 3)",
            "pi = head(e)",
            "output pi, d",
        ]
    )
    checker = Checker(SPACES)
    for before, after, expected in [
        ("b = dense(a, 8)", "b = tanh(a) |> dense(8)", ["b"]),  # the same type: nobody else
        ("dense(8)", "dense(9)", ["b", "c"]),  # c's weights change, its type does not
        ("pi = head(e)", "x = obs\npi = head(e)", ["x"]),
        ("d = tanh(c)", "d = tanh(cc)", ["d"]),
        ("d = tanh(cc)", "d = tanh(c)", ["d"]),
    ]:
        checker.check(text)
        text = text.replace(before, after)
        run.clear()
        checker.check(text)
        # `a` is the first to read an input, `output` is always run.
        assert [name for name in run if name not in ("a", "output")] == expected, after
    assert_same(checker, text)


def test_limits_hold_for_what_is_replayed():
    limits = Limits(nodes=50)
    checker = Checker(SPACES, limits=limits)
    lines = [f"x{i} = relu(obs)" for i in range(30)]
    for count in (10, 30, 49, 60, 10):
        text = "\n".join([*lines[:0], *(f"x{i} = relu(obs)" for i in range(count)), "pi = head(obs)"])
        again, fresh = checker.check(text), check(parse(text, limits=limits), SPACES)
        assert rendered(again) == rendered(fresh)


def test_the_public_name_and_an_unknown_algorithm():
    assert rl2graph.Checker is Checker
    with pytest.raises(DiagnosticError) as caught:
        Checker(SPACES, algorithm="pppo")
    assert caught.value.diagnostics[0].code == "RLG506"


def test_imports_are_read_anew(tmp_path):
    (tmp_path / "a.rl2").write_text("def f(x) = relu(x)")
    checker = Checker(SPACES, name=str(tmp_path / "net.rl2"), folder=tmp_path)
    text = 'import "a.rl2" as a\npi = head(a.f(obs))'
    assert checker.check(text).ok
    (tmp_path / "a.rl2").write_text("def g(x) = relu(x)")
    time.sleep(0.01)
    assert [d.code for d in checker.check(text).diagnostics] == ["RLG208"]
