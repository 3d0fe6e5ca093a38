"""What to say where a tensor is wanted and something else is given."""

from __future__ import annotations

import re

from rl2graph.compiler.elaboration.arguments import how_to_call
from rl2graph.compiler.elaboration.callsite import CallSite
from rl2graph.compiler.elaboration.diagnose import Reporter
from rl2graph.compiler.elaboration.presets import presets
from rl2graph.compiler.elaboration.values import (
    Builtin,
    Fields,
    Given,
    MacroFunction,
    ModuleFunction,
    Namespace,
    OpFunction,
    Tensor,
    Value,
    describe,
)
from rl2graph.diagnostics import Diagnostic, DiagnosticError, Fix
from rl2graph.ir.op import Op
from rl2graph.ir.signatures import signature
from rl2graph.ir.table import OPS
from rl2graph.lang import ast


def no_tensor(reporter: Reporter, function: str, given: Given, site: CallSite) -> DiagnosticError:
    """The refusal of an operand of `function`, in the name of the preset that the user called, if any."""
    preset = reporter.outer_preset(site.span, site.context)
    name = function if preset is None else preset.name
    if isinstance(given.value, Fields):
        message = f"`{name}` takes a tensor here, and `{given.value.text}` has {parts_of(given.value)}"
    else:
        op = OPS.get(function)
        numbers = op is not None and op.constants and type(given.value) not in (int, float)
        wanted = "a tensor or a number" if numbers else "a tensor"
        message = f"`{name}` takes {wanted} here, not {describe(given.value)}"
    return DiagnosticError.of("RLG305", message, given.span, how_to_use(given.value) or call_line(name))


def how_to_use(value: Value) -> str | None:
    """How a value that is no tensor gives one."""
    match value:
        case Fields():
            one = part_of(value.text, next(iter(value.parts)))
            return f"take one of them, `{one}`; `concat` joins several"
        case Namespace():
            known = list(value.scope.bindings)
            return f"it has {', '.join(known)}" if known else "it has no definitions"
        case [Tensor(), *_]:
            return "`concat` or `stack` makes one tensor of several"
        case OpFunction():
            return f"call it: `{value.op.name}(…)`"
        case Builtin():
            return f"call it: `{value.name}(…)`"
        case MacroFunction() | ModuleFunction():
            return f"call it: `{value.tree.name.text}(…)`"
    return None


def how_to_call_op(op: Op) -> str:
    """`it is called as` and the signature."""
    return f"it is called as `{signature(op)}`"


def call_line(name: str) -> str | None:
    """How an op that is written as a call, or a preset, is called; None for other names."""
    op = OPS.get(name)
    if op is not None and op.written and not op.variadic and not op.constants:
        widths = "; input widths are inferred" if op.has_weights else ""
        return how_to_call_op(op) + widths
    preset = presets().bindings.get(name)
    if preset is None or not isinstance(preset.value, MacroFunction):
        return None
    formals = tuple(formal.name.text for formal in preset.value.tree.formals)
    return how_to_call(name, formals, formals[1:]) + "; input widths are inferred"


def in_quotes(name: str) -> str | None:
    """How an unknown name is written that an attribute of some op has among its choices."""
    for op in OPS.values():
        for attribute in op.attributes:
            if name in attribute.choices and op.written:
                return f'`{attribute.name}` of `{op.name}` is written in quotes: `{attribute.name}="{name}"`'
    return None


def operand_first(site: CallSite) -> str | None:
    """How a call is written whose operand stands after other arguments."""
    tensors = [given for given in site.positional if isinstance(given.value, Tensor)]
    others = [given for given in site.positional if not isinstance(given.value, Tensor)]
    if len(tensors) != 1 or site.positional[0] is tensors[0]:
        return None
    texts = [given.span.text for given in (*tensors, *others)]
    texts += [f"{given.keyword.text}={given.span.text}" for given in site.keywords if given.keyword]
    return f"the operand comes first: `{_on_one_line(site.callee.text, texts)}`"


def curried(call: ast.Call, inner: ast.Call) -> Diagnostic:
    """The refusal of `dense(64)(obs)`, in which `inner` is what is called."""
    name = inner.function.span.text
    arguments = [*call.arguments, *inner.arguments]
    ordered = sorted(arguments, key=lambda argument: argument.keyword is not None)
    text = _on_one_line(name, [argument.span.text for argument in ordered])
    fix = Fix(f"write `{text}`", call.span, text, safe=False)
    message = f"`{name}` takes its operand with its other arguments"
    return Diagnostic("RLG204", message, inner.span, hint=f"the operand comes first: `{text}`", fix=fix)


def _on_one_line(name: str, arguments: list[str]) -> str:
    return " ".join(f"{name}({', '.join(arguments)})".split())


def part_of(whole: str, name: str) -> str:
    """A part as a spec writes it: `obs.camera`, `obs["left arm"]`."""
    return f"{whole}.{name}" if re.fullmatch(r"[A-Za-z_]\w*", name, re.ASCII) else f'{whole}["{name}"]'


def parts_of(value: Fields) -> str:
    """`the parts camera, joints`."""
    return f"the part{'s' if len(value.parts) > 1 else ''} {', '.join(value.parts)}"
