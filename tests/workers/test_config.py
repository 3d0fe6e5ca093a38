import pytest

from rl2graph.diagnostics import DiagnosticError
from rl2graph.environments import find_spec
from rl2graph.workers.config import Resolved, env_settings, read_config, resolve, stated
from rl2graph.workers.env_config import EnvConfig
from rl2graph.workers.families import family_defaults


def codes(caught):
    return [d.code for d in caught.value.diagnostics]


def refused(layers=(), settings=(), algo="ppo"):
    with pytest.raises(DiagnosticError) as caught:
        resolve(algo=algo, layers=list(layers), settings=settings)
    return [(d.code, d.message, d.hint or "") for d in caught.value.diagnostics]


def test_precedence():
    weak = {"ppo": {"gamma": 0.1, "epochs": 1, "n_steps": 11}}
    strong = {"ppo": {"gamma": 0.2, "epochs": 2}}
    resolved = resolve(algo="ppo", layers=[weak, strong], settings=["ppo.gamma=0.3"])
    algorithm = resolved.algorithm
    assert (algorithm.gamma, algorithm.epochs, algorithm.n_steps) == (0.3, 2, 11)
    assert algorithm.gae_lambda == 0.95


def test_settings_are_toml_values_or_bare_words_and_need_no_table():
    settings = [
        "learning_rate=1e-3",
        "driver=compiled",
        "steps=10",
        "target_kl=none",
        "ppo.max_grad_norm=inf",
    ]
    resolved = resolve(algo="ppo", layers=[{"ppo": {"target_kl": 0.1}}], settings=settings)
    assert resolved.algorithm.learning_rate == 1e-3
    assert resolved.algorithm.driver == "compiled"
    assert resolved.algorithm.target_kl is None
    assert resolved.algorithm.max_grad_norm == float("inf")
    assert resolved.run.steps == 10


def test_unknown_keys_and_tables_are_named_with_the_nearest():
    assert refused(settings=["ppo.gama=0.9"]) == [
        ("RLG606", "no key `ppo.gama` in the configuration", "did you mean `gamma`?")
    ]
    assert refused(settings=["learning_rat=1"])[0][2] == "did you mean `learning_rate`?"
    assert refused([{"ppp": {"gamma": 0.9}}])[0][:2] == ("RLG606", "no table `[ppp]` in the configuration")
    assert refused([{"ppp": {}}])[0][0] == "RLG606"
    assert refused(settings=["nonsense"])[0][0] == "RLG606"
    hint = "did you mean `ppo`? `--ops MODULE` loads one of your own"
    assert refused(algo="pppo")[0] == ("RLG506", "unknown algorithm `pppo`", hint)


def test_bad_values_are_all_found_at_once():
    found = refused([{"run": {"steps": -1}}], ["gamma=high", "epochs=1.5", "ppo.nope=1"])
    assert [code for code, _, _ in found] == ["RLG606", "RLG607", "RLG607", "RLG607"]
    assert found[1][1] == "`run.steps` cannot be -1: it is at least 1"


def test_what_is_stated_of_the_environment_and_the_algorithm():
    layers = [{"run": {"env": "A-v0", "algo": 3}}, {"run": {"env": "B-v0"}}]
    assert stated(layers, [], "env") == "B-v0"
    assert stated(layers, ["env=C-v0", "algo=PPO"], "env") == "C-v0"
    assert stated(layers, ["run.algo=PPO"], "algo") == "PPO"
    assert stated(layers, [], "algo") == ""
    assert refused([layers[0]])[0][:2] == ("RLG607", "`run.algo` cannot be 3: it is text")


def test_it_survives_being_written(tmp_path):
    settings = ["target_kl=none", "value_clip_range=0.2", "run.env=CartPole-v1", "params.width=64"]
    resolved = resolve(algo="ppo", layers=[], settings=settings)
    text = resolved.to_toml()
    assert Resolved.from_toml(text, "config.toml") == resolved
    assert "target_kl" not in text
    path = tmp_path / "c.toml"
    path.write_text(text)
    assert read_config(path)["params"] == {"width": 64}


@pytest.mark.parametrize(
    ("content", "code"),
    [(b"a = ", "RLG607"), (b"\xff\xfe", "RLG602"), (b"gamma = 1", "RLG606"), (None, "RLG601")],
)
def test_files_that_are_no_configuration(tmp_path, content, code):
    path = tmp_path / "c.toml"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(DiagnosticError) as caught:
        read_config(path)
    assert codes(caught) == [code]


def test_the_environments_table():
    layers = [{"env": {"frame_stack": 4, "clip_rewards": 1}}, {"ppo": {"gamma": 0.9}}]
    settings = ["env.time_limit=200", "frame_stack=none", "normalise_rewards=true", "gamma=0.5"]
    env = resolve(algo="ppo", layers=layers, settings=settings).env
    assert (env.time_limit, env.frame_stack, env.clip_rewards, env.normalise_rewards) == (
        200,
        None,
        1.0,
        True,
    )
    # What is asked for before the algorithm is known is the same.
    assert env_settings(layers, settings) == env
    assert Resolved.from_toml(resolve(algo="ppo", layers=layers).to_toml(), "c").env.frame_stack == 4
    assert Resolved.from_toml("[run]\n[ppo]\n", "c").env == EnvConfig()  # of a run before there was the table
    assert refused(settings=["env.frame_stak=4"])[0][2] == "did you mean `frame_stack`?"
    assert refused(settings=["terminal_on_life_loss=true"])[0][0] == "RLG607"


def test_families_are_told_by_the_module():
    name, tables = family_defaults(find_spec("CartPole-v1"))
    assert name == "classic-control"
    for algo in ("ppo", "a2c"):
        own = {table: tables[table] for table in ("run", algo)}
        assert resolve(algo=algo, layers=[own]).algorithm.n_steps == tables[algo]["n_steps"]
    assert family_defaults(find_spec("Pendulum-v1"))[0] == "pendulum"
    assert family_defaults(find_spec("FrozenLake-v1")) == ("", {})
    assert family_defaults(None) == ("", {})
