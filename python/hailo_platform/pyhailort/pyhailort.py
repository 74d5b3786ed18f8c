"""HEF, devices, network groups and inference over virtual streams."""

import enum
import logging

from hailo_platform.pyhailort import _pyhailort
from hailo_platform.pyhailort._pyhailort import (AveragingFactor, DvmTypes, FormatOrder, FormatType, MeasurementBufferIndex,  # noqa: F401
                                                 PowerMeasurementTypes, SamplingPeriod)
from hailo_platform.pyhailort.errors import (  # noqa: F401
    ExceptionWrapper, HailoCommunicationClosedException, HailoRTDriverOperationFailedException, HailoRTEthException, HailoRTException,
    HailoRTFirmwareControlFailedException, HailoRTHEFNotCompatibleWithDevice, HailoRTInvalidArgumentException,
    HailoRTInvalidFrameException, HailoRTInvalidHEFException, HailoRTInvalidOperationException,
    HailoRTNetworkGroupNotActivatedException, HailoRTNotFoundException, HailoRTStreamAborted, HailoRTStreamAbortedByUser,
    HailoRTTimeout, HailoRTUnsupportedOpcodeException, InvalidProtocolVersionException, UdpRecvError)

DEFAULT_VSTREAM_TIMEOUT_MS = 10000
DEFAULT_VSTREAM_QUEUE_SIZE = 2

_logger = logging.getLogger("hailo_platform")


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


class DeviceArchitectureTypes(enum.IntEnum):
    HAILO8_A0 = 0
    HAILO8 = 1
    HAILO8L = 2
    HAILO15H = 3
    HAILO15L = 4
    HAILO15M = 5
    HAILO10H = 6
    MARS = 7

    def __str__(self):
        return self.name


class HEF:
    """What a compiled file says of itself. Unknown names raise the native exception."""

    def __init__(self, hef_source):
        with ExceptionWrapper():
            if isinstance(hef_source, str):
                self._hef, self._path = _pyhailort.Hef.create_from_file(hef_source), hef_source
            elif isinstance(hef_source, bytes):
                self._hef, self._path = _pyhailort.Hef.create_from_buffer(hef_source), None
            else:
                raise ValueError(f"a HEF is read from a path (str) or from bytes, not from {type(hef_source).__name__}")

    @property
    def path(self):
        return self._path

    def get_network_group_names(self):
        return self._hef.get_network_group_names()

    def get_network_groups_infos(self):
        return self._hef.get_network_groups_infos()

    def get_networks_names(self, network_group_name=None):
        return self._hef.get_networks_names(network_group_name or "")

    def get_input_vstream_infos(self, name=None):
        return self._hef.get_input_vstream_infos(name or "")

    def get_output_vstream_infos(self, name=None):
        return self._hef.get_output_vstream_infos(name or "")

    def get_all_vstream_infos(self, name=None):
        return self._hef.get_all_vstream_infos(name or "")

    def get_input_stream_infos(self, name=None):
        return self._hef.get_input_stream_infos(name or "")

    def get_output_stream_infos(self, name=None):
        return self._hef.get_output_stream_infos(name or "")

    def get_all_stream_infos(self, name=None):
        return self._hef.get_all_stream_infos(name or "")

    def get_sorted_output_names(self, network_group_name=None):
        return self._hef.get_sorted_output_names(network_group_name or "")

    def bottleneck_fps(self, network_group_name=None):
        fps = self._hef.get_bottleneck_fps(network_group_name or "")
        if fps == 0:
            raise HailoRTException("the HEF has no figure for the frames per second of its slowest layer")
        return fps

    def get_vstream_name_from_original_name(self, original_name, network_group_name=None):
        return self._hef.get_vstream_name_from_original_name(original_name, network_group_name or "")

    def get_original_names_from_vstream_name(self, vstream_name, network_group_name=None):
        return self._hef.get_original_names_from_vstream_name(vstream_name, network_group_name or "")

    def get_vstream_names_from_stream_name(self, stream_name, network_group_name=None):
        return self._hef.get_vstream_names_from_stream_name(stream_name, network_group_name or "")

    def get_stream_names_from_vstream_name(self, vstream_name, network_group_name=None):
        return self._hef.get_stream_names_from_vstream_name(vstream_name, network_group_name or "")


class ConfigureParams:
    @staticmethod
    def create_from_hef(hef, interface):
        """By network group name. What is read from an entry's dictionaries is a copy; assign whole dictionaries."""
        with ExceptionWrapper():
            return hef._hef.create_configure_params(interface)


class Control:
    """What a device tells of itself."""

    def __init__(self, device):
        self._device = device

    def identify(self):
        with ExceptionWrapper():
            return BoardInformation(self._device.identify())

    def get_chip_temperature(self):
        with ExceptionWrapper():
            return self._device.get_chip_temperature()

    def power_measurement(self, dvm=DvmTypes.AUTO, measurement_type=PowerMeasurementTypes.AUTO):
        with ExceptionWrapper():
            return self._device.power_measurement(dvm, measurement_type)


