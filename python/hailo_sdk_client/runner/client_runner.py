"""ClientRunner: the vendor's one class for everything, over `graupel.Model`."""

from __future__ import annotations

import contextlib
import os
import pathlib
from collections.abc import Iterator, Mapping, Sequence
from types import SimpleNamespace
from typing import Any

import numpy as np

import graupel
from hailo_sdk_client.exposed_definitions import CalibrationDataType, ContextInfo, InferenceContext, JoinAction, States
from hailo_sdk_client.runner.data import stored_arrays
from hailo_sdk_client.runner.exceptions import (
    InvalidArgumentsException,
    InvalidStateException,
    UnsupportedFeatureException,
)
from hailo_sdk_client.runner.keras_like import KerasLikeModel
from hailo_sdk_client.runner.params import ModelParams
from hailo_sdk_client.runner.script import first_frames, flavor, load_script, modifications
from hailo_sdk_client.runner.translation import translate
from hailo_sdk_common.hailo_nn.exceptions import InvalidHNError, UnsupportedModelError
from hailo_sdk_common.hailo_nn.hailo_nn import HailoNN
from hailo_sdk_common.logger.logger import default_logger

PathLike = "str | os.PathLike[str]"

_STATES = {"parsed": States.HAILO_MODEL, "optimized": States.FP_OPTIMIZED_MODEL, "quantized": States.QUANTIZED_MODEL,
           "compiled": States.COMPILED_MODEL}
_ORDER = [States.UNINITIALIZED, States.HAILO_MODEL, States.FP_OPTIMIZED_MODEL, States.QUANTIZED_MODEL, States.COMPILED_MODEL]
#: What each context runs, the first state that holds it, and what brings a model there.
_CONTEXTS = {
    InferenceContext.SDK_NATIVE: ("native", States.HAILO_MODEL, "translate_onnx_model()"),
    InferenceContext.SDK_FP_OPTIMIZED: ("optimized", States.FP_OPTIMIZED_MODEL, "optimize_full_precision() or optimize()"),
    InferenceContext.SDK_QUANTIZED: ("quantized", States.QUANTIZED_MODEL, "optimize()"),
    InferenceContext.SDK_BIT_EXACT: ("quantized", States.QUANTIZED_MODEL, "optimize()"),
    InferenceContext.SDK_HAILO_HW: ("compiled", States.QUANTIZED_MODEL, "optimize()"),
}


