"""Ops that carry state from step to step: recurrent layers, frame stacks, memories.

Each is a function of its operand and its state. A step takes `[B, …]`, a sequence `[T, B, …]`, time first;
where a reset is set, the state is zero before that step.
"""

from __future__ import annotations

from collections.abc import Callable
from random import Random

from rl2graph.ir.dims import Dim
from rl2graph.ir.op import Attribute, Attributes, Emission, Init, Op, State, TypeProblem, Types, Weight
from rl2graph.ir.ops.rules import ZEROS, free, integer, need_float, need_rank
from rl2graph.ir.ops.text import call
from rl2graph.ir.types import TensorType, f32

_KEPT = '''
def _kept(state, resets):
    """The state where nothing is reset, zeros elsewhere."""
    if resets is None:
        return state
    return state.masked_fill(resets.reshape(*resets.shape, *(1,) * (state.dim() - resets.dim())), 0)
'''

_RUN = '''
def _run(layer, x, states, weights):
    """Outputs and last states of a layer over sequences `[T, B, in]` without resets."""
    size = (x.shape[1], weights[1].shape[1])
    if x.dim() != 3 or x.shape[2] != weights[0].shape[1] or any(state.shape != size for state in states):
        # torch's own function reads beyond its operands instead of refusing them
        shapes = [list(value.shape) for value in (x, *states)]
        raise ValueError(f"[T, B, {weights[0].shape[1]}] and states {list(size)} are wanted, not {shapes}")
    before = [state.unsqueeze(0) for state in states]
    before = before if len(before) > 1 else before[0]
    output, *after = layer(x, before, weights, True, 1, 0.0, False, False, False)
    return output, [state.squeeze(0) for state in after]
'''

_SIDE_BY_SIDE = '''
def _side_by_side(layer, flat, first, size, states, weights):
    """Outputs and places of pieces of `flat` `[places, in]`, those of about one length run together."""
    outputs, places = [], []
    bucket = size.log2().ceil()
    for number in bucket.unique():
        own = bucket == number
        step = torch.arange(int(size[own].max()), device=flat.device).unsqueeze(1)
        place, inside = first[own] + step, step < size[own]
        padded = flat[place.clamp(max=len(flat) - 1)]
        output, _ = _run(layer, padded, [state[own] for state in states], weights)
        outputs.append(output[inside])
        places.append(place[inside])
    return outputs, places
'''

_TO_THE_END = '''
def _to_the_end(layer, x, column, begin, states, weights):
    """Outputs, places and last states of the last pieces: each joins those before it where it begins."""
    outputs, places, length = [], [], len(x)
    order = begin.argsort(stable=True)
    bounds = [*begin.unique().tolist(), length]
    carried = [state[:0] for state in states]
    for start, stop in zip(bounds[:-1], bounds[1:]):
        joining = order[begin[order] == start]
        carried = [torch.cat((old, state[joining])) for old, state in zip(carried, states)]
        running = column[order[: len(carried[0])]]
        output, carried = _run(layer, x[start:stop, running], carried, weights)
        outputs.append(output.flatten(0, 1))
        step = torch.arange(start, stop, device=x.device).unsqueeze(1)
        places.append((running * length + step).flatten())
    by_column = column[order].argsort()
    return outputs, places, [state[by_column] for state in carried]
'''

_UNROLLED = '''
def _unrolled(layer, x, states, weights, resets):
    """Outputs and last states of a layer over sequences `[T, B, in]` that are cut at resets.

    Pieces that end before the sequences do are run side by side, the last of each column to the end.
    """
    if resets is not None:
        states = [_kept(state, resets[0]) for state in states]
    if resets is None or not resets[1:].any():
        output, after = _run(layer, x, states, weights)
        return output, *after
    length, columns = resets.shape
    begins = resets.clone()
    begins[0] = True
    first = begins.t().reshape(-1).nonzero().squeeze(1)  # places are counted column by column, T to each
    size = torch.diff(first, append=first.new_tensor([length * columns]))
    column, begin = first // length, first % length
    states = [state[column].masked_fill((begin > 0).unsqueeze(1), 0) for state in states]
    flat, last = x.transpose(0, 1).flatten(0, 1), begin + size == length
    early, early_places = _side_by_side(
        layer, flat, first[~last], size[~last], [state[~last] for state in states], weights
    )
    late, late_places, after = _to_the_end(
        layer, x, column[last], begin[last], [state[last] for state in states], weights
    )
    output = torch.cat(early + late)[torch.cat(early_places + late_places).argsort()]
    return output.unflatten(0, (columns, length)).transpose(0, 1), *after
'''

