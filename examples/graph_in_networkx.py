"""Graphs in networkx's form: analyse a spec's graph, or build one by hand and verify it.

python examples/graph_in_networkx.py
"""

import networkx

import rl2graph

model = rl2graph.compile("encoder e = mlp(obs); pi = head(e); v = head(e)", env="CartPole-v1")
drawn = model.graph.to_networkx()
print("longest path:", [drawn.nodes[n]["op"] for n in networkx.dag_longest_path(drawn)])
assert rl2graph.Graph.from_networkx(drawn) == model.graph

by_hand = networkx.MultiDiGraph(outputs=[("y", None, "join")])
by_hand.add_node("x", op="input", attributes={"name": "obs", "shape": (4,)})
by_hand.add_node("layer", op="dense", attributes={"out": 3}, owner="layer")
by_hand.add_node("join", op="concat")
by_hand.add_edge("x", "layer", key=0)
by_hand.add_edge("layer", "join", key=0)
by_hand.add_edge("layer", "join", key=1)  # concat(x, x): two edges, told apart by their keys
for node in rl2graph.Graph.from_networkx(by_hand).nodes:
    print(node.op, node.operands, node.type)