class BoardInformation:
    def __init__(self, native):
        self.protocol_version = native.protocol_version
        self.firmware_version = FirmwareVersion(*native.fw_version, native.is_release)
        self.logger_version = native.logger_version
        self.is_release = native.is_release
        self.device_architecture = DeviceArchitectureTypes(native.device_architecture)
        self.board_name = native.board_name
        self.serial_number = native.serial_number
        self.part_number = native.part_number
        self.product_name = native.product_name

    def __str__(self):
        return (f"Control Protocol Version: {self.protocol_version}\nFirmware Version: {self.firmware_version}\n"
                f"Logger Version: {self.logger_version}\nBoard Name: {self.board_name}\n"
                f"Device Architecture: {self.device_architecture}\nSerial Number: {self.serial_number}\n"
                f"Part Number: {self.part_number}\nProduct Name: {self.product_name}\n")


class FirmwareVersion:
    def __init__(self, major, minor, revision, is_release):
        self.major, self.minor, self.revision, self.is_release = major, minor, revision, is_release

    def __str__(self):
        return f"{self.major}.{self.minor}.{self.revision} ({'release' if self.is_release else 'develop'})"


class Device:
    """A physical device; what can be inferred on it goes through VDevice."""

    def __init__(self, device_id=None):
        with ExceptionWrapper():
            self._device = _pyhailort.Device.create(device_id or "")
        self._loaded_network_groups = []

    @classmethod
    def scan(cls):
        with ExceptionWrapper():
            return _pyhailort.Device.scan()

    @property
    def device_id(self):
        return self._native.device_id

    @property
    def control(self):
        return Control(self._native)

    @property
    def loaded_network_groups(self):
        return self._loaded_network_groups

    @property
    def _native(self):
        if self._device is None:
            raise HailoRTException("the device was released")
        return self._device

    def release(self):
        self._device = None

    def __enter__(self):
        return self

    def __exit__(self, *raised):
        self.release()
        return False


class PcieDevice(Device):
    @staticmethod
    def scan_devices():
        return Device.scan()


class EthernetDevice:
    def __init__(self, *_, **__):
        raise HailoRTException("devices on Ethernet are not offered; the virtual device is the CPU: use VDevice()")


class UDPRateLimiter:
    def __init__(self, *_, **__):
        raise HailoRTException("there is no device on Ethernet whose rate could be limited")


class VDevice:
    """The virtual device, without a scheduler unless `params` asks for one."""

    def __init__(self, params=None, *, device_ids=None):
        if params is not None and device_ids is not None:
            raise HailoRTException("give either params, whose device_ids may be set, or device_ids")
        params = params or VDevice.create_params()
        if device_ids is not None:
            params.device_ids, params.device_count = device_ids, len(device_ids)
        with ExceptionWrapper():
            self._device = _pyhailort.VDevice.create(params)
        self._loaded_network_groups = []

    @staticmethod
    def create_params():
        return _pyhailort.VDeviceParams()

    @property
    def _native(self):
        if self._device is None:
            raise HailoRTException("the virtual device was released")
        return self._device

    def __enter__(self):
        return self

    def __exit__(self, *raised):
        self.release()
        return False

    def release(self):
        self._loaded_network_groups = []
        self._device = None

    def configure(self, hef, configure_params_by_name={}):
        with ExceptionWrapper():
            groups = self._native.configure(hef._hef, configure_params_by_name)
        configured = [ConfiguredNetwork(group, self, hef) for group in groups]
        self._loaded_network_groups.extend(configured)
        return configured

    def get_physical_devices(self):
        return [Device(device_id) for device_id in self.get_physical_devices_ids()]

    def get_physical_devices_ids(self):
        with ExceptionWrapper():
            return self._native.get_physical_devices_ids()

    def create_infer_model(self, hef_source, name=""):
        hef = hef_source if isinstance(hef_source, HEF) else HEF(hef_source)
        with ExceptionWrapper():
            return InferModel(self._native.create_infer_model(hef._hef, name), hef)

    @property
    def loaded_network_groups(self):
        return self._loaded_network_groups


