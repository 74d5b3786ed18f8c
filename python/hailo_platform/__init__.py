"""The vendor's Python runtime interface, version 4.23, on a virtual device: the CPU."""

import os

from hailo_platform.pyhailort import _pyhailort
from hailo_platform.pyhailort.pyhailort import (
    HEF, AsyncInferJob, AveragingFactor, ConfigureParams, Device, DvmTypes, Endianness, EthernetDevice, FormatOrder, FormatType,
    HailoCommunicationClosedException, HailoCpuId, HailoFormatFlags, HailoPowerMode, HailoRTException, HailoRTStreamAbortedByUser,
    HailoSchedulingAlgorithm, HailoStreamDirection, HailoStreamInterface, InferVStreams, InputVStreamParams, InputVStreams,
    IspLightFrequency, MeasurementBufferIndex, MipiClockSelection, MipiDataTypeRx, MipiIspImageInOrder, MipiIspImageOutDataType,
    MipiPixelsPerClock, OutputVStreamParams, OutputVStreams, PcieDevice, PowerMeasurementTypes, SamplingPeriod, UDPRateLimiter,
    VDevice)

__version__ = "4.23.0"
if _pyhailort.__version__ != __version__:
    raise ImportError(f"hailo_platform {__version__} found a native module of version {_pyhailort.__version__}; install both from "
                      "one distribution")


def join_drivers_path(path):
    """A path below this package's folder `drivers`."""
    return os.path.join(os.path.dirname(os.path.abspath(__file__)), "drivers", path)


__all__ = [
    "EthernetDevice", "DvmTypes", "PowerMeasurementTypes", "SamplingPeriod", "AveragingFactor", "MeasurementBufferIndex",
    "UDPRateLimiter", "PcieDevice", "HEF", "ConfigureParams", "FormatType", "FormatOrder", "HailoPowerMode", "Endianness",
    "HailoStreamInterface", "InputVStreamParams", "OutputVStreamParams", "InputVStreams", "OutputVStreams", "InferVStreams",
    "HailoStreamDirection", "HailoFormatFlags", "HailoCpuId", "Device", "VDevice", "HailoRTException", "HailoSchedulingAlgorithm",
    "HailoRTStreamAbortedByUser", "AsyncInferJob", "HailoCommunicationClosedException", "MipiDataTypeRx", "MipiPixelsPerClock",
    "MipiClockSelection", "MipiIspImageInOrder", "MipiIspImageOutDataType", "join_drivers_path", "IspLightFrequency"]