_ALONE = '''
def _alone(layer, x, states, weights, resets):
    """A step of one sample without a batch axis."""
    batched = [value.unsqueeze(0) for value in (x, *states)]
    results = layer(*batched, *weights, None if resets is None else resets.unsqueeze(0))
    return [value.squeeze(0) for value in results]
'''

_LSTM = '''
def _lstm(x, hidden, cell, weight_ih, weight_hh, bias_ih, bias_hh, resets):
    """Outputs, hidden and cell state of an LSTM over a step `[B, in]` or a sequence `[T, B, in]`."""
    weights = (weight_ih, weight_hh, bias_ih, bias_hh)
    if x.dim() == 1:
        return _alone(_lstm, x, (hidden, cell), weights, resets)
    if x.dim() < 3:
        hidden, cell = torch.lstm_cell(x, (_kept(hidden, resets), _kept(cell, resets)), *weights)
        return hidden, hidden, cell
    return _unrolled(torch.lstm, x, (hidden, cell), weights, resets)
'''

_GRU = '''
def _gru(x, hidden, weight_ih, weight_hh, bias_ih, bias_hh, resets):
    """Outputs and hidden state of a GRU over a step `[B, in]` or a sequence `[T, B, in]`."""
    weights = (weight_ih, weight_hh, bias_ih, bias_hh)
    if x.dim() == 1:
        return _alone(_gru, x, (hidden,), weights, resets)
    if x.dim() < 3:
        hidden = torch.gru_cell(x, _kept(hidden, resets), *weights)
        return hidden, hidden
    return _unrolled(torch.gru, x, (hidden,), weights, resets)
'''

_MEMORY_OF_SEQUENCE = '''
def _memory_of_sequence(x, rank, earlier, resets):
    """`_memory` over `[T, B, …]`: windows of the line that the values before it and `x` make."""
    length, width = len(x), earlier.shape[1]
    line = torch.cat((earlier.movedim(1, 0), x))
    windows = torch.stack([line[i : i + length] for i in range(width + 1)], dim=2)
    if resets is not None:
        episode = resets.cumsum(0)
        past = torch.cat((torch.zeros_like(episode[:1]).expand(width, -1), episode))
        same = torch.stack([past[i : i + length] for i in range(width + 1)], dim=2) == episode.unsqueeze(2)
        windows = windows.masked_fill(~same.reshape(*same.shape, *(1,) * rank), 0)
    return windows, windows[-1].narrow(1, 1, width)
'''

_MEMORY = '''
def _memory(x, rank, earlier, resets):
    """The latest values along a new first axis of the sample, the newest last, and all but the oldest.

    `x` is a step or a sequence whose samples have `rank` axes, `earlier` the values before it; what lies
    before a reset is zero.
    """
    dim = x.dim() - rank
    if dim == 2:
        return _memory_of_sequence(x, rank, earlier, resets)
    values = torch.cat((_kept(earlier, resets), x.unsqueeze(dim)), dim=dim)
    return values, values.narrow(dim, 1, earlier.shape[dim])
'''

_FRAME_STACK = '''
def _frame_stack(x, rank, earlier, resets):
    """The latest values joined along the first axis of the sample, and the state after them."""
    dim = x.dim() - rank
    values, earlier = _memory(x, rank, earlier, resets)
    return values.flatten(dim, dim + 1), earlier
'''


