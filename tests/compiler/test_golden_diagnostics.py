"""Every malformed spec of tests/golden/diagnostics against the text that the user sees."""

from __future__ import annotations

import re

import pytest

from rl2graph.compiler.check import check
from rl2graph.compiler.interface import Interface
from rl2graph.compiler.spec import load
from rl2graph.compiler.type_names import space_from_text
from rl2graph.diagnostics import CODES
from rl2graph.diagnostics.fixes import apply_fixes
from rl2graph.diagnostics.render import render_full
from tests.support import GOLDEN, assert_golden

FOLDER = GOLDEN / "diagnostics"
SPECS = sorted(FOLDER.glob("*.rl2"))


def findings(path, text=None):
    spec = load(path)
    options = dict(re.findall(r"(\w+)=(\S+)", spec.text.splitlines()[0])) if "# options" in spec.text else {}
    if text is not None:
        from rl2graph.compiler.spec import parse

        spec = parse(text, str(path))
    interface = Interface(
        space_from_text(options.get("obs", "f32[4]"), "--obs"),
        space_from_text(options.get("act", "discrete[2]"), "--act"),
    )
    return check(spec, interface, options.get("algo")).diagnostics


@pytest.mark.parametrize("path", SPECS, ids=lambda path: path.stem)
def test_golden(path):
    shown = "\n".join(render_full(diagnostic) for diagnostic in findings(path))
    assert_golden(path.with_suffix(".txt"), shown.replace(str(path), path.name) + "\n")


@pytest.mark.parametrize("path", SPECS, ids=lambda path: path.stem)
def test_fixes_leave_nothing_to_fix(path):
    found = findings(path)
    fixes = [d.fix for d in found if d.fix]
    if fixes:
        text, applied = apply_fixes(load(path).text, fixes)
        again = findings(path, text)
        assert not [d for d in again if d.code in {d.code for d in found if d.fix}]
        assert applied


def test_every_span_lies_in_its_text():
    for path in SPECS:
        for diagnostic in findings(path):
            spans = [diagnostic.span, *(label.span for label in diagnostic.labels)]
            for span in filter(None, spans):
                assert 0 <= span.start <= span.end <= len(span.source.text)
                assert span.source.name == str(path)


# Found by other tests: files, runs, environments, options, limits, internal faults.
ELSEWHERE = re.compile(r"RLG(6\d\d|7\d\d|8\d\d|211|307|506|508|505|502|107|213|304)")


def test_every_code_about_a_spec_has_a_golden():
    shown = {d.code for path in SPECS for d in findings(path)}
    assert {code for code in CODES if not ELSEWHERE.fullmatch(code)} <= shown
