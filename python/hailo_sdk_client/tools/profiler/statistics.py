"""What a profile holds: counted from the graph, measured where there is a program."""

from __future__ import annotations

import os
from typing import Any

import graupel


def _extent_product(shape: list[int]) -> int:
    product = 1
    for extent in shape:
        product *= max(extent, 1)
    return product


def _layer(name: str, entry: dict[str, Any]) -> dict[str, Any]:
    kernel = entry.get("params", {}).get("kernel_shape", [])
    weighted = entry["type"] in ("conv", "dw", "deconv", "dense")
    weights = _extent_product(kernel) if weighted else 0
    out = entry["output_shapes"][0]
    positions = _extent_product(out[1:-1]) if entry["type"] != "deconv" else _extent_product(entry["input_shapes"][0][1:-1])
    return {"layer": name, "type": entry["type"], "output_shape": out, "parameters": weights + (out[-1] if weighted else 0),
            "macs": weights * positions, "original_names": ", ".join(entry.get("original_names", []))}


def profile_model(model: graupel.Model, hef: str | os.PathLike[str] | None = None) -> dict[str, Any]:
    """See `ClientRunner.profile`."""
    hn = model.hn()
    layers = [_layer(name, entry) for name, entry in hn["layers"].items()]
    macs = sum(layer["macs"] for layer in layers)
    stats = {"name": model.name, "state": model.stage, "hw_arch": model.hw_arch, "layers": len(layers), "macs": macs, "ops": 2 * macs,
             "parameters": sum(layer["parameters"] for layer in layers),
             "input_shapes": [list(port.shape) for port in model.inputs], "output_shapes": [list(port.shape) for port in model.outputs]}
    compiled = graupel.load(hef) if hef is not None else model if model.stage == "compiled" else None
    latency: dict[str, Any] = {}
    if compiled is not None:
        bench = compiled.bench()
        latency = {"device": "the CPU of this machine", **bench}
    return {"stats": {"model": stats, "layers": layers}, "latency_data": latency}
