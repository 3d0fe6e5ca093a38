"""Emitted code to classes: tracebacks show its lines, Dynamo finds its module."""

from __future__ import annotations

import linecache
import sys
from hashlib import sha256
from types import ModuleType
from typing import Any


def load_class(source: str, name: str) -> type[Any]:
    """The class `name` of emitted code; equal code gives the same class."""
    digest = sha256(source.encode()).hexdigest()[:16]
    module_name = f"rl2graph_emitted_{digest}"
    module = sys.modules.get(module_name)
    if module is None:
        module = ModuleType(module_name)
        path = f"<{module_name}.py>"
        module.__file__ = path
        # Without an entry of its own in linecache a traceback would show no line of emitted code.
        linecache.cache[path] = (len(source), None, source.splitlines(keepends=True), path)
        sys.modules[module_name] = module
        try:
            exec(compile(source, path, "exec"), module.__dict__)
        except BaseException:
            del sys.modules[module_name]
            raise
    return getattr(module, name)  # type: ignore[no-any-return]
