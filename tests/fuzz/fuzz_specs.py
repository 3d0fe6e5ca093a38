"""Coverage-guided fuzzing of everything between the bytes of a spec and its findings.

    pip install atheris
    python tests/fuzz/fuzz_specs.py CORPUS -max_total_time=1200 -dict=tests/fuzz/words.dict

The shipped specs and the malformed ones of tests/golden seed the corpus, which grows in the folder CORPUS. An
input fails where anything but a finding comes out, where a rendering fails, where the formatter breaks a law,
where the incremental checker says something else than a fresh one, where it takes longer than `-timeout` (in
seconds) or more memory than `-rss_limit_mb`. libFuzzer writes such an input to `crash-…`.
"""

from __future__ import annotations

import sys
from pathlib import Path

import atheris

with atheris.instrument_imports(include=["rl2graph.lang", "rl2graph.compiler", "rl2graph.diagnostics"]):
    from rl2graph.compiler.check import check
    from rl2graph.compiler.incremental import Checker
    from rl2graph.compiler.interface import Interface
    from rl2graph.compiler.limits import Limits
    from rl2graph.compiler.pipeline import optimise
    from rl2graph.compiler.spec import parse
    from rl2graph.diagnostics.formats import to_github, to_sarif
    from rl2graph.diagnostics.render import render_concise, render_full, to_json
    from rl2graph.lang.formatting.formatter import format_text

from rl2graph.spaces import Discrete, Image, Record, Vector, unbounded

ROOT = Path(__file__).resolve().parents[2]
LIMITS = Limits(nodes=20_000, steps=200_000, weights=10_000_000)
CAMERA = Record((("camera", Image((3, 36, 36))), ("arm", Vector((7,)))))
INTERFACES = [
    Interface(Vector((4,)), Discrete(2)),
    Interface(Image((4, 84, 84), channels_last=True), unbounded((2,)), groups=()),
    Interface(CAMERA, Discrete(3)),
    Interface(),
]
CHECKERS = [Checker(interface, limits=LIMITS) for interface in INTERFACES]


def one_input(data: bytes) -> None:
    """Read, check, render and format one input; the first byte chooses the spaces."""
    try:
        text = data[1:].decode("utf-8").replace("\r\n", "\n")
    except UnicodeDecodeError:
        return
    if "\0" in text:
        return
    number = data[0] % len(INTERFACES) if data else 0
    spec = parse(text, limits=LIMITS)
    analysis = check(spec, INTERFACES[number], "ppo" if data[:1] > b"\x7f" else None)
    shown = [render_full(diagnostic) for diagnostic in analysis.diagnostics]
    for diagnostic in analysis.diagnostics:
        render_concise(diagnostic), to_json(diagnostic), to_github("x.rl2", diagnostic)
    to_sarif([("x.rl2", diagnostic) for diagnostic in analysis.diagnostics], "0")
    if analysis.graph is not None and len(analysis.graph.nodes) < 500:
        optimise(analysis.graph, 1)
    if not spec.problems:
        formatted = format_text(text)
        assert format_text(formatted) == formatted
        assert parse(formatted, limits=LIMITS).tree.statements == spec.tree.statements
    if data[:1] <= b"\x7f":
        again = CHECKERS[number].check(text)
        assert [render_full(diagnostic) for diagnostic in again.diagnostics] == shown
        assert again.graph == analysis.graph


def seed(corpus: Path) -> None:
    """Put the specs of the repository into the corpus, each once for every kind of spaces."""
    corpus.mkdir(parents=True, exist_ok=True)
    for path in [
        *ROOT.glob("specs/**/*.rl2"),
        *ROOT.glob("tests/golden/**/*.rl2"),
        *ROOT.glob("rl2graph/**/*.rl2"),
    ]:
        for number in range(len(INTERFACES)):
            name = f"{path.parent.name}-{path.stem}-{number}"
            (corpus / name).write_bytes(bytes([number]) + path.read_bytes())


if __name__ == "__main__":
    folders = [argument for argument in sys.argv[1:] if not argument.startswith("-")]
    if folders:
        seed(Path(folders[0]))
    atheris.Setup(sys.argv, one_input)
    atheris.Fuzz()