def _cell(name: str, gates: int, states: tuple[str, ...], doc: str, helper: str) -> Op:
    """A recurrent layer in torch's layout, `gates` to a unit."""

    def infer(types: Types, attributes: Attributes) -> TensorType:
        need_float(name, types)
        need_rank(name, types[0], (1,), "a vector f32[features]")
        return f32(integer(attributes, "hidden"))

    def weights(types: Types, attributes: Attributes) -> tuple[Weight, ...]:
        hidden = integer(attributes, "hidden")
        rows, orthogonal = gates * hidden, Init("orthogonal", 1.0)
        return (
            Weight("weight_ih", (rows, types[0].axes[-1]), orthogonal),
            Weight("weight_hh", (rows, hidden), orthogonal),
            Weight("bias_ih", (rows,), ZEROS),
            Weight("bias_hh", (rows,), ZEROS),
        )

    def state(types: Types, attributes: Attributes) -> tuple[State, ...]:
        return tuple(State(part, (integer(attributes, "hidden"),)) for part in states)

    def flops(types: Types, attributes: Attributes, result: TensorType) -> int:
        hidden = integer(attributes, "hidden")
        return 2 * gates * hidden * (types[0].dims[-1] + hidden) + 10 * gates * hidden

    def emit(e: Emission) -> str:
        return call(f"_{name}", e.operands[0], *e.state.values(), *e.weights.values(), e.resets)

    return Op(
        name=name,
        doc=doc,
        operands=("x",),
        attributes=(Attribute("hidden", int, minimum=1),),
        infer=infer,
        weights=weights,
        state=state,
        flops=flops,
        emit=emit,
        helpers=(_KEPT, _RUN, _SIDE_BY_SIDE, _TO_THE_END, _UNROLLED, _ALONE, helper),
        sample=lambda random, types: {"hidden": random.randint(1, 4)} if len(types[0].dims) == 1 else None,
    )


def _stack_type(types: Types, attributes: Attributes) -> TensorType:
    need_float("frame_stack", types)
    if not types[0].axes:
        raise TypeProblem("RLG302", f"`frame_stack` joins vectors or images, not {types[0]}", "x")
    first, *rest = types[0].axes
    return f32(first * integer(attributes, "n"), *rest)


def _memory_type(types: Types, attributes: Attributes) -> TensorType:
    need_float("memory", types)
    return f32(integer(attributes, "length"), *types[0].axes)


def _window(
    name: str,
    count: str,
    doc: str,
    infer: Callable[[Types, Attributes], TensorType],
    helpers: tuple[str, ...],
    least: int = 0,
) -> Op:
    """An op whose state is the values of the last steps, the newest last; they have `least` axes or more."""

    def state(types: Types, attributes: Attributes) -> tuple[State, ...]:
        shape: tuple[Dim, ...] = (integer(attributes, count) - 1, *types[0].axes)
        return (State("earlier", shape),)

    def emit(e: Emission) -> str:
        return call(f"_{name}", e.operands[0], len(e.types[0].axes), e.state["earlier"], e.resets)

    def sample(random: Random, types: Types) -> Attributes | None:
        return {count: random.randint(1, 4)} if len(types[0].dims) >= least else None

    return Op(
        name=name,
        doc=doc,
        operands=("x",),
        attributes=(Attribute(count, int, minimum=1, maximum=10_000),),
        infer=infer,
        state=state,
        flops=free,
        emit=emit,
        helpers=helpers,
        sample=sample,
    )


_MEMORIES = (_KEPT, _MEMORY_OF_SEQUENCE, _MEMORY)

OPS = (
    _cell(
        "lstm",
        4,
        ("hidden", "cell"),
        "A recurrent layer with a hidden and a cell state (`torch.nn.LSTM`, one layer).",
        _LSTM,
    ),
    _cell("gru", 3, ("hidden",), "A recurrent layer with a hidden state (`torch.nn.GRU`, one layer).", _GRU),
    _window(
        "frame_stack",
        "n",
        "The last `n` operands joined along their first axis, the newest last; zeros stand before an"
        " episode's first. `memory` puts them along a new axis.",
        _stack_type,
        (*_MEMORIES, _FRAME_STACK),
        least=1,
    ),
    _window(
        "memory",
        "length",
        "The last `length` operands along a new first axis, the newest last; zeros stand before an episode's"
        " first. `frame_stack` joins them along the axis that they have.",
        _memory_type,
        _MEMORIES,
    ),
)
