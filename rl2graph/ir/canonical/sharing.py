"""Mismatches in words, of what is one thing in one graph and two in the other."""

from __future__ import annotations

from rl2graph.ir.canonical.mismatch import Kind, Mismatch, Place
from rl2graph.ir.canonical.numbering import At, Views
from rl2graph.ir.canonical.pairing import Key, Pairing
from rl2graph.ir.op import Effect


def weights(views: Views, at: At, owners: Pairing[str]) -> Mismatch:
    """Weights that are one set on one side and two on the other."""
    one, other = (str(views[side].node(at[side]).owner) for side in (0, 1))
    if one in owners.forward and other in owners.back:
        meant, taken = owners.forward[one], owners.back[other]
        reason = f"A uses the weights of `{one}` where B uses those of `{other}`"
        if taken != other:
            reason += f", which are `{taken}` in A"
        a = Place(at[0], f"`{one}`"), Place(owners.first[taken][0], f"`{taken}`")
        b = Place(at[1], f"`{other}`"), Place(owners.first[one][1], f"`{meant}`")
        return Mismatch("weights", reason, _apart(a), _apart(b))
    in_a, first = _shared(at, owners, (one, other))
    shared, own = (one, other) if in_a else (other, one)
    two = owners.forward[one] if in_a else owners.back[other]
    has_one, has_two = ("A", "B") if in_a else ("B", "A")
    reason = f"{has_one} has one set of weights, `{shared}`, where {has_two} has two, `{two}` and `{own}`"
    labels = (
        (f"the weights of `{shared}`", "as here"),
        (f"the weights of `{own}`", f"apart from `{two}`"),
    )
    return _of_two("weights", reason, at, first, in_a, labels)


def evaluations(views: Views, at: At, sites: Pairing[int], keys: tuple[int, int]) -> Mismatch:
    """An evaluation that is one on one side and two on the other."""
    node = views[0].node(at[0])
    in_a, first = _shared(at, sites, keys)
    one, two = ("A", "B") if in_a else ("B", "A")
    if keys[0] in sites.forward and keys[1] in sites.back:
        reason = f"of two evaluations of `{node.op}`, A reads one here and B the other"
    else:
        reason = f"{one} reads one evaluation of `{node.op}` in two places, {two} one for each: "
        reason += f"{_WHAT[node.spec.effect]} in {one}, two in {two}"
    labels = ("one evaluation", "as here"), ("another evaluation", "than here")
    return _of_two("evaluation", reason, at, first, in_a, labels)


def noise(views: Views, at: At, slots: Pairing[str], keys: tuple[str, str]) -> Mismatch:
    """Noise that two evaluations share on one side alone."""
    in_a, first = _shared(at, slots, keys)
    one, two = ("A", "B") if in_a else ("B", "A")
    reason = f"two evaluations of `{views[0].node(at[0]).op}` take the same noise in {one}, and not in {two}"
    labels = ("the same noise", "as here"), ("other noise", "than here")
    return _of_two("noise", reason, at, first, in_a, labels)


def statistics(views: Views, firsts: At, seconds: At) -> Mismatch:
    """Statistics of one owner that move in another order.

    `firsts` are the evaluations that come first in each graph; `seconds` those that are the other's first.
    """
    node = views[0].node(firsts[0])
    reason = f"two evaluations move the statistics of `{node.owner}`, in another order in A than in B"
    a = Place(firsts[0], "first"), Place(seconds[0], "then")
    b = Place(firsts[1], "first"), Place(seconds[1], "then")
    return Mismatch("statistics", reason, a, b)


_WHAT = {
    Effect.PURE: "one evaluation",
    Effect.RANDOM: "one draw of noise",
    Effect.TRAINING: "one update of its statistics",
    Effect.COLLECTING: "one update of its statistics",
}
"""What one evaluation comes to."""


def _shared(at: At, pairs: Pairing[Key], keys: tuple[Key, Key]) -> tuple[bool, At]:
    """Whether A has one thing where B has two, and where that was met first."""
    in_a = keys[0] in pairs.forward
    return in_a, pairs.first[keys[0] if in_a else pairs.back[keys[1]]]


def _of_two(
    kind: Kind, reason: str, at: At, first: At, in_a: bool, labels: tuple[tuple[str, str], tuple[str, str]]
) -> Mismatch:
    """A mismatch whose labels are those of the side that has one thing, then of the side that has two."""
    sides = labels if in_a else labels[::-1]
    a = Place(at[0], sides[0][0]), Place(first[0], sides[0][1])
    b = Place(at[1], sides[1][0]), Place(first[1], sides[1][1])
    return Mismatch(kind, reason, _apart(a), _apart(b))


def _apart(places: tuple[Place, Place]) -> tuple[Place, ...]:
    """Both places, or the first alone where they are one."""
    return places[:1] if places[0].node == places[1].node else places
