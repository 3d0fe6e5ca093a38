"""Mutation of the passes, of the pipeline and of entry points: do the tests notice?

`python tests/proof/mutation.py` makes the mutants, runs the tests that reach each of them, and writes
`docs/results/mutation.json`; `--sample 400 --seed 5` takes as many of them. It goes on where it was stopped,
and `--again` tries survivors again. All take a quarter of an hour on two cores.

mutmut 3.8 (`pip install mutmut==3.8.1`) does the work: it mutates functions in place, forks a process for
each mutant from one that has torch and pytest, and runs the tests that call the mutated function, in a second
or two. It is given four operators more, see `_operators`. What it leaves alone is code outside functions,
such as the tuple of a level's passes: `tests.proof.planted` has mistakes there.

A survivor is listed with the reason in `tests/proof/mutation_reasons.toml`, by its function and its changed
lines, for its number changes with the code.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import shlex
import shutil
import subprocess
import sys
import tempfile
import tomllib
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import redirect_stdout
from io import StringIO
from pathlib import Path
from random import Random
from typing import Any

ROOT = Path(__file__).parents[2]
RESULT = ROOT / "docs" / "results" / "mutation.json"
REASONS = Path(__file__).with_name("mutation_reasons.toml")

MUTATED = ("rl2graph/compiler/passes/*", "rl2graph/compiler/pipeline.py", "rl2graph/compiler/entries/*")
TESTS = (
    "tests/compiler/passes",
    "tests/compiler/entries",
    "tests/compiler/test_passes.py",
    "tests/compiler/test_explain.py",
    "tests/model/test_entries.py",
    "tests/backend/test_sharing.py",
)
DEEP = "tests/compiler/entries/test_terms.py::test_terms_that_share_parts_cost_no_more_than_their_number"
"""It counts on Python's stack, of which mutmut's wrappers take more."""

COPIED = ("tests", "grammars", "specs", "docs", "pyproject.toml")
KILLED = ("killed", "timeout", "segfault")


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--sample", type=int, help="how many mutants; all, where left out")
    parser.add_argument("--seed", type=int, default=5)
    parser.add_argument("--processes", type=int, default=2)
    parser.add_argument("--work", type=Path, default=Path(tempfile.gettempdir()) / "rl2graph-mutation")
    parser.add_argument("--again", action="store_true", help="run survivors again")
    parser.add_argument("--files", nargs="+", default=MUTATED, help="what is mutated")
    parser.add_argument("--tests", nargs="+", default=TESTS, help="what should notice")
    parser.add_argument("--result", type=Path, default=RESULT)
    given = parser.parse_args(arguments)
    commit = copy_of_the_commit(given.work, given.files, given.tests)
    inside(given.work, "generate", str(given.processes))
    names = sorted(exit_codes(given.work))
    chosen = sample(names, len(names) if given.sample is None else given.sample, given.seed)
    codes = exit_codes(given.work)
    waiting = [name for name in chosen if codes[name] is None or (given.again and codes[name] in (0, 33))]
    while waiting:  # mutmut forgets outcomes where its settings are others
        inside(given.work, "run", str(given.processes), *waiting)
        codes = exit_codes(given.work)
        waiting = [name for name in chosen if codes[name] is None]
    found = result(given.work, chosen, read_reasons())
    head = {"command": asked(given), "commit": commit, "tool": "mutmut 3.8.1 and four operators"}
    given.result.write_text(json.dumps({**head, **found}, indent=1) + "\n", encoding="utf-8")
    shown = {name: value for name, value in found.items() if name != "survivors"}
    unexplained = [f"{s['where']}\n{s['mutation']}" for s in found["survivors"] if not s["reason"]]
    print(json.dumps(shown, indent=1), *unexplained, sep="\n\n")
    return 0


def asked(given: argparse.Namespace) -> str:
    """The command, but for where and how it runs."""
    words = ["python", "tests/proof/mutation.py"]
    if given.sample is not None:
        words += ["--sample", str(given.sample), "--seed", str(given.seed)]
    for option, names, own in (("--files", given.files, MUTATED), ("--tests", given.tests, TESTS)):
        words += [] if names == own else [option, *names]
    return shlex.join(words)


def copy_of_the_commit(work: Path, files: Sequence[str], tests: Sequence[str]) -> str:
    """Puts the committed files, and mutmut's settings, into the working folder; gives the commit's name."""
    work.mkdir(parents=True, exist_ok=True)
    for folder in ("rl2graph", "tests", "mutants/tests"):
        shutil.rmtree(work / folder, ignore_errors=True)
    archive = subprocess.run(["git", "archive", "HEAD"], cwd=ROOT, check=True, capture_output=True).stdout
    subprocess.run(["tar", "x"], cwd=work, input=archive, check=True)
    settings = {"source_paths": ["rl2graph"], "only_mutate": files, "also_copy": COPIED}
    settings |= {"pytest_add_cli_args": [f"--deselect={DEEP}"], "pytest_add_cli_args_test_selection": tests}
    lines = ["[mutmut]"]
    for option, values in settings.items():
        lines += [f"{option}=", *(f"    {value}" for value in values)]
    (work / "setup.cfg").write_text("\n".join([*lines, ""]), encoding="utf-8")
    name = ["git", "rev-parse", "--short", "HEAD"]
    return subprocess.run(name, cwd=ROOT, check=True, capture_output=True).stdout.decode().strip()


def inside(work: Path, *arguments: str) -> None:
    """Runs this file in the working folder, in a process that has seen no other copy of the package."""
    environment = {**os.environ, "CI": "1", "OMP_NUM_THREADS": "1", "PYTHONPATH": ""}
    command = [sys.executable, __file__, f"--{arguments[0]}", *arguments[1:]]
    subprocess.run(command, cwd=work, env=environment, check=True)


def sample(names: Sequence[str], count: int, seed: int) -> list[str]:
    """The mutants of a seed, in their order: so many of all that there are."""
    return sorted(Random(seed).sample(names, min(count, len(names))))


def exit_codes(work: Path) -> dict[str, int | None]:
    """What the tests of each mutant ended with, None where they did not run yet."""
    codes: dict[str, int | None] = {}
    for meta in sorted((work / "mutants").rglob("*.py.meta")):
        if (work / meta.relative_to(work / "mutants").with_suffix("")).is_file():
            codes |= json.loads(meta.read_text(encoding="utf-8"))["exit_code_by_key"]
    return codes


def read_reasons() -> dict[tuple[str, str, str], str]:
    """Why each survivor that was looked at is none that a test could kill, by function and changed lines."""
    entries = tomllib.loads(REASONS.read_text(encoding="utf-8")).get("survivor", [])
    return {(e["where"], e["was"].strip(), e["becomes"].strip()): e["reason"] for e in entries}


def result(work: Path, chosen: Sequence[str], reasons: dict[tuple[str, str, str], str]) -> dict[str, Any]:
    """Counts, and the survivors of a sample."""
    from mutmut.stats import status_by_exit_code

    codes = exit_codes(work)
    outcome = {name: status_by_exit_code[codes[name]] for name in chosen}
    files = dict.fromkeys(map(file_of, chosen))
    by_file = {file: [name for name in chosen if file_of(name) == file] for file in files}
    survivors = []
    for name, lines in diffs(work, [name for name in chosen if outcome[name] not in KILLED]).items():
        was, becomes = (" ".join(line[1:].strip() for line in lines if line[0] == sign) for sign in "-+")
        where = f"{file_of(name)}: {function_of(name)}"
        survivors.append(
            {
                "where": where,
                "line": line_of(work / file_of(name), function_of(name), was),
                "outcome": outcome[name],
                "mutation": "\n".join(lines),
                "reason": reasons.get((where, was.strip(), becomes.strip()), ""),
            }
        )
    killed = len(chosen) - len(survivors)
    return {
        "mutants": len(codes),
        "sampled": len(chosen),
        "outcomes": dict(Counter(outcome.values())),
        "killed": killed,
        "share": round(killed / len(chosen), 4),
        "files": {
            file: {"sampled": len(names), "killed": sum(outcome[n] in KILLED for n in names)}
            for file, names in by_file.items()
        },
        "survivors": survivors,
    }


def file_of(name: str) -> str:
    """`a.b.x_f__mutmut_3` as `a/b.py`."""
    return name.rpartition(".")[0].replace(".", "/") + ".py"


def function_of(name: str) -> str:
    """`a.b.xǁCǁf__mutmut_3` as `C.f`."""
    mangled = name.rpartition(".")[2].rpartition("__mutmut_")[0]
    return mangled[2:].replace("ǁ", ".") if mangled.startswith(("x_", "xǁ")) else mangled


def diffs(work: Path, names: Sequence[str]) -> dict[str, list[str]]:
    """The lines that each mutant is without, and those that it has in their place, as a diff has them."""
    command = [sys.executable, __file__, "--show", *names]
    shown = subprocess.run(command, cwd=work, check=True, capture_output=True).stdout.decode()
    return {
        name: [line for line in diff.splitlines() if re.match(r"[-+](?![-+]{2} )", line)]
        for name, diff in zip(names, shown.split("\0"), strict=False)
    }


def line_of(file: Path, function: str, was: str) -> int:
    """Where a function has a line, or else where it starts."""
    lines = file.read_text(encoding="utf-8").splitlines()
    name = function.rpartition(".")[2]
    start = next(number for number, line in enumerate(lines) if re.match(rf"\s*def {name}\b", line))
    for number in range(start, len(lines)):
        if lines[number].strip() and was.startswith(lines[number].strip()):
            return number + 1
    return start + 1


# In the working folder: mutmut reads its settings from there when it is imported.


def run_mutmut(arguments: Sequence[str]) -> None:
    """`--generate`, `--run` or `--show` as mutmut's own commands do, with the operators added."""
    from mutmut.mutation import mutators

    mutators.mutation_operators.extend(_operators())  # type: ignore[attr-defined]
    from mutmut import __main__ as mutmut

    mode, *more = arguments
    if mode == "--generate":
        mutmut.set_mutant_under_test("mutant_generation")
        Path("mutants").mkdir(exist_ok=True)
        with redirect_stdout(StringIO()):
            mutmut.copy_src_dir()
            mutmut.copy_also_copy_files()
            mutmut.setup_source_paths()
            mutmut.create_mutants(int(more[0]))
    elif mode == "--run":
        mutmut.cli(["run", "--max-children", *more])
    else:
        print("\0".join(mutmut.get_diff_for_mutant(name) for name in more))


