"""What a user is told who calls an op wrongly: tests/golden/ops has a spec of mistakes for every op.

A statement with a mistake is called after the argument at fault and the mistake, `kernel_range`, and further
ones `kernel_range_2`. Other statements are there to be read, and have no error.
"""

from __future__ import annotations

import re
from functools import cache

import pytest

from rl2graph.compiler.check import check
from rl2graph.compiler.elaboration.op_arguments import may_be_left_out
from rl2graph.compiler.interface import Interface
from rl2graph.compiler.spec import load
from rl2graph.diagnostics.render import render_full
from rl2graph.ir.table import OPS
from rl2graph.lang import ast
from tests.support import GOLDEN, TWO, VECTOR, assert_golden

FOLDER = GOLDEN / "ops"
WRITTEN = sorted(name for name, op in OPS.items() if op.written)

CODES = {
    "rank": {"RLG302"},
    "dtype": {"RLG305"},
    "shape": {"RLG301"},
    "range": {"RLG304"},
    "kind": {"RLG303", "RLG305"},
    "missing": {"RLG204"},
}
MISTAKE = re.compile(rf"(\w+?)_({'|'.join(CODES)})(_\d)?")
PYTHON = re.compile(
    r"\b(object|NoneType|Symbolic|TensorType|tuple|dict|str|int|float|bool|None|True|False)\b"
)


def path_of(op):
    return FOLDER / f"{op}.rl2"


@cache
def findings(op):
    spec = load(path_of(op))
    return spec.tree, check(spec, Interface(VECTOR, TWO)).diagnostics


def mistakes(tree):
    """Statements with a mistake, each with the argument at fault and the kind of mistake."""
    for statement in tree.statements:
        match = MISTAKE.fullmatch(statement.name.text)
        if match:
            yield statement, match[1], match[2]


def place(op, statement, argument, kind):
    """Where the error belongs: at the argument, or at the call where it is not given."""
    value = statement.value
    if isinstance(value, ast.Binary) and kind == "kind":
        return {"x": value.first, "y": value.rest[-1][1]}[argument].span
    if not isinstance(value, ast.Call) or kind == "missing":
        return value.span
    if argument in op.operands and op.variadic:
        return [a for a in value.arguments if a.keyword is None][-1].value.span
    formals = (*op.operands, *(attribute.name for attribute in op.attributes), *op.optional)
    given = dict(zip(formals, value.arguments, strict=False))
    given |= {a.keyword.text: a for a in value.arguments if a.keyword}
    return given[argument].value.span if argument in given else value.span


@pytest.mark.parametrize("op", WRITTEN)
def test_golden(op):
    text = "\n".join(render_full(diagnostic) for diagnostic in findings(op)[1])
    assert_golden(FOLDER / f"{op}.txt", text.replace(f"{FOLDER}/", "") + "\n")


@pytest.mark.parametrize("op", WRITTEN)
def test_each_mistake_is_one_error_of_its_kind_at_the_argument_at_fault(op):
    tree, found = findings(op)
    expected = [
        (statement.name.text, kind, place(OPS[op], statement, argument, kind))
        for statement, argument, kind in mistakes(tree)
    ]
    assert len(found) == len(expected)
    for diagnostic, (name, kind, span) in zip(found, expected, strict=True):
        assert diagnostic.code in CODES[kind], name
        assert (diagnostic.span.start, diagnostic.span.end) == (span.start, span.end), name


@pytest.mark.parametrize("op", WRITTEN)
def test_every_argument_is_got_wrong(op):
    """Attributes of another kind, beyond their bounds, and everything that a call needs left out."""
    entry = OPS[op]
    wanted = {(name, "missing") for name in entry.operands}
    for attribute in entry.attributes:
        wanted.add((attribute.name, "kind"))
        if attribute.minimum is not None or attribute.maximum is not None or attribute.choices:
            wanted.add((attribute.name, "range"))
        if not may_be_left_out(attribute):
            wanted.add((attribute.name, "missing"))
    assert wanted <= {(argument, kind) for _, argument, kind in mistakes(findings(op)[0])}


@pytest.mark.parametrize("op", WRITTEN)
def test_the_words_are_those_of_the_language(op):
    for diagnostic in findings(op)[1]:
        for text in filter(None, (diagnostic.message, diagnostic.hint, *diagnostic.notes)):
            assert not PYTHON.search(text)


def test_no_mistakes_are_kept_for_what_is_no_op():
    assert {path.stem for path in FOLDER.iterdir()} == set(WRITTEN)
