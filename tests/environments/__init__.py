"""Small environments that tests and benchmarks learn in; importing this registers them.

rl2graph train SPEC --env tests.environments:HiddenVelocityCartPole-v1
"""

from gymnasium import register

register(
    "HiddenVelocityCartPole-v1",
    "tests.environments.hidden_velocity:make",
    max_episode_steps=500,
)
for name in ("Dials", "Lookout", "Maze", "Crane"):
    register(f"{name}-v0", f"tests.environments.small:{name}")
