"""Ctrl-C at a moment when agent and environments are at rest."""

from __future__ import annotations

import os
import signal
import threading
from contextlib import suppress
from types import FrameType, TracebackType
from typing import Any

_NOTICE = b"\nfinishing this update; press Ctrl-C again to stop at once\n"


class SafeInterrupt:
    """While active, the first SIGINT waits for `check`, so that no update is cut in the middle.

    A second one raises at once, and `forced` says so. Outside the main thread signals are not ours, and
    nothing is changed.
    """

    def __init__(self) -> None:
        self.forced = False
        self._asked = False
        self._previous: Any = None

    def __enter__(self) -> SafeInterrupt:
        if threading.current_thread() is threading.main_thread():
            self._previous = signal.signal(signal.SIGINT, self._handle)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._previous is not None:
            signal.signal(signal.SIGINT, self._previous)

    def check(self) -> None:
        """Raises KeyboardInterrupt if one was asked for."""
        if self._asked:
            raise KeyboardInterrupt

    def _handle(self, _number: int, _frame: FrameType | None) -> None:
        if self._asked:
            self.forced = True
            raise KeyboardInterrupt
        self._asked = True
        # Not `print`: the handler may have come in the middle of one.
        with suppress(OSError):
            os.write(2, _NOTICE)
