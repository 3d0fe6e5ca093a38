"""Emission: a graph as flat torch code that reads as if it were written by hand."""

from __future__ import annotations

import re
from collections.abc import Collection
from math import prod, sqrt
from textwrap import wrap

from rl2graph.backend.forward import forward_method
from rl2graph.backend.wrapping import WIDTH
from rl2graph.ir.graph import Graph, Owner
from rl2graph.ir.op import STATISTICS, Weight
from rl2graph.ir.slots import is_recurrent
from rl2graph.ir.table import functions_of


def emit_entry(graph: Graph, name: str, train: Collection[str] | None = None) -> str:
    """A module with `forward` alone, for weights that are attached to it.

    `train`: owners that gradients are taken for; the others are read detached. None trains all.
    """
    header = "import torch\nimport torch.nn.functional as F\n\nfrom rl2graph.model.entry import Entry\n"
    body = [f"class {name}(Entry):", *_docstring(graph), "", *forward_method(graph, train)]
    return _text(header, graph, body)


def emit_module(graph: Graph, name: str) -> str:
    """A whole module that needs torch alone: weights, their initial values, and `forward`."""
    header = "import torch\nimport torch.nn.functional as F\nfrom torch import nn\n"
    body = [f"class {name}(nn.Module):", *_docstring(graph), "", *_init(graph), ""]
    body += [*_reset(graph), "", *forward_method(graph, None)]
    return _text(header, graph, body)


def _text(header: str, graph: Graph, body: list[str]) -> str:
    defined = "".join(f"\n\n{helper.strip()}\n" for helper in _called(graph, "\n".join(body)))
    return f"{header}{defined}\n\n{chr(10).join(body)}\n"


def _called(graph: Graph, text: str) -> list[str]:
    """The helpers that the text calls, and those that they call, in the order of the nodes."""
    helpers = list(dict.fromkeys(helper for node in graph.nodes for helper in node.spec.helpers))
    name_of = {helper: next(functions_of([helper])) for helper in helpers}
    called: set[str] = set()
    waiting = [text]
    while waiting:
        text = waiting.pop()
        found = [h for h in helpers if h not in called and re.search(rf"\b{name_of[h]}\b", text)]
        called.update(found)
        waiting += found
    return [helper for helper in helpers if helper in called]


def _docstring(graph: Graph) -> list[str]:
    """What a module takes and gives, as the lines of its docstring."""
    outputs = ", ".join(f"{o.name} {graph.nodes[o.node].type}" for o in graph.outputs)
    given = ", ".join(
        f"{'.'.join((node.input_name, *node.input_path))} {node.type}"
        for node in graph.nodes
        if node.op == "input"
    )
    said = f"{given} to {outputs}; "
    said += "[B] leads in a step, [T, B] in a sequence." if is_recurrent(graph) else "batch axes lead."
    if any(node.spec.effect in STATISTICS and node.evaluation is None for node in graph.nodes):
        said += " Statistics are read as they are, in training too."
    # Names of an observation's parts are the user's: none may end the docstring.
    lines = [_quoted(line) for line in wrap(said, WIDTH - 8)]
    if len(lines) == 1:
        return [f'    """{lines[0]}"""']
    return [f'    """{lines[0]}', *(f"    {line}" for line in lines[1:]), '    """']


def _quoted(text: str) -> str:
    """Text as it stands inside a docstring."""
    escaped = (
        c if c.isprintable() else c.encode("unicode_escape").decode() for c in text.replace("\\", "\\\\")
    )
    return "".join(escaped).replace('"', '\\"')


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
    if init.value in (0.0, 1.0):
        return f"nn.init.{'zeros' if init.value == 0.0 else 'ones'}_({target})"
    return f"nn.init.constant_({target}, {init.value!r})"
