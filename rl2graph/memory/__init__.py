"""What agents learn from: buffers of experience (NumPy alone)."""

from rl2graph.memory.rollout import RolloutMemory

__all__ = ["RolloutMemory"]
