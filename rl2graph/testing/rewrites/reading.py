"""What rewrites know of a spec's text: its statements, what they read, and what evaluating them does."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache, cached_property

from rl2graph.compiler.elaboration.annotations import unwrap
from rl2graph.compiler.elaboration.taken import taken
from rl2graph.compiler.spec import parse, prelude
from rl2graph.ir.op import STATISTICS, Effect
from rl2graph.ir.reserved import reserved
from rl2graph.ir.roles import ROLES
from rl2graph.ir.table import OPS, emitted_names
from rl2graph.lang import ast
from rl2graph.testing.rewrites.trees import names, of_type, walk

Definition = ast.Declare | ast.Macro


@dataclass(frozen=True, slots=True)
class Statement:
    """A statement at the top level: with its annotations (`outer`), and without (`inner`)."""

    outer: ast.Statement
    inner: ast.Statement
    annotations: tuple[ast.Annotation, ...]

    @property
    def name(self) -> str | None:
        """What it binds, where that is one name."""
        name = getattr(self.inner, "name", None)
        return name.text if isinstance(name, ast.Identifier) else None

    @property
    def start(self) -> int:
        return self.outer.start


@dataclass(frozen=True, slots=True)
class Work:
    """What evaluating an expression may do, told from the names in it.

    Attributes:
        ops: every op that it may apply; `own`, those whose weights are the expression's own: modules that it
            calls are left out.
        modules: the modules that it may call.
        foreign: names of imported files: they may do anything.
    """

    ops: frozenset[str]
    own: frozenset[str]
    modules: frozenset[str]
    foreign: frozenset[str]

    @property
    def makes_weights(self) -> bool:
        """Whether evaluating it once more may make more weights."""
        return bool(self.foreign) or any(op == "head" or OPS[op].has_weights for op in self.own)

    @property
    def has_state(self) -> bool:
        return bool(self.foreign) or any(op in OPS and OPS[op].has_state for op in self.ops)

    @property
    def names_state(self) -> bool:
        """Whether state may be named after a binding, where it is not after weights."""
        return any(op in OPS and OPS[op].has_state and not OPS[op].has_weights for op in self.ops)

    @property
    def is_random(self) -> bool:
        return bool(self.foreign) or any(op in OPS and OPS[op].effect is Effect.RANDOM for op in self.ops)

    @property
    def moves_statistics(self) -> bool:
        return bool(self.foreign) or any(op in OPS and OPS[op].effect in STATISTICS for op in self.ops)

    @property
    def is_pure(self) -> bool:
        """Whether evaluating it once more changes nothing: no weights of its own, no noise, no statistics."""
        return not (self.makes_weights or self.is_random or self.moves_statistics)

    def conflicts(self, other: Work) -> bool:
        """Whether the order of the two may matter: both move statistics of one module, or name its state, or
        both name state without weights, which goes by the first of equal evaluations.
        """
        if self.names_state and other.names_state:
            return True
        ordered = [work.moves_statistics or work.has_state for work in (self, other)]
        shared = (self.modules & other.modules) | (self.foreign & other.foreign)
        return any(ordered) and bool(shared)


class Reading:
    """A spec's text, read.

    Attributes:
        statements: those at the top level.
        definitions: modules and macros at the top level, by name. `bound`: how often each name is bound,
            anywhere.
    """

    def __init__(self, text: str, file: ast.File) -> None:
        self.text = text
        self.file = file
        self.statements = [_statement(each) for each in file.statements]
        self.definitions: dict[str, Definition] = {
            each.inner.name.text: each.inner
            for each in self.statements
            if isinstance(each.inner, ast.Declare | ast.Macro)
        }
        self.imports = {each.name or "" for each in self.statements if isinstance(each.inner, ast.Import)}

    @cached_property
    def bound(self) -> dict[str, int]:
        counts: dict[str, int] = {}
        for node in walk(self.file):
            for name in binds(node):
                counts[name.text] = counts.get(name.text, 0) + 1
        return counts

    @cached_property
    def names(self) -> frozenset[str]:
        """Every word that is a name or looks like one, bound or read."""
        read = (node.text for node in walk(self.file) if isinstance(node, ast.Name | ast.Identifier))
        return frozenset(read)

    @cached_property
    def exported(self) -> frozenset[str]:
        """Names that callers know: those of outputs, losses, roles, parameters, inputs and imports."""
        found = {item.name.text for each in of_type(self.file, ast.Output) for item in each.items}
        found |= set(ROLES)
        kinds = ast.Loss | ast.Param | ast.Input | ast.Import
        named = {each.name or "" for each in self.statements if isinstance(each.inner, kinds)}
        return frozenset(found | named)

    def makes_outputs(self, *trees: ast.Syntax) -> bool:
        """Whether the spec's outputs hang on what reads these: without an `output`, a binding named after a
        role is one as long as no other binding reads it.
        """
        return not self.has_outputs and any(names(tree) & set(ROLES) for tree in trees)

    @cached_property
    def has_outputs(self) -> bool:
        """Whether outputs are named."""
        return any(True for _ in of_type(self.file, ast.Output))

    def uses(self, name: str) -> list[ast.Name]:
        """Where a name is read, in the whole file."""
        return self._uses.get(name, [])

    @cached_property
    def _uses(self) -> dict[str, list[ast.Name]]:
        found: dict[str, list[ast.Name]] = {}
        for node in of_type(self.file, ast.Name):
            found.setdefault(node.text, []).append(node)
        return found

    @cached_property
    def calls(self) -> dict[str, list[ast.Call]]:
        """Calls of each name, in the whole file."""
        found: dict[str, list[ast.Call]] = {}
        for call in of_type(self.file, ast.Call):
            if isinstance(call.function, ast.Name):
                found.setdefault(call.function.text, []).append(call)
        return found

    @cached_property
    def piped(self) -> dict[str, int]:
        """How often each name alone is a stage of a pipeline."""
        stages = [stage for pipe in of_type(self.file, ast.Pipe) for stage in pipe.stages]
        return Counter(stage.text for stage in stages if isinstance(stage, ast.Name))

    def fresh(self, stem: str) -> str:
        """A name that is free everywhere, made from a stem."""
        used = self.names | emitted_names()
        number = 0
        while f"{stem}{number}" in used or taken(f"{stem}{number}") or reserved(f"{stem}{number}"):
            number += 1
        return f"{stem}{number}"

    def work(self, *trees: ast.Syntax) -> Work:
        """What evaluating these may do."""
        return self.work_of({name for tree in trees for name in names(tree)})

    def work_of(self, mentioned: Iterable[str]) -> Work:
        """What evaluating something that mentions these names may do; bindings among them are values."""
        ops: set[str] = set()
        own: set[str] = set()
        modules: set[str] = set()
        foreign: set[str] = set()
        waiting = [(name, True) for name in mentioned]
        seen: set[tuple[str, bool]] = set()
        while waiting:
            name, direct = waiting.pop()
            if (name, direct) in seen:
                continue
            seen.add((name, direct))
            definition = self.definitions.get(name)
            if isinstance(definition, ast.Declare):
                modules.add(name)
                waiting += [(each, False) for each in names(definition)]
            elif isinstance(definition, ast.Macro):
                waiting += [(each, direct) for each in names(definition)]
            elif name in _presets():
                waiting += [(each, direct) for each in _presets()[name]]
            elif name in self.imports:
                foreign.add(name)
            elif name == "head" or (name in OPS and OPS[name].written):
                ops.add(name)
                if direct:
                    own.add(name)
        return Work(*map(frozenset, (ops, own, modules, foreign)))


def read(text: str) -> Reading | None:
    """The text, read; None where it is no spec."""
    spec = parse(text)
    return None if spec.problems else Reading(text, spec.tree)


def binds(node: ast.Syntax) -> list[ast.Identifier]:
    """The names that one node of a tree binds."""
    match node:
        case ast.Bind() | ast.Declare() | ast.Macro() | ast.Param() | ast.Input() | ast.Loss():
            return [node.name]
        case ast.Import() | ast.Ensemble() | ast.Formal():
            return [node.name]
        case ast.Exported() if node.value is not None:
            return [node.name]
        case ast.Loop():
            return [node.variable]
    return []


def _statement(outer: ast.Statement) -> Statement:
    annotations, inner = unwrap(outer)
    return Statement(outer, inner, tuple(annotations))


@cache
def _presets() -> Mapping[str, frozenset[str]]:
    """The names that each preset mentions."""
    macros = [statement for statement in prelude().tree.statements if isinstance(statement, ast.Macro)]
    return {macro.name.text: frozenset(names(macro)) for macro in macros}
