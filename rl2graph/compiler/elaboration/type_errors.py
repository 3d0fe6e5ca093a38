"""What to say where an op cannot take its arguments: at the argument at fault, in the words of the user."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from rl2graph.compiler.elaboration.callsite import CallSite
from rl2graph.compiler.elaboration.diagnose import Expansion, Reporter
from rl2graph.compiler.elaboration.values import Given
from rl2graph.diagnostics import Diagnostic, Fix, Span
from rl2graph.ir.op import Op, TypeProblem


def type_error(
    op: Op,
    problem: TypeProblem,
    operands: Sequence[Given],
    attributes: Mapping[str, Given],
    site: CallSite,
    reporter: Reporter,
) -> Diagnostic:
    """The finding about an application of `op`.

    Where a preset meets an operand of a rank that it cannot serve, the finding is about the preset, and
    offers the one that chooses by the space.
    """
    preset = reporter.outer_preset(site.span, site.context)
    if preset is not None and problem.code == "RLG302":
        message = problem.message.replace(f"`{op.name}`", f"`{preset.name}`", 1)
        hint = (
            "`encode` chooses the encoder by the space; `mlp` is for vectors, `conv` and `nature` for images"
        )
        return Diagnostic(problem.code, message, site.span, hint=hint, fix=_choose_by_space(preset))
    span = _place(op, problem, operands, attributes, site)
    return Diagnostic(problem.code, problem.message, span, hint=problem.hint, fix=_unquoted(problem, span))


def _unquoted(problem: TypeProblem, span: Span) -> Fix | None:
    """The number itself, where one stands in quotes."""
    text = span.text.strip('"')
    if problem.code != "RLG303" or span.text != f'"{text}"' or not re.fullmatch(r"[1-9]\d*", text):
        return None
    return Fix(f"write the number without quotes, `{text}`", span, text)


def _place(
    op: Op,
    problem: TypeProblem,
    operands: Sequence[Given],
    attributes: Mapping[str, Given],
    site: CallSite,
) -> Span:
    argument = problem.argument
    if isinstance(argument, int):
        return operands[argument].span if argument < len(operands) else site.span
    if argument in attributes:
        return attributes[argument].span
    if argument in op.operands:
        operand = operands[op.operands.index(argument)].span
        # In a pipeline the operand stands before the stage: the stage is what cannot take it.
        inside = site.span.start <= operand.start and operand.end <= site.span.end
        return operand if inside else site.span
    return site.span


def _choose_by_space(preset: Expansion) -> Fix | None:
    """`conv(obs)` to `encode(obs)`; None where further arguments would not fit."""
    argument = preset.call.text.removeprefix(preset.name).strip().removeprefix("(").removesuffix(")")
    simple = argument.strip().isidentifier() or preset.call.text == preset.name
    if not simple or preset.name == "encode":
        return None
    return Fix(f"replace `{preset.name}` by `encode`", preset.callee, "encode")
