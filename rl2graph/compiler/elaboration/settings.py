"""What annotations say of the weights below a binding."""

from __future__ import annotations

from dataclasses import dataclass, replace

from rl2graph.diagnostics import Span
from rl2graph.ir.graph import Load, Owner
from rl2graph.ir.op import Init, Weight


@dataclass(frozen=True, slots=True)
class Settings:
    """`@frozen`, `@lr`, `@init` and `@load`, as far as they are given; `base` is the path of the binding that
    `load` stands before, `frozen_at` the place of `@frozen`.
    """

    frozen: bool = False
    learning_rate: float | None = None
    init: Init | None = None
    load: Load | None = None
    base: str = ""
    frozen_at: Span | None = None

    def of(self, owner: Owner) -> Owner:
        """The owner, treated as these settings say."""
        weights = owner.weights
        if self.init is not None:
            init = self.init
            weights = tuple(replace(w, init=init) if _is_drawn(owner, w) else w for w in weights)
        load = self.load
        if load is not None:
            key = (load.key + owner.path.removeprefix(self.base)).lstrip(".")
            load = Load(load.file, key, load.span)
        return Owner(owner.path, owner.op, weights, self.frozen, self.learning_rate, load)


def _is_drawn(owner: Owner, weight: Weight) -> bool:
    """Whether `@init` is about a tensor: not about biases, scales and statistics, which start at a number."""
    if weight.buffer:
        return False
    return owner.op == "parameter" or (len(weight.shape) > 1 and weight.init.rule != "constant")


NO_SETTINGS = Settings()
