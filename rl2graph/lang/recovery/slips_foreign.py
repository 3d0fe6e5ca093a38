"""Situations that come from the habits of other languages: their comments, words, numbers and strings.

`Situation` says how to read an entry; the first that matches is taken.
"""

from __future__ import annotations

from rl2graph.lang.recovery.situations import IN_BRACES, TOP, Drop, Situation, Swap

COMMENTS = (
    Situation(
        r"SLASH ! SLASH NAME:\w+ (?:END|SEP) ",
        "unexpected `//`",
        "a comment starts with `#`; `/` divides whole numbers, and there must be no remainder",
        title="write `#`",
        mends=(Swap("#", -1, 0),),
        touching=True,
        safe=False,
        at=(-1, 0),
    ),
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
        r"SLASH ! STAR ",
        "unexpected `/*`",
        "a comment starts with `#` and goes to the end of its line",
        at=(-1, 0),
    ),
    Situation(
        r"! SLASH STAR ",
        "unexpected `/*`",
        "a comment starts with `#` and goes to the end of its line",
        at=(0, 1),
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

TEXTS = (
    Situation(
        r"\^ ! STRING (?:STRING )*END ",
        "a string is no statement",
        "a comment starts with `#`",
        title="put `#` before it",
        mends=(Swap("# {word}"),),
    ),
    Situation(
        r"\^ ! STRING UNCLOSED_STRING ", "a string is no statement", "each line of a comment starts with `#`"
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
        r"NAME:not ! ",
        "the language has no `not`",
        "a spec says what a network is; it takes no decisions",
        at=(-1, -1),
    ),
    Situation(
        r"! NAME:(?:if|else|and|or|not|is) ",
        "the language has no `{word}`",
        "a spec says what a network is; it takes no decisions",
    ),
    Situation(
        r"INT ! NAME:_[\d_]+ ",
        "the digits of a number are written without `_`",
        title="write `{digits}`",
        mends=(Swap("{digits}", -1, 0),),
        at=(-1, 0),
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
        "unexpected `{word}` after a string",
        'a string starts and ends with one `"` and stays on its line',
        touching=True,
    ),
)

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
        'the definitions of another file are imported as `import "encoders/impala.rl2" as impala`',
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
