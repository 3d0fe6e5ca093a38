"""A compiled model is a plain nn.Module: plug it into a loop of your own.

Here: a few steps of supervised learning with gradients for the encoder and the policy alone.

    python examples/own_training_loop.py
"""

import torch

import rl2graph

model = rl2graph.compile("encoder e = mlp(obs); pi = head(e); v = head(detach(e))", env="CartPole-v1", seed=1)
print(model.source)  # readable, and usable without rl2graph
print([name for name, _ in model.named_parameters()])

policy = model.entry(["pi"])  # a module of its own over the same Parameters
optimiser = torch.optim.Adam(policy.parameters(), lr=1e-2)
observations = torch.randn(256, 4, generator=torch.Generator().manual_seed(0))
actions = (observations[:, 2] > 0).long()
for step in range(30):
    loss = torch.nn.functional.cross_entropy(policy(observations)["pi"], actions)
    optimiser.zero_grad()
    loss.backward()
    optimiser.step()
    if step % 10 == 9:
        print(f"step {step + 1}: loss {loss.item():.3f}")
assert model.v.weight.grad is None
