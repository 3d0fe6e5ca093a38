"""Situations in expressions, argument lists and types.

`Situation` says how to read an entry; the first that matches is taken.
"""

from __future__ import annotations

from rl2graph.lang.recovery.situations import (
    IN_BRACES,
    IN_BRACKETS,
    IN_CALL,
    IN_LIST,
    TOP,
    Append,
    Drop,
    Parenthesise,
    Put,
    Rebracket,
    Situation,
    Swap,
)

_OPERATOR = r"(?:PLUS|MINUS|STAR|SLASH)"
_VALUE = r"(?:NAME|INT|FLOAT|STRING|TRUE|FALSE|FOREIGN|FOR|IN|AS|KIND|SHARED|DEF|PARAM|INPUT|OUTPUT|LOSS)"
_LITERAL = r"(?:INT|FLOAT|STRING|TRUE|FALSE) "
_COMMA = frozenset(["COMMA"])
_LOOP = "`x |> for c in [16, 32] {{ conv2d(c, kernel=3) |> relu }}`"
_LINE_END = "a statement goes on over a line end only inside brackets, or before a line that starts with `|>`"

LOOPS = (
    Situation(
        r"FOR NAME:(?P<name>\w+) ! (?:NAME:of|NAME:on|NAME:from|COLON|EQUAL|COMMA) ",
        "unexpected `{word}`, `in` is expected",
        title="write `in`",
        mends=(Swap("in"), Swap(" in")),
    ),
    Situation(
        r"IN .*! (?:COLON|NAME)",
        "unexpected `{word}`, `{{` is expected",
        "the body of a loop stands between braces: " + _LOOP,
        expects=frozenset(["LBRACE"]),
        inside=TOP,
    ),
    Situation(
        r"FOR ! NAME:\w+ (?:IN|NAME)",
        "unexpected `for`",
        "a loop is a stage of a pipeline: " + _LOOP,
        at=(-1, -1),
    ),
    Situation(
        r"! FOR ",
        "unexpected `for`",
        "a loop is a stage of a pipeline: " + _LOOP,
    ),
)

OPERATORS = (
    Situation(
        r"PIPE ! SEP",
        hint="put `|>` at the start of the next line",
        title="move `|>` to the next line",
        mends=(Append("", (Drop(-1), Put("|> ", 0))), Drop(-1)),
    ),
    Situation(
        rf"{_OPERATOR} ! SEP",
        hint=_LINE_END,
        title="put the expression between `(` and `)`",
        mends=(Parenthesise(),),
    ),
    Situation(
        r"PIPE ! END",
        hint="a pipeline that goes on in the next line has its `|>` there, at the start",
        title="leave `|>` out",
        mends=(Drop(-1),),
        safe=False,
    ),
    Situation(
        rf"{_OPERATOR} ! END",
        hint=_LINE_END,
        title="leave `{previous}` out",
        mends=(Drop(-1),),
        safe=False,
    ),
    Situation(
        rf"(?:{_OPERATOR}|PIPE) ! (?:RPAR|RSQB|RBRACE|COMMA|EQUAL)",
        "unexpected `{word}`, a value is expected",
        "between `{previous}` and `{word}` an operand is missing",
        title="leave `{previous}` out",
        mends=(Drop(-1),),
        safe=False,
    ),
    Situation(
        r"STAR ! STAR ",
        "the language has no `**`",
        "write a square as `x * x`",
        touching=True,
        at=(-1, 0),
    ),
    Situation(
        r"(?:LPAR|COMMA) ! STAR (?:STAR )?NAME",
        "arguments cannot be unpacked",
        "write each of them: `op(x, key=value)`",
        inside=IN_CALL,
    ),
    Situation(
        r"! PLUS ",
        "unexpected `+`, a value is expected",
        "a number has no sign `+`",
        title="leave `+` out",
        mends=(Drop(),),
        expects=frozenset(["NAME", "INT", "MINUS"]),
        safe=False,
    ),
    Situation(
        rf"(?:{_OPERATOR}|PIPE) ! (?:STAR|SLASH|PIPE) ",
        "unexpected `{word}`, a value is expected",
        "between `{previous}` and `{word}` an operand is missing",
    ),
    Situation(
        r"! AT ",
        "the language has no `@` in an expression",
        "`matmul(x, y)` is the product of two tensors, `dense(x, out)` that with weights",
        expects=frozenset(["PLUS"]),
    ),
    Situation(
        r"EQUAL ! (?:END|SEP)",
        hint=_LINE_END,
    ),
)

