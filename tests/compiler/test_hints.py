"""Every hint that shows what to write works when it is followed."""

from __future__ import annotations

import pytest

from rl2graph.compiler.analysis import analyse
from rl2graph.compiler.interface import Interface
from rl2graph.compiler.spec import parse
from rl2graph.diagnostics.fixes import apply_fixes
from tests.support import IMAGE, TWO, VECTOR

CONV = "f = obs |> conv2d(32, kernel=8, stride=4)\n"
SHOWN = [
    (VECTOR, "pi = head(nn.Linear(4, 64)(obs))", "nn.Linear(4, 64)(obs)", "dense(obs, 64)"),
    (
        IMAGE,
        "f = nn.Conv2d(4, 32, 8)(obs)",
        "nn.Conv2d(4, 32, 8)(obs)",
        "conv2d(obs, 32, kernel=8, stride=4)",
    ),
    (IMAGE, "f = nn.MaxPool2d(2)(obs)", "nn.MaxPool2d(2)(obs)", "max_pool2d(obs, 2)"),
    (VECTOR, "pi = head(mlp(obs, activation=nn.LeakyReLU))", "nn.LeakyReLU", "leaky_relu"),
    (VECTOR, "pi = head(mlp(obs, activation=jax.nn.swish))", "jax.nn.swish", "silu"),
    (VECTOR, "pi = head(torch.cat([obs, act]))", "torch.cat([obs, act])", "concat(obs, act)"),
    (VECTOR, "pi = head(Sequential(obs))", "Sequential(obs)", "obs |> dense(64) |> relu"),
    (VECTOR, "pi = head(flatten(parameter([8, 4], init=normal)))", "init=normal", 'init="normal"'),
    (VECTOR, "pi = head(flatten(parameter([8, 4], uniform)))", "uniform", 'init="uniform"'),
    (VECTOR, "pi = head(cast(obs, f32))", "f32", 'dtype="f32"'),
    (VECTOR, "pi = head(obs.view(-1, 4))", "obs.view(-1, 4)", "flatten(obs)"),
    (VECTOR, "pi = head(obs.flatten())", "obs.flatten()", "obs |> flatten"),
    (None, "pi = head(obs.flatten())", "obs.flatten()", "flatten(obs)"),
    (VECTOR, "pi = head(obs.relu())", "obs.relu()", "relu(obs)"),
    (IMAGE, CONV + "pi = head(f)", "head(f)", "head(flatten(f))"),
    (IMAGE, CONV + "pi = head(mlp(f))", "mlp(f)", "mlp(flatten(f))"),
    (IMAGE, CONV + "pi = f |> mlp |> head", "|> mlp", "|> flatten |> mlp"),
    (IMAGE, CONV + "pi = f |> dense(8) |> head", "|> dense(8)", "|> flatten |> dense(8)"),
    (IMAGE, "pi = head(obs)", "head(obs)", "head(encode(obs))"),
    (IMAGE, "pi = obs |> head", "|> head", "|> encode |> head"),
    (VECTOR, "pi = head(dense(64)(obs))", "dense(64)(obs)", "dense(obs, 64)"),
    (VECTOR, "pi = head(mlp(hidden=[8])(obs))", "mlp(hidden=[8])(obs)", "mlp(obs, hidden=[8])"),
    (
        VECTOR,
        "pi = head(dense(64, obs, bias=false))",
        "dense(64, obs, bias=false)",
        "dense(obs, 64, bias=false)",
    ),
]


def found(text, observation):
    return analyse(parse(text), Interface(observation, TWO)).diagnostics


@pytest.mark.parametrize(("observation", "text", "wrong", "shown"), SHOWN, ids=[row[1] for row in SHOWN])
def test_what_a_hint_shows_is_right(observation, text, wrong, shown):
    (error,) = [d for d in found(text, observation) if d.is_error]
    assert f"`{shown}`" in error.hint
    assert not [
        d for d in found(text.replace(wrong, shown), observation) if d.code != "RLG214" and d.is_error
    ]


@pytest.mark.parametrize("text", [row[1] for row in SHOWN if row[0] is IMAGE and "flatten" in row[3]])
def test_flatten_is_put_where_the_hint_shows(text):
    (error,) = [d for d in found(text, IMAGE) if d.is_error]
    assert error.fix.safe
    assert not [d for d in found(apply_fixes(text, [error.fix])[0], IMAGE) if d.is_error]


def test_a_hint_shows_defaults():
    (error,) = found("pi = head(dense(obs, 8, size=2))", VECTOR)
    assert error.hint == "it is called as `dense(x, out, bias=true)`"
    (error,) = found("pi = head(flatten(max_pool2d(obs)))", IMAGE)
    assert error.hint.startswith("it is called as `max_pool2d(x, kernel, [stride], padding=0)`")


@pytest.mark.parametrize("arguments", ["[dim_of(obs), 2]", "dim_of(obs)", "2, axis=dim_of(obs)"])
def test_pieces_of_what_is_not_known_need_the_spaces(arguments):
    (error,) = [
        d for d in found(f"pieces = split(obs, {arguments})\npi = head(pieces[0])", None) if d.is_error
    ]
    assert (error.code, "or give the spaces" in error.hint) == ("RLG508", True)
