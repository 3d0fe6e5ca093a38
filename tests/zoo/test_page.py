"""The page of the zoo, and its pictures, are those of the specs: `python docs/zoo.py` writes them."""

from __future__ import annotations

import importlib.util
from pathlib import Path

from rl2graph.zoo import zoo
from tests.support import ROOT

DOCS = ROOT / "docs"


def test_the_page_and_its_pictures_are_those_of_the_specs():
    spec = importlib.util.spec_from_file_location("zoo_page", DOCS / "zoo.py")
    writer = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(writer)
    files = writer.files()
    for path, text in files.items():
        assert (DOCS / path).read_text(encoding="utf-8") == text, path
    pictures = {path.relative_to(DOCS) for path in (DOCS / writer.PICTURES).iterdir()}
    assert pictures | {Path("zoo.md")} == set(files)


def test_the_readme_counts_them():
    text = " ".join((ROOT / "README.md").read_text(encoding="utf-8").split())
    trained = sum(spec.algorithms == ("ppo", "a2c") for spec in zoo())
    assert f"[specs/](specs) has {len(zoo())} to start from" in text
    assert f"PPO and A2C train {trained} of them" in text
    assert f"[the zoo: {len(zoo())} specs" in text
