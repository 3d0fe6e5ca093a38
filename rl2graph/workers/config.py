"""A run's configuration: `--set` over flags over `--config` over the environment's family over defaults."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, fields
from pathlib import Path
from typing import Any, TypeVar, get_args, get_type_hints

from rl2graph.agents.algorithms import ALGORITHMS, algorithm_named
from rl2graph.agents.fields import number, plain, validate
from rl2graph.diagnostics import Diagnostic, DiagnosticError, did_you_mean
from rl2graph.workers.env_config import EnvConfig

T = TypeVar("T")
Layer = Mapping[str, Mapping[str, Any]]


@dataclass(frozen=True, kw_only=True)
class RunConfig:
    """What a run is, whatever its algorithm. Steps are environment steps, over all copies together."""

    env: str = plain("", doc="id of a registered environment; empty for an environment handed in")
    algo: str = plain("ppo", doc="the algorithm, lower case")
    steps: int = number(100_000, low=1, most=10**12)
    seed: int = number(0, low=0, most=2**63 - 1)
    num_envs: int = number(8, low=1, most=10_000, doc="copies of the environment")
    device: str = plain("cpu", doc="where the network is: `cpu`, `cuda`, `cuda:1`, …")
    checkpoint_every: int = number(25_000, low=1, most=10**12, doc="steps between checkpoints")
    eval_episodes: int = number(
        10, low=0, most=1_000_000, doc="greedy episodes at each checkpoint, to find the best"
    )
    final_episodes: int = number(100, low=0, most=1_000_000, doc="greedy episodes at the end")

    def __post_init__(self) -> None:
        validate(self, "run")


@dataclass(frozen=True)
class Resolved:
    """The configuration that a run uses; `algorithm` is of the algorithm's own type, and `params` are values
    for the spec's `param` statements.
    """

    run: RunConfig
    algorithm: Any
    params: Mapping[str, Any] = field(default_factory=dict)
    env: EnvConfig = field(default_factory=EnvConfig)

    def to_toml(self) -> str:
        """As TOML: `[run]`, `[env]`, the algorithm's table, `[params]`; what is off (None) is left out."""
        import tomli_w

        tables = {"run": asdict(self.run), "env": asdict(self.env), self.run.algo: asdict(self.algorithm)}
        if self.params:
            tables["params"] = dict(self.params)
        return tomli_w.dumps(
            {name: {k: v for k, v in table.items() if v is not None} for name, table in tables.items()}
        )

    @classmethod
    def from_toml(cls, text: str, name: str) -> Resolved:
        """Reads what `to_toml` wrote; no other layer is applied, so it means the same in any release."""
        tables = parse_toml(text, name)
        algo = tables.get("run", {}).get("algo", "ppo")
        return resolve(algo=algo if isinstance(algo, str) else "ppo", layers=[tables])


def resolve(*, algo: str, layers: Sequence[Layer], settings: Iterable[str] = ()) -> Resolved:
    """The dataclasses' defaults, then each layer in order, then the `key=value` settings.

    Args:
        algo: the algorithm whose table counts.
        layers: values by table and key, weakest first.
        settings: texts of `--set`: `ppo.gamma=0.9` or, where only one table has the key, `gamma=0.9`.

    Raises:
        DiagnosticError: RLG506, RLG606 for unknown tables and keys, RLG607 for values; all that are found.
    """
    algorithm_config = algorithm_named(algo).config_type
    classes: dict[str, type[Any]] = {"run": RunConfig, "env": EnvConfig, algo: algorithm_config}
    values: dict[str, dict[str, Any]] = {name: {} for name in classes}
    params: dict[str, Any] = {}
    found: list[Diagnostic] = []
    others: set[str] = set()
    for table, key, value in _items(layers, classes, settings, found):
        if table == "params":
            params[key] = value
        elif table not in classes:
            if table not in others:
                others.add(table)
                found.append(_no_table(table, algo, [*classes, "params"]))
        elif key not in _keys(classes[table]):
            found.append(_unknown(f"{table}.{key}", "key", key, _keys(classes[table])))
        else:
            values[table][key] = _none_or(value, classes[table], key)
    if isinstance(values["run"].get("algo", algo), str):
        values["run"]["algo"] = algo
    run = _build(RunConfig, values["run"], found)
    env = _build(EnvConfig, values["env"], found)
    algorithm = _build(algorithm_config, values[algo], found)
    if found or run is None or env is None or algorithm is None:
        raise DiagnosticError(found)
    return Resolved(run, algorithm, params, env)


def env_settings(layers: Sequence[Layer], settings: Iterable[str]) -> EnvConfig:
    """The table `[env]` alone, for what has to be known before there is an algorithm; what else is wrong is
    left to `resolve`.
    """
    classes: dict[str, type[Any]] = {"run": RunConfig, "env": EnvConfig}
    keys = _keys(EnvConfig)
    return EnvConfig(
        **{
            key: _none_or(value, EnvConfig, key)
            for table, key, value in _items(layers, classes, settings, [])
            if table == "env" and key in keys
        }
    )


