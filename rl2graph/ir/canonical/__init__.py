"""When two graphs are one function: a walk of both at once, and a text of each that says the same.

Neither searches. Operands are ordered, duplicates have one number, and outputs are known by their roles, so
that each node of one graph has one place in the other where it must be found.
"""

from rl2graph.ir.canonical.form import canonical_form, function_digest, training_digest, training_form
from rl2graph.ir.canonical.matching import match
from rl2graph.ir.canonical.mismatch import Equivalence, Kind, Mismatch, Place

__all__ = [
    "Equivalence",
    "Kind",
    "Mismatch",
    "Place",
    "canonical_form",
    "function_digest",
    "match",
    "training_digest",
    "training_form",
]
