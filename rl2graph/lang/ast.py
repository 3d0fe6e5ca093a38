"""The syntax tree of a spec. Every node knows the characters that it stands for; equality ignores them."""

from __future__ import annotations

from dataclasses import dataclass, field

from rl2graph.diagnostics import Source, Span


@dataclass(slots=True)
class Syntax:
    """The base of every node: a half-open range of characters of `source`."""

    source: Source = field(repr=False, compare=False)
    start: int = field(repr=False, compare=False)
    end: int = field(repr=False, compare=False)

    @property
    def span(self) -> Span:
        return Span(self.source, self.start, self.end)


@dataclass(slots=True)
class Identifier(Syntax):
    text: str


@dataclass(slots=True)
class Name(Syntax):
    text: str


@dataclass(slots=True)
class Integer(Syntax):
    value: int


@dataclass(slots=True)
class Float(Syntax):
    value: float


@dataclass(slots=True)
class String(Syntax):
    value: str


@dataclass(slots=True)
class Boolean(Syntax):
    value: bool


@dataclass(slots=True)
class ListOf(Syntax):
    items: list[Expr]


@dataclass(slots=True)
class Argument(Syntax):
    """One argument of a call; `keyword` is None where it is positional."""

    keyword: Identifier | None
    value: Expr


@dataclass(slots=True)
class Call(Syntax):
    function: Expr
    arguments: list[Argument]


@dataclass(slots=True)
class Loop(Syntax):
    """`for variable in iterable { stage |> stage }`, a stage of a pipeline."""

    variable: Identifier
    iterable: Expr
    body: list[Expr]


@dataclass(slots=True)
class Pipe(Syntax):
    """`first |> stage |> stage`; a chain is one node, however long."""

    first: Expr
    stages: list[Expr]


@dataclass(slots=True)
class Binary(Syntax):
    """`first + a - b`: operators of one precedence, left to right, as one node."""

    first: Expr
    rest: list[tuple[str, Expr]]


@dataclass(slots=True)
class Negate(Syntax):
    operand: Expr


@dataclass(slots=True)
class Attribute(Syntax):
    value: Expr
    name: Identifier


@dataclass(slots=True)
class Index(Syntax):
    value: Expr
    key: Expr


Expr = (
    Name
    | Integer
    | Float
    | String
    | Boolean
    | ListOf
    | Call
    | Loop
    | Pipe
    | Binary
    | Negate
    | Attribute
    | Index
)


@dataclass(slots=True)
class TensorTypeOf(Syntax):
    """`f32[12]`, `discrete[6]`."""

    name: Identifier
    dims: list[Expr]


@dataclass(slots=True)
class RecordTypeOf(Syntax):
    """`{ camera: image[3, 84, 84], joints: f32[12] }`."""

    fields: list[tuple[Identifier, TypeOf]]


TypeOf = TensorTypeOf | RecordTypeOf


@dataclass(slots=True)
class Annotation(Syntax):
    """`@lr(1e-4)` before a statement."""

    name: Identifier
    arguments: list[Argument]


@dataclass(slots=True)
class Formal(Syntax):
    """A parameter of a definition, with its default."""

    name: Identifier
    default: Expr | None


@dataclass(slots=True)
class Block(Syntax):
    """`{ statement; …; return expr }`.

    `broken` says that some of its statements could not be read, `lost` are the names that those bind.
    """

    statements: list[Statement]
    lost: list[str] = field(default_factory=list)
    broken: bool = False


@dataclass(slots=True)
class Bind(Syntax):
    """`name = value`, with an optional kind word."""

    kind: str | None
    name: Identifier
    value: Expr
    shared: bool = False


@dataclass(slots=True)
class Declare(Syntax):
    """`encoder f(x) = …`: a module, one set of weights however often it is called."""

    kind: str
    name: Identifier
    formals: list[Formal]
    body: Expr | Block
    shared: bool = False


@dataclass(slots=True)
class Macro(Syntax):
    """`def f(x) = …`: expanded in place, new weights at every call."""

    name: Identifier
    formals: list[Formal]
    body: Expr | Block


@dataclass(slots=True)
class Param(Syntax):
    name: Identifier
    value: Expr


@dataclass(slots=True)
class Input(Syntax):
    name: Identifier
    type: TypeOf


@dataclass(slots=True)
class Exported(Syntax):
    """One item of an `output` statement: `name`, `name: role`, either with `= value`."""

    name: Identifier
    role: Identifier | None
    value: Expr | None


@dataclass(slots=True)
class Output(Syntax):
    items: list[Exported]


@dataclass(slots=True)
class Loss(Syntax):
    name: Identifier
    value: Expr


@dataclass(slots=True)
class Import(Syntax):
    path: String
    name: Identifier


@dataclass(slots=True)
class Ensemble(Syntax):
    count: Expr
    kind: str | None
    name: Identifier
    value: Expr


@dataclass(slots=True)
class Agents(Syntax):
    names: list[Identifier]
    body: Block


@dataclass(slots=True)
class Return(Syntax):
    value: Expr


@dataclass(slots=True)
class Annotated(Syntax):
    annotation: Annotation
    statement: Statement


Statement = (
    Bind | Declare | Macro | Param | Input | Output | Loss | Import | Ensemble | Agents | Return | Annotated
)


@dataclass(slots=True)
class File(Syntax):
    """A whole spec; `lost` are the names that statements bind which could not be read."""

    version: int | None
    statements: list[Statement]
    lost: list[str] = field(default_factory=list)
