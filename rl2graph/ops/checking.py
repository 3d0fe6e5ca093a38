"""The automatic check of an entry of the op table: what it says of itself against what it does."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from typing import Any

import torch
from torch import Tensor, nn
from torch.utils.flop_counter import FlopCounterMode

from rl2graph.backend.numerics import float64
from rl2graph.backend.reference.interpreter import interpret
from rl2graph.diagnostics import DiagnosticError
from rl2graph.ir.dims import Undecided, symbol
from rl2graph.ir.graph import Graph, Node
from rl2graph.ir.inits import INITS
from rl2graph.ir.op import Op, TypeProblem
from rl2graph.ir.signatures import shown_value
from rl2graph.ir.slots import is_recurrent, moves_statistics, noise_schema, statistics_of
from rl2graph.ir.types import TensorType
from rl2graph.ir.verify import verify
from rl2graph.ops.applications import NoApplication, Trial, applications, trial
from rl2graph.ops.claims import check_claims
from rl2graph.ops.running import Disagreement, module_of, run

TOLERANCE = 1e-9
_DTYPES = {"f32": torch.float64, "i64": torch.int64, "u8": torch.uint8}
_NAMES = {dtype: name for name, dtype in _DTYPES.items()}


def check_op(op: Op, *, count: int = 12, seed: int = 0) -> None:
    """Try `op` on random operands that it takes: types, emission, reference, gradients and counts must agree.

    The op and its reference semantics are in their tables already.

    Raises:
        Disagreement: with the reason.
    """
    try:
        for index, graph in enumerate(applications(op, count, seed)):
            try:
                _check_application(graph, index)
            except Disagreement as problem:
                raise Disagreement(f"{_shown(graph)}: {problem}") from None
    except NoApplication as problem:
        message = f"its shape rule takes nothing that its generators (`draw`, `sample`) give: {problem}"
        raise Disagreement(message) from None


def _check_application(graph: Graph, seed: int) -> None:
    try:
        verify(graph, "the op's own shape rule")
    except DiagnosticError as error:
        raise Disagreement(error.diagnostics[0].message) from None
    node = graph.nodes[-1]
    _check_parts(graph, node)
    flops = node.spec.flops(graph.operand_types(node), node.values, node.type)
    if type(flops) is not int or flops < 0:
        raise Disagreement(f"`flops` gives {flops!r}, not a count")
    check_claims(graph, seed)
    module = module_of(graph)
    with FlopCounterMode(display=False) as counter:
        run(graph, module, trial(graph, (1,), seed))
    if flops < counter.get_total_flops():
        counted = counter.get_total_flops()
        raise Disagreement(f"`flops` gives {flops}, but its matrix products alone take {counted}")
    for batch in ((3,), (4, 3), ()):
        for noisy in (True, False):
            given = trial(graph, batch, seed, noisy=noisy)
            _check_trial(graph, module, given, batch)
            if len(batch) == 1:
                _check_samples(graph, module, given)
                _check_float32(graph, module, given)
            if given.noise is None:
                break


def _check_parts(graph: Graph, node: Node) -> None:
    """What an entry says of weights and noise, and that its shape rule knows dims that are symbols."""
    types, values = graph.operand_types(node), node.values
    weights = node.spec.weights(types, values)
    if len({weight.name for weight in weights}) < len(weights):
        raise Disagreement("two of its weights have one name")
    for weight in weights:
        if not weight.name.isidentifier() or weight.init.rule not in INITS:
            raise Disagreement(f"its weight `{weight.name}` has no name or no start that there is")
    for noise in node.spec.noise(types, values):
        if noise.distribution not in ("normal", "uniform"):
            raise Disagreement(f"its noise `{noise.name}` has the distribution {noise.distribution!r}")
    open_types = [TensorType(t.dtype, tuple(symbol(f"d{i}") for i in range(len(t.dims)))) for t in types]
    try:
        node.spec.infer(open_types, values)
        node.spec.weights(open_types, values)
    except (TypeProblem, Undecided):
        return
    except Exception as error:
        message = f"its shape rule fails where dims are symbols: {type(error).__name__}: {error}"
        raise Disagreement(message) from None


def _check_trial(graph: Graph, module: nn.Module, given: Trial, batch: tuple[int, ...]) -> None:
    got, want = run(graph, module, given), _oracle(graph, given)
    node = graph.nodes[-1]
    value = got["y"]
    if value.shape != (*batch, *node.type.dims) or value.dtype != _DTYPES[node.type.dtype]:
        raise Disagreement(
            f"the shape rule says {node.type}, but the emitted code gives {_described(value, len(batch))}"
        )
    _compare("value", value, want["y"])
    for what in ("state", "statistics"):
        _compare_all(what, got.get(what, {}), want.get(what, {}))
    if set(got.get("statistics", {})) != set(statistics_of(graph)):
        raise Disagreement("the statistics that it moves are not its buffers")
    _compare_gradients(module, given, value, want["y"])


def _check_samples(graph: Graph, module: nn.Module, given: Trial) -> None:
    """Each sample's value is its own, whatever else is in the batch, and the same each time."""
    if moves_statistics(graph.nodes[-1]):
        return  # those of a batch are what it is about
    whole = run(graph, module, given)["y"]
    if not torch.equal(whole, run(graph, module, given)["y"]) and not whole.isnan().any():
        raise Disagreement("its emitted code gives another value the second time")
    shared = {name for name, noise in noise_schema(graph).items() if noise.shared}
    for i in range(len(whole)):
        alone = Trial(
            {name: value[i : i + 1] for name, value in given.inputs.items()},
            given.weights,
            None if given.state is None else {name: value[i : i + 1] for name, value in given.state.items()},
            None if given.resets is None else given.resets[i : i + 1],
            None
            if given.noise is None
            else {name: x if name in shared else x[i : i + 1] for name, x in given.noise.items()},
        )
        value = run(graph, module, alone)["y"][0]
        if not torch.allclose(value, whole[i], rtol=TOLERANCE, atol=TOLERANCE, equal_nan=True):
            raise Disagreement("its value for a sample depends on the other samples of the batch")


