"""The inputs that algorithms give to a spec's losses, and their types."""

from __future__ import annotations

from collections.abc import Iterator
from types import MappingProxyType

from rl2graph.contracts.contract import Contract
from rl2graph.contracts.problem import Problem
from rl2graph.ir.graph import Graph
from rl2graph.ir.types import TensorType, f32

TYPES = MappingProxyType({"reward": f32(), "done": f32(), "returns": f32()})
"""Per-sample types of the inputs that have one in every environment. `act` and `next_obs`, which contracts
give too, are as the environment's spaces, which their declarations are held against without an algorithm.
"""

DECLARED = MappingProxyType({"returns": "the return that an algorithm's value learns"})
"""Inputs that are there for a `loss` once a statement declares them."""


def declaration(name: str) -> str | None:
    """The statement that declares one of `DECLARED`; None for other names."""
    return f"input {name}: {written(TYPES[name])}" if name in DECLARED else None


def written(type_: TensorType) -> str:
    """A type as a spec writes it, `f32` for one number."""
    return str(type_).removesuffix("[]")


def wrong_types(graph: Graph, contract: Contract, name: str) -> Iterator[Problem]:
    """Inputs whose type is not that which the algorithm gives: torch would broadcast some of them."""
    seen: set[str] = set()
    for node in graph.nodes:
        if node.op != "input" or node.input_name in seen:
            continue
        given = node.input_name
        type_ = TYPES.get(given) if given in contract.inputs else None
        if type_ is None or (node.type == type_ and not node.input_path):
            continue
        seen.add(given)
        yield Problem(
            "RLG503",
            f"{name} gives `{given}` as {written(type_)}, one number per sample, not as this type",
            f"write `input {given}: {written(type_)}`",
            input=given,
        )
