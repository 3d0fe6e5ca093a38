"""Every diagnostic's stable code. A code is never reused for another meaning.

`1xx` syntax, `2xx` names, `3xx` types, `4xx` sharing and gradients, `5xx` contracts and spaces, `6xx` runs
and files, `7xx` internal promises of the compiler, `9xx` lints.
"""

from __future__ import annotations

import enum
from dataclasses import dataclass


class Severity(enum.Enum):
    ERROR = "error"
    WARNING = "warning"
    NOTE = "note"


@dataclass(frozen=True, slots=True)
class CodeInfo:
    """What a code stands for, in one line."""

    code: str
    title: str
    severity: Severity


_ERRORS = {
    "RLG101": "a token that cannot stand here",
    "RLG102": "a bracket that is never closed",
    "RLG103": "the text ends inside a statement",
    "RLG104": "a character that the language does not know",
    "RLG105": "a language version that this release does not know",
    "RLG106": "a part of the language that this release does not compile yet",
    "RLG107": "nesting that is too deep",
    "RLG108": "a text longer than the limit",
    "RLG201": "an unknown name",
    "RLG202": "an unknown op, macro or module",
    "RLG203": "an unknown keyword",
    "RLG204": "an argument that is missing",
    "RLG205": "an argument too many",
    "RLG206": "a name bound twice",
    "RLG207": "a name that the language or a generated module needs for itself",
    "RLG208": "an unknown field",
    "RLG209": "an unknown role",
    "RLG210": "a head whose width nothing says",
    "RLG211": "a parameter that does not exist",
    "RLG212": "an unknown type",
    "RLG213": "a definition that uses itself",
    "RLG214": "a spec without outputs",
    "RLG215": "an import that cannot be used",
    "RLG216": "an import that comes back to itself",
    "RLG217": "a statement that an imported file cannot hold",
    "RLG218": "an unknown annotation",
    "RLG219": "an annotation that cannot stand here",
    "RLG301": "operands whose shapes do not fit",
    "RLG302": "an operand of the wrong rank",
    "RLG303": "an argument of the wrong kind",
    "RLG304": "an argument out of range",
    "RLG305": "a value of the wrong kind",
    "RLG306": "arithmetic that has no result",
    "RLG307": "more nodes or steps than the limit",
    "RLG308": "more weights than the limit",
    "RLG309": "a loss that is not one number per sample",
    "RLG401": "one module, two shapes of weights",
    "RLG402": "two owners at one path",
    "RLG403": "an owner that no loss trains",
    "RLG404": "annotations that contradict each other",
    "RLG501": "a role that the algorithm needs is missing",
    "RLG502": "a space that is not supported here",
    "RLG503": "a declared input that differs from the environment's space",
    "RLG504": "an output whose shape or kind the algorithm cannot use",
    "RLG505": "roles that match no algorithm",
    "RLG506": "an unknown algorithm",
    "RLG507": "an input that the environment or algorithm does not give",
    "RLG508": "a space that is needed and not known",
    "RLG509": "a group of agents that the environment does not have",
    "RLG601": "a file that cannot be read",
    "RLG602": "a file that is not UTF-8 text",
    "RLG603": "a spec without statements",
    "RLG604": "an environment that cannot be made",
    "RLG605": "a run folder that cannot be used",
    "RLG606": "an unknown configuration key",
    "RLG607": "a configuration value that cannot be used",
    "RLG608": "a checkpoint that is damaged or does not fit",
    "RLG609": "a file that cannot be written",
    "RLG610": "training that became non-finite",
    "RLG611": "a package that is needed and not installed",
    "RLG612": "a limit that cannot be used",
    "RLG613": "a module of ops that cannot be used",
    "RLG701": "a graph that breaks its invariants",
    "RLG702": "a graph in networkx form that is not one of ours",
    "RLG703": "an op that cannot be registered",
    "RLG704": "a graph's text that cannot be read",
}

_WARNINGS = {
    "RLG901": "two networks that differ in nothing but their weights",
    "RLG902": "a binding that reaches no output",
    "RLG903": "a definition or parameter that nothing uses",
    "RLG904": "a name that hides another",
    "RLG905": "an annotation that changes nothing",
    "RLG906": "an output that the algorithm does not read",
    "RLG907": "a policy of probabilities where logits are read",
    "RLG908": "an output whose shape does not fit its role",
    "RLG909": "a loss that trains nothing",
}

_NOTES = {
    "RLG801": "how an input is presented to the graph",
}

CODES: dict[str, CodeInfo] = {
    code: CodeInfo(code, title, severity)
    for table, severity in ((_ERRORS, Severity.ERROR), (_WARNINGS, Severity.WARNING), (_NOTES, Severity.NOTE))
    for code, title in table.items()
}
