"""Wrong laws: copies, numbers, spellings that an inliner, a folder or a canonicaliser could get wrong."""

from __future__ import annotations

from dataclasses import replace

from rl2graph.compiler.passes import fold as folding
from rl2graph.ir.graph import Graph, Node
from rl2graph.ir.ops.rules import always, where_unchanged
from tests.proof.planted_means import also, before, claiming, each_node, near_graphs, with_attributes

# Copies


@near_graphs
def detach_as_a_copy(patch):
    """A detach gives its operand, value for value, so it is left out: gradients flow again."""
    claiming(patch, "detach", passes_on=always)


@near_graphs
def scale_grad_as_a_copy(patch):
    """So does `scale_grad`, whose whole point is in the gradient."""
    claiming(patch, "scale_grad", passes_on=always)


@near_graphs
def dropout_with_noise_as_a_copy(patch):
    """The inliner asks the op, and not whether this evaluation has noise: training runs without dropout."""
    patch.setattr(
        "rl2graph.compiler.passes.inline._passes_on",
        lambda graph, node: node.spec.passes_on(graph.operand_types(node), node.values, node.type),
    )


@near_graphs
def dropout_of_nothing_as_a_copy(patch):
    """At p = 0 nothing is dropped: the noise that an entry takes hangs on a number."""

    def passes_on(graph, node):
        nothing = node.op == "dropout" and node.values["p"] == 0.0
        types = graph.operand_types(node)
        return nothing or (node.evaluation is None and node.spec.passes_on(types, node.values, node.type))

    patch.setattr("rl2graph.compiler.passes.inline._passes_on", passes_on)


@near_graphs
def statistics_read_as_a_copy(patch):
    """Batch normalisation does nothing outside training, somebody remembers of dropout."""
    claiming(patch, "batch_norm", passes_on=always)


@near_graphs
def one_frame_as_a_copy(patch):
    """The last one frame is the frame; its state, which is empty, is gone from the schema."""

    def frames(graph: Graph) -> dict[int, int]:
        found = {index: node for index, node in enumerate(graph.nodes) if node.op == "frame_stack"}
        return {index: node.operands[0] for index, node in found.items() if node.values["n"] == 1}

    also(patch, "inline", frames)


@near_graphs
def a_turned_square_as_a_copy(patch):
    """A permutation that keeps the type keeps the tensor: not where the matrix is square."""
    claiming(patch, "permute", passes_on=where_unchanged)


@near_graphs
def padding_of_the_last_axis_alone(patch):
    """Only the first two sizes are looked at."""
    claiming(patch, "pad", passes_on=lambda types, given, result: given["sizes"][:2] == (0, 0))


@near_graphs
def a_slice_from_the_start_as_a_copy(patch):
    """A slice that starts at 0 is the whole, whatever its stop."""
    claiming(patch, "slice", passes_on=lambda types, given, result: given["start"] == 0)


@near_graphs
def the_same_count_as_the_same_shape(patch):
    """A reshape to as many elements does nothing: neither does it to the axes."""
    claiming(patch, "reshape", passes_on=lambda types, given, result: types[0].size == result.size)


@near_graphs
def casts_there_and_back(patch):
    """A cast undoes a cast: floats, integers, floats."""

    def undone(graph: Graph) -> dict[int, int]:
        casts = {i: graph.nodes[n.operands[0]] for i, n in enumerate(graph.nodes) if n.op == "cast"}
        return {
            index: inner.operands[0]
            for index, inner in casts.items()
            if inner.op == "cast" and graph.operand_types(inner)[0] == graph.nodes[index].type
        }

    also(patch, "inline", undone)


@near_graphs
def the_operands_operand(patch):
    """Following copies to their source goes one step too far."""

    def further(graph: Graph) -> dict[int, int]:
        gone: dict[int, int] = {}
        for index, node in enumerate(graph.nodes):
            if node.op == "flatten" and graph.operand_types(node) == (node.type,):
                source = graph.nodes[node.operands[0]]
                if source.operands and graph.operand_types(source) == (node.type,):
                    gone[index] = gone.get(source.operands[0], source.operands[0])
        return gone

    also(patch, "inline", further)


# Numbers


@near_graphs
def neutral_by_value(patch):
    """`==` instead of bits: `x + 0.0` is x, but for the sign of a zero."""
    patch.setattr(folding, "_bits", lambda value: value)


@near_graphs
def zero_neutral_on_both_sides(patch):
    """`0.0 - x` is x."""
    claiming(patch, "sub", neutral={0: 0.0, 1: 0.0})


@near_graphs
def one_neutral_on_both_sides(patch):
    """`1.0 / x` is x."""
    claiming(patch, "div", neutral={0: 1.0, 1: 1.0})


