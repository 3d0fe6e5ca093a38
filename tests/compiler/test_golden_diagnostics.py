"""Every malformed spec of tests/golden/diagnostics against the text that the user sees.

A first line `# options: obs=… act=… algo=… groups=a,b param.name=… limit.name=…` says what a spec is checked
for; its imports are in folders beside it.
"""

from __future__ import annotations

import re

import pytest

from rl2graph.compiler.check import check
from rl2graph.compiler.files.overrides import constant_from
from rl2graph.compiler.interface import Interface
from rl2graph.compiler.limits import limits_from
from rl2graph.compiler.spec import load, parse
from rl2graph.compiler.type_names import space_from_text
from rl2graph.diagnostics import CODES
from rl2graph.diagnostics.fixes import apply_fixes
from rl2graph.diagnostics.render import render_full
from tests.support import GOLDEN, assert_golden

FOLDER = GOLDEN / "diagnostics"
SPECS = sorted(FOLDER.glob("*.rl2"))


def options_of(text):
    first = text.partition("\n")[0]
    return re.findall(r"([\w.]+)=(\S*)", first) if first.startswith("# options:") else []


def findings(path, text=None):
    """What `check` says of a golden spec, or of `text` in its place."""
    if text is None:
        text = path.read_text(encoding="utf-8")
    given = options_of(text)
    options = dict(given)
    limits = limits_from(f"{key[6:]}={value}" for key, value in given if key.startswith("limit."))
    overrides = {key[6:]: constant_from(value) for key, value in given if key.startswith("param.")}
    interface = Interface(
        space_of(options, "obs", "f32[4]"),
        space_of(options, "act", "discrete[2]"),
        tuple(filter(None, options["groups"].split(","))) if "groups" in options else None,
    )
    spec = parse(text, str(path), folder=path.parent, limits=limits)
    return check(spec, interface, options.get("algo"), overrides).diagnostics


def space_of(options, name, default):
    text = options.get(name, default)
    return space_from_text(text, f"--{name}") if text else None


def shown(path):
    text = "\n".join(render_full(diagnostic) for diagnostic in findings(path))
    return text.replace(f"{FOLDER}/", "")


def fixes_of(path, found):
    """Fixes of the spec itself, not of a file that it imports."""
    return [d.fix for d in found if d.fix and d.fix.span.source.name == str(path)]


@pytest.mark.parametrize("path", SPECS, ids=lambda path: path.stem)
def test_golden(path):
    assert_golden(path.with_suffix(".txt"), shown(path) + "\n")


@pytest.mark.parametrize("path", SPECS, ids=lambda path: path.stem)
def test_fixes_leave_nothing_to_fix(path):
    found = findings(path)
    fixes = fixes_of(path, found)
    if fixes:
        text, applied = apply_fixes(load(path).text, fixes)
        assert applied
        mended = {(d.code, d.message) for d in found if d.fix in applied}
        assert not mended & {(d.code, d.message) for d in findings(path, text)}


@pytest.mark.parametrize("path", SPECS, ids=lambda path: path.stem)
def test_safe_fixes_bring_no_error(path):
    found = findings(path)
    fixes = [fix for fix in fixes_of(path, found) if fix.safe]
    if fixes:
        again = findings(path, apply_fixes(load(path).text, fixes)[0])
        left = {(d.code, d.message) for d in found if not (d.fix and d.fix.safe)}
        assert {(d.code, d.message) for d in again if d.is_error} <= left


def test_every_span_lies_in_its_text():
    for path in SPECS:
        for diagnostic in findings(path):
            spans = [diagnostic.span, *(label.span for label in diagnostic.labels)]
            for span in filter(None, spans):
                assert 0 <= span.start <= span.end <= len(span.source.text)
                assert span.source.name.startswith(str(FOLDER))


# Found by other tests: runs, environments, options, internal faults.
ELSEWHERE = re.compile(r"RLG(505|506|508|60[4-9]|61\d|[78]\d\d)")


def test_every_code_about_a_spec_has_a_golden():
    shown = {d.code for path in SPECS for d in findings(path)}
    assert {code for code in CODES if not ELSEWHERE.fullmatch(code)} <= shown
