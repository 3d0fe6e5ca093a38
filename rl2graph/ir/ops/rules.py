"""Pieces that the entries share: checks, common shape rules, common text."""

from __future__ import annotations

from math import sqrt

from rl2graph.ir.op import Attributes, Init, TypeProblem, Types
from rl2graph.ir.types import TensorType

HIDDEN_GAIN = sqrt(2)  # of a layer before a rectifier (Andrychowicz et al. 2021, section 3.2)
ZEROS = Init("constant", 0.0)

FLATTEN = "flatten(x) makes a vector of anything"
"""The hint of ops that take vectors."""


def integer(attributes: Attributes, name: str) -> int:
    value = attributes[name]
    assert isinstance(value, int)
    return value


def same_type(types: Types, attributes: Attributes) -> TensorType:
    """The result of an op that works element by element."""
    return types[0]


def need_float(op: str, types: Types, operand: str = "x") -> None:
    for index, type_ in enumerate(types):
        if type_.dtype != "f32":
            hint = 'cast(x, "f32") makes floats of integers, one_hot(x, n) a vector of an index'
            argument = operand if index == 0 else index
            raise TypeProblem("RLG305", f"`{op}` takes floats, not {type_}", argument, hint)


def need_rank(
    op: str, type_: TensorType, ranks: tuple[int, ...], needs: str, operand: str | int = "x"
) -> None:
    """Raises RLG302 where the operand's shape has another number of axes."""
    if len(type_.axes) not in ranks:
        message = f"`{op}` needs {needs}, but its operand is {describe(type_)}"
        raise TypeProblem("RLG302", message, operand, FLATTEN if ranks in ((1,), (1, 2)) else None)


OVER_BATCH = '''
def _over_batch(function, x, rank, *arguments, **options):
    """`function`, which takes one batch axis, over all axes of `x` before the last `rank`."""
    if x.dim() == rank + 1:
        return function(x, *arguments, **options)
    result = function(x.reshape(-1, *x.shape[x.dim() - rank :]), *arguments, **options)
    return result.reshape(*x.shape[: x.dim() - rank], *result.shape[1:])
'''
"""The helper of ops for which torch has a function with exactly one batch axis."""


def describe(type_: TensorType) -> str:
    """`the vector f32[4]`."""
    rank = len(type_.axes)
    word = {0: "the scalar", 1: "the vector", 2: "the matrix", 3: "the image"}.get(rank, "the tensor")
    return f"{word} {type_}"


def unsqueeze(text: str, type_: TensorType, rank: int) -> str:
    """`text` with axes added after the batch axes, so that it broadcasts against a tensor of that rank."""
    own = len(type_.axes)
    return text + f".unsqueeze(-{own + 1})" * (rank - own)
