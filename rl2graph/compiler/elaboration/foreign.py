"""What to say of the functions and methods of other libraries, `nn.Linear(4, 64)` or `obs.flatten()`."""

from __future__ import annotations

from collections.abc import Collection

from rl2graph.diagnostics import Fix, Span
from rl2graph.diagnostics.elsewhere import advice_on, advice_on_method, names_here, same_name
from rl2graph.lang import ast

LIBRARIES = frozenset(
    [
        "torch",
        "th",
        "nn",
        "F",
        "functional",
        "keras",
        "layers",
        "tf",
        "tensorflow",
        "jax",
        "jnp",
        "flax",
        "linen",
        "hk",
        "eqx",
        "np",
        "numpy",
        "sb3",
    ]
)
"""The names by which other libraries are imported."""

OPS_ARE_LISTED = "`rl2graph ops` lists the ops; `--ops MODULE` loads your own"
NO_PYTHON = f"a spec runs no Python; {OPS_ARE_LISTED}"

_EXAMPLES = {
    "dense": "dense(obs, 64)",
    "conv2d": "conv2d(obs, 32, kernel=8, stride=4)",
    "max_pool2d": "max_pool2d(obs, 2)",
    "flatten": "flatten(obs)",
    "concat": "concat(obs, act)",
}
_OF_ROLES = ("categorical", "gaussian", "deterministic", "qvalues", "value")
_SIZED = ("dense", "conv2d")


def dotted(expr: ast.Expr) -> list[str]:
    """The names of `torch.nn.Linear`, in order; empty where an expression is no such path."""
    names: list[str] = []
    while isinstance(expr, ast.Attribute):
        names.append(expr.name.text)
        expr = expr.value
    return [expr.text, *reversed(names)] if isinstance(expr, ast.Name) else []


def name_here(name: str, functions: Collection[str]) -> str | None:
    """The one of our functions that a foreign one is, or None."""
    known = [function for function in functions if function not in _OF_ROLES]
    alike = [ours for ours in names_here(name) if ours in known]
    alike += [ours for ours in known if same_name(name, ours)]
    return alike[0] if alike else None


def of_library(expr: ast.Expr, functions: Collection[str]) -> tuple[str, Fix | None]:
    """Hint and fix for what another library has."""
    text, last = expr.span.text, dotted(expr)[-1]
    ours = name_here(last, functions)
    if ours is None:
        return advice_on(last) or NO_PYTHON, None
    example = f": `{_EXAMPLES[ours]}`" if ours in _EXAMPLES else ""
    widths = "; input widths are inferred" if ours in _SIZED else ""
    fix = Fix(f"replace `{text}` by `{ours}`", expr.span, ours, safe=False)
    return f"`{text}` is `{ours}` here{example}{widths}", fix


def of_tensor(whole: Span, name: str, functions: Collection[str]) -> str:
    """The hint for a method or an attribute of a tensor."""
    said = advice_on_method(name)
    if said is not None:
        return f"a tensor has no methods; {said}"
    ours = name_here(name, functions)
    text = " ".join(whole.text.split())
    if ours is None:
        return "a tensor has no methods: an op is called on it, `flatten(obs)` or `obs |> flatten`"
    return f"a tensor has no methods: write `{ours}({text})` or `{text} |> {ours}`"
