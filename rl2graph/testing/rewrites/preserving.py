"""The rewrites that keep the function."""

from __future__ import annotations

from rl2graph.testing.rewrites.base import Rewrite
from rl2graph.testing.rewrites.copying import duplicate_call, inject_dead_branch
from rl2graph.testing.rewrites.inlining import expand_call, inline_binding
from rl2graph.testing.rewrites.ordering import permute_keywords, reorder
from rl2graph.testing.rewrites.outlining import outline_binding, outline_macro, outline_module
from rl2graph.testing.rewrites.renaming import rename

RENAME = Rewrite("rename", "preserving", rename)
REORDER = Rewrite("reorder statements", "preserving", reorder)
INLINE_BINDING = Rewrite("inline a binding", "preserving", inline_binding)
EXPAND_CALL = Rewrite("expand a call", "preserving", expand_call)
OUTLINE_BINDING = Rewrite("outline a binding", "preserving", outline_binding)
OUTLINE_MACRO = Rewrite("outline a macro", "preserving", outline_macro)
OUTLINE_MODULE = Rewrite("outline a module", "preserving", outline_module)
DUPLICATE_CALL = Rewrite("duplicate a pure call", "preserving", duplicate_call)
INJECT_DEAD_BRANCH = Rewrite("inject a dead branch", "preserving", inject_dead_branch)
PERMUTE_KEYWORDS = Rewrite("permute keywords", "preserving", permute_keywords)

PRESERVING = (
    RENAME,
    REORDER,
    INLINE_BINDING,
    EXPAND_CALL,
    OUTLINE_BINDING,
    OUTLINE_MACRO,
    OUTLINE_MODULE,
    DUPLICATE_CALL,
    INJECT_DEAD_BRANCH,
    PERMUTE_KEYWORDS,
)
"""Every rewrite that keeps the function."""
