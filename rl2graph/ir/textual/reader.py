"""Text to graphs."""

from __future__ import annotations

from collections.abc import Mapping

from rl2graph.collector import collector_paused
from rl2graph.diagnostics import Diagnostic, DiagnosticError, Label, Source, Span, misspelt
from rl2graph.ir.graph import ONLINE, TARGET, Graph, Load, Node, Output, Owner
from rl2graph.ir.inits import INITS
from rl2graph.ir.op import Attribute, Init, Op, Weight
from rl2graph.ir.provenance import Provenance
from rl2graph.ir.table import OPS
from rl2graph.ir.textual.attributes import read_attributes
from rl2graph.ir.textual.numbers import read_integer, read_number
from rl2graph.ir.textual.shapes import read_shape, read_type
from rl2graph.ir.textual.tokens import Line, Place, UnreadableError, name_of, shortened, token_span
from rl2graph.ir.types import TensorType
from rl2graph.ir.verify import verify

_STATEMENTS = ("owner", "output")
_VERSIONS = (ONLINE, TARGET)


@collector_paused()
def read(text: str, name: str = "<graph>") -> Graph:
    """The graph that `text` describes, verified; `write` is the inverse.

    Args:
        text: as `write` gives it. Blank lines and lines of comment count for nothing, as do spaces between
            words; attributes that are left out have their defaults.
        name: what diagnostics call the text.

    Raises:
        DiagnosticError: RLG704 at the first place that cannot be read, RLG701 where the graph breaks an
            invariant.
    """
    reader = _Reader()
    for number, content in enumerate(text.split("\n")):
        try:
            reader.line(Line(content), number)
        except UnreadableError as problem:
            raise DiagnosticError([_diagnostic(problem, Source(name, text), number)]) from None
    names = tuple(reader.provenance) if any(reader.provenance) else ()
    graph = Graph(tuple(reader.nodes), tuple(reader.outputs.values()), tuple(reader.owners.values()), names)
    verify(graph, "reading its text")
    return graph


def _diagnostic(problem: UnreadableError, source: Source, number: int) -> Diagnostic:
    span = _span(source, Place(number, problem.at))
    if problem.known:
        return misspelt("RLG704", problem.message, span, span.text, problem.known, problem.hint)
    first = problem.first
    labels = (Label(_span(source, first), "the first time here"),) if first else ()
    return Diagnostic("RLG704", problem.message, span, hint=problem.hint, labels=labels)


def _span(source: Source, place: Place) -> Span:
    offset = source.line_starts[place.line]
    start, end = token_span(source.line(place.line + 1), place.token)
    return Span(source, offset + start, offset + end)


