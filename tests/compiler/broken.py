"""Files of good and broken statements, with the errors that they must give: where, and under which code."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from random import Random

OBSERVATION = "f32[4]"


@dataclass(frozen=True)
class Statement:
    """The lines of a statement, and what is wrong with it: the line, counted from 0, and the code.

    `planted` is the same statement with an error in it, where it has none of its own.
    """

    text: str
    line: int = 0
    code: str = ""
    planted: Statement | None = None


@dataclass(frozen=True)
class Broken:
    """A file: its text, the line and code of each error, and the index of its good statements."""

    statements: tuple[Statement, ...]

    @property
    def text(self) -> str:
        return "".join(f"{statement.text}\n" for statement in self.statements)

    @property
    def errors(self) -> list[tuple[int, str]]:
        """Line and code of each error, in the order of the text."""
        found = []
        line = 1
        for statement in self.statements:
            if statement.code:
                found.append((line + statement.line, statement.code))
            line += statement.text.count("\n") + 1
        return found

    def with_error_in(self, index: int) -> Broken:
        """The file with an error planted in a good statement."""
        planted = self.statements[index].planted
        assert planted is not None
        return Broken((*self.statements[:index], planted, *self.statements[index + 1 :]))

    @property
    def good(self) -> list[int]:
        return [index for index, statement in enumerate(self.statements) if statement.planted is not None]


Way = Callable[[Random, str], tuple[str, str]]
"""An expression over the vector `x` that is wrong, and the code of what is wrong."""


def _pick(*choices: tuple[str, str]) -> Way:
    return lambda random, x: _with_operand(random.choice(choices), x)


def _with_operand(choice: tuple[str, str], x: str) -> tuple[str, str]:
    return choice[0].replace("$x", x), choice[1]


WAYS: dict[str, Way] = {
    "unknown name": _pick(
        ("dense(nowhere, 8)", "RLG201"),
        ("$x + hiden", "RLG201"),
        ("concat($x, elsewhere)", "RLG201"),
        ("mlp($x, activation=rellu)", "RLG201"),
        ("$x |> dense(wide)", "RLG201"),
    ),
    "unknown op": _pick(
        ("dnese($x, 8)", "RLG202"),
        ("$x |> rleu |> tanh", "RLG202"),
        ("transformer($x, 8, heads=2)", "RLG202"),
    ),
    "misspelt key": _pick(
        ("dense($x, 8, bais=true)", "RLG203"),
        ("mlp($x, hiden=[8])", "RLG203"),
        ("$x |> dense(otu=8) |> relu", "RLG203"),
    ),
    "wrong arity": _pick(
        ("relu($x, 3)", "RLG205"), ("dense($x)", "RLG204"), ("$x |> dense(8, true, 3)", "RLG205")
    ),
    "bad token": _pick(
        ("dense($x 8)", "RLG101"),
        ("dense($x, 8))", "RLG101"),
        ("dense($x, $ 8)", "RLG104"),
        ("relu($x) tanh", "RLG101"),
        ("dense($x,, 8)", "RLG101"),
    ),
    "missing operand": _pick(
        ("$x +", "RLG103"), ("relu($x + )", "RLG101"), ("dense($x, * 2)", "RLG101"), ("", "RLG103")
    ),
    "unclosed bracket": _pick(
        ("dense($x, 8", "RLG102"),
        ("mlp($x, hidden=[8, 8)", "RLG102"),
        ("relu(dense($x, (8))", "RLG102"),
        ("concat(\n    $x,\n    dense($x, 8)", "RLG102"),
    ),
    "bad shape": _pick(
        ("conv2d($x, 4, kernel=3)", "RLG302"),
        ("dense($x, 5) + dense($x, 7)", "RLG301"),
        ("max_pool2d($x, 2)", "RLG302"),
    ),
}


def broken_file(seed: int, count: int, ways: Sequence[str], good: int | None = None) -> Broken:
    """A file of `count` statements broken in some of the ways, between good ones, about as many of them.

    Good statements read the names that broken ones bind; broken ones stand alone, next to each other and in
    the blocks of definitions.
    """
    maker = _Maker(Random(f"{seed} {count} {ways}"))
    left = {"broken": count, "good": count if good is None else good}
    while any(left.values()):
        kind = maker.random.choices(list(left), weights=list(left.values()))[0]
        left[kind] -= 1
        if kind == "broken":
            maker.broken(maker.random.choice(ways))
        else:
            maker.good()
    maker.statements.append(Statement("output last = dense(obs, 2)"))
    return Broken(tuple(maker.statements))


class _Maker:
    def __init__(self, random: Random) -> None:
        self.random = random
        self.statements: list[Statement] = []
        self.values = ["obs"]
        self.functions = ["mlp"]
        self.poisoned: list[str] = []
        self.poisoned_functions: list[str] = []

    def broken(self, way: str) -> None:
        name = f"b{len(self.statements)}"
        if self.random.random() < 0.6:
            self._broken_binding(name, WAYS[way])
        else:
            self._broken_block(name, WAYS[way])
            if way == "bad shape" or self.random.random() < 0.3:
                # A call alone says what the operand is, and so which shapes are bad.
                self._calls_poison(f"c{len(self.statements)}", name)

    def good(self) -> None:
        name = f"g{len(self.statements)}"
        makes = [self._binding, self._binding, self._pipeline, self._block, self._macro, self._param]
        if self.poisoned:
            makes += [self._reads_poison, self._reads_poison]
        if self.poisoned_functions:
            makes.append(lambda name: self._calls_poison(name, self.random.choice(self.poisoned_functions)))
        self.random.choice(makes)(name)

    # Broken statements

    def _broken_binding(self, name: str, way: Way) -> None:
        expression, code = way(self.random, "obs")
        word = self.random.choice(["", "", "encoder ", "head "])
        self.statements.append(Statement(f"{word}{name} = {expression}", code=code))
        self.poisoned.append(name)

    def _broken_block(self, name: str, way: Way) -> None:
        expression, code = way(self.random, "x")
        word = self.random.choice(["def", "encoder", "module"])
        lines = [
            f"{word} {name}(x) {{",
            "  a = dense(x, 8)",
            f"  b = {expression}",
            "  return relu(b) + a",
            "}",
        ]
        self.statements.append(Statement("\n".join(lines), 2, code))
        self.poisoned_functions.append(name)

    # Good statements

    def _binding(self, name: str) -> None:
        value = self.random.choice(self.values)
        function = self.random.choice(self.functions)
        self._add(
            f"{name} = dense({function}({value}), 8)", f"{name} = dense({function}({value}), 0)", "RLG304"
        )
        self.values.append(name)

    def _pipeline(self, name: str) -> None:
        value = self.random.choice(self.values)
        stages = "|> for n in [8, 8] {{ dense(n) |> {0} }}"
        self._add(
            f"{name} = {value}  # a comment (with [brackets\n  {stages.format('relu')}",
            f"{name} = {value}  # a comment (with [brackets\n  {stages.format('relo')}",
            "RLG202",
            line=1,
        )
        self.values.append(name)

    def _block(self, name: str) -> None:
        lines = "encoder {0}(x) {{\n  h = x |> {1}; k = tanh(h)\n  return h + k\n}}"
        self._add(lines.format(name, "mlp"), lines.format(name, "mlp(8, relu, 3)"), "RLG205", line=1)
        # One module has one shape of operand, so each is called on the observation alone.
        self._call(name)

    def _macro(self, name: str) -> None:
        text = "def {0}(x, n=8) = x |> dense(n) |> {1}"
        self._add(text.format(name, "tanh"), text.format(name, "tahn"), "RLG202")
        self.functions.append(name)

    def _param(self, name: str) -> None:
        self._add(f"param {name} = 8 * 2", f"param {name} = 8 / 0", "RLG306")

    def _call(self, function: str) -> None:
        name = f"c{len(self.statements)}"
        self._add(f"{name} = {function}(obs)", f"{name} = {function}(obs, 3)", "RLG205")
        self.values.append(name)

    def _reads_poison(self, name: str) -> None:
        value, other = self.random.choice(self.poisoned), self.random.choice(self.values)
        self._add(
            f"{name} = concat({value}, {other}) |> dense(8)",
            f"{name} = concat({value}, {other}) |> dense(8, bais=true)",
            "RLG203",
        )
        self.poisoned.append(name)

    def _calls_poison(self, name: str, function: str) -> None:
        self._add(f"{name} = dense({function}(obs), 8)", f"{name} = dense({function}(obs), 0)", "RLG304")
        self.poisoned.append(name)

    def _add(self, text: str, planted: str, code: str, line: int = 0) -> None:
        self.statements.append(Statement(text, planted=Statement(planted, line, code)))
