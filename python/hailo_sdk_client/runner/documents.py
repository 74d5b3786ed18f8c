"""The part of a runner that shows and takes the graph as a document, and its parameters."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

import graupel
from hailo_sdk_client.exposed_definitions import States
from hailo_sdk_client.runner.base import RunnerBase
from hailo_sdk_client.runner.exceptions import InvalidArgumentsException
from hailo_sdk_client.runner.params import ModelParams
from hailo_sdk_common.hailo_nn.exceptions import InvalidHNError
from hailo_sdk_common.hailo_nn.hailo_nn import HailoNN


class Documents(RunnerBase):
    """HN documents and parameters."""

    def get_hn(self) -> dict[str, Any]:
        """The HN of the current graph, a dict of one's own; `set_hn` takes it back with edits."""
        return self.model.hn()

    def get_hn_dict(self) -> dict[str, Any]:
        """As `get_hn`."""
        return self.model.hn()

    def get_hn_model(self) -> HailoNN:
        """The current graph as objects."""
        return HailoNN.from_hn(self.model.hn())

    def get_native_hn(self) -> dict[str, Any]:
        """The HN of the parsed graph."""
        return self.model.hn("parsed")

    def get_native_hn_model(self) -> HailoNN:
        """The parsed graph as objects."""
        return HailoNN.from_hn(self.model.hn("parsed"))

    def set_hn(self, hn: Any) -> None:
        """Takes an edited HN: a dict, a `HailoNN`, JSON text or an open file. Layers may be renamed, outputs reordered, and
        activations set to linear, relu or relu6.

        Raises:
            graupel.UnsupportedError: any other edit, by name.
            InvalidHNError: a document that is wrong in itself, or wires layers that it does not have.
        """
        document = _hn_dict(hn)
        HailoNN.from_hn(document)
        self.model.set_hn(document)
        self._runners.clear()

    def get_params(self, keys: Sequence[str] | None = None) -> ModelParams:
        """Parameters of the current graph: ``net/layer/role:0`` → array, a copy. `keys`: only these."""
        return _chosen(ModelParams((name, array.copy()) for name, array in self.model.parameters().items()), keys)

    def load_params(self, params: Any, params_kind: Any = None) -> None:
        """Takes parameters (a mapping, or the path of an npz) by name; those that are not named stay.

        Args:
            params_kind: without an effect: parameters are those of the current graph.

        Raises:
            graupel.NotFoundError: an unknown name. graupel.MismatchError: another shape or element type.
        """
        self._say_unused("load_params", {"params_kind": params_kind})
        self.model.set_parameters(_arrays_by_name(params))
        self._runners.clear()

    def get_params_translated(self, keys: Sequence[str] | None = None) -> ModelParams:
        """Parameters of the quantized graph: integer codes, and of each layer ``qp_out`` = [zero point, scale], bits and
        ``stats/output_0/stats_limvals:0``."""
        self._need("get_params_translated", States.QUANTIZED_MODEL, "optimize()")
        return _chosen(ModelParams(self.model.parameters("quantized")), keys)

    def get_params_fp_optimized(self, keys: Sequence[str] | None = None) -> ModelParams:
        """Parameters of the optimized graph, floats."""
        self._need("get_params_fp_optimized", States.FP_OPTIMIZED_MODEL, "optimize_full_precision()")
        return _chosen(ModelParams(self.model.parameters("optimized")), keys)

    def get_params_statistics(self, keys: Sequence[str] | None = None) -> ModelParams:
        """Per layer: ``stats/output_0/stats_limvals:0``, the range that its codes span, and what `analyze_noise` found."""
        self._need("get_params_statistics", States.QUANTIZED_MODEL, "optimize()")
        statistics = ModelParams(self.model.noise)
        statistics.update((key, array) for key, array in self.model.parameters("quantized").items() if "/stats/" in key)
        return _chosen(statistics, keys)

    def model_summary(self) -> None:
        """Prints one line a layer."""
        for layer in self.get_hn_model().layers:
            print(f"{layer.name:40} {layer.hn['type']:16} {layer.output_shape}")


def _chosen(parameters: ModelParams, keys: Sequence[str] | None) -> ModelParams:
    return parameters if keys is None else ModelParams((key, parameters[key]) for key in keys)


def _arrays_by_name(params: Any) -> dict[str, Any]:
    if isinstance(params, (str, os.PathLike)):
        if not os.path.isfile(params):
            raise graupel.NotFoundError(f"load_params: file '{os.fspath(params)}' does not exist; give an npz, or what get_params gave")
        with np.load(params) as loaded:
            return dict(loaded)
    if not hasattr(params, "items"):
        raise InvalidArgumentsException(f"load_params: {type(params).__name__} (accepted: a mapping of arrays by name, as get_params "
                                        "gives it, or the path of an npz)")
    return dict(params.items())


def _hn_dict(hn: Any) -> dict[str, Any]:
    if isinstance(hn, HailoNN):
        return hn.to_hn_dict()
    if hasattr(hn, "read"):
        hn = hn.read()
    if isinstance(hn, (str, bytes)):
        try:
            hn = json.loads(hn)
        except ValueError as fault:
            raise InvalidHNError(f"set_hn: the text is no JSON: {fault}") from fault
    if not isinstance(hn, Mapping):
        raise InvalidHNError(f"set_hn: {type(hn).__name__} (accepted: dict, HailoNN, JSON text, open file)")
    return dict(hn)
