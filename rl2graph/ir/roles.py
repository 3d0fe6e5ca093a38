"""What an output can be to an algorithm."""

from __future__ import annotations

ROLES: dict[str, str] = {
    "pi": "a policy: the parameters of a distribution over actions",
    "v": "the value of a state",
    "q": "the value of actions in a state",
    "q1": "the first of two critics",
    "q2": "the second of two critics",
    "mu": "a deterministic action",
    "aux": "for the user's own code only",
}