def _operators() -> list[tuple[Any, Any]]:
    """Operators that mutmut does not have: statements left out, conditions negated, arguments that change
    places, and elements left out of tuples.
    """
    import libcst as cst

    def left_out(node: cst.SimpleStatementLine) -> Iterator[cst.SimpleStatementLine]:
        (statement, *_) = node.body
        call = isinstance(statement, cst.Expr) and isinstance(statement.value, cst.Call)
        if call or isinstance(statement, cst.AugAssign | cst.Raise | cst.Continue | cst.Break):
            yield node.with_changes(body=[cst.Pass()])

    def negated(node: Any) -> Iterator[Any]:
        test = node.test.with_changes(lpar=[cst.LeftParen()], rpar=[cst.RightParen()])
        negation = cst.UnaryOperation(cst.Not(), test)
        space = cst.SimpleWhitespace(" ")
        key = "whitespace_before_test" if isinstance(node, cst.If | cst.CompIf) else "whitespace_after_while"
        yield node.with_changes(test=negation, **{key: space})

    def exchanged(node: cst.Call) -> Iterator[cst.Call]:
        first, second, *_ = (*node.args, None, None)
        if not first or not second or first.value.deep_equals(second.value):
            return
        if not (first.keyword or second.keyword or first.star or second.star):
            swapped = first.with_changes(value=second.value), second.with_changes(value=first.value)
            yield node.with_changes(args=[*swapped, *node.args[2:]])

    def shorter(node: cst.Tuple) -> Iterator[cst.Tuple]:
        names = all(isinstance(element.value, cst.Name) for element in node.elements)
        if len(node.elements) > 1 and (node.lpar or not names):  # the rest are mostly targets of assignments
            for place in range(len(node.elements)):
                kept = [*node.elements[:place], *node.elements[place + 1 :]]
                kept[-1] = kept[-1].with_changes(comma=cst.Comma())
                yield node.with_changes(elements=kept)

    return [
        (cst.SimpleStatementLine, left_out),
        (cst.If, negated),
        (cst.While, negated),
        (cst.CompIf, negated),
        (cst.Call, exchanged),
        (cst.Tuple, shorter),
    ]


if __name__ == "__main__":
    if sys.argv[1:2] and sys.argv[1] in ("--generate", "--run", "--show"):
        run_mutmut(sys.argv[1:])
    else:
        sys.exit(main())
