"""`@frozen`, `@lr(1e-4)`, `@init(orthogonal, gain=0.5)` and `@load("file.safetensors", key="e")`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from math import isfinite
from typing import TYPE_CHECKING

from rl2graph.compiler.elaboration.arguments import match
from rl2graph.compiler.elaboration.diagnose import Context
from rl2graph.compiler.elaboration.parts import inside_quotes
from rl2graph.compiler.elaboration.settings import Settings
from rl2graph.compiler.elaboration.values import POISON, Given, describe
from rl2graph.diagnostics import Diagnostic, DiagnosticError, Label, Span, misspelt
from rl2graph.ir.graph import Load
from rl2graph.ir.inits import INITS
from rl2graph.ir.op import Init
from rl2graph.lang import ast

if TYPE_CHECKING:
    from rl2graph.compiler.elaboration.elaborate import Elaborator

ANNOTATIONS: dict[str, str] = {
    "frozen": "no algorithm trains the weights",
    "lr": "a learning rate of their own, `@lr(1e-4)`",
    "init": "how they start, `@init(orthogonal, gain=0.5)`",
    "load": 'what they start from, `@load("file.safetensors", key="e")`',
}

MAX_RATE = 100.0
"""The largest learning rate, as of the settings of algorithms."""


def unwrap(statement: ast.Statement) -> tuple[list[ast.Annotation], ast.Statement]:
    """The annotations before a statement, and the statement itself."""
    annotations = []
    while isinstance(statement, ast.Annotated):
        annotations.append(statement.annotation)
        statement = statement.statement
    return annotations, statement


def settings_of(
    elaborator: Elaborator, annotations: Sequence[ast.Annotation], context: Context, base: str
) -> Settings:
    """The settings of a binding with the owner path `base`; what is wrong with an annotation is reported."""
    if not annotations:
        return context.namer.settings
    settings = replace(context.namer.settings, base=base)
    first: dict[str, ast.Annotation] = {}
    for annotation in annotations:
        name = annotation.name.text
        try:
            if name in first:
                labels = (Label(first[name].span, "the first"),)
                raise DiagnosticError(
                    [Diagnostic("RLG219", f"`@{name}` stands here twice", annotation.span, labels=labels)]
                )
            first[name] = annotation
            settings = _with(elaborator, settings, annotation, context)
        except DiagnosticError as error:
            elaborator.reporter.report_all(error, context)
    if settings.frozen and settings.learning_rate is not None and ("lr" in first or "frozen" in first):
        found = Diagnostic(
            "RLG404",
            "weights that are `@frozen` have no learning rate",
            (first.get("lr") or first["frozen"]).span,
            labels=(Label(settings.frozen_at, "frozen here"),)
            if "lr" in first and settings.frozen_at is not None
            else (),
            hint="leave one of the two out",
        )
        elaborator.reporter.report(found, context)
    return settings


def _with(
    elaborator: Elaborator, settings: Settings, annotation: ast.Annotation, context: Context
) -> Settings:
    match annotation.name.text:
        case "frozen":
            _arguments(elaborator, annotation, context, ())
            return replace(settings, frozen=True, frozen_at=annotation.span)
        case "lr":
            rate = _arguments(elaborator, annotation, context, ("rate",))["rate"]
            if type(rate.value) not in (int, float):
                raise _wrong("the rate of `@lr`", "a number", rate)
            assert isinstance(rate.value, int | float)
            if not 0 < rate.value <= MAX_RATE:  # nor NaN
                message = f"a learning rate is above 0 and at most {MAX_RATE:g}, not {rate.value}"
                raise DiagnosticError.of("RLG304", message, rate.span)
            return replace(settings, learning_rate=float(rate.value))
        case "init":
            return replace(settings, init=_init(elaborator, annotation, context))
        case "load":
            return replace(settings, load=_load(elaborator, annotation, context, settings.base))
    name = annotation.name.text
    known = f"annotations are {', '.join(f'@{known}' for known in ANNOTATIONS)}"
    message = f"unknown annotation `@{name}`"
    raise DiagnosticError([misspelt("RLG218", message, annotation.name.span, name, ANNOTATIONS, known)])


def _init(elaborator: Elaborator, annotation: ast.Annotation, context: Context) -> Init:
    """`@init(rule, number)`, the number by place or by the name that the rule gives it."""
    first = annotation.arguments[0] if annotation.arguments else None
    if first is None or first.keyword is not None or not isinstance(first.value, ast.Name | ast.String):
        raise DiagnosticError.of(
            "RLG204", "`@init` needs a rule", annotation.span, f"rules are {', '.join(INITS)}"
        )
    word = first.value.text if isinstance(first.value, ast.Name) else first.value.value
    if word not in INITS:
        known = f"rules are {', '.join(INITS)}"
        raise DiagnosticError(
            [misspelt("RLG303", f"unknown rule `{word}`", inside_quotes(first.value), word, INITS, known)]
        )
    rule = INITS[word]
    formals, optional = (word, rule.number), (rule.number,)
    given = _arguments(elaborator, annotation, context, formals, optional, rule=word)
    if rule.number not in given:
        return Init(word, rule.default)
    number = given[rule.number]
    if type(number.value) not in (int, float):
        raise _wrong(f"`{rule.number}` of `{word}`", "a number", number)
    assert isinstance(number.value, int | float)
    least = -float("inf") if word == "constant" else 0.0
    if not (isfinite(number.value) and number.value >= least):
        message = f"`{rule.number}` of `{word}` is a finite number of at least 0, not {number.value}"
        raise DiagnosticError.of("RLG304", message, number.span)
    return Init(word, float(number.value))


def _load(elaborator: Elaborator, annotation: ast.Annotation, context: Context, base: str) -> Load:
    for argument in annotation.arguments:
        word = argument.value
        if isinstance(word, ast.Name) and context.scope.find(word.text) is None:
            message = f"`{argument.keyword.text if argument.keyword else 'file'}` of `@load` is a string"
            raise DiagnosticError.of("RLG303", message, word.span, 'write it in quotes, `"…"`')
    given = _arguments(elaborator, annotation, context, ("file", "key"), optional=("key",))
    for name, value in given.items():
        if not isinstance(value.value, str):
            raise _wrong(f"`{name}` of `@load`", "a string", value)
    file = str(given["file"].value)
    if not file.endswith(".safetensors"):
        message = f"`@load` reads safetensors files, and `{file}` is named otherwise"
        hint = "`safetensors.torch.save_file(module.state_dict(), path)` writes one"
        raise DiagnosticError.of("RLG304", message, given["file"].span, hint)
    return Load(file, str(given["key"].value) if "key" in given else base, annotation.span)


def _arguments(
    elaborator: Elaborator,
    annotation: ast.Annotation,
    context: Context,
    formals: Sequence[str],
    optional: Sequence[str] = (),
    rule: str | None = None,
) -> dict[str, Given]:
    """The arguments by name; the first is no expression where it is the name of a `rule`."""
    positional: list[Given] = []
    keywords: list[Given] = []
    for index, argument in enumerate(annotation.arguments):
        value = rule if rule is not None and index == 0 else elaborator.evaluate(argument.value, context)
        if value is POISON:
            raise DiagnosticError([])
        given = Given(value, argument.value, argument.keyword)
        (positional if argument.keyword is None else keywords).append(given)
    return match(
        f"@{annotation.name.text}", formals, positional, keywords, annotation.span, optional=optional
    )


def _wrong(what: str, wanted: str, given: Given) -> DiagnosticError:
    span: Span = given.span
    return DiagnosticError.of("RLG303", f"{what} is {wanted}, not {describe(given.value)}", span)
