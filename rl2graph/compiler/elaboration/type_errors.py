"""What to say where an op cannot take its arguments: at the argument at fault, in the words of the user."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from rl2graph.compiler.elaboration.advice import call_line
from rl2graph.compiler.elaboration.callsite import CallSite
from rl2graph.compiler.elaboration.diagnose import Expansion
from rl2graph.compiler.elaboration.values import Given, Tensor
from rl2graph.diagnostics import Diagnostic, Fix, Span
from rl2graph.ir.op import Op, TypeProblem
from rl2graph.ir.ops.rules import FLATTEN

if TYPE_CHECKING:
    from rl2graph.compiler.elaboration.elaborate import Elaborator

MAX_CHANNELS = 4  # of an image as environments give it: gray, colour, alpha, four frames

_ENCODERS = "`encode` chooses the encoder by the space; `mlp` is for vectors, `conv` and `nature` for images"


def type_error(
    op: Op,
    problem: TypeProblem,
    operands: Sequence[Given],
    attributes: Mapping[str, Given],
    site: CallSite,
    elaborator: Elaborator,
) -> Diagnostic:
    """The finding about an application of `op`.

    Where a preset meets an operand of a rank that it cannot serve, the finding is about the preset, and
    offers the one that chooses by the space.
    """
    code, message, hint = problem.code, problem.message, problem.hint
    preset = elaborator.reporter.outer_preset(site.span, site.context)
    if code == "RLG302" and preset is not None:
        message = message.replace(f"`{op.name}`", f"`{preset.name}`", 1)
        given = preset.arguments.get("x")
        at = preset.call if given is None else given.span
        mend = _flattened(elaborator, op, problem, operands, at, preset.call)
        hint, fix = mend or (_ENCODERS, _choose_by_space(preset))
        return Diagnostic(code, message, site.span, hint=hint, fix=fix)
    span = _place(op, problem, operands, attributes, site)
    fix = _unquoted(problem, span)
    if code == "RLG302" and operands:
        mend = _flattened(elaborator, op, problem, operands, operands[0].span, site.span)
        hint, fix = mend or (hint, fix)
    elif code == "RLG301" and problem.argument == "kernel":
        hint = _channels_last(elaborator, operands) or hint
    elif code == "RLG303" and hint is None and preset is None and _by_place(problem, attributes):
        hint = call_line(op.name)
    return Diagnostic(code, message, span, hint=hint, fix=fix)


def flatten_first(
    elaborator: Elaborator, operand: Tensor, at: Span, call: Span
) -> tuple[str, Fix | None] | None:
    """Hint and fix for a function of vectors, called at `call` with what stands `at`; None for a scalar.

    An input becomes a vector by an encoder, what layers made of it by `flatten`.
    """
    if not elaborator.builder.type_of(operand.node).axes:
        return None
    is_input = bool(elaborator.inputs.name_of(operand)[0])
    word, what = ("encode", "an encoder") if is_input else ("flatten", "`flatten`")
    inside = at.source is call.source and call.start <= at.start and at.end <= call.end
    if inside:
        mended = f"{word}({at.text})"
        before, after = at.start - call.start, at.end - call.start
        shown = call.text[:before] + mended + call.text[after:]
    else:
        at, mended = Span(call.source, call.start, call.start), f"{word} |> "
        shown = f"|> {mended}{call.text}"
    title = f"put `{word}` before it"
    fix = Fix(title, at, mended, safe=not is_input)
    return f"put {what} before it: `{' '.join(shown.split())}`", fix


def _flattened(
    elaborator: Elaborator, op: Op, problem: TypeProblem, operands: Sequence[Given], at: Span, call: Span
) -> tuple[str, Fix | None] | None:
    """`flatten_first` where a layer of vectors met a tensor; a preset is told so for results of layers."""
    operand = operands[0].value
    layer = op.has_weights and problem.argument == op.operands[0]
    if not layer or problem.hint != FLATTEN or not isinstance(operand, Tensor):
        return None
    if operands[0].span.source.shipped and elaborator.inputs.name_of(operand)[0]:
        return None
    return flatten_first(elaborator, operand, at, call)


def _channels_last(elaborator: Elaborator, operands: Sequence[Given]) -> str | None:
    """The question whether an image has its channels last, where it is an input that looks so."""
    operand = operands[0].value
    if not isinstance(operand, Tensor) or not elaborator.inputs.name_of(operand)[0]:
        return None
    type_ = elaborator.builder.type_of(operand.node)
    if not type_.known or len(type_.dims) != 3 or type_.dims[2] > MAX_CHANNELS:
        return None
    height, width, channels = type_.dims
    meant = f"image[{channels}, {height}, {width}]"
    return f"images are `[channels, height, width]`: is this `{meant}`?"


def _by_place(problem: TypeProblem, attributes: Mapping[str, Given]) -> bool:
    """Whether the argument at fault was given by its place alone."""
    given = attributes.get(problem.argument) if isinstance(problem.argument, str) else None
    return given is not None and given.keyword is None and not given.span.text.startswith('"')


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
    names = (*op.operands, *op.optional)
    if argument in names:
        operand = operands[names.index(argument)].span
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
