"""Wrong training: targets that move wrongly, and gradients that reach too much or too little."""

from __future__ import annotations

import torch

from rl2graph.backend.forward import _Forward
from rl2graph.model import programs
from rl2graph.model.targets import TargetWeights
from tests.proof.planted_means import near_entries


@near_entries
def targets_made_anew(patch):
    """A new entry clones the weights again: the targets of all others start afresh, or are left behind."""

    add = TargetWeights.add

    def anew(self, owners):
        known = list(owners)
        for owner in known:
            self._modules.pop(owner.path.split(".")[0], None)
        add(self, known)

    patch.setattr(TargetWeights, "add", anew)


@near_entries
def targets_move_once_for_each_reader(patch):
    """Polyak averaging runs over heads, and moves a shared encoder once for each of them."""
    update = TargetWeights.update

    @torch.no_grad()
    def each(self, tau=1.0):
        update(self, tau)
        update(self, tau)

    patch.setattr(TargetWeights, "update", each)


@near_entries
def targets_forget_statistics(patch):
    """Polyak averaging is over parameters, and statistics are none: they are averaged as weights are."""
    add = TargetWeights.add

    def weights_alone(self, owners):
        add(self, owners)
        self._statistics.clear()

    patch.setattr(TargetWeights, "add", weights_alone)


@near_entries
def gradients_to_all(patch):
    """`train=` is checked and then forgotten: the actor's loss trains the critic."""
    emit = programs.emit_entry
    patch.setattr(programs, "emit_entry", lambda graph, name, train: emit(graph, name, None))


@near_entries
def gradients_to_the_others(patch):
    """`train=` names what is detached."""
    emit = programs.emit_entry

    def others(graph, name, train):
        rest = None if train is None else {owner.path for owner in graph.owners} - train
        return emit(graph, name, rest)

    patch.setattr(programs, "emit_entry", others)


@near_entries
def gradients_stop_at_what_is_not_trained(patch):
    """The value of a layer that is not trained is detached, and not its weights: no gradient gets through."""
    text = _Forward._expression

    def stopped(self, node):
        written = text(self, node)
        still = node.owner is not None and self.train is not None and node.owner not in self.train
        return f"({written.replace('.detach()', '')}).detach()" if still else written

    patch.setattr(_Forward, "_expression", stopped)


@near_entries
def prefixes_as_paths(patch):
    """`train=["q1"]` trains what starts so: `q10` as well."""
    patch.setattr(
        programs,
        "owners_below",
        lambda graph, paths: frozenset(o.path for o in graph.owners if o.path.startswith(tuple(paths))),
    )