class ConfiguredNetwork:
    """A network group on a virtual device."""

    def __init__(self, native, target, hef):
        self._configured_network, self._target, self._hef = native, target, hef

    @property
    def name(self):
        return self._configured_network.name

    @staticmethod
    def create_params():
        return _pyhailort.ActivateNetworkGroupParams()

    def activate(self, network_group_params=None):
        """A context manager; the network group runs inside it. With a scheduler it does nothing."""
        return ActivatedNetworkContextManager(self, network_group_params or self.create_params())

    def wait_for_activation(self, timeout_ms=None):
        with ExceptionWrapper():
            self._configured_network.wait_for_activation(0xFFFFFFFF if timeout_ms is None else timeout_ms)

    def shutdown(self):
        with ExceptionWrapper():
            self._configured_network.shutdown()

    def get_networks_names(self):
        return self._configured_network.get_networks_names()

    def get_input_vstream_infos(self, network_name=None):
        with ExceptionWrapper():
            return self._configured_network.get_input_vstream_infos(network_name or "")

    def get_output_vstream_infos(self, network_name=None):
        with ExceptionWrapper():
            return self._configured_network.get_output_vstream_infos(network_name or "")

    def get_all_vstream_infos(self, network_name=None):
        with ExceptionWrapper():
            return self._configured_network.get_all_vstream_infos(network_name or "")

    def get_all_stream_infos(self, network_name=None):
        with ExceptionWrapper():
            return self._configured_network.get_all_stream_infos(network_name or "")

    def get_input_stream_infos(self, network_name=None):
        return [i for i in self.get_all_stream_infos(network_name) if i.direction == _pyhailort.StreamDirection.H2D]

    def get_output_stream_infos(self, network_name=None):
        return [i for i in self.get_all_stream_infos(network_name) if i.direction == _pyhailort.StreamDirection.D2H]

    def get_output_shapes(self):
        return {info.name: info.shape for info in self.get_output_vstream_infos()}

    def get_sorted_output_names(self):
        with ExceptionWrapper():
            return self._configured_network.get_sorted_output_names()

    def get_vstream_names_from_stream_name(self, stream_name):
        with ExceptionWrapper():
            return self._configured_network.get_vstream_names_from_stream_name(stream_name)

    def get_stream_names_from_vstream_name(self, vstream_name):
        with ExceptionWrapper():
            return self._configured_network.get_stream_names_from_vstream_name(vstream_name)

    def set_scheduler_timeout(self, timeout_ms, network_name=None):
        with ExceptionWrapper():
            self._configured_network.set_scheduler_timeout(timeout_ms, network_name or "")

    def set_scheduler_threshold(self, threshold):
        with ExceptionWrapper():
            self._configured_network.set_scheduler_threshold(threshold)

    def set_scheduler_priority(self, priority):
        with ExceptionWrapper():
            self._configured_network.set_scheduler_priority(priority)


class ActivatedNetworkContextManager:
    def __init__(self, network, params):
        self._network, self._params, self._activated = network, params, None

    def __enter__(self):
        native = self._network._configured_network
        if native.is_scheduled():
            _logger.warning("activate() does nothing where a scheduler decides which network group runs")
            return ActivatedNetwork(self._network, None)
        with ExceptionWrapper():
            self._activated = ActivatedNetwork(self._network, native.activate(self._params))
        return self._activated

    def __exit__(self, *raised):
        if self._activated is not None:
            self._activated._activated_network = None
            self._activated = None
        return False


class ActivatedNetwork:
    def __init__(self, network, native):
        self._network, self._activated_network = network, native

    @property
    def name(self):
        return self._network.name

    def get_number_of_invalid_frames(self, clear=True):
        return 0 if self._activated_network is None else self._activated_network.get_invalid_frames_count()

    def validate_all_frames_are_valid(self):
        invalid = self.get_number_of_invalid_frames()
        if invalid:
            raise HailoRTInvalidFrameException(f"{invalid} frames are invalid")

    def get_sorted_output_names(self):
        return self._network.get_sorted_output_names()


def _chosen(format_type, timeout_ms, queue_size):
    return (FormatType.AUTO if format_type is None else format_type, DEFAULT_VSTREAM_TIMEOUT_MS if timeout_ms is None else timeout_ms,
            DEFAULT_VSTREAM_QUEUE_SIZE if queue_size is None else queue_size)


class InputVStreamParams:
    @staticmethod
    def make(configured_network, quantized=None, format_type=None, timeout_ms=None, queue_size=None, network_name=None):
        """By virtual stream name. `quantized` changes nothing: the format type says who quantizes."""
        with ExceptionWrapper():
            return configured_network._configured_network.make_input_vstream_params(
                network_name or "", *_chosen(format_type, timeout_ms, queue_size))

    make_from_network_group = make


class OutputVStreamParams:
    @staticmethod
    def make(configured_network, quantized=None, format_type=None, timeout_ms=None, queue_size=None, network_name=None):
        """By virtual stream name. `quantized` changes nothing: the format type says who dequantizes."""
        with ExceptionWrapper():
            return configured_network._configured_network.make_output_vstream_params(
                network_name or "", *_chosen(format_type, timeout_ms, queue_size))

    make_from_network_group = make

    @staticmethod
    def make_groups(configured_network, quantized=None, format_type=None, timeout_ms=None, queue_size=None):
        with ExceptionWrapper():
            return configured_network._configured_network.make_output_vstream_params_groups(
                *_chosen(format_type, timeout_ms, queue_size))


# These build on what is above.
from hailo_platform.pyhailort.infer_model import AsyncInferJob, ConfiguredInferModel, InferModel  # noqa: E402, F401
from hailo_platform.pyhailort.vstreams import (  # noqa: E402, F401
    InferVStreams, InputVStream, InputVStreams, OutputVStream, OutputVStreams)
