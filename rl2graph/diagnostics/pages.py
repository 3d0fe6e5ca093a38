"""The manual of the diagnostics: a page for each code, `docs/diagnostics/RLG201.md`."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from rl2graph.diagnostics.diagnostic import DiagnosticError
from rl2graph.diagnostics.plain import blocks, plain, without_links
from rl2graph.shipped import shipped

FOLDER = "docs/diagnostics"


@dataclass(frozen=True, slots=True)
class Page:
    """What a code means, why it is found, and an example that is wrong beside one that is right."""

    code: str
    markdown: str

    @property
    def summary(self) -> str:
        """The first paragraph, on one line."""
        paragraph = blocks(self.markdown)[1].text
        return " ".join(without_links(paragraph).split())

    def text(self, width: int = 80) -> str:
        """The page as plain text, for a terminal of `width` columns."""
        return plain(self.markdown, width)


@cache
def page_of(code: str) -> Page:
    """The page of a code of CODES.

    Raises:
        DiagnosticError: RLG601 where the installation lacks it.
    """
    try:
        text = shipped(f"{FOLDER}/{code}.md").read_text(encoding="utf-8")
    except OSError as error:
        raise DiagnosticError.of("RLG601", f"cannot read the page of {code}: {error}") from None
    return Page(code, text)