@near_graphs
def nothing_times_anything(patch):
    """`x * 0.0` is `x - x`: not where x is negative, by a sign."""

    def change(graph: Graph, index: int, node: Node) -> Node:
        sources = [graph.nodes[operand] for operand in node.operands]
        zero = any(source.op == "constant" and source.values["value"] == 0.0 for source in sources)
        return replace(node, op="sub", operands=_twice(node, graph)) if node.op == "mul" and zero else node

    before(patch, "fold", each_node(change))


def _twice(node: Node, graph: Graph) -> tuple[int, int]:
    (tensor,) = (operand for operand in node.operands if graph.nodes[operand].op != "constant")
    return tensor, tensor


@near_graphs
def division_as_a_product(patch):
    """`x / 3.0` is `x * (1 / 3.0)`, but for the last bit: numeric at best."""

    def change(graph: Graph, index: int, node: Node) -> Node:
        users = [user for user in graph.nodes if index in user.operands]
        divides = [user.op for user in users] == ["div"] and users[0].operands[1] == index
        if node.op == "constant" and divides:
            return with_attributes(node, value=1 / node.values["value"])
        if node.op == "div" and graph.nodes[node.operands[1]].op == "constant":
            return replace(node, op="mul")
        return node

    before(patch, "fold", each_node(change))


@near_graphs
def sums_in_another_order(patch):
    """`(x + a) + b` is `x + (a + b)`, but for rounding."""

    def change(graph: Graph) -> Graph:
        nodes = list(graph.nodes)
        for index, node in enumerate(nodes):
            if node.op == "add" and nodes[node.operands[0]].op == "add":
                x, first = nodes[node.operands[0]].operands
                second = node.operands[1]
                if nodes[first].op == nodes[second].op == "constant":
                    total = nodes[first].values["value"] + nodes[second].values["value"]
                    nodes[second] = with_attributes(nodes[second], value=total)
                    nodes[index] = replace(node, operands=(x, second))
        return replace(graph, nodes=tuple(nodes))

    before(patch, "fold", change)


@near_graphs
def bounds_of_two_clips(patch):
    """Two clips are one to the tighter bounds: not where they leave nothing between them."""

    def change(graph: Graph, index: int, node: Node) -> Node:
        inner = graph.nodes[node.operands[0]] if node.operands else node
        if node.op != "clip" or inner.op != "clip" or inner is node:
            return node
        low, high = (f(node.values[n], inner.values[n]) for f, n in ((max, "low"), (min, "high")))
        return replace(with_attributes(node, low=min(low, high), high=high), operands=inner.operands)

    before(patch, "fold", each_node(change))


@near_graphs
def an_op_is_undone(patch):
    """`exp(log(x))` is x where x is positive, and up to rounding."""
    _drops(patch, "exp", "log")


@near_graphs
def abs_after_relu(patch):
    """What is not negative has no sign to lose, but for -0.0; a pass that nobody proved, all the same."""
    _drops(patch, "abs", "relu", inner_stays=True)


@near_graphs
def negation_twice(patch):
    """An involution is taken for idempotent: `-(-x)` is `-x`."""
    claiming(patch, "neg", idempotent=True)


@near_graphs
def tanh_twice(patch):
    """All activations are claimed idempotent, as relu is."""
    claiming(patch, "tanh", idempotent=True)


@near_graphs
def other_bounds_twice(patch):
    """Idempotence is of an op, not of an op with its attributes: the tighter clip is left out."""
    patch.setattr(folding, "_applied_before", _if(lambda one, other: one.op == other.op))


@near_graphs
def any_idempotent_op_twice(patch):
    """Both are idempotent, so the second is left out: `sign(relu(x))` is `relu(x)`."""
    patch.setattr(folding, "_applied_before", _if(lambda one, other: one.spec.idempotent))


@near_graphs
def twice_through_a_detach(patch):
    """A relu of a detached relu is the relu: the detach goes with it."""

    def applied_before(graph, node, operands):
        operand = operands[0]
        while node.op == "relu" and graph.nodes[operand].op == "detach":
            operand = graph.nodes[operand].operands[0]
        return operand if graph.nodes[operand].op == node.op else None

    patch.setattr(folding, "_applied_before", applied_before)


@near_graphs
def weights_as_they_start(patch):
    """A parameter that starts at 1.0 is the number 1.0: until it is trained."""

    def ones(graph: Graph) -> dict[int, int]:
        return {
            index: node.operands[0]
            for index, node in enumerate(graph.nodes)
            if node.op == "mul" and graph.nodes[node.operands[1]].op == "parameter"
        }

    also(patch, "fold", ones)


def _drops(patch, outer, inner, inner_stays=False):
    def gone(graph: Graph) -> dict[int, int]:
        found = {}
        for index, node in enumerate(graph.nodes):
            if node.op == outer and graph.nodes[node.operands[0]].op == inner:
                (source,) = node.operands
                found[index] = source if inner_stays else graph.nodes[source].operands[0]
        return found

    also(patch, "fold", gone)


def _if(alike):
    return lambda graph, node, operands: operands[0] if alike(graph.nodes[operands[0]], node) else None
