"""`pi = head(e)` where the action has parts: what is made, who owns it, and how the rest works with it."""

from __future__ import annotations

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

import rl2graph
from rl2graph.compiler.check import check
from rl2graph.compiler.elaboration.record_heads import owner_names
from rl2graph.compiler.incremental import Checker
from rl2graph.compiler.interface import Interface
from rl2graph.compiler.spec import parse
from rl2graph.compiler.type_names import space_from_text
from rl2graph.contracts.heads import head_of, policy_width
from rl2graph.ir.graph import Graph
from rl2graph.ir.reserved import reserved
from rl2graph.spaces import Box, Discrete, MultiBinary, MultiDiscrete, Record, leaves_of
from tests.support import VECTOR, codes, graph_of

NESTED = space_from_text(
    '{ left: discrete[3], "right arm": { "0": box[2], b: multi_binary[4] }, train: multi_discrete[2, 5] }',
    "--act",
)
SHARED = "encoder e = mlp(obs, hidden=[8])\npi = head(e)\nv = head(e)"


def compiled(text=SHARED, action=NESTED, observation=VECTOR, **options):
    return rl2graph.compile(text, observation_space=observation, action_space=action, **options)


def owners(text, action=NESTED):
    return [owner.path for owner in graph_of(text, VECTOR, action).owners]


def test_each_part_has_a_head_of_its_own_joined_in_the_spaces_order():
    graph = graph_of(SHARED, VECTOR, NESTED)
    pi = next(output for output in graph.outputs if output.name == "pi")
    joined = graph.nodes[pi.node]
    assert joined.op == "concat"
    assert [
        (graph.nodes[n].owner, graph.nodes[n].op, graph.nodes[n].type.shape) for n in joined.operands
    ] == [
        ("pi.left", "categorical", (3,)),
        ("pi.part_1.part_0", "gaussian", (4,)),
        ("pi.part_1.b", "categorical", (4,)),
        ("pi.part_2", "categorical", (7,)),
    ]
    assert head_of("pi", NESTED).shape == joined.type.shape == (18,)
    assert not check(parse(SHARED), Interface(VECTOR, NESTED), "ppo").diagnostics


def test_one_part_needs_no_joining():
    graph = graph_of(SHARED, VECTOR, Record((("only", Discrete(3)),)))
    pi = next(output for output in graph.outputs if output.name == "pi")
    assert (graph.nodes[pi.node].op, graph.nodes[pi.node].owner) == ("categorical", "pi.only")


def test_each_heads_weights_start_small_and_as_in_a_policy_of_that_part_alone():
    model = compiled(action=Record((("only", Discrete(3)), ("more", Box((2,))))), seed=3)
    weights = model.state_dict()
    for key in ("pi.only.weight", "pi.more.weight"):
        gram = weights[key] @ weights[key].T
        torch.testing.assert_close(gram, 1e-4 * torch.eye(len(gram)))  # orthogonal rows of length 0.01
    assert weights["pi.more.log_std"].tolist() == [0.0, 0.0]
    assert not weights["pi.only.bias"].any()


def test_the_vector_holds_what_each_head_gives():
    model = compiled()
    obs = torch.randn(5, 4)
    encoder, weights = model.entry(["pi"]), model.state_dict()
    e = torch.relu(obs @ weights["e.dense.weight"].T + weights["e.dense.bias"])

    def linear(owner):
        return e @ weights[f"{owner}.weight"].T + weights[f"{owner}.bias"]

    log_std = weights["pi.part_1.part_0.log_std"].expand(5, 2)
    parts = [
        linear("pi.left"),
        linear("pi.part_1.part_0"),
        log_std,
        linear("pi.part_1.b"),
        linear("pi.part_2"),
    ]
    torch.testing.assert_close(encoder(obs)["pi"], torch.cat(parts, dim=-1))


@pytest.mark.parametrize(
    ("text", "paths"),
    [
        ('def f(x) = head(x, role="pi")\npi = f(obs)', ["pi.head.a", "pi.head.b"]),
        ('head f(x) = head(x, role="pi")\npi = f(obs)\noutput pi, z = f(obs + 1)', ["f.a", "f.b"]),
        ("ensemble[2] pi = head(obs)", [f"pi.member_{i}.{part}" for i in (0, 1) for part in "ab"]),
        ('head f(x) { a = dense(x, 4); return head(a, role="pi") }\npi = f(obs)', ["f.a", "f.a_1", "f.b"]),
        ('pi = head(obs)\nz = concat(head(obs, role="pi"), head(obs, role="pi"))\noutput pi, z',
         ["pi.a", "pi.b", "z.head.a", "z.head.b", "z.head_1.a", "z.head_1.b"]),
    ],
)  # fmt: skip
def test_owners_in_definitions_modules_ensembles_and_blocks(text, paths):
    action = Record((("a", Discrete(3)), ("b", Discrete(2))))
    assert owners(text, action) == paths


