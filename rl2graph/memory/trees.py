"""Observations, actions and states of several parts: an array, or a mapping from names to such."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

Tree = Any
"""One array or tensor, or a mapping from names to trees. Tuple spaces have the names `"0"`, `"1"`, …"""


def map_tree(function: Callable[..., Any], tree: Tree, *others: Tree) -> Tree:
    """The tree of `function(leaf, …)`, over one tree or several of the same parts."""
    if isinstance(tree, Mapping):
        return {
            name: map_tree(function, part, *(other[name] for other in others)) for name, part in tree.items()
        }
    return function(tree, *others)


def leaves(tree: Tree, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], Any]]:
    """The leaves with the path to each, in the order of the parts; a leaf alone has the path `()`."""
    if isinstance(tree, Mapping):
        for name, part in tree.items():
            yield from leaves(part, (*path, name))
    else:
        yield path, tree


def first_leaf(tree: Tree) -> Any:
    """The first leaf, which gives the batch's size."""
    return next(leaf for _, leaf in leaves(tree))
