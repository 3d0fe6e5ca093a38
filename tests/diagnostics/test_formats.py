"""SARIF and GitHub's workflow commands: goldens, the standard's structure, escapes, missing places."""

from __future__ import annotations

import json

import pytest

from rl2graph.cli.main import main
from rl2graph.diagnostics import CODES, Diagnostic, Fix, Label, Source, Span
from rl2graph.diagnostics.formats import SCHEMA, to_github, to_sarif
from tests.support import GOLDEN, assert_golden

FOLDER = GOLDEN / "formats"
CARTPOLE = ["--obs", "f32[4]", "--act", "discrete[2]"]
LEVELS = {"error", "warning", "note"}


def span(source, text, occurrence=0):
    start = -1
    for _ in range(occurrence + 1):
        start = source.text.index(text, start + 1)
    return Span(source, start, start + len(text))


NET = Source(
    "specs/my net.rl2", "# Köpfe 🦊\nencoder e = conv(obs)\npi = head(e,\n  hiden=3)\npi = head(e)\n"
)
FOUND = [
    (
        "specs/my net.rl2",
        Diagnostic(
            "RLG302",
            "`conv` needs an image f32[channels, height, width], but its operand is the vector f32[4]",
            span(NET, "conv(obs)"),
            hint="`encode` chooses the encoder by the space",
            notes=("in the expansion of the preset `conv`",),
            fix=Fix("replace `conv` by `encode`", span(NET, "conv"), "encode"),
        ),
    ),
    ("specs/my net.rl2", Diagnostic("RLG204", "`head` needs `x`", span(NET, "head(e,\n  hiden=3)"))),
    (
        "specs/my net.rl2",
        Diagnostic(
            "RLG206",
            "`pi` is bound twice",
            span(NET, "pi", 1),
            labels=(Label(span(NET, "pi"), "the first time"),),
        ),
    ),
    ("specs/my net.rl2", Diagnostic("RLG902", "`e` reaches no output", span(NET, "e", 3))),
    ("missing.rl2", Diagnostic("RLG601", "cannot read missing.rl2: No such file or directory")),
    (None, Diagnostic("RLG211", "100% of `--param {a, b}` is not of the form NAME=VALUE")),
    (None, Diagnostic("RLG212", "unknown type `f33`", Span(Source("--obs", "f33[4]"), 0, 3))),
    ("specs/my net.rl2", Diagnostic("RLG801", "images are turned", span(NET, "obs"))),
]


def test_sarif_golden():
    log = to_sarif(FOUND, "1.2.3")
    for rule in log["runs"][0]["tool"]["driver"]["rules"]:  # pages change; the golden shows where they stand
        rule |= {"fullDescription": {"text": "…"}, "help": dict.fromkeys(rule["help"], "…")}
    assert_golden(FOLDER / "findings.sarif", json.dumps(log, indent=2, ensure_ascii=False) + "\n")


def test_github_golden():
    assert_golden(FOLDER / "findings.github", "".join(to_github(*found) + "\n" for found in FOUND))


def assert_region(region):
    start, end = (region["startLine"], region["startColumn"]), (region["endLine"], region["endColumn"])
    assert set(region) == {"startLine", "startColumn", "endLine", "endColumn"}
    assert (1, 1) <= start <= end


def assert_physical(place, whole_file=False):
    uri = place["artifactLocation"]["uri"]
    assert not set(uri) & set(' \\"<>`{}|^')
    if not whole_file:
        assert_region(place["region"])


def assert_sarif(log):
    """What section 3 of SARIF 2.1.0 asks of the objects that we write."""
    assert log["$schema"] == SCHEMA
    assert log["version"] == "2.1.0"
    (run,) = log["runs"]
    assert run["columnKind"] == "unicodeCodePoints"
    driver = run["tool"]["driver"]
    assert driver["name"] == "rl2graph"
    assert isinstance(driver["version"], str)
    rules = driver["rules"]
    assert len({rule["id"] for rule in rules}) == len(rules)
    for rule in rules:
        assert rule["defaultConfiguration"]["level"] in LEVELS
        texts = [rule["shortDescription"]["text"], rule["fullDescription"]["text"], *rule["help"].values()]
        assert all(isinstance(text, str) and text.strip() for text in texts)
    for result in run["results"]:
        assert rules[result["ruleIndex"]]["id"] == result["ruleId"]
        assert result["level"] in LEVELS
        assert result["message"]["text"]
        for location in result.get("locations", []):
            physical = location["physicalLocation"]
            assert_physical(physical, whole_file="region" not in physical)
        related = result.get("relatedLocations", [])
        assert [location["id"] for location in related] == list(range(len(related)))
        for location in related:
            assert_physical(location["physicalLocation"])
            assert location["message"]["text"]
        for fix in result.get("fixes", []):
            assert fix["description"]["text"]
            assert isinstance(fix["properties"]["safe"], bool)
            for change in fix["artifactChanges"]:
                assert change["artifactLocation"]["uri"]
                for edit in change["replacements"]:
                    assert_region(edit["deletedRegion"])
                    assert isinstance(edit["insertedContent"]["text"], str)
    return run


