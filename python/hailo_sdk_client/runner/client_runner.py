"""ClientRunner: the vendor's one class for everything, over `graupel.Model`."""

from __future__ import annotations

import os
import pathlib
from collections.abc import Mapping, Sequence
from typing import Any

import graupel
from hailo_sdk_client.exposed_definitions import JoinAction, JoinOutputLayersOrder, States
from hailo_sdk_client.runner.base import PathLike
from hailo_sdk_client.runner.documents import Documents
from hailo_sdk_client.runner.exceptions import InvalidArgumentsException, UnsupportedFeatureException
from hailo_sdk_client.runner.inference import Inference
from hailo_sdk_client.runner.optimization import Optimization
from hailo_sdk_client.runner.translation import translate
from hailo_sdk_common.hailo_nn.exceptions import UnsupportedModelError


class ClientRunner(Documents, Optimization, Inference):
    """A model from parsing to the compiled file.

    Args:
        hw_arch: the chip (``SUPPORTED_HW_ARCHS``); default: what the HAR says, else hailo8. The compiled file says it is for that
            chip; no number depends on it.
        har: a HAR to load; `har_path` is its older name.
        hn: not available: an HN has no parameters.

    What cannot be done raises `graupel.Error` (files, models, shapes) or `ClientRunnerException` (states, arguments),
    saying what, where and what to do.
    """

    def __init__(self, hw_arch: str | None = None, har: PathLike | None = None, hn: Any = None, *, har_path: PathLike | None = None,
                 **unknown: Any):
        self._refuse_unknown("ClientRunner", unknown, "hw_arch, har")
        if hn is not None:
            raise UnsupportedFeatureException("ClientRunner(hn=…): an HN alone holds no parameters; load a HAR or translate an ONNX model")
        if hw_arch is not None and hw_arch not in graupel.hw_archs():
            raise InvalidArgumentsException(f"hw_arch '{hw_arch}' (accepted: {', '.join(graupel.hw_archs())})")
        super().__init__(hw_arch)
        har = har if har is not None else har_path
        if har is not None:
            self.load_har(har)

    # Parsing, HAR files.

    def translate_onnx_model(self, model: Any, net_name: str | None = None, start_node_names: Sequence[str] | None = None,
                             end_node_names: Sequence[str] | None = None,
                             net_input_shapes: Mapping[str, Sequence[int]] | Sequence[int] | None = None, **options: Any) -> tuple[str, bytes]:
        """Parses an ONNX model.

        Args:
            model: a path, the file's bytes, or a protobuf ModelProto.
            net_name: default: the file's stem.
            start_node_names, end_node_names: names of nodes or tensors; outputs come in the order of the end nodes.
            net_input_shapes: [N, C, H, W] by input or start node, or a list for the only input.

        Returns:
            The HN as JSON text and the parameters as the bytes of an npz file.

        Raises:
            ParsingWithRecommendationException: not the whole model can be parsed; it holds the end nodes with which it can.
            UnsupportedModelError: no part can. graupel.Error: the file, names, shapes.
        """
        return self._translate_onnx(model, net_name, start_node_names, end_node_names, net_input_shapes, options, "mention")

    def _translate_onnx(self, model: Any, net_name: str | None, start: Any, end: Any, shapes: Any, options: Mapping[str, Any],
                        advice: str) -> tuple[str, bytes]:
        translated = translate(model, net_name, start, end, shapes, options, advice, self._logger)
        self._replace_model(translated)
        return self.get_hn_model().to_hn(), translated.parameter_bytes()

    def translate_tf_model(self, model_path: PathLike | None = None, *_: Any, **__: Any) -> None:
        """Not available."""
        raise UnsupportedModelError(f"'{model_path}': TensorFlow and TensorFlow Lite models are not read; convert the model to ONNX "
                                    "(for example with tf2onnx) and call translate_onnx_model")

    def load_har(self, har_path: PathLike | None = None, har: PathLike | None = None) -> None:
        """Loads a HAR, at whatever state it is."""
        path = har_path if har_path is not None else har
        if path is None:
            raise InvalidArgumentsException("load_har: give the path of a HAR")
        model = graupel.load(path)
        if model.kind != "har":
            raise InvalidArgumentsException(f"'{os.fspath(path)}' is {model.kind}, not a HAR")
        self._replace_model(model)

    def save_har(self, har_path: PathLike, compilation_only: bool = False) -> None:
        """Writes the HAR: the same model gives the same bytes. `compilation_only` is without an effect; a warning says so."""
        self._say_unused("save_har", {"compilation_only": compilation_only})
        self.model.save(har_path)
        self._logger.info(f"Saved HAR to: {os.path.abspath(har_path)}")

    # Compilation.

    def compile(self) -> bytes:
        """Compiles the quantized model; the bytes of the HEF."""
        self._need("compile", States.QUANTIZED_MODEL, "optimize(calib_data)")
        hef = self.model.compile()
        self._forget_compiled()
        for layer in self.get_hn_model().layers:
            self._logger.debug(f"layer: {layer.name} -> {', '.join(layer.outputs)}")
        self._logger.info("Successful Compilation")
        return hef

    @property
    def hef(self) -> Any:
        """The compiled file's bytes, what was assigned, or None. A path or bytes may be assigned."""
        if self._hardware_hef is not None:
            return self._hardware_hef
        return None if self._model is None else self._model.hef

    @hef.setter
    def hef(self, value: Any) -> None:
        if value is not None:
            if not isinstance(value, (bytes, bytearray, str, os.PathLike)):
                raise InvalidArgumentsException(f"hef: {type(value).__name__} (accepted: the path of a HEF, its bytes, or None)")
            if isinstance(value, (str, os.PathLike)) and not os.path.isfile(value):
                raise graupel.NotFoundError(f"hef: file '{os.fspath(value)}' does not exist")
            self.model.hef = bytes(value) if isinstance(value, (bytes, bytearray)) else pathlib.Path(value).read_bytes()
            self._forget_compiled()
        self._hardware_hef = value

    def _forget_compiled(self) -> None:
        for key in [key for key in self._runners if key[0] == "compiled"]:
            del self._runners[key]

    def profile(self, should_use_logical_layers: bool = True, hef_filename: PathLike | None = None, **unused: Any) -> dict[str, Any]:
        """What is known of the model: ``stats`` (``model`` and ``layers``: multiply-accumulates, parameters, shapes) and
        ``latency_data`` (measured on this machine's CPU when the model is compiled, else empty). Layers are always those of the
        graph, whatever `should_use_logical_layers`; other arguments are without an effect and a warning names them."""
        from hailo_sdk_client.tools.profiler.statistics import profile_model

        self._say_unused("profile", unused)
        return profile_model(self.model, hef_filename)

    def join(self, runner: ClientRunner, join_action: JoinAction = JoinAction.NONE,
             join_action_info: Mapping[str, Any] | None = None) -> None:
        """Puts another runner's network behind this one's: one network under this one's name, whose layers' numbers go on.

        Args:
            runner: its model is in the same state; with edges both are in state HAILO_MODEL.
            join_action: NONE: no edges; AUTO_CHAIN_NETWORKS: outputs feed inputs in order; AUTO_JOIN_INPUTS: both read the same
                inputs; CUSTOM: the edges of `join_action_info`.
            join_action_info: this network's layer → the other's input layer; ``output_layers_order``: a `JoinOutputLayersOrder`.

        Raises:
            graupel.Error: states, names, shapes.
        """
        info = dict(join_action_info or {})
        order = info.pop("output_layers_order", JoinOutputLayersOrder.NEW_OUTPUTS_LAST)
        if not isinstance(runner, ClientRunner):
            raise InvalidArgumentsException(f"join: {type(runner).__name__} is no ClientRunner")
        action, order = _member(JoinAction, join_action), _member(JoinOutputLayersOrder, order)
        if bool(info) != (action is JoinAction.CUSTOM):
            raise InvalidArgumentsException(f"join: {action.name} with edges {info} (edges go with JoinAction.CUSTOM, and only with it)")
        named = {JoinAction.NONE: "none", JoinAction.AUTO_CHAIN_NETWORKS: "chain", JoinAction.AUTO_JOIN_INPUTS: "inputs"}
        self.model.join(runner.model, named.get(action, info), outputs=order.value.removeprefix("new_outputs_"))
        self._runners.clear()

    # What has no meaning here.

    def _unavailable(name: str, instead: str):  # noqa: ANN202, N805
        def refuse(self: ClientRunner, *_: Any, **__: Any) -> None:
            raise UnsupportedFeatureException(f"{name} is not available: {instead}")

        refuse.__doc__ = f"Not available: {instead}."
        refuse.__name__ = name
        return refuse

    get_tf_graph = _unavailable("get_tf_graph", "there is no TensorFlow graph; use infer_context and infer")
    hef_infer_context = _unavailable("hef_infer_context", "use infer_context(InferenceContext.SDK_HAILO_HW)")
    get_hw_representation = _unavailable("get_hw_representation", "use compile()")
    quantize = _unavailable("quantize", "use optimize(calib_data)")
    apply_model_modification_commands = _unavailable("apply_model_modification_commands", "use optimize_full_precision()")
    profile_hn_model = _unavailable("profile_hn_model", "use profile()")
    set_keras_model = _unavailable("set_keras_model", "quantization-aware training is not part of this project")
    load_model_from_hef = _unavailable("load_model_from_hef", "a HEF holds no graph; load its HAR")
    save_params = _unavailable("save_params", "use save_har, or numpy.savez with get_params()")


def _member(kind: Any, given: Any) -> Any:
    try:
        return kind(getattr(given, "value", given))
    except ValueError:
        names = ", ".join(kind.__members__)
        raise InvalidArgumentsException(f"join: '{given}' (accepted: {kind.__name__}.{names})") from None


__all__ = ["ClientRunner", "InvalidArgumentsException"]
