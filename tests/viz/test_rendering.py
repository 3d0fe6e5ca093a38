from __future__ import annotations

import json
import subprocess
import sys

import pytest

from rl2graph.viz import FORMATS, VIEWS, render
from tests.support import GOLDEN, ROOT, SHARED
from tests.viz.cases import CASES, pair


@pytest.mark.parametrize("name", CASES)
@pytest.mark.parametrize("form", FORMATS)
def test_every_format_and_view(name, form):
    graphs = pair(name)
    for view in VIEWS:
        first = render(*graphs, format=form, view=view, title=name)
        assert first.endswith("\n")
        assert not first.endswith("\n\n")
        assert first == render(*graphs, format=form, view=view, title=name)


def test_unknown_formats_and_views():
    graphs = pair("shared")
    with pytest.raises(ValueError, match="'gif' is not one of txt, mmd, dot, svg, json"):
        render(*graphs, format="gif")
    with pytest.raises(ValueError, match="'left' is not one of before, after, both"):
        render(*graphs, view="left")


def test_json():
    data = json.loads(render(*pair("shared"), format="json", title="t"))
    assert data["schema"] == 1
    assert data["title"] == "t"
    before, after = data["graphs"]["before"], data["graphs"]["after"]
    assert (before["evaluations"], after["evaluations"]) == (10, 6)
    assert before["nodes"][6]["first"] == 1
    assert after["nodes"][1]["written"] == 2
    assert after["nodes"][1]["attributes"] == {"out": 128, "bias": True}
    assert after["owners"][0] == {"path": "f.dense", "weights": {"weight": [128, 4], "bias": [128]}}
    assert after["outputs"][0] == {"name": "pi", "role": "pi", "node": 5}


def test_json_without_spaces():
    data = json.loads(render(*pair("unknown"), format="json", view="after"))
    assert data["graphs"]["after"]["nodes"][1]["type"] == {"dtype": "f32", "shape": None}


def test_dot():
    text = render(*pair("arithmetic"), format="dot", view="after", title='a "b"')
    assert text.startswith("digraph rl2graph {\n")
    assert 'label="a \\"b\\""' in text
    assert text.count("after1 -> after2;") == 2


def test_pictures_need_no_torch():
    code = "import sys, rl2graph.viz; sys.exit('torch' in sys.modules or 'networkx' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_the_readme_picture_is_what_the_tool_draws():
    picture = render(*pair("shared"), format="svg", view="both", title=SHARED)
    committed = ROOT / "docs" / "images" / "shared-encoder.svg"
    assert committed.read_text(encoding="utf-8") == picture, f"draw it again into {committed}"


def test_no_golden_text_is_left_over():
    names = {path.name for path in (GOLDEN / "viz").iterdir()}
    assert names == {f"{name}{suffix}" for name in CASES for suffix in (".txt", ".mmd")}
