import numpy as np

from rl2graph.memory.trees import first_leaf, leaves, map_tree

TREE = {"a": np.zeros(2), "b": {"c": np.ones(2), "d": np.full(2, 2.0)}}


def test_leaves_come_with_their_paths_in_order():
    assert [path for path, _ in leaves(TREE)] == [("a",), ("b", "c"), ("b", "d")]
    assert [path for path, _ in leaves(np.zeros(2))] == [()]
    assert first_leaf(TREE) is TREE["a"]


def test_mapping_goes_over_several_trees_of_the_same_parts():
    total = map_tree(lambda x, y: float((x + y).sum()), TREE, TREE)
    assert total == {"a": 0.0, "b": {"c": 4.0, "d": 8.0}}
    assert map_tree(lambda x: x + 1, 1) == 2
