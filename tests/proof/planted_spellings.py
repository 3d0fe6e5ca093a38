"""Wrong spellings: axes, places and numbers that a canonicaliser could get wrong."""

from __future__ import annotations

from dataclasses import replace

from rl2graph.ir.graph import Graph, Node
from rl2graph.ir.op import as_given
from rl2graph.ir.ops.axes import axis_from_end
from rl2graph.ir.ops.shaping import _permute_from_first
from rl2graph.ir.table import OPS
from tests.proof.planted_means import before, claiming, each_node, near_graphs, with_attributes


@near_graphs
def axes_of_the_result(patch):
    """The axis of a reduction is counted from the end of its result, which has one fewer."""
    spelt = lambda types, given, result: axis_from_end((result,), given, result)  # noqa: E731
    for op in ("sum", "mean"):
        claiming(patch, op, canonical=spelt)


@near_graphs
def new_axes_of_the_operand(patch):
    """A new axis is counted among those that are there already: off by one."""
    claiming(patch, "unsqueeze", canonical=axis_from_end)
    claiming(patch, "stack", canonical=axis_from_end)


@near_graphs
def an_axis_counts_the_batch(patch):
    """Axes are counted as of the tensor, with the batch in front."""

    def spelt(types, given, result):
        axis = given["axis"]
        return given if axis < 0 else {**given, "axis": axis - len(types[0].axes) - 1}

    claiming(patch, "softmax", canonical=spelt)


@near_graphs
def a_stop_before_the_end(patch):
    """A stop of -1 is the last element, which is taken along."""

    def spelt(types, given, result):
        return {**given, "stop": None} if given["stop"] == -1 else given

    claiming(patch, "slice", canonical=spelt)


@near_graphs
def places_without_their_sign(patch):
    """`abs` in place of a remainder: index -1 is index 1."""
    claiming(patch, "select", canonical=lambda types, given, result: {**given, "index": abs(given["index"])})


@near_graphs
def a_stride_of_one(patch):
    """A stride that is not given is 1, as it is of convolutions; of pooling it is the kernel."""
    claiming(
        patch, "max_pool2d", canonical=lambda types, given, result: {**given, "stride": given["stride"] or 1}
    )


@near_graphs
def an_inverse_permutation(patch):
    """Where an axis goes, and where it comes from: the same for two axes, not for three."""

    def spelt(types, given, result):
        order = _permute_from_first(types, given, result)["axes"]
        return {**given, "axes": tuple(sorted(range(len(order)), key=order.__getitem__))}

    claiming(patch, "permute", canonical=spelt)


@near_graphs
def sizes_of_the_outer_axes(patch):
    """The last two sizes of a padding are left out, zero or not."""
    claiming(patch, "pad", canonical=lambda types, given, result: {**given, "sizes": given["sizes"][:2]})


@near_graphs
def numbers_on_the_right(patch):
    """Numbers stand on the right, for which operands are swapped: of a difference too."""

    def change(graph: Graph, index: int, node: Node) -> Node:
        left = graph.nodes[node.operands[0]].op if len(node.operands) == 2 else None
        return replace(node, operands=node.operands[::-1]) if left == "constant" else node

    before(patch, "canonicalise", each_node(change))


@near_graphs
def operands_in_the_order_of_nodes(patch):
    """Operands are sorted, so that more is equal: of `concat` too."""

    def change(graph: Graph, index: int, node: Node) -> Node:
        return replace(node, operands=tuple(sorted(node.operands)))

    before(patch, "canonicalise", each_node(change))


@near_graphs
def numbers_of_six_digits(patch):
    """Numbers go through their text, as messages show them."""

    def change(graph: Graph, index: int, node: Node) -> Node:
        shown = {name: float(f"{v:g}") for name, v in node.attributes if type(v) is float}
        return with_attributes(node, **shown)

    before(patch, "canonicalise", each_node(change))


@near_graphs
def zeros_without_a_sign(patch):
    """`x + 0.0`, an old way to tidy numbers up, makes 0.0 of -0.0."""

    def change(graph: Graph, index: int, node: Node) -> Node:
        return with_attributes(node, **{n: v + 0.0 for n, v in node.attributes if type(v) is float})

    before(patch, "canonicalise", each_node(change))


@near_graphs
def nothing_is_respelt(patch):
    """The table's spellings are lost: what is written in two ways is computed twice."""
    for name, op in list(OPS.items()):
        if op.canonical is not as_given:
            claiming(patch, name, canonical=as_given)