def test_parts_called_like_layers_before_the_head_collide_with_none():
    action = Record((("dense", Discrete(3)), ("dense_1", Box((2,))), ("dense_1_1", Discrete(2))))
    paths = owners("pi = head(mlp(obs))", action)
    assert paths[:2] == ["pi.dense", "pi.dense_1"]
    assert len(set(paths)) == 5


@settings(max_examples=150, deadline=None)
@given(
    st.lists(
        st.one_of(
            st.sampled_from(["part_0", "part_1", "part_1_1", "0", "1", "train", "lambda", "_a", "__", "é"]),
            st.text(max_size=3),
        ),
        unique=True,
        max_size=8,
    )
)
def test_owner_names_are_names_and_no_two_alike(parts):
    names = owner_names(parts)
    assert len(set(names)) == len(names) == len(parts)
    assert all(name.isascii() and name.isidentifier() and reserved(name) is None for name in names)
    for part, name in zip(parts, names, strict=True):
        plain = part.isascii() and part.isidentifier() and reserved(part) is None
        assert (name == part) == plain


LEAVES = st.one_of(
    st.integers(1, 4).map(Discrete),
    st.lists(st.integers(1, 3), min_size=1, max_size=2).map(lambda counts: MultiDiscrete(tuple(counts))),
    st.integers(1, 3).map(MultiBinary),
    st.lists(st.integers(1, 2), min_size=1, max_size=2).map(lambda shape: Box(tuple(shape))),
)
NAMES = st.sampled_from(
    ["a", "weight", "bias", "log_std", "dense", "dense_1", "0", "1", "part_0", "left arm"]
)
RECORDS = st.recursive(
    LEAVES,
    lambda parts: st.dictionaries(NAMES, parts, min_size=1, max_size=4).map(
        lambda d: Record(tuple(d.items()))
    ),
    max_leaves=8,
).filter(lambda space: isinstance(space, Record))


@settings(max_examples=40, deadline=None)
@given(RECORDS)
def test_every_record_has_a_policy_of_the_contracts_width_and_a_text_that_comes_back(action):
    text = "encoder e = mlp(obs)\npi = head(mlp(e))\nv = head(e)"
    analysis = check(parse(text), Interface(VECTOR, action), "ppo")
    assert not analysis.diagnostics
    graph = analysis.graph
    pi = next(output for output in graph.outputs if output.name == "pi")
    assert graph.nodes[pi.node].type.shape == (policy_width(action),)
    assert Graph.from_text(graph.to_text()) == graph
    heads = [node for node in graph.nodes if node.op in ("categorical", "gaussian")]
    assert len({node.owner for node in heads}) == len(heads) == len(list(leaves_of(action)))


def test_the_action_is_structured_where_a_spec_reads_it():
    text = SHARED + '\nq = head(concat(e, act.left, act["right arm"]["0"], act["right arm"].b, act.train))'
    model = compiled(text)
    act = {
        "left": torch.tensor([2]),
        "right arm": {"0": torch.tensor([[0.5, -1.0]]), "b": torch.tensor([[1, 0, 0, 1]])},
        "train": torch.tensor([[1, 4]]),
    }
    obs = torch.randn(1, 4)
    weights = model.state_dict()
    e = torch.relu(obs @ weights["e.dense.weight"].T + weights["e.dense.bias"])
    encoded = torch.tensor([[0, 0, 1, 0.5, -1, 1, 0, 0, 1, 0, 1, 0, 0, 0, 0, 1]])
    expected = torch.cat((e, encoded), dim=-1) @ weights["q.weight"].T + weights["q.bias"]
    torch.testing.assert_close(model(obs, act=act)["q"], expected.squeeze(-1))


def test_without_the_action_space_a_head_stays_open_and_the_action_too():
    graph = graph_of(SHARED + "\nq = head(concat(e, act.left))", VECTOR, None)
    pi = next(output for output in graph.outputs if output.name == "pi")
    assert graph.nodes[pi.node].op == "unresolved"
    open_dims = "input act: { a: discrete[3], b: box[n] }\npi = head(mlp(obs))"
    graph = graph_of(open_dims, VECTOR, None)
    assert graph.nodes[graph.outputs[0].node].op == "unresolved"


def test_a_declared_action_takes_the_environments_order():
    text = "input act: { b: box[n], a: discrete[3] }\n" + SHARED
    graph = graph_of(text, VECTOR, Record((("a", Discrete(3)), ("b", Box((2,))))))
    assert [owner.path for owner in graph.owners if owner.path.startswith("pi")] == ["pi.a", "pi.b"]


@pytest.mark.parametrize("role", ["mu", "q", "q1"])
def test_other_heads_of_parts_are_refused(role):
    assert codes(f"{role} = head(obs)", VECTOR, NESTED) == ["RLG504"]


