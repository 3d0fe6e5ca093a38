"""Random programs in which nearly all may be merged, or only looks so: every value is a vector of four."""

from __future__ import annotations

from random import Random

from rl2graph.spaces import Discrete, Vector, unbounded
from rl2graph.testing.generation.programs import Program

BODIES = (
    "dense(x, 4)", "dense(x, 4) |> tanh", "noisy_dense(x, 4)", "lstm(x, 4)", "gru(x, 4)", "batch_norm(x)",
    "running_norm(x)", "layer_norm(x)", "x + parameter([4])", "frame_stack(x, 1) |> flatten",
    "dense(x, 4) |> dropout(0.3)", "memory(x, 2) |> sum(axis=0)", "dense(obs, 4) - x",
)  # fmt: skip

CALLS = (
    "tanh({x})", "relu({x})", "relu(relu({x}))", "abs({x})", "detach({x})", "scale_grad({x}, 0.5)",
    "softmax({x}, axis=0)", "softmax({x}, axis=-1)", "softmax({x})", "clip({x}, -1, 1)",
    "clip({x}, -1.0, 1.0)", "clip({x}, 0.0, 1)", "clip({x}, -0.0, 1)", "leaky_relu({x}, 0.0)",
    "leaky_relu({x}, -0.0)", "sigmoid({x})", "dropout({x}, 0.5)", "dropout({x}, 0.0)", "noise({x}, std=0.5)",
    "lstm({x}, 4)", "dense({x}, 4)", "batch_norm({x})",
)  # fmt: skip

SAME = (
    "{x} * 1.0", "1 * {x}", "{x} / 1.0", "{x} - 0.0", "{x} + -0.0", "-0.0 + {x}", "flatten({x})",
    "reshape({x}, [4])", "reshape({x}, [-1])", "concat({x})", "slice({x}, 0)", "slice({x}, -4, stop=4)",
    "pad({x}, [0, 0])", "permute({x}, [0])", "permute({x}, [-1])", "repeat({x}, 1)",
    "reshape({x}, [2, 2]) |> flatten",
    "stack({x}) |> select(0)", "unsqueeze({x}, 0) |> squeeze(0)", "unsqueeze({x}, 1) |> squeeze(-1)",
)  # fmt: skip
"""They give what they are given, some of them by a law."""

ALMOST = (
    "{x} + 0.0",
    "0.0 + {x}",
    "{x} - -0.0",
    "0.0 - {x}",
    "-0.0 - {x}",
    "{x} * 0.0",
    "{x} * -0.0",
    "1.0 - {x}",
)
"""Near misses of those."""

PAIRS = ("{x} + {y}", "{y} + {x}", "{x} - {y}", "{x} * {y}", "minimum({x}, {y})", "maximum({y}, {x})")


def sharing_program(seed: int) -> Program:
    """The program of a seed."""
    random = Random(seed)
    modules = [f"f{number}" for number in range(random.randint(1, 4))]
    lines = [f"module {name}(x) = {random.choice(BODIES)}" for name in modules]
    if random.random() < 0.3:
        lines.append(
            f"def g(x) {{ module k(a) = {random.choice(BODIES)}; return k(x) - k({random.choice('x1')}) }}"
        )
        lines[-1] = lines[-1].replace("k(1)", "k(tanh(x))")
        modules.append("g")
    names, expressions = ["obs", "act"], []
    for number in range(random.randint(3, 16)):
        again = expressions and random.random() < 0.2
        expressions.append(random.choice(expressions) if again else _expression(random, modules, names))
        lines.append(f"n{number} = {expressions[-1]}")
        names.append(f"n{number}")
    bound = names[2:]
    chosen = sorted({*random.sample(bound, random.randint(1, min(4, len(bound)))), bound[-1]})
    lines.append(f"output {', '.join(chosen)}")
    return Program("\n".join(lines) + "\n", Vector((4,)), random.choice((unbounded((4,)), Discrete(4))))


def _expression(random: Random, modules: list[str], names: list[str]) -> str:
    x, y = (random.choice([*names, *names[-4:]]) for _ in range(2))
    roll = random.random()
    if roll < 0.35:
        text = f"{random.choice(modules)}({x})"
    else:
        kind = PAIRS if roll < 0.5 else SAME if roll < 0.65 else ALMOST if roll < 0.75 else CALLS
        text = random.choice(kind).format(x=x, y=y)
    if random.random() < 0.2:
        text = f"{random.choice(modules)}({text})"
    return text
