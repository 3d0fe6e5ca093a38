"""Rewrites on what no random program has: comments, several agents, imports, hidden names, definitions in
definitions.
"""

from __future__ import annotations

from random import Random

import pytest

from rl2graph.compiler.analysis import analyse
from rl2graph.compiler.interface import Interface
from rl2graph.compiler.spec import parse
from rl2graph.ir.canonical import match
from rl2graph.spaces import Image, Record, Vector, unbounded
from rl2graph.testing import BREAKING, PRESERVING
from tests.support import TWO, VECTOR

CAMERA = Record((("camera", Image((3, 36, 36))), ("left arm", Vector((5,)))))
ALONE: tuple[str, ...] = ()

SPECS = {
    "agents": (
        """
shared encoder f(x) = dense(x, 8) |> relu
agents speaker { e = f(obs) |> dense(4); pi = head(e) }
agents listener {
  e = f(obs)  # same name, other group
  h = lstm(e, 3)
  pi = head(h); v = head(e)
}
""",
        Interface(VECTOR, TWO),
    ),
    "comments": (
        """rl2 1
# a comment; with (brackets
param n = 4   # override
a = obs |> dense(n)   # first
  |> relu             # second |> not a stage
  |> dense(n, bias=false)
b = (a   # inside
  + obs) ; c = tanh(a)   # after ;
@frozen
encoder g(x, k=3) {
  # inner comment
  h = dense(x, k); j = dense(h, k)
  return (h + j)
}
out = g(b, k=3) * g(k=3, x=c)
output out, pi = head(c)   # the end
loss l = mean(square(out)) + 0.5 * mse(a, detach(b))
""",
        Interface(VECTOR, TWO, ALONE),
    ),
    "imports": (
        """
import "encoders/nature.rl2" as nat
import "blocks/residual.rl2" as blocks
e = nat.cnn(obs.camera, width=8)
h = concat(e, obs["left arm"]) |> blocks.dense_block(13)
pi = head(h); v = head(detach(h))
""",
        Interface(CAMERA, unbounded((2,)), ALONE),
    ),
    "definitions in definitions": (
        """
def outer(x, act2=relu) {
  encoder inner(y) = dense(y, 4) |> act2
  def twice(z) = inner(inner(z))
  return twice(x) + twice(tanh(x))
}
a = outer(obs)
b = outer(a, act2=tanh) |> outer
parts = split(b, 2)
c = concat(parts[1], parts[0])
ensemble[3] q = head(mlp(concat(c, act), hidden=[5]))
mu = head(c)
""",
        Interface(VECTOR, unbounded((2,)), ALONE),
    ),
    "roles without outputs": (
        """
encoder e = mlp(obs)
q1 = head(concat(e, act)); q2 = head(concat(e, act))
mu = head(e) |> tanh
aux = q1 - q2
v = value(e)
loss lv = square(v - reward)
""",
        Interface(VECTOR, unbounded((2,)), ALONE),
    ),
    "state": (
        """
encoder f(x) = gru(x, 3)
a = f(obs)
b = f(tanh(obs)) + a
c = memory(obs, 2)
d = frame_stack(obs, 3)
s = f(obs) + b
output a, b, c, d, s
""",
        Interface(VECTOR, TWO, ALONE),
    ),
    "hidden names": (
        """
x = dense(obs, 4)
def f(x, y=x) = x + y
encoder g(x) { y = dense(x, 4); return y + x }
y = f(x)
z = g(y) + g(x)
output z, w = f(z, y=y)
""",
        Interface(VECTOR, TWO, ALONE),
    ),
    "statistics": (
        """
encoder n(x) = running_norm(x)
encoder bn(x) { h = batch_norm(x); return h }
a = n(obs); b = bn(a); c = bn(tanh(a)); d = n(obs) ; e = bn(dropout(c))
output a, b, c, d, e
""",
        Interface(VECTOR, TWO, ALONE),
    ),
    "loops": (
        """
param widths = [4, 4, 4]
c = dense(obs, 4)
x = obs |> for c in widths { dense(c) |> add(obs) |> relu }
y = c |> for i in range(3) { layer_norm |> add(x) }
output y, c
""",
        Interface(VECTOR, TWO, ALONE),
    ),
    "symbols": (
        """
input extra: f32[n]
input obs: f32[m]
a = extra + dense(obs, 6)
pi = head(a)
""",
        Interface(VECTOR, TWO, ALONE),
    ),
}


@pytest.mark.parametrize("name", SPECS)
def test_tricky_specs_keep_their_function(name):
    text, interface = SPECS[name]
    original = analyse(parse(text), interface)
    assert original.graph is not None, original.diagnostics
    rewritten = set()
    for rewrite in PRESERVING:
        for seed in range(8):
            random = Random(seed)
            changed = rewrite(text, random)
            for _ in range(seed % 3):
                changed = changed and (random.choice(PRESERVING)(changed, random) or changed)
            if changed is None or changed in rewritten:
                continue
            rewritten.add(changed)
            graph = analyse(parse(changed), interface).graph
            assert graph is not None, f"{rewrite.name}\n{changed}"
            assert match(original.graph, graph), f"{rewrite.name}\n{changed}"
    assert len(rewritten) >= 4


@pytest.mark.parametrize("name", SPECS)
def test_breaking_rewrites_say_none_or_another_text(name):
    text, _ = SPECS[name]
    found = [rewrite(text, Random(seed)) for rewrite in BREAKING for seed in range(5)]
    assert text not in found
    assert any(found)
