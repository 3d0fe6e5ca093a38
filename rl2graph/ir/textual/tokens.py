"""A line of a graph's text, token by token."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass

_WORD = r"[^\W\d]\w*(?:\.[^\W\d]\w*)*"
_TOKEN = re.compile(
    rf'"(?:[^"\\]|\\.)*+"?|#.*|%[0-9]+|0x[0-9a-f]+|[0-9]+(?:\.[0-9]+)?(?:e[+-]?[0-9]+)?|{_WORD}|//|\S'
)
_NAME = re.compile(_WORD)
_ESCAPE = re.compile(r"\\(u\{[0-9a-f]{1,6}\}|.)")
_LETTERS = {"n": "\n", "t": "\t", "r": "\r", '"': '"', "\\": "\\"}
_ESCAPED = {character: f"\\{letter}" for letter, character in _LETTERS.items()}
_LONGEST_SHOWN = 40  # characters
_LONGEST_ID = 12  # characters; no graph has as many nodes


@dataclass(frozen=True, slots=True)
class Place:
    """A token by its line and its number in that line, both from 0."""

    line: int
    token: int = 0


class UnreadableError(Exception):
    """What is wrong with the token at `at` of a line.

    `known` are the names of which one may have been meant, `first` is what a repeated thing repeats.
    """

    def __init__(
        self,
        at: int,
        message: str,
        hint: str | None = None,
        known: Collection[str] = (),
        first: Place | None = None,
    ) -> None:
        super().__init__(message)
        self.at = at
        self.message = message
        self.hint = hint
        self.known = known
        self.first = first


def token_span(text: str, at: int) -> tuple[int, int]:
    """Where the token number `at` of a line begins and ends; behind the last one is the end of the line."""
    end = 0
    for number, match in enumerate(_TOKEN.finditer(text)):
        if number == at:
            return match.span()
        if not match[0].startswith("#"):
            end = match.end()
    return end, end


class Line:
    """The tokens of a line, read from left to right; `comment` is what follows its `#`."""

    __slots__ = ("at", "comment", "tokens")

    def __init__(self, text: str) -> None:
        self.tokens: list[str] = _TOKEN.findall(text)
        self.at = 0
        self.comment: str | None = None
        if self.tokens and self.tokens[-1][0] == "#":
            self.comment = self.tokens.pop()[1:].strip()
        self.tokens.append("")

    @property
    def next(self) -> str:
        """The token that comes next; empty at the end of the line."""
        return self.tokens[self.at]

    def take(self, token: str) -> bool:
        """Whether `token` comes next, which is then read."""
        if self.tokens[self.at] != token:
            return False
        self.at += 1
        return True

    def expect(self, token: str) -> None:
        """Reads `token`."""
        if self.tokens[self.at] != token:
            raise self.unexpected(f"`{token}`")
        self.at += 1

    def items(self, closing: str) -> Iterator[None]:
        """Once for each item of a list with commas, whose bracket is open; reads the one that closes it."""
        if self.take(closing):
            return
        while True:
            yield
            if self.take(closing):
                return
            if not self.take(","):
                raise self.unexpected(f"`,` or `{closing}`")

    def name(self, what: str) -> str:
        """A word, or any string in quotes; `what` says in a message what it stands for."""
        token = self.tokens[self.at]
        if token[:1] == '"':
            return self.string()
        if not _NAME.match(token):
            raise self.unexpected(what)
        self.at += 1
        return token

    def string(self) -> str:
        """The string that comes next."""
        try:
            value = unquoted(self.tokens[self.at])
        except ValueError as error:
            raise UnreadableError(self.at, str(error)) from None
        self.at += 1
        return value

    def id(self) -> int:
        """The number of the node that comes next."""
        token = self.tokens[self.at]
        if token[:1] != "%" or len(token) < 2:
            raise self.unexpected("a node such as `%0`")
        self.at += 1
        return int(token[1:]) if len(token) < _LONGEST_ID else 10**_LONGEST_ID

    def unexpected(self, expected: str) -> UnreadableError:
        """What to raise where the token that comes next cannot stand."""
        token = self.tokens[self.at]
        found = f"unexpected `{shortened(token)}`," if token else "the line ends where"
        return UnreadableError(self.at, f"{found} {expected} is expected")


def shortened(token: str) -> str:
    """A token as messages show it."""
    return token if len(token) <= _LONGEST_SHOWN else f"{token[:_LONGEST_SHOWN]}…"


def bare_or_quoted(name: str) -> str:
    """A name as `Line.name` reads it."""
    return name if _NAME.fullmatch(name) else quoted(name)


def quoted(text: str) -> str:
    """A string in quotes; what cannot be seen is written by its number."""
    if text.isprintable() and '"' not in text and "\\" not in text:
        return f'"{text}"'
    return f'"{"".join(map(_escaped, text))}"'


def _escaped(character: str) -> str:
    if character in _ESCAPED:
        return _ESCAPED[character]
    return character if character.isprintable() else f"\\u{{{ord(character):x}}}"


def unquoted(token: str) -> str:
    """The inverse of `quoted`.

    Raises:
        ValueError: a string that is not closed or has an escape that there is not.
    """
    inside = token[1:-1]
    if len(token) < 2 or token[-1] != '"' or (len(inside) - len(inside.rstrip("\\"))) % 2:
        raise ValueError("the string is not closed")
    return _ESCAPE.sub(_meant, inside) if "\\" in inside else inside


def _meant(match: re.Match[str]) -> str:
    body = match[1]
    if body in _LETTERS:
        return _LETTERS[body]
    if len(body) > 1 and int(body[2:-1], 16) < 0x110000:
        return chr(int(body[2:-1], 16))
    raise ValueError(f"`{match[0]}` is no escape")


def comment_of(name: str) -> str:
    """A comment from which `name_of` reads `name`."""
    plain = name and name.isprintable() and name.strip() == name and name[0] != '"'
    return name if plain else quoted(name)


def name_of(comment: str) -> str:
    """What a value is called, by the comment behind its node."""
    if comment[:1] != '"':
        return comment
    try:
        return unquoted(comment)
    except ValueError:
        return comment
