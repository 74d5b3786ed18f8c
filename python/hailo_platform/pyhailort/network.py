"""The virtual device, the network groups configured on it, and the parameters of their virtual streams."""

import logging

from hailo_platform.pyhailort import _pyhailort
from hailo_platform.pyhailort._pyhailort import FormatType
from hailo_platform.pyhailort.device import Device
from hailo_platform.pyhailort.errors import ExceptionWrapper, HailoRTException, HailoRTInvalidFrameException
from hailo_platform.pyhailort.hef import HEF
from hailo_platform.pyhailort.infer_model import InferModel

DEFAULT_VSTREAM_TIMEOUT_MS = 10000
DEFAULT_VSTREAM_QUEUE_SIZE = 2

_logger = logging.getLogger("hailo_platform")


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
