"""Emission: a graph as flat torch code that reads as if it were written by hand."""

from __future__ import annotations

from collections.abc import Collection
from math import prod, sqrt

from rl2graph.backend.forward import forward_method
from rl2graph.backend.naming import path_of
from rl2graph.ir.graph import Graph, Owner
from rl2graph.ir.op import Weight
from rl2graph.ir.slots import is_recurrent


def emit_entry(graph: Graph, name: str, train: Collection[str] | None = None) -> str:
    """A module with `forward` alone, for weights that are attached to it.

    `train`: owners that gradients are taken for; the others are read detached. None trains all.
    """
    header = "import torch\nimport torch.nn.functional as F\n\nfrom rl2graph.model.entry import Entry\n"
    body = [f"class {name}(Entry):", f'    """{_summary(graph)}"""', "", *forward_method(graph, train)]
    return _text(header, graph, body)


def emit_module(graph: Graph, name: str) -> str:
    """A whole module that needs torch alone: weights, their initial values, and `forward`."""
    header = "import torch\nimport torch.nn.functional as F\nfrom torch import nn\n"
    body = [f"class {name}(nn.Module):", f'    """{_summary(graph)}"""', "", *_init(graph), ""]
    body += [*_reset(graph), "", *forward_method(graph, None)]
    return _text(header, graph, body)


def _text(header: str, graph: Graph, body: list[str]) -> str:
    helpers = dict.fromkeys(helper for node in graph.nodes for helper in node.spec.helpers)
    defined = "".join(f"\n\n{helper.strip()}\n" for helper in helpers)
    return f"{header}{defined}\n\n{chr(10).join(body)}\n"


def _summary(graph: Graph) -> str:
    outputs = ", ".join(f"{o.name} {graph.nodes[o.node].type}" for o in graph.outputs)
    given = ", ".join(
        f"{'.'.join((str(node.values['name']), *path_of(node)))} {node.type}"
        for node in graph.nodes
        if node.op == "input"
    )
    lead = (
        "[batch] leads in a step, [time, batch] in a sequence" if is_recurrent(graph) else "batch axes lead"
    )
    return f"{given} to {outputs}; {lead}."


def _init(graph: Graph) -> list[str]:
    lines = ["    def __init__(self):", "        super().__init__()"]
    made: set[str] = set()
    for owner in graph.owners:
        lines += _holders(owner, made)
        for weight in owner.weights:
            shape = ", ".join(map(str, weight.shape)) or "()"
            if weight.buffer:
                lines.append(
                    f'        self.{owner.path}.register_buffer("{weight.name}", torch.empty({shape}))'
                )
                continue
            grad = ", requires_grad=False" if owner.frozen else ""
            lines.append(
                f"        self.{owner.path}.{weight.name} = nn.Parameter(torch.empty({shape}){grad})"
            )
    return [*lines, "        self.reset_parameters()"]


def _holders(owner: Owner, made: set[str]) -> list[str]:
    """Lines that make the modules on the way to an owner's weights."""
    lines = []
    parts = owner.path.split(".")
    for depth in range(1, len(parts) + 1):
        path = ".".join(parts[:depth])
        if path not in made:
            made.add(path)
            lines.append(f"        self.{path} = nn.Module()")
    return lines


def _reset(graph: Graph) -> list[str]:
    lines = ["    def reset_parameters(self):"]
    for owner in graph.owners:
        for weight in owner.weights:
            lines.append(f"        {_init_call(weight, f'self.{owner.path}.{weight.name}')}")
    return lines if graph.owners else [*lines, "        pass"]


def _init_call(weight: Weight, target: str) -> str:
    init = weight.init
    number = f"{init.value:.6g}"
    match init.rule:
        case "orthogonal" | "xavier_uniform":
            return f"nn.init.{init.rule}_({target}, gain={number})"
        case "kaiming_uniform":
            # torch's own function takes the slope of a rectifier in place of a gain.
            number = f"{init.value * sqrt(3 / prod(weight.dims[1:])):.6g}"
            return f"nn.init.uniform_({target}, -{number}, {number})"
        case "normal":
            return f"nn.init.normal_({target}, std={number})"
        case "uniform":
            return f"nn.init.uniform_({target}, -{number}, {number})"
    if init.value == 0.0:
        return f"nn.init.zeros_({target})"
    return f"nn.init.constant_({target}, {init.value!r})"
