"""`import`: definitions of another file, below the spec's folder or shipped, and nowhere else."""

from __future__ import annotations

import pytest

from rl2graph.compiler.analysis import analyse
from rl2graph.compiler.files.imports import LIBRARY
from rl2graph.compiler.interface import Interface
from rl2graph.compiler.spec import load, parse
from rl2graph.spaces import Discrete, Image, Vector

SPACES = Interface(Vector((4,)), Discrete(2))


@pytest.fixture
def folder(tmp_path):
    def write(**files):
        for name, text in files.items():
            path = tmp_path / (name.replace("__", "/") + ".rl2")
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
        return load(tmp_path / "net.rl2")

    return write


def codes(spec, interface=SPACES, **overrides):
    return [d.code for d in analyse(spec, interface, overrides).diagnostics]


MAIN = 'import "{}" as enc\npi = head(enc.trunk(obs)); v = head(enc.trunk(obs))'
TRUNK = "param width = 8\nencoder trunk(x) = dense(x, width) |> tanh"


def test_definitions_and_parameters_of_another_file(folder):
    spec = folder(net=MAIN.format("parts/a.rl2"), parts__a=TRUNK)
    analysis = analyse(spec, SPACES, {"enc.width": 16})
    assert analysis.graph is not None
    assert list(analysis.graph.owner) == ["enc.trunk.dense", "pi", "v"]
    assert analysis.graph.owner["enc.trunk.dense"].weights[0].shape == (16, 4)
    assert analysis.parameters == {"enc.width": 16}
    assert analysis.files == {"parts/a.rl2": TRUNK}


def test_paths_are_relative_to_the_importing_file(folder):
    spec = folder(
        net=MAIN.format("parts/a.rl2"),
        parts__a='import "b.rl2" as b\nimport "../c.rl2" as c\ndef trunk(x) = c.flat(b.wide(x))',
        parts__b="def wide(x) = dense(x, 8)",
        c="def flat(x) = flatten(x)",
    )
    assert codes(spec) == ["RLG901"]  # a `def`: two networks


def test_the_same_file_under_two_names_gives_two_of_each_module(folder):
    text = 'import "a.rl2" as one\nimport "a.rl2" as two\npi = head(one.trunk(obs)); v = head(two.trunk(obs))'
    graph = analyse(folder(net=text, a=TRUNK), SPACES).graph
    assert graph is not None
    assert list(graph.owner) == ["one.trunk.dense", "pi", "two.trunk.dense", "v"]


def test_an_imported_definition_sees_its_own_file_and_not_the_importing_one(folder):
    spec = folder(net="param width = 3\n" + MAIN.format("a.rl2"), a="def trunk(x) = dense(x, width)")
    assert "RLG201" in codes(spec)


@pytest.mark.parametrize(
    ("path", "code"),
    [
        ("../outside.rl2", "RLG215"),
        ("/etc/passwd.rl2", "RLG215"),
        ("C:/x.rl2", "RLG215"),
        ("parts\\\\a.rl2", "RLG215"),
        ("a.py", "RLG215"),
        ("", "RLG215"),
        ("missing.rl2", "RLG601"),
        ("parts/../../outside.rl2", "RLG215"),
    ],
)
def test_paths_that_cannot_be_imported(folder, tmp_path, path, code):
    (tmp_path.parent / "outside.rl2").write_text("def trunk(x) = x")
    assert codes(folder(net=MAIN.format(path))) == [code]


def test_a_link_does_not_lead_out(folder, tmp_path):
    (tmp_path.parent / "secret.rl2").write_text("def trunk(x) = x")
    (tmp_path / "link.rl2").symlink_to(tmp_path.parent / "secret.rl2")
    assert codes(folder(net=MAIN.format("link.rl2"))) == ["RLG601"]


def test_links_in_a_circle_are_no_files(folder, tmp_path):
    (tmp_path / "link.rl2").symlink_to(tmp_path / "link.rl2")
    assert codes(folder(net=MAIN.format("link.rl2"))) == ["RLG601"]


