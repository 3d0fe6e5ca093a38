"""What a run says of its optimisers."""

from rl2graph.contracts import CONTRACTS
from rl2graph.contracts.training import in_words, trained_by, training_plan
from tests.support import SHARED, graph_of

PPO = CONTRACTS["ppo"]


def test_a_shared_encoder_is_in_one_optimiser_and_named():
    (plan,) = training_plan(graph_of(SHARED), PPO)
    assert plan == {
        "optimiser": "actor_critic",
        "losses": ["policy", "value", "entropy"],
        "owners": {
            "f.dense": ["policy", "value", "entropy"],
            "f.dense_1": ["policy", "value", "entropy"],
            "pi": ["policy", "entropy"],
            "v": ["value"],
        },
        "shared": ["f.dense", "f.dense_1"],
    }
    assert in_words([plan]) == [
        "actor_critic: one step on policy + value + entropy; under several of them: f.dense, f.dense_1"
    ]


def test_split_networks_share_nothing():
    (plan,) = training_plan(graph_of("pi = head(mlp(obs)); v = head(mlp(obs))"), PPO)
    assert plan["shared"] == []
    assert in_words([plan]) == ["actor_critic: one step on policy + value + entropy"]


def test_what_is_detached_or_frozen_is_not_trained():
    text = "@frozen a = mlp(obs); e = mlp(a); pi = head(e); v = head(detach(e)); loss aux = mse(v, detach(v))"
    found = trained_by(graph_of(text), PPO)
    assert not [path for path in found if path.startswith("a.")]
    assert found["e.dense"] == ("policy", "entropy")
    assert found["v"] == ("value", "spec")
