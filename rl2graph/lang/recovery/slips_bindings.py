"""Situations in bindings and definitions, up to their expressions and behind them.

`Situation` says how to read an entry; the first that matches is taken.
"""

from __future__ import annotations

from rl2graph.lang.recovery.situations import IN_BRACES, IN_BRACKETS, TOP, Append, Drop, Put, Situation, Swap

_VALUE = r"(?:NAME|INT|FLOAT|STRING|TRUE|FALSE|FOREIGN|LSQB|MINUS)"
_WORD = r"(?:KIND|SHARED|DEF|PARAM|INPUT|OUTPUT|LOSS|IMPORT|ENSEMBLE|AGENTS|RETURN)"
_KINDS = r"(?:SHARED )?(?:KIND:\w+ )?"
_EQUAL = frozenset(["EQUAL"])
_BODY = "a body is `= expression` or `{{ …; return expression }}`"

DEFINITIONS = (
    Situation(
        r"RPAR ! COLON RETURN",
        "a body does not start with `:`",
        _BODY,
        title="write `=`",
        mends=(Swap(" =", 0, 1),),
        inside=TOP,
    ),
    Situation(
        r"RPAR ! COLON SEP",
        "a body does not start with `:`",
        _BODY,
        title="put the body between `{{` and `}}`",
        mends=(Append("\n}}", (Swap(" {{"),)),),
        inside=TOP,
    ),
    Situation(
        r"RPAR ! COLON ",
        "a body does not start with `:`",
        _BODY,
        title="write `=`",
        mends=(Swap(" ="),),
        inside=TOP,
        expects=_EQUAL,
    ),
    Situation(
        r"RPAR ! MINUS UNKNOWN:> ",
        "a body does not start with `->`",
        _BODY,
        title="write `=`",
        mends=(Swap("=", 0, 1),),
        inside=TOP,
        expects=_EQUAL,
        at=(0, 1),
    ),
    Situation(
        rf"RPAR ! {_VALUE}",
        "unexpected `{word}`, `=` or `{{` is expected",
        _BODY,
        title="put `=` before the body",
        mends=(Put(" ="),),
        inside=TOP,
        expects=_EQUAL,
    ),
    Situation(
        r"\^ DEF NAME:(?P<name>\w+) ! NAME:\w+ EQUAL",
        "unexpected `{word}`, `(` is expected",
        title="write `{name}({word})`",
        mends=(Swap("{name}({word})", -1, 0),),
    ),
    Situation(
        r"\^ DEF NAME:(?P<name>\w+) ! ",
        "unexpected `{word}`, `(` is expected",
        "`def` declares a macro: `def {name}(x) = …`; a value is bound by `{name} = …`",
        title="leave `def` out",
        mends=(Drop(-2),),
        safe=False,
    ),
    Situation(
        r"\^ KIND:(?P<kind>\w+) SHARED ! NAME",
        "`shared` stands before `{kind}`",
        title="write `shared {kind}`",
        mends=(Swap("shared {kind}", -2, -1),),
        at=(-1, -1),
    ),
    Situation(
        r"(?:SHARED )?KIND:(?P<one>\w+) KIND:(?P<other>\w+) ! NAME",
        "a binding has one kind word, not `{one}` and `{other}`",
        "kind words document what a value is for; leave one of them out",
        at=(-2, -1),
    ),
    Situation(
        r"\^ LOSS ! EQUAL",
        "`loss` is a word of the language",
        "a loss has a name: `loss aux = …`",
        at=(-1, -1),
    ),
    Situation(
        rf"\^ {_WORD}(?::\w+)? ! EQUAL",
        "`{previous}` is a word of the language",
        "choose another name",
        at=(-1, -1),
    ),
)

