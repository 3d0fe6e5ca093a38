"""What to say where a tensor is wanted and something else is given."""

from __future__ import annotations

from rl2graph.compiler.elaboration.callsite import CallSite
from rl2graph.compiler.elaboration.diagnose import Reporter
from rl2graph.compiler.elaboration.values import (
    Builtin,
    Fields,
    Given,
    MacroFunction,
    ModuleFunction,
    Namespace,
    OpFunction,
    Value,
    describe,
)
from rl2graph.diagnostics import DiagnosticError


def no_tensor(reporter: Reporter, function: str, given: Given, site: CallSite) -> DiagnosticError:
    """The refusal of an operand of `function`, in the name of the preset that the user called, if any."""
    preset = reporter.outer_preset(site.span, site.context)
    name = function if preset is None else preset.name
    if isinstance(given.value, Fields):
        message = f"`{name}` takes a tensor here, and `{given.value.text}` has {parts_of(given.value)}"
    else:
        message = f"`{name}` takes a tensor here, not {describe(given.value)}"
    return DiagnosticError.of("RLG305", message, given.span, how_to_use(given.value))


def how_to_use(value: Value) -> str | None:
    """How a value that is no tensor gives one."""
    match value:
        case Fields():
            return f"take one of them, `{value.text}.{next(iter(value.parts))}`; `concat` joins several"
        case Namespace():
            known = list(value.scope.bindings)
            return f"it has {', '.join(known)}" if known else "it has no definitions"
        case OpFunction():
            return f"call it: `{value.op.name}(…)`"
        case Builtin():
            return f"call it: `{value.name}(…)`"
        case MacroFunction() | ModuleFunction():
            return f"call it: `{value.tree.name.text}(…)`"
    return None


def parts_of(value: Fields) -> str:
    """`the parts camera, joints`."""
    return f"the part{'s' if len(value.parts) > 1 else ''} {', '.join(value.parts)}"
