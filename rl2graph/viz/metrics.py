"""How wide text is, at most: fonts differ between readers, so this estimates on the safe side."""

from __future__ import annotations

from unicodedata import category, east_asian_width

MONO = "ui-monospace, SFMono-Regular, Menlo, Consolas, 'DejaVu Sans Mono', 'Liberation Mono', monospace"
SANS = "system-ui, -apple-system, 'Segoe UI', Roboto, 'Helvetica Neue', 'Noto Sans', Arial, sans-serif"

_MONO_ADVANCE = 0.62  # the widest common monospaced fonts advance by 0.602 em
_BOLD = 1.13
# The classes follow DejaVu Sans and Verdana, the widest of the fonts that SANS may come to.
_THIN = frozenset("ilj.,:;|'! ")
_NARROW = frozenset("tfr()[]-/")


def columns(text: str) -> int:
    """Terminal columns that `text` takes."""
    return sum(_cells(character) for character in text)


def mono_width(text: str, size: float) -> float:
    """Width of `text` in a monospaced font of that size."""
    # A glyph that the font lacks comes from another font, and may be a whole em wide.
    return (
        sum((_MONO_ADVANCE if character.isascii() else 1.05) * (_cells(character) > 0) for character in text)
        * size
    )


def sans_width(text: str, size: float, bold: bool = False) -> float:
    """Width of `text` in a proportional font of that size."""
    total = 0.0
    for character in text:
        if not character.isascii():
            total += 1.05 * (_cells(character) > 0)
        elif character in _THIN:
            total += 0.36
        elif character in _NARROW:
            total += 0.42
        elif character in "mwMW@%":
            total += 1.0
        else:
            total += 0.78 if character.isupper() else 0.64
    return total * size * (_BOLD if bold else 1)


def _cells(character: str) -> int:
    if character.isascii():
        return 1
    if category(character) in ("Mn", "Me", "Cf"):
        return 0
    return 2 if east_asian_width(character) in "WF" else 1
