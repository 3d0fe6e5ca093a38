"""Which argument of a call goes to which parameter."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

from rl2graph.compiler.elaboration.values import Given, Text, span_of
from rl2graph.diagnostics import Diagnostic, DiagnosticError, misspelt


def match(
    function: str,
    formals: Sequence[str],
    positional: Sequence[Given],
    keywords: Sequence[Given],
    call: Text,
    *,
    optional: Sequence[str] = (),
    how: Callable[[], str] | None = None,
) -> dict[str, Given]:
    """Arguments by the name of their parameter; `how` says how a function is called that has more to say than
    their names.

    Raises:
        DiagnosticError: RLG203, RLG204 or RLG205, at the argument (or the call) at fault.
    """
    bound: dict[str, Given] = dict(zip(formals, positional, strict=False))
    if not keywords and len(bound) == len(positional) == len(formals):
        return bound
    problems: list[Diagnostic] = []
    how = how or partial(how_to_call, function, formals, optional)
    if len(positional) > len(formals):
        extra = positional[len(formals)]
        problems.append(
            Diagnostic(
                "RLG205",
                f"`{function}` takes {_count(len(formals))}, {len(positional)} {_are(len(positional))} given",
                extra.span,
                hint=how(),
            )
        )
    for given in keywords:
        assert given.keyword is not None
        name = given.keyword.text
        if name not in formals:
            problems.append(
                misspelt(
                    "RLG203",
                    f"`{function}` has no argument `{name}`",
                    given.keyword.span,
                    name,
                    [formal for formal in formals if formal not in bound],
                    how(),
                )
            )
        elif name in bound:
            problems.append(
                Diagnostic("RLG205", f"`{name}` of `{function}` is given twice", given.keyword.span)
            )
        else:
            bound[name] = given
    missing = [name for name in formals if name not in bound and name not in optional]
    if missing and not problems:
        *names, last = (f"`{name}`" for name in missing)
        shown = f"{', '.join(names)} and {last}" if names else last
        hint = how()
        if not bound and not function.startswith("@"):
            hint += f"; to hand the function itself on, write `{function}`"
        problems.append(Diagnostic("RLG204", f"`{function}` needs {shown}", span_of(call), hint=hint))
    if problems:
        raise DiagnosticError(problems)
    return bound


def _count(number: int) -> str:
    return f"{number or 'no'} argument" + ("" if number == 1 else "s")


def _are(number: int) -> str:
    return "is" if number == 1 else "are"


def how_to_call(function: str, formals: Sequence[str], optional: Sequence[str]) -> str:
    """How a function is called, `net(x, width, [depth])`, as a hint."""
    shown = ", ".join(f"[{name}]" if name in optional else name for name in formals)
    if function.startswith("@"):
        return f"it is written `{function}({shown})`" if formals else f"it is written `{function}`"
    return f"it is called as `{function}({shown})`"
