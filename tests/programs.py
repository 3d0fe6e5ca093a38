"""Random typed programs: specs drawn from the op table, with modules, macros, duplicates and detaches."""

from __future__ import annotations

from dataclasses import dataclass
from random import Random

from rl2graph.ir.build import coerce_attributes
from rl2graph.ir.op import Op, Required, TypeProblem
from rl2graph.ir.table import OPS
from rl2graph.ir.types import TensorType, f32
from rl2graph.spaces import Box, Discrete, Image, Space, Vector, unbounded

MAX_SIZE = 4000


@dataclass(frozen=True)
class Program:
    text: str
    observation: Space
    action: Space


@dataclass
class Known:
    name: str
    type: TensorType


def random_program(seed: int, statements: int | None = None) -> Program:
    random = Random(seed)
    observation = random.choice(
        [Vector((4,)), Vector((2, 3)), Image((2, 7, 6)), Image((3, 8, 8), channels_last=True), Discrete(5)]
    )
    action = random.choice([Discrete(3), unbounded((2,))])
    maker = _Maker(random, observation, action)
    for _ in range(statements or random.randint(3, 12)):
        maker.statement()
    return Program(maker.finish(), observation, action)


class _Maker:
    def __init__(self, random: Random, observation: Space, action: Space) -> None:
        self.random = random
        self.lines: list[str] = []
        self.values = [Known("obs", f32(*_shape(observation)))]
        self.unread: list[str] = []
        self.modules: dict[str, tuple[str, TensorType, TensorType]] = {}
        self.action = action

    def statement(self) -> None:
        roll = self.random.random()
        if roll < 0.15:
            self._module()
        elif roll < 0.4 and self.modules:
            self._module_call()
        elif roll < 0.5:
            self._arithmetic()
        elif roll < 0.6 and self.lines:
            self._duplicate()
        else:
            self._op()

    def finish(self) -> str:
        if not any(name != "obs" for name in (v.name for v in self.values)):
            self._bind("detach(obs)", self.values[0].type)
        vector = next((v for v in reversed(self.values) if len(v.type.dims) == 1), None)
        outputs = list(dict.fromkeys(self.unread))
        if vector is not None:
            self.lines.append(f"pi = head({vector.name})")
            outputs = [name for name in outputs if name != vector.name] + ["pi"]
        return "\n".join([*self.lines, f"output {', '.join(outputs)}"]) + "\n"

    def _bind(self, text: str, type_: TensorType) -> None:
        name = f"n{len(self.lines)}"
        self.lines.append(f"{name} = {text}")
        for value in self.values:
            if value.name in text and value.name in self.unread and self.random.random() < 0.7:
                self.unread.remove(value.name)
        self.values.append(Known(name, type_))
        self.unread.append(name)

    def _op(self) -> None:
        found = self._call(self.random.choice(self.values))
        if found is not None:
            self._bind(*found)

    def _call(self, operand: Known) -> tuple[str, TensorType] | None:
        op = self.random.choice([op for op in OPS.values() if op.written and op.stable and op.operands])
        operands = [operand]
        if op.variadic or len(op.operands) == 2:
            operands += self.random.choices(self.values, k=self.random.randint(1, 2) if op.variadic else 1)
        found = apply(op, tuple(v.type for v in operands), self.random)
        if found is None:
            return None
        keywords, result = found
        names = [value.name for value in operands]
        if self.random.random() < 0.3 and not op.variadic:
            rest = ", ".join([*names[1:], *keywords])
            return f"{names[0]} |> {op.name}({rest})", result
        return f"{op.name}({', '.join([*names, *keywords])})", result

    def _module(self) -> None:
        source = self.random.choice(self.values)
        found = self._call(Known("x", source.type))
        if found is None or any(v.name in found[0] for v in self.values if v.name != "obs"):
            return
        name = f"f{len(self.lines)}"
        body = f"{found[0]} |> {self.random.choice(['tanh', 'relu', 'sigmoid'])}"
        if self.random.random() < 0.5:
            self.lines.append(f"encoder {name}(x) = {body}")
        else:
            self.lines.append(f"module {name}(x) {{ h = {body}; return h + h }}")
        self.modules[name] = (name, source.type, found[1])

    def _module_call(self) -> None:
        name, takes, gives = self.random.choice(list(self.modules.values()))
        fitting = [value for value in self.values if value.type == takes]
        operand = self.random.choice(fitting)
        self._bind(f"{name}({operand.name})", gives)

    def _arithmetic(self) -> None:
        value = self.random.choice(self.values)
        number = self.random.choice(["2", "0.5", "-1.5", "-0.0", "3"])
        if self.random.random() < 0.2:
            self._bind(f"{value.name} / 4", value.type)
            return
        sign = self.random.choice("+-*")
        text = (
            f"{value.name} {sign} {number}" if self.random.random() < 0.5 else f"{number} {sign} {value.name}"
        )
        self._bind(text, value.type)

    def _duplicate(self) -> None:
        """The same expression again: another network where it owns weights, the same value where not."""
        bindings = [line.split(" = ", 1) for line in self.lines if line.startswith("n")]
        if not bindings:
            return
        name, text = self.random.choice(bindings)
        type_ = next(v.type for v in self.values if v.name == name)
        self._bind(text, type_)


def apply(op: Op, types: tuple[TensorType, ...], random: Random) -> tuple[list[str], TensorType] | None:
    """Keywords that fit, and the result type; None where the op does not take these operands."""
    attributes = op.sample(random, types)
    if attributes is None:
        return None
    try:
        result = op.infer(types, dict(coerce_attributes(op, attributes)))
    except TypeProblem:
        return None
    if result.size > MAX_SIZE:
        return None
    keywords = []
    for attribute in op.attributes:
        if attribute.name in attributes and (
            isinstance(attribute.default, Required) or attributes[attribute.name] != attribute.default
        ):
            keywords.append(f"{attribute.name}={_written(attributes[attribute.name])}")
    return keywords, result


def _written(value: object) -> str:
    """An attribute's value as a spec says it."""
    if isinstance(value, list | tuple):
        return f"[{', '.join(map(_written, value))}]"
    if isinstance(value, str):
        return f'"{value}"'
    return str(value).lower() if isinstance(value, bool) else str(value)


def _shape(space: Space) -> tuple[int, ...]:
    match space:
        case Vector() | Image() | Box():
            return space.shape
        case Discrete():
            return (space.n,)
