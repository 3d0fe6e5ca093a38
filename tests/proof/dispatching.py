"""What reaches torch's dispatcher: matrix products, counted, and ops that change a tensor in place."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from functools import cache
from typing import Any

import torch
from torch.utils._python_dispatch import TorchDispatchMode

from rl2graph.backend.codegen import emit_module
from rl2graph.backend.loading import load_class
from rl2graph.backend.numerics import float64
from rl2graph.ir.graph import ONLINE, Graph, Node, Output
from rl2graph.ir.types import TensorType
from tests.proof.draws import draw

PRODUCTS = (
    "mm", "addmm", "bmm", "baddbmm", "mv", "addmv", "dot", "convolution", "linear", "matmul", "einsum",
    "scaled_dot_product_attention", "_scaled_dot_product_flash_attention_for_cpu", "lstm_cell", "gru_cell",
)  # fmt: skip


class Watch(TorchDispatchMode):  # type: ignore[no-untyped-call]
    """Counts products, and notes each op that writes to a value of the graph.

    Some of torch's own functions fill a tensor that they have just made. Emitted code has a name for every
    value of the graph, every input and every weight; what it has no name for nobody else can read.

    Attributes:
        products: how many were dispatched. `written`: names of ops that wrote to a value with a name.
    """

    def __init__(self) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self.products = 0
        self.written: set[str] = set()

    def __torch_dispatch__(
        self, func: Any, types: Any, args: tuple[Any, ...] = (), kwargs: dict[str, Any] | None = None
    ) -> Any:
        self.products += func.overloadpacket.__name__ in PRODUCTS
        if func._schema.is_mutable and self._has_a_name(func, args, kwargs or {}):
            self.written.add(str(func))
        return func(*args, **(kwargs or {}))

    def _has_a_name(self, func: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> bool:
        given = dict(zip([argument.name for argument in func._schema.arguments], args, strict=False)) | kwargs
        written = {
            _storage(tensor)
            for argument in func._schema.arguments
            if argument.alias_info is not None and argument.alias_info.is_write
            for tensor in tensors_in(given.get(argument.name))
        }
        return any(_storage(tensor) in written for tensor in tensors_in(_named()))


def _named() -> Iterator[Any]:
    """What emitted code that is being run has names for."""
    frame = sys._getframe(2)
    while frame is not None:
        if frame.f_code.co_filename.startswith("<rl2graph_emitted_"):
            for value in frame.f_locals.values():
                if isinstance(value, torch.nn.Module):
                    yield from (*value.parameters(), *value.buffers())
                else:
                    yield value
        frame = frame.f_back  # type: ignore[assignment]


def tensors_in(value: Any) -> Iterator[torch.Tensor]:
    """The tensors of a structure."""
    if isinstance(value, torch.Tensor):
        yield value
    elif isinstance(value, dict):
        for part in value.values():
            yield from tensors_in(part)
    elif isinstance(value, Iterable) and not isinstance(value, str):
        for part in value:
            yield from tensors_in(part)


def _storage(tensor: torch.Tensor) -> int:
    return tensor.untyped_storage().data_ptr()


def watched(run: Callable[[], Any], grad: bool) -> Watch:
    """What `run()` dispatches, with gradients or without."""
    with torch.set_grad_enabled(grad), Watch() as watch:
        run()
    return watch


def products_of(graph: Graph, batch: tuple[int, ...], grad: bool) -> int:
    """How many products the nodes of a graph come to, each run alone."""
    total = 0
    for node in graph.nodes:
        if node.op not in ("input", "constant"):
            constants = tuple(graph.nodes[operand].op == "constant" for operand in node.operands)
            total += _products_of(_Alone(graph, node, constants), batch, grad)
    return total


class _Alone:
    """A node by what it does: what it is called, whose weights it has and what it reads do not count."""

    def __init__(self, graph: Graph, node: Node, constants: tuple[bool, ...]) -> None:
        self.graph = graph
        self.node = node
        self.types: tuple[TensorType, ...] = graph.operand_types(node)
        self.constants = constants
        quiet = node.evaluation is None
        self._key = (node.op, repr(node.attributes), self.types, constants, quiet)

    def __hash__(self) -> int:
        return hash(self._key)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Alone) and self._key == other._key

    def as_graph(self) -> Graph:
        """The node over inputs of its own."""
        operands: list[Node] = []
        for place, (type_, constant) in enumerate(zip(self.types, self.constants, strict=True)):
            attributes: tuple[Any, ...] = (("value", 0.5),)
            if not constant:
                attributes = (
                    ("name", f"x{place}"), ("dtype", type_.dtype), ("shape", type_.shape), ("path", ()),
                )  # fmt: skip
            operands.append(Node("constant" if constant else "input", (), attributes, type_))
        if all(self.constants):  # something must show the batch
            operands.append(Node("input", (), (("name", "x"), ("dtype", "f32"), ("shape", ()), ("path", ())),
                                 TensorType("f32", ())))  # fmt: skip
        node = replace(self.node, operands=tuple(range(len(self.types))), version=ONLINE)
        owners = () if node.owner is None else (self.graph.owner[node.owner],)
        return Graph((*operands, node), (Output("y", None, len(operands)),), owners)


@cache
def _products_of(alone: _Alone, batch: tuple[int, ...], grad: bool) -> int:
    graph = alone.as_graph()
    given = draw(graph, 0, batch)
    made = load_class(emit_module(graph, "Alone"), "Alone")
    made.reset_parameters = lambda self: None  # the numbers play no part
    with float64():
        module = made()
        return watched(lambda: module(**given.inputs, **given.conditions), grad).products
