from __future__ import annotations

from torch import nn

from rl2graph.ir.reserved import MODULE_ATTRIBUTES, reserved
from rl2graph.model.compiled import CompiledModel


def test_the_list_holds_every_attribute_of_a_module():
    assert {name for name in dir(nn.Module()) if not name.startswith("_")} <= MODULE_ATTRIBUTES


def test_every_public_attribute_of_a_model_is_reserved():
    own = {name for name in vars(CompiledModel) if not name.startswith("_")} | {"graph", "report"}
    assert not [name for name in own if reserved(name) is None]


def test_words_of_python_are_reserved():
    assert reserved("lambda")
    assert reserved("_parameters")
    assert reserved("e") is None
