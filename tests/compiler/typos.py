"""Typos: one slip of the finger in a word of a good spec, and whether what `check` suggests is that word."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, fields, is_dataclass
from functools import cache
from pathlib import Path
from random import Random
from string import ascii_lowercase

from rl2graph.compiler.check import check
from rl2graph.compiler.elaboration.taken import BUILTINS
from rl2graph.compiler.interface import Interface
from rl2graph.compiler.spec import parse, prelude
from rl2graph.compiler.type_names import space_from_text
from rl2graph.diagnostics import Diagnostic
from rl2graph.diagnostics.fixes import apply_fixes
from rl2graph.ir.table import OPS
from rl2graph.lang import ast
from rl2graph.lang.recovery.syntax_errors import WORDS
from rl2graph.zoo import zoo

SHIPPED = {spec.path: spec for spec in zoo()}
SPECS = (*SHIPPED, *sorted(Path(__file__).parent.glob("typo_specs/*.rl2")))
FUNCTIONS = {*BUILTINS, *OPS, *(statement.name.text for statement in prelude().tree.statements)}  # type: ignore[union-attr]

_TOKEN = re.compile(r'"(?:[^"\\\n]|\\.)*"|#[^\n]*|[A-Za-z_]\w*')
_MEANT = re.compile(r"did you mean (?:the role )?`([^`]+)`")


@dataclass(frozen=True)
class Word:
    """A word of a text that can be misspelt, and its class: `names`, `ops`, `keys`, `roles`, `keywords` or
    `types` (types, annotations and rules of `@init`).
    """

    start: int
    text: str
    kind: str


@dataclass(frozen=True)
class Typo:
    """A misspelt word, and what was made of it.

    Attributes:
        suggested: the first suggestion of the first error, or None.
        fixed: whether a fix that is marked safe was offered; `clean`: whether it left no error.
    """

    path: Path
    word: Word
    typed: str
    finding: Diagnostic
    suggested: str | None
    fixed: bool
    clean: bool

    @property
    def right(self) -> bool:
        return self.suggested == self.word.text


def slip(random: Random, word: str) -> str:
    """The word after one edit: a letter inserted, deleted, replaced, or two neighbours swapped."""
    letter = random.choice(ascii_lowercase)
    at = random.randrange(len(word))
    match random.choice(["insert", "delete", "replace", "swap"]):
        case "insert":
            at = random.randint(0, len(word))
            return word[:at] + letter + word[at:]
        case "delete":
            return word[:at] + word[at + 1 :]
        case "replace":
            return word[:at] + letter + word[at + 1 :]
    return word[:at] + word[at : at + 2][::-1] + word[at + 2 :]


def typos(seed: int, count: int, kinds: Sequence[str] = ()) -> Iterator[Typo]:
    """`count` typos that leave no valid spec, each class drawn equally often."""
    random = Random(seed)
    words: dict[str, list[tuple[Path, Word]]] = {}
    for path in SPECS:
        for word in words_of(path):
            if not kinds or word.kind in kinds:
                words.setdefault(word.kind, []).append((path, word))
    texts = {path: path.read_text(encoding="utf-8") for path in SPECS}
    while count:
        path, word = random.choice(words[random.choice(sorted(words))])
        typed = slip(random, word.text)
        if not re.fullmatch(r"[A-Za-z_]\w*", typed):
            continue
        typo = _checked(path, texts[path], word, typed)
        if typo is not None:
            count -= 1
            yield typo


def findings(path: Path, text: str) -> list[Diagnostic]:
    """The errors of a text in the place of a spec, for the spaces and the algorithm of that."""
    spec = parse(text, str(path), folder=path.parent)
    return [diagnostic for diagnostic in check(spec, *_use(path)).diagnostics if diagnostic.is_error]


@cache
def _use(path: Path) -> tuple[Interface, str | None]:
    """What a spec is for, as its header says where it ships, else its first line."""
    if path in SHIPPED:
        return SHIPPED[path].interface(), SHIPPED[path].algorithm()
    first = path.read_text(encoding="utf-8").partition("\n")[0]
    options = dict(re.findall(r"(\w+)=(\S*)", first)) if first.startswith("# options:") else {}
    spaces = [
        space_from_text(given, f"--{name}") if given else None
        for name, given in ((name, options.get(name, "")) for name in ("obs", "act"))
    ]
    groups = tuple(options["groups"].split(",")) if "groups" in options else ()
    return Interface(*spaces, groups), options.get("algo")


def _checked(path: Path, text: str, word: Word, typed: str) -> Typo | None:
    """What is said of a typo; None where it leaves a valid spec."""
    changed = text[: word.start] + typed + text[word.start + len(word.text) :]
    found = findings(path, changed)
    if not found:
        return None
    fixes = [d.fix for d in found if d.fix is not None and d.fix.safe]
    clean = not fixes or not findings(path, apply_fixes(changed, fixes)[0])
    return Typo(path, word, typed, found[0], _suggested(found[0]), bool(fixes), clean)


def _suggested(finding: Diagnostic) -> str | None:
    if finding.fix is not None:
        return finding.fix.replacement
    meant = _MEANT.search(finding.hint or "")
    return None if meant is None else meant[1]


def words_of(path: Path) -> list[Word]:
    """Every word of a spec that stands for something bound elsewhere, and every keyword."""
    spec = parse(path.read_text(encoding="utf-8"), str(path))
    assert not spec.problems
    words = list(_words(spec.tree))
    taken = {word.start for word in words} | set(_identifiers(spec.tree))
    for token in _TOKEN.finditer(spec.text):
        if token[0] in WORDS and token.start() not in taken:
            words.append(Word(token.start(), token[0], "keywords"))
    return words


def _nodes(node: object) -> Iterator[object]:
    """The syntax nodes below a node, itself first."""
    if isinstance(node, list | tuple):
        for item in node:
            yield from _nodes(item)
    elif is_dataclass(node):
        yield node
        for field in fields(node):
            if field.name != "source":
                yield from _nodes(getattr(node, field.name))


def _identifiers(tree: ast.File) -> Iterator[int]:
    for node in _nodes(tree):
        if isinstance(node, ast.Identifier | ast.Name):
            yield node.start


def _words(tree: ast.File) -> Iterator[Word]:
    for node in _nodes(tree):
        match node:
            case ast.Name():
                yield Word(node.start, node.text, "ops" if node.text in FUNCTIONS else "names")
            case ast.Argument(keyword=ast.Identifier() as key, value=value):
                yield Word(key.start, key.text, "keys")
                if key.text == "role" and isinstance(value, ast.String):
                    yield Word(value.start + 1, value.value, "roles")
            case ast.Attribute(name=name):
                yield Word(name.start, name.text, "keys")
            case ast.Index(key=ast.String() as key):
                yield Word(key.start + 1, key.value, "keys")
            case ast.Exported(name=name, role=role, value=value):
                if value is None:
                    yield Word(name.start, name.text, "names")
                if role is not None:
                    yield Word(role.start, role.text, "roles")
            case ast.RecordTypeOf(fields=parts):
                for name, _ in parts:
                    yield Word(name.start, name.text, "keys")
            case ast.TensorTypeOf(name=name) | ast.Annotation(name=name):
                yield Word(name.start, name.text, "types")
            case ast.Agents(names=names):
                for name in names:
                    yield Word(name.start, name.text, "names")
