"""The vendor's Python runtime interface, version 4.23, on a virtual device: the CPU."""

from hailo_platform.pyhailort import _pyhailort
from hailo_platform.pyhailort.pyhailort import (
    HEF, AsyncInferJob, AveragingFactor, ConfigureParams, Device, DvmTypes, Endianness, EthernetDevice, FormatOrder, FormatType,
    HailoCommunicationClosedException, HailoCpuId, HailoFormatFlags, HailoPowerMode, HailoRTException, HailoRTStreamAbortedByUser,
    HailoSchedulingAlgorithm, HailoStreamDirection, HailoStreamInterface, InferVStreams, InputVStreamParams, InputVStreams,
    MeasurementBufferIndex, OutputVStreamParams, OutputVStreams, PcieDevice, PowerMeasurementTypes, SamplingPeriod, UDPRateLimiter,
    VDevice)

__version__ = "4.23.0"
if _pyhailort.__version__ != __version__:
    raise ImportError(f"hailo_platform {__version__} found a native module of version {_pyhailort.__version__}; install both from "
                      "one distribution")

__all__ = [
    "EthernetDevice", "DvmTypes", "PowerMeasurementTypes", "SamplingPeriod", "AveragingFactor", "MeasurementBufferIndex",
    "UDPRateLimiter", "PcieDevice", "HEF", "ConfigureParams", "FormatType", "FormatOrder", "HailoPowerMode", "Endianness",
    "HailoStreamInterface", "InputVStreamParams", "OutputVStreamParams", "InputVStreams", "OutputVStreams", "InferVStreams",
    "HailoStreamDirection", "HailoFormatFlags", "HailoCpuId", "Device", "VDevice", "HailoRTException", "HailoSchedulingAlgorithm",
    "HailoRTStreamAbortedByUser", "AsyncInferJob", "HailoCommunicationClosedException"]
