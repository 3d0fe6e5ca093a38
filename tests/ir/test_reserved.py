from __future__ import annotations

from random import Random

from torch import nn

from rl2graph.ir.reserved import MODULE_ATTRIBUTES, FreeNames, free_name, reserved
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


def test_free_names_are_those_that_a_search_among_all_finds():
    random = Random(0)
    for _ in range(200):
        names, used = FreeNames(), []
        for _ in range(30):
            stem = random.choice(["a", "a_1", "a_2", "a_1_1", "b", "b_1"])
            used.append(free_name(stem, used))
            assert names.take(stem) == used[-1]
