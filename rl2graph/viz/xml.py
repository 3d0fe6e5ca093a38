"""Writing XML that any parser takes."""

from __future__ import annotations

import re
from html import escape as _escape

# XML 1.0 has no place for these, not even escaped.
_FORBIDDEN = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def escape(text: str) -> str:
    """`text` as XML content or as an attribute's value."""
    return _escape(_FORBIDDEN.sub("\ufffd", text))


def element(name: str, content: str = "", /, **attributes: str | float) -> str:
    """An element around markup; `fill_opacity=…` is `fill-opacity`, `class_=…` is `class`."""
    words = [name]
    for key, value in attributes.items():
        shown = escape(value) if isinstance(value, str) else number(value)
        words.append(f'{key.strip("_").replace("_", "-")}="{shown}"')
    opening = " ".join(words)
    return f"<{opening}>{content}</{name}>" if content else f"<{opening}/>"


def number(value: float) -> str:
    """A coordinate to a hundredth, without trailing zeros or a negative zero."""
    text = f"{value:.2f}".rstrip("0").rstrip(".")
    return "0" if text == "-0" else text
