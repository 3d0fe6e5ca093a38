"""`rl2graph explain`: the manual's page of a diagnostic code, or the list of all codes."""

from __future__ import annotations

import argparse
import re
import sys
from shutil import get_terminal_size
from typing import Any

from rl2graph.cli.common import EXIT_USAGE, print_json
from rl2graph.diagnostics import CODES, CodeInfo, did_you_mean
from rl2graph.diagnostics.pages import page_of

MAX_WIDTH = 100  # longer lines are hard to read


def add_parser(commands: Any) -> None:
    parser = commands.add_parser("explain", help="explain a diagnostic code", description=__doc__)
    parser.add_argument(
        "codes", metavar="CODE", nargs="*", help="a code such as RLG201, or its number; none lists them all"
    )
    parser.add_argument("--json", action="store_true", help="print the result as JSON")
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    codes = [_code(text) for text in args.codes]
    unknown = [code for code in codes if code not in CODES]
    if unknown:
        for code in unknown:
            hint = did_you_mean(code, CODES) or "`rl2graph explain` lists them"
            print(f"rl2graph explain: unknown code `{code}`; {hint}", file=sys.stderr)
        return EXIT_USAGE
    if args.json:
        listed = [_entry(CODES[code]) | _page(code) for code in codes] or [_entry(c) for c in _in_order()]
        print_json({"schema": 1, "codes": listed})
    elif codes:
        width = min(get_terminal_size().columns, MAX_WIDTH)
        print("\n\n".join(page_of(code).text(width) for code in codes), end="")
    else:
        print("\n".join(f"{c.code}  {c.severity.value:<7}  {c.title}" for c in _in_order()))
    return 0


def _code(text: str) -> str:
    """A code as CODES writes it: `201`, `rlg201` and `error[RLG201]` mean RLG201."""
    found = re.fullmatch(r"(?:error|warning|note)\[(.*)\]", text.strip())
    name = (found[1] if found else text.strip()).upper()
    return f"RLG{name}" if name.isdecimal() else name


def _in_order() -> list[CodeInfo]:
    return [CODES[code] for code in sorted(CODES)]


def _entry(info: CodeInfo) -> dict[str, str]:
    return {"code": info.code, "severity": info.severity.value, "title": info.title}


def _page(code: str) -> dict[str, str]:
    page = page_of(code)
    return {"text": page.text(), "markdown": page.markdown}
