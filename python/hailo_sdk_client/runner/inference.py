"""The part of a runner that runs a stage."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

import graupel
from hailo_sdk_client.exposed_definitions import CalibrationDataType, ContextInfo, InferenceContext, States
from hailo_sdk_client.runner.base import RunnerBase
from hailo_sdk_client.runner.data import stored_arrays
from hailo_sdk_client.runner.exceptions import InvalidArgumentsException, InvalidStateException, UnsupportedFeatureException
from hailo_sdk_client.runner.keras_like import KerasLikeModel

#: What each context runs, the first state that holds it, and what brings a model there.
_CONTEXTS = {
    InferenceContext.SDK_NATIVE: ("native", States.HAILO_MODEL, "translate_onnx_model()"),
    InferenceContext.SDK_FP_OPTIMIZED: ("optimized", States.FP_OPTIMIZED_MODEL, "optimize_full_precision() or optimize()"),
    InferenceContext.SDK_QUANTIZED: ("quantized", States.QUANTIZED_MODEL, "optimize()"),
    InferenceContext.SDK_BIT_EXACT: ("quantized", States.QUANTIZED_MODEL, "optimize()"),
    InferenceContext.SDK_HAILO_HW: ("compiled", States.QUANTIZED_MODEL, "optimize()"),
}


class Inference(RunnerBase):
    """Contexts and inference."""

    @contextlib.contextmanager
    def infer_context(self, inference_context: InferenceContext, device_ids: Any = None, nms_score_threshold: float | None = None,
                      custom_infer_config: Any = None, gpu_policy: Any = None) -> Iterator[ContextInfo]:
        """A context for `infer` and `get_keras_model`.

        Args:
            inference_context: the stage to run.
            nms_score_threshold: replaces that of the model script's nms_postprocess, in this context.
            device_ids, gpu_policy: without an effect; a warning says so.
            custom_infer_config: not available.

        Raises:
            InvalidStateException: the model does not hold that stage yet; what brings it there is named.
            graupel.InvalidError: a threshold where there is no suppression.
        """
        if isinstance(inference_context, str) and inference_context.lower() in {c.value for c in InferenceContext}:
            inference_context = InferenceContext(inference_context.lower())
        if inference_context not in _CONTEXTS:
            names = ", ".join(c.name for c in InferenceContext)
            raise InvalidArgumentsException(f"infer_context: '{inference_context}' (accepted: InferenceContext.{names})")
        if custom_infer_config is not None:
            raise UnsupportedFeatureException("infer_context: custom_infer_config is not available; leave it out")
        self._say_unused("infer_context", {"device_ids": device_ids, "gpu_policy": gpu_policy})
        stage, state, bring = _CONTEXTS[inference_context]
        self._need(f"inference in {inference_context.name}", state, bring)
        if (stage, nms_score_threshold) not in self._runners:
            self._runners[stage, nms_score_threshold] = self.model.runner(stage, nms_score_threshold=nms_score_threshold)
        yield ContextInfo(inference_context, self, nms_score_threshold)

    def infer(self, context: ContextInfo, dataset: Any, data_type: CalibrationDataType = CalibrationDataType.auto,
              data_count: int | None = None, batch_size: int = 1, **unknown: Any) -> np.ndarray | list[np.ndarray]:
        """Runs a context.

        Args:
            context: what `infer_context` gave.
            dataset: as for `optimize`: [N, rows, columns, channels] (never channels first), a dict by input layer, …
            data_type: what `dataset` is; auto looks at it.
            data_count: run at most so many.
            batch_size: no result depends on it.

        Returns:
            The output, or a list of outputs in `net_params.output_layers_order`: float32, [N, rows, columns, channels]; what has
            three extents in the model is [N, 1, length, channels], a vector [N, channels].

        Raises:
            graupel.MismatchError: data that do not fit; both shapes are named.
        """
        self._refuse_unknown("infer", unknown, "context, dataset, data_type, data_count, batch_size")
        if not isinstance(context, ContextInfo):
            raise InvalidArgumentsException("infer: the first argument is what `with runner.infer_context(…) as ctx` gives, "
                                            f"not {type(context).__name__}")
        for name, count in (("batch_size", batch_size), ("data_count", data_count)):
            if count is not None and count < 1:
                raise InvalidArgumentsException(f"infer: {name} {count} (accepted: 1 or more)")
        runner = self._entered(context, "infer")
        arrays = stored_arrays(runner.inputs, dataset, data_count, data_type)
        outputs = [_as_image(output) for output in runner(arrays)]
        return outputs[0] if len(outputs) == 1 else outputs

    def _entered(self, context: ContextInfo, what: str) -> graupel.Runner:
        runner = self._runners.get((_CONTEXTS[context.infer_context][0], context.nms_score_threshold))
        if runner is None:
            raise InvalidStateException(f"{what}: the model changed since infer_context; enter the context again")
        return runner

    def _infer_and_tap(self, context: ContextInfo, dataset: Any, layers: Sequence[str]) -> tuple[Any, dict[str, np.ndarray]]:
        """As `infer`, and the outputs of `layers` (full names) by name."""
        runner = self._entered(context, "infer")
        outputs, tapped = runner.tap(stored_arrays(runner.inputs, dataset), layers)
        outputs, scope = [_as_image(output) for output in outputs], self.model.hn()["net_params"]["net_scopes"][0]
        return (outputs[0] if len(outputs) == 1 else outputs), {f"{scope}/{name}": _as_image(a) for name, a in tapped.items()}

    def _tapped_layers(self, context: ContextInfo) -> list[str]:
        scope = self.model.hn()["net_params"]["net_scopes"][0]
        return [f"{scope}/{name}" for name in self._entered(context, "get_keras_model").layers]

    def get_keras_model(self, context: ContextInfo, **unknown: Any) -> KerasLikeModel:
        """The context as a callable on batches; no TensorFlow is needed."""
        self._refuse_unknown("get_keras_model", unknown, "context")
        if not isinstance(context, ContextInfo):
            raise InvalidArgumentsException("get_keras_model: give what `with runner.infer_context(…) as ctx` gives")
        return KerasLikeModel(self, context)


def _as_image(output: np.ndarray) -> np.ndarray:
    return output[:, np.newaxis] if output.ndim == 3 else output
