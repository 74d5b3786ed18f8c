"""A network as layers and edges: the HN document as objects."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Iterable, Mapping
from typing import Any

import networkx as nx

from hailo_sdk_common.hailo_nn.exceptions import HailoNNException, InvalidHNError
from hailo_sdk_common.hailo_nn.hn_definitions import LayerType, activation_type, layer_type


class _Value:
    """An attribute with a `.value`, as enumerations have it."""

    def __init__(self, value: Any):
        self.value = value

    def __repr__(self) -> str:
        return f"<{self.value}>"


@dataclasses.dataclass
class PrecisionConfig:
    """How a layer is quantized; `precision_mode.value` is "a8_w8" and the like."""

    precision_mode: _Value


class Layer:
    """One layer of a `HailoNN`. `hn` is its entry in the document, which edits of the document reach."""

    def __init__(self, name: str, hn: dict[str, Any]):
        self.name = name
        self.hn = hn

    def __repr__(self) -> str:
        return f"<Layer {self.name} ({self.hn['type']})>"

    @property
    def scope(self) -> str:
        """The network's name."""
        return self.name.split("/", 1)[0]

    @property
    def name_without_scope(self) -> str:
        return self.name.split("/", 1)[-1]

    @property
    def op(self) -> Any:
        """Its `LayerType`."""
        return layer_type(self.hn["type"])

    @property
    def activation(self) -> Any:
        """Its `ActivationType`; linear when it has none."""
        return activation_type(self.params.get("activation", "linear"))

    @property
    def params(self) -> dict[str, Any]:
        return self.hn.get("params", {})

    @property
    def inputs(self) -> list[str]:
        """Names of the layers before it, in order."""
        return list(self.hn.get("input", []))

    @property
    def outputs(self) -> list[str]:
        """Names of the layers after it, in order."""
        return list(self.hn.get("output", []))

    @property
    def input_shapes(self) -> list[list[int]]:
        """[-1, rows, columns, channels] of each input."""
        return self.hn["input_shapes"]

    @property
    def input_shape(self) -> list[int]:
        return self.hn["input_shapes"][0]

    @property
    def output_shapes(self) -> list[list[int]]:
        """One per consumer."""
        return self.hn["output_shapes"]

    @property
    def output_shape(self) -> list[int]:
        return self.hn["output_shapes"][0]

    @property
    def original_names(self) -> list[str]:
        """Names in the original model."""
        return self.hn.get("original_names", [])

    @property
    def bn_enabled(self) -> bool:
        return bool(self.params.get("batch_norm", False))

    @property
    def weights(self) -> int:
        """How many weights its kernel has."""
        count = 1
        for extent in self.params.get("kernel_shape", []):
            count *= extent
        return count if self.hn["type"] in ("conv", "dw", "deconv", "dense") else 0

    @property
    def precision_config(self) -> PrecisionConfig:
        mode = self.hn.get("quantization_params", {}).get("precision_mode", "a8_w8")
        return PrecisionConfig(_Value(mode))

    @property
    def transposed(self) -> bool:
        return bool(self.hn.get("transposed", False))


@dataclasses.dataclass
class NetParams:
    """`net_params` of a document."""

    net_scopes: list[str]
    output_layers_order: list[str]
    version: str = "1.0"


