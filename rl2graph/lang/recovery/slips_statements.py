"""Situations in statements that a word of the language starts, or one of another.

`Situation` says how to read an entry; the first that matches is taken.
"""

from __future__ import annotations

from rl2graph.lang.recovery.situations import Append, Drop, Put, Situation, Swap

NAMED_STATEMENTS = (
    Situation(
        r"\^ PARAM NAME:(?P<name>\w+) ! COLON",
        "unexpected `:`, `=` is expected",
        "the type of a param is that of its default: `param {name} = …`",
        title="write `=`",
        mends=(Swap(" ="), Drop(0, 1)),
    ),
    Situation(
        r"\^ PARAM NAME:(?P<name>\w+) ! (?:END|SEP|COMMA)",
        hint="a parameter has a default: `param {name} = 64`",
    ),
    Situation(
        r"\^ RETURN NAME:(?P<name>\w+) ! COMMA NAME:(?P<other>\w+)",
        "unexpected `,`, the end of the statement is expected",
        "`return` stands in a block and gives one value; outputs are written `output {name}, {other}`",
        title="write `output`",
        mends=(Swap("output", -2),),
        safe=False,
    ),
    Situation(
        r"\^ INPUT NAME:(?P<name>\w+) ! EQUAL",
        "unexpected `=`, `:` is expected",
        "an input has a type: `input {name}: f32[4]`",
        title="write `:`",
        mends=(Swap(":"),),
    ),
    Situation(
        r"\^ INPUT NAME:(?P<name>\w+) ! (?:NAME|LBRACE)",
        "unexpected `{word}`, `:` is expected",
        "an input has a type: `input {name}: f32[4]`",
        title="put `:` after `{name}`",
        mends=(Put(":"),),
    ),
    Situation(
        r"\^ INPUT NAME:(?P<name>\w+) ! ",
        hint="an input has a type: `input {name}: f32[4]`",
    ),
    Situation(
        r"\^ OUTPUT ! COLON",
        "unexpected `:`, a name is expected",
        title="leave `:` out",
        mends=(Drop(),),
    ),
    Situation(
        r"\^ LOSS (?:NAME:\w+ )?! ",
        hint="a loss has a name: `loss aux = …`",
    ),
    Situation(
        r"\^ IMPORT NAME:(?P<name>\w+) |\^ IMPORT ! ",
        hint='the file that is imported is a string: `import "encoders/impala.rl2" as impala`',
    ),
    Situation(
        r"\^ IMPORT STRING ! ",
        hint="an import is given a name: `import {previous} as name`",
    ),
    Situation(
        r"\^ ENSEMBLE ! (?:INT|NAME:\w+) (?:KIND|NAME)",
        "unexpected `{word}`, `[` is expected",
        title="write `ensemble[{word}]`",
        mends=(Swap("ensemble[{word}]", -1, 0),),
    ),
    Situation(
        r"\^ ENSEMBLE ! LPAR (?:INT|NAME:\w+) RPAR",
        "unexpected `(`, `[` is expected",
        "an ensemble is written `ensemble[5] q = …`",
        title="write `[` and `]`",
        mends=(Append("", (Swap("["), Swap("]", 2))),),
    ),
    Situation(
        r"\^ ENSEMBLE ! ",
        hint="an ensemble is written `ensemble[5] q = …`",
    ),
    Situation(
        r"AT NAME:(?P<name>\w+) ! EQUAL (?:INT|FLOAT|STRING|TRUE|FALSE|NAME:\w+) ",
        "unexpected `=` after an annotation",
        "the value of an annotation stands in parentheses: `@{name}(…)`",
        title="write it in parentheses",
        mends=(Append("", (Swap("{name}(", -1, 0), Put(")", 1))),),
    ),
    Situation(
        r"AT NAME:\w+ (?:LPAR .*?RPAR )?(?:SEP \^ )?(?:PARAM|INPUT|OUTPUT|LOSS|IMPORT|AGENTS|RETURN) ! ",
        "an annotation cannot stand before `{previous}`",
        "it stands before a binding, a module or an ensemble",
        at=(-1, -1),
    ),
    Situation(
        r"AT NAME:\w+ (?:LPAR .*?RPAR )?(?:SEP \^ )?! END",
        "an annotation is followed by no statement",
        "it stands before a binding, a module or an ensemble",
        at=(-1, -1),
    ),
    Situation(
        r"AT (?:NAME:\w+ )?(?:LPAR .*?RPAR )?(?:SEP \^ )?! ",
        "unexpected `{word}` after an annotation",
        "an annotation stands before a binding, a module or an ensemble: `@frozen encoder e = …`",
    ),
    Situation(
        r"COLON NAME:(?P<name>\w+) ! LPAR \S+ RPAR",
        "unexpected `(`, `[` is expected",
        "the dims of a type stand in square brackets: `{name}[4]`",
        title="write `[` and `]`",
        mends=(Append("", (Swap("["), Swap("]", 2))),),
    ),
    Situation(
        r"COLON NAME:(?P<name>\w+) ! LPAR ",
        "unexpected `(`, `[` is expected",
        "the dims of a type stand in square brackets: `{name}[4]`",
    ),
    Situation(
        r"VERSION ! ",
        "unexpected `{word}` after the version of the language",
        "the first line is `rl2 1`",
    ),
    Situation(
        r"! VERSION ",
        "the version of the language stands on the first line",
    ),
)
