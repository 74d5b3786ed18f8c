"""Enumerations and constants that scripts import."""

from __future__ import annotations

import enum
from collections import namedtuple
from typing import Any

import graupel


class States(enum.Enum):
    """How far a runner's model has come. The values are what a HAR's metadata stores."""

    UNINITIALIZED = "uninitialized"
    ORIGINAL_MODEL = "original_model"
    HAILO_MODEL = "hailo_model"
    FP_OPTIMIZED_MODEL = "fp_optimized_model"
    QUANTIZED_MODEL = "quantized_model"
    COMPILED_MODEL = "compiled_model"


class InferenceContext(enum.Enum):
    """What `ClientRunner.infer` runs.

    SDK_NATIVE is the parsed graph in floats; SDK_FP_OPTIMIZED the optimized one, with what the model script added.
    SDK_QUANTIZED and SDK_BIT_EXACT are the same here: the quantized emulation, whose integers are those of the
    compiled program. SDK_HAILO_HW runs the compiled program on this machine's CPU.
    """

    SDK_NATIVE = "sdk_native"
    SDK_FP_OPTIMIZED = "sdk_fp_optimized"
    SDK_QUANTIZED = "sdk_quantized"
    SDK_BIT_EXACT = "sdk_bit_exact"
    SDK_HAILO_HW = "sdk_hailo_hw"


class CalibrationDataType(enum.Enum):
    """What a data argument is; `auto` looks at it."""

    auto = "auto"
    np_array = "np_array"
    dataset = "dataset"
    npy_file = "npy_file"
    npy_dir = "npy_dir"


class JoinAction(enum.Enum):
    NONE = "none"
    AUTO_JOIN_INPUTS = "auto_join_inputs"
    AUTO_CHAIN_NETWORKS = "auto_chain_networks"
    CUSTOM = "custom"


class JoinOutputLayersOrder(enum.Enum):
    NEW_OUTPUTS_LAST = "new_outputs_last"
    NEW_OUTPUTS_FIRST = "new_outputs_first"
    NEW_OUTPUTS_IN_PLACE = "new_outputs_in_place"


class ContextInfo:
    """What `ClientRunner.infer_context` gives: pass it to `infer` and `get_keras_model`.

    Attributes:
        infer_context: the `InferenceContext`.
        nms_score_threshold: what replaces that of nms_postprocess, or None.
    """

    def __init__(self, infer_context: InferenceContext, runner: Any = None, nms_score_threshold: float | None = None):
        self.infer_context = infer_context
        self.runner = runner
        self.nms_score_threshold = nms_score_threshold

    def __repr__(self) -> str:
        return f"ContextInfo({self.infer_context})"


Dims = namedtuple("Dims", ["batch", "height", "width", "features"])

SUPPORTED_HW_ARCHS = graupel.hw_archs()