def test_parts_written_by_hand_with_a_mask():
    text = (
        "encoder e = mlp(obs.x, hidden=[8])\nleft = masked(categorical(e, 3), obs.mask)\n"
        "pi = concat(left, gaussian(e, 2))\nv = head(e)"
    )
    action = Record((("left", Discrete(3)), ("right", Box((2,)))))
    observation = Record((("x", VECTOR), ("mask", MultiBinary(3))))
    assert not check(parse(text), Interface(observation, action), "ppo").diagnostics
    model = compiled(text, action, observation)
    obs = {"x": torch.randn(2, 4), "mask": torch.tensor([[1, 0, 1], [0, 0, 1]])}
    probabilities = torch.softmax(model(obs)["pi"][:, :3], dim=-1)
    assert probabilities[0, 1] == 0
    assert probabilities[1].tolist() == [0, 0, 1]
    assert model.outputs[0].head == "joint"


def test_annotations_reach_every_part():
    graph = graph_of("@frozen pi = head(obs)\nv = head(obs)", VECTOR, NESTED)
    assert all(owner.frozen for owner in graph.owners if owner.path.startswith("pi."))
    graph = graph_of("@init(normal, 0.5) pi = head(obs)\nv = head(obs)", VECTOR, NESTED)
    rules = {o.path: str(o.weights[0].init) for o in graph.owners if o.path.startswith("pi.")}
    assert set(rules.values()) == {"normal(0.5)"}


def test_the_incremental_checker_says_what_a_fresh_check_says():
    interface = Interface(VECTOR, NESTED)
    checker = Checker(interface)
    edits = [
        SHARED,
        SHARED.replace("head(e)", "head(mlp(e))", 1),
        SHARED + "\nz = pi",
        SHARED.replace("e)", "eh)"),
        SHARED.replace("pi =", "output p: pi ="),
        "x = mlp(obs)\n" + SHARED,
        SHARED,
    ]
    for text in edits:
        again, fresh = checker.check(text), check(parse(text), interface)
        assert [(d.code, d.message) for d in again.diagnostics] == [
            (d.code, d.message) for d in fresh.diagnostics
        ]
        assert again.graph == fresh.graph


def test_equal_specs_are_equivalent_and_digests_tell_orders_apart():
    by_hand = (
        "encoder e = mlp(obs, hidden=[8])\nl = categorical(e, 3)\npi = concat(l, gaussian(e, 2))\nv = head(e)"
    )
    action = Record((("left", Discrete(3)), ("right", Box((2,)))))
    turned = Record(tuple(reversed(action.fields)))
    found = rl2graph.equivalent(SHARED, by_hand, observation_space=VECTOR, action_space=action)
    assert found
    assert found.owners["pi.left"] == "l"
    assert not rl2graph.equivalent(SHARED, by_hand, observation_space=VECTOR, action_space=turned)
    digests = {compiled(action=space).function_digest for space in (action, turned)}
    assert len(digests) == 2
    assert compiled(action=action, seed=9).function_digest in digests


def test_levels_and_the_exported_program_give_the_same(tmp_path):
    literal, merged = compiled(level=0, seed=1), compiled(level=1, seed=1)
    obs = torch.randn(3, 4)
    assert list(literal.state_dict()) == list(merged.state_dict())
    assert torch.equal(literal(obs)["pi"], merged(obs)["pi"])
    exported = torch.export.export(merged.entry(["pi", "v"]), (obs,)).module()
    torch.testing.assert_close(exported(obs)["pi"], merged(obs)["pi"])


def test_observations_with_starts_and_axes_are_one_hot_vectors():
    observation = Record(
        (
            ("a", MultiDiscrete((2, 3, 2, 2), (1, 0, 0, -2), (2, 2))),
            ("b", MultiDiscrete((2, 2), (), (2, 1))),
            ("c", MultiBinary(4, (2, 2))),
        )
    )
    text = "output x: aux = concat(obs.a, obs.b, flatten(obs.c))"
    model = rl2graph.compile(text, observation_space=observation)
    obs = {
        "a": torch.tensor([[[1, 2], [1, -1]]]),
        "b": torch.tensor([[[1], [0]]]),
        "c": torch.tensor([[[1, 0], [0, 1]]]),
    }
    a, b, c = [1, 0, 0, 0, 1, 0, 1, 0, 1], [0, 1, 1, 0], [1, 0, 0, 1]
    assert model(obs)["x"].tolist() == [[*map(float, a + b + c)]]
    assert not codes("pi = obs |> encode |> head", observation)


def test_joint_actions_count_from_0_as_each_agents_own():
    interface = Interface(VECTOR, Discrete(3, start=5), agents=("a", "b"))
    graph = check(parse("q = head(joint(act))"), interface).graph
    assert {node.values["start"] for node in graph.nodes if node.op == "one_hot"} == {0}
