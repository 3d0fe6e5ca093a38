"""Who owns which weights: owners by path, each claimed by the first evaluation that reads it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from rl2graph.compiler.elaboration.diagnose import LimitReached
from rl2graph.compiler.elaboration.scope import Namer
from rl2graph.compiler.elaboration.settings import NO_SETTINGS
from rl2graph.compiler.elaboration.unify import Unifier
from rl2graph.compiler.limits import Limits, limit_hint
from rl2graph.diagnostics import Diagnostic, DiagnosticError, Label, Span
from rl2graph.ir.application import Application
from rl2graph.ir.dims import substitute
from rl2graph.ir.graph import Owner
from rl2graph.ir.op import Op


@dataclass(slots=True)  # not frozen: one is made for every layer
class Claim:
    """An owner, the module or shared binding that it belongs to, the text that claimed it, and how many
    numbers it holds, 0 where that is not known.
    """

    owner: Owner
    module: str | None
    span: Span
    weights: int

    def is_again(self, other: Claim) -> bool:
        """Whether another claim of the same path is of the same weights."""
        if other.module is None or self.module != other.module or self.span != other.span:
            return False
        return self.owner is other.owner or self.owner == other.owner


class Claims:
    """The claims of a spec, in order: `made` holds them by path, `paths` those that were claimed, as often as
    they were.
    """

    def __init__(self, unifier: Unifier, limits: Limits) -> None:
        self.made: dict[str, Claim] = {}
        self.paths: list[str] = []
        self._unifier = unifier
        self._limits = limits
        self._weights = 0

    def claim(
        self, op: Op, made: Application, span: Span, namer: Namer, below: str | None
    ) -> tuple[str, Claim]:
        """Claim the weights that an application of `op` made: their owner's path, and the claim.

        The path is a child of the namer's prefix called `below`, or the prefix itself.

        Raises:
            DiagnosticError: RLG401 or RLG402.
            LimitReached: RLG308.
        """
        path = namer.prefix if below is None else namer.child(below)
        owner = Owner(path, op.name, made.weights)
        if namer.settings is not NO_SETTINGS:
            owner = namer.settings.of(owner)
        earlier = self.made.get(path)
        claim = Claim(owner, namer.module, span, made.numbers)
        if earlier is None:
            self.made[path] = claim
            self._count_weights(claim)
        elif namer.module is None or earlier.module != namer.module or path in namer.claimed:
            raise DiagnosticError(
                [
                    Diagnostic(
                        "RLG402",
                        f"two layers would both own their weights as `{path}`",
                        span,
                        labels=(Label(earlier.span, "the first"),),
                        hint="give one of them another name",
                    )
                ]
            )
        elif earlier.span != span:
            raise DiagnosticError([_two_layers(namer.module, path, earlier, span)])
        elif earlier.owner != owner and not self._one_owner(earlier.owner, owner, span):
            first = replace(earlier, owner=self.resolved(earlier.owner))
            found = _two_shapes(namer.module, first, self.resolved(owner), span)
            dims = [dim for weight in earlier.owner.weights for dim in weight.shape]
            raise DiagnosticError([replace(found, labels=(*found.labels, *self._unifier.reasons(dims)))])
        namer.claimed.add(path)
        self.paths.append(path)
        return path, claim

    def saved(self) -> tuple[dict[str, Claim], int]:
        """The claims as they are, for `restore`."""
        return dict(self.made), self._weights

    def restore(self, saved: tuple[dict[str, Claim], int]) -> None:
        """Forget every claim since."""
        self.made, self._weights = saved

    def again(self, claims: Sequence[tuple[str, Claim]]) -> bool:
        """Claim what a statement claimed the last time; False, and nothing claimed, where that would now be a
        finding.
        """
        fresh: dict[str, Claim] = {}
        for path, claim in claims:
            earlier = self.made.get(path) or fresh.get(path)
            if earlier is None:
                fresh[path] = claim
            elif not earlier.is_again(claim):
                return False
        weights = self._weights + sum([claim.weights for claim in fresh.values()])
        if weights > self._limits.weights:
            return False
        self.made |= fresh
        self._weights = weights
        return True

    def refuse_key_collisions(self) -> None:
        """Raises RLG402 where an owner's tensor and another owner would have one key."""
        if not any(parent in self.made for path in self.made for parent in _prefixes(path)[:-1]):
            return
        paths = {part for path in self.made for part in _prefixes(path)}
        for path, claim in self.made.items():
            for weight in claim.owner.weights:
                if f"{path}.{weight.name}" in paths:
                    raise DiagnosticError.of(
                        "RLG402",
                        f"`{path}.{weight.name}` would be both a tensor of `{path}` and an owner of weights",
                        claim.span,
                        f"give the binding `{weight.name}` another name",
                    )

    def resolved(self, owner: Owner) -> Owner:
        """The owner with what became of its symbolic dims put in."""
        known = self._unifier.known
        weights = tuple(
            replace(weight, shape=tuple(substitute(dim, known) for dim in weight.shape))
            for weight in owner.weights
        )
        return replace(owner, weights=weights)

    def _count_weights(self, claim: Claim) -> None:
        self._weights += claim.weights
        if self._weights > self._limits.weights:
            message = (
                f"the spec would hold more than {self._limits.weights:,} weights,"
                f" {claim.weights:,} of them in `{claim.owner.path}`"
            )
            raise LimitReached("RLG308", message, claim.span, limit_hint("weights"))

    def _one_owner(self, one: Owner, other: Owner, span: Span) -> bool:
        """Whether two claims of one path can be the same weights, symbolic dims being taken to be equal."""
        if one.op == other.op and not (one.weights and other.weights):
            return True  # the operand of one of them has a shape of which nothing is known
        if one.op != other.op or len(one.weights) != len(other.weights):
            return False
        return all(
            self._unifier.same(a.shape, b.shape, span)
            for a, b in zip(one.weights, other.weights, strict=True)
        )


def _prefixes(path: str) -> list[str]:
    """`a.b.c` as `a`, `a.b`, `a.b.c`."""
    if "." not in path:
        return [path]
    parts = path.split(".")
    return [".".join(parts[:depth]) for depth in range(1, len(parts) + 1)]


def _two_layers(module: str, path: str, earlier: Claim, span: Span) -> Diagnostic:
    return Diagnostic(
        "RLG401",
        f"`{module}` has one set of weights, and `{path}` would be those of two layers",
        span,
        labels=(Label(earlier.span, "they were made for this one"),),
        hint="a call of the module makes another number of layers before it: bind the layers of the module's"
        " block to names, or make it a `def`, with new weights at every call",
    )


def _two_shapes(module: str, earlier: Claim, owner: Owner, span: Span) -> Diagnostic:
    shapes = [
        ", ".join(f"{weight.name} [{', '.join(map(str, weight.shape))}]" for weight in weights) or "none"
        for weights in (earlier.owner.weights, owner.weights)
    ]
    return Diagnostic(
        "RLG401",
        f"`{module}` has one set of weights, but this call needs `{owner.path}` in another shape",
        span,
        label=f"needs {shapes[1]}",
        labels=(Label(earlier.span, f"made {shapes[0]}"),),
        hint="call the module on operands of one shape, or make it a `def`, with new weights at every call",
    )
