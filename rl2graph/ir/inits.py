"""The rules by which weights start, each with one number."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class InitRule:
    """`number` names the rule's one number; `source` is the paper or torch function that it follows."""

    name: str
    number: str
    default: float
    source: str


INITS = {
    rule.name: rule
    for rule in (
        InitRule("orthogonal", "gain", 1.0, "Saxe et al. 2014"),
        InitRule("xavier_uniform", "gain", 1.0, "Glorot and Bengio 2010, equation 16"),
        InitRule("kaiming_uniform", "gain", 2.0**0.5, "He et al. 2015, over the inputs"),
        InitRule("normal", "std", 0.01, "torch.nn.init.normal_ around 0"),
        InitRule("uniform", "bound", 0.003, "torch.nn.init.uniform_ within the bound"),
        InitRule("constant", "value", 0.0, "torch.nn.init.constant_"),
    )
}
"""By name, as `@init(orthogonal, gain=0.5)` takes them. Biases are left at their own start."""
