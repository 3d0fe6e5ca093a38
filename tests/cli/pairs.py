"""Pairs of specs that are the same function, and pairs that are not, each for one reason."""

from __future__ import annotations

TWO_MODULES = "encoder f(x) = dense(x, 8)\nencoder g(x) = dense(x, 8)\n"

SAME = {
    "names": (
        "encoder e = mlp(obs)\npi = head(e)\nv = head(e)",
        "encoder trunk = mlp(obs)\npi = head(trunk)\nv = head(trunk)",
    ),
    "order": (
        "a = dense(obs, 8)\nb = dense(obs, 8)\npi = head(a)\nv = head(b)",
        "b = dense(obs, 8)\nv = head(b)\na = dense(obs, 8)\npi = head(a)",
    ),
    "def": (
        "def block(x, n) = x |> dense(n) |> relu\nh = block(block(obs, 8), 4)\npi = head(h)",
        "h = obs |> dense(8) |> relu |> dense(4) |> relu\npi = head(h)",
    ),
    "module": (
        "encoder f(x) { h = dense(x, 8); return relu(h) }\npi = head(f(obs))\nv = head(f(obs))",
        "h = dense(obs, 8)\ne = relu(h)\npi = head(e)\nv = head(e)",
    ),
    "module of a def": (
        "def enc(x) { encoder f(y) = mlp(y); return f(x) }\npi = head(enc(obs))",
        "pi = head(mlp(obs))",
    ),
    "loop": (
        "pi = obs |> for n in [8, 4] { dense(n) |> relu } |> head",
        "pi = obs |> dense(8) |> relu |> dense(4) |> relu |> head",
    ),
    "keywords": (
        "pi = head(mlp(obs, hidden=[8], activation=tanh))",
        "pi = obs |> mlp(activation=tanh, hidden=[8]) |> head",
    ),
    "duplicates": (
        "a = tanh(obs)\nb = tanh(obs)\npi = head(a)\nv = head(b)",
        "a = tanh(obs)\npi = head(a)\nv = head(a)",
    ),
    "dead": ("unused = mlp(obs)\npi = head(obs)", "pi = head(obs)"),
    "folded": ("pi = head(obs * 1.0)", "pi = head(obs)"),
    "parameter": ("param n = 8\npi = head(dense(obs, n))", "pi = head(dense(obs, 8))"),
    "names of noise": (
        "a = dropout(obs, 0.1)\npi = head(a)",
        "b = dropout(obs, 0.1)\npi = head(b)",
    ),
    "outputs by role": ("output left: pi = head(obs)", "pi = head(obs)"),
    "training": (
        "@lr(1e-4) @init(orthogonal, gain=0.5) encoder e = mlp(obs)\npi = head(e)",
        "@frozen encoder e = mlp(obs)\n@init(normal) pi = head(e)",
    ),
    "itself": ("pi = head(mlp(obs))", "pi = head(mlp(obs))"),
}  # fmt: skip
"""The same functions; `training` and those with other paths are trained differently."""

DIFFERENT = {
    "op": ("pi = obs |> dense(8) |> relu |> head", "pi = obs |> dense(8) |> tanh |> head"),
    "attribute": ("h = dense(obs, 64)\npi = head(h)", "pi = obs |> dense(32) |> head"),
    "layers": ("pi = obs |> mlp(hidden=[64, 64]) |> head", "pi = obs |> mlp(hidden=[64, 64, 64]) |> head"),
    "number": ("pi = head(2 * obs)", "pi = head(\n  -2.5 * obs\n)"),
    "bits": ("pi = head(obs * 0.0)", "pi = head(obs * -0.0)"),
    "left_out": (
        "encoder e = mlp(obs)\npi = head(e)\nv = head(detach(e))",
        "encoder e = mlp(obs)\npi = head(e)\nv = head(e)",
    ),
    "operands": (
        "a = tanh(obs)\nb = relu(obs)\npi = head(concat(a, b))",
        "a = tanh(obs)\nb = relu(obs)\npi = head(concat(a, b, a))",
    ),
    "operand_order": (
        "a = tanh(obs)\nb = relu(obs)\npi = head(a - b)",
        "a = tanh(obs)\nb = relu(obs)\npi = head(b - a)",
    ),
    "input": ("pi = head(obs)\nv = head(next_obs)", "pi = head(obs)\nv = head(obs)"),
    "input_type": (
        "input goal: f32[3]\npi = head(concat(obs, goal))",
        "input goal: f32[5]\npi = head(concat(obs, goal))",
    ),
    "output": ("e = mlp(obs)\npi = head(e)\nv = head(e)", "pi = head(mlp(obs))\nq = head(obs)"),
    "loss": ("e = mlp(obs)\npi = head(e)\nloss small = 0.1 * mean(square(e))", "pi = head(mlp(obs))"),
    "roles": (
        "output left: q = head(obs)\noutput right: q = head(tanh(obs))",
        "q = head(obs)",
    ),
    "shared_here": (
        "encoder f(x) = mlp(x)\npi = head(f(obs))\nv = head(f(next_obs))",
        "encoder f(x) = mlp(x)\npi = head(f(obs))\nencoder g(x) = mlp(x)\nv = head(g(next_obs))",
    ),
    "shared_there": (
        "pi = head(mlp(obs))\nv = head(mlp(obs))",
        "encoder e = mlp(obs)\npi = head(e)\nv = head(e)",
    ),
    "shared_otherwise": (
        "encoder f(x) = dense(x, 8)\nencoder g(x) = tanh(x) |> dense(8)\npi = head(f(obs) + g(obs))",
        "encoder f(x) = dense(x, 8)\npi = head(f(obs) + f(tanh(obs)))",
    ),
    "crossed": (
        f"{TWO_MODULES}pi = head(f(obs) + g(obs))\nv = head(f(next_obs))",
        f"{TWO_MODULES}pi = head(f(obs) + g(obs))\nv = head(g(next_obs))",
    ),
    "draws": (
        "h = dropout(obs, 0.1)\npi = head(h)\nv = head(h)",
        "pi = head(dropout(obs, 0.1))\nv = head(dropout(obs, 0.1))",
    ),
    "other_draw": (
        "a = dropout(obs, 0.1)\nb = dropout(obs, 0.1)\npi = head(a)\nv = head(b)\noutput pi, v, mine = a",
        "a = dropout(obs, 0.1)\nb = dropout(obs, 0.1)\npi = head(a)\nv = head(b)\noutput pi, v, mine = b",
    ),
    "updates": (
        "encoder n(x) = batch_norm(x)\npi = head(n(obs))\nv = head(n(obs))",
        "encoder n(x) = batch_norm(x)\nh = n(obs)\npi = head(h)\nv = head(h)",
    ),
    "statistics": (
        "encoder n(x) = batch_norm(x)\na = n(obs)\nb = n(tanh(obs))\npi = head(a)\nv = head(b)",
        "encoder n(x) = batch_norm(x)\nb = n(tanh(obs))\na = n(obs)\npi = head(a)\nv = head(b)",
    ),
    "state": ("h = lstm(obs, 8)\npi = head(h)", "memory_of = lstm(obs, 8)\npi = head(memory_of)"),
    "definition": (
        "def block(x) = x |> dense(8) |> relu\npi = obs |> block |> block |> head",
        "def block(x) = x |> dense(8) |> relu |> layer_norm\npi = obs |> block |> block |> head",
    ),
}  # fmt: skip
"""Other functions; each name is that of a golden text."""
