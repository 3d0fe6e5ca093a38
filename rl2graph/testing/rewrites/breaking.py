"""The rewrites that change the function, or mostly do."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from random import Random

from rl2graph.ir.table import OPS
from rl2graph.lang import ast
from rl2graph.testing.rewrites.base import Edits, Rewrite
from rl2graph.testing.rewrites.copying import copy_for_some
from rl2graph.testing.rewrites.places import after
from rl2graph.testing.rewrites.reading import Reading, Statement
from rl2graph.testing.rewrites.trees import copied, of_type, walk


def swap_operands(reading: Reading, random: Random) -> Edits | None:
    """Two operands of a call, of a sum or of a stage change places."""
    found = list(_pairs(reading))
    if not found:
        return None
    one, other = random.choice(found)
    return [(one.start, one.end, copied(other)), (other.start, other.end, copied(one))]


def _pairs(reading: Reading) -> Iterator[tuple[ast.Expr, ast.Expr]]:
    for node in walk(reading.file):
        operands: list[ast.Expr] = []
        match node:
            case ast.Binary():
                operands = [node.first, *(operand for _, operand in node.rest)]
            case ast.Call():
                operands = _operands(node)
            case ast.Pipe() if isinstance(node.stages[0], ast.Call):
                operands = [node.first, *_operands(node.stages[0], piped=True)]
        for one, other in pairwise(operands):
            if one.span.text != other.span.text:
                yield one, other


def _operands(call: ast.Call, piped: bool = False) -> list[ast.Expr]:
    """The tensors among the positional arguments, and those that a definition takes by name."""
    given = [argument.value for argument in call.arguments if argument.keyword is None]
    op = OPS.get(call.function.text) if isinstance(call.function, ast.Name) else None
    if op is None or op.variadic:
        named = [argument.value for argument in call.arguments if argument.keyword is not None]
        return given if op is not None else given + named
    return given[: len(op.operands) + len(op.optional) - piped]


def split_owner(reading: Reading, random: Random) -> Edits | None:
    """What shares weights gets two sets of them: a module is declared twice, a network bound twice."""
    modules = list(_shared_modules(reading))
    bindings = list(_shared_bindings(reading))
    if modules and (not bindings or random.random() < 0.5):
        statement, uses = random.choice(modules)
        assert isinstance(statement.inner, ast.Declare)
        name, at = reading.fresh("s"), statement.inner.name
        start = statement.outer.start
        whole = statement.outer.span.text
        text = whole[: at.start - start] + name + whole[at.end - start :]
        use = random.choice(uses)
        return [after(statement, reading, text), (use.start, use.end, name)]
    if not bindings:
        return None
    statement, uses = random.choice(bindings)
    return copy_for_some(reading, random, statement, uses[random.randrange(2) :])


def _shared_modules(reading: Reading) -> Iterator[tuple[Statement, list[ast.Name]]]:
    for statement in reading.statements:
        inner = statement.inner
        if isinstance(inner, ast.Declare) and reading.work(inner.body).makes_weights:
            uses = reading.uses(inner.name.text)
            if len(uses) > 1 and reading.bound[inner.name.text] == 1:
                yield statement, uses


def _shared_bindings(reading: Reading) -> Iterator[tuple[Statement, list[ast.Name]]]:
    for statement in reading.statements:
        inner = statement.inner
        if isinstance(inner, ast.Bind) and not statement.annotations:
            work = reading.work(inner.value)
            uses = reading.uses(inner.name.text)
            bare_head = "head" in work.ops
            if work.makes_weights and not bare_head and len(uses) > 1 and reading.bound[inner.name.text] == 1:
                yield statement, uses


def change_attribute(reading: Reading, random: Random) -> Edits | None:
    """A number, or true or false, becomes another."""
    found = [
        node
        for statement in reading.statements
        if not isinstance(statement.inner, ast.Input)
        for node in walk(statement.inner)
        if isinstance(node, ast.Integer | ast.Float | ast.Boolean)
    ]
    if not found:
        return None
    node = random.choice(found)
    return [(node.start, node.end, _another(node, random))]


def _another(node: ast.Integer | ast.Float | ast.Boolean, random: Random) -> str:
    match node:
        case ast.Boolean():
            return "false" if node.value else "true"
        case ast.Integer():
            return str(random.choice([node.value + 1, max(node.value - 1, 0), node.value + 2]))
        case ast.Float():
            return repr(random.choice([node.value + 0.25, node.value * 2 + 0.5, node.value / 2]))


def drop_detach(reading: Reading, random: Random) -> Edits | None:
    """A value that was read detached is read with its gradient."""
    found = list(_detaches(reading))
    return None if not found else [random.choice(found)]


def _detaches(reading: Reading) -> Iterator[tuple[int, int, str]]:
    for node in walk(reading.file):
        match node:
            case ast.Call(function=ast.Name(text="detach"), arguments=[argument]):
                yield node.start, node.end, copied(argument.value)
            case ast.Pipe():
                for stage in node.stages:
                    function = stage.function if isinstance(stage, ast.Call) else stage
                    if isinstance(function, ast.Name) and function.text == "detach":
                        yield reading.text.rfind("|>", 0, stage.start), stage.end, ""


def add_detach(reading: Reading, random: Random) -> Edits | None:
    """A value is read detached."""
    bound = {each.name for each in reading.statements if isinstance(each.inner, ast.Bind | ast.Ensemble)}
    found = [name for name in of_type(reading.file, ast.Name) if name.text in bound]
    if not found:
        return None
    name = random.choice(found)
    return [(name.start, name.end, f"detach({name.text})")]


def merge_owners(reading: Reading, random: Random) -> Edits | None:
    """Two networks that look alike become one: what no compiler may do."""
    first: dict[str, Statement] = {}
    found = []
    for statement in reading.statements:
        if isinstance(statement.inner, ast.Bind) and not statement.annotations:
            value = statement.inner.value
            work = reading.work(value)
            if work.makes_weights and "head" not in work.ops:
                earlier = first.setdefault(value.span.text, statement)
                if earlier is not statement:
                    found.append((value, earlier.name or ""))
    if not found:
        return None
    value, name = random.choice(found)
    return [(value.start, value.end, name)]


SWAP_OPERANDS = Rewrite("swap operands", "breaking", swap_operands)
SPLIT_OWNER = Rewrite("split an owner", "breaking", split_owner)
MERGE_OWNERS = Rewrite("merge owners", "breaking", merge_owners)
CHANGE_ATTRIBUTE = Rewrite("change an attribute", "breaking", change_attribute)
DROP_DETACH = Rewrite("drop a detach", "breaking", drop_detach)
ADD_DETACH = Rewrite("add a detach", "breaking", add_detach)

BREAKING = (SWAP_OPERANDS, SPLIT_OWNER, MERGE_OWNERS, CHANGE_ATTRIBUTE, DROP_DETACH, ADD_DETACH)
"""Every rewrite that changes the function."""
