"""Statements with one mistake each, by what kind of mistake it is and the code that it has."""

from __future__ import annotations

import random
from dataclasses import dataclass

# `x@` and `y@` are names. Each is one statement that a writer meant as one.
BROKEN = {
    ("bad token", "RLG101"): ["x@ = = b", "x@ = b : c", "x@ = f(b, in in)", "x@ = b @ c", "head = x@"],
    ("bad character", "RLG104"): ["x@ = b % c", "x@ = 'b'", "é@ = b", "x@ = b | c", "x@ = b ? c", "x@ = −b"],
    ("missing operand", "RLG101"): ["x@ = f(b + )", "x@ = * b", "x@ = b + * c", "x@ = f(, b)"],
    ("missing end", "RLG103"): ["x@ = b +", "x@ = b |>", "x@ =", "param x@", "loss x@ =", "import \"x\" as"],
    ("unclosed bracket", "RLG102"): ["x@ = f(b", "x@ = [b, c", "x@ = f(g(b), [c]", "def x@(y", "def x@(y) {"],
    ("bracket too many", "RLG101"): ["x@ = f(b))", "x@ = b]", "x@ = f(b}", "def x@(y) = y }"],
    ("wrong bracket", "RLG101"): ["x@ = f(b]", "x@ = [b)"],
    ("crossed brackets", "RLG102"): ["x@ = f([b)]", "x@ = [f(b])"],
    ("unclosed string", "RLG104"): ['x@ = "b', 'x@ = f(b, role="pi)', 'import "x as y@'],
    ("misspelt word", "RLG101"): [
        "encoedr x@ = mlp(obs)",
        "parm x@ = 3",
        "ouput x@",
        'improt "x" as y@',
        "ensmble[5] x@ = f(b)",
        "shraed encoder x@ = f(b)",
        "lss x@ = f(b)",
        "x@ = b |> fro c in [1] { f(c) }",
        "x@ = b |> for c ni [1] { f(c) }",
        'import "x" sa y@',
        "deff x@(y) = f(y)",
        "moduel x@(y) { z = f(y); return z }",
    ],
    ("missing equals", "RLG101"): ["x@ f(b)", "encoder x@ f(b)", "param x@ 3", "def x@(y) f(y)"],
    ("missing comma", "RLG101"): ["x@ = f(b c)", "x@ = [1 2]", "x@ = f(b k=3)", "output x@ y@"],
    ("two on a line", "RLG101"): ["x@ = b y@ = c", "x@ = f(b) param y@ = 3", "x@ = b encoder y@ = c"],
    ("other assignment", "RLG101"): ["x@ := b", "x@ == b", "x@: b", "x@ += b"],
    ("no binding", "RLG101"): ["f(b)", "b |> f", "encoder x@ |> f"],
    ("python", "RLG101"): ["x@ = f(True)", "x@ = lambda y: y", "x@ = b if c else d", "for x@ in [1] { f }"],
    ("too long a number", "RLG304"): ["x@ = 99999999999999999999"],
    ("empty block", "RLG101"): ["def x@(y) {}"],
}  # fmt: skip

GOOD = ["g@ = f(b)", "encoder g@ = b |> f(3) |> h", "param g@ = [1, 2]", "output g@: pi = f(b)"]
GOOD_OVER_LINES = [
    "g@ = f(\n    b,\n    c,\n)",
    "g@ = b\n  |> f\n  |> h",
    "def g@(x) {\n    h = f(x)\n    return h\n}",
    "@frozen\nencoder g@ = f(b)",
]


@dataclass(frozen=True)
class Mixture:
    text: str
    codes: list[str]
    lines: list[int]  # on which the mistakes are
    good: list[str]  # names that good statements bind, in order


def mixture(count: int, seed: int, kind: str | None = None) -> Mixture:
    """`count` broken statements, of one kind or mixed, among as many good ones and more."""
    rng = random.Random(seed)
    slips = [(code, text) for (name, code), texts in BROKEN.items() for text in texts if kind in (None, name)]
    parts: list[str] = []
    codes: list[str] = []
    lines: list[int] = []
    good: list[str] = []
    line = 1
    for number in range(count):
        for text in rng.choices([*GOOD, *GOOD_OVER_LINES], k=rng.randint(0, 2)):
            good.append(f"g{number}_{len(good)}")
            parts.append(text.replace("g@", good[-1]) + "\n")
            line += text.count("\n") + 1
        code, text = rng.choice(slips)
        codes.append(code)
        lines.append(line)
        parts.append(text.replace("x@", f"x{number}").replace("y@", f"y{number}").replace("é@", "é"))
        if rng.random() < 0.2 and not text.endswith("{") and text.count('"') % 2 == 0:
            good.append(f"s{number}")
            parts.append(f"; s{number} = f(b)")
        parts.append("\n")
        line += 1
    return Mixture("".join(parts), codes, lines, good)
