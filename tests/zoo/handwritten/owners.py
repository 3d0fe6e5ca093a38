"""Where specs keep what the networks hold."""

from __future__ import annotations

from collections import Counter

from torch import nn

from tests.zoo.handwritten.pieces import NoisyLinear

LAYERS = {
    nn.Linear: "dense",
    nn.Conv2d: "conv2d",
    nn.ConvTranspose2d: "conv_transpose2d",
    nn.LayerNorm: "layer_norm",
    nn.Embedding: "embedding",
    nn.LSTMCell: "lstm",
    nn.GRUCell: "gru",
    nn.BatchNorm2d: "batch_norm",
    NoisyLinear: "noisy_dense",
    nn.MultiheadAttention: "attention",
}
"""What the language calls torch's layers."""


def weights(spec: str, network: nn.Module) -> dict[str, str]:
    """For each key of the state_dict of a spec's network that of the spec.

    A child is the binding of its name, and a layer inside it the n-th of its kind there; `OWNERS` says where
    that is not so, of a layer or of a single tensor.
    """
    owners = OWNERS.get(spec, {})
    repeats: Counter[str] = Counter()
    keys: dict[str, str] = {}
    for name, layer in network.named_modules():
        held = {**layer._parameters, **layer._buffers}
        tensors = [t for t, value in held.items() if value is not None and t != "num_batches_tracked"]
        own = {f"{name}.{tensor}".lstrip("."): tensor for tensor in tensors}
        if name.endswith(".out_proj"):
            beside = keys[f"{name.removesuffix('out_proj')}in_proj_bias"]
            keys |= {key: beside.replace("in_proj_bias", f"out_proj_{own[key]}") for key in own}
        elif set(own) <= set(owners):
            keys |= {key: owners[key] for key in own}
        else:
            path = owners.get(name) or (_nth(owners, repeats, name, layer) if "." in name else name)
            keys |= {key: f"{path}.{tensor}" for key, tensor in own.items()}
    return keys


def _nth(owners: dict[str, str], repeats: Counter[str], name: str, layer: nn.Module) -> str:
    child = name.partition(".")[0]
    stem = f"{owners.get(child, child)}.{LAYERS[type(layer)]}"
    repeats[stem] += 1
    return _counted(stem, repeats[stem] - 1)


def _counted(stem: str, number: int) -> str:
    return f"{stem}_{number}" if number else stem


def in_members(*layers: str) -> dict[str, str]:
    """The layers of each of ten members, named by their owners below the member."""
    return {f"q.{i}.{2 * k}": f"q.member_{i}{owner}" for i in range(10) for k, owner in enumerate(layers)}


def gate_owners(gate, r, z, h):
    """Where a gate's layers are; `r`, `z` and `h` are the bindings of its equations."""
    layers = {"wr": f"{r}.dense", "ur": f"{r}.dense_1", "wz": f"{z}.dense", "uz": f"{z}.dense_1"}
    layers |= {"wg": f"{h}.dense", "ug": f"{h}.dense_1", "bg": f"{z}.parameter.value"}
    return {f"{gate}.{layer}": owner for layer, owner in layers.items()}


def block_owners(number, repeat):
    """Where the layers of a block are: those of its first half below the binding `y`."""
    block, y = f"steps.{number}", f"steps.y{repeat}"
    return (
        {f"{block}.norm1": f"{y}.layer_norm", f"{block}.attention": f"{y}.attention"}
        | gate_owners(f"{block}.gate1", f"{y}.r", f"{y}.z", f"{y}.h")
        | {f"{block}.norm2": f"steps.layer_norm{repeat}"}
        | {f"{block}.hidden.{2 * k}": _counted("steps.dense", 2 * number + k) for k in (0, 1)}
        | gate_owners(f"{block}.gate2", *(f"steps.{name}{repeat}" for name in "rzh"))
    )


def dueling(layer: str) -> dict[str, str]:
    """The layers of the preset `dueling`, bound to `q`, with one hidden layer."""
    streams = ("q.values", "q.advantages")
    return {f"{s}.0": f"{s}.{layer}" for s in streams} | {f"{s}.2": s for s in streams}


CRITICS = {"critic1": "q1", "critic2": "q2"}
OWNERS: dict[str, dict[str, str]] = {
    "alpha_zero": {"pi.4": "pi", "v.6": "v.head"},
    "asymmetric_actor_critic": {"mu": "mu.head", "critic": "q"},
    "bootstrapped_dqn": in_members(".dense", ""),
    "ddpg": {"mu": "mu.head", "seen": "seen.dense", "critic": "critic.dense"},
    "dqn_drqn": {"cell": "e"},
    "dqn_dueling": dueling("dense"),
    "dqn_noisy_dueling": dueling("noisy_dense"),
    "drq": {"actor": "mu", "mu": "mu.head", "compacted": "both", **CRITICS},
    "efficient_zero": {
        "project.2": "project",
        "guess.2": "guess",
        "pi_hidden": "pi",
        "v_hidden": "v",
        "expected_hidden": "expected",
    },
    "entity_attention": {
        "entities": "entities.dense",
        "attention": "attended.attention",
        "norm": "attended",
        "e": "e.dense",
    },
    "gated_transformer": {
        "e": "e.dense",
        "positions": "positions.value",
        **block_owners(0, ""),
        **block_owners(1, "_1"),
    },
    "her": {"actor": "mu", "mu": "mu.head", "critic": "q"},
    "icm": {"action.2": "action", "predicted.2": "predicted", "cell": "e"},
    "masked_actions": {"pi": "pi.head"},
    "multimodal": {"h": "h.dense"},
    "ppg": {"v_hidden": "v"},
    "ppo_lstm": {"cell": "e"},
    "ppo_module": {"e": "f"},
    "ppo_split": {"pi_hidden": "pi", "v_hidden": "v"},
    "r2d2": {"cell": "e", **dueling("dense")},
    "redq": {"actor": "pi", **in_members(".dense", ".dense_1", "")},
    "rl_games_301": {"cell": "h", "pi_hidden": "pi", "v_hidden": "v"},
    "rnd": {"predictor.11": "predictor"},
    "sac": {"actor": "pi", **CRITICS},
    "sac_autoencoder": {"actor": "pi", "compacted": "h", "decoded.9": "decoded", **CRITICS},
    "sac_pixels": {"actor": "pi", "compacted": "both", **CRITICS},
    "simba": {"actor": "pi", **CRITICS},
    "td3": {"actor": "mu", "mu": "mu.head", **CRITICS},
    "world_model": {"h": "h.dense", "cell": "h", "decoded.8": "decoded", "expected_hidden": "expected"},
}
