"""Situations in expressions, argument lists and types.

`Situation` says how to read an entry; the first that matches is taken.
"""

from __future__ import annotations

from rl2graph.lang.situations import (
    IN_BRACES,
    IN_BRACKETS,
    IN_CALL,
    IN_LIST,
    TOP,
    Append,
    Drop,
    Parenthesise,
    Put,
    Situation,
    Swap,
)

_OPERATOR = r"(?:PLUS|MINUS|STAR|SLASH)"
_VALUE = r"(?:NAME|INT|FLOAT|STRING|TRUE|FALSE|FOREIGN|FOR|IN|AS|KIND|SHARED|DEF|PARAM|INPUT|OUTPUT|LOSS)"
_COMMA = frozenset(["COMMA"])
_LOOP = "`x |> for c in [16, 32] {{ conv2d(c, kernel=3) |> relu }}`"
_LINE_END = "a statement goes on over a line end only inside brackets, or before a line that starts with `|>`"

COMMENTS = (
    Situation(
        r"SLASH ! SLASH \S+ (?:END|SEP|RPAR|RSQB|COMMA) ",
        "unexpected `//`",
        "`/` divides whole numbers, and there must be no remainder; a comment starts with `#`",
        title="write `/`",
        mends=(Drop(),),
        touching=True,
        safe=False,
        at=(-1, 0),
    ),
    Situation(
        r"SLASH ! SLASH ",
        "unexpected `//`",
        "a comment starts with `#`",
        title="write `#`",
        mends=(Swap("#", -1, 0),),
        touching=True,
        at=(-1, 0),
    ),
    Situation(
        r"! SLASH SLASH ",
        "unexpected `//`",
        "a comment starts with `#`",
        title="write `#`",
        mends=(Swap("#", 0, 1),),
        at=(0, 1),
    ),
    Situation(
        r"(?:SLASH ! STAR|\^ ! SLASH STAR) ",
        "unexpected `/*`",
        "a comment starts with `#` and goes to the end of its line",
    ),
    Situation(
        r"\^ ! MINUS MINUS ",
        "unexpected `--`",
        "a comment starts with `#`",
        title="write `#`",
        mends=(Swap("#", 0, 1),),
        at=(0, 1),
    ),
    Situation(
        r"MINUS MINUS NAME:\w+ ! ",
        "unexpected `{word}`",
        "a comment starts with `#`, not with `--`",
        title="write `#`",
        mends=(Swap("#", -3, -2),),
        inside=TOP | IN_BRACES,
    ),
)

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
        r"! FOR ",
        "unexpected `for`",
        "a loop is a stage of a pipeline: " + _LOOP,
    ),
)

WORDS_OF_OTHERS = (
    Situation(
        r"NAME:lambda ! ",
        "the language has no `lambda`",
        "`def f(x) = …` names an expression, and `f` can be given as an argument",
        at=(-1, -1),
    ),
    Situation(
        r"! NAME:(?:if|else|and|or|not|is) ",
        "the language has no `{word}`",
        "a spec says what a network is; it takes no decisions",
    ),
    Situation(
        r"INT ! NAME:_",
        "unexpected `{word}`",
        "the digits of a number are written without `_`",
        touching=True,
    ),
    Situation(
        r"(?P<number>INT|FLOAT) ! (?:NAME|INT|FLOAT)",
        "`{previous}{word}` is neither a number nor a name",
        "a name starts with a letter or `_`",
        touching=True,
        at=(-1, 0),
    ),
    Situation(
        r"NAME:(?P<prefix>[rbfuRBFU]{1,2}) ! STRING",
        "a string has no prefix",
        title="leave `{prefix}` out",
        mends=(Drop(-1),),
        touching=True,
        at=(-1, -1),
    ),
    Situation(
        r"STRING ! STRING ",
        "unexpected {word} after a string",
        'a string starts and ends with one `"` and stays on its line',
        touching=True,
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
        hint="a line that goes on with a pipeline starts with `|>`, and is indented or not",
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
        "`dense(x, out)` is the product with a matrix of weights",
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
        title="leave `,` out",
        mends=(Drop(),),
        safe=False,
    ),
    Situation(
        r"NAME:(?P<key>\w+) ! COLON ",
        "unexpected `:`, `=` is expected",
        "keywords are written `{key}=value`",
        title="write `=`",
        mends=(Swap("="),),
        inside=IN_CALL,
    ),
    Situation(
        r"STRING ! (?:COLON|EQUAL) ",
        "unexpected `{word}` after a string",
        "keywords are plain names: `op(x, key=value)`",
        inside=IN_CALL,
    ),
    Situation(
        r"EQUAL ! UNKNOWN:> ",
        "unexpected `=>`, `=` is expected",
        title="write `=`",
        mends=(Swap("=", -1, 0),),
        touching=True,
        at=(-1, 0),
    ),
    Situation(
        r"! SEP ",
        "`;` ends a statement, and a bracket is open here",
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
        rf"! (?:{_VALUE}|STRING|LBRACE)",
        "unexpected `{word}`, `,` is expected",
        title="put `,` before it",
        mends=(Put(","),),
        expects=_COMMA,
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
        r"! (?:COLON|COMMA) ",
        "unexpected `{word}`, `]` is expected",
        'an index is one key: `obs["left arm"]`, or `obs.camera`',
        inside=IN_LIST,
        expects=frozenset(["RSQB", "PLUS"]),
    ),
)
