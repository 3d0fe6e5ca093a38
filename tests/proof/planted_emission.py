"""Wrong code: mistakes between a graph and the torch that is emitted for it."""

from __future__ import annotations

from dataclasses import replace

from rl2graph.backend import forward, naming
from rl2graph.backend.forward import _Forward
from rl2graph.ir.graph import TARGET
from rl2graph.ir.ops.text import call
from rl2graph.ir.table import OPS
from tests.proof.planted_means import claiming, near_entries, near_runs


@near_runs
def relu_in_place(patch):
    """An activation saves memory by writing over its operand, which others read."""
    claiming(patch, "relu", emit=lambda e: f"F.relu({e.operands[0]}, inplace=True)")


@near_runs
def relu_in_place_after_a_layer(patch):
    """In place where the operand is no input: `dense` is read by its other users after it was changed."""
    emit = OPS["relu"].emit
    claiming(patch, "relu", emit=lambda e: f"{e.operands[0]}.relu_()" if e.operands[0] != "obs" else emit(e))


@near_entries
def targets_read_online(patch):
    """The version is in the graph, and the code reads `self`."""
    weights = _Forward._weights
    patch.setattr(_Forward, "_weights", lambda self, node: weights(self, replace(node, version="online")))


@near_entries
def online_reads_targets(patch):
    """Where an entry has targets, every node reads them."""
    weights = _Forward._weights

    def mixed(self, node):
        targets = any(known.version == TARGET for known in self.graph.nodes)
        both = {known.owner for known in self.graph.nodes if known.version == TARGET}
        return weights(self, replace(node, version=TARGET) if targets and node.owner in both else node)

    patch.setattr(_Forward, "_weights", mixed)


@near_runs
def the_first_state_in_the_list(patch):
    """Every recurrent layer is given the state of the first."""
    text = _Forward._expression

    def first(self, node):
        written = text(self, node)
        slots = [known.slot for known in self.graph.nodes if known.slot and known.op == node.op]
        return written.replace(f'state["{node.slot}.', f'state["{slots[0]}.') if node.slot else written

    patch.setattr(_Forward, "_expression", first)


@near_runs
def the_first_noise_in_the_list(patch):
    """Every random op is given the noise of the first."""
    text = _Forward._expression

    def first(self, node):
        written = text(self, node)
        slots = [known.slot for known in self.graph.nodes if known.slot and known.op == node.op]
        return written.replace(f'noise["{node.slot}.', f'noise["{slots[0]}.') if node.slot else written

    patch.setattr(_Forward, "_expression", first)


@near_runs
def statistics_as_they_were(patch):
    """The second evaluation reads statistics as they were before the first: one update is lost."""
    weights = _Forward._weights

    def stale(self, node):
        known, self.statistics = self.statistics, {}
        read = weights(self, node)
        self.statistics = known
        return read

    patch.setattr(_Forward, "_weights", stale)


@near_runs
def statistics_given_back_as_they_were(patch):
    """What an entry gives are the buffers, not what they become."""
    lines = _Forward.lines

    def before(self):
        self.statistics = {key: f"self.{key}" for key in self.statistics}
        return lines(self)

    patch.setattr(_Forward, "lines", before)


@near_entries
def resets_are_forgotten(patch):
    """The state is carried over the end of an episode."""
    text = _Forward._expression
    patch.setattr(_Forward, "_expression", lambda self, node: text(self, node).replace("resets", "None"))


@near_runs
def the_number_last(patch):
    """A number is written on the right of its sign: `1.0 - x` is `x - 1.0`."""
    emit = OPS["sub"].emit
    turned = lambda e: replace(e, operands=e.operands[::-1], literals=(False, True), types=e.types[::-1])  # noqa: E731
    claiming(patch, "sub", emit=lambda e: emit(turned(e) if e.literals[0] else e))


@near_runs
def numbers_of_six_digits_in_code(patch):
    """A number is written as messages show it."""
    claiming(patch, "constant", emit=lambda e: f"{e.attributes['value']:g}")


@near_runs
def numbers_without_their_sign(patch):
    """A zero is written as `0`: -0.0 has no sign then."""
    claiming(patch, "constant", emit=lambda e: repr(e.attributes["value"] + 0.0))


@near_runs
def two_values_of_one_name(patch):
    """A value is called after its owner's last name, and the second of two is the first."""
    names = naming.value_names
    patch.setattr(
        forward, "value_names", lambda graph: [name.rstrip("0123456789").rstrip("_") for name in names(graph)]
    )


@near_runs
def axes_from_the_front(patch):
    """An axis is torch's `dim` as it stands: with a batch in front, the batch."""
    claiming(patch, "concat", emit=lambda e: call("torch.cat", f"({', '.join(e.operands)},)", dim_of(e)))


def dim_of(e):
    return f"dim={e.attributes['axis'] % len(e.types[0].axes)}"


@near_runs
def weights_detached(patch):
    """Weights are read as data, which nothing trains."""
    weights = _Forward._weights

    def data(self, node):
        return {name: f"{text}.detach()" for name, text in weights(self, node).items()}

    patch.setattr(_Forward, "_weights", data)


@near_runs
def another_default(patch):
    """An attribute that is at its default is left out, and torch's default is another."""
    claiming(patch, "leaky_relu", emit=lambda e: f"F.leaky_relu({e.operands[0]})")


@near_runs
def dropout_unscaled(patch):
    """What is kept is not scaled up: the mean of a layer hangs on the mode."""
    text = OPS["dropout"].helpers[0].replace("x / (1 - p)", "x")
    claiming(patch, "dropout", helpers=(text,))
