"""Values for parameters from outside, and the values that a check reports, given again."""

import pytest

from rl2graph.compiler.check import check
from rl2graph.compiler.files.overrides import constant_from
from rl2graph.compiler.interface import Interface
from rl2graph.compiler.spec import parse
from rl2graph.spaces import Discrete, Vector

INTERFACE = Interface(Vector((4,)), Discrete(2))


def analysis(text, parameters=None):
    return check(parse(text), INTERFACE, None, parameters)


@pytest.mark.parametrize(
    "text",
    [
        "def g(x) = dense(x, 3)\nparam p = g\npi = head(p(obs))",
        "encoder g(x) = dense(x, 3)\nparam p = g\npi = head(p(obs))",
        "def g(x) = dense(x, 3)\nparam p = [relu, g]\npi = head(obs |> for f in p { f })",
        "param p = [1, 2.5]\npi = head(p[1] * dense(obs, p[0]))",
        "param p = [2.5, 1]\npi = head(p[0] * dense(obs, p[1]))",
        "param p = [2, relu]\npi = head(mlp(obs, hidden=[p[0]], activation=p[1]))",
    ],
)
def test_parameters_can_be_given_again(text):
    first = analysis(text)
    assert first.ok, first.diagnostics
    again = analysis(text, first.parameters)
    assert again.ok, again.diagnostics
    assert (again.graph, again.parameters) == (first.graph, first.parameters)


@pytest.mark.parametrize(
    ("default", "given", "value"),
    [
        ("[1, 2.5]", [2, 3.5], [2, 3.5]),
        ("[1, 2.5]", [2.5, 3], [2.5, 3.0]),
        ("[1, 2.5]", [1, 2, 3.5], [1, 2.0, 3.5]),
        ("[0.5]", [1, 2], [1.0, 2.0]),
        ('["a", 1]', ["b", 2, "c"], ["b", 2, "c"]),
    ],
)
def test_items_take_the_type_of_the_default_at_their_place(default, given, value):
    found = analysis(f"param p = {default}\npi = head(obs)", {"p": given})
    assert not [d for d in found.diagnostics if d.is_error]
    assert found.parameters["p"] == value
    assert [type(item) for item in found.parameters["p"]] == [type(item) for item in value]


def test_a_float_is_no_item_of_whole_numbers():
    found = analysis("param p = [1, 2]\npi = head(obs)", {"p": [1, 2.5]})
    assert "RLG303" in [d.code for d in found.diagnostics]


def test_a_definition_of_the_file_is_taken_for_one():
    text = "def g(x) = dense(x, 3)\ndef h(x) = dense(x, 5)\nparam p = g\npi = head(p(obs))"
    found = analysis(text, {"p": "h"})
    assert found.ok
    assert found.parameters == {"p": "h"}
    assert "RLG202" in [d.code for d in analysis(text, {"p": "hh"}).diagnostics]


@pytest.mark.parametrize(
    "text", ["007", "1e5", "-007", "2.50", "run#3", "3 # runs", "3.", "[1] # one", "true", "a b", "12;"]
)
def test_a_string_takes_the_text_as_it_is_written(text):
    found = analysis('param p = "s"\npi = head(obs)', {"p": constant_from(text)})
    assert not [d for d in found.diagnostics if d.is_error]
    assert found.parameters["p"] == text


@pytest.mark.parametrize(
    ("default", "text", "value"),
    [
        ("1", "007", 7),
        ("1", "-3", -3),
        ("0.5", "1e5", 1e5),
        ("0.5", "2", 2.0),
        ("[1]", "[2, 03]", [2, 3]),
        ("[]", "[2, 0.5]", [2, 0.5]),
        ('"s"', '"a # b"', "a # b"),
        ('["s"]', "[01, x]", ["01", "x"]),
    ],
)
def test_texts_of_other_values(default, text, value):
    found = analysis(f"param p = {default}\npi = head(obs)", {"p": constant_from(text)})
    assert not [d for d in found.diagnostics if d.is_error]
    given = found.parameters["p"]
    assert given == value
    assert type(given) is type(value)
    if isinstance(given, list):
        assert [type(item) for item in given] == [type(item) for item in value]


@pytest.mark.parametrize(("default", "text"), [("1", "3 # runs"), ("[1]", "[1] # one"), ("0.5", "run#3")])
def test_a_comment_is_no_part_of_a_value(default, text):
    found = analysis(f"param p = {default}\npi = head(obs)", {"p": constant_from(text)})
    assert "RLG303" in [d.code for d in found.diagnostics]
