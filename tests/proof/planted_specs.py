"""Specs in which mistakes show: small, each about one thing that a compiler can get wrong."""

from __future__ import annotations

from rl2graph.spaces import Discrete, Image, Record, Space, Vector, unbounded
from rl2graph.testing.generation.programs import Program
from tests.proof.sources import program_of

FOUR = Vector((4,))
TEXTS: dict[str, tuple[str, Space]] = {
    "sharing": (
        "encoder f(x) = dense(x, 4) |> tanh; t = tanh(obs); u = tanh(obs); "
        "output a = f(obs), b = f(obs), c = f(t), t, u, d = relu(f(u))",
        FOUR,
    ),
    "twins": ("q1 = dense(obs, 3) |> relu; q2 = dense(obs, 3) |> relu; output q1, q2", FOUR),
    "zeros": (
        "output a = obs + 0.0, b = obs - 0.0, c = obs + -0.0, d = 0.0 - obs, e = obs - -0.0, f = obs * 0.0,"
        " g = obs * 1.0, h = 1.0 / obs, i = obs / 3.0, j = (obs + 0.1) + 0.7, k = obs + 0.1234567,"
        " l = obs + 0.1234568, m = 1.0 - obs, n = clip(obs, 0.0, 1), o = clip(obs, -0.0, 1), p = obs + 0.1",
        FOUR,
    ),
    "order": (
        "t = tanh(obs); output a = obs + t, b = t + obs, c = obs - t, d = t - obs, e = minimum(obs, t),"
        " f = minimum(t, obs), g = concat(t, obs), h = concat(obs, t), i = concat(t, t), j = concat(t, t, t)",
        FOUR,
    ),
    "attributes": (
        "m = reshape(obs, [2, 2]); output a = elu(obs, 1.0), b = elu(obs, 2.5), c = elu(obs, 2.0),"
        " d = leaky_relu(obs, 0.2), e = leaky_relu(obs, 0.1), f = clip(obs, -1, 1), g = clip(obs, -1, 0.5),"
        " h = sum(m, axis=0), i = sum(m, axis=1), j = sum(m, axis=0, keepdim=true), k = relu(obs),"
        " l = slice(obs, 1, stop=-1), n = select(obs, -1), o = select(obs, 1), p = softmax(m, axis=0)",
        FOUR,
    ),
    "axes": (
        "output a = softmax(obs, axis=0), b = sum(obs, axis=0), c = mean(obs, axis=1), d = unsqueeze(obs, 0),"
        " e = unsqueeze(obs, 2), f = stack(obs, obs, axis=1), g = permute(obs, [1, 0]),"
        " h = reshape(obs, [3, -1]), i = pad(obs, [1, 0, 0, 0]), j = pad(obs, [0, 0, 1, 0]),"
        " k = slice(obs, 1, stop=-1), l = concat(obs, obs, axis=0), n = flatten(obs), "
        " o = pad(obs, [1, 0, 0, 2]), p = softmax(obs, axis=-2)",
        Vector((2, 3)),
    ),
    "square": ("output a = permute(obs, [1, 0]), b = permute(obs, [0, 1]) |> tanh, c = softmax(obs, axis=0)",
               Vector((3, 3))),
    "cube": ("output a = permute(obs, [1, 2, 0]), b = permute(obs, [0, 2, 1])", Vector((2, 3, 4))),
    "twice": (
        "r = relu(obs); output a = relu(r), b = relu(detach(r)), c = sign(r), d = abs(r),"
        " e = clip(clip(obs, 0, 1), 0, 0.5),"
        " f = clip(clip(obs, 0, 1), 2, 3), g = tanh(tanh(obs)), h = neg(neg(obs)), i = exp(log(obs)),"
        " j = detach(detach(obs)) + obs, k = relu(r * 1.0)",
        FOUR,
    ),
    "gradients": (
        "encoder f(x) = dense(x, 4); e = f(obs); d = detach(e); output a = tanh(e), b = tanh(d),"
        " c = scale_grad(e, 0.5) |> tanh,"
        " g = f(e), h = f(d), i = relu(detach(relu(e)))",
        FOUR,
    ),
    "noise": (
        "e = dense(obs, 4); output a = dropout(e, 0.5), b = dropout(e, 0.5), c = dropout(e, 0.0),"
        " d = noise(e, std=0.5), f = noise(obs, std=0.5), g = dropout(obs)",
        FOUR,
    ),
    "statistics": (
        "encoder f(x) = batch_norm(x); encoder g(x) = running_norm(x); "
        "output a = f(obs), b = f(obs), c = f(tanh(obs)), d = g(obs), e = g(obs), h = f(dropout(c))",
        FOUR,
    ),
    "states": (
        "encoder f(x) = gru(x, 3); t = tanh(obs); output a = f(obs), b = f(obs), c = f(t),"
        " d = frame_stack(obs, 1), e = lstm(obs, 2), g = memory(obs, 1), h = memory(t, 2)",
        FOUR,
    ),
    "copies": (
        "t = tanh(obs); output a = flatten(t), b = reshape(obs, [4]), c = concat(obs), d = slice(obs, 0),"
        " e = slice(obs, 0, stop=2), f = cast(cast(obs, \"i64\"), \"f32\"),"
        " g = reshape(obs, [2, 2]), h = flatten(flatten(t))",
        FOUR,
    ),
    "losses": (
        "e = dense(obs, 4); pi = dense(e, 2); loss aux = 0.1 * mse(dense(e, 4), detach(obs)); output pi",
        FOUR,
    ),
    "parameters": (
        "p = parameter([4], value=1.0); q = parameter([4], value=1.0); "
        "output a = obs * p, b = obs * q, c = p - q",
        FOUR,
    ),
    "windows": (
        "output a = max_pool2d(obs, 2), b = max_pool2d(obs, 2, stride=2), c = max_pool2d(obs, 2, stride=1)",
        Image((2, 4, 6)),
    ),
    "layers": ("h = dense(obs, 4); output a = relu(h), b = h * 2.0, c = tanh(h), d = relu(tanh(h))", FOUR),
    "parts": (
        "output a = tanh(obs.left), b = tanh(obs.right), c = tanh(obs.left) - obs.right",
        Record((("left", FOUR), ("right", FOUR))),
    ),
    "discrete": ("output a = dense(obs, 3), b = dense(concat(obs, act), 3)", Discrete(3)),
}  # fmt: skip

RANDOM = (1, 2, 3, 9, 10)
"""Seeds of random programs beside them."""


def programs() -> dict[str, Program]:
    """The specs, and some random programs, by name."""
    found = {name: Program(text, space, unbounded((2,))) for name, (text, space) in TEXTS.items()}
    return found | {f"random program {seed}": program_of(seed) for seed in RANDOM}
