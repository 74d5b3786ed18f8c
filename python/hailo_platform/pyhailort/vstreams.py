"""Inference over virtual streams: whole arrays at once, or one frame at a time."""

import time

import numpy as np

from hailo_platform.pyhailort import _pyhailort
from hailo_platform.pyhailort import frames as _frames
from hailo_platform.pyhailort.errors import ExceptionWrapper, HailoRTException


class _VStream:
    def __init__(self, native):
        self._native = native

    @property
    def info(self):
        return self._native.info

    @property
    def name(self):
        return self.info.name

    @property
    def network_name(self):
        return self.info.network_name

    @property
    def shape(self):
        return list(self.info.shape)

    @property
    def dtype(self):
        return _frames.dtype_of(self._native.format.type)


class InputVStream(_VStream):
    def send(self, input_data):
        """Frames along the first axis."""
        frames = _frames.contiguous(np.asarray(input_data), self.dtype, self.name)
        if frames.ndim == 0:
            raise HailoRTException(f"'{self.name}' takes frames along the first axis of an array; a scalar was given")
        with ExceptionWrapper():
            for frame in frames:
                self._native.send(np.ascontiguousarray(frame))

    def flush(self):
        with ExceptionWrapper():
            self._native.flush()


class OutputVStream(_VStream):
    def __init__(self, native, tf_nms_format, inputs):
        super().__init__(native)
        self._tf_nms_format, self._inputs = tf_nms_format, inputs

    def recv(self):
        """One frame, without a batch axis."""
        native, info = self._native, self.info
        detections = _frames.is_nms(info.format.order)
        frame = _frames.frame_array(native.format.order, native.format.type, native.frame_size, None if detections else info.shape)
        with ExceptionWrapper():
            native.recv(frame)
        if not detections:
            return frame
        return _frames.detections(frame, native.format.order, info.nms_shape, self._tf_nms_format, self._inputs)

    def set_nms_score_threshold(self, threshold):
        with ExceptionWrapper():
            self._native.set_nms_score_threshold(threshold)

    def set_nms_iou_threshold(self, threshold):
        with ExceptionWrapper():
            self._native.set_nms_iou_threshold(threshold)

    def set_nms_max_proposals_per_class(self, max_proposals_per_class):
        with ExceptionWrapper():
            self._native.set_nms_max_proposals_per_class(max_proposals_per_class)

    def set_nms_max_accumulated_mask_size(self, max_accumulated_mask_size):
        with ExceptionWrapper():
            self._native.set_nms_max_accumulated_mask_size(max_accumulated_mask_size)


class _VStreams:
    """A context manager: the virtual streams exist inside it."""

    def __init__(self, configured_network, params):
        self._network, self._params, self._vstreams = configured_network, params, {}

    def __enter__(self):
        with ExceptionWrapper():
            self._vstreams = {vstream.name: vstream for vstream in self._create()}
        return self

    def __exit__(self, *raised):
        for vstream in self._vstreams.values():
            vstream._native = None
        self._vstreams = {}
        return False

    def get(self, name=None):
        """The named one; without a name the only one."""
        if name is None:
            if len(self._vstreams) != 1:
                raise HailoRTException(f"there are {len(self._vstreams)} virtual streams; name one of {list(self._vstreams)}")
            return next(iter(self._vstreams.values()))
        if name not in self._vstreams:
            raise HailoRTException(f"there is no virtual stream '{name}'; there are {list(self._vstreams)}")
        return self._vstreams[name]

    def __iter__(self):
        return iter(self._vstreams.values())

    def clear(self):
        with ExceptionWrapper():
            self._native_type.clear([vstream._native for vstream in self])


class InputVStreams(_VStreams):
    _native_type = _pyhailort.InputVStream

    def _create(self):
        return [InputVStream(native) for native in self._network._configured_network.create_input_vstreams(self._params)]


class OutputVStreams(_VStreams):
    _native_type = _pyhailort.OutputVStream

    def __init__(self, configured_network, output_vstreams_params, tf_nms_format=False):
        super().__init__(configured_network, output_vstreams_params)
        self._tf_nms_format = tf_nms_format

    def _create(self):
        inputs = self._network.get_input_vstream_infos()
        return [OutputVStream(native, self._tf_nms_format, inputs)
                for native in self._network._configured_network.create_output_vstreams(self._params)]