class _Reader:
    """The parts of a graph as they are read, and the lines that they came from."""

    def __init__(self) -> None:
        self.owners: dict[str, Owner] = {}
        self.nodes: list[Node] = []
        self.provenance: list[Provenance | None] = []
        self.outputs: dict[str, Output] = {}
        self._lines: dict[str, int] = {}
        self._node_lines: list[int] = []
        self._attributes: dict[str, Mapping[str, Attribute]] = {}
        self._types: dict[tuple[str, ...], TensorType] = {}

    def line(self, line: Line, number: int) -> None:
        """Reads a line, the number of which is counted from 0."""
        first = line.next
        if not first:
            return
        if first[0] == "%":
            self._node(line, number)
        elif line.take("owner"):
            self._owner(line, number)
        elif line.take("output"):
            self._output(line, number)
        else:
            message = f"a line starts with `owner`, `output` or a node such as `%0`, not `{first}`"
            raise UnreadableError(0, message, known=_STATEMENTS)
        if line.next:
            raise line.unexpected("the end of the line")

    def _owner(self, line: Line, number: int) -> None:
        if self.nodes or self.outputs:
            raise UnreadableError(0, "owners come before nodes and outputs")
        path = self._new_name(line, number, "owner")
        line.expect(":")
        op = _op(line).name
        frozen = line.take("frozen")
        learning_rate = _number_argument(line) if line.take("lr") else None
        load = _load(line) if line.take("load") else None
        weights = []
        while line.take(","):
            weights.append(_weight(line))
        self.owners[path] = Owner(path, op, tuple(weights), frozen, learning_rate, load)

    def _node(self, line: Line, number: int) -> None:
        self._new_id(line, number)
        line.expect("=")
        op = _op(line)
        line.expect("(")
        operands = tuple([self._earlier(line) for _ in line.items(")")])
        if op.name not in self._attributes:
            self._attributes[op.name] = {attribute.name: attribute for attribute in op.attributes}
        attributes = read_attributes(line, op, self._attributes[op.name])
        owner = self._declared(line) if line.take("@") else None
        version = _version(line) if line.take("version") else ONLINE
        evaluation = _evaluation(line) if line.take("evaluation") else None
        slot = _name_argument(line, "a slot") if line.take("slot") else None
        line.expect(":")
        type_ = self._type(line)
        self.nodes.append(Node(op.name, operands, attributes, type_, owner, version, evaluation, slot))
        self.provenance.append(Provenance(name_of(line.comment)) if line.comment else None)

    def _type(self, line: Line) -> TensorType:
        """Reads a type to the end of the line; equal ones are one object."""
        rest = tuple(line.tokens[line.at :])
        known = self._types.get(rest)
        if known is None:
            known = self._types[rest] = read_type(line)
        else:
            line.at = len(line.tokens) - 1
        return known

    def _output(self, line: Line, number: int) -> None:
        name = self._new_name(line, number, "output")
        role = None
        if line.next == "(":
            role = _name_argument(line, "a role")
        line.expect("=")
        self.outputs[name] = Output(name, role, self._earlier(line))

    def _new_id(self, line: Line, number: int) -> None:
        """Reads the id of a node, which must be the next one."""
        node = line.id()
        if node < len(self.nodes):
            first = Place(self._node_lines[node])
            raise UnreadableError(0, f"`%{node}` is there already", self._next_id, first=first)
        if node > len(self.nodes):
            raise UnreadableError(0, "ids of nodes count up by one from `%0`", self._next_id)
        if self.outputs:
            raise UnreadableError(0, "nodes come before outputs")
        self._node_lines.append(number)

    @property
    def _next_id(self) -> str:
        return f"the next is `%{len(self.nodes)}`"

    def _new_name(self, line: Line, number: int, kind: str) -> str:
        """Reads the name of an owner or an output, which must not be there."""
        at = line.at
        name = line.name(f"the name of an {kind}")
        first = self._lines.setdefault(f"{kind} {name}", number)
        if first != number:
            raise UnreadableError(at, f"{kind} `{name}` is there already", first=Place(first, 1))
        return name

    def _earlier(self, line: Line) -> int:
        """Reads the id of a node that is there."""
        at = line.at
        node = line.id()
        if node >= len(self.nodes):
            last = f"the last is `%{len(self.nodes) - 1}`" if self.nodes else None
            raise UnreadableError(at, f"`{shortened(line.tokens[at])}` is no earlier node", last)
        return node

    def _declared(self, line: Line) -> str:
        """Reads the path of an owner that is there."""
        at = line.at
        path = line.name("the path of an owner")
        if path not in self.owners:
            hint = None if self.owners else "owners come first: `owner e: dense, weight[64, 4] = …`"
            raise UnreadableError(at, f"no owner `{path}` is declared", hint, known=self.owners)
        return path


def _op(line: Line) -> Op:
    at = line.at
    name = line.name("an op")
    op = OPS.get(name)
    if op is None:
        raise UnreadableError(at, f"the op table has no `{name}`", known=OPS)
    return op


def _weight(line: Line) -> Weight:
    name = line.name("the name of a weight")
    shape = read_shape(line)
    line.expect("=")
    at = line.at
    rule = line.name("a rule by which weights start")
    if rule not in INITS:
        raise UnreadableError(at, f"unknown rule `{rule}`", known=INITS)
    init = Init(rule, _number_argument(line))
    return Weight(name, shape, init, line.take("buffer"))


def _number_argument(line: Line) -> int | float:
    """A number in brackets."""
    line.expect("(")
    value = read_number(line)
    line.expect(")")
    return value


def _name_argument(line: Line, what: str) -> str:
    """A name in brackets."""
    line.expect("(")
    name = line.name(what)
    line.expect(")")
    return name


def _version(line: Line) -> str:
    at = line.at + 1
    version = _name_argument(line, "a version")
    if version not in _VERSIONS:
        raise UnreadableError(at, f"weights have no version `{version}`", known=_VERSIONS)
    return version


def _evaluation(line: Line) -> int:
    line.expect("(")
    site = read_integer(line)
    line.expect(")")
    return site


def _load(line: Line) -> Load:
    line.expect("(")
    file = line.name("the name of a file")
    line.expect(",")
    key = line.name("a key")
    line.expect(")")
    return Load(file, key)
