"""Frames between host and device as programs convert them by hand."""

import numpy as np

from hailo_platform.pyhailort import _pyhailort
from hailo_platform.pyhailort import frames as _frames
from hailo_platform.pyhailort.errors import ExceptionWrapper, HailoRTException, HailoRTInvalidOperationException

_FORMATS = {dtype: format_type for format_type, dtype in _frames.DTYPES.items()}


def _format_of(dtype):
    if np.dtype(dtype) not in _FORMATS:
        raise HailoRTException(f"{dtype} is no type of a frame; choose uint8, uint16 or float32")
    return _FORMATS[np.dtype(dtype)]


def _require_one(quant_info):
    if not _pyhailort.is_qp_valid(quant_info):
        raise HailoRTInvalidOperationException("this quantization says nothing: the output has one per feature; give those one by one")


class HailoRTTransformUtils:
    @staticmethod
    def get_dtype(data_bytes):
        """The type of an element of 1, 2 or 4 bytes."""
        for dtype in (np.uint8, np.uint16, np.float32):
            if np.dtype(dtype).itemsize == data_bytes:
                return dtype
        raise HailoRTException(f"no type of a frame has {data_bytes} bytes; choose 1, 2 or 4")

    @staticmethod
    def dequantize_output_buffer(src_buffer, dst_buffer, elements_count, quant_info):
        """The first codes of `src_buffer` as numbers in `dst_buffer`."""
        _require_one(quant_info)
        with ExceptionWrapper():
            _pyhailort.dequantize_output_buffer(src_buffer, dst_buffer, _format_of(src_buffer.dtype), _format_of(dst_buffer.dtype),
                                                elements_count, quant_info)

    @staticmethod
    def dequantize_output_buffer_in_place(raw_buffer, dst_dtype, elements_count, quant_info):
        """The first codes of `raw_buffer` as numbers of `dst_dtype` in the same memory, which must hold them."""
        _require_one(quant_info)
        with ExceptionWrapper():
            _pyhailort.dequantize_output_buffer_in_place(raw_buffer, _format_of(raw_buffer.dtype), _format_of(dst_dtype), elements_count,
                                                         quant_info)

    @staticmethod
    def quantize_input_buffer(src_buffer, dst_buffer, elements_count, quant_info):
        """The first numbers of `src_buffer` as codes in `dst_buffer`."""
        _require_one(quant_info)
        with ExceptionWrapper():
            _pyhailort.quantize_input_buffer(src_buffer, dst_buffer, _format_of(src_buffer.dtype), _format_of(dst_buffer.dtype),
                                             elements_count, quant_info)

    @staticmethod
    def output_raw_buffer_to_nms_format(raw_output_buffer, number_of_classes):
        """Per frame and class an array of boxes."""
        return [_frames.boxes_by_class(frame, number_of_classes) for frame in raw_output_buffer]

    @staticmethod
    def output_raw_buffer_to_nms_format_single_frame(raw_output_buffer, number_of_classes, offset=0):
        """Per class an array of boxes, of the frame that begins at `offset`."""
        return _frames.boxes_by_class(raw_output_buffer[offset:], number_of_classes)

    @staticmethod
    def output_raw_buffer_to_nms_tf_format(raw_output_buffer, shape, dtype, quantized_empty_bbox):
        """[frames, classes, 5, max], as `shape` says; `quantized_empty_bbox` stands where there is no box."""
        frames, classes, values, most = shape
        size = classes * (1 + values * most)
        result = np.empty((frames, classes, most, values), dtype)
        result[:] = quantized_empty_bbox
        for index in range(frames):
            for kind, boxes in enumerate(_frames.boxes_by_class(raw_output_buffer[index * size:], classes)):
                result[index, kind, :len(boxes)] = boxes
        return result.swapaxes(2, 3)
