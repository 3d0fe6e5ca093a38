"""Pages as plain text: what Markdown marks is shown by indentation."""

from __future__ import annotations

import re
import textwrap
from dataclasses import dataclass

_LINK = re.compile(r"\[([^\]]+)\]\([^)]+\)")
_INDENT = "  "


@dataclass(frozen=True, slots=True)
class Block:
    """A heading, a paragraph, a list or a fenced example; `info` is what stands behind the fence's ticks."""

    text: str
    info: str | None = None

    @property
    def is_example(self) -> bool:
        return self.info is not None


def blocks(markdown: str) -> list[Block]:
    """The blocks of a page, in order: separated by empty lines, other than those inside a fence."""
    found: list[Block] = []
    lines: list[str] = []
    info: str | None = None
    for line in [*markdown.splitlines(), ""]:
        if line.startswith("```"):
            if info is None:
                info, lines = line[3:].strip(), []
            else:
                found.append(Block("\n".join(lines), info))
                info, lines = None, []
        elif info is not None or line.strip():
            lines.append(line)
        elif lines:
            found.append(Block("\n".join(lines)))
            lines = []
    return found


def plain(markdown: str, width: int) -> str:
    """A page as text: headings at the margin, prose indented and wrapped, examples indented further."""
    return "\n\n".join(_shown(block, width) for block in blocks(markdown)) + "\n"


def without_links(text: str) -> str:
    """`[RLG202](RLG202.md)` as `RLG202`."""
    return _LINK.sub(r"\1", text)


def _shown(block: Block, width: int) -> str:
    if block.is_example:
        return textwrap.indent(block.text, 3 * _INDENT)
    if block.text.startswith("#"):
        return block.text.lstrip("# ")
    text = without_links(block.text)
    if not text.startswith("- "):
        return _wrapped(text, width, _INDENT)
    items = re.split(r"^- ", text, flags=re.M)[1:]
    return "\n".join(_wrapped(f"- {item}", width, 2 * _INDENT) for item in items)


def _wrapped(text: str, width: int, later: str) -> str:
    return textwrap.fill(
        " ".join(text.split()),
        width,
        initial_indent=_INDENT,
        subsequent_indent=later,
        break_long_words=False,
        break_on_hyphens=False,
    )
