"""Registering an op: it becomes an entry of the table once what it says of itself is found true."""

from __future__ import annotations

import ast
from collections import Counter
from collections.abc import Callable, Iterator
from keyword import iskeyword
from pathlib import Path
from traceback import extract_tb
from typing import TYPE_CHECKING

from rl2graph.compiler.elaboration.taken import taken
from rl2graph.diagnostics import DiagnosticError
from rl2graph.ir.build import KINDS, coerce_attribute
from rl2graph.ir.op import Effect, Op, Required, TypeProblem
from rl2graph.ir.reserved import EMITTED_NAMES, reserved
from rl2graph.ir.roles import ROLES
from rl2graph.ir.table import OPS, functions_of

if TYPE_CHECKING:
    from torch import Tensor

    from rl2graph.backend.reference.evaluation import Evaluation


def register(op: Op, reference: Callable[[Evaluation], Tensor]) -> None:
    """Add `op` to the op table: specs may call it, and every pass, backend and tool knows it.

    Before it is added it is tried on random operands: its shape rule, its emitted code, its reference, their
    gradients, its weights, state, noise and statistics must agree, as those of the ops that ship do.

    Args:
        op: the entry.
        reference: what it computes, in plain torch, written without a look at what it emits.

    Raises:
        DiagnosticError: RLG703 with the reason; the table is then as it was.
        TypeError: `op` is no `Op`.
    """
    if not isinstance(op, Op):
        raise TypeError(f"an op is an `rl2graph.ops.Op`, not {op!r}")
    for problem in _problems(op, reference):
        raise _refused(op, problem)
    from rl2graph.backend.reference.semantics import SEMANTICS
    from rl2graph.ops.checking import check_op
    from rl2graph.ops.running import Disagreement

    OPS[op.name] = op
    SEMANTICS[op.name] = reference
    try:
        check_op(op)
    except BaseException as error:
        del OPS[op.name], SEMANTICS[op.name]
        if isinstance(error, Disagreement):
            raise _refused(op, str(error)) from None
        if isinstance(error, Exception):
            message = f"one of its functions fails{place_of(error)}: {type(error).__name__}: {error}"
            raise _refused(op, message) from error
        raise


def place_of(error: BaseException) -> str:
    """Where an error was raised, in words: `, in infer, my_ops.py line 12`."""
    frames = extract_tb(error.__traceback__)
    if not frames:
        return ""
    last = frames[-1]
    return f", in {last.name}, {Path(last.filename).name} line {last.lineno}"


def _refused(op: Op, problem: str) -> DiagnosticError:
    return DiagnosticError.of("RLG703", f"the op `{op.name}` cannot be registered: {problem}")


def _claim_problems(op: Op) -> Iterator[str]:
    """Claims that passes take for functions of operands alone."""
    for claim in ("idempotent", "neutral", "commutative"):
        if getattr(op, claim) and not op.is_plain:
            yield f"it is called {claim}, but has weights, state, noise or statistics"


def _problems(op: Op, reference: object) -> Iterator[str]:
    """What is wrong with an entry before anything of it runs."""
    yield from _name_problems(op.name)
    for field in ("infer", "emit", "weights", "state", "noise", "flops", "sample", "passes_on", "canonical"):
        if not callable(getattr(op, field)):
            yield _MISSING.get(field, f"its `{field}` is no function")
    if not callable(reference):
        yield "it has no reference semantics"
    yield from _claim_problems(op)
    names = [*op.operands, *op.optional, *(attribute.name for attribute in op.attributes)]
    for name in names:
        if not name.isidentifier() or iskeyword(name):
            yield f"`{name}` cannot be the name of an argument"
    for name, count in Counter(names).items():
        if count > 1:
            yield f"two of its arguments are called `{name}`"
    if op.variadic and (len(op.operands) != 1 or op.optional):
        yield "a variadic op has one name for all of its operands, and no optional ones"
    for attribute in op.attributes:
        if attribute.kind not in list(KINDS):
            yield f"`{attribute.name}` is of no kind that an attribute has: {_KINDS}"
        if attribute.action is not None and attribute.kind is not int:
            yield f"`{attribute.name}` is filled from the action space, so it is an int"
    if op.has_state and op.has_noise:
        yield "it has both state and noise"
    yield from _effect_problems(op)
    yield from _helper_problems(op)


_KINDS = "int, float, bool, str or tuple[int, ...]"
_MISSING = {"infer": "it has no shape rule (`infer`)", "emit": "it has no emission (`emit`)"}


def _effect_problems(op: Op) -> Iterator[str]:
    """What does not go together."""
    if op.has_noise != (op.effect is Effect.RANDOM):
        yield "an op is given noise where its effect is RANDOM, and nowhere else"
    for attribute in op.attributes:
        if not isinstance(attribute.default, Required) and attribute.default is not None:
            try:
                coerce_attribute(op, attribute, {attribute.name: attribute.default})
            except TypeProblem as problem:
                yield f"a default of it is none that it takes: {problem.message}"


def _name_problems(name: str) -> Iterator[str]:
    if not isinstance(name, str) or not name.isidentifier() or not name.isascii() or iskeyword(name):
        yield "its name is none that a spec and Python can write"
    elif name in OPS:
        yield "there is an op of that name already"
    elif (reason := taken(name)) is not None:
        yield reason
    elif name in EMITTED_NAMES:
        yield "emitted code uses its name"
    elif name in ROLES:
        yield "its name is a role, which bindings are called"
    elif (reason := reserved(name)) is not None:
        yield f"a weight of it could not be at its own path: {reason}"


def _helper_problems(op: Op) -> Iterator[str]:
    """What is wrong with the functions that its emitted code calls: one to a text, unlike those of others."""
    known = {name: text for other in OPS.values() for text in other.helpers for name in functions_of([text])}
    for text in op.helpers:
        names = list(functions_of([text]))
        try:
            body = ast.parse(text).body
        except (SyntaxError, TypeError) as error:
            yield f"one of its helpers is no text of a function: {error}"
            continue
        if len(names) != 1 or len(body) != 1 or not isinstance(body[0], ast.FunctionDef):
            yield "a helper is the text of one function, and of nothing else"
        elif not names[0].startswith("_"):
            yield f"`{names[0]}` cannot be the name of a helper: that starts with `_`"
        elif known.get(names[0], text) != text:
            yield f"another op has a helper `{names[0]}` of another text"
