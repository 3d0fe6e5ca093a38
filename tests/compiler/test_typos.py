"""The first suggestion for a typo is the word that was meant; a fix that is marked safe leaves no error."""

from __future__ import annotations

import pytest

from tests.compiler.typos import SPECS, findings, typos, words_of

KINDS = ("keys", "keywords", "names", "ops", "types")


@pytest.fixture(scope="module")
def sample():
    return list(typos(seed=7, count=700))


def share_of_right(found):
    assert len(found) >= 40
    return sum(typo.right for typo in found) / len(found)


@pytest.mark.parametrize("kind", KINDS)
def test_words_of_four_letters_or_more(sample, kind):
    assert share_of_right([t for t in sample if t.word.kind == kind and len(t.word.text) >= 4]) >= 0.9


def test_all_words_of_four_letters_or_more(sample):
    assert share_of_right([t for t in sample if len(t.word.text) >= 4]) >= 0.9


def test_shorter_words(sample):
    """Most of them are one slip from several others, so less is promised."""
    assert share_of_right([t for t in sample if len(t.word.text) < 4]) >= 0.75


def test_safe_fixes_leave_no_error(sample):
    offered = [typo for typo in sample if typo.fixed]
    assert len(offered) > 400
    assert not [(t.path.name, t.word, t.typed) for t in offered if not t.clean]


def test_the_specs_are_good_and_use_every_class():
    kinds = {word.kind for path in SPECS for word in words_of(path)}
    assert kinds == {*KINDS, "roles"}
    for path in SPECS:
        assert not findings(path, path.read_text(encoding="utf-8"))
