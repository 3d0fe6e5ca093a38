"""The examples of the manual's pages, run.

The word behind a fence's language says what it is: `rl2 bad` gives the page's code, `rl2 good` gives nothing.
Options follow: `obs=`, `act=` and `algo=` as on the command line (the text before the example says them too),
`also=` for further codes of a bad example. `file=net.rl2` puts the example into a file that later ones find,
in the `encoding=` that is named.

A `console` example holds commands, `$ rl2graph …`, and lines of what they print; a bad one shows the code and
fails where the code is an error's. A `python` example raises the code.
"""

from __future__ import annotations

import re
import shlex
from dataclasses import dataclass, field
from pathlib import Path

from rl2graph.cli.main import main
from rl2graph.diagnostics import CODES, DiagnosticError
from rl2graph.diagnostics.pages import page_of
from rl2graph.diagnostics.plain import blocks

LANGUAGES = {"rl2", "console", "python", "toml"}
FLAGS = ("obs", "act", "algo")


@dataclass(frozen=True)
class Example:
    code: str
    language: str
    word: str | None
    options: dict[str, str]
    text: str
    before: str = field(repr=False)

    @property
    def flags(self) -> list[str]:
        """The example's options as arguments of a command."""
        given = [(key, self.options[key]) for key in FLAGS if key in self.options]
        return [argument for key, value in given for argument in (f"--{key}", value)]

    @property
    def expected(self) -> set[str]:
        """Codes that a bad example gives."""
        return {self.code, *filter(None, self.options.get("also", "").split(","))}


def examples(code: str) -> list[Example]:
    """The fenced blocks of a page, in order."""
    found = []
    before = ""
    for block in blocks(page_of(code).markdown):
        if block.info is not None:
            language, *rest = shlex.split(block.info)
            words = [word for word in rest if "=" not in word]
            options = dict(word.split("=", 1) for word in rest if "=" in word)
            assert language in LANGUAGES, f"{code}: {block.info}"
            assert words in ([], ["good"], ["bad"]), f"{code}: {block.info}"
            found.append(Example(code, language, next(iter(words), None), options, block.text, before))
        before = block.text
    return found


def run_page(code: str, folder: Path, capsys) -> list[str]:
    """What is wrong with the examples of a page, in words; `folder` is empty and the working directory."""
    problems = []
    for example in examples(code):
        if "file" in example.options:
            encoding = example.options.get("encoding", "utf-8")
            (folder / example.options["file"]).write_text(example.text + "\n", encoding=encoding)
        if example.word is None:
            continue
        run = {"rl2": _run_spec, "console": _run_console, "python": _run_python}[example.language]
        problem = run(example, folder, capsys)
        if problem:
            problems.append(f"{example.language} {example.word}: {problem}")
    return problems


def _run_spec(example: Example, folder: Path, capsys) -> str | None:
    name = example.options.get("file", "example.rl2")
    (folder / name).write_text(example.text + "\n", encoding="utf-8")
    main(["check", name, *example.flags, "--format", "concise"])
    out = "".join(capsys.readouterr())
    codes = set(re.findall(r"RLG\d+", out))
    wanted = example.expected if example.word == "bad" else set()
    return None if codes == wanted else f"gives {out or 'nothing'}"


def _run_console(example: Example, folder: Path, capsys) -> str | None:
    lines = example.text.splitlines()
    commands = [shlex.split(line[2:]) for line in lines if line.startswith("$ ")]
    assert [command[0] for command in commands] == ["rl2graph"] * len(commands) != []
    statuses = [main(command[1:]) for command in commands]
    out = "".join(capsys.readouterr())
    missing = [line for line in lines if not line.startswith("$ ") and line not in out]
    if missing:
        return f"does not print {missing[0]!r} but {out!r}"
    bad = example.word == "bad"
    if bad != (example.code in out):
        return f"prints {out!r}"
    fails = bad and CODES[example.code].severity.value == "error"
    return None if (statuses[-1] in (1, 2)) == fails else f"exits with {statuses}: {out!r}"


def _run_python(example: Example, folder: Path, capsys) -> str | None:
    try:
        exec(compile(example.text, f"{example.code}.md", "exec"), {"__name__": "example"})
    except DiagnosticError as error:
        found = {diagnostic.code for diagnostic in error.diagnostics}
        return None if example.word == "bad" and found == example.expected else f"raises {error}"
    return "raises nothing" if example.word == "bad" else None
