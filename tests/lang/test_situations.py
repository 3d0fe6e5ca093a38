"""What is said where: the characters under the carets, and the message."""

from __future__ import annotations

import pytest

from rl2graph.diagnostics import Source
from rl2graph.lang.broken import broken
from rl2graph.lang.lalr import Stuck
from rl2graph.lang.parser import parse_file
from rl2graph.lang.recovery.findings import SITUATIONS
from rl2graph.lang.recovery.scene import Scene
from tests.lang.broken_statements import BROKEN
from tests.lang.test_mends import CERTAIN, NONE, UNCERTAIN
from tests.support import GOLDEN

SAID = [
    ("param n", "n", "the statement ends where `=` is expected"),
    ('"""A text', '""', "a string is no statement"),
    ("def f(n: 3) = x", ":", "unexpected `:`, `=` is expected"),
    ("@frozen + x", "+", "unexpected `+` after an annotation"),
    ("x = a > b", ">", "unexpected character `>`"),
    ("x = a ? b : c", "?", "unexpected character `?`"),
    ("x = a != b", "!", "unexpected character `!`"),
    ("x = \\\n  a", "\\", "unexpected character `\\`"),
    ("x = a /* note */", "/*", "unexpected `/*`"),
    ("/* note */", "/*", "unexpected `/*`"),
    ("x = not a", "not", "the language has no `not`"),
    ("x = 3d", "3d", "`3d` is neither a number nor a name"),
    ("x = 1.2.3", "1.2.3", "`1.2.3` is neither a number nor a name"),
    ('x = """a"""', '"a"', 'unexpected `"a"` after a string'),
    ("function f(x) = x", "function", "the language has no `function`"),
    ('from "x" import y', "from", "the language has no `from`"),
    ("if deep { a = b }", "if", "the language has no `if`"),
    ("x = for c in d { e }", "for", "unexpected `for`"),
    ("encoder f(x): x", ":", "a body does not start with `:`"),
    ("input x", "x", "the statement ends where `:` is expected"),
    ("ensemble q = f(a)", "q", "unexpected `q`, `[` is expected"),
    ("@frozen = 3", "=", "unexpected `=` after an annotation"),
    ("input x: f32(3, 4)", "(", "unexpected `(`, `[` is expected"),
    ("a = b\nrl2 1", "rl2 1", "the version of the language stands on the first line"),
    ("x = f(*a)", "*", "arguments cannot be unpacked"),
    ("x = f(**a)", "*", "arguments cannot be unpacked"),
    ("x = +a", "+", "unexpected `+`, a value is expected"),
    ('x = f("k"=3)', "=", "unexpected `=` after a string"),
    ("x: y", ":", "unexpected `:`, `=` is expected"),
    ("x", "x", "the statement ends where `=` is expected"),
    ("x = a == b", "==", "the language has no `==`"),
    ("input x: { a = f32 }", "=", "unexpected `=`, `:` is expected"),
    ("x = a |> f -> g", "->", "unexpected `->`"),
    ("x = a = b", "=", "unexpected `=` in an expression"),
    ("head = f(a)", "head", "`head` is a word of the language"),
    ("def = 3", "def", "`def` is a word of the language"),
    ("def f(x)", ")", "the statement ends where `=` or `{` is expected"),
    ("x = {a: b}", "{", "unexpected `{`, a value is expected"),
    ("x = a \x01", "\x01", "unexpected character U+0001"),
    ("x = 🙂", "🙂", "unexpected character `🙂` (U+1F642, slightly smiling face)"),
    ("é = a", "é", "unexpected character `é` (U+00E9, latin small letter e with acute)"),
    ("x = " + "(" * 101, "(", "more than 100 brackets inside each other"),
]


@pytest.mark.parametrize(("text", "carets", "message"), SAID)
def test_what_is_said_and_where(text, carets, message):
    (problem,) = parse_file(Source("t", text))[1]
    assert problem.message == message
    assert problem.span.text == carets


def situation_of(piece):
    """The first situation that a broken piece is, if the parser is stuck on a token."""
    failed = broken(piece)
    if failed is None or not isinstance(failed.failure, Stuck):
        return None
    scene = Scene(failed.tokens, failed.failure.index, failed.failure.states)
    return next(situation for situation in SITUATIONS if situation.match(scene) is not None)


def test_every_situation_comes_up():
    texts = [text for text, *_ in [*SAID, *CERTAIN]] + [*UNCERTAIN, *NONE]
    texts += [text for texts in BROKEN.values() for text in texts]
    texts += [path.read_text(encoding="utf-8") for path in GOLDEN.glob("diagnostics/syntax_*.rl2")]
    pieces = [line for text in texts for line in (text, *text.splitlines())]
    never = set(SITUATIONS) - {situation_of(piece) for piece in pieces}
    assert not never, [situation.where for situation in never]
