"""The safe fixes of a spec, each kept only where it does what it promises."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from rl2graph.compiler.spec import Spec, parse
from rl2graph.diagnostics import Diagnostic
from rl2graph.diagnostics.diagnostic import Fix
from rl2graph.diagnostics.fixes import apply_fixes

ROUNDS = 10  # of fixing: a fix can bring another finding to light

Findings = Callable[[Spec], Sequence[Diagnostic]]


@dataclass(frozen=True, slots=True)
class _State:
    """A spec, what is found in it, and the fixes that made it of another."""

    spec: Spec
    found: Sequence[Diagnostic]
    fixes: tuple[Fix, ...] = ()


def mended(spec: Spec, findings: Findings) -> tuple[Spec, tuple[Fix, ...]]:
    """The spec after its safe fixes, and those fixes, in the order in which they were applied.

    A fix is kept where there are fewer errors after it (or as many, and fewer findings), and none of them is
    new.
    """
    done: list[Fix] = []
    state = _State(spec, findings(spec))
    for _ in range(ROUNDS):
        name = state.spec.source.name
        safe = [found.fix for found in state.found if found.fix is not None and found.fix.safe]
        fixes = [fix for fix in safe if fix.span.source.name == name]
        after = _with_most(state, state, fixes, findings)
        if after is state:
            break
        done += after.fixes
        state = _State(after.spec, after.found)
    return state.spec, tuple(done)


def _with_most(origin: _State, kept: _State, fixes: Sequence[Fix], findings: Findings) -> _State:
    """What `origin` becomes by the fixes of `kept` and by those of `fixes` that do good: all together where
    they do, else as many of each half, so that few that do harm among many cost few checks.
    """
    if not fixes:
        return kept
    trial = _applied(origin, [*kept.fixes, *fixes], findings)
    if _is_better(trial.found, kept.found):
        return trial
    if len(fixes) == 1:
        return kept
    half = len(fixes) // 2
    kept = _with_most(origin, kept, fixes[:half], findings)
    return _with_most(origin, kept, fixes[half:], findings)


def _applied(origin: _State, fixes: Sequence[Fix], findings: Findings) -> _State:
    before = origin.spec
    text, applied = apply_fixes(before.text, fixes)
    spec = parse(text, before.source.name, folder=before.folder, files=before.files, limits=before.limits)
    return _State(spec, findings(spec), applied)


def _is_better(after: Sequence[Diagnostic], before: Sequence[Diagnostic]) -> bool:
    errors, earlier = _errors(after), _errors(before)
    if errors - earlier:
        return False
    return errors != earlier or len(after) < len(before)


def _errors(found: Sequence[Diagnostic]) -> Counter[tuple[str, str]]:
    """Errors by what they say: their places move when text before them changes."""
    return Counter((diagnostic.code, diagnostic.message) for diagnostic in found if diagnostic.is_error)
