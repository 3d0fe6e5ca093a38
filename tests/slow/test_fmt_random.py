"""The formatter's laws on many more random programs than the fast suite has time for.

`python -m tests.slow.test_fmt_random FIRST COUNT` runs a part and prints what it found as JSON.
"""

from __future__ import annotations

import json
import sys
import time

import pytest

from tests.lang.format_laws import assert_laws
from tests.lang.syntax_programs import random_program

PROGRAMS = 100_000
CHUNK = 5_000


def failures(first: int, count: int) -> tuple[list[int], int]:
    """The seeds whose programs break a law, and how many characters all of them had."""
    failed, characters = [], 0
    for seed in range(first, first + count):
        text = random_program(seed, statements=1 + seed % 8).text
        characters += len(text)
        try:
            assert_laws(text)
        except Exception:
            failed.append(seed)
    return failed, characters


@pytest.mark.slow
@pytest.mark.parametrize("first", range(0, PROGRAMS, CHUNK))
def test_the_laws_hold(first):
    assert failures(first, CHUNK)[0] == []


if __name__ == "__main__":
    first, count = map(int, sys.argv[1:])
    start = time.process_time()
    failed, characters = failures(first, count)
    seconds = round(time.process_time() - start, 1)
    result = {"first": first, "programs": count, "characters": characters, "failed": failed}
    print(json.dumps(result | {"cpu_seconds": seconds}), flush=True)
