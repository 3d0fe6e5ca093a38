"""What names mean that are there without a binding, and the rules for binding new ones."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from keyword import iskeyword

from rl2graph.compiler.elaboration.diagnose import Reporter
from rl2graph.compiler.elaboration.inputs import Inputs
from rl2graph.compiler.elaboration.presets import presets
from rl2graph.compiler.elaboration.scope import Binding, Scope
from rl2graph.compiler.elaboration.taken import BUILTINS, taken
from rl2graph.compiler.elaboration.values import Function, OpFunction, Value
from rl2graph.diagnostics import Diagnostic, DiagnosticError, Label
from rl2graph.diagnostics.elsewhere import names_here
from rl2graph.ir.reserved import reserved
from rl2graph.ir.roles import ROLES
from rl2graph.ir.table import OPS, emitted_names
from rl2graph.lang import ast


class Definitions:
    """Ops, builtins and presets by name; binds names in scopes, in order of time.

    Attributes:
        prelude: the presets. `expanding`: definitions being expanded, outermost first.
        later: where the file's top-level bindings are, for hints about names that are used too early.
    """

    def __init__(self, inputs: Inputs, reporter: Reporter) -> None:
        self.prelude = presets()
        self.expanding: list[str] = []
        self.later: Mapping[str, ast.Identifier] = {}
        self.inputs = inputs
        self._reporter = reporter
        self._moment = 0
        self._free: set[str] = set()  # names that are not taken: those in definitions are asked for often
        self._functions: dict[str, Function] = {}  # those that were asked for, as most are again and again

    def function(self, name: str) -> Function | None:
        """The op, builtin or preset of that name."""
        known = self._functions.get(name)
        if known is None:
            known = self._find(name)
            if known is not None:
                self._functions[name] = known
        return known

    def _find(self, name: str) -> Function | None:
        if name in BUILTINS:
            return BUILTINS[name]
        op = OPS.get(name)
        if op is not None and op.written:
            return OpFunction(op)
        preset = self.prelude.bindings.get(name)
        return None if preset is None else preset.value  # type: ignore[return-value]

    def names(self) -> Iterator[str]:
        """Every name that `function` knows."""
        yield from BUILTINS
        yield from (op.name for op in OPS.values() if op.written)
        yield from self.prelude.bindings

    def moment(self) -> int:
        """A number that grows with every call: the order in which things are bound."""
        self._moment += 1
        return self._moment

    def declare(self, scope: Scope, name: ast.Identifier, value: Value, what: str = "binding") -> Binding:
        """Bind `name`.

        Raises:
            DiagnosticError: as `require_free`.
        """
        self.require_free(scope, name, what)
        return self.bind(scope, name, value, what)

    def bind(self, scope: Scope, name: ast.Identifier, value: Value, what: str = "binding") -> Binding:
        """Bind a name that is known to be free, or poison one that is not."""
        self._warn_of_hiding(scope, name, what)
        binding = Binding(name.text, value, name.span, self.moment(), what)
        scope.bindings[name.text] = binding
        return binding

    def require_free(self, scope: Scope, name: ast.Identifier, what: str = "binding") -> None:
        """Check that `name` can be bound in `scope`.

        Raises:
            DiagnosticError: RLG206 where it is bound already, RLG207 where it is not free to be bound.
        """
        text = name.text
        earlier = scope.own(text)
        if earlier is not None and earlier.what != "lost":
            raise DiagnosticError(
                [
                    Diagnostic(
                        "RLG206",
                        f"`{text}` is bound twice",
                        name.span,
                        labels=(Label(earlier.span, "the first time"),),
                        hint="a name stands for one value; choose another",
                    )
                ]
            )
        reason = self._taken(text, what, inner=self._is_inner(scope, name))
        if reason is not None and not name.source.shipped:  # shipped files know nothing of users' ops
            roles = [role for role in names_here(text) if role in ROLES]
            hint = f"the role is `{roles[0]}`" if roles else "choose another name"
            raise DiagnosticError.of("RLG207", f"`{text}` cannot be bound: {reason}", name.span, hint)

    def _warn_of_hiding(self, scope: Scope, name: ast.Identifier, what: str) -> None:
        outer = scope.parent.find(name.text) if scope.parent is not None and scope.parent.parent else None
        if outer is None and name.text in self.inputs.declared and self._may_hide_input(scope, name):
            message = f"the {_word(what)} `{name.text}` hides the input `{name.text}`"
            self._reporter.report(
                Diagnostic("RLG904", message, name.span, hint="another name makes that plain")
            )
        if outer is None or outer.what == "lost" or name.source.shipped or what == "lost":
            return
        if scope.until is not None and outer.moment >= scope.until:
            return
        found = Diagnostic(
            "RLG904",
            f"the {_word(what)} `{name.text}` hides the outer {_word(outer.what)} `{name.text}`",
            name.span,
            labels=(Label(outer.span, "hidden here"),),
            hint="what follows reads the inner one; another name makes that plain",
        )
        self._reporter.report(found)

    def _may_hide_input(self, scope: Scope, name: ast.Identifier) -> bool:
        return not name.source.shipped and not scope.is_imported and scope.parent is not self.prelude

    def _is_inner(self, scope: Scope, name: ast.Identifier) -> bool:
        """Whether a name is none of the spec's own: it is bound inside a definition, or in another file."""
        return name.source.shipped or scope.imported or scope.parent is not self.prelude

    def _taken(self, name: str, what: str, inner: bool) -> str | None:
        """Why a name cannot be bound; an `inner` one may hide what the spec itself declares."""
        if name not in self._free:
            reason = taken(name)
            if reason is not None:
                return reason
            self._free.add(name)
        if name in self.inputs and not inner:
            return f"`{name}` is an input"
        if what == "input":
            return "emitted code needs the name" if name in emitted_names() or iskeyword(name) else None
        return reserved(name) if what in ("binding", "module", "loss", "import") else None


def _word(what: str) -> str:
    """`param` as readers say it."""
    return "parameter" if what == "param" else what
