"""The documents say what is so."""

from __future__ import annotations

import re
import subprocess
import sys

import pytest

from rl2graph.compiler.definitions import BUILTINS
from rl2graph.compiler.spec import prelude
from rl2graph.ir.table import OPS
from rl2graph.lang import ast
from tests.support import ROOT, codes

DOCS = ROOT / "docs"


def test_the_language_page_names_every_op_and_preset():
    text = (DOCS / "language.md").read_text()
    names = [op.name for op in OPS.values() if op.written]
    names += [s.name.text for s in prelude().tree.statements if isinstance(s, ast.Macro)]
    names += list(BUILTINS)
    internal = {"by_shape", "pyramid", "flat_mlp"}
    assert not [name for name in names if name not in internal and not re.search(rf"\b{name}\b", text)]


@pytest.mark.parametrize("page", ["README.md", "docs/language.md"])
def test_specs_in_the_documents_are_right(page):
    blocks = re.findall(r"```\n(.*?)```", (ROOT / page).read_text(), re.S)
    specs = [block for block in blocks if "= head(" in block and "error[" not in block and "$" not in block]
    assert specs
    for block in specs:
        lines = block.strip().splitlines()
        alternatives = [block] if len({line.split("=")[0] for line in lines}) == len(lines) else lines
        for text in alternatives:
            assert not [code for code in codes(text) if not code.startswith("RLG9")], text


def test_links_lead_somewhere():
    for page in (ROOT / "README.md", ROOT / "CONTRIBUTING.md", *DOCS.glob("*.md")):
        for target in re.findall(r"\]\(([^)#]+)\)", page.read_text()):
            if "://" not in target:
                assert (page.parent / target).exists(), f"{page.name}: {target}"


@pytest.mark.parametrize("path", sorted((ROOT / "examples").glob("*.py")), ids=lambda p: p.stem)
def test_examples_run_and_are_short(path, tmp_path):
    assert len(path.read_text().splitlines()) <= 60
    done = subprocess.run(
        [sys.executable, str(path)], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout
