"""Words of the language that are misspelt."""

from __future__ import annotations

from collections.abc import Iterator

from rl2graph.diagnostics.suggest import edit_distance, nearest
from rl2graph.lang.brackets import after_annotations
from rl2graph.lang.layout import SEPARATOR
from rl2graph.lang.recovery.findings import Finding
from rl2graph.lang.recovery.scene import Scene
from rl2graph.lang.recovery.situations import Edit
from rl2graph.lang.words import STATEMENT_WORDS, WORDS

_WORDS_OF_A_HEADER = 3  # `shared encoder f`


def misspelt(scene: Scene) -> Iterator[Finding]:
    """A name that is a word of the language but for one edit, to be told where the statement then reads."""
    for index in _places(scene):
        word = scene.tokens.word(index)
        known = sorted((edit_distance(word, known, 1), known) for known in WORDS if known != word)
        for distance, candidate in known:
            if distance <= 1 < len(word):
                yield _finding(scene, index, candidate, certain_only=True)


def unknown_word(scene: Scene) -> Iterator[Finding]:
    """Two names at the start of a statement, the first of them somewhat like a word of the language."""
    kinds, index = scene.tokens.kinds, scene.index
    if index and kinds[index - 1] == "NAME" and index - 1 == _start(scene) and kinds[index] == "NAME":
        candidate = nearest(scene.previous, STATEMENT_WORDS)
        if candidate and candidate != scene.previous:
            yield _finding(scene, index - 1, candidate, certain_only=False)


def _finding(scene: Scene, index: int, candidate: str, certain_only: bool) -> Finding:
    start, end = scene.tokens.starts[index], scene.tokens.ends[index]
    return Finding(
        "RLG101",
        f"`{scene.tokens.word(index)}` is not a word of the language",
        start,
        end,
        hint=f"did you mean `{candidate}`?",
        title=f"write `{candidate}`",
        mends=((Edit(start, end, candidate),),),
        certain_only=certain_only,
        safe=certain_only,
    )


def _start(scene: Scene) -> int:
    """The first token of the statement that cannot be read, behind its annotations."""
    kinds, index = scene.tokens.kinds, scene.index
    start = max((at + 1 for at in range(index) if kinds[at] == SEPARATOR), default=0)
    return min(after_annotations(kinds, start), index)


def _places(scene: Scene) -> list[int]:
    """Where the word may stand: at the start of the statement, or at or before the unexpected token."""
    start, kinds = _start(scene), scene.tokens.kinds
    places = [*range(start, min(start + _WORDS_OF_A_HEADER, scene.index)), scene.index - 1, scene.index]
    return [index for index in dict.fromkeys(places) if index >= 0 and kinds[index] == "NAME"]