class ClientRunner:
    """A model from parsing to the compiled file.

    Args:
        hw_arch: the chip (``SUPPORTED_HW_ARCHS``); default: what the HAR says, else hailo8. No number depends on it.
        har: a HAR to load; `har_path` is its older name.
        hn: not available: an HN has no parameters.

    What cannot be done raises `graupel.Error` (files, models, shapes) or `ClientRunnerException` (states, arguments),
    saying what, where and what to do.
    """

    def __init__(self, hw_arch: str | None = None, har: PathLike | None = None, hn: Any = None, *, har_path: PathLike | None = None,
                 **unknown: Any):
        if unknown:
            raise InvalidArgumentsException(f"ClientRunner: unknown arguments {sorted(unknown)} (accepted: hw_arch, har)")
        if hn is not None:
            raise UnsupportedFeatureException("ClientRunner(hn=…): an HN alone holds no parameters; load a HAR or translate an ONNX model")
        if hw_arch is not None and hw_arch not in graupel.hw_archs():
            raise InvalidArgumentsException(f"hw_arch '{hw_arch}' (accepted: {', '.join(graupel.hw_archs())})")
        self._model: graupel.Model | None = None
        self._arch = hw_arch
        self._logger = default_logger()
        self._runners: dict[str, graupel.Runner] = {}
        self._statistics: dict[str, np.ndarray] = {}
        self._hardware_hef: Any = None
        self._nms_score_threshold: float | None = None
        har = har if har is not None else har_path
        if har is not None:
            self.load_har(har)

    # What the runner is and holds.

    @property
    def state(self) -> States:
        """How far the model has come."""
        return States.UNINITIALIZED if self._model is None else _STATES[self._model.stage]

    @property
    def model_name(self) -> str | None:
        """The network's name."""
        return None if self._model is None else self._model.name

    @property
    def hw_arch(self) -> str:
        """The chip."""
        return self._model.hw_arch if self._model is not None else self._arch or "hailo8"

    @property
    def _hw_arch(self) -> str:
        return self.hw_arch

    @property
    def model(self) -> graupel.Model:
        """The model under the vendor's names.

        Raises:
            InvalidStateException: nothing has been loaded or translated.
        """
        if self._model is None:
            raise InvalidStateException("the runner has no model: call translate_onnx_model(path) or load_har(path) first")
        return self._model

    @property
    def _original_model_meta(self) -> dict[str, Any]:
        ports = {"inputs": self.model.inputs, "outputs": self.model.outputs}
        return {"inverse_postprocess_io_map": {}, **{kind: [port.origin for port in ports[kind]] for kind in ports}}

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
        if self._arch is not None:
            translated.hw_arch = self._arch
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
        if self._arch is not None:
            model.hw_arch = self._arch

    def save_har(self, har_path: PathLike, compilation_only: bool = False, **_: Any) -> None:
        """Writes the HAR: the same model gives the same bytes."""
        self.model.save(har_path)
        self._logger.info(f"Saved HAR to: {os.path.abspath(har_path)}")

    # The graph as a document.

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
        """
        self.model.set_hn(_hn_dict(hn))
        self._runners.clear()

    # Parameters.

    def get_params(self, keys: Sequence[str] | None = None) -> ModelParams:
        """Parameters of the current graph: ``net/layer/role:0`` → array, a copy."""
        parameters = ModelParams((name, array.copy()) for name, array in self.model.parameters().items())
        return parameters if keys is None else ModelParams((key, parameters[key]) for key in keys)

    def load_params(self, params: Any, params_kind: Any = None) -> None:
        """Takes parameters (a mapping, or the path of an npz) by name; those that are not named stay.

        Raises:
            graupel.NotFoundError: an unknown name. graupel.MismatchError: another shape or element type.
        """
        if isinstance(params, (str, os.PathLike)):
            with np.load(params) as loaded:
                params = dict(loaded)
        self.model.set_parameters(dict(params.items()))
        self._runners.clear()

    def get_params_translated(self, keys: Sequence[str] | None = None) -> ModelParams:
        """Parameters of the quantized graph: integer codes, and ``qp_out`` = [zero point, scale] of each layer."""
        self._need("get_params_translated", States.QUANTIZED_MODEL, "optimize()")
        return ModelParams(self.model.parameters("quantized"))

    def get_params_fp_optimized(self, keys: Sequence[str] | None = None) -> ModelParams:
        """Parameters of the optimized graph, floats."""
        self._need("get_params_fp_optimized", States.FP_OPTIMIZED_MODEL, "optimize_full_precision()")
        return ModelParams(self.model.parameters("optimized"))

    def get_params_statistics(self, keys: Sequence[str] | None = None) -> ModelParams:
        """Per layer: ``stats/output_0/stats_limvals:0``, the range that its codes span, and what `analyze_noise` found."""
        self._need("get_params_statistics", States.QUANTIZED_MODEL, "optimize()")
        statistics = ModelParams(self._statistics)
        for key, pair in self.model.parameters("quantized").items():
            if key.endswith("/qp_out:0"):
                zero_point, scale = (float(v) for v in pair)
                limits = np.array([-zero_point * scale, (255 - zero_point) * scale], np.float32)
                statistics[key.replace("/qp_out:0", "/stats/output_0/stats_limvals:0")] = limits
        return statistics

    # Model scripts.

    def load_model_script(self, model_script: PathLike | None = None, append: bool = False) -> None:
        """Takes a model script: a path, the text itself, or None. Without `append` it replaces the one before. Paths in a
        script file are relative to the file's folder.

        Raises:
            AllocatorScriptParserException: a script that is wrong, with line and column.
        """
        origin, sentences = load_script(self.model, model_script, append)
        self._logger.info(f"Loading model script commands to {self.model_name} from {origin}")
        for sentence in sentences:
            self._logger.warning(sentence)

    @property
    def model_script(self) -> str:
        """The loaded script: one command a line, arguments joined by ", ", paths absolute."""
        return self.model.script.strip()

    @property
    def modifications_meta_data(self) -> Any:
        """`inputs` and `outputs`: layer → what the model script did to it."""
        return modifications(self.model)

    # Optimization.

    def optimize_full_precision(self, calib_data: Any = None, data_type: CalibrationDataType = CalibrationDataType.auto) -> None:
        """Optimizes in floats, with what the model script changes."""
        self._need_exactly("optimize_full_precision", [States.HAILO_MODEL])
        self._report(self.model.optimize_full_precision())

    def optimize(self, calib_data: Any, data_type: CalibrationDataType = CalibrationDataType.auto, *, work_dir: Any = None,
                 checkpoint: Any = None, memento: Any = None) -> None:
        """Optimizes in floats unless that is done, then quantizes.

        Args:
            calib_data: an array [N, rows, columns, channels]; a dict of them by input layer; the path of an npy file or of a
                folder of them; or a callable without arguments that returns an iterable of (image, info) pairs, such as a
                tf.data.Dataset. The first 64 (or what the model script's calibset_size says) are used.
            data_type: what `calib_data` is; auto looks at it.

        Raises:
            graupel.Error: data that do not fit; layers that cannot be quantized.
            InvalidStateException: the model is quantized already.
        """
        self._need_exactly("optimize", [States.HAILO_MODEL, States.FP_OPTIMIZED_MODEL])
        if calib_data is None:
            raise InvalidArgumentsException("optimize: calib_data is None; give an array [N, rows, columns, channels], a dict, a path "
                                            "or a callable that returns an iterable of (image, info) pairs")
        done = self.model.copy()
        warnings = [] if self.state is States.FP_OPTIMIZED_MODEL else list(done.optimize_full_precision().warnings)
        summary = done.optimize(stored_arrays(done.inputs, calib_data, first_frames(done)))
        self._model = done
        self._report(graupel.Summary(summary.rewrites, [*warnings, *summary.warnings], summary.frames))

    def analyze_noise(self, dataset: Any, data_type: CalibrationDataType = CalibrationDataType.auto, data_count: int | None = None,
                      batch_size: int = 1, analyze_mode: str = "simple") -> None:
        """Signal-to-noise ratio of every layer, quantized against optimized, in dB; `get_params_statistics` has the results.

        `analyze_mode`: simple compares the whole quantized network; advanced (one layer at a time) is not available.
        """
        self._need("analyze_noise", States.QUANTIZED_MODEL, "optimize()")
        if analyze_mode != "simple":
            raise UnsupportedFeatureException(f"analyze_noise: analyze_mode '{analyze_mode}' is not available (accepted: simple)")
        frames = stored_arrays(self.model.inputs, dataset, data_count)
        result = self.model.compare(frames, reference_stage="optimized", stage="quantized")
        net = self.model.hn()["net_params"]["net_scopes"][0]
        for layer in result["layers"]:
            self._statistics[f"{net}/{layer['name']}/layer_noise_analysis/snr"] = np.array([layer["snr_db"]], np.float32)
        for output in result["outputs"]:
            self._logger.info(f"Output layer signal-to-noise ratio (SNR): {output['name']}: {output['snr_db']:.2f} dB")

    # Inference.

    @contextlib.contextmanager
    def infer_context(self, inference_context: InferenceContext, device_ids: Any = None, nms_score_threshold: float | None = None,
                      custom_infer_config: Any = None, gpu_policy: Any = None) -> Iterator[ContextInfo]:
        """A context for `infer` and `get_keras_model`.

        Raises:
            InvalidStateException: the model does not hold that stage yet; what brings it there is named.
        """
        if isinstance(inference_context, str) and inference_context.lower() in {c.value for c in InferenceContext}:
            inference_context = InferenceContext(inference_context.lower())
        if inference_context not in _CONTEXTS:
            names = ", ".join(c.name for c in InferenceContext)
            raise InvalidArgumentsException(f"infer_context: '{inference_context}' (accepted: InferenceContext.{names})")
        if custom_infer_config is not None:
            raise UnsupportedFeatureException("infer_context: custom_infer_config is not available; leave it out")
        stage, state, bring = _CONTEXTS[inference_context]
        self._need(f"inference in {inference_context.name}", state, bring)
        self._nms_score_threshold = nms_score_threshold
        if stage not in self._runners:
            self._runners[stage] = self.model.runner(stage)
        yield ContextInfo(inference_context, self)

    def infer(self, context: ContextInfo, dataset: Any, data_type: CalibrationDataType = CalibrationDataType.auto,
              data_count: int | None = None, batch_size: int = 1, **_: Any) -> np.ndarray | list[np.ndarray]:
        """Runs a context.

        Args:
            context: what `infer_context` gave.
            dataset: as for `optimize`: [N, rows, columns, channels] (never channels first), a dict by input layer, …
            data_count: run at most so many.
            batch_size: no result depends on it.

        Returns:
            The output, or a list of outputs in `net_params.output_layers_order`: float32, [N, rows, columns, channels]; what has
            three extents in the model is [N, 1, length, channels], a vector [N, channels].

        Raises:
            graupel.MismatchError: data that do not fit; both shapes are named.
        """
        if not isinstance(context, ContextInfo):
            raise InvalidArgumentsException("infer: the first argument is what `with runner.infer_context(…) as ctx` gives, "
                                            f"not {type(context).__name__}")
        stage = _CONTEXTS[context.infer_context][0]
        if stage not in self._runners:
            raise InvalidStateException("infer: the model changed since infer_context; enter the context again")
        runner = self._runners[stage]
        outputs = [_as_image(output) for output in runner(stored_arrays(runner.inputs, dataset, data_count))]
        return outputs[0] if len(outputs) == 1 else outputs

    def get_keras_model(self, context: ContextInfo, **_: Any) -> KerasLikeModel:
        """The context as a callable on batches; no TensorFlow is needed."""
        if not isinstance(context, ContextInfo):
            raise InvalidArgumentsException("get_keras_model: give what `with runner.infer_context(…) as ctx` gives")
        return KerasLikeModel(self, context)

    # Compilation.

    def compile(self) -> bytes:
        """Compiles the quantized model; the bytes of the HEF."""
        self._need("compile", States.QUANTIZED_MODEL, "optimize(calib_data)")
        hef = self.model.compile()
        self._runners.pop("compiled", None)
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
        self._hardware_hef = value
        if value is None:
            return
        data = bytes(value) if isinstance(value, (bytes, bytearray)) else pathlib.Path(value).read_bytes()
        self.model.hef = data
        self._runners.pop("compiled", None)

    def profile(self, should_use_logical_layers: bool = True, hef_filename: PathLike | None = None, **_: Any) -> dict[str, Any]:
        """What is known of the model: ``stats`` (``model`` and ``layers``: multiply-accumulates, parameters, shapes) and
        ``latency_data`` (measured on this machine's CPU when the model is compiled, else empty)."""
        from hailo_sdk_client.tools.profiler.statistics import profile_model

        return profile_model(self.model, hef_filename)

    # What has no meaning here.

    def join(self, runner: ClientRunner, join_action: JoinAction = JoinAction.NONE, join_action_info: Any = None, **_: Any) -> None:
        """Not available."""
        raise UnsupportedFeatureException("join: joining two networks into one is not available; compile them apart and run both, or join "
                                          "the ONNX models (onnx.compose.merge_models) before translating")

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

    def model_summary(self) -> None:
        """Prints one line a layer."""
        for layer in self.get_hn_model().layers:
            print(f"{layer.name:40} {layer.hn['type']:16} {layer.output_shape}")

    @property
    def _sdk_backend(self) -> Any:
        return SimpleNamespace(mo_flavor=flavor(self.model))

    def _report(self, summary: graupel.Summary) -> None:
        self._runners.clear()
        for warning in summary.warnings:
            self._logger.warning(warning)
        frames = f" ({summary.frames} calibration frames)" if summary.frames else ""
        self._logger.info(f"Model Optimization is done{frames}")

    def _replace_model(self, model: graupel.Model) -> None:
        self._model = model
        self._runners.clear()
        self._statistics.clear()
        self._hardware_hef = None

    def _need(self, what: str, state: States, bring: str) -> None:
        self.model  # noqa: B018: raises when there is none
        if _ORDER.index(self.state) < _ORDER.index(state):
            raise InvalidStateException(f"{what} needs state {state.name}, the model is in state {self.state.name}; call {bring} first")

    def _need_exactly(self, what: str, states: Sequence[States]) -> None:
        self.model  # noqa: B018
        if self.state not in states:
            names = " or ".join(state.name for state in states)
            raise InvalidStateException(f"{what} needs state {names}, the model is in state {self.state.name}; load the HAR of an "
                                        "earlier state or translate the model again")


def _hn_dict(hn: Any) -> Any:
    import json

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
    return hn


def _as_image(output: np.ndarray) -> np.ndarray:
    return output[:, np.newaxis] if output.ndim == 3 else output


__all__ = ["ClientRunner", "InvalidArgumentsException"]
