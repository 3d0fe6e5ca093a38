"""Text to tokens, by one regular expression made of the grammar's terminals."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache

from rl2graph.lang import grammar
from rl2graph.lang.layout import CLOSING, DEDENT, DEEP, SEPARATOR, Layout

END = "$END"
UNCLOSED_STRING = "UNCLOSED_STRING"
UNKNOWN = "UNKNOWN"  # a character that no token starts with
FOREIGN = "FOREIGN"  # a value as Python writes it

FOREIGN_VALUES = {"True": "true", "False": "false", "None": None}

_LAST_GROUPS = {  # after all terminals of the grammar
    "GAP": r"(?:(?:(?:#[^\n]*)?\n|;)[ \t\r\f]*+)+",
    "COMMENT": r"#[^\n]*",
    UNCLOSED_STRING: r'"(?:[^"\\\n]|\\.)*+',
    UNKNOWN: r"[^ \t\r\f\n]",
    END: r"\Z",
}
_BLANKS = re.compile(r"[ \t\r\f]*+")
_BRACKETS = (*CLOSING, *CLOSING.values())
_SKIPPED = frozenset(["", "COMMENT"])
_LAST = frozenset([END, DEDENT, DEEP])


@dataclass(slots=True)
class Tokens:
    """The tokens of a part of `text`: kinds, and where each starts and ends. The last is END."""

    text: str
    kinds: list[str]
    starts: list[int]
    ends: list[int]

    def __len__(self) -> int:
        return len(self.kinds)

    def word(self, index: int) -> str:
        """The characters of a token."""
        return self.text[self.starts[index] : self.ends[index]]

    def span(self, index: int) -> tuple[int, int]:
        """Where a token starts and ends."""
        return self.starts[index], self.ends[index]

    def moved(self, text: str, offset: int) -> Tokens:
        """The same tokens as part of a longer text, in which they stand `offset` characters further on."""
        starts = [start + offset for start in self.starts]
        return Tokens(text, self.kinds, starts, [end + offset for end in self.ends])


@dataclass(frozen=True, slots=True)
class _Scanner:
    pattern: re.Pattern[str]
    kinds: list[str]  # by number of the group
    name: int  # the group of names
    plain: int  # the last group that has no part in the layout
    words: dict[str, str]


@cache
def _scanner() -> _Scanner:
    """One pattern, a group for each kind: names first, for they are most; last what the layout reads."""
    tables = grammar.load()
    terminals = {
        name: regexp for name, regexp in tables.terminals.items() if name not in tables.words.values()
    }
    longest_first = sorted(terminals, key=lambda name: -len(terminals[name]))  # `.5` before `.`
    plain = [name for name in longest_first if name not in ("VERSION", "NAME", *_BRACKETS)]
    order = ["VERSION", "NAME", *plain, *_BRACKETS]
    groups = {name: terminals[name] for name in order} | _LAST_GROUPS
    # Groups within a terminal would count as kinds of their own.
    bodies = [re.sub(r"(?<!\\)\((?!\?)", "(?:", regexp) for regexp in groups.values()]
    pattern = re.compile(r"[ \t\r\f]*+(?:" + "|".join(f"({body})" for body in bodies) + ")")
    words = tables.words | dict.fromkeys(FOREIGN_VALUES, FOREIGN)
    return _Scanner(pattern, ["", *groups], order.index("NAME") + 1, len(plain) + 2, words)


def tokenize(text: str, start: int = 0, stop: int | None = None, lenient: bool = False) -> Tokens:
    """The tokens of `text[start:stop]`, up to DEDENT or DEEP; `lenient` makes neither of these."""
    scanner = _scanner()
    of_group, name, plain, word_kind = scanner.kinds, scanner.name, scanner.plain, scanner.words.get
    kinds: list[str] = []
    starts: list[int] = []
    ends: list[int] = []
    blanks = _BLANKS.match(text, start)
    assert blanks is not None
    layout = Layout(lenient, blanks.end() - start)
    for match in scanner.pattern.finditer(text, start, len(text) if stop is None else stop):
        group = match.lastindex
        assert group is not None
        begin, end = match.span(group)
        kind = of_group[group]
        if group == name:
            kind = word_kind(match[group], kind)
        elif group > plain:
            if kind in CLOSING:
                kind = layout.opening(kind, kinds[-1] if kinds else "")
            elif kind in _BRACKETS:
                layout.closing()
            elif kind == "GAP":
                kind = layout.gap(text, begin, end)
                begin = end if kind == DEDENT else begin
            if kind in _SKIPPED or (kind == SEPARATOR and not kinds):
                continue
        kinds.append(kind)
        starts.append(begin)
        ends.append(end)
        if kind in _LAST:
            break
    return _ended(Tokens(text, kinds, starts, ends))


def _ended(tokens: Tokens) -> Tokens:
    """With one END, right behind the last token."""
    kinds, starts, ends = tokens.kinds, tokens.starts, tokens.ends
    if kinds[-1] != END:
        kinds.append(END)
        starts.append(ends[-1])
        ends.append(ends[-1])
    if len(kinds) > 1 and kinds[-2] == SEPARATOR:
        del kinds[-2], starts[-2], ends[-2]
    if len(kinds) > 1:
        starts[-1] = ends[-1] = ends[-2]
    return tokens