def _check_float32(graph: Graph, module: nn.Module, given: Trial) -> None:
    """In float32, without gradients and in evaluation mode, values are the same as far as floats go."""
    want = run(graph, module, given)["y"].detach()
    single = {name: _single(getattr(given, name)) for name in ("inputs", "state", "resets", "noise")}
    extra: dict[str, Any] = {} if given.noise is None else {"noise": single["noise"]}
    if is_recurrent(graph):
        extra |= {"state": single["state"], "resets": single["resets"]}
    with torch.no_grad():
        got = copy.deepcopy(module).float().eval()(**single["inputs"], **extra)["y"]
    if got.dtype != (torch.float32 if want.dtype == torch.float64 else want.dtype):
        raise Disagreement(f"with operands of float32 its value is {str(got.dtype).removeprefix('torch.')}")
    close = torch.allclose(got.double(), want.double(), rtol=1e-2, atol=1e-3, equal_nan=True)
    if graph.nodes[-1].spec.stable and not close:
        raise Disagreement("its value in float32 is far from that in float64")


def _single(value: Any) -> Any:
    """Tensors of floats in float32."""
    if isinstance(value, dict):
        return {name: _single(part) for name, part in value.items()}
    return value.float() if isinstance(value, Tensor) and value.dtype == torch.float64 else value


def _oracle(graph: Graph, given: Trial) -> dict[str, Any]:
    with float64():
        return interpret(
            graph,
            given.inputs,
            given.weights,
            state=given.state,
            resets=given.resets,
            noise=given.noise,
        )


def _compare_gradients(module: nn.Module, given: Trial, value: Tensor, want: Tensor) -> None:
    leaves = [x for x in given.inputs.values() if x.requires_grad]
    named = [(name, x) for name, x in given.weights.items() if x.requires_grad]
    if not want.requires_grad:
        if value.requires_grad:
            raise Disagreement("gradients flow through its emitted code, but not through its reference")
        return
    if not value.requires_grad:
        raise Disagreement("gradients flow through its reference, but not through its emitted code")
    scale = torch.linspace(-1, 1, want.numel(), dtype=torch.float64).reshape(want.shape)
    own = dict(module.named_parameters())
    got_grads = torch.autograd.grad(
        (value * scale).sum(), [*leaves, *(own[name] for name, _ in named)], allow_unused=True
    )
    want_grads = torch.autograd.grad(
        (want * scale).sum(), [*leaves, *(x for _, x in named)], allow_unused=True
    )
    names = [*(f"operand {i}" for i in range(len(leaves))), *(name for name, _ in named)]
    for name, one, other in zip(names, got_grads, want_grads, strict=True):
        _compare_gradient(name, one, other)


def _compare_gradient(name: str, got: Tensor | None, want: Tensor | None) -> None:
    """No gradient is one of zeros."""
    if got is not None and want is not None:
        _compare(f"gradient for {name}", got, want)
        return
    found = want if got is None else got
    if found is not None and found.abs().max() > TOLERANCE:
        raise Disagreement(f"only one of emission and reference has a gradient for {name}")


def _compare_all(what: str, got: Mapping[str, Tensor], want: Mapping[str, Tensor]) -> None:
    if set(got) != set(want):
        raise Disagreement(f"its {what} is {sorted(got)} in emitted code, {sorted(want)} in the reference")
    for name, value in got.items():
        _compare(f"{what} {name}", value, want[name])


def _compare(what: str, got: Tensor, want: Tensor) -> None:
    if got.shape != want.shape:
        raise Disagreement(
            f"the {what} has shape {list(got.shape)} in emitted code, {list(want.shape)} in the reference"
        )
    if not torch.allclose(got.double(), want.double(), rtol=TOLERANCE, atol=TOLERANCE, equal_nan=True):
        furthest = (got.double() - want.double()).abs().max()
        raise Disagreement(f"the {what} of emitted code and of the reference differ by {furthest:.3g}")


def _shown(graph: Graph) -> str:
    node = graph.nodes[-1]
    arguments = [str(type_) for type_ in graph.operand_types(node)]
    arguments += [f"{name}={shown_value(value)}" for name, value in node.attributes]
    return f"{node.op}({', '.join(arguments)})"


def _described(value: Tensor, batch: int) -> str:
    name = _NAMES.get(value.dtype, str(value.dtype))
    return f"{name}[{', '.join(map(str, value.shape[batch:]))}]"
