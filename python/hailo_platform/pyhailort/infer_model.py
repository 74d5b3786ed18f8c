"""InferModel: asynchronous jobs on the caller's arrays."""

import threading

import numpy as np

from hailo_platform.pyhailort import _pyhailort
from hailo_platform.pyhailort import frames as _frames
from hailo_platform.pyhailort._pyhailort import FormatOrder
from hailo_platform.pyhailort.errors import (
    ExceptionWrapper, HailoRTException, HailoRTInvalidOperationException, HailoRTNotFoundException, exception_of)


class InferModel:
    """A model of a HEF: formats are set on its inputs and outputs, then it is configured once."""

    class InferStream:
        """Copies share the model's settings."""

        def __init__(self, native):
            self._infer_stream = native

        @property
        def name(self):
            return self._infer_stream.name

        @property
        def shape(self):
            """Of the arrays that are bound."""
            native = self._infer_stream
            order = native.format.order
            if order == FormatOrder.HAILO_NMS_BY_CLASS:
                return [native.frame_size // 4]
            if _frames.is_nms(order):
                return [native.frame_size]
            height, width, features = native.shape
            return {FormatOrder.NC: [features], FormatOrder.NHW: [height, width]}.get(order, [height, width, features])

        @property
        def format(self):
            return self._infer_stream.format

        @property
        def quant_infos(self):
            return self._infer_stream.quant_infos

        @property
        def is_nms(self):
            return self._infer_stream.is_nms

        def set_format_type(self, format_type):
            with ExceptionWrapper():
                self._infer_stream.set_format_type(format_type)

        def set_format_order(self, format_order):
            with ExceptionWrapper():
                self._infer_stream.set_format_order(format_order)

        def set_nms_score_threshold(self, threshold):
            self._infer_stream.set_nms_score_threshold(threshold)

        def set_nms_iou_threshold(self, threshold):
            self._infer_stream.set_nms_iou_threshold(threshold)

        def set_nms_max_proposals_per_class(self, max_proposals_per_class):
            self._infer_stream.set_nms_max_proposals_per_class(max_proposals_per_class)

        def set_nms_max_proposals_total(self, max_proposals_total):
            self._infer_stream.set_nms_max_proposals_total(max_proposals_total)

        def set_nms_max_accumulated_mask_size(self, max_accumulated_mask_size):
            self._infer_stream.set_nms_max_accumulated_mask_size(max_accumulated_mask_size)

    def __init__(self, native, hef):
        self._infer_model, self._hef = native, hef

    def __enter__(self):
        return self

    def __exit__(self, *raised):
        return False

    @property
    def hef(self):
        return self._hef

    @property
    def input_names(self):
        return self._infer_model.input_names

    @property
    def output_names(self):
        return self._infer_model.output_names

    @property
    def inputs(self):
        return [self.input(name) for name in self.input_names]

    @property
    def outputs(self):
        return [self.output(name) for name in self.output_names]

    def input(self, name=""):
        with ExceptionWrapper():
            return self.InferStream(self._infer_model.input(name))

    def output(self, name=""):
        with ExceptionWrapper():
            return self.InferStream(self._infer_model.output(name))

    def set_batch_size(self, batch_size):
        with ExceptionWrapper():
            self._infer_model.set_batch_size(batch_size)

    def set_power_mode(self, power_mode):
        with ExceptionWrapper():
            self._infer_model.set_power_mode(power_mode)

    def configure(self):
        with ExceptionWrapper():
            return ConfiguredInferModel(self._infer_model.configure(), self)


class AsyncInferCompletionInfo:
    """What a callback is told: `exception` is None where the job succeeded."""

    def __init__(self, exception):
        self.exception = exception


class AsyncInferJob:
    def __init__(self, native):
        self._job = native

    def wait(self, timeout_ms):
        """Returns when the callback has."""
        with ExceptionWrapper():
            self._job.wait(timeout_ms)


class ConfiguredInferModel:
    """A context manager; leaving it drops the native model."""

    class Bindings:
        """The arrays of one frame."""

        class InferStream:
            def __init__(self, native, description, is_input, model_inputs):
                self._native, self._description, self._is_input, self._buffer = native, description, is_input, None
                self._model_inputs = model_inputs

            def set_buffer(self, buffer):
                """`buffer` is held until another is set, and filled in place if it is an output's."""
                name, order = self._description.name, self._description.format.order
                if not buffer.flags.c_contiguous:
                    raise HailoRTException(f"the array of '{name}' is not C-contiguous; pass numpy.ascontiguousarray(it)")
                if order in (FormatOrder.HAILO_NMS_BY_SCORE, FormatOrder.HAILO_NMS_WITH_BYTE_MASK) and buffer.dtype != np.uint8:
                    raise HailoRTException(f"'{name}' gives records of bytes; bind an array of uint8, not of {buffer.dtype}")
                with ExceptionWrapper():
                    self._native.set_buffer(self._is_input, name, buffer)
                self._buffer = buffer

            def get_buffer(self, tf_format=False):
                """The array; detections in the form of their order, or raw with tf_format=None."""
                if self._buffer is None:
                    raise HailoRTInvalidOperationException(
                        f"no array is bound to '{self._description.name}': 6 (HAILO_INVALID_OPERATION)"
                    ) from _pyhailort.HailoRTStatusException("6")
                if tf_format is None or not self._description.is_nms:
                    return self._buffer
                order, flat = self._description.format.order, self._buffer.reshape(-1)
                return _frames.detections(flat, order, self._description._infer_stream.nms_shape, tf_format, self._model_inputs)

        def __init__(self, native, model, input_names, output_names):
            self._bindings = native
            self._input_names, self._output_names = input_names, output_names
            inputs = model.inputs
            self._inputs = {name: self.InferStream(native, model.input(name), True, inputs) for name in input_names}
            self._outputs = {name: self.InferStream(native, model.output(name), False, inputs) for name in output_names}

        def input(self, name=""):
            return self._one(self._inputs, name, "input")

        def output(self, name=""):
            return self._one(self._outputs, name, "output")

        @staticmethod
        def _one(streams, name, kind):
            if not name:
                if len(streams) != 1:
                    raise HailoRTInvalidOperationException(f"the model has {len(streams)} {kind}s; name one of {list(streams)}")
                return next(iter(streams.values()))
            if name not in streams:
                raise HailoRTNotFoundException(f"the model has no {kind} '{name}'; it has {list(streams)}")
            return streams[name]

    def __init__(self, native, model):
        self._configured_infer_model, self._model = native, model
        self._input_names, self._output_names = model.input_names, model.output_names
        self._room = threading.Lock()

    def __enter__(self):
        return self

    def __exit__(self, *raised):
        self._configured_infer_model.release()
        return False

    def activate(self):
        """Also a context manager that deactivates."""
        with ExceptionWrapper():
            self._configured_infer_model.activate()
        return _Activated(self)

    def deactivate(self):
        with ExceptionWrapper():
            self._configured_infer_model.deactivate()

    def create_bindings(self, input_buffers=None, output_buffers=None):
        with ExceptionWrapper():
            native = self._configured_infer_model.create_bindings()
        bindings = self.Bindings(native, self._model, self._input_names, self._output_names)
        for name, buffer in (input_buffers or {}).items():
            bindings.input(name).set_buffer(buffer)
        for name, buffer in (output_buffers or {}).items():
            bindings.output(name).set_buffer(buffer)
        return bindings

    def wait_for_async_ready(self, timeout_ms=1000, frames_count=1):
        with ExceptionWrapper():
            self._configured_infer_model.wait_for_async_ready(timeout_ms, frames_count)

    def run(self, bindings, timeout):
        """Waits up to `timeout` milliseconds for room and for the frames."""
        with self._room:
            self.wait_for_async_ready(timeout, len(bindings))
            job = self.run_async(bindings)
        job.wait(timeout)

    def run_async(self, bindings, callback=None):
        """One job, and one call of `callback(completion_info=…)` from a thread of the library, for all frames."""
        def done(status):
            if callback is not None:
                callback(completion_info=AsyncInferCompletionInfo(exception_of(status)))

        for one in bindings:
            for stream in (*one._inputs.values(), *one._outputs.values()):
                stream.get_buffer(None)
        with ExceptionWrapper():
            return AsyncInferJob(self._configured_infer_model.run_async([one._bindings for one in bindings], done))

    def set_scheduler_timeout(self, timeout_ms):
        with ExceptionWrapper():
            self._configured_infer_model.set_scheduler_timeout(timeout_ms)

    def set_scheduler_threshold(self, threshold):
        with ExceptionWrapper():
            self._configured_infer_model.set_scheduler_threshold(threshold)

    def set_scheduler_priority(self, priority):
        with ExceptionWrapper():
            self._configured_infer_model.set_scheduler_priority(priority)

    def get_async_queue_size(self):
        with ExceptionWrapper():
            return self._configured_infer_model.get_async_queue_size()

    def shutdown(self):
        with ExceptionWrapper():
            self._configured_infer_model.shutdown()


class _Activated:
    def __init__(self, model):
        self._model = model

    def __enter__(self):
        return self

    def __exit__(self, *raised):
        self._model.deactivate()
        return False
