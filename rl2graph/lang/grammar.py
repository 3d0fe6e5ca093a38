"""The one grammar, `grammars/rl2.lark`, as a Lark parser.

Building LALR tables takes about 0.1 s, so the package ships them as `tables.json`, written by
`python -m rl2graph.lang.grammar` and used only while they stand for this very grammar and this Lark.
"""

from __future__ import annotations

import json
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Any

import lark

from rl2graph.lang.layout import Layout

STARTS = ["start", "type"]
TABLES = Path(__file__).with_name("tables.json")


def grammar_path() -> Path:
    """The grammar file: package data in a wheel, the repository's `grammars/` in an editable install."""
    package = Path(__file__).resolve().parent.parent
    for folder in (package / "grammars", package.parent / "grammars"):
        candidate = folder / "rl2.lark"
        if candidate.is_file():
            return candidate
    raise FileNotFoundError("rl2.lark is neither in the installed package nor beside the repository's root")


@cache
def grammar_text() -> str:
    return grammar_path().read_text(encoding="utf-8")


def fingerprint() -> str:
    """What shipped tables must match: the grammar's text and the Lark that made them."""
    return sha256(f"{lark.__version__}\n{grammar_text()}".encode()).hexdigest()


def build(transformer: Any = None, postlex: Layout | None = None) -> lark.Lark:
    """A parser built from the grammar's text."""
    return lark.Lark(
        grammar_text(),
        parser="lalr",
        start=STARTS,
        maybe_placeholders=True,
        postlex=postlex,
        transformer=transformer,
    )


def load(transformer: Any = None) -> lark.Lark:
    """A parser from the shipped tables, or built anew where they are stale."""
    try:
        tables = json.loads(TABLES.read_text(encoding="utf-8"), object_pairs_hook=_with_int_keys)
    except (OSError, ValueError):
        return build(transformer, Layout())
    if tables["fingerprint"] != fingerprint():
        return build(transformer, Layout())
    # The way in which Lark's own stand-alone generator restores a parser; there is no public one that
    # also takes a transformer.
    parser: lark.Lark = lark.Lark._load_from_dict(  # type: ignore[no-untyped-call]
        tables["data"], tables["memo"], transformer=transformer, postlex=Layout()
    )
    return parser


def write_tables() -> Path:
    """Write `tables.json` for the grammar as it stands."""
    from lark.grammar import Rule
    from lark.lexer import TerminalDef

    data, memo = build().memo_serialize([TerminalDef, Rule])
    tables = {"fingerprint": fingerprint(), "data": data, "memo": memo}
    TABLES.write_text(json.dumps(tables, separators=(",", ":")) + "\n", encoding="utf-8")
    return TABLES


def _with_int_keys(pairs: list[tuple[str, Any]]) -> dict[str | int, Any]:
    """JSON writes the numbers of states and tokens as strings."""
    return {int(key) if key.isdigit() else key: value for key, value in pairs}


if __name__ == "__main__":
    print(write_tables())
