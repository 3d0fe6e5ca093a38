"""How often weights are used at run time."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import Any

import torch
from torch import Tensor
from torch.utils._python_dispatch import TorchDispatchMode


class WeightedOps(TorchDispatchMode):  # type: ignore[no-untyped-call]
    """Counts the torch ops that compute something from weights, by name; views of weights count nothing.

    Attributes:
        counts: how often each was dispatched.
    """

    def __init__(self, weights: Iterable[Tensor]) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self.counts: Counter[str] = Counter()
        self._storages = {weight.untyped_storage().data_ptr() for weight in weights if weight.numel()}

    def __torch_dispatch__(
        self, func: Any, types: Any, args: tuple[Any, ...] = (), kwargs: dict[str, Any] | None = None
    ) -> Any:
        result = func(*args, **(kwargs or {}))
        if self._reads((*args, *(kwargs or {}).values())) and not self._reads((result,)):
            self.counts[str(func)] += 1
        return result

    def _reads(self, values: Iterable[Any]) -> bool:
        for value in values:
            if isinstance(value, Tensor) and value.numel():
                if value.untyped_storage().data_ptr() in self._storages:
                    return True
            elif isinstance(value, tuple | list) and self._reads(value):
                return True
        return False


def weighted_ops(weights: Iterable[Tensor], run: Any) -> tuple[Any, Counter[str]]:
    """What `run()` gives without gradients, and the ops that it dispatched on weights."""
    with torch.no_grad(), WeightedOps(weights) as counted:
        result = run()
    return result, counted.counts
