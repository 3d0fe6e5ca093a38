"""`@load` files are looked at before anything runs, by their headers alone."""

from __future__ import annotations

import json

import pytest

from rl2graph.compiler.check import check
from rl2graph.compiler.interface import Interface
from rl2graph.compiler.spec import load, parse
from tests.support import TWO, VECTOR

TEXT = '@load("enc.safetensors", key="enc") e = dense(obs, 8)\npi = head(e)'
RIGHT = {"enc.weight": [8, 4], "enc.bias": [8]}


def header(**tensors):
    entries = {
        name: {"dtype": "F32", "shape": shape, "data_offsets": [0, 0]} for name, shape in tensors.items()
    }
    data = json.dumps({"__metadata__": {"a": "b"}, **entries}).encode()
    return len(data).to_bytes(8, "little") + data


def findings(folder, content):
    if content is not None:
        (folder / "enc.safetensors").write_bytes(content)
    (folder / "net.rl2").write_text(TEXT)
    return check(load(folder / "net.rl2"), Interface(VECTOR, TWO)).diagnostics


def test_a_file_that_fits_is_no_finding(tmp_path):
    assert findings(tmp_path, header(**RIGHT)) == ()


@pytest.mark.parametrize(
    ("content", "code", "said"),
    [
        (None, "RLG601", "cannot read"),
        (b"", "RLG608", "no safetensors file"),
        (b"\xff" * 100, "RLG608", "no safetensors file"),
        (b"\x05\0\0\0\0\0\0\0[1,2]", "RLG608", "no safetensors file"),
        (b'\x07\0\0\0\0\0\0\0{"a":1}', "RLG608", "no safetensors file"),
        (header(**{"enc.weight": [8, 5], "enc.bias": [8]}), "RLG608", "is [8, 5], and the spec needs [8, 4]"),
        (header(**{"enc.weihgt": [8, 4], "enc.bias": [8]}), "RLG608", "no tensor `enc.weight`"),
    ],
)
def test_faults_are_shown_at_the_annotation(tmp_path, content, code, said):
    (found,) = findings(tmp_path, content)
    assert found.code == code
    assert said in found.message
    assert found.span.text == '@load("enc.safetensors", key="enc")'


def test_a_text_without_a_folder_has_nothing_to_look_at():
    assert check(parse(TEXT), Interface(VECTOR, TWO)).diagnostics == ()
