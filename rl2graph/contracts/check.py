"""Whether a graph serves a contract."""

from __future__ import annotations

from collections.abc import Iterator

from rl2graph.contracts.contract import Contract
from rl2graph.contracts.heads import action_kinds, head_of
from rl2graph.contracts.inputs import wrong_types
from rl2graph.contracts.policies import wrong_numbers
from rl2graph.contracts.problem import Problem
from rl2graph.ir.graph import LOSS, Graph, Output
from rl2graph.ir.op import Effect
from rl2graph.ir.roles import ROLES
from rl2graph.ir.types import f32
from rl2graph.spaces import Space

_EFFECTS = {
    Effect.RANDOM: ("random", "draws noise"),
    Effect.COLLECTING: ("collecting", "moves statistics of collected steps"),
    Effect.TRAINING: ("training", "moves statistics in training"),
}
_STATE = ("state", "carries state from step to step")


def check_contract(graph: Graph, contract: Contract, action: Space | None) -> list[Problem]:
    """Every way in which the graph fails the contract; none where it serves."""
    name = contract.algorithm.upper()
    by_role: dict[str, Output] = {}
    for output in graph.outputs:
        by_role.setdefault(output.role or "", output)
    problems = [*_unserved_losses(graph, contract, name), *_effects(graph, contract, name)]
    problems += [
        Problem(
            "RLG501",
            f"{name} needs an output `{role}` ({ROLES[role]})",
            hint=_how_to_output(graph, role),
        )
        for role in contract.roles
        if role not in by_role
    ]
    unserved = [kind for kind in action_kinds(action) if kind not in contract.actions] if action else []
    if unserved:
        served = f"{', '.join(contract.actions[:-1])} and {contract.actions[-1]}"
        problems.append(Problem("RLG502", f"{name} serves {served} actions, not {action}"))
        return problems
    for role in contract.roles:
        if role in by_role:
            problems += _wrong_shape(graph, by_role[role], action, name)
    twice = [o for o in graph.outputs if o.role in contract.roles and by_role[o.role] is not o]
    problems += [
        Problem("RLG504", f"two outputs have the role `{o.role}`", "give one of them the role `aux`", o.node)
        for o in twice
    ]
    if not problems:
        problems += _untrained(graph, contract, by_role)
        problems += _further_inputs(graph, contract, name)
        problems += wrong_types(graph, contract, name)
        if "pi" in by_role:
            problems += wrong_numbers(graph, by_role["pi"].node, action, name)
    return problems


def _how_to_output(graph: Graph, role: str) -> str:
    names = [output.name for output in graph.outputs if output.role != LOSS]
    listed = f"`output {', '.join([*names, role])}`"
    return f"bind it by that name, `{role} = head(…)`; an `output` statement lists it too: {listed}"


def _unserved_losses(graph: Graph, contract: Contract, name: str) -> Iterator[Problem]:
    """The spec's losses, where the algorithm adds none to its own."""
    if any(LOSS in loss.reads for loss in contract.losses):
        return
    for loss in graph.losses:
        message = f"{name} does not add the loss `{loss.name}` to its own"
        yield Problem(
            "RLG106", message, "leave it out, or use `model.entry` in a training loop", loss=loss.name
        )


def _effects(graph: Graph, contract: Contract, name: str) -> Iterator[Problem]:
    """The first evaluation of each kind that the algorithm does not serve."""
    said: set[str] = set()
    for index, node in enumerate(graph.nodes):
        kind, what = _STATE if node.spec.has_state else _EFFECTS.get(node.spec.effect, ("", ""))
        if kind and kind not in contract.effects and kind not in said:
            said.add(kind)
            message = f"`{node.op}` {what}, which {name} does not serve"
            yield Problem("RLG106", message, "use `model.entry` in a training loop", index)


def _reader(graph: Graph, owner: str) -> int:
    """The first node that reads an owner's weights."""
    return next(index for index, node in enumerate(graph.nodes) if node.owner == owner)


def loss_matrix(graph: Graph, contract: Contract) -> dict[str, tuple[str, ...]]:
    """For each loss the owners that it trains, in the order of their declaration."""
    matrix = {}
    for loss in contract.losses:
        reached = trained_from(graph, [o.node for o in graph.outputs if o.role in loss.reads])
        matrix[loss.name] = tuple(owner.path for owner in graph.owners if owner.path in reached)
    return matrix


def trained_from(graph: Graph, roots: list[int]) -> set[str]:
    """Owners that gradients reach from the roots: no path counts that goes through a `detach`."""
    seen = set(roots)
    stack = list(roots)
    owners = set()
    while stack:
        node = graph.nodes[stack.pop()]
        if node.op == "detach":
            continue
        if node.owner is not None:
            owners.add(node.owner)
        for operand in node.operands:
            if operand not in seen:
                seen.add(operand)
                stack.append(operand)
    return owners


