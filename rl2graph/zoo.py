"""The specs that ship with rl2graph, as their headers describe them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path

from rl2graph.compiler.analysis import Analysis, analyse
from rl2graph.compiler.check import algorithm_for, check, held_against
from rl2graph.compiler.interface import Interface
from rl2graph.compiler.spec import load
from rl2graph.contracts import CONTRACTS
from rl2graph.shipped import shipped

UNTRAINED = "Not trained by an algorithm of this release."

_HEADER = re.compile(
    rf"rl2 1\n(?P<untrained># {re.escape(UNTRAINED)}\n)?"
    r"# (?P<title>.+)\n"
    r"(?P<paper>(?:# .+\n)+?)"
    r"# spaces: --obs '(?P<observation>.+)' --act '(?P<action>.+)'\n"
    r"# parameters: (?P<parameters>[1-9][\d,]*|symbolic)\n"
    r"(?P<notes>(?:# .+\n)*)\n"
)


@dataclass(frozen=True)
class ZooSpec:
    """A shipped spec.

    Attributes:
        name: that of its file, without `.rl2`: what `rl2graph specs` and imports call it.
        title: what it is, such as `DRQN: a recurrent layer in place of …`.
        paper: where it is from, and what is not as there.
        observation, action: the spaces that it is for, as `--obs` and `--act` take them.
        parameters: how many it has for those; None where the environment decides.
        trained: whether an algorithm of this release trains it.
        path: the file.
        notes: what else is to be known.
    """

    name: str
    title: str
    paper: str
    observation: str
    action: str
    parameters: int | None
    trained: bool
    path: Path
    notes: str

    @property
    def text(self) -> str:
        """The file's text, header and all."""
        return self.path.read_text(encoding="utf-8")

    def interface(self) -> Interface:
        """The spaces that it is for."""
        return Interface.of_texts(self.observation, self.action)

    def check(self, algorithm: str | None = None) -> Analysis:
        """The analysis for its spaces, held against an algorithm's contract where one is named."""
        return check(load(self.path), self.interface(), algorithm)

    def algorithm(self) -> str | None:
        """The algorithm of this release that its notes name by `--algo`, else that its roles choose; None
        where none trains it.
        """
        named = re.search(r"--algo (\w+)", self.notes)
        if named is not None:
            return named[1]
        analysis = self.check() if self.trained else None
        if analysis is None or analysis.graph is None:
            return None
        return algorithm_for(analysis.graph, analysis.spec)

    @cached_property
    def algorithms(self) -> tuple[str, ...]:
        """The algorithms that train it: that have nothing to say against it and read all of it."""
        analysis = analyse(load(self.path), self.interface())
        return tuple(
            name
            for name, contract in (CONTRACTS.items() if self.trained else ())
            if held_against(analysis, contract).diagnostics == analysis.diagnostics
        )


@cache
def zoo() -> tuple[ZooSpec, ...]:
    """Every shipped spec, by name."""
    return tuple(read_header(path) for path in sorted(shipped("specs").glob("*.rl2")))


def read_header(path: Path) -> ZooSpec:
    """What the header of a shipped spec says.

    Raises:
        ValueError: it is no such header.
    """
    found = _HEADER.match(path.read_text(encoding="utf-8"))
    if found is None:
        raise ValueError(f"{path.stem} has no header as shipped specs have it")
    count = found["parameters"]
    return ZooSpec(
        name=path.stem,
        title=found["title"],
        paper=_prose(found["paper"]),
        observation=found["observation"],
        action=found["action"],
        parameters=None if count == "symbolic" else int(count.replace(",", "")),
        trained=found["untrained"] is None,
        path=path,
        notes=_prose(found["notes"]),
    )


def _prose(comments: str) -> str:
    """Lines of comments as one paragraph."""
    return " ".join(line.removeprefix("# ") for line in comments.splitlines())
