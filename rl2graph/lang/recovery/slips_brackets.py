"""Brackets that are not closed, closed by another kind, or closed without being open."""

from __future__ import annotations

from collections.abc import Iterator

from rl2graph.lang.layout import CLOSING, most_brackets
from rl2graph.lang.lexer import Tokens
from rl2graph.lang.recovery.findings import Finding
from rl2graph.lang.recovery.scene import Scene
from rl2graph.lang.recovery.situations import Edit

SIGNS = {"LPAR": "(", "RPAR": ")", "LSQB": "[", "RSQB": "]", "LBRACE": "{", "RBRACE": "}"}
_OPENING = {closing: opening for opening, closing in CLOSING.items()}
_GOES_ON = (
    "a line goes on where it is indented more than its statement, or starts with a closing bracket or `|>`"
)


def too_deep(start: int, end: int) -> Finding:
    """More brackets inside each other than the limit allows."""
    return Finding(
        "RLG107",
        f"more than {most_brackets()} brackets inside each other",
        start,
        end,
        hint="give an inner part a name of its own; `--limit nesting=NUMBER` raises the limit",
    )


def unclosed(tokens: Tokens, opened: list[int]) -> Finding:
    """Brackets that are open where the statement ends, outermost first."""
    innermost, end = opened[-1], tokens.ends[-1]
    closers = "".join(SIGNS[CLOSING[tokens.kinds[index]]] for index in reversed(opened))
    over_lines = "\n" in tokens.text[tokens.starts[opened[0]] : end]
    # Indentation says where a block ends that starts on a line of its own.
    laid_out = tokens.text[tokens.ends[innermost] :].lstrip(" \t\r")[:1] in ("\n", "#")
    laid_out = laid_out and ";" not in tokens.text and tokens.kinds[opened[0] - 1] != "COLON"
    return Finding(
        "RLG102",
        f"`{tokens.word(innermost)}` is not closed before its statement ends",
        tokens.starts[innermost],
        tokens.ends[innermost],
        label="opened here",
        others=tuple((*tokens.span(index), "nor is this") for index in opened[:-1]),
        hint=_GOES_ON if over_lines else "",
        title=f"put `{closers}` at the end",
        mends=((Edit(end, end, f"\n{closers}" if over_lines and closers == "}" else closers),),),
        rivals=() if laid_out and closers == "}" else _earlier_closings(tokens, opened),
    )


def closing(scene: Scene) -> Iterator[Finding]:
    """A closing bracket that cannot stand: nothing is open, or a bracket of another kind is."""
    tokens, index, sign = scene.tokens, scene.index, scene.word
    here = tokens.starts[index], tokens.ends[index]
    if not scene.opened:
        if "INT" not in scene.expected:
            removal = Edit(tokens.ends[index - 1] if index else here[0], here[1], "")
            yield Finding(
                "RLG101",
                f"unexpected `{sign}`, no bracket is open here",
                *here,
                hint=f"a `{SIGNS[_OPENING[scene.kind]]}` may be missing before it",
                title=f"leave `{sign}` out",
                mends=((removal,),),
                safe=sign == ")" and tokens.kinds[index - 1] == "RPAR",  # `f()` may be meant by `f)`
                rivals=_insertions(tokens, SIGNS[_OPENING[scene.kind]], 0, index - 1),
            )
        return
    opening = scene.opened[-1]
    closer = SIGNS[CLOSING[tokens.kinds[opening]]]
    if closer == sign:
        return
    opened = tokens.starts[opening], tokens.ends[opening]
    rivals = (
        *_insertions(tokens, closer, opening + 1, index - 1),
        *_insertions(tokens, SIGNS[_OPENING[scene.kind]], 0, index - 1),
    )
    wrong = Finding(
        "RLG101",
        f"`{sign}` does not close `{tokens.word(opening)}`",
        *here,
        others=((*opened, "opened here"),),
        hint=f"`{closer}` closes the bracket that is open here",
        title=f"write `{closer}`",
        mends=((Edit(*here, closer),),),
        rivals=rivals,
    )
    before = tokens.ends[index - 1]
    missing = Finding(
        "RLG102",
        f"`{tokens.word(opening)}` is not closed before `{sign}`",
        *opened,
        label="opened here",
        others=((*here, "closes another bracket"),),
        title=f"put `{closer}` before `{sign}`",
        mends=((Edit(before, before, closer),),),
        rivals=rivals,
    )
    outer = [SIGNS[CLOSING[tokens.kinds[index]]] for index in scene.opened[:-1]]
    yield from (missing, wrong) if sign in outer else (wrong, missing)


def _insertions(tokens: Tokens, sign: str, first: int, last: int) -> tuple[tuple[Edit, ...], ...]:
    """A sign put before each token from `first` to `last`."""
    places = (tokens.starts[index] for index in range(first, last + 1))
    return tuple((Edit(place, place, f" {sign} "),) for place in places)


def _earlier_closings(tokens: Tokens, opened: list[int]) -> tuple[tuple[Edit, ...], ...]:
    """One of the brackets that are open closed before the end, the others there."""
    found: list[tuple[Edit, ...]] = []
    end = tokens.ends[-1]
    for opening in opened:
        rest = "".join(SIGNS[CLOSING[tokens.kinds[other]]] for other in reversed(opened) if other != opening)
        for edits in _insertions(tokens, SIGNS[CLOSING[tokens.kinds[opening]]], opening + 1, len(tokens) - 2):
            found.append((*edits, Edit(end, end, rest)))
    return tuple(found)
