"""Parameters as scripts index them: by full key, or by layer."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np


class ModelParams(dict):
    """``net/layer/role:0`` → array. A layer's name, with or without its scope, gives the dict of its own parameters."""

    def __init__(self, parameters: Mapping[str, np.ndarray] | Iterable[tuple[str, np.ndarray]] = ()):
        super().__init__(parameters)

    def __missing__(self, layer: str) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for key, array in self.items():
            for prefix in (f"{layer}/", f"{key.split('/', 1)[0]}/{layer}/"):
                if key.startswith(prefix):
                    role = key[len(prefix):]
                    found[role] = array
                    found[role.removesuffix(":0")] = array
        if not found:
            raise KeyError(f"there are no parameters of '{layer}'; keys are <net>/<layer>/<role>:0")
        return found
