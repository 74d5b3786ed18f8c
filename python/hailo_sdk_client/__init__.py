"""The vendor's Dataflow Compiler client, by its public names, over the package graupel."""

from hailo_sdk_client.exposed_definitions import (
    CalibrationDataType,
    ContextInfo,
    Dims,
    InferenceContext,
    JoinAction,
    JoinOutputLayersOrder,
    States,
    SUPPORTED_HW_ARCHS,
)
from hailo_sdk_client.runner.client_runner import ClientRunner
from hailo_sdk_client.version import __version__
from hailo_sdk_common.hailo_nn.hailo_nn import HailoNN
from hailo_sdk_common.targets.inference_targets import SdkFineTune, SdkNative, SdkPartialNumeric

__all__ = [
    "CalibrationDataType",
    "ClientRunner",
    "ContextInfo",
    "Dims",
    "HailoNN",
    "InferenceContext",
    "JoinAction",
    "JoinOutputLayersOrder",
    "SUPPORTED_HW_ARCHS",
    "SdkFineTune",
    "SdkNative",
    "SdkPartialNumeric",
    "States",
    "__version__",
]
