"""How often the first suggestion for a typo is the word that was meant.

    python -m benchmarks.typos [COUNT] [SEED]

Draws COUNT typos (default 12000) of one edit from the words of the specs in `specs/` and
`tests/compiler/typo_specs/`, leaves out those that are valid specs, and writes `docs/results/typos.json`.
"""

import json
import subprocess
import sys
from collections import defaultdict
from pathlib import Path
from typing import Any

from tests.compiler.typos import SPECS, Typo, typos

RESULTS = Path(__file__).parent.parent / "docs" / "results" / "typos.json"
LONG = 4  # letters, from which on nine in ten are to be right


def row(found: list[Typo]) -> dict[str, Any]:
    """Counts and shares of some typos."""
    return {
        "typos": len(found),
        "right": sum(typo.right for typo in found),
        "share": round(sum(typo.right for typo in found) / len(found), 4),
        "safe_fixes": sum(typo.fixed for typo in found),
        "safe_fixes_that_left_an_error": sum(not typo.clean for typo in found),
        "safe_fixes_to_another_word": sum(typo.fixed and not typo.right for typo in found),
    }


def main() -> None:
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 12_000
    seed = int(sys.argv[2]) if len(sys.argv) > 2 else 0
    groups: dict[str, list[Typo]] = defaultdict(list)
    for typo in typos(seed, count):
        size = f"{LONG} letters or more" if len(typo.word.text) >= LONG else "shorter"
        groups[f"{typo.word.kind}, {size}"].append(typo)
        groups[f"all, {size}"].append(typo)
    rows = {name: row(groups[name]) for name in sorted(groups, key=lambda name: ("shorter" in name, name))}
    for name, figures in rows.items():
        print(f"{name:32} {figures['right']:5} of {figures['typos']:5} right: {figures['share']:.1%}")
    result = {
        "command": f"python -m benchmarks.typos {count} {seed}",
        "commit": _commit(),
        "seed": seed,
        "specs": len(SPECS),
        "classes": rows,
    }
    RESULTS.write_text(json.dumps(result, indent=1) + "\n", encoding="utf-8")


def _commit() -> str:
    command = ["git", "rev-parse", "--short", "HEAD"]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()


if __name__ == "__main__":
    main()
