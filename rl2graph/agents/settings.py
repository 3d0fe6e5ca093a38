"""What can be set, as data: read off a config dataclass, for lists and documents."""

from __future__ import annotations

from dataclasses import MISSING, dataclass, fields
from math import isfinite
from typing import Any, get_args, get_origin, get_type_hints

_KINDS = {int: "int", float: "float", bool: "bool", str: "str"}
_WORDS = {"int": "a whole number", "float": "a number", "bool": "true or false", "str": "text"}


@dataclass(frozen=True, slots=True)
class Setting:
    """One field of a config.

    Attributes:
        kind: `int`, `float`, `bool` or `str`.
        optional: whether it can be off (None; `none` on the command line).
        minimum, above, maximum: the range, None where it has no such end; `above` is exclusive.
        options: the values that there are; empty for any.
        doc: what it is, where the name does not say all.
    """

    name: str
    kind: str
    optional: bool
    default: Any
    minimum: float | None
    above: float | None
    maximum: float | None
    options: tuple[str, ...]
    doc: str

    @property
    def shown_default(self) -> str:
        """As `--set` takes it."""
        if self.default is None:
            return "none"
        return str(self.default).lower() if self.kind == "bool" else f"{self.default}"

    @property
    def range(self) -> str:
        """In words."""
        words = _WORDS[self.kind]
        if self.options:
            words = f"one of {', '.join(self.options)}"
        elif self.above is not None:
            words += f" above {self.above:g}" + (
                "" if self.maximum is None else f", at most {self.maximum:g}"
            )
        elif self.minimum is not None and self.maximum is not None:
            words += f" from {self.minimum:g} to {self.maximum:g}"
        elif self.minimum is not None:
            words += f", at least {self.minimum:g}"
        return words + (", or none" if self.optional else "")


def settings_of(config: type[Any]) -> list[Setting]:
    """The fields of a config dataclass whose fields were made by `agents.fields`, in order."""
    hints = get_type_hints(config)
    found = []
    for item in fields(config):
        annotation, data = hints[item.name], item.metadata
        kinds = get_args(annotation) if get_origin(annotation) is not None else (annotation,)
        found.append(
            Setting(
                name=item.name,
                kind=next(_KINDS[kind] for kind in kinds if kind in _KINDS),
                optional=type(None) in kinds,
                default=None if item.default is MISSING else item.default,
                minimum=_end(data.get("low")) if data.get("above") is None else None,
                above=data.get("above"),
                maximum=_end(data.get("high")),
                options=tuple(data.get("options", ())),
                doc=data.get("doc", ""),
            )
        )
    return found


def _end(bound: float | None) -> float | None:
    return bound if bound is not None and isfinite(bound) else None
