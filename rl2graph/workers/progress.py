"""What a person sees of a run: a bar on a terminal, a plain line now and then elsewhere. To stderr."""

from __future__ import annotations

import sys
import time
from collections.abc import Sequence
from types import TracebackType
from typing import Any, Protocol

from rl2graph.workers.worker import Progress


class Display(Protocol):
    """Shows a run's progress while it is active; `note` is for lines that stay, `warn` for those that
    are never left out.
    """

    def __enter__(self) -> Display: ...
    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None: ...
    def show(self, progress: Progress, /) -> None: ...
    def note(self, lines: Sequence[str], /) -> None: ...
    def warn(self, line: str, /) -> None: ...


class Quiet:
    """Shows nothing."""

    def __enter__(self) -> Quiet:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        return None

    def show(self, _progress: Progress, /) -> None:
        return None

    def note(self, _lines: Sequence[str], /) -> None:
        return None

    def warn(self, line: str, /) -> None:
        print(line, file=sys.stderr)


class Lines(Quiet):
    """A line for every tenth of the run."""

    def __init__(self, steps: int, start: int = 0) -> None:
        self._steps = steps
        self._every = max(1, steps // 10)
        self._next = (start // self._every + 1) * self._every
        self._started, self._start = time.perf_counter(), start

    def show(self, progress: Progress) -> None:
        if progress.steps >= self._next:
            self._next = (progress.steps // self._every + 1) * self._every
            speed = (progress.steps - self._start) / (time.perf_counter() - self._started)
            where = f"{progress.steps:>9,} of {self._steps:,} steps"
            print(f"{where}   {_words(progress, speed)}", file=sys.stderr)

    def note(self, lines: Sequence[str]) -> None:
        for line in lines:
            print(line, file=sys.stderr)


class Bar:
    """A live bar (rich)."""

    def __init__(self, steps: int, start: int = 0) -> None:
        from rich.console import Console
        from rich.progress import BarColumn, TextColumn, TimeRemainingColumn
        from rich.progress import Progress as RichProgress

        self._bar: Any = RichProgress(
            TextColumn("{task.completed:>9,.0f} steps"),
            BarColumn(),
            TimeRemainingColumn(),
            TextColumn("{task.description}"),
            console=Console(stderr=True),
        )
        self._task = self._bar.add_task("", total=steps, completed=start)
        self._started, self._start = time.perf_counter(), start

    def __enter__(self) -> Bar:
        self._bar.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._bar.stop()

    def show(self, progress: Progress) -> None:
        speed = (progress.steps - self._start) / (time.perf_counter() - self._started)
        self._bar.update(self._task, completed=progress.steps, description=_words(progress, speed))

    def note(self, lines: Sequence[str]) -> None:
        for line in lines:
            self._bar.console.print(line, markup=False, highlight=False)

    def warn(self, line: str) -> None:
        self.note([line])


def display(steps: int, *, start: int = 0, quiet: bool = False) -> Display:
    """The display that fits: nothing, a bar on a terminal, or lines."""
    if quiet:
        return Quiet()
    return Bar(steps, start) if sys.stderr.isatty() else Lines(steps, start)


def _words(progress: Progress, speed: float) -> str:
    mean = progress.return_mean
    recent = "no episode yet" if mean is None else f"return {mean:8.2f} over {len(progress.recent)} episodes"
    return f"{recent}   {speed:,.0f} steps/s"
