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

__all__ = [
    "CalibrationDataType",
    "ClientRunner",
    "ContextInfo",
    "Dims",
    "InferenceContext",
    "JoinAction",
    "JoinOutputLayersOrder",
    "SUPPORTED_HW_ARCHS",
    "States",
    "__version__",
]
