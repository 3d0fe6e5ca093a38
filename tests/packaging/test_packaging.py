"""The grammar, the prelude and the specs are found from a wheel and from an editable install."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import zipfile

import pytest

from tests.support import ROOT

SCRIPT = (
    "import rl2graph, pathlib\n"
    "from rl2graph.lang.grammar import grammar_path, build\n"
    "from rl2graph.cli.main import main\n"
    "print(rl2graph.__file__)\nprint(grammar_path())\nbuild()\n"
    "assert main(['check', 'net.rl2', '--obs', 'f32[4]', '--act', 'discrete[2]']) == 0\n"
    "from rl2graph.diagnostics.pages import page_of\nassert page_of('RLG201').summary\n"
    "from rl2graph.zoo import zoo\nassert 'ppo_shared' in [spec.name for spec in zoo()]\n"
)
SOURCES = ("rl2graph", "grammars", "specs", "docs", "pyproject.toml", "README.md", "LICENSE")


def pip(*arguments, cwd):
    command = [sys.executable, "-m", "pip", "--disable-pip-version-check", *arguments, "--no-deps"]
    subprocess.run([*command, "--no-build-isolation"], cwd=cwd, check=True, capture_output=True)


@pytest.fixture(scope="module")
def sources(tmp_path_factory):
    folder = tmp_path_factory.mktemp("sources")
    for name in SOURCES:
        source = ROOT / name
        if source.is_dir():
            shutil.copytree(source, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(source, folder / name)
    return folder


def check_from(target, tmp_path):
    """Run the checker with the package found in `target` before anything else."""
    (tmp_path / "net.rl2").write_text("pi = head(encode(obs))\n")
    environment = {**os.environ, "PYTHONPATH": str(target)}
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT],
        cwd=tmp_path,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.split()


def test_a_wheel_holds_what_it_needs(sources, tmp_path):
    pip("wheel", ".", "-w", str(tmp_path / "dist"), cwd=sources)
    (wheel,) = (tmp_path / "dist").glob("*.whl")
    names = set(zipfile.ZipFile(wheel).namelist())
    assert {
        "rl2graph/grammars/rl2.lark",
        "rl2graph/lang/tables.json",
        "rl2graph/compiler/prelude.rl2",
        "rl2graph/py.typed",
        "rl2graph/specs/ppo_shared.rl2",
        "rl2graph/docs/diagnostics/RLG201.md",
    } <= names
    assert not [name for name in names if name.startswith("tests/")]
    pip("install", str(wheel), "--target", str(tmp_path / "site"), cwd=tmp_path)
    package, grammar = check_from(tmp_path / "site", tmp_path)
    assert package.startswith(str(tmp_path / "site"))
    assert grammar == str(tmp_path / "site" / "rl2graph" / "grammars" / "rl2.lark")


def test_an_editable_install_finds_the_repositorys_grammar(sources, tmp_path):
    pip("install", "-e", ".", "--target", str(tmp_path / "site"), cwd=sources)
    (link,) = (tmp_path / "site").glob("*.pth")
    target = link.read_text().strip()
    package, grammar = check_from(target, tmp_path)
    assert package.startswith(str(sources))
    assert grammar == str(sources / "grammars" / "rl2.lark")


def test_the_specs_that_ship_are_right(capsys):
    from rl2graph.cli.main import main
    from rl2graph.zoo import zoo

    for spec in zoo():
        spaces = ["--obs", spec.observation, "--act", spec.action]
        algorithm = spec.algorithm()
        held = ["--algo", algorithm] if algorithm else []
        assert main(["check", str(spec.path), *spaces, *held]) == 0
        assert "error" not in capsys.readouterr().out
