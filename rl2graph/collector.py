"""Python's cyclic garbage collector, kept still while trees and graphs grow."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def collector_paused() -> Iterator[None]:
    """Pause the cyclic collector, as it was before when done, however that ends; also a decorator.

    Nothing that reading and compiling make is garbage before they are done, and the collector walks all of it
    again and again: without a pause the time for each node grows with the number of nodes.
    """
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            gc.enable()
