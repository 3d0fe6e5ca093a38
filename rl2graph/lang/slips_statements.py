"""Situations at the start of statements and in what comes before their expressions.

`Situation` says how to read an entry; the first that matches is taken.
"""

from __future__ import annotations

from rl2graph.lang.situations import IN_BRACES, IN_BRACKETS, TOP, Append, Drop, Put, Situation, Swap

_VALUE = r"(?:NAME|INT|FLOAT|STRING|TRUE|FALSE|FOREIGN|LSQB|MINUS)"
_WORD = r"(?:KIND|SHARED|DEF|PARAM|INPUT|OUTPUT|LOSS|IMPORT|ENSEMBLE|AGENTS|RETURN)"
_KINDS = r"(?:SHARED )?(?:KIND:\w+ )?"
_EQUAL = frozenset(["EQUAL"])

FOREIGN_STATEMENTS = (
    Situation(
        r"\^ NAME:(?P<other>let|var|const|val|auto|local|set) ! NAME",
        "the language has no `{other}`",
        title="write `{word} = …`",
        mends=(Drop(-1),),
        at=(-1, -1),
    ),
    Situation(
        r"\^ NAME:(?P<other>fn|fun|func|function|define|macro) ! NAME",
        "the language has no `{other}`",
        "`def` declares a macro; `encoder`, `head` and `module` declare a module with one set of weights",
        title="write `def`",
        mends=(Swap("def", -1),),
        safe=False,
        at=(-1, -1),
    ),
    Situation(
        r"\^ NAME:(?P<other>from|use|using|include|require) ! ",
        "the language has no `{other}`",
        'the definitions of another file are imported as `import "encoders/nature.rl2" as nature`',
        at=(-1, -1),
    ),
    Situation(
        r"\^ NAME:(?P<other>if|elif|else|while|class|try|with|print|assert|del|pass|raise) ! ",
        "the language has no `{other}`",
        "a spec says what a network is; it takes no steps and no decisions",
        at=(-1, -1),
    ),
    Situation(
        r"\^ FOR ! ",
        "a loop is no statement",
        "it is a stage of a pipeline: `x |> for c in [16, 32] {{ conv2d(c, kernel=3) |> relu }}`",
        at=(-1, -1),
    ),
)

DEFINITIONS = (
    Situation(
        r"RPAR ! COLON RETURN",
        "a body does not start with `:`",
        "a body is `= expression` or `{{ …; return expression }}`",
        title="write `=`",
        mends=(Swap(" =", 0, 1),),
        inside=TOP,
    ),
    Situation(
        r"RPAR ! COLON SEP",
        "a body does not start with `:`",
        "a body is `= expression` or `{{ …; return expression }}`",
        title="put the body between `{{` and `}}`",
        mends=(Append("\n}}", (Swap(" {{"),)),),
        inside=TOP,
    ),
    Situation(
        r"RPAR ! (?:COLON|EQUAL UNKNOWN:>|MINUS UNKNOWN:>) ",
        "unexpected `{word}`, `=` or `{{` is expected",
        "a body is `= expression` or `{{ …; return expression }}`",
        title="write `=`",
        mends=(Swap(" ="), Swap("=", 0, 1)),
        inside=TOP,
        expects=_EQUAL,
    ),
    Situation(
        rf"RPAR ! {_VALUE}",
        "unexpected `{word}`, `=` or `{{` is expected",
        "a body is `= expression` or `{{ …; return expression }}`",
        title="put `=` before the body",
        mends=(Put(" ="),),
        inside=TOP,
        expects=_EQUAL,
    ),
    Situation(
        r"RPAR EQUAL ! UNKNOWN:> ",
        "unexpected `=>`, `=` is expected",
        title="write `=`",
        mends=(Swap("=", -1, 0),),
        at=(-1, 0),
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
        rf"\^ {_WORD}(?::\w+)? ! EQUAL",
        "`{previous}` is a word of the language",
        "choose another name",
        at=(-1, -1),
    ),
)

NAMED_STATEMENTS = (
    Situation(
        r"\^ PARAM NAME:(?P<name>\w+) ! COLON",
        "unexpected `:`, `=` is expected",
        "the type of a param is that of its default: `param {name} = …`",
        title="write `=`",
        mends=(Swap(" ="), Drop(0, 1)),
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
        r"\^ LOSS ! ",
        hint="a loss has a name: `loss aux = …`",
    ),
    Situation(
        r"\^ IMPORT NAME:(?P<name>\w+) |\^ IMPORT ! ",
        hint='the file that is imported is a string: `import "encoders/nature.rl2" as nature`',
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
        r"AT NAME:\w+ (?:LPAR .*?RPAR )?(?:SEP \^ )?(?:PARAM|INPUT|OUTPUT|LOSS|IMPORT|AGENTS|RETURN) ! ",
        "an annotation cannot stand before `{previous}`",
        "it stands before a binding, a module or an ensemble",
        at=(-1, -1),
    ),
    Situation(
        r"AT NAME:\w+ (?:LPAR .*?RPAR )?(?:SEP \^ )?! ",
        hint="an annotation stands before a binding, a module or an ensemble",
    ),
    Situation(
        r"VERSION ! ",
        hint="the first line is `rl2 1` and nothing else",
    ),
    Situation(
        r"! VERSION ",
        "the version of the language stands on the first line",
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
        r"! UNKNOWN:< MINUS ",
        "unexpected `<-`, `=` is expected",
        title="write `=`",
        mends=(Swap("=", 0, 1),),
        expects=_EQUAL,
        at=(0, 1),
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
        "one statement binds one name",
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
        rf"\^ {_KINDS}NAME:(?P<name>\w+) ! (?:END|SEP)",
        hint="a statement binds a name: write `{name} = …`",
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
    ),
    Situation(
        r"! EQUAL EQUAL ",
        "the language has no `==`",
        "a spec says what a network is; it compares nothing and takes no decisions",
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
