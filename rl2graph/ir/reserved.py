"""Names that a part of an owner path cannot have: they would hide a method of `torch.nn.Module`, or be no
attribute that Python can write. Listed here so that no torch is imported; a test holds the list to torch's.
"""

from __future__ import annotations

from collections.abc import Collection
from keyword import iskeyword

MODULE_ATTRIBUTES = frozenset(
    [
        "T_destination",
        "add_module",
        "apply",
        "bfloat16",
        "buffers",
        "call_super_init",
        "children",
        "compile",
        "cpu",
        "cuda",
        "double",
        "dump_patches",
        "eval",
        "extra_repr",
        "float",
        "forward",
        "get_buffer",
        "get_extra_state",
        "get_parameter",
        "get_submodule",
        "half",
        "ipu",
        "load_state_dict",
        "modules",
        "mtia",
        "named_buffers",
        "named_children",
        "named_modules",
        "named_parameters",
        "parameters",
        "register_backward_hook",
        "register_buffer",
        "register_forward_hook",
        "register_forward_pre_hook",
        "register_full_backward_hook",
        "register_full_backward_pre_hook",
        "register_load_state_dict_post_hook",
        "register_load_state_dict_pre_hook",
        "register_module",
        "register_parameter",
        "register_state_dict_post_hook",
        "register_state_dict_pre_hook",
        "requires_grad_",
        "set_extra_state",
        "set_submodule",
        "share_memory",
        "state_dict",
        "to",
        "to_empty",
        "train",
        "training",
        "type",
        "xpu",
        "zero_grad",
    ]
)

MODEL_ATTRIBUTES = frozenset(
    [
        "graph",
        "report",
        "entry",
        "commit",
        "collects_statistics",
        "state_schema",
        "noise_schema",
        "input_names",
        "learning_rates",
        "initial_state",
        "draw_noise",
        "trained_parameters",
        "outputs",
        "observation_space",
        "action_space",
        "imported_files",
        "spec_text",
        "seed",
        "source",
        "target_weights",
        "function_digest",
        "training_digest",
        "reset_parameters",
    ]
)
"""What a compiled model itself is asked for."""


EMITTED_NAMES = (
    "self",
    "torch",
    "nn",
    "F",
    "float",
    "Entry",
    "batch",
    "dtype",
    "state",
    "resets",
    "noise",
)
"""Names that emitted code uses for itself, beside those of the op table's helpers; no value in it can have
them.
"""


def reserved(name: str) -> str | None:
    """Why `name` cannot be part of an owner path, or None."""
    if iskeyword(name):
        return "it is a word of Python, in which the module is emitted"
    if name in MODULE_ATTRIBUTES or name.startswith("__"):
        return "torch.nn.Module has an attribute of that name"
    if name in MODEL_ATTRIBUTES:
        return "the compiled model has an attribute of that name"
    if name.startswith("_"):
        return "names that start with `_` are torch.nn.Module's own"
    return None


def free_name(stem: str, used: Collection[str]) -> str:
    """`stem`, with a number where that is used."""
    name, number = stem, 0
    while name in used:
        number += 1
        name = f"{stem}_{number}"
    return name


class FreeNames:
    """Gives names that it has not given before, in a time that does not grow with their number."""

    def __init__(self) -> None:
        self._used: set[str] = set()
        self._numbers: dict[str, int] = {}

    def take(self, stem: str) -> str:
        """`stem`, with the first number that makes it new where it is used: as `free_name`."""
        name, number = stem, self._numbers.get(stem, 0)
        if number:
            name = f"{stem}_{number}"
        while name in self._used:
            number += 1
            name = f"{stem}_{number}"
        self._used.add(name)
        self._numbers[stem] = number
        return name
