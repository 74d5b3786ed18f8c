"""Frames of virtual streams as arrays: types, shapes, detections."""

import logging

import numpy as np

from hailo_platform.pyhailort._pyhailort import FormatOrder, FormatType
from hailo_platform.pyhailort.errors import HailoRTException

_logger = logging.getLogger("hailo_platform")

DTYPES = {FormatType.UINT8: np.dtype(np.uint8), FormatType.UINT16: np.dtype(np.uint16), FormatType.FLOAT32: np.dtype(np.float32)}
BBOX_PARAMS = 5
DETECTION = np.dtype([("y_min", "<f4"), ("x_min", "<f4"), ("y_max", "<f4"), ("x_max", "<f4"), ("score", "<f4"), ("class_id", "<u2")])


MASK_RECORD = np.dtype([*DETECTION.descr, ("size", "<u8"), ("address", "<u8")])
BBOX_WITH_MASK_PARAMS = 6


class Detection:
    """A box of a list that is sorted by score; coordinates are fractions of the picture."""

    def __init__(self, y_min, x_min, y_max, x_max, score, class_id):
        self.y_min, self.x_min, self.y_max, self.x_max, self.score, self.class_id = y_min, x_min, y_max, x_max, score, class_id

    def __repr__(self):
        return (f"Detection(class_id={self.class_id}, score={self.score:.4f}, box=({self.y_min:.4f}, {self.x_min:.4f}, "
                f"{self.y_max:.4f}, {self.x_max:.4f}))")


class DetectionWithByteMask(Detection):
    """A box with the pixels that belong to what is in it: `mask` has ceil((y_max - y_min) * height of the picture) rows of
    ceil((x_max - x_min) * width) bytes, flat; 1 is inside. The first is pixel (ceil(x_min * width), ceil(y_min * height)) or the edge."""

    def __init__(self, y_min, x_min, y_max, x_max, score, class_id, mask):
        super().__init__(y_min, x_min, y_max, x_max, score, class_id)
        self.mask = mask


def dtype_of(format_type):
    if format_type not in DTYPES:
        raise HailoRTException(f"{format_type} has no element type of its own; choose UINT8, UINT16 or FLOAT32")
    return DTYPES[format_type]


def is_nms(order):
    return order in (FormatOrder.HAILO_NMS_BY_CLASS, FormatOrder.HAILO_NMS_BY_SCORE, FormatOrder.HAILO_NMS_WITH_BYTE_MASK)


def frame_array(order, format_type, frame_size, shape):
    """Uninitialized memory of one frame; `shape` serves what is no detections."""
    if order == FormatOrder.HAILO_NMS_BY_CLASS:
        return np.zeros(frame_size // 4, np.float32)
    if is_nms(order):
        return np.zeros(frame_size, np.uint8)
    return np.empty(shape, dtype_of(format_type))


def boxes_by_class(frame, classes):
    """[n, 5] arrays, one per class, of a packed frame of counts and boxes."""
    found, at = [], 0
    for _ in range(classes):
        count = int(frame[at])
        end = at + 1 + count * BBOX_PARAMS
        found.append(frame[at + 1:end].reshape(count, BBOX_PARAMS).copy() if count else np.empty((0, BBOX_PARAMS)))
        at = end
    return found


def boxes_in_tf_format(frame, classes, most):
    """[classes, 5, most], zeros where there is no box."""
    result = np.zeros((classes, BBOX_PARAMS, most), frame.dtype)
    for index, boxes in enumerate(boxes_by_class(frame, classes)):
        result[index, :, :len(boxes)] = boxes.T
    return result


def detections_by_score(frame):
    count = int(frame[:2].view("<u2")[0])
    return [Detection(*record.item()) for record in np.frombuffer(frame.tobytes(), DETECTION, count, 2)]


def detections_with_masks(frame):
    found, at = [], 2
    for _ in range(int(frame[:2].view("<u2")[0])):
        *box, size, _ = np.frombuffer(frame[at:at + MASK_RECORD.itemsize].tobytes(), MASK_RECORD)[0].item()
        at += MASK_RECORD.itemsize
        found.append(DetectionWithByteMask(*box, frame[at:at + size].copy()))
        at += size
    return found


def masks_in_tf_format(frame, most, height, width):
    """[1, 6 + height * width, most]: y_min, x_min, y_max, x_max, score, class and the mask of the whole picture; zeros where there is none."""
    result = np.zeros((1, BBOX_WITH_MASK_PARAMS + height * width, most), np.float32)
    for index, one in enumerate(detections_with_masks(frame)[:most]):
        result[0, :BBOX_WITH_MASK_PARAMS, index] = one.y_min, one.x_min, one.y_max, one.x_max, one.score, one.class_id
        columns = int(np.ceil(np.float32(np.float32(one.x_max) - np.float32(one.x_min)) * np.float32(width)))
        if not one.mask.size:
            continue
        mask = one.mask.reshape(-1, columns)
        top, left = (min(max(int(np.ceil(np.float32(low) * np.float32(extent))), 0), extent)
                     for low, extent in ((one.y_min, height), (one.x_min, width)))
        shown = mask[:height - top, :width - left]
        picture = np.zeros((height, width), np.float32)
        picture[top:top + shown.shape[0], left:left + shown.shape[1]] = shown
        result[0, BBOX_WITH_MASK_PARAMS:, index] = picture.ravel()
    return result


def picture_extents(inputs):
    """Height and width of the only input, whose pixels masks are of."""
    if len(inputs) != 1:
        raise HailoRTException(f"masks are of one input's pixels; the network has {len(inputs)} inputs")
    return inputs[0].shape[:2]


def detections(frame, order, nms_shape, tf_format, inputs=()):
    """What a frame of detections says, in the form of its order. `inputs`: with a `shape` each."""
    if order == FormatOrder.HAILO_NMS_BY_CLASS:
        if tf_format:
            return boxes_in_tf_format(frame, nms_shape.number_of_classes, nms_shape.max_bboxes_per_class)
        return boxes_by_class(frame, nms_shape.number_of_classes)
    if order == FormatOrder.HAILO_NMS_BY_SCORE:
        if tf_format:
            raise HailoRTException("the TensorFlow form is of detections by class; these are by score")
        return detections_by_score(frame)
    if order == FormatOrder.HAILO_NMS_WITH_BYTE_MASK:
        if tf_format:
            return masks_in_tf_format(frame, nms_shape.max_bboxes_per_class, *picture_extents(inputs))
        return detections_with_masks(frame)
    raise HailoRTException(f"{order} is not an order of detections")


def contiguous(array, dtype, name):
    """`array` as the runtime reads it: warned of where that takes a copy."""
    if array.dtype != dtype:
        _logger.warning("'%s' is given as %s and cast to %s, which costs performance", name, array.dtype, dtype)
        array = array.astype(dtype)
    if not array.flags.c_contiguous:
        _logger.warning("'%s' is not C-contiguous and is copied, which costs performance", name)
        array = np.ascontiguousarray(array)
    return array
