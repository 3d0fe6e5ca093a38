"""What is said of a text that should be a type, as `--obs` takes it."""

from __future__ import annotations

import pytest

from rl2graph.diagnostics import DiagnosticError, Source
from rl2graph.lang.parser import parse_type


@pytest.mark.parametrize(
    ("text", "example"),
    [("f32(4)", "`f32[4]`"), ("Box(4)", "`box[4]`"), ("Discrete(2)", "`discrete[2]`"), ("4", "`f32[4]`")],
)
def test_a_type_is_shown_with_its_dims_in_square_brackets(text, example):
    with pytest.raises(DiagnosticError) as caught:
        parse_type(Source("--obs", text))
    (found,) = caught.value.diagnostics
    assert found.code == "RLG101"
    assert "square brackets" in found.hint
    assert example in found.hint
    assert "statement" not in found.message