def _wrong_shape(graph: Graph, output: Output, action: Space | None, name: str) -> Iterator[Problem]:
    expected = head_of(output.role, action)
    type_ = graph.nodes[output.node].type
    if expected is None or not type_.known or type_ == f32(*expected.shape):
        return
    shape = ", ".join(map(str, expected.shape))
    yield Problem(
        "RLG504",
        f"{name} needs `{output.name}` as f32[{shape}] ({expected.kind} for {action}), but it is {type_}"
        if action is not None and expected.kind != "value"
        else f"{name} needs `{output.name}` as one number per sample, but it is {type_}",
        hint=_right_shape(graph, output, len(expected.shape)),
        node=output.node,
    )


def _right_shape(graph: Graph, output: Output, axes: int) -> str:
    """How an output gets its shape; `head` alone does not give it to an operand of several axes."""
    node = graph.nodes[output.node]
    if len(node.type.axes) > axes:
        if node.op == "stack":
            return f"it is {len(node.operands)} of them: leave `ensemble` or `stack` out, or `mean` them"
        reader = node
        while reader.op in ("concat", "masked"):  # the heads of an action's parts
            reader = graph.nodes[reader.operands[0]]
        if reader.owner is not None and len(graph.nodes[reader.operands[0]].type.axes) > 1:
            return f"what it reads has axes of its own: `{output.name} = head(flatten(…))` joins them"
    return f"write `{output.name} = head(…)`, which has the right shape"


def _untrained(graph: Graph, contract: Contract, by_role: dict[str, Output]) -> Iterator[Problem]:
    """Owners that the algorithm evaluates and no loss trains."""
    trained = {owner for owners in loss_matrix(graph, contract).values() for owner in owners}
    outputs = [output for output in graph.outputs if output.role in contract.roles]
    live = graph.live([output.node for output in outputs])
    used = {node.owner for index, node in enumerate(graph.nodes) if live[index] and node.owner}
    if used and all(owner.frozen for owner in graph.owners if owner.path in used):
        message = f"nothing is left for {contract.algorithm.upper()} to train: all weights are `@frozen`"
        yield Problem(
            "RLG403", message, "leave `@frozen` out somewhere", _reader(graph, graph.owners[0].path)
        )
    orphans = [o.path for o in graph.owners if o.path in used and o.path not in trained and not o.frozen]
    unread = _only_in_outputs(graph, contract, trained)
    if unread and not orphans:
        path, output = unread
        message = (
            f"no loss of {contract.algorithm.upper()} trains `{path}`: only the output `{output}` reads it"
        )
        hint = "give it a `loss`, say `@frozen` before the binding, or leave the output out"
        yield Problem("RLG403", message, hint, _reader(graph, path))
    if orphans:
        shown = ", ".join(f"`{path}`" for path in orphans[:3])
        shown += f" and {len(orphans) - 3} more" if len(orphans) > 3 else ""
        message = f"no loss of {contract.algorithm.upper()} trains {shown}: every path to it is detached"
        hint = "remove one `detach`, or say `@frozen` before the binding"
        yield Problem("RLG403", message, hint, _reader(graph, orphans[0]))


def _only_in_outputs(graph: Graph, contract: Contract, trained: set[str]) -> tuple[str, str] | None:
    """The first owner that nothing trains, for the algorithm does not read its output, and that output."""
    for output in graph.outputs:
        if output.role in (*contract.roles, LOSS):
            continue
        live = graph.live([output.node])
        used = {node.owner for index, node in enumerate(graph.nodes) if live[index] and node.owner}
        for owner in graph.owners:
            if owner.path in used and owner.path not in trained and not owner.frozen:
                return owner.path, output.name
    return None


def _further_inputs(graph: Graph, contract: Contract, name: str) -> Iterator[Problem]:
    """Inputs that the algorithm does not give: what acts reads `obs` alone, losses of the spec read more."""
    acting = graph.live([output.node for output in graph.outputs if output.role in contract.roles])
    learning = graph.live([output.node for output in graph.losses])
    seen: set[str] = set()
    for index, node in enumerate(graph.nodes):
        if node.op != "input" or node.input_name in ("obs", *seen):
            continue
        given = node.input_name
        if acting[index]:
            hint = "it may be read by a `loss`" if given in contract.inputs else None
            yield Problem("RLG507", f"{name} acts without the input `{given}`", hint, index)
        elif learning[index] and given not in contract.inputs:
            hint = f"a `loss` may read {', '.join(contract.inputs)}" if contract.inputs else None
            yield Problem("RLG507", f"{name} does not give the input `{given}`", hint, index)
        else:
            continue
        seen.add(given)
