"""Quickly made dataclasses are frozen dataclasses like any other."""

from __future__ import annotations

import copy
import inspect
import pickle
from dataclasses import FrozenInstanceError, dataclass, field, replace

import pytest

from rl2graph.frozen import quickly_made
from rl2graph.ir.graph import Node, Owner
from rl2graph.ir.types import f32


@dataclass(frozen=True, slots=True)
class Plain:
    name: str
    size: int = 3
    label: str | None = field(default=None, compare=False, repr=False)


@quickly_made
@dataclass(frozen=True, slots=True)
class Quick:
    name: str
    size: int = 3
    label: str | None = field(default=None, compare=False, repr=False)


@pytest.mark.parametrize(("args", "given"), [(("a",), {}), (("a", 4), {}), ((), {"label": "x", "name": "b"})])
def test_it_is_made_like_any_other(args, given):
    plain, quick = Plain(*args, **given), Quick(*args, **given)
    assert repr(quick) == repr(plain).replace("Plain", "Quick")
    assert quick.label == plain.label
    assert hash(quick) == hash(plain)
    assert inspect.signature(Quick) == inspect.signature(Plain)


@pytest.mark.parametrize(("args", "given"), [((), {}), (("a", 1, None, 2), {}), (("a",), {"width": 2})])
def test_it_refuses_what_any_other_refuses(args, given):
    with pytest.raises(TypeError):
        Quick(*args, **given)


@pytest.mark.parametrize("value", [Quick("a", 4), Node("relu", (0,), (), f32(3)), Owner("e", "dense", ())])
def test_it_stays_as_it_is(value):
    first = value.__slots__[0]
    with pytest.raises(FrozenInstanceError):
        setattr(value, first, "other")
    assert pickle.loads(pickle.dumps(value)) == copy.deepcopy(value) == replace(value) == value
    assert replace(value, **{first: "other"}) != value


def test_fields_that_a_constructor_makes_something_of_are_refused():
    @dataclass(frozen=True, slots=True)
    class Lists:
        items: list[int] = field(default_factory=list)

    with pytest.raises(TypeError, match=r"Lists\.items"):
        quickly_made(Lists)


def test_a_class_with_something_to_do_after_its_fields_is_refused():
    @dataclass(frozen=True, slots=True)
    class Checked:
        name: str

        def __post_init__(self) -> None:
            assert self.name

    with pytest.raises(TypeError, match=r"Checked\.__post_init__ would not be called"):
        quickly_made(Checked)
