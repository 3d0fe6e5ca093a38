"""Good programs with one token missing, or one line that is not indented: what safe fixes make of them."""

from __future__ import annotations

import random
import re
from dataclasses import dataclass, field

from rl2graph.diagnostics import Source
from rl2graph.diagnostics.fixes import apply_fixes
from rl2graph.lang.lexer import tokenize
from rl2graph.lang.parser import parse_file
from tests.lang.broken_statements import GOOD, GOOD_OVER_LINES
from tests.lang.syntax_programs import random_program

DELETED = frozenset(["LPAR", "RPAR", "LSQB", "RSQB", "LBRACE", "RBRACE", "COMMA", "EQUAL", "PIPE"])

# As people write them.
USUAL = [
    "e@ = mlp(obs, hidden=[64, 64], activation=tanh)",
    "encoder e@ = obs.camera |> conv2d(32, kernel=8, stride=4) |> relu |> flatten |> dense(512) |> relu",
    "pi@ = head(a)\nv@ = head(detach(a))",
    "encoder f@(x, width=64) {\n    h = dense(x, width) |> relu\n    return h + dense(h, width)\n}",
    "h@ = concat(\n    a,\n    dense(b, 64, bias=false),\n    obs[\"left arm\"],\n) |> lstm(256)",
    "param n@ = [32, 64, 64]",
    "loss l@ = 0.1 * mse(predict(a), detach(b)) + 0.01 * (c - d)",
    "input i@: { camera: image[3, 84, 84], joints: f32[12] }",
    "e@ = obs |> for c in [16, 32] { conv2d(c, kernel=3) |> relu } |> flatten",
    "@lr(1e-4)\nencoder e@ = mlp(obs)",
    "ensemble[2] q@ = head(concat(a, act), role=\"q\")",
    "output a, left: pi, b = f(a)",
]  # fmt: skip


@dataclass
class Tally:
    """How many texts were broken, had a safe fix, and had the same tree or as many statements after it.

    The texts that had another tree, or a new error, are kept: good, damaged, fixed.
    """

    broken: int = 0
    fixed: int = 0
    same: int = 0
    as_many: int = 0
    others: list[tuple[str, str, str]] = field(default_factory=list)
    unread: list[tuple[str, str, str]] = field(default_factory=list)


def usual_program(seed: int) -> str:
    """Some statements as people write them."""
    rng = random.Random(seed)
    parts = rng.choices([*USUAL, *GOOD, *GOOD_OVER_LINES], k=4)
    return "\n".join(part.replace("@", str(number)) for number, part in enumerate(parts)) + "\n"


def strange_program(seed: int) -> str:
    """A program of the whole grammar that means nothing."""
    return random_program(seed, statements=3).text


def damaged(text: str, rng: random.Random) -> str:
    """The text without one token, or with one line that goes on moved to the left."""
    tokens = tokenize(text)
    places = [index for index, kind in enumerate(tokens.kinds) if kind in DELETED]
    lines = list(re.finditer(r"\n[ ]+(?=[^\s|)\]}#])", text))
    if lines and (rng.random() < 0.2 or not places):
        match = rng.choice(lines)
        return text[: match.start() + 1] + text[match.end() :]
    if not places:
        return text
    start, end = tokens.span(rng.choice(places))
    return text[:start] + " " + text[end:]


def tally(write, seeds: range) -> Tally:
    """What safe fixes make of damaged programs that `write` gives for seeds."""
    counts = Tally()
    for seed in seeds:
        good = write(seed)
        tree, problems = parse_file(Source("t", good))
        bad = damaged(good, random.Random(seed))
        found = parse_file(Source("t", bad))[1]
        if problems or not found:
            continue
        counts.broken += 1
        fixes = [problem.fix for problem in found if problem.fix and problem.fix.safe]
        if not fixes:
            continue
        counts.fixed += 1
        after = apply_fixes(bad, fixes)[0]
        mended, left = parse_file(Source("t", after))
        unfixed = [problem.message for problem in found if not (problem.fix and problem.fix.safe)]
        if [problem.message for problem in left] != unfixed:
            counts.unread.append((good, bad, after))
        elif not left and mended.statements == tree.statements:
            counts.same += 1
        else:
            counts.as_many += not left and len(mended.statements) == len(tree.statements)
            counts.others.append((good, bad, after))
    return counts
