"""The device: what it is, and what only a chip would have."""

import enum

from hailo_platform.pyhailort import _pyhailort
from hailo_platform.pyhailort._pyhailort import DvmTypes, PowerMeasurementTypes
from hailo_platform.pyhailort.errors import ExceptionWrapper, HailoRTException

BOARD_INFO_NOT_CONFIGURED_ATTR = "<N/A>"


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


def _refused(name, why):
    """A method that raises HAILO_NOT_SUPPORTED with its documented code."""
    def method(self, *arguments, **named):
        with ExceptionWrapper():
            raise _pyhailort.HailoRTStatusException("79")
    method.__name__, method.__doc__ = name, f"Refused with HAILO_NOT_SUPPORTED (79): the virtual device has no {why}."
    return method


class Control:
    """What a device tells of itself. What only a chip, its sensors and its firmware have is refused."""

    def __init__(self, device):
        self._device = device

    @property
    def device_id(self):
        return self._device.device_id

    def open(self):
        """Nothing: the control channel is always open."""

    def close(self):
        """Nothing: the control channel is always open."""

    def identify(self):
        with ExceptionWrapper():
            return BoardInformation(self._device.identify())

    def core_identify(self):
        with ExceptionWrapper():
            return CoreInformation(*self._device.core_identify())

    def get_extended_device_information(self):
        with ExceptionWrapper():
            return self._device.get_extended_device_information()

    def chip_reset(self):
        self._reset(0)

    def nn_core_reset(self):
        self._reset(1)

    def soft_reset(self):
        self._reset(2)

    def forced_soft_reset(self):
        self._reset(3)

    def _reset(self, mode):
        with ExceptionWrapper():
            self._device.reset(mode)

    def get_chip_temperature(self):
        with ExceptionWrapper():
            return self._device.get_chip_temperature()

    def power_measurement(self, dvm=DvmTypes.AUTO, measurement_type=PowerMeasurementTypes.AUTO):
        with ExceptionWrapper():
            return self._device.power_measurement(dvm, measurement_type)

    def set_notification_callback(self, callback_func, notification_id, opaque):
        """Accepted; the virtual device has nothing to tell."""

    def remove_notification_callback(self, notification_id):
        """Accepted."""


for _why, _names in {
    "power sensor": "start_power_measurement stop_power_measurement set_power_measurement get_power_measurement",
    "memory of a chip": "read_memory write_memory read_register set_bit reset_bit test_chip_memories",
    "stored configuration": "read_user_config write_user_config read_board_config write_board_config",
    "firmware": "firmware_update second_stage_update set_fw_logger wd_enable wd_disable wd_config previous_system_state",
    "sensor for heat or current": "set_throttling_state get_throttling_state",
    "bus or camera": "i2c_write i2c_read store_sensor_config store_isp_config get_sensor_sections_info sensor_set_generic_i2c_slave "
                     "set_sensor_i2c_bus_index load_and_start_sensor reset_sensor",
    "Ethernet": "set_pause_frames",
}.items():
    for _name in _names.split():
        setattr(Control, _name, _refused(_name, _why))


class BoardInformation:
    def __init__(self, native):
        self.protocol_version = native.protocol_version
        self.firmware_version = HailoFirmwareVersion(*native.fw_version, native.is_release, native.extended_context_switch_buffer, "app")
        self.logger_version = native.logger_version
        self.is_release = native.is_release
        self.device_architecture = DeviceArchitectureTypes(native.device_architecture)
        self.board_name = native.board_name
        self.serial_number = native.serial_number
        self.part_number = native.part_number
        self.product_name = native.product_name

    def __str__(self):
        text = lambda field: field.rstrip("\0") or BOARD_INFO_NOT_CONFIGURED_ATTR  # noqa: E731
        return (f"Control Protocol Version: {self.protocol_version}\nFirmware Version: {self.firmware_version}\n"
                f"Logger Version: {self.logger_version}\nBoard Name: {self.board_name}\n"
                f"Device Architecture: {self.device_architecture}\nSerial Number: {text(self.serial_number)}\n"
                f"Part Number: {text(self.part_number)}\nProduct Name: {text(self.product_name)}\n")

    __repr__ = __str__


class CoreInformation:
    def __init__(self, major, minor, revision, is_release, extended_context_switch_buffer):
        self.firmware_version = HailoFirmwareVersion(major, minor, revision, is_release, extended_context_switch_buffer, "core")
        self.is_release = is_release

    def __str__(self):
        return f"Core Firmware Version: {self.firmware_version}"

    __repr__ = __str__


class HailoFirmwareVersion:
    def __init__(self, major, minor, revision, is_release, extended_context_switch_buffer, processor):
        self.major, self.minor, self.revision = major, minor, revision
        self._text = (f"{major}.{minor}.{revision} ({'release' if is_release else 'develop'},{processor}"
                      f"{',extended context switch buffer' if extended_context_switch_buffer else ''})")

    def __str__(self):
        return self._text


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

    read_log = _refused("read_log", "firmware")

    def __repr__(self):
        return f"Device({self.device_id!r})"

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
