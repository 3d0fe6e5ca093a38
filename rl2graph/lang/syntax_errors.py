"""What to say of a statement that cannot be parsed."""

from __future__ import annotations

from lark import Token
from lark.exceptions import UnexpectedCharacters, UnexpectedToken

from rl2graph.diagnostics import Diagnostic, Source, Span, nearest
from rl2graph.lang.builder import MAX_DIGITS, NumberTooLong, position
from rl2graph.lang.layout import MAX_DEPTH, TooDeep, UnclosedBracket

WORDS = [
    "encoder",
    "head",
    "module",
    "shared",
    "def",
    "param",
    "input",
    "output",
    "loss",
    "import",
    "as",
    "ensemble",
    "agents",
    "return",
    "for",
    "in",
    "true",
    "false",
]
"""Words that mean something to the grammar at some place."""

_SHOWN = {
    "_SEP": "the end of the statement",
    "$END": "the end of the file",
    "NAME": "a name",
    "INT": "a number",
    "FLOAT": "a number",
    "STRING": "a string",
    "EQUAL": "`=`",
    "LPAR": "`(`",
    "RPAR": "`)`",
    "LSQB": "`[`",
    "RSQB": "`]`",
    "LBRACE": "`{`",
    "RBRACE": "`}`",
    "COMMA": "`,`",
    "COLON": "`:`",
    "PIPE": "`|>`",
}
_CHARACTER_HINTS = {
    "'": 'strings take double quotes, `"…"`',
    '"': "the string is not closed on its line",
    "|": "a pipeline is written `x |> op(…)`",
    "%": "the language has `+ - * /`",
    "^": "the language has `+ - * /`",
    "!": "the language has `+ - * /`",
    ">": "a pipeline is written `x |> op(…)`",
}


def explain(failure: Exception, source: Source) -> Diagnostic:
    """The one diagnostic for a parser's failure."""
    if isinstance(failure, UnclosedBracket):
        bracket = failure.opening
        return Diagnostic(
            "RLG102",
            f"`{bracket}` is not closed before its statement ends",
            _span(bracket, source),
            label="opened here",
            hint="a line goes on where it is indented more than its statement, or starts with a closing"
            " bracket or `|>`",
        )
    if isinstance(failure, TooDeep):
        return Diagnostic(
            "RLG107",
            f"more than {MAX_DEPTH} brackets inside each other",
            _span(failure.opening, source),
            hint="give an inner part a name of its own",
        )
    if isinstance(failure, NumberTooLong):
        return Diagnostic(
            "RLG304", f"an integer of more than {MAX_DIGITS} digits", _span(failure.token, source)
        )
    if isinstance(failure, UnexpectedCharacters):
        return _unknown_character(failure, source)
    assert isinstance(failure, UnexpectedToken), failure
    return _unexpected(failure, source)


def _unknown_character(failure: UnexpectedCharacters, source: Source) -> Diagnostic:
    at = failure.pos_in_stream or 0
    character = source.text[at]
    name = character if character.isprintable() else f"U+{ord(character):04X}"
    hint = _CHARACTER_HINTS.get(character)
    if character.isalpha():
        hint = "names are written in the letters a-z, digits and `_`; comments and strings take any text"
    return Diagnostic("RLG104", f"unexpected character `{name}`", Span(source, at, at + 1), hint=hint)


def _unexpected(failure: UnexpectedToken, source: Source) -> Diagnostic:
    token = failure.token
    expected = set(failure.accepts or failure.expected)
    if token.type in ("$END", "_SEP"):
        end = _end_of_code(token, source)
        return Diagnostic(
            "RLG103",
            f"the statement ends where {_list(expected) or 'more'} is expected",
            Span(source, max(end - 1, 0), end),
            label="after this",
            hint=_end_hint(source.text[:end]),
        )
    wanted = _list(expected)
    return Diagnostic(
        "RLG101",
        f"unexpected `{token}`" + (f", {wanted} is expected" if wanted else ""),
        _span(token, source),
        hint=_hint(failure, token, expected),
    )


def _hint(failure: UnexpectedToken, token: Token, expected: set[str]) -> str | None:
    if expected == {"NAME"} and str(token) in WORDS:
        return f"`{token}` is a word of the language; choose another name"
    if token.type == "SLASH" and "NAME" in expected:
        return "comments start with `#`"
    history = [item for item in (failure.token_history or []) if item is not None]
    previous = history[-1] if history else None
    if previous is not None and previous.type == "NAME" and "EQUAL" in expected and "COMMA" not in expected:
        if token.type == "NAME":
            word = nearest(str(previous), WORDS)
            return f"did you mean `{word}`?" if word else f"write `{previous} = …`"
        return "a statement binds a name: write `name = …`"
    if token.type == "EQUAL" and previous is not None and str(previous) in WORDS:
        return f"`{previous}` is a word of the language; choose another name"
    if token.type in ("RPAR", "RSQB", "RBRACE") and "INT" not in expected:
        closing = next((name for name in ("RPAR", "RSQB", "RBRACE") if name in expected), None)
        if closing is None:
            return "no bracket is open here"
        return f"{_SHOWN[closing]} closes the bracket that is open here"
    if token.type == "EQUAL":
        return "one statement binds one name; keywords are written `op(x, key=value)`"
    if {"COMMA", "PIPE"} <= expected:
        return "is a `,` missing?"
    return None


def _end_hint(before: str) -> str | None:
    if before.endswith("|>"):
        return "put `|>` at the start of the next line"
    if before.endswith(("=", ",", "+", "-", "*", "/")):
        return (
            "a statement goes on over a line end only inside brackets, or before a line that starts with `|>`"
        )
    return None


def _end_of_code(token: Token, source: Source) -> int:
    """Where the last code before the end of a statement ends."""
    if token.type == "_SEP":
        return token.start_pos or 0
    from rl2graph.lang.statements import cut

    stop = len(source.text) if token.end_pos is None else token.end_pos
    ends = [end for start, end in cut(source.text) if start <= stop]
    end = ends[-1] if ends else stop
    return len(source.text[:end].rstrip())


def _list(expected: set[str]) -> str:
    """What may stand here, in words; empty where that would be a catalogue."""
    shown = {_SHOWN[name] for name in expected if name in _SHOWN}
    if {"a name", "a number", "a string"} <= shown:
        return "a value"
    if _SHOWN["_SEP"] in shown:
        shown.discard(_SHOWN["$END"])
    words = sorted(shown, key=lambda text: (text.startswith("the "), text))
    if len(words) > 4 or not words:
        return ""
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} or {words[-1]}"


def _span(token: Token, source: Source) -> Span:
    return Span(source, *position(token))
