"""Writes the tables of the documents from the sources: `python docs/tables.py`; a test holds them in step.

A region between `<!-- generated: NAME -->` and `<!-- end -->` is replaced by what the function of that name
below gives.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import fields
from pathlib import Path

from rl2graph.agents.settings import settings_of
from rl2graph.compiler.elaboration.annotations import ANNOTATIONS
from rl2graph.compiler.files.imports import LIBRARY
from rl2graph.compiler.interface import INPUTS
from rl2graph.compiler.limits import Limits
from rl2graph.compiler.spec import prelude
from rl2graph.contracts.inputs import DECLARED, declaration
from rl2graph.ir.inits import INITS
from rl2graph.ir.roles import ROLES
from rl2graph.ir.signatures import signature
from rl2graph.ir.table import families
from rl2graph.lang import ast
from rl2graph.lang.grammar import grammar_text
from rl2graph.workers.env_config import EnvConfig

DOCS = Path(__file__).parent
_REGION = re.compile(r"(<!-- generated: (\w+) -->\n).*?(<!-- end -->)", re.DOTALL)


def ops() -> str:
    """Every op that a spec may name, by family."""
    tables = []
    for family, listed in families().items():
        rows = "\n".join(f"| `{signature(op)}` | {op.doc} |" for op in listed)
        tables.append(f"**{family}**\n\n| op | gives |\n|---|---|\n{rows}\n")
    return "\n".join(tables)


def presets() -> str:
    """The presets, with the comment that stands before each."""
    text = prelude().text
    rows = []
    for statement in prelude().tree.statements:
        if isinstance(statement, ast.Macro):
            head = text[statement.start : text.index(")", statement.formals[-1].end) + 1].removeprefix("def ")
            comment = re.search(r"((?:^#[^\n]*\n)+)\Z", text[: statement.start], re.MULTILINE)
            said = "" if comment is None else " ".join(line[1:].strip() for line in comment[1].splitlines())
            rows.append(f"| `{' '.join(head.split())}` | {said} |")
    return "| preset | is |\n|---|---|\n" + "\n".join(rows) + "\n"


def library() -> str:
    """The shipped files, and what each defines."""
    rows = []
    for path in sorted(LIBRARY.rglob("*.rl2")):
        names = re.findall(r"^(?:def|encoder|module|head) (\w+\([^)]*\))", path.read_text(), re.MULTILINE)
        rows.append(
            f"| `{path.relative_to(LIBRARY).as_posix()}` | {', '.join(f'`{name}`' for name in names)} |"
        )
    return "| file | defines |\n|---|---|\n" + "\n".join(rows) + "\n"


def grammar() -> str:
    """The rules of the grammar, without its notes and terminals."""
    text = grammar_text()
    rules = text[text.index("start:") :]
    return f"```\n{rules.strip()}\n```\n"


def inputs() -> str:
    declared = {name: f"{text}; only where `{declaration(name)}` stands" for name, text in DECLARED.items()}
    return _pairs("input", {**INPUTS, **declared})


def roles() -> str:
    return _pairs("role", ROLES)


def annotations() -> str:
    return _pairs("annotation", {f"@{name}": text for name, text in ANNOTATIONS.items()})


def inits() -> str:
    rows = [f"| `{r.name}` | `{r.number}` | {r.default:.6g} | {r.source} |" for r in INITS.values()]
    return "| rule | its number | default | as |\n|---|---|---|---|\n" + "\n".join(rows) + "\n"


def limits() -> str:
    doc = Limits.__doc__ or ""
    said = dict(re.findall(r"^\s+(\w+): (.*)\.$", doc, re.MULTILINE))
    rows = [f"| `{f.name}` | {f.default:,} | {said[f.name]} |" for f in fields(Limits)]
    return "| limit | default | of |\n|---|---|---|\n" + "\n".join(rows) + "\n"


def environment_settings() -> str:
    rows = [f"| `{s.name}` | {s.shown_default} | {s.range} | {s.doc} |" for s in settings_of(EnvConfig)]
    return "| setting | default | values | is |\n|---|---|---|---|\n" + "\n".join(rows) + "\n"


GENERATORS: dict[str, Callable[[], str]] = {
    f.__name__: f
    for f in (ops, presets, library, grammar, inputs, roles, annotations, inits, limits, environment_settings)
}


def generated(text: str) -> str:
    """The text of a page with its regions written anew."""
    return _REGION.sub(lambda m: f"{m[1]}\n{GENERATORS[m[2]]()}\n{m[3]}", text)


def _pairs(heading: str, pairs: dict[str, str]) -> str:
    return f"| {heading} | is |\n|---|---|\n" + "\n".join(f"| `{k}` | {v} |" for k, v in pairs.items()) + "\n"


if __name__ == "__main__":
    for page in sorted(DOCS.glob("*.md")):
        page.write_text(generated(page.read_text(encoding="utf-8")), encoding="utf-8")
