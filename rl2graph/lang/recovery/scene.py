"""Where the parser is stuck, as the tables of situations look at it."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from rl2graph.lang import lalr
from rl2graph.lang.layout import CLOSING, SEPARATOR
from rl2graph.lang.lexer import END, Tokens

_BEFORE, _AFTER = 9, 5  # how many tokens around the one that cannot stand are looked at
_SPELLED = frozenset(["NAME", "UNKNOWN", "KIND", "FOREIGN"])


@dataclass(frozen=True)
class Scene:
    """The tokens of one piece, the index of the one that cannot stand, and the parser's stack before it."""

    tokens: Tokens
    index: int
    states: list[int]

    @property
    def kind(self) -> str:
        return self.tokens.kinds[self.index]

    @property
    def word(self) -> str:
        """The characters of the token that cannot stand."""
        return self.tokens.word(self.index)

    @property
    def previous(self) -> str:
        """The characters of the token before it."""
        return self.tokens.word(self.index - 1) if self.index else ""

    @cached_property
    def expected(self) -> set[str]:
        """The kinds that can stand here."""
        return lalr.expected(self.states)

    @cached_property
    def opened(self) -> list[int]:
        """The brackets that are open here, outermost first."""
        found: list[int] = []
        for index, kind in enumerate(self.tokens.kinds[: self.index]):
            if kind in CLOSING:
                found.append(index)
            elif kind in CLOSING.values() and found:
                found.pop()
        return found

    @property
    def inside(self) -> str:
        """The kind of the innermost bracket that is open here, or nothing."""
        return self.tokens.kinds[self.opened[-1]] if self.opened else ""

    @property
    def in_header(self) -> bool:
        """Whether the innermost bracket that is open holds the parameters of a definition."""
        opening = self.opened[-1] if self.opened else 0
        kinds = self.tokens.kinds
        return opening > 1 and kinds[opening - 1] == "NAME" and kinds[opening - 2] in ("DEF", "KIND")

    @property
    def touching(self) -> bool:
        """Whether no blank stands before the token."""
        tokens, index = self.tokens, self.index
        return index > 0 and tokens.starts[index] == tokens.ends[index - 1]

    @cached_property
    def context(self) -> str:
        """The kinds around, `!` before the token that cannot stand and `^` where its statement starts.

        Names, kind words and unknown characters come with their text: `^ NAME:encodr ! NAME:e EQUAL`.
        """
        first = max(0, self.index - _BEFORE)
        shown = [self._shown(index) for index in range(first, min(len(self.tokens), self.index + _AFTER))]
        shown.insert(self.index - first, "!")
        text = " ".join(["^", *shown] if first == 0 else shown)
        return text.replace("SEP ", "SEP ^ ") + " "

    def _shown(self, index: int) -> str:
        kind = self.tokens.kinds[index]
        if kind in _SPELLED:
            return f"{kind}:{self.tokens.word(index)}"
        return {SEPARATOR: "SEP", END: "END"}.get(kind, kind)