ARGUMENTS = (
    Situation(
        r"(?:LPAR|LSQB|COMMA) ! COMMA ",
        "unexpected `,`, a value is expected",
        "leave the `,` out, or put a value before it",
        title="leave `,` out",
        mends=(Drop(),),
        safe=False,
    ),
    Situation(
        r"NAME:\w+ ! COLON (?:NAME:\w+ )",
        "unexpected `:`",
        "parameters have no types: what is given decides",
        title="leave the type out",
        mends=(Drop(0, 1), Drop(0, 4)),
        in_header=True,
        safe=False,
    ),
    Situation(
        r"(?:NAME:\w+|INT|FLOAT|STRING|RPAR|RSQB) ! COMMA ",
        "unexpected `,`, `)` is expected",
        "a list is written `[64, 64]`",
        title="write `[` and `]`",
        mends=(Rebracket("[", "]"),),
        inside=IN_CALL,
        rivals=(Put(")"),),
    ),
    Situation(
        r"NAME:(?P<key>\w+) ! COLON ",
        "unexpected `:`, `=` is expected",
        "keywords are written `{key}=value`",
        title="write `=`",
        mends=(Swap("="),),
        inside=IN_CALL,
        in_header=False,
    ),
    Situation(
        r"NAME:(?P<key>\w+) ! COLON (?:INT|FLOAT|STRING|TRUE|FALSE|LSQB)",
        "unexpected `:`, `=` is expected",
        "a default is written `{key}=value`",
        title="write `=`",
        mends=(Swap("="),),
        in_header=True,
    ),
    Situation(
        r"STRING ! (?:COLON|EQUAL) ",
        "unexpected `{word}` after a string",
        "keywords are plain names: `op(x, key=value)`",
        inside=IN_CALL,
    ),
    Situation(
        r"! SEP ",
        "`;` ends a statement, and a bracket is open here",
        "what stands in brackets is separated by `,`",
        title="write `,`",
        mends=(Swap(", "),),
        inside=IN_BRACKETS,
        safe=False,
    ),
    Situation(
        r"! EQUAL ",
        "unexpected `=`, `:` is expected",
        "a field of an input is written `name: type`",
        title="write `:`",
        mends=(Swap(":"),),
        inside=IN_BRACES,
        expects=frozenset(["COLON"]),
    ),
    Situation(
        r"(?:NAME:\w+|STRING) ! (?:NAME|LBRACE)",
        "unexpected `{word}`, `:` is expected",
        "a field of an input is written `name: type`",
        title="put `:` before it",
        mends=(Put(":"),),
        inside=IN_BRACES,
        expects=frozenset(["COLON"]),
    ),
    Situation(
        r"NAME:(?P<whole>\w+) DOT NAME:(?P<part>\w+) ! NAME:\w+ (?!EQUAL|LPAR)",
        "unexpected `{word}`",
        'a part whose name has a blank goes in quotes: `{whole}["{part} {word}"]`; or a `,` is missing',
        title='write `{whole}["{part} {word}"]`',
        mends=(Swap('["{part} {word}"]', -2, 0),),
        safe=False,
    ),
    Situation(
        r"\^ OUTPUT .*! NAME",
        "unexpected `{word}`, `,` is expected",
        "names are separated by `,`; a role stands behind `:`, as in `output left: pi`",
        title="put `,` before it",
        mends=(Put(","),),
        expects=_COMMA,
        rivals=(Put(" |> "), Put(" = "), Put(": ")),
    ),
    Situation(
        rf"{_LITERAL}! {_LITERAL}",
        "unexpected `{word}`, `,` is expected",
        title="put `,` before it",
        mends=(Put(","),),
        expects=_COMMA,
    ),
    Situation(
        r"NAME:\w+ ! NAME:\w+ (?!EQUAL)",
        "unexpected `{word}`, `,` is expected",
        "between two values stands a `,`, or brackets: `{previous}, {word}` or `{previous}({word})`",
        title="put `,` before it",
        mends=(Put(","),),
        inside=IN_CALL,
        expects=_COMMA,
        safe=False,
    ),
    Situation(
        rf"! (?:{_VALUE}|STRING|LBRACE)",
        "unexpected `{word}`, `,` is expected",
        "between two values stands a `,` or an operator",
        title="put `,` before it",
        mends=(Put(","),),
        expects=_COMMA,
        rivals=(Put(" |> "), Put(" = ")),
    ),
)

NEIGHBOURS = (
    Situation(
        rf"! {_VALUE}",
        "unexpected `{word}` after a value",
        "an operator may be missing, or a bracket: `f(x)`",
        expects=frozenset(["PLUS"]),
    ),
)

INDEXING = (
    Situation(
        r"(?:NAME:\w+|RPAR|RSQB) LSQB (?:\S+ )*! (?:COLON|COMMA) ",
        "unexpected `{word}`, `]` is expected",
        'an index is one key, `obs["left arm"]`; `slice(x, 0, 3)` and `select(x, 0)` take parts of a tensor',
        inside=IN_LIST,
    ),
)
