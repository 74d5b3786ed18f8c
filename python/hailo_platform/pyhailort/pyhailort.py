"""The names of the runtime, where programs import them from."""

import enum

from hailo_platform.pyhailort import _pyhailort
from hailo_platform.pyhailort._pyhailort import (  # noqa: F401
    AveragingFactor, BootSource, DvmTypes, FormatOrder, FormatType, IspLightFrequency, MeasurementBufferIndex, MipiClockSelection,
    MipiDataTypeRx, MipiIspImageInOrder, MipiIspImageOutDataType, MipiPixelsPerClock, NotificationId, PowerMeasurementTypes,
    SamplingPeriod)
from hailo_platform.pyhailort.device import (  # noqa: F401
    BOARD_INFO_NOT_CONFIGURED_ATTR, BoardInformation, Control, CoreInformation, Device, DeviceArchitectureTypes, EthernetDevice,
    HailoFirmwareVersion, PcieDevice, UDPRateLimiter)
from hailo_platform.pyhailort.errors import (  # noqa: F401
    ExceptionWrapper, HailoCommunicationClosedException, HailoRTDriverOperationFailedException, HailoRTEthException, HailoRTException,
    HailoRTFirmwareControlFailedException, HailoRTHEFNotCompatibleWithDevice, HailoRTInvalidArgumentException,
    HailoRTInvalidFrameException, HailoRTInvalidHEFException, HailoRTInvalidOperationException,
    HailoRTNetworkGroupNotActivatedException, HailoRTNotFoundException, HailoRTStreamAborted, HailoRTStreamAbortedByUser,
    HailoRTTimeout, HailoRTUnsupportedOpcodeException, InvalidProtocolVersionException, UdpRecvError)
from hailo_platform.pyhailort.frames import Detection, DetectionWithByteMask  # noqa: F401
from hailo_platform.pyhailort.hef import HEF, ConfigureParams  # noqa: F401
from hailo_platform.pyhailort.infer_model import AsyncInferJob, ConfiguredInferModel, InferModel  # noqa: F401
from hailo_platform.pyhailort.network import (  # noqa: F401
    DEFAULT_VSTREAM_QUEUE_SIZE, DEFAULT_VSTREAM_TIMEOUT_MS, ActivatedNetwork, ConfiguredNetwork, InputVStreamParams,
    OutputVStreamParams, VDevice)
from hailo_platform.pyhailort.transform_utils import HailoRTTransformUtils  # noqa: F401
from hailo_platform.pyhailort.vstreams import (  # noqa: F401
    InferVStreams, InputVStream, InputVStreams, OutputVStream, OutputVStreams)

HailoRTPCIeDriverException = HailoRTDriverOperationFailedException


class HailoSchedulingAlgorithm(_pyhailort.SchedulingAlgorithm):
    pass


class HailoStreamInterface(_pyhailort.StreamInterface):
    pass


class HailoStreamDirection(_pyhailort.StreamDirection):
    pass


class HailoFormatFlags(_pyhailort.FormatFlags):
    pass


class HailoPowerMode(_pyhailort.PowerMode):
    pass


class HailoCpuId(_pyhailort.CpuId):
    pass


class Endianness(enum.Enum):
    BIG_ENDIAN = 0
    LITTLE_ENDIAN = 1