def test_circles(folder):
    own = folder(net=MAIN.format("a.rl2"), a='import "a.rl2" as a\ndef trunk(x) = x')
    assert "RLG216" in codes(own)
    two = folder(
        net=MAIN.format("a.rl2"), a='import "b.rl2" as b\ndef trunk(x) = x', b='import "net.rl2" as n'
    )
    (found,) = [d for d in analyse(two, SPACES).diagnostics if d.code == "RLG216"]
    assert "through a.rl2 and b.rl2" in found.message


def test_an_imported_file_holds_definitions_alone(folder):
    spec = folder(net=MAIN.format("a.rl2"), a=TRUNK + "\ne = mlp(obs)\noutput e")
    assert codes(spec) == ["RLG217", "RLG217"]


def test_faults_of_an_imported_file_are_shown_there(folder):
    spec = folder(
        net=MAIN.format("a.rl2"), a="def trunk(x) = dens(x, 3)\ndef other(x) = relu(y)\ndef b(x) = ("
    )
    found = analyse(spec, SPACES).diagnostics
    assert [d.code for d in found] == ["RLG202", "RLG201", "RLG102"]
    assert all(d.span.source.name.endswith("a.rl2") for d in found)


def test_an_unknown_definition_is_suggested(folder):
    spec = folder(net=MAIN.format("a.rl2").replace("enc.trunk", "enc.trunc"), a=TRUNK)
    found = analyse(spec, SPACES).diagnostics
    assert [d.code for d in found] == ["RLG208", "RLG208"]
    assert found[0].fix.replacement == "trunk"


def test_an_import_that_nothing_uses_is_pointed_out(folder):
    assert codes(folder(net='import "a.rl2" as a\npi = head(obs)', a=TRUNK)) == ["RLG903"]


def test_a_text_without_a_folder_imports_what_is_shipped():
    spec = parse('import "encoders/nature.rl2" as enc\npi = head(enc.cnn(obs))')
    assert not codes(spec, Interface(Image((4, 84, 84)), Discrete(6)))
    assert codes(parse(MAIN.format("a.rl2"))) == ["RLG601"]


def test_deep_and_wide_imports_are_bounded(folder):
    files = {f"f{i}": f'import "f{i + 1}.rl2" as n\ndef trunk(x) = n.trunk(x)' for i in range(150)}
    spec = folder(net=MAIN.format("f0.rl2"), f150="def trunk(x) = x", **files)
    assert "RLG107" in codes(spec)


IMPALA = 1_089_232  # by hand: per section 3x3 convolutions c->o and 4 of o->o, then 11*11*32 -> 256
NATURE = 1_684_128  # 8x8x4->32, 4x4x32->64, 3x3x64->64, 3136->512
SMALL = 16 * (8 * 8 * 4 + 1) + 32 * (4 * 4 * 16 + 1) + 256 * (9 * 9 * 32 + 1)


@pytest.mark.parametrize(
    ("file", "name", "count"),
    [
        ("encoders/impala.rl2", "cnn", IMPALA),
        ("encoders/nature.rl2", "cnn", NATURE),
        ("encoders/nature.rl2", "cnn_2013", SMALL),
    ],
)
def test_shipped_encoders_have_the_published_sizes(file, name, count):
    text = f'import "{file}" as lib\noutput e = lib.{name}(obs)'
    graph = analyse(parse(text), Interface(Image((4, 84, 84)), Discrete(6))).graph
    assert graph is not None
    assert sum(owner.size for owner in graph.owners) == count


@pytest.mark.parametrize(
    "path", sorted(LIBRARY.rglob("*.rl2")), ids=lambda p: p.relative_to(LIBRARY).as_posix()
)
def test_every_shipped_file_is_sound_by_itself(path):
    spec = parse(f'import "{path.relative_to(LIBRARY).as_posix()}" as lib\npi = head(obs)')
    assert codes(spec) == ["RLG903"]
