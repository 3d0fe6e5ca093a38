"""Every mistake that is planted in the compiler is caught by its checks, which the compiler itself passes."""

from __future__ import annotations

import pytest

from tests.proof.planted import every_fault, first_finding
from tests.proof.planted_checks import KINDS, findings

FAULTS = every_fault()


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.name)
def test_a_planted_mistake_is_caught(fault):
    assert first_finding(fault) is not None, fault.why


@pytest.mark.parametrize("kind", KINDS)
def test_the_compiler_without_them_passes_the_same_checks(kind):
    assert list(findings(kind)) == []


def test_each_mistake_is_another_and_says_who_would_make_it():
    assert len({fault.name for fault in FAULTS}) == len(FAULTS) >= 40
    assert all(fault.why.endswith(".") for fault in FAULTS)
