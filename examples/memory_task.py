"""A recurrent model in a loop of one's own: remember the first observation, and name it ten steps later.

The model is trained on sequences `[T, B, …]` with resets in them, and then asked step by step.
"""

import torch
import torch.nn.functional as F

import rl2graph
from rl2graph.spaces import Discrete, Vector

STEPS, EPISODES, BATCH, CHOICES = 10, 2, 32, 4

SPEC = """
h = obs |> dense(32) |> relu |> gru(32)
pi = head(h)
"""


def sequences(generator):
    """Observations and answers of two episodes in a row, and where the second begins."""
    answers = torch.randint(CHOICES, (EPISODES, BATCH), generator=generator)
    obs = torch.zeros(EPISODES * STEPS, BATCH, CHOICES)
    resets = torch.zeros(EPISODES * STEPS, BATCH, dtype=torch.bool)
    for episode in range(EPISODES):
        obs[episode * STEPS] = F.one_hot(answers[episode], CHOICES).float()
        resets[episode * STEPS] = True
    return obs, resets, answers


def main():
    torch.set_num_threads(1)
    model = rl2graph.compile(SPEC, observation_space=Vector((CHOICES,)), action_space=Discrete(CHOICES))
    policy = model.entry(["pi"])
    optimiser = torch.optim.Adam(model.parameters(), lr=3e-3)
    generator = torch.Generator().manual_seed(0)
    for update in range(301):
        obs, resets, answers = sequences(generator)
        logits = policy(obs, resets=resets)["pi"][STEPS - 1 :: STEPS]  # of the last step of each episode
        loss = F.cross_entropy(logits.flatten(0, 1), answers.flatten())
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
        if update % 100 == 0:
            print(f"update {update}: loss {loss.item():.3f}")

    obs, _, answers = sequences(generator)
    state = policy.initial_state(BATCH)
    with torch.no_grad():
        for step in range(STEPS):
            out = policy(obs[step], state=state)
            state = out["state"]
    right = (out["pi"].argmax(-1) == answers[0]).float().mean()
    print(f"right after {STEPS} steps, one by one: {right:.0%}")


if __name__ == "__main__":
    main()
