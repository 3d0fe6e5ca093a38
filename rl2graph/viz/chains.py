"""Which nodes share a box: a layer and the cheap ops after it read as one step."""

from __future__ import annotations

from collections.abc import Sequence

from rl2graph.ir.graph import Graph, Node
from rl2graph.viz.labels import SIGNS
from rl2graph.viz.sharing import Sharing

MAX_STEPS = 6
"""Steps in one box; a longer chain goes on in the next."""


def written_in_place(graph: Graph, users: Sequence[Sequence[int]]) -> list[bool]:
    """For each node, whether it is a number that its users show in their own text (`x * 2`)."""
    exported = {output.node for output in graph.outputs}
    return [
        node.op == "constant"
        and index not in exported
        and all(graph.nodes[user].op in SIGNS for user in users[index])
        for index, node in enumerate(graph.nodes)
    ]


def chains(graph: Graph, sharing: Sharing) -> list[list[int]]:
    """The nodes of each box, boxes in topological order.

    A node joins the box of its operand where it is the operand's only reader, owns nothing, and is shared in
    the same way; so no value that anything else reads is hidden inside a box.
    """
    users = graph.users()
    in_place = written_in_place(graph, users)
    exported = {output.node for output in graph.outputs}
    box_of: list[int] = [-1] * len(graph.nodes)
    boxes: list[list[int]] = []
    for index, node in enumerate(graph.nodes):
        if in_place[index]:
            continue
        operand = _only_operand(node, in_place)
        if (
            operand is not None
            and len(users[operand]) == 1
            and operand not in exported
            and _joins(graph, operand, index, sharing)
            and len(boxes[box_of[operand]]) < MAX_STEPS
        ):
            box_of[index] = box_of[operand]
            boxes[box_of[index]].append(index)
        else:
            box_of[index] = len(boxes)
            boxes.append([index])
    return boxes


def _only_operand(node: Node, in_place: list[bool]) -> int | None:
    drawn = [operand for operand in node.operands if not in_place[operand]]
    return drawn[0] if len(drawn) == 1 else None


def _joins(graph: Graph, operand: int, index: int, sharing: Sharing) -> bool:
    node, before = graph.nodes[index], graph.nodes[operand]
    if node.owner is not None or not {"detach", "unresolved"}.isdisjoint((node.op, before.op)):
        return False
    if before.op == "input":
        # What makes floats of an observation is no op of the spec; anything else is, and gets its own box.
        return not node.spec.written
    return sharing.merged(index) == sharing.merged(operand)
