"""Entry points as graphs: the part of a spec's graph that gives some outputs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from rl2graph.diagnostics import nearest
from rl2graph.ir.graph import Graph, Node, Output, gather

_PRESENTING = ("one_hot", "scale_image", "channels_first")


def slice_outputs(graph: Graph, outputs: Sequence[str], bind: Mapping[str, str] | None = None) -> Graph:
    """The graph of `outputs` alone, in the order given; owners that it does not read are left out.

    `bind` puts an output's value in an input's place: `{"act": "mu"}` makes `q(obs, act=mu(obs))`.

    Raises:
        KeyError: an output or input that the graph does not have.
        ValueError: a bound value whose type is not the input's, or one that depends on that very input.
    """
    for name in (*outputs, *(bind or {}).values()):
        if name not in graph.output:
            near = nearest(name, graph.output)
            hint = f"; did you mean {near!r}?" if near else ""
            raise KeyError(f"no output {name!r}, the outputs are {', '.join(graph.output)}{hint}")
    chosen = tuple(graph.output[name] for name in outputs)
    graph = Graph(graph.nodes, chosen + _unlisted(graph, chosen, bind), graph.owners, graph.provenance)
    if bind:
        graph = _substitute(graph, bind)
    graph = Graph(graph.nodes, graph.outputs[: len(chosen)], graph.owners, graph.provenance)
    live = graph.live()
    sliced = gather(graph, [index for index, alive in enumerate(live) if alive])
    read = {node.owner for node in sliced.nodes}
    owners = tuple(owner for owner in graph.owners if owner.path in read)
    return Graph(sliced.nodes, sliced.outputs, owners, sliced.provenance)


def _unlisted(graph: Graph, chosen: tuple[Output, ...], bind: Mapping[str, str] | None) -> tuple[Output, ...]:
    names = {output.name for output in chosen}
    return tuple(graph.output[name] for name in dict.fromkeys((bind or {}).values()) if name not in names)


def _substitute(graph: Graph, bind: Mapping[str, str]) -> Graph:
    """Nodes that read a bound input's float encoding read the bound output instead."""
    stand_in: dict[int, int] = {}
    for name, output in bind.items():
        target, source = _presented(graph, name), graph.output[output].node
        if graph.nodes[source].type != graph.nodes[target].type:
            raise ValueError(
                f"output {output!r} is {graph.nodes[source].type}, input {name!r} takes"
                f" {graph.nodes[target].type}"
            )
        stand_in[target] = source
    _refuse_cycles(graph, bind)
    return _reorder(graph, {target: _last(stand_in, target) for target in stand_in})


def _refuse_cycles(graph: Graph, bind: Mapping[str, str]) -> None:
    """Raises where a bound output depends on its own input, directly or through other bound inputs."""
    reads = {}
    for name, output in bind.items():
        live = graph.live([graph.output[output].node])
        reads[name] = {other for other in bind if live[_presented(graph, other)]}
    for name in bind:
        reached: set[str] = set()
        waiting = [name]
        while waiting:
            found = reads[waiting.pop()] - reached
            reached |= found
            waiting += found
        if name in reached:
            raise ValueError(f"output {bind[name]!r} depends on input {name!r} itself")


def _last(stand_in: Mapping[int, int], node: int) -> int:
    """The end of a chain of stand-ins."""
    while node in stand_in:
        node = stand_in[node]
    return node


def _presented(graph: Graph, name: str) -> int:
    """The node by which the graph reads input `name`: the input, or the last of the ops that encode it."""
    users = graph.users()
    for index, node in enumerate(graph.nodes):
        if node.op == "input" and node.values["name"] == name:
            while len(set(users[index])) == 1 and graph.nodes[users[index][0]].op in _PRESENTING:
                index = users[index][0]
            return index
    raise KeyError(f"no input {name!r}, the inputs are {', '.join(graph.inputs)}")


def _reorder(graph: Graph, stand_in: Mapping[int, int]) -> Graph:
    """The graph with `stand_in` applied to every operand and output, in a topological order again."""
    number: dict[int, int] = {}
    order: list[int] = []
    nodes: list[Node] = []
    operands_of = [tuple(stand_in.get(operand, operand) for operand in node.operands) for node in graph.nodes]
    for root in range(len(graph.nodes)):
        stack = [root]
        while stack:
            index = stack[-1]
            waiting = [operand for operand in operands_of[index] if operand not in number]
            if waiting:
                stack += reversed(waiting)
                continue
            stack.pop()
            if index in number:
                continue
            number[index] = len(order)
            order.append(index)
            node = graph.nodes[index]
            operands = tuple(number[operand] for operand in operands_of[index])
            nodes.append(node.over(operands))
    outputs = tuple(
        Output(output.name, output.role, number[stand_in.get(output.node, output.node)])
        for output in graph.outputs
    )
    provenance = tuple(graph.provenance[index] for index in order) if graph.provenance else ()
    return Graph(tuple(nodes), outputs, graph.owners, provenance)