BINDINGS = (
    Situation(
        r"! COLON EQUAL",
        "unexpected `:=`, `=` is expected",
        title="write `=`",
        mends=(Swap("=", 0, 1),),
        expects=_EQUAL,
        at=(0, 1),
    ),
    Situation(
        r"EQUAL ! EQUAL ",
        "unexpected `==`, `=` is expected",
        title="write `=`",
        mends=(Drop(),),
        touching=True,
        at=(-1, 0),
    ),
    Situation(
        r"EQUAL ! EQUAL ",
        "unexpected `=`, a value is expected",
        title="leave `=` out",
        mends=(Drop(),),
    ),
    Situation(
        rf"\^ {_KINDS}NAME:(?P<name>\w+) ! COLON",
        "unexpected `:`, `=` is expected",
        "a binding is written `{name} = …`; an input with its type `input {name}: f32[4]`",
    ),
    Situation(
        r"\^ NAME:(?P<name>\w+) ! (?P<sign>PLUS|MINUS|STAR|SLASH) EQUAL",
        "a name is bound once",
        "give the result a name of its own: `{name}2 = {name} {word} …`",
    ),
    Situation(
        r"\^ NAME:\w+ ! COMMA",
        "unexpected `,`, `=` is expected",
        "one statement binds one name: `parts = split(x, 2)`, then `parts[0]`",
    ),
    Situation(
        r"\^ NAME:(?P<name>\w+) ! (?:DOT|LSQB) .*",
        "unexpected `{word}`, `=` is expected",
        "a statement binds a plain name: `name = …`",
    ),
    Situation(
        r"\^ (?:NAME:\w+|KIND:\w+) ! (?:LPAR|PIPE|PLUS|MINUS|STAR|SLASH)",
        "unexpected `{word}`, `=` is expected",
        "a statement binds a name: write `name = …`",
    ),
    Situation(
        rf"(?:\^ |AT NAME:\w+ ){_KINDS}NAME:(?P<name>\w+) ! (?:END|SEP)",
        hint="a statement binds a name: write `{name} = …`",
    ),
    Situation(
        r"\^ NAME:\w+ ! NAME:\w+ EQUAL",
        "`{previous}` is not a word of the language",
        "before the name there may be `encoder`, `head`, `module`, `shared`, `param`, `loss`, or nothing",
        at=(-1, -1),
    ),
    Situation(
        r"! INT NAME:(?P<rest>\w+)",
        "`{word}{rest}` is not a name",
        "a name starts with a letter or `_`",
        at=(0, 1),
        expects=frozenset(["NAME", "DEF"]),
    ),
    Situation(
        rf"\^ (?:{_KINDS}|PARAM |LOSS |ENSEMBLE LSQB \S+ RSQB )NAME:(?P<name>\w+) ! {_VALUE}",
        "unexpected `{word}`, `=` is expected",
        title="put `=` after `{name}`",
        mends=(Put(" ="),),
        expects=_EQUAL,
    ),
    Situation(
        rf"! (?:NAME:\w+ (?:EQUAL|LPAR)|{_WORD})",
        "a second statement starts at `{word}`",
        "statements are separated by a new line or `;`",
        title="put `;` before it",
        mends=(Put(";"),),
        inside=TOP | IN_BRACES,
        expects=frozenset(["_SEP"]),
        rivals=(Put(","),),
    ),
    Situation(
        rf"! COMMA (?:NAME:\w+ EQUAL|{_WORD})",
        "unexpected `,`, the end of the statement is expected",
        "statements are separated by a new line or `;`",
        title="write `;`",
        mends=(Swap(";"),),
        inside=TOP | IN_BRACES,
        expects=frozenset(["_SEP"]),
    ),
    Situation(
        r"! EQUAL EQUAL ",
        "the language has no `==`",
        "a spec says what a network is; it compares nothing and takes no decisions",
        at=(0, 1),
    ),
    Situation(
        r"! EQUAL ",
        "unexpected `=` in an expression",
        "one statement binds one name; keywords are written `op(x, key=value)`",
        inside=TOP | IN_BRACES,
    ),
    Situation(
        r"! EQUAL ",
        "unexpected `=` after `{previous}`",
        "the word before the `=` of a keyword is a plain name: `op(x, key=value)`",
        inside=IN_BRACKETS,
    ),
)
