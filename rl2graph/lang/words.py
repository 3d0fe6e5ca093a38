"""The words of the language."""

from __future__ import annotations

STATEMENT_WORDS = (
    "encoder",
    "head",
    "module",
    "shared",
    "def",
    "param",
    "input",
    "output",
    "loss",
    "import",
    "ensemble",
    "agents",
    "return",
)
"""Words that start a statement."""

WORDS = [*STATEMENT_WORDS, "as", "for", "in", "true", "false"]
"""Words that mean something to the grammar at some place."""
