"""Graphs to text."""

from __future__ import annotations

from rl2graph.collector import collector_paused
from rl2graph.ir.graph import ONLINE, Graph, Node, Output, Owner
from rl2graph.ir.op import Weight
from rl2graph.ir.provenance import Provenance
from rl2graph.ir.textual.attributes import attributes_text
from rl2graph.ir.textual.numbers import number_text
from rl2graph.ir.textual.shapes import shape_text, type_text
from rl2graph.ir.textual.tokens import bare_or_quoted, comment_of, quoted


@collector_paused()
def write(graph: Graph) -> str:
    """The graph as text, from which `read` makes the same graph: owners, nodes, outputs, one a line.

    What a value is called (`Provenance.name`) follows its node as a comment; other provenance is left out.
    """
    lines = [_owner(owner) for owner in graph.owners]
    for index, node in enumerate(graph.nodes):
        place = graph.where(index)
        comment = f"  # {comment_of(place.name)}" if isinstance(place, Provenance) else ""
        lines.append(f"%{index} = {_node(node)}{comment}")
    lines += [_output(output) for output in graph.outputs]
    return "".join([f"{line}\n" for line in lines])


def _owner(owner: Owner) -> str:
    settings = " frozen" if owner.frozen else ""
    if owner.learning_rate is not None:
        settings += f" lr({number_text(owner.learning_rate)})"
    if owner.load is not None:
        settings += f" load({quoted(owner.load.file)}, {quoted(owner.load.key)})"
    weights = "".join([f", {_weight(weight)}" for weight in owner.weights])
    return f"owner {bare_or_quoted(owner.path)}: {bare_or_quoted(owner.op)}{settings}{weights}"


def _weight(weight: Weight) -> str:
    init = f"{bare_or_quoted(weight.init.rule)}({number_text(weight.init.value)})"
    kind = " buffer" if weight.buffer else ""
    return f"{bare_or_quoted(weight.name)}{shape_text(weight.shape)} = {init}{kind}"


def _node(node: Node) -> str:
    text = f"{bare_or_quoted(node.op)}({', '.join([f'%{operand}' for operand in node.operands])})"
    if node.attributes:
        text += f" {attributes_text(node.attributes)}"
    if node.owner is not None:
        text += f" @{bare_or_quoted(node.owner)}"
    if node.version != ONLINE:
        text += f" version({bare_or_quoted(node.version)})"
    if node.evaluation is not None:
        text += f" evaluation({node.evaluation})"
    if node.slot is not None:
        text += f" slot({bare_or_quoted(node.slot)})"
    return f"{text} : {type_text(node.type)}"


def _output(output: Output) -> str:
    role = "" if output.role is None else f" ({bare_or_quoted(output.role)})"
    return f"output {bare_or_quoted(output.name)}{role} = %{output.node}"