class HailoNN(nx.DiGraph):
    """A directed graph whose nodes are `Layer` objects, in execution order."""

    def __init__(self, incoming_graph_data: Any = None, **attributes: Any):
        super().__init__(incoming_graph_data, **attributes)
        self._hn: dict[str, Any] = {"name": "", "net_params": {"net_scopes": [], "output_layers_order": []}, "layers": {}}

    @classmethod
    def from_hn(cls, hn: Mapping[str, Any]) -> HailoNN:
        """The network of a document; it keeps the document, and edits of one are edits of the other.

        Raises:
            InvalidHNError: the document lacks keys, or names a layer that it does not have.
        """
        network = cls()
        if not isinstance(hn, dict) or not {"name", "net_params", "layers"} <= hn.keys():
            raise InvalidHNError("an HN is a dict with the keys 'name', 'net_params' and 'layers'")
        network._hn = hn
        layers = {name: Layer(name, entry) for name, entry in hn["layers"].items()}
        network.add_nodes_from(layers.values())
        for layer in layers.values():
            for direction, names in (("output", layer.inputs), ("input", layer.outputs)):
                for name in names:
                    if name not in layers:
                        raise InvalidHNError(f"layer '{layer.name}': the {direction} named '{name}' is not found among the "
                                             f"{len(layers)} layers of the HN")
            network.add_edges_from((layers[before], layer) for before in layer.inputs)
        return network

    @classmethod
    def from_parsed_hn(cls, hn: Mapping[str, Any]) -> HailoNN:
        return cls.from_hn(hn)

    @property
    def name(self) -> str:  # type: ignore[override]
        return self._hn["name"]

    @name.setter
    def name(self, value: str) -> None:
        if value:  # networkx sets an empty one on copies
            self._hn["name"] = value

    @property
    def net_params(self) -> NetParams:
        params = self._hn["net_params"]
        return NetParams(params["net_scopes"], params["output_layers_order"], params.get("version", "1.0"))

    @property
    def layers(self) -> list[Layer]:
        """All layers in execution order."""
        return list(self.nodes)

    def get_input_layers(self) -> list[Layer]:
        """Layers of type input_layer, in order."""
        return self._of_type("input_layer")

    def get_output_layers(self, remove_non_neural_core_layers: bool = True) -> list[Layer]:
        """Layers of type output_layer, in the order of the network's outputs; `inputs[0]` is the layer that makes it.

        `remove_non_neural_core_layers` makes no difference: where the host goes on computing, its result is the network's output and
        what it reads is none.
        """
        return self._of_type("output_layer")

    def get_real_output_layers(self, remove_non_neural_core_layers: bool = True) -> list[Layer]:
        """The layers that make the outputs, in order."""
        return [self.get_real_output_layer(layer) for layer in self.get_output_layers()]

    def get_real_output_layer(self, output_layer: Layer | str) -> Layer:
        """The layer that makes `output_layer`."""
        if isinstance(output_layer, str):
            output_layer = self.get_layer_by_name(output_layer)
        return self.get_layer_by_name(output_layer.inputs[0])

    def get_layer_by_name(self, name: str) -> Layer:
        """The layer of that name, with or without its scope.

        Raises:
            HailoNNException: there is none.
        """
        for layer in self.nodes:
            if name in (layer.name, layer.name_without_scope):
                return layer
        raise HailoNNException(f"the network '{self.name}' has no layer '{name}'; its {len(self)} layers are in get_hn()['layers']")

    def stable_toposort(self, key: Any = None) -> Iterable[Layer]:
        """Layers such that each comes after those it reads; always in the same order."""
        position = {layer: i for i, layer in enumerate(self.nodes)}
        return nx.lexicographical_topological_sort(self, key=key or (lambda layer: position[layer]))

    def get_input_shapes(self, ignore_conversion: bool = True) -> list[list[int]]:
        """[-1, rows, columns, channels] of each input; with `ignore_conversion` as the network sees it after conversions of format."""
        return [list(layer.output_shape if ignore_conversion else layer.input_shape) for layer in self.get_input_layers()]

    def get_output_shapes(self) -> list[list[int]]:
        return [list(layer.output_shape) for layer in self.get_output_layers()]

    def is_transposed(self) -> bool:
        """Whether rows and columns are swapped throughout."""
        return any(layer.transposed for layer in self.nodes)

    def to_hn(self, name: str | None = None, json_dump: bool = True) -> Any:
        """The document, as text, or as a dict with `json_dump` off."""
        hn = dict(self._hn, name=name or self.name)
        return json.dumps(hn, indent=1) if json_dump else hn

    def to_hn_dict(self) -> dict[str, Any]:
        return self._hn

    def _of_type(self, kind: str) -> list[Layer]:
        layers = [layer for layer in self.nodes if layer.hn["type"] == kind]
        return sorted(layers, key=lambda layer: int("".join(c for c in layer.name.rsplit("_layer", 1)[-1] if c.isdigit()) or 0))


__all__ = ["HailoNN", "Layer", "LayerType", "NetParams", "PrecisionConfig"]
