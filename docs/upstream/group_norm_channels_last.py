"""torch 2.13, CPU: the backward pass of group_norm crashes the process (a segmentation fault) where the input
is channels-last in memory and needs no gradient, as a transposed image observation is.

With `x.contiguous()`, or where `x` requires a gradient, it works. Found by the random programs of
tests/backend/test_emission.py; emitted code asks for a contiguous operand (rl2graph/ir/ops/normalisation.py).
"""

import torch

x = torch.randn(3, 8, 8, 3).movedim(-1, -3)
weight = torch.ones(3, requires_grad=True)
bias = torch.zeros(3, requires_grad=True)
torch.nn.functional.group_norm(x, 1, weight, bias).sum().backward()
