"""Names of what inference runs on, as older scripts have them."""

from __future__ import annotations

import enum


class ParamsKinds(enum.Enum):
    NATIVE = "native"
    TRANSLATED = "translated"
    FP_OPTIMIZED = "fp_optimized"
    QUANTIZED = "quantized"
    STATISTICS = "statistics"


class InferenceTarget:
    """A target by name."""

    name = ""

    def __repr__(self) -> str:
        return self.name


class SdkNative(InferenceTarget):
    name = "sdk_native"


class SdkFPOptimized(InferenceTarget):
    name = "sdk_fp_optimized"


class SdkPartialNumeric(InferenceTarget):
    name = "sdk_partial_numeric"


class SdkFineTune(InferenceTarget):
    name = "sdk_fine_tune"
