"""Model scripts as the vendor's calls take them, and what they did as its calls show it."""

from __future__ import annotations

import os
import pathlib
import re
from types import SimpleNamespace
from typing import Any

import graupel
from hailo_sdk_client.runner.exceptions import AllocatorScriptParserException


def load_script(model: graupel.Model, script: str | os.PathLike[str] | None, append: bool) -> tuple[str, list[str]]:
    """Where the script came from, for the log, and sentences on commands without effect.

    Raises:
        AllocatorScriptParserException: with line and column.
    """
    is_text = isinstance(script, str) and ("(" in script or "\n" in script or not script.strip())
    try:
        if script is None or is_text:
            return "string", model.load_recipe(script or "", append=append)
        return os.fspath(script), model.load_recipe(pathlib.Path(script), append=append)
    except graupel.InvalidError as fault:
        raise AllocatorScriptParserException(str(fault)) from fault


def modifications(model: graupel.Model) -> SimpleNamespace:
    """`inputs`, `outputs`: layer with scope → list of what was done, nearest to the network first."""
    meta = model.modifications_meta
    return SimpleNamespace(**{side: {layer: [_entry(one) for one in entries] for layer, entries in meta[side].items()}
                              for side in ("inputs", "outputs")})


def _entry(one: dict[str, Any]) -> SimpleNamespace:
    entry = SimpleNamespace(**one)
    if "output_shape" in one:
        entry.output_shape = [-1, *one["output_shape"][1:]]
        entry.conversion_type = SimpleNamespace(value=one["conversion_type"])
    return entry


def flavor(model: graupel.Model) -> SimpleNamespace:
    """`optimization_level` and `compression_level` that the script asks for, else 0."""
    levels = {}
    for name in ("optimization_level", "compression_level"):
        asked = re.findall(rf"^model_optimization_flavor\(.*\b{name}=(-?\d+)", model.script, re.MULTILINE)
        levels[name] = int(asked[-1]) if asked else 0
    return SimpleNamespace(**levels)


def first_frames(model: graupel.Model) -> int:
    """How many samples calibration uses: what the script says, else 64."""
    return model.calibration_frames or 64
