"""A fix that is called safe gives back what was meant, and brings no new error."""

from __future__ import annotations

from tests.lang.deletions import strange_program, tally, usual_program


def test_safe_fixes_restore_usual_programs():
    counts = tally(usual_program, range(600))
    assert counts.fixed > counts.broken // 4
    assert not counts.unread
    assert not counts.others, "measured: none of 799 that 3,000 seeds give"


def test_safe_fixes_keep_strange_programs_readable():
    counts = tally(strange_program, range(500))
    assert not counts.unread
    # What is left: empty calls without their `(`, and blocks that close where no one would close them.
    assert counts.same >= 0.88 * counts.fixed