def stated(layers: Sequence[Layer], settings: Iterable[str], key: str) -> str:
    """What the strongest layer says for `[run]`'s `key`, before anything is checked; "" for nothing."""
    value: Any = ""
    for layer in layers:
        value = layer.get("run", {}).get(key, value)
    for setting in settings:
        name, _, text = setting.partition("=")
        if name.strip() in (key, f"run.{key}"):
            value = _value(text)
    return value if isinstance(value, str) else ""


def read_config(path: Path) -> dict[str, dict[str, Any]]:
    """A configuration file, as values by table and key.

    Raises:
        DiagnosticError: RLG601 or RLG602 where it cannot be read, RLG606 or RLG607 where it is no such file.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except UnicodeDecodeError:
        raise DiagnosticError.of("RLG602", f"`{path}` is not UTF-8 text") from None
    except OSError as error:
        raise DiagnosticError.of("RLG601", f"cannot read `{path}`: {error.strerror or error}") from None
    return parse_toml(text, str(path))


def parse_toml(text: str, name: str) -> dict[str, dict[str, Any]]:
    """TOML of tables, one level deep."""
    try:
        data = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise DiagnosticError.of("RLG607", f"`{name}` is not TOML: {error}") from None
    return check_tables(data, name)


def check_tables(data: Any, name: str) -> dict[str, dict[str, Any]]:
    """`data` as values by table and key; RLG606 where it is something else."""
    if not isinstance(data, Mapping):
        raise DiagnosticError.of("RLG606", f"`{name}` is a {type(data).__name__}, and not tables by name")
    for key, value in data.items():
        if not isinstance(value, Mapping):
            raise DiagnosticError.of(
                "RLG606",
                f"`{name}` sets `{key}` outside any table",
                hint="tables are [run], [env], [params] and the algorithm's",
            )
    return {str(table): {str(key): value for key, value in data[table].items()} for table in data}


def _items(
    layers: Sequence[Layer],
    classes: Mapping[str, type[Any]],
    settings: Iterable[str],
    found: list[Diagnostic],
) -> Iterable[tuple[str, str, Any]]:
    for layer in layers:
        for table, entries in layer.items():
            if not entries and table not in classes and table != "params":
                found.append(_unknown(f"[{table}]", "table", table, [*classes, "params"]))
            for key, value in entries.items():
                yield table, key, value
    for setting in settings:
        key, equals, text = setting.partition("=")
        key = key.strip()
        if not equals or not key:
            found.append(Diagnostic("RLG606", f"`{setting}` is not of the form key=value"))
            continue
        table, dot, last = key.rpartition(".")
        if dot:
            yield table, last, _value(text)
            continue
        owners = [name for name, cls in classes.items() if key in _keys(cls)]
        if len(owners) == 1:
            yield owners[0], key, _value(text)
        elif owners:
            places = " and ".join(f"{owner}.{key}" for owner in owners)
            found.append(Diagnostic("RLG606", f"`{key}` could be {places}", hint="write the table before it"))
        else:
            every = [name for cls in classes.values() for name in _keys(cls)]
            found.append(_unknown(key, "key", key, every))


def _value(text: str) -> Any:
    """A TOML value, or the bare text: `driver=compiled` needs no quotes."""
    text = text.strip()
    try:
        return tomllib.loads(f"value = {text}")["value"]
    except tomllib.TOMLDecodeError:
        return text


def _none_or(value: Any, cls: type[Any], key: str) -> Any:
    # TOML has no null: the word stands for it, where a setting can be off.
    return None if value == "none" and type(None) in get_args(get_type_hints(cls)[key]) else value


def _keys(cls: type[Any]) -> list[str]:
    return [item.name for item in fields(cls)]


def _build(cls: type[T], values: Mapping[str, Any], found: list[Diagnostic]) -> T | None:
    try:
        return cls(**values)
    except DiagnosticError as error:
        found += error.diagnostics
        return None


def _no_table(table: str, algo: str, known: list[str]) -> Diagnostic:
    if table not in ALGORITHMS:
        return _unknown(f"[{table}]", "table", table, known)
    return Diagnostic(
        "RLG606",
        f"`[{table}]` has settings of another algorithm than the run's, {algo}",
        hint=f"leave the table out, or train with `--algo {table}`",
    )


def _unknown(shown: str, what: str, name: str, known: Iterable[str]) -> Diagnostic:
    names = list(known)
    hint = did_you_mean(name, names) or f"known are {', '.join(names)}"
    return Diagnostic("RLG606", f"no {what} `{shown}` in the configuration", hint=hint)
