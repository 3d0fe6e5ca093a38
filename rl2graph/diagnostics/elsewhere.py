"""What torch, Keras, JAX's libraries and stable-baselines3 call it: the one table of foreign names.

Names are compared without case and underscores.
"""

from __future__ import annotations

_RENAMED = {
    "dense": "linear fc fully_connected lazy_linear dense_layer",
    "conv2d": "conv convolution2d",
    "max_pool2d": "max_pool max_pooling max_pooling2d",
    "concat": "cat concatenate hstack",
    "detach": "stop_gradient no_grad",
    "flatten": "view ravel flat",
    "reshape": "resize",
    "permute": "transpose movedim moveaxis",
    "select": "index_select gather take",
    "slice": "narrow",
    "repeat": "tile expand broadcast_to",
    "split": "chunk unbind",
    "range": "arange",
    "mean": "average reduce_mean avg",
    "sum": "reduce_sum",
    "amax": "max reduce_max",
    "amin": "min reduce_min",
    "minimum": "min",
    "maximum": "max",
    "clip": "clamp",
    "greater": "gt",
    "less": "lt",
    "greater_equal": "ge",
    "less_equal": "le",
    "equal": "eq",
    "normalize": "normalise l2_normalize",
    "layer_norm": "layernorm layer_normalization",
    "batch_norm": "batch_norm1d batch_norm2d batch_normalization",
    "group_norm": "instance_norm",
    "running_norm": "vec_normalize running_mean_std normalize_obs normalize_observation",
    "adaptive_avg_pool2d": "global_average_pooling2d global_avg_pool",
    "conv1d": "convolution1d",
    "conv_transpose2d": "conv2d_transpose deconv deconv2d",
    "lstm": "lstm_cell",
    "gru": "gru_cell",
    "attention": "multihead_attention multi_head_attention self_attention mha",
    "noisy_dense": "noisy_linear noisy",
    "parameter": "param variable free_weight",
    "frame_stack": "stack_frames vec_frame_stack",
    "huber": "huber_loss smooth_l1 smooth_l1_loss",
    "cross_entropy": "cross_entropy_loss nll_loss",
    "binary_cross_entropy": "bce bce_loss bce_with_logits",
    "square": "pow power",
    "silu": "swish",
    "conv": "cnn",
    "mse": "mse_loss mean_squared_error",
    "out": "units features out_features out_channels filters num_outputs out_dim output_dim",
    "hidden": "hidden_size hidden_sizes hidden_dim hidden_dims hidden_layers hidden_units layers layer_sizes"
    " net_arch fcnet_hiddens units features",
    "activation": "act act_fn activation_fn nonlinearity non_linearity fcnet_activation",
    "kernel": "kernel_size kernel_shape",
    "stride": "strides",
    "axis": "dim",
    "bias": "use_bias",
    "obs": "state states observation observations s",
    "act": "action actions a",
    "f32": "float32 float",
    "pi": "policy actor",
    "v": "value critic",
    "frozen": "freeze",
    "lr": "learning_rate",
    "load": "pretrained checkpoint",
}
"""Names here, and what each is called elsewhere."""

_ADVICE = {
    "a pipeline is written `obs |> dense(64) |> relu`": "sequential",
    "leave it out: the algorithm adds its own entropy term": "entropy",
    "leave it out: the algorithm computes log-probabilities from `pi` itself": "log_prob",
}
"""What to say of functions that are no mere other names of something."""

_ADVICE_ON_METHODS = {
    "shapes are inferred; `dim_of(x, axis=-1)` is how long an axis is": "shape size ndim dim numel",
    "leave it out: the graph computes in one dtype, on one device": "to float double half cuda cpu astype",
    "leave it out: the batch is implicit in every tensor": "expand",
}


def _key(name: str) -> str:
    return name.casefold().replace("_", "")


def _inverted(table: dict[str, str]) -> dict[str, tuple[str, ...]]:
    found: dict[str, tuple[str, ...]] = {}
    for ours, theirs in table.items():
        for name in theirs.split():
            found[_key(name)] = (*found.get(_key(name), ()), ours)
    return found


_HERE = _inverted(_RENAMED)
_SAID = _inverted(_ADVICE)
_SAID_OF_METHODS = _inverted(_ADVICE_ON_METHODS)


def names_here(name: str) -> tuple[str, ...]:
    """What a foreign name may be called here; nothing where it is not known."""
    return _HERE.get(_key(name), ())


def same_name(one: str, other: str) -> bool:
    """Whether two names differ in case and underscores alone, as `LeakyReLU` and `leaky_relu`."""
    return _key(one) == _key(other)


def advice_on(function: str) -> str | None:
    """What to write instead of a foreign function that has no name here, or None."""
    return next(iter(_SAID.get(_key(function), ())), None)


def advice_on_method(name: str) -> str | None:
    """What to write instead of a foreign method or attribute of a tensor, or None."""
    said = _SAID_OF_METHODS.get(_key(name)) or _SAID.get(_key(name), ())
    return next(iter(said), None)
