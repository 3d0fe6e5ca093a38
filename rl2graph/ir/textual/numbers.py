"""Numbers as text, and back: whole ones stay whole, and floats keep their bits."""

from __future__ import annotations

import struct
from math import inf, isinf, isnan, nan

from rl2graph.ir.textual.tokens import Line, UnreadableError

_LONGEST = 300  # digits of a whole number, which a float still holds
_NAN = struct.pack(">d", nan)


def number_text(value: int | float) -> str:
    """`64`, `0.5`, `-0.0`, `1e-05`, `inf`, `nan`; a NaN of other bits has them behind it."""
    if isinstance(value, float) and isnan(value) and (bits := struct.pack(">d", value)) != _NAN:
        return f"nan(0x{bits.hex()})"
    return repr(value)


def read_number(line: Line) -> int | float:
    """The inverse of `number_text`."""
    at = line.at
    negative = line.take("-")
    value = _unsigned(line)
    if isinstance(value, float) and isinf(value) and line.tokens[line.at - 1] != "inf":
        raise UnreadableError(at, "the number is too large for a float", hint="infinity is written `inf`")
    return -value if negative else value


def _unsigned(line: Line) -> int | float:
    token = line.next
    if token == "inf":
        line.at += 1
        return inf
    if token == "nan":
        line.at += 1
        return _nan(line) if line.take("(") else nan
    if not token.isascii() or not token[:1].isdecimal() or token[:2] == "0x":
        raise line.unexpected("a number")
    if not token.isdecimal():
        line.at += 1
        return float(token)
    return read_integer(line)


def _nan(line: Line) -> float:
    at, bits = line.at, line.next.removeprefix("0x")
    value = struct.unpack(">d", bytes.fromhex(bits))[0] if len(bits) == 16 and line.next != bits else 0.0
    if not isnan(value):
        raise UnreadableError(at, "these are not the bits of a NaN", hint="`nan` alone is the usual one")
    line.at += 1
    line.expect(")")
    return float(value)


def read_integer(line: Line) -> int:
    """A whole number, with or without a sign."""
    at = line.at
    negative = line.take("-")
    token = line.next
    if not (token.isdecimal() and token.isascii()):
        raise line.unexpected("a whole number")
    if len(token) > _LONGEST:
        raise UnreadableError(at, "the number has too many digits")
    line.at += 1
    return -int(token) if negative else int(token)
