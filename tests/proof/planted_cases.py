"""Entry points in which mistakes show."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import torch

import rl2graph
from rl2graph.backend.numerics import float64
from rl2graph.compiler.entries.terms import Apply, Call, Input
from rl2graph.ir.graph import ONLINE, TARGET
from rl2graph.model.programs import owners_below
from rl2graph.spaces import Record, unbounded
from tests.proof.draws import key, weights
from tests.proof.planted_held import FOUR, Entry, close, given_to, model_of

NEXT = Input("next_obs")
ACTOR = (
    "encoder h = dense(obs, 4); e = tanh(h); m = dense(e, 3); mu = tanh(m); q = dense(concat(e, act), 2);"
    " output mu, q"
)
GOALS = "input goal: f32[4]; x = tanh(obs); q = dense(obs - goal, 3) + dense(goal, 3); output q, x"
POLICY = (
    "encoder e = dense(obs, 4); pi = gaussian(e, 3); q1 = dense(concat(e, act), 2);"
    " q2 = dense(concat(e, act), 2); output pi, q1, q2"
)
NOISY = "encoder e = dense(obs, 4) |> dropout(0.5); a = dense(e, 2); b = dense(e, 2); output a, b"
MOVING = "encoder e = dense(obs, 4) |> batch_norm |> gru(2); a = dense(e, 2); b = dense(e, 2); output a, b"
ROLES = "encoder e = dense(obs, 4); q = dense(e, 2); pi = dense(e, 2); v = dense(e, 2); output q, pi, v"
TENS = "q1 = dense(obs, 2); q10 = dense(obs, 2); output q1, q10"
EXACT = "x = detach(obs); output x"


SAMPLE = Apply("gaussian_sample", "pi")
NEXT_SAMPLE = Apply("gaussian_sample", Call("pi", {"obs": NEXT}))
SCALED = Apply("gaussian_sample", Apply("mul", "pi", 2.0))

ENTRIES: dict[str, Entry] = {
    "double dqn": Entry(
        ACTOR,
        {"q": "q", "next": Call("q", {"obs": NEXT}), "target": Call("q", {"obs": NEXT}, TARGET)},
        inputs=("obs", "act", "next_obs"),
        counts={"h": 3, "q": 3},
    ),
    "ddpg's target": Entry(
        ACTOR,
        ["q"],
        {"obs": NEXT, "act": "mu"},
        TARGET,
        inputs=("next_obs",),
        counts={"h": 1, "m": 1, "q": 1},
    ),
    "ddpg's actor": Entry(ACTOR, ["q"], {"act": "mu"}, train=("m",), inputs=("obs",), counts={"h": 1}),
    "ddpg's critic": Entry(
        ACTOR,
        {"q": "q", "y": Call("q", {"obs": NEXT, "act": "mu"}, TARGET)},
        train=("q", "h"),
        counts={"h": 2, "q": 2},
    ),
    "an action of another step": Entry(
        ACTOR, {"q": Call("q", {"obs": NEXT, "act": Call("mu")})}, inputs=("obs", "next_obs"), counts={"h": 2}
    ),
    "an online action in a target": Entry(
        ACTOR, {"q": Call("q", {"act": Call("mu", version=ONLINE)}, TARGET)}, counts={"h": 2, "m": 1}
    ),
    "one of two inputs": Entry(GOALS, ["q"], {"goal": "x"}, inputs=("obs",)),
    "one of two inputs by name": Entry(GOALS, ["q"], {"goal": NEXT}, inputs=("obs", "next_obs")),
    "in another order": Entry(ROLES, ["v", "q", "pi"], roles=("v", "q", "pi")),
    "roles of calls": Entry(
        ROLES, {"b": Call("v", {"obs": NEXT}), "a": "q"}, roles=("v", "q"), inputs=("next_obs", "obs")
    ),
    "a path that another starts with": Entry(TENS, ["q1", "q10"], train=("q1",)),
    "zeros": Entry(
        EXACT,
        {
            "a": Apply("add", "x", 0.0),
            "b": Apply("add", "x", -0.0),
            "c": Apply("clip", "x", low=0.0, high=1.0),
            "d": Apply("clip", "x", low=-0.0, high=1.0),
            "e": Apply("sub", 1.0, "x"),
        },
        exact=True,
    ),
    "twin targets": Entry(
        POLICY,
        {
            "y": Apply(
                "minimum",
                Call("q1", {"obs": NEXT}, TARGET),
                Apply("mul", 0.5, Call("q2", {"obs": NEXT}, TARGET)),
            ),
            "difference": Apply("sub", "q1", "q2"),
        },
        counts={"e": 2, "q1": 2, "q2": 2},
    ),
    "one sample for both critics": Entry(
        POLICY, {n: Call(n, {"act": SAMPLE}) for n in ("q1", "q2")}, mode="train", draws=1, counts={"e": 1}
    ),
    "two samples of one policy": Entry(
        POLICY, {"a": SAMPLE, "b": Apply("gaussian_sample", "pi", draw=1)}, mode="train", draws=2
    ),
    "a call in a target": Entry(
        ACTOR, {"q": Call("q", {"act": Call("mu")})}, version=TARGET, counts={"h": 1, "m": 1}
    ),
    "samples of two policies": Entry(POLICY, {"now": SAMPLE, "next": NEXT_SAMPLE}, mode="train", draws=2),
    "a number in an action": Entry(
        POLICY, {n: Call(n, {"act": SCALED}) for n in ("q1", "q2")}, mode="train", draws=1
    ),
    "one dropout for two heads": Entry(
        NOISY,
        {"a": Call("a", {}, TARGET), "b": Call("b", {}, TARGET), "c": "a", "d": "b"},
        mode="train",
        draws=2,
    ),
    "dropout in evaluation": Entry(NOISY, ["b", "a"]),
    "statistics and states": Entry(
        MOVING,
        {"a": "a", "target": Call("a", {}, TARGET), "other": Call("b", {}, TARGET)},
        mode="train",
        states=("e.hidden", "target.e.hidden"),
        statistics=("e.batch_norm.running_mean", "e.batch_norm.running_var"),
        counts={"e": 2},
    ),
    "states in evaluation": Entry(
        MOVING, {"a": "a", "b": Call("b", {}, TARGET)}, states=("e.hidden", "target.e.hidden")
    ),
    "parts": Entry(
        "output q = dense(obs.left - obs.right, 2), l = tanh(obs.left)",
        {"q": "q", "next": Call("q", {"obs": NEXT}), "half": Call("q", {"obs.right": Call("l")})},
        observation=Record((("left", FOUR), ("right", FOUR))),
    ),
}


def statistics_of_the_online_batch() -> Iterator[str]:
    """A target beside it changes nothing of what the online network's statistics become."""
    model = model_of(ENTRIES["statistics and states"])
    alone = model.entry(["a"], mode="train")
    both = model.entry({"t": Call("a", {"obs": NEXT}, TARGET), "a": "a"}, mode="train")
    given = given_to(model)
    with float64():
        want = alone(given["obs"])["statistics"]
        got = both(given["obs"], next_obs=given["next_obs"])["statistics"]
    for name, value in want.items():
        if not close(got[name], value):
            yield f"{name} is moved by the target's batch"


