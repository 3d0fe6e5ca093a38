"""Wrong entry points: inputs that stand for the wrong thing, versions and copies that get mixed up."""

from __future__ import annotations

from dataclasses import replace

from rl2graph.compiler.entries import compose as composing
from rl2graph.compiler.entries.compose import _Composer, _World
from rl2graph.compiler.entries.inputs import Inputs
from rl2graph.compiler.entries.terms import Apply, Call, Frozen, Number
from rl2graph.ir.graph import ONLINE, Output
from rl2graph.model import programs
from tests.proof.planted_means import near_entries


@near_entries
def another_input_of_the_type(patch):
    """What is bound takes the place of the first input that has its type."""
    presented = Inputs.presented

    def first(self, name):
        nodes = self._graph.nodes
        type_ = nodes[presented(self, name)].type
        return next(i for i, node in enumerate(nodes) if node.op == "input" and node.type == type_)

    patch.setattr(Inputs, "presented", first)


@near_entries
def bound_in_every_world(patch):
    """An inner call takes over what is bound outside: `Q(s', a)` reads `mu(s)` too."""
    value = _Composer.value

    def leaking(self, term, world):
        if isinstance(term, Call) and world.bind:
            term = replace(term, bind={**world.bind, **term.bind})
        return value(self, term, world)

    patch.setattr(_Composer, "value", leaking)
    patch.setattr(_World, "refuse_unused", lambda self: None)


@near_entries
def the_last_layer_alone_is_a_target(patch):
    """The version is that of the output's own node; the encoder below it is read online."""
    copy = _Composer._copy

    def shallow(self, index, new, version):
        roots = {output.node for output in self._spec.outputs}
        return copy(self, index, new, version if index in roots else ONLINE)

    patch.setattr(_Composer, "_copy", shallow)


@near_entries
def the_bound_actor_stays_online(patch):
    """The target of DDPG reads the online actor: what is bound is worked out in the default version."""
    resolve = _Composer._resolve

    def online(self, name, world):
        version, world.version = world.version, ONLINE
        resolve(self, name, world)
        world.version = version

    patch.setattr(_Composer, "_resolve", online)


@near_entries
def a_copy_for_each_output(patch):
    """Each output of an entry is cut out on its own: a shared encoder draws its dropout twice."""
    output = _Composer._output

    def alone(self, name, world):
        self._made.clear()
        return output(self, name, world)

    patch.setattr(_Composer, "_output", alone)


@near_entries
def copies_share_a_state(patch):
    """A copy keeps its slot: the target and the online network carry one state."""
    effects = _Composer._effects
    patch.setattr(_Composer, "_effects", lambda self, node, *more: (effects(self, node, *more)[0], node.slot))


@near_entries
def copies_share_a_call_site(patch):
    """A copy keeps its call site: two evaluations have one number."""
    effects = _Composer._effects
    patch.setattr(
        _Composer, "_effects", lambda self, node, *more: (node.evaluation, effects(self, node, *more)[1])
    )


@near_entries
def targets_move_statistics(patch):
    """A target's batch norm is in training as any other: its batch moves the online statistics."""
    patch.setattr(composing, "STATISTICS", ())


@near_entries
def a_new_name_for_the_same_input(patch):
    """`Input("next_obs")` gives the input of that type that there is: obs."""
    patch.setattr(_Composer, "_renamed", lambda self, index, name: index)


@near_entries
def the_first_part_of_an_input(patch):
    """An input with parts is renamed as far as its first part."""
    nodes = Inputs.nodes
    patch.setattr(Inputs, "nodes", lambda self, name: nodes(self, name)[:1])


@near_entries
def the_first_reader_alone(patch):
    """What is bound reaches the first reader; others go on reading the input."""
    copy = _Composer._copy

    def once(self, index, new, version):
        done = self.__dict__.setdefault("_done", set())
        for operand in self._spec.nodes[index].operands:
            bound = self._spec.nodes[operand].op == "input" and new[operand][0] != operand
            if bound and operand in done:
                new = {**new, operand: (operand, ())}
            done.update([operand] if bound else [])
        return copy(self, index, new, version)

    patch.setattr(_Composer, "_copy", once)


@near_entries
def versions_on_everything(patch):
    """What reads no weights has a version too, and is computed once for each."""

    def copy(self, index, new, version):
        node = self._spec.nodes[index]
        operands = tuple(new[operand][0] for operand in node.operands)
        if operands == node.operands and version == node.version:
            return index, ()
        return self._append(replace(node, operands=operands, version=version), self._provenance[index]), ()

    patch.setattr(_Composer, "_copy", copy)


@near_entries
def outputs_by_their_names(patch):
    """Terms come out of a set, or a sorted dictionary."""
    compose = programs.compose

    def by_name(graph, outputs, *more):
        given = outputs if isinstance(outputs, dict) else {name: name for name in outputs}
        return compose(graph, dict(sorted(given.items())), *more)

    patch.setattr(programs, "compose", by_name)


@near_entries
def outputs_without_roles(patch):
    """An entry's outputs are names and nodes."""
    patch.setattr(composing, "Output", lambda name, role, node: Output(name, None, node))


@near_entries
def entries_without_their_version(patch):
    """Entries are kept by their outputs: whoever asks for the target gets the online one."""

    def key(self):
        bare = [(n, replace(t, version=None) if isinstance(t, Call) else t) for n, t in self.outputs.items()]
        return tuple(bare), Frozen(self.bind), self.train, self.mode

    patch.setattr(programs.Request, "key", property(key))


@near_entries
def entries_without_what_is_bound(patch):
    """Entries are kept by their outputs: `q(obs, act)` is given for `q(obs, mu(obs))`."""
    bare = lambda self: (tuple(self.outputs.items()), self.train, self.mode, self.version)  # noqa: E731
    patch.setattr(programs.Request, "key", property(bare))


@near_entries
def numbers_by_equality(patch):
    """Numbers are kept by their values, and Python says that `mu + 0.0` is `mu + -0.0`."""
    patch.setattr(
        Number, "__eq__", lambda self, other: isinstance(other, Number) and self.value == other.value
    )
    patch.setattr(Number, "__hash__", lambda self: hash(self.value))


@near_entries
def attributes_by_equality(patch):
    """Applications are kept by their attributes, of which -0.0 and 0.0 are equal."""
    patch.setattr(composing, "Frozen", lambda values: tuple(values.items()))


@near_entries
def further_draws_are_the_first(patch):
    """Applications are kept by op, operands and attributes: a second sample of one policy is the first."""
    applied = _Composer._applied

    def first(self, term, operands):
        return applied(self, Apply(term.op, *term.operands, **term.attributes), operands)

    patch.setattr(_Composer, "_applied", first)


@near_entries
def calls_start_online(patch):
    """A call that says no version is online, in a target too."""
    value = _Composer.value

    def online(self, term, world):
        call = isinstance(term, Call) and term.version is None
        return value(self, replace(term, version=ONLINE) if call else term, world)

    patch.setattr(_Composer, "value", online)


@near_entries
def draws_by_the_op(patch):
    """Applications are kept by op and attributes: two samples of two policies are one."""
    applied = _Composer._applied

    def kept(self, term, operands):
        known = self.__dict__.setdefault("_kept", {})
        return known.setdefault((term.op, str(term.attributes)), applied(self, term, operands))

    patch.setattr(_Composer, "_applied", kept)