def test_sarif_has_the_standards_structure():
    run = assert_sarif(to_sarif(FOUND, "1.2.3"))
    assert [rule["id"] for rule in run["tool"]["driver"]["rules"]] == sorted({d.code for _, d in FOUND})
    assert [result["ruleId"] for result in run["results"]] == [d.code for _, d in FOUND]
    assert [result["level"] for result in run["results"]] == [d.severity.value for _, d in FOUND]
    assert_sarif(to_sarif([], "1.2.3"))


@pytest.mark.parametrize("code", sorted(CODES))
def test_every_code_makes_a_rule(code):
    run = assert_sarif(to_sarif([(None, Diagnostic(code, "said"))], "1"))
    (rule,) = run["tool"]["driver"]["rules"]
    assert rule["shortDescription"]["text"] == CODES[code].title
    assert ".md" not in rule["help"]["markdown"]


def test_sarif_places():
    whole, over_lines, _, _, missing, nowhere, option, note = to_sarif(FOUND, "1")["runs"][0]["results"]
    (location,) = whole["locations"]
    assert location["physicalLocation"] == {
        "artifactLocation": {"uri": "specs/my%20net.rl2"},
        "region": {"startLine": 2, "startColumn": 13, "endLine": 2, "endColumn": 22},
    }
    region = over_lines["locations"][0]["physicalLocation"]["region"]
    assert (region["startLine"], region["endLine"], region["endColumn"]) == (3, 4, 11)
    assert missing["locations"] == [{"physicalLocation": {"artifactLocation": {"uri": "missing.rl2"}}}]
    assert "locations" not in nowhere
    assert nowhere["message"]["text"] == "100% of `--param {{a, b}}` is not of the form NAME=VALUE"
    assert "locations" not in option
    assert option["message"]["text"] == "--obs: unknown type `f33`"
    assert note["level"] == "note"


def test_an_absolute_path_is_a_file_uri():
    found = [("/data/a b.rl2", Diagnostic("RLG603", "nothing"))]
    place = to_sarif(found, "1")["runs"][0]["results"][0]["locations"][0]["physicalLocation"]
    assert place["artifactLocation"]["uri"] == "file:///data/a%20b.rl2"


def test_github_escapes_what_a_command_cannot_hold():
    source = Source("a,b:c%.rl2", "x = y\n")
    diagnostic = Diagnostic("RLG201", "5% of\r\n`y`", Span(source, 4, 5))
    assert to_github(None, diagnostic) == (
        "::error file=a%2Cb%3Ac%25.rl2,line=1,col=5,endLine=1,endColumn=6,title=RLG201::5%25 of%0D%0A`y`"
    )


def test_github_knows_three_severities_and_findings_without_a_place():
    commands = [to_github(None, Diagnostic(code, "said")) for code in ("RLG601", "RLG901", "RLG801")]
    assert commands == [
        "::error title=RLG601::said",
        "::warning title=RLG901::said",
        "::notice title=RLG801::said",
    ]


def run(capsys, *argv):
    status = main([str(argument) for argument in argv])
    return status, *capsys.readouterr()


@pytest.fixture
def bad(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "bad.rl2").write_text("pi = haed(obs)\n")
    return "bad.rl2"


def test_check_prints_sarif(capsys, bad):
    status, out, err = run(capsys, "check", bad, "nowhere.rl2", *CARTPOLE, "--format", "sarif")
    results = assert_sarif(json.loads(out))["results"]
    assert (status, err) == (1, "")
    assert [result["ruleId"] for result in results] == ["RLG202", "RLG601"]
    places = [result["locations"][0]["physicalLocation"] for result in results]
    assert [place["artifactLocation"]["uri"] for place in places] == [bad, "nowhere.rl2"]


def test_check_prints_workflow_commands(capsys, bad):
    status, out, err = run(capsys, "check", bad, *CARTPOLE, "--format", "github")
    assert (status, err) == (1, "")
    assert out.startswith(
        "::error file=bad.rl2,line=1,col=6,endLine=1,endColumn=10,title=RLG202::unknown op `haed`"
    )
    assert out.count("\n") == 1


@pytest.mark.parametrize("style", ["json", "sarif", "github"])
def test_a_mistake_of_usage_is_printed_in_the_format_too(capsys, bad, style):
    status, out, err = run(capsys, "check", bad, "--obs", "f33[4]", "--format", style)
    assert status == 2
    assert "RLG212" in out
    assert "error[RLG212]" in err
    if style == "sarif":
        assert_sarif(json.loads(out))


def test_a_clean_spec_gives_a_whole_document(capsys, bad, tmp_path):
    (tmp_path / "good.rl2").write_text("pi = head(mlp(obs))\n")
    assert run(capsys, "check", "good.rl2", *CARTPOLE, "--format", "github") == (0, "", "")
    status, out, _ = run(capsys, "check", "good.rl2", *CARTPOLE, "--format", "sarif")
    assert status == 0
    assert assert_sarif(json.loads(out))["results"] == []
