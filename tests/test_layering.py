"""Dependencies point one way (DESIGN section 5), and what must be light imports nothing heavy."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support import ROOT

PACKAGE = ROOT / "rl2graph"
LAYERS = {
    "shipped": set(),
    "collector": set(),
    "frozen": set(),
    "diagnostics": {"shipped", "frozen"},
    "lang": {"diagnostics", "shipped", "collector"},
    "ir": {"diagnostics", "collector", "frozen"},
    "spaces": {"diagnostics", "ir"},
    "environments": {"diagnostics", "spaces"},
    "contracts": {"diagnostics", "ir", "spaces"},
    "compiler": {"diagnostics", "lang", "ir", "contracts", "spaces", "collector", "frozen"},
    "zoo": {"shipped", "diagnostics", "compiler", "spaces", "contracts"},
    "checking": {"diagnostics", "compiler", "spaces", "environments"},
    "comparing": {"compiler", "checking"},
    "backend": {"diagnostics", "ir"},
    "ops": {"diagnostics", "ir", "compiler", "backend"},
    "viz": {"diagnostics", "ir", "compiler", "contracts"},
    "model": {"diagnostics", "ir", "compiler", "backend", "contracts", "spaces", "environments", "checking"},
    "testing": {
        "diagnostics", "lang", "ir", "spaces", "contracts", "compiler", "checking", "backend", "ops", "model",
    },
    "memory": {"diagnostics"},
    "agents": {"diagnostics", "spaces", "model", "memory", "contracts"},
    "workers": {
        "diagnostics", "spaces", "environments", "contracts", "memory", "model", "agents",
    },
}  # fmt: skip
THIRD_PARTY = {
    "lark": {"lang"},
    "networkx": {"ir", "viz"},
    "torch": {"backend", "ops", "model", "testing", "agents", "workers"},
    "gymnasium": {"environments", "spaces", "workers", "agents"},
    "hypothesis": {"testing"},
}


def _imports(path: Path) -> set[str]:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    found = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            found |= {f"{node.module}.{alias.name}" for alias in node.names}
    return found


def _layer(path: Path) -> str:
    return path.relative_to(PACKAGE).parts[0].removesuffix(".py")


FILES = [p for p in sorted(PACKAGE.rglob("*.py")) if _layer(p) not in ("__init__", "__main__", "cli")]


@pytest.mark.parametrize("path", FILES, ids=lambda p: str(p.relative_to(PACKAGE)))
def test_a_file_imports_only_what_its_layer_may(path):
    layer = _layer(path)
    for name in _imports(path):
        parts = name.split(".")
        if parts[0] == "rl2graph" and len(parts) > 1 and parts[1] != layer:
            assert parts[1] in LAYERS[layer], f"{path.name} imports {name}"
        if parts[0] in THIRD_PARTY:
            assert layer in THIRD_PARTY[parts[0]], f"{path.name} imports {name}"


def _loaded_by(code: str) -> set[str]:
    script = f"import sys\n{code}\nprint(' '.join(sys.modules))"
    out = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True, cwd=ROOT)
    return set(out.stdout.splitlines()[-1].split())


@pytest.mark.parametrize(
    "command",
    [
        ["check", "specs/ppo_shared.rl2", "--obs", "f32[4]", "--act", "discrete[2]", "--algo", "ppo"],
        ["show", "specs/ppo_shared.rl2", "--obs", "f32[4]", "--act", "discrete[2]"],
        ["visualize", "specs/ppo_shared.rl2", "--obs", "f32[4]", "--act", "discrete[2]"],
        ["compile", "specs/ppo_shared.rl2", "--obs", "f32[4]", "--act", "discrete[2]"],
        ["equiv", "specs/ppo_module.rl2", "specs/ppo_shared.rl2", "--obs", "f32[4]", "--act", "discrete[2]"],
        ["diff", "specs/ppo_shared.rl2", "specs/ppo_shared.rl2", "--obs", "f32[4]", "--act", "discrete[2]"],
        ["specs"],
        ["algos"],
    ],
    ids=lambda c: c[0],
)
def test_commands_that_run_nothing_import_no_torch(command):
    loaded = _loaded_by(f"from rl2graph.cli.main import main\nassert main({command!r}) == 0")
    assert not loaded & {"torch", "numpy", "networkx", "gymnasium"}


@pytest.mark.parametrize(("module", "light"), [("rl2graph", {"lark"}), ("rl2graph.ops", set())])
def test_importing_the_package_imports_nothing_heavy(module, light):
    loaded = _loaded_by(f"import {module}")
    assert not loaded & light
    assert not loaded & {"torch", "numpy", "networkx", "gymnasium"}


def test_every_file_stays_readable():
    long = {
        str(path.relative_to(ROOT)): lines
        for path in PACKAGE.rglob("*.py")
        if (lines := len(path.read_text(encoding="utf-8").splitlines())) > 320
    }
    assert not long
