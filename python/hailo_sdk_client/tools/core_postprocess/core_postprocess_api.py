"""Detection post-processing as scripts of the first releases asked for it: a model script does it now."""

from __future__ import annotations

import enum
from typing import Any

from hailo_sdk_client.runner.exceptions import UnsupportedFeatureException


class MetaArchitectures(enum.Enum):
    """The kinds of detectors that a model script's nms_postprocess knows."""

    SSD = "ssd"
    YOLOV5 = "yolov5"
    YOLOV5_SEG = "yolov5_seg"
    YOLOV6 = "yolov6"
    YOLOV8 = "yolov8"
    YOLOX = "yolox"


def add_nms_postprocess(*_: Any, **__: Any) -> None:
    """Not available: use nms_postprocess in a model script."""
    raise UnsupportedFeatureException('add_nms_postprocess is not available: load_model_script(\'nms_postprocess("config.json", '
                                      "meta_arch=...)') adds the decoding")
