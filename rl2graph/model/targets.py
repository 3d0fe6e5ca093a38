"""Target networks: a second version of a model's weights."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

import torch
from torch import Tensor, nn

from rl2graph.ir.graph import Owner
from rl2graph.model.holders import holder

if TYPE_CHECKING:
    from rl2graph.model.compiled import CompiledModel


class TargetWeights(nn.Module):
    """The version `target` of the weights that entries read: one clone of each owner, sharing kept.

    An owner is cloned when the first entry is made that reads its target, with its statistics; all entries
    read that clone. Its tensors are buffers: no gradient reaches them, and no optimiser finds them. Keys are
    the model's. It is no part of the model's `state_dict`: who owns the targets, an agent, saves them.
    """

    def __init__(self, model: CompiledModel) -> None:
        super().__init__()
        self._online = (model,)  # in a tuple, or the model would be a part of this module
        self._statistics: set[str] = set()

    def add(self, owners: Iterable[Owner]) -> None:
        """Clone what is not cloned yet, as the online weights are now."""
        for owner in owners:
            source = self._online[0].get_submodule(owner.path)
            module = holder(self, owner.path)
            for weight in owner.weights:
                if weight.name not in module._buffers:
                    online: Tensor = getattr(source, weight.name)
                    with torch.inference_mode(False):
                        module.register_buffer(weight.name, online.detach().clone())
                    if weight.buffer:
                        self._statistics.add(f"{owner.path}.{weight.name}")

    def load_state_dict(
        self, state_dict: Mapping[str, Any], strict: bool = True, assign: bool = False
    ) -> Any:
        """As `torch.nn.Module.load_state_dict`; owners that no entry has asked for yet are cloned first."""
        model = self._online[0]
        loaded = {key.rpartition(".")[0] for key in state_dict}
        self.add(owner for owner in model.graph.owners if owner.path in loaded)
        result = super().load_state_dict(state_dict, strict, assign)
        model._reattach()
        return result

    @torch.no_grad()
    def update(self, tau: float = 1.0) -> None:
        """Move to the online weights: `target = (1 - tau) * target + tau * online` (Polyak averaging).

        Statistics are taken over as they are. An owner moves once, whichever entries read it.

        Raises:
            ValueError: a tau that is not in [0, 1].
        """
        if not 0 <= tau <= 1:
            raise ValueError(f"tau is between 0 and 1, not {tau}")
        online = self._online_tensors()
        mine = dict(self.named_buffers())
        moved = [key for key in mine if key not in self._statistics]
        if moved:
            torch._foreach_lerp_([mine[key] for key in moved], [online[key] for key in moved], tau)
        for key in self._statistics:
            mine[key].copy_(online[key])

    def _online_tensors(self) -> dict[str, Tensor]:
        """The online weights, by key; a parametrised one as it is used."""
        found = {}
        for key in dict(self.named_buffers()):
            path, _, name = key.rpartition(".")
            found[key] = getattr(self._online[0].get_submodule(path), name).detach()
        return found

    def __reduce__(self) -> tuple[Any, ...]:
        """They are those of their model, of a copy of it in a copy."""
        return _of, self._online


def _of(model: CompiledModel) -> TargetWeights:
    return model.target_weights
