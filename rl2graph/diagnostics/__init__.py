"""What every layer uses to say what is wrong, and where.

It imports nothing else of rl2graph but `shipped`, which finds its pages, so that any layer can raise its
findings in the one form that the command line renders.
"""

from rl2graph.diagnostics.codes import CODES, CodeInfo, Severity
from rl2graph.diagnostics.diagnostic import Diagnostic, DiagnosticError, Fix, Label
from rl2graph.diagnostics.source import Source, Span
from rl2graph.diagnostics.suggest import Suggestion, did_you_mean, misspelt, nearest, suggestion

__all__ = [
    "CODES",
    "CodeInfo",
    "Diagnostic",
    "DiagnosticError",
    "Fix",
    "Label",
    "Severity",
    "Source",
    "Span",
    "Suggestion",
    "did_you_mean",
    "misspelt",
    "nearest",
    "suggestion",
]