def entries_of_one_model() -> Iterator[str]:
    """Entries are made once each, and are those that were asked for."""
    model = model_of(ENTRIES["double dqn"])
    requests: list[tuple[Any, ...]] = [
        ({"q": "q"},),
        ({"q": Call("q")},),
        ({"q": Call("q", version=TARGET)},),
        ({"q": Call("q", {"act": "mu"})},),
        ({"q": Call("q", {"obs": NEXT})},),
        (["q"], {"act": "mu"}),
        ({"q": Apply("add", "q", 0.0)},),
        ({"q": Apply("add", "q", -0.0)},),
    ]
    entries = [model.entry(*request) for request in requests]
    if len({id(entry) for entry in entries}) != len(requests):
        yield "two requests give one entry"
    if any(model.entry(*request) is not entry for request, entry in zip(requests, entries, strict=True)):
        yield "an entry is made twice"


def targets_of_one_model() -> Iterator[str]:
    """One clone of each owner for all entries; it moves once, and statistics are taken over."""
    model = model_of(ENTRIES["statistics and states"])
    one = model.entry(["a"], version=TARGET)
    given_to(model)
    before = {name: value.clone() for name, value in model.target_weights.state_dict().items()}
    two = model.entry(["a", "b"], version=TARGET)
    mine, theirs = (dict(entry.named_buffers()) for entry in (one, two))
    for name, value in mine.items():
        if value is not theirs[name]:
            yield f"there are two clones of {name}"
        if not torch.equal(value, before[name.removeprefix("target.")]):
            yield f"{name} is made anew"
    model.target_weights.update(0.25)
    for name, value in model.target_weights.state_dict().items():
        online = model.state_dict()[name]
        want = online if "running" in name else before.get(name, online) * 0.75 + online * 0.25
        if not close(value, want):
            yield f"{name} does not move a quarter of the way"


def paths_to_train() -> Iterator[str]:
    """A path is an owner's, or that of what lies below."""
    graph = model_of(ENTRIES["a path that another starts with"])._literal
    if owners_below(graph, ["q1"]) != {"q1"}:
        yield "a path takes others with it"


def resets_start_anew() -> Iterator[str]:
    """After a reset a sequence goes on as one that starts there."""
    model = rl2graph.compile(
        "h = gru(obs, 3); output h", observation_space=FOUR, action_space=unbounded((3,))
    )
    with float64():
        model.double()
        model.load_state_dict(weights(model._literal.owners, 0))
        obs = torch.randn(3, 2, 4, generator=key(0, "steps"), dtype=torch.float64)
        resets = torch.tensor([[False, False], [True, True], [False, False]])
        whole, rest = model(obs, resets=resets)["h"], model(obs[1:])["h"]
    if not close(whole[1:], rest):
        yield "the state is carried over a reset"


CASES: dict[str, Callable[[], Iterator[str]]] = {
    **ENTRIES,
    "statistics of the online batch": statistics_of_the_online_batch,
    "entries of one model": entries_of_one_model,
    "targets of one model": targets_of_one_model,
    "paths to train": paths_to_train,
    "resets start anew": resets_start_anew,
}
