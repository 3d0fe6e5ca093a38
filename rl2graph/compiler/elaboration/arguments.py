"""Which argument of a call goes to which parameter."""

from __future__ import annotations

from collections.abc import Sequence

from rl2graph.compiler.elaboration.values import Given
from rl2graph.diagnostics import Diagnostic, DiagnosticError, Span, misspelt


def match(
    function: str,
    formals: Sequence[str],
    positional: Sequence[Given],
    keywords: Sequence[Given],
    call: Span,
    *,
    optional: Sequence[str] = (),
    rest: str = "",
) -> dict[str, Given]:
    """Arguments by the name of their parameter; `rest` names operands before them, of any number.

    Raises:
        DiagnosticError: RLG203, RLG204 or RLG205, at the argument (or the call) at fault.
    """
    problems: list[Diagnostic] = []
    bound: dict[str, Given] = dict(zip(formals, positional, strict=False))
    if len(positional) > len(formals):
        extra = positional[len(formals)]
        problems.append(
            Diagnostic(
                "RLG205",
                f"`{function}` takes {_count(len(formals))}, {len(positional)} {_are(len(positional))} given",
                extra.span,
                hint=signature(function, formals, optional, rest),
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
                    signature(function, formals, optional, rest),
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
        hint = signature(function, formals, optional, rest)
        if not bound and not function.startswith("@"):
            hint += f"; to hand the function itself on, write `{function}`"
        problems.append(Diagnostic("RLG204", f"`{function}` needs {shown}", call, hint=hint))
    if problems:
        raise DiagnosticError(problems)
    return bound


def _count(number: int) -> str:
    return f"{number or 'no'} argument" + ("" if number == 1 else "s")


def _are(number: int) -> str:
    return "is" if number == 1 else "are"


def signature(function: str, formals: Sequence[str], optional: Sequence[str], rest: str = "") -> str:
    """How a function is called, `dense(x, out, [bias])`, as a hint."""
    shown = ", ".join(f"[{name}]" if name in optional else name for name in formals)
    shown = f"{rest}…, {shown}" if rest else shown
    if function.startswith("@"):
        return f"it is written `{function}({shown})`" if formals else f"it is written `{function}`"
    return f"it is called as `{function}({shown})`"
