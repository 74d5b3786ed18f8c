"""HEF files, and the parameters that a network group is configured with."""

from hailo_platform.pyhailort import _pyhailort
from hailo_platform.pyhailort.errors import ExceptionWrapper, HailoRTException


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
        with ExceptionWrapper():
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

    @staticmethod
    def create_mipi_inputs_from_hef(hef, output_interface, **camera):
        """Refused: the virtual device has no camera."""
        with ExceptionWrapper():
            return hef._hef.create_configure_params_mipi_input(output_interface)
