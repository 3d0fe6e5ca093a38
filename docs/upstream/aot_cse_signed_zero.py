"""torch 2.13, CPU: `torch.compile` with gradients merges two ops that differ only in the sign of a zero.

The common-subexpression elimination of AOT's joint graph (torch/_functorch/compile_utils.py, `fx_graph_cse`)
compares the arguments of two calls by Python's `==`, for which `0.0 == -0.0`. So `x * 0.0` stands for
`x * -0.0` as well, and what reads the sign of the zero is wrong: this prints that `b` is [-inf] in eager mode
and [inf] compiled. The same with `x + 0.0`, `x - 0.0`, `0.0 - x`, `0.0 / x`, `copysign`, `clamp`, `where`,
`leaky_relu`. Without gradients there is no joint graph, and nothing is merged; `torch.export` does not merge.

A spec can say it: `output a = 1 / (obs * 0.0), b = 1 / (obs * -0.0)`, where the emitted module is compiled
and trained. See docs/semantics.md, "Computations: identity follows".
"""

import torch


def f(x: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    return 1 / (x * 0.0), 1 / (x * -0.0)


x = torch.ones(1, requires_grad=True)
for name, function in (("eager", f), ("compiled", torch.compile(f, backend="aot_eager", fullgraph=True))):
    a, b = function(x)
    print(f"{name}: a = {a.tolist()}, b = {b.tolist()}")