class InferVStreams:
    """Whole arrays of frames in and out. A context manager: the virtual streams exist inside it."""

    def __init__(self, configured_net_group, input_vstreams_params, output_vstreams_params, tf_nms_format=False):
        self._network = configured_net_group
        self._input_params, self._output_params = input_vstreams_params, output_vstreams_params
        self._tf_nms_format = tf_nms_format
        self._infer_pipeline = None
        self._hw_time = self._total_time = None

    def __enter__(self):
        with ExceptionWrapper():
            self._infer_pipeline = _pyhailort.InferVStreams(self._network._configured_network, self._input_params, self._output_params)
        return self

    def __exit__(self, *raised):
        self._infer_pipeline = None
        return False

    @property
    def _native(self):
        if self._infer_pipeline is None:
            raise HailoRTException("InferVStreams is a context manager: infer inside `with InferVStreams(…) as pipeline`")
        return self._infer_pipeline

    def infer(self, input_data):
        """Output arrays by name for input arrays by name, frames along the first axis; one input may be given bare. Arrays that must
        be cast are replaced in `input_data`."""
        began = time.perf_counter()
        if not isinstance(input_data, dict):
            if len(self._input_params) != 1:
                raise ValueError(f"the network has {len(self._input_params)} inputs; give a dictionary of arrays by name")
            input_data = {next(iter(self._input_params)): input_data}
        frames = self._fit(input_data)
        with ExceptionWrapper():
            outputs = {name: self._native.get_output_by_name(name) for name in self._output_params}
            buffers = {name: self._allocate(output, frames) for name, output in outputs.items()}
            at_hardware = time.perf_counter()
            self._native.infer(input_data, buffers, frames)
            self._hw_time = time.perf_counter() - at_hardware
        results = {name: self._result(outputs[name], buffer) for name, buffer in buffers.items()}
        self._total_time = time.perf_counter() - began
        return results

    def _fit(self, input_data):
        if not input_data:
            raise ValueError("there are no input arrays")
        for name, array in input_data.items():
            with ExceptionWrapper():
                dtype = _frames.dtype_of(self._native.get_input_by_name(name).format.type)
            input_data[name] = _frames.contiguous(np.asarray(array), dtype, name)
        counts = {name: len(array) if array.ndim else 0 for name, array in input_data.items()}
        if len(set(counts.values())) != 1:
            raise ValueError(f"the inputs have different numbers of frames: {counts}")
        return next(iter(counts.values()))

    @staticmethod
    def _allocate(output, frames):
        order = output.format.order
        if _frames.is_nms(output.info.format.order):
            one = _frames.frame_array(order, output.format.type, output.frame_size, None)
            return np.zeros((frames, *one.shape), one.dtype)
        return np.empty((frames, *output.info.shape), _frames.dtype_of(output.format.type))

    def _result(self, output, buffer):
        if not _frames.is_nms(output.info.format.order):
            return buffer
        inputs = [self._native.get_input_by_name(name).info for name in self._input_params]
        results = [_frames.detections(frame, output.format.order, output.info.nms_shape, self._tf_nms_format, inputs) for frame in buffer]
        return np.stack(results) if self._tf_nms_format else results

    def get_hw_time(self):
        """Seconds of the last infer() in the device; get_total_time() has the arrays' handling in it too."""
        if self._hw_time is None:
            raise HailoRTException("nothing was inferred yet")
        return self._hw_time

    def get_total_time(self):
        if self._total_time is None:
            raise HailoRTException("nothing was inferred yet")
        return self._total_time

    def set_nms_score_threshold(self, threshold):
        with ExceptionWrapper():
            self._native.set_nms_score_threshold(threshold)

    def set_nms_iou_threshold(self, threshold):
        with ExceptionWrapper():
            self._native.set_nms_iou_threshold(threshold)

    def set_nms_max_proposals_per_class(self, max_proposals_per_class):
        with ExceptionWrapper():
            self._native.set_nms_max_proposals_per_class(max_proposals_per_class)

    def set_nms_max_accumulated_mask_size(self, max_accumulated_mask_size):
        with ExceptionWrapper():
            self._native.set_nms_max_accumulated_mask_size(max_accumulated_mask_size)
