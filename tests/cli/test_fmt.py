"""`rl2graph fmt`: files rewritten whole, what changed on stderr, exit 0 or 1."""

from __future__ import annotations

import io
import subprocess
import sys

import pytest

from rl2graph.cli.main import main
from tests.support import ROOT

UGLY, PRETTY = "a=b;c=d#e\n", "a = b\nc = d  # e\n"


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """A working directory with one file to change and one to leave."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "ugly.rl2").write_text(UGLY)
    (tmp_path / "pretty.rl2").write_text(PRETTY)
    return tmp_path


@pytest.fixture
def stdin(monkeypatch):
    def give(data: bytes):
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(data)))

    return give


def run(capfd, *argv):
    status = main(["fmt", *map(str, argv)])
    out, err = capfd.readouterr()
    return status, out, err


def test_files_are_rewritten_and_named(capfd, folder):
    assert run(capfd, "ugly.rl2", "pretty.rl2") == (0, "", "ugly.rl2: formatted\n")
    assert (folder / "ugly.rl2").read_text() == PRETTY
    assert run(capfd, "ugly.rl2", "pretty.rl2") == (0, "", "")


def test_a_file_that_is_right_is_not_written(capfd, folder):
    before = (folder / "pretty.rl2").stat()
    run(capfd, "pretty.rl2")
    after = (folder / "pretty.rl2").stat()
    assert (before.st_ino, before.st_mtime_ns) == (after.st_ino, after.st_mtime_ns)


def test_check_changes_nothing(capfd, folder):
    assert run(capfd, "--check", "ugly.rl2", "pretty.rl2") == (1, "", "ugly.rl2: would be formatted\n")
    assert (folder / "ugly.rl2").read_text() == UGLY
    assert run(capfd, "--check", "pretty.rl2") == (0, "", "")


def test_the_diff_is_a_patch(capfdbinary, folder):
    (folder / "ugly.rl2").write_bytes(b"\xef\xbb\xbfa=b;c=d#e\r\n\r\n\r\nf=g")
    assert main(["fmt", "--diff", "ugly.rl2", "pretty.rl2"]) == 1
    out, err = capfdbinary.readouterr()
    assert err == b""
    assert out.decode().split("\n") == [
        "--- ugly.rl2",
        "+++ ugly.rl2",
        "@@ -1,4 +1,4 @@",
        "-\ufeffa=b;c=d#e\r",
        "+\ufeffa = b\r",
        "+c = d  # e\r",
        " \r",
        "-\r",
        "-f=g",
        "\\ No newline at end of file",
        "+f = g\r",
        "",
    ]


def test_line_ends_mark_links_and_permissions_are_kept(capfd, folder):
    target, link = folder / "target.txt", folder / "link.rl2"
    target.write_bytes(b"\xef\xbb\xbfa=b # \xc3\xa9\r\nc=d")
    target.chmod(0o600)
    link.symlink_to(target)
    assert run(capfd, "link.rl2")[0] == 0
    assert link.is_symlink()
    assert target.read_bytes() == b"\xef\xbb\xbfa = b  # \xc3\xa9\r\nc = d\r\n"
    assert target.stat().st_mode & 0o777 == 0o600
    assert run(capfd, "--check", "link.rl2") == (0, "", "")


def test_a_file_with_errors_is_left_and_the_others_are_not(capfd, folder):
    (folder / "broken.rl2").write_text("a=b\nc = = d\ne = f(\n")
    status, out, err = run(capfd, "broken.rl2", "missing.rl2", "ugly.rl2")
    assert (status, out) == (1, "")
    assert "broken.rl2:2:5: error[RLG101]" in err
    assert "broken.rl2:3:6: error[RLG102]" in err
    assert "error[RLG601]: cannot read missing.rl2" in err
    assert err.endswith("ugly.rl2: formatted\n")
    assert (folder / "broken.rl2").read_text() == "a=b\nc = = d\ne = f(\n"


def test_a_file_that_cannot_be_written_fails_and_the_others_do_not(capfd, folder, monkeypatch):
    import rl2graph.cli.fmt_command as command
    from rl2graph.diagnostics import DiagnosticError

    write = command.write_whole

    def refuse(path, text):
        if path.name == "locked.rl2":
            raise DiagnosticError.of("RLG609", f"cannot write {path}: Permission denied")
        write(path, text)

    monkeypatch.setattr(command, "write_whole", refuse)
    (folder / "locked.rl2").write_text(UGLY)
    status, _, err = run(capfd, "locked.rl2", "ugly.rl2")
    assert status == 1
    assert "error[RLG609]: cannot write locked.rl2" in err
    assert err.endswith("ugly.rl2: formatted\n")


def test_folders_give_the_files_below_them(capfd, folder):
    for name in ("deep/er/a.rl2", "deep/b.txt", ".venv/c.rl2"):
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(UGLY)
    (folder / "empty").mkdir()
    status, _, err = run(capfd, "--check", ".", "ugly.rl2", "empty")
    assert status == 1
    assert err.splitlines() == [
        "empty: no .rl2 files below it",
        "ugly.rl2: would be formatted",
        "deep/er/a.rl2: would be formatted",
    ]


def test_stdin_goes_to_stdout_as_bytes(capfdbinary, stdin):
    stdin("\ufeffa=b # é\r\n".encode())
    assert main(["fmt", "-"]) == 0
    assert capfdbinary.readouterr() == ("\ufeffa = b  # é\r\n".encode(), b"")


def test_stdin_is_checked_and_compared_under_its_name(capfd, stdin):
    stdin(UGLY.encode())
    assert run(capfd, "--check", "-") == (1, "", "<stdin>: would be formatted\n")
    stdin(UGLY.encode())
    status, out, _ = run(capfd, "--diff", "-", "--stdin-filename", "net.rl2")
    assert status == 1
    assert out.startswith("--- net.rl2\n+++ net.rl2\n@@ -1 +1,2 @@\n-a=b;c=d#e\n")


@pytest.mark.parametrize(("data", "code"), [(b"a = = b", "RLG101"), (b"a = \xff", "RLG602")])
def test_errors_of_stdin_leave_stdout_empty(capfd, stdin, data, code):
    stdin(data)
    status, out, err = run(capfd, "-", "--stdin-filename", "net.rl2")
    assert (status, out) == (1, "")
    assert f"error[{code}]" in err
    assert "net.rl2" in err


def test_usage_errors(capfd):
    assert run(capfd)[0] == 2
    assert run(capfd, "--check", "--diff", "x.rl2")[0] == 2


def test_what_is_shipped_passes_the_check(capfd, monkeypatch):
    monkeypatch.chdir(ROOT)
    assert run(capfd, "--check", "specs", "rl2graph") == (0, "", "")


def test_the_command_imports_nothing_heavy():
    script = "from rl2graph.cli.main import main; assert main(['fmt', '--check', 'specs']) == 0"
    command = [sys.executable, "-X", "importtime", "-c", script]
    done = subprocess.run(command, capture_output=True, text=True, check=True, cwd=ROOT)
    loaded = {line.rpartition("|")[2].strip().partition(".")[0] for line in done.stderr.splitlines()}
    assert "rl2graph" in loaded
    assert not loaded & {"torch", "numpy", "networkx", "gymnasium"}
