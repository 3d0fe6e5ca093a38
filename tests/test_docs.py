"""The documents say what is so."""

from __future__ import annotations

import importlib.util
import re
import subprocess
import sys

import pytest

from rl2graph.cli.main import main
from rl2graph.ir.table import OPS
from tests.support import ROOT, TWO, codes

DOCS = ROOT / "docs"


def test_tables_are_those_of_the_sources():
    """`python docs/tables.py` writes them."""
    spec = importlib.util.spec_from_file_location("tables", DOCS / "tables.py")
    tables = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(tables)
    used = set()
    for page in DOCS.glob("*.md"):
        text = page.read_text()
        assert tables.generated(text) == text, page.name
        used |= set(re.findall(r"<!-- generated: (\w+) -->", text))
    assert used == set(tables.GENERATORS)
    language = (DOCS / "language.md").read_text()
    assert not [op.name for op in OPS.values() if op.written and f"`{op.name}(" not in language]


@pytest.mark.parametrize("page", ["README.md", "docs/language.md"])
def test_specs_in_the_documents_are_right(page):
    blocks = re.findall(r"```\n(.*?)```", (ROOT / page).read_text(), re.S)
    specs = [block for block in blocks if "= head(" in block and "error[" not in block and "$" not in block]
    assert specs
    for block in specs:
        lines = block.strip().splitlines()
        alternatives = [block] if len({line.split("=")[0] for line in lines}) == len(lines) else lines
        for text in alternatives:
            spaces = (None, TWO) if "input obs" in text else ()
            assert not [code for code in codes(text, *spaces) if not code.startswith("RLG9")], text


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


PRINTED = {
    "python": ["RLG202", "torch.Size([16, 8]) ['h.cell', 'h.hidden']", "", "RLG202", "B has `detach` where"],
    "passes": ["dedup bitwise 11 7 f.dense (%6, line 1) is f.dense (%1, line 1)"],
    "testing": [
        "{'f.dense': 'e.dense', 'f.dense_1': 'e.dense_1', 'pi': 'pi', 'v': 'v'}",
        "the gradient of output v for e.dense.weight differs by up to",
        "",
        "drop a detach is noticed",
        "",
    ],
    "entries": ["['e.dense.weight', 'e.dense.bias']", "1\n", "1 1", "torch.Size([8]) 6"],
}


@pytest.mark.parametrize("page", PRINTED)
def test_python_in_the_documents_runs(page):
    blocks = re.findall(r"```python\n(.*?)```", (DOCS / f"{page}.md").read_text(), re.S)
    printed = PRINTED[page]
    for block, text in zip(blocks, printed, strict=True):
        done = subprocess.run([sys.executable, "-c", block], capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        assert text in done.stdout


def test_the_modules_of_ops_in_the_documents_register_theirs(tmp_path, monkeypatch, capsys):
    blocks = re.findall(r"```python file=(\w+\.py)\n(.*?)```", (DOCS / "ops.md").read_text(), re.S)
    monkeypatch.chdir(tmp_path)
    for name, text in blocks:
        (tmp_path / name).write_text(text)
    options = [argument for name, _ in blocks for argument in ("--ops", name)]
    assert main(["ops", "swish", "low_rank", *options]) == 0
    assert "Registered" not in capsys.readouterr().out
    text = "e = dense(obs, 8) |> swish(beta=2) |> low_rank(4, rank=2)\npi = head(e)\n"
    (tmp_path / "net.rl2").write_text(text)
    assert main(["compile", "net.rl2", *options, "--obs", "f32[4]", "--act", "discrete[2]"]) == 0
