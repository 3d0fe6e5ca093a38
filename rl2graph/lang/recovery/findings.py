"""What may be wrong with a piece that cannot be read, the most telling reading of it first."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from rl2graph.lang.layout import SEPARATOR
from rl2graph.lang.lexer import END, UNKNOWN
from rl2graph.lang.recovery import slips_bindings as bindings
from rl2graph.lang.recovery import slips_expressions as expressions
from rl2graph.lang.recovery import slips_foreign as foreign
from rl2graph.lang.recovery import slips_statements as statements
from rl2graph.lang.recovery.plain import plain_message
from rl2graph.lang.recovery.scene import Scene
from rl2graph.lang.recovery.situations import Edit, Situation
from rl2graph.lang.recovery.slips_characters import CHARACTERS

SITUATIONS: tuple[Situation, ...] = (
    *CHARACTERS,
    *foreign.COMMENTS,
    *foreign.TEXTS,
    *foreign.WORDS_OF_OTHERS,
    *foreign.FOREIGN_STATEMENTS,
    *expressions.LOOPS,
    *bindings.DEFINITIONS,
    *statements.NAMED_STATEMENTS,
    *expressions.OPERATORS,
    *expressions.ARGUMENTS,
    *expressions.INDEXING,
    *bindings.BINDINGS,
    *expressions.NEIGHBOURS,
    Situation("! "),
)
"""In the order in which they are tried; the last always applies."""

_CODES = {UNKNOWN: "RLG104", END: "RLG103", SEPARATOR: "RLG103"}


@dataclass(frozen=True, slots=True)
class Finding:
    """A diagnostic to be, in characters of the piece, with the mends to try in turn.

    `certain_only`: to be told only where a mend is verified, for it is a guess else. `rivals`: what may
    have been meant just as well; a mend is not safe where one of them makes another tree.
    """

    code: str
    message: str
    start: int
    end: int
    label: str = ""
    hint: str = ""
    others: tuple[tuple[int, int, str], ...] = ()
    title: str = ""
    mends: tuple[tuple[Edit, ...], ...] = ()
    safe: bool = True
    certain_only: bool = False
    rivals: tuple[tuple[Edit, ...], ...] = ()


def situation_findings(scene: Scene) -> Iterator[Finding]:
    """What the tables say of a scene."""
    for situation in SITUATIONS:
        words = situation.match(scene)
        if words is not None:
            digits = (scene.previous + scene.word).replace("_", "")
            yield _finding(situation, scene, {**words, "small": scene.word.lower(), "digits": digits})


def _finding(situation: Situation, scene: Scene, words: dict[str, str]) -> Finding:
    tokens, index = scene.tokens, scene.index
    first, last = situation.at
    start, end = tokens.starts[index + first], tokens.ends[index + last]
    code, label = _CODES.get(scene.kind, "RLG101"), ""
    if scene.kind == SEPARATOR and last == 0:
        end = start + len(scene.word.rstrip())
    if code == "RLG103" and not situation.message:
        end = tokens.ends[max(index - 1, 0)]
        label, start = "after this", max(end - 1, 0)
    return Finding(
        code,
        situation.message.format_map(words) or plain_message(scene),
        start,
        end,
        label,
        situation.hint.format_map(words),
        title=situation.title.format_map(words),
        mends=tuple(tuple(mend.edits(scene, words)) for mend in situation.mends),
        safe=situation.safe,
        rivals=tuple(tuple(rival.edits(scene, words)) for rival in situation.rivals),
    )
