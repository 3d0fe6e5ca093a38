"""The compiler's proof at length: `python -m tests.slow.proof_job OUT.json [--graph N] [--executed N] …`.

Random programs by seed, in four stages: at graph level, executed against the interpreter, exported, and under
`torch.compile`. The file is written after every chunk; a job that was stopped goes on where it was, and one
that is asked for more goes on from there. A failure is noted with its seed and its reason, and stops nothing.

Counts are of one compiler, which a digest of its files names: that of another starts from nothing, and what
the file had of others stays there as `earlier`.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import os
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path
from typing import Any

from tests.proof.chunks import STAGES, Found, run_chunk

CHUNKS = {"graph": 2_000, "executed": 50, "exported": 5, "compiled": 1}
KEPT = 1_000
"""Failures of a stage that are kept with their reasons; all are counted."""

ROOT = Path(__file__).parents[2]


def main(arguments: list[str]) -> int:
    """Run the job; 0 where no stage has a failure with this compiler."""
    parser = argparse.ArgumentParser(prog="python -m tests.slow.proof_job", description=__doc__)
    parser.add_argument("out", type=Path, metavar="OUT.json")
    for stage in STAGES:
        parser.add_argument(f"--{stage}", type=int, default=0, metavar="N", help="programs of this stage")
    parser.add_argument("--processes", type=int, default=os.cpu_count() or 1, metavar="P")
    parser.add_argument("--first", type=int, default=0, metavar="SEED", help="the seed of the first program")
    given = parser.parse_args(arguments)
    job = Job(given.out, given.first, ["python", "-m", "tests.slow.proof_job", *arguments])
    print(f"compiler {job.compiler}, commit {commit()}", flush=True)
    for stage in STAGES:
        job.run(stage, getattr(given, stage), given.processes)
    return 1 if any(stage["failed"] for stage in job.record["stages"].values()) else 0


class Job:
    """The record of a job, in a file that is whole at any time."""

    def __init__(self, path: Path, first: int, command: list[str]) -> None:
        self.path = path
        self.compiler = digest()
        known = json.loads(path.read_text(encoding="utf-8")) if path.exists() else None
        self.record: dict[str, Any] = resumed(known, self.compiler, first)
        if self.record["first_seed"] != first:
            raise SystemExit(f"{path} is of programs from seed {self.record['first_seed']}, not {first}")
        for name, value in (("commits", commit()), ("commands", " ".join(command))):
            if value not in self.record[name]:
                self.record[name].append(value)

    def run(self, stage: str, wanted: int, processes: int) -> None:
        """Run a stage until it has seen `wanted` programs."""
        record = self.record["stages"].setdefault(
            stage,
            {"programs": 0, "failed": 0, "failures": [], "counts": {}, "cpu_seconds": 0.0, "seconds": 0.0},
        )
        start, done, before = time.monotonic(), record["programs"], record["seconds"]
        if done >= wanted:
            return
        chunks = [*self._chunks(stage, done, wanted)]
        # Fresh processes: those of the first stage are not to have torch, nor its threads.
        with multiprocessing.get_context("spawn").Pool(
            min(processes, len(chunks)), one_thread, maxtasksperchild=40
        ) as pool:
            for (_, _, count), found in zip(chunks, pool.imap(chunk, chunks), strict=True):
                if digest() != self.compiler:
                    raise SystemExit("the compiler's files changed while the job ran")
                add(record, count, found)
                record["seconds"] = round(before + time.monotonic() - start, 1)
                self.write()
                rate = (record["programs"] - done) / (time.monotonic() - start)
                failed = f", {record['failed']:,} failed" if record["failed"] else ""
                print(f"{stage}: {record['programs']:,} of {wanted:,}{failed}, {rate:.1f}/s", flush=True)

    def _chunks(self, stage: str, done: int, wanted: int) -> Iterator[tuple[str, int, int]]:
        for start in range(done, wanted, CHUNKS[stage]):
            yield stage, self.record["first_seed"] + start, min(CHUNKS[stage], wanted - start)

    def write(self) -> None:
        """Write the file, whole or not at all."""
        temporary = self.path.with_suffix(".partial")
        temporary.write_text(json.dumps(self.record, indent=1) + "\n", encoding="utf-8")
        os.replace(temporary, self.path)


def resumed(known: dict[str, Any] | None, compiler: str, first: int) -> dict[str, Any]:
    """The record of a compiler, a new one where the file has none; with those of others as `earlier`."""
    runs = [] if known is None else [known, *known.pop("earlier", [])]
    own = next((run for run in runs if run.get("compiler") == compiler), None)
    if own is None:
        own = {"compiler": compiler, "first_seed": first, "commits": [], "commands": [], "stages": {}}
    return {**own, "schema": 2, "earlier": [run for run in runs if run.get("compiler") != compiler]}


def digest() -> str:
    """What the compiler is, wherever it runs: a digest of its files."""
    found = sha256()
    for file in sorted((ROOT / "rl2graph").rglob("*.py")):
        found.update(file.relative_to(ROOT).as_posix().encode() + b"\0" + file.read_bytes() + b"\0")
    return found.hexdigest()[:16]


def add(record: dict[str, Any], count: int, found: Found) -> None:
    """Add what a chunk came to."""
    record["programs"] += count
    record["failed"] += len(found.failures)
    record["failures"] = [*record["failures"], *found.failures][:KEPT]
    record["counts"] = dict(Counter(record["counts"]) + found.counts)
    record["cpu_seconds"] = round(record["cpu_seconds"] + found.seconds, 1)


def chunk(given: tuple[str, int, int]) -> Found:
    """One chunk, in a process of its own."""
    return run_chunk(*given)


def one_thread() -> None:
    """As many processes as processors need one thread each."""
    os.environ["OMP_NUM_THREADS"] = "1"


def commit() -> str:
    """The commit that the job runs on; `+` where files differ from it."""
    git = ["git", "-C", str(ROOT)]
    try:
        name = subprocess.run(
            [*git, "rev-parse", "--short", "HEAD"], capture_output=True, text=True, check=True
        )
        state = subprocess.run(
            [*git, "status", "--porcelain", "--", "rl2graph", "tests"],
            capture_output=True,
            text=True,
            check=True,
        )
    except (OSError, subprocess.CalledProcessError):
        return "unknown"
    return name.stdout.strip() + ("+" if state.stdout.strip() else "")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
