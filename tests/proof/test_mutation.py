"""The driver of the mutation runs, and what the last one found."""

from __future__ import annotations

import json

import pytest

from tests.proof import mutation

COMPOSE = "rl2graph.compiler.entries.compose.xǁ_Composerǁ_copy__mutmut_3"
FOLD = "rl2graph.compiler.passes.fold.x__bits__mutmut_12"


def test_samples_are_of_a_seed():
    names = [f"a.x_f__mutmut_{number}" for number in range(50)]
    assert mutation.sample(names, 20, 5) == mutation.sample(names, 20, 5)
    assert mutation.sample(names, 20, 5) != mutation.sample(names, 20, 6)
    assert len(set(mutation.sample(names, 20, 5))) == 20
    assert mutation.sample(names, 1000, 5) == sorted(names)


def test_mutants_are_called_by_their_functions():
    assert mutation.file_of(COMPOSE) == "rl2graph/compiler/entries/compose.py"
    assert mutation.function_of(COMPOSE) == "_Composer._copy"
    assert (mutation.file_of(FOLD), mutation.function_of(FOLD)) == (
        "rl2graph/compiler/passes/fold.py",
        "_bits",
    )


def test_lines_are_found_in_their_function():
    file = mutation.ROOT / mutation.file_of(FOLD)
    lines = file.read_text(encoding="utf-8").splitlines()
    start = lines.index("def _bits(value: object) -> bytes:") + 1
    assert mutation.line_of(file, "_bits", "assert isinstance(value, float)") == start + 1
    assert mutation.line_of(file, "_bits", "something else") == start


def test_outcomes_are_read_from_what_mutmut_keeps(tmp_path):
    folder = tmp_path / "mutants" / "a"
    folder.mkdir(parents=True)
    (tmp_path / "a").mkdir()
    for name in ("b.py", "c.py"):
        (tmp_path / "a" / name).write_text("")
    (folder / "gone.py.meta").write_text(json.dumps({"exit_code_by_key": {"a.gone.x_f__mutmut_1": 0}}))
    (folder / "b.py.meta").write_text(json.dumps({"exit_code_by_key": {"a.b.x_f__mutmut_1": None}}))
    (folder / "c.py.meta").write_text(json.dumps({"exit_code_by_key": {"a.c.x_g__mutmut_1": 1}}))
    assert mutation.exit_codes(tmp_path) == {"a.b.x_f__mutmut_1": None, "a.c.x_g__mutmut_1": 1}


TOY = """def f(a, b):
    g(a, b)
    if a and b:
        return (a, 1)
    while a:
        a += 1
    for x, y in b:
        continue
    return [k for k in b if k]
"""


def test_the_operators_of_our_own():
    cst = pytest.importorskip("libcst", reason="mutmut is installed for mutation runs alone")
    found = set()

    class Visitor(cst.CSTVisitor):
        def on_visit(self, node):
            for kind, operator in mutation._operators():
                if isinstance(node, kind):
                    for mutated in operator(node):
                        old, new = (module.code_for_node(n).strip().split("\n")[0] for n in (node, mutated))
                        found.add((old, new))
            return True

    module = cst.parse_module(TOY)
    module.visit(Visitor())
    assert found == {
        ("g(a, b)", "g(b, a)"),
        ("g(a, b)", "pass"),
        ("if a and b:", "if not (a and b):"),
        ("(a, 1)", "(a,)"),
        ("(a, 1)", "(1,)"),
        ("while a:", "while not (a):"),
        ("a += 1", "pass"),
        ("continue", "pass"),
        ("if k", "if not (k)"),
    }


def test_nine_mutants_of_ten_are_killed_and_the_rest_is_explained():
    found = json.loads(mutation.RESULT.read_text(encoding="utf-8"))
    assert found["sampled"] >= 300
    assert found["killed"] >= 0.9 * found["sampled"]
    assert found["sampled"] == found["killed"] + len(found["survivors"])
    assert sum(file["sampled"] for file in found["files"].values()) == found["sampled"]
    assert all(survivor["reason"] for survivor in found["survivors"])
    known = {(where, was, becomes) for where, was, becomes in mutation.read_reasons()}
    assert len(known) >= len({(s["where"], s["mutation"]) for s in found["survivors"]})
