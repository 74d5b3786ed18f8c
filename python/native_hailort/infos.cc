// Descriptions of streams, formats and configurations: plain structures with Python's names.
#include <pybind11/stl.h>

#include <cstring>

#include "native_hailort/bindings.h"

namespace graupel::platform {
namespace {

py::tuple shape_of(const hailo_3d_image_shape_t& shape, hailo_format_order_t order) {
  if (order == HAILO_FORMAT_ORDER_NC) return py::make_tuple(shape.features);
  if (order == HAILO_FORMAT_ORDER_NHW) return py::make_tuple(shape.height, shape.width);
  return py::make_tuple(shape.height, shape.width, shape.features);
}

py::tuple vstream_shape(const hailo_vstream_info_t& info) {
  const bool records = hailort::HailoRTCommon::is_nms_by_score(info.format.order) ||
                       info.format.order == HAILO_FORMAT_ORDER_HAILO_NMS_WITH_BYTE_MASK;
  if (records) throw StatusError{HAILO_INVALID_OPERATION};
  if (!hailort::HailoRTCommon::is_nms(info)) return shape_of(info.shape, info.format.order);
  constexpr uint32_t parameters = hailort::HailoRTCommon::BBOX_PARAMS;
  return py::make_tuple(info.nms_shape.number_of_classes, parameters, info.nms_shape.max_bboxes_per_class);
}

const hailo_nms_shape_t& vstream_nms_shape(const hailo_vstream_info_t& info) {
  if (!hailort::HailoRTCommon::is_nms(info)) throw StatusError{HAILO_INVALID_OPERATION};
  return info.nms_shape;
}

/// A structure without pointers as bytes and back.
template <class T>
auto pickled() {
  return py::pickle([](const T& value) { return py::bytes(reinterpret_cast<const char*>(&value), sizeof value); },
                    [](const py::bytes& bytes) {
                      const std::string text = bytes;
                      if (text.size() != sizeof(T)) throw StatusError{HAILO_INVALID_ARGUMENT};
                      T value;
                      std::memcpy(&value, text.data(), sizeof value);
                      return value;
                    });
}

void bind_formats(py::module_& module) {
  py::class_<hailo_quant_info_t>(module, "QuantInfo")
      .def(py::init([](float zero_point, float scale, float least, float most) {
             return hailo_quant_info_t{zero_point, scale, least, most};
           }),
           py::arg("qp_zp") = 0.0f, py::arg("qp_scale") = 1.0f, py::arg("limvals_min") = 0.0f,
           py::arg("limvals_max") = 0.0f)
      .def_readwrite("qp_zp", &hailo_quant_info_t::qp_zp)
      .def_readwrite("qp_scale", &hailo_quant_info_t::qp_scale)
      .def_readwrite("limvals_min", &hailo_quant_info_t::limvals_min)
      .def_readwrite("limvals_max", &hailo_quant_info_t::limvals_max)
      .def(pickled<hailo_quant_info_t>());
  py::class_<hailo_format_t>(module, "hailo_format_t")
      .def(py::init([] { return hailo_format_t{}; }))
      .def_readwrite("type", &hailo_format_t::type)
      .def_readwrite("order", &hailo_format_t::order)
      .def_readwrite("flags", &hailo_format_t::flags)
      .def("equals", [](const hailo_format_t& a, const hailo_format_t& b) {
        return a.type == b.type && a.order == b.order && a.flags == b.flags;
      });
  py::class_<hailo_nms_shape_t>(module, "NmsShape")
      .def_readonly("number_of_classes", &hailo_nms_shape_t::number_of_classes)
      .def_readonly("max_bboxes_per_class", &hailo_nms_shape_t::max_bboxes_per_class)
      .def_readonly("max_bboxes_total", &hailo_nms_shape_t::max_bboxes_total)
      .def_readonly("max_accumulated_mask_size", &hailo_nms_shape_t::max_accumulated_mask_size);
}

void bind_stream_infos(py::module_& module) {
  py::class_<hailo_vstream_info_t>(module, "VStreamInfo")
      .def_property_readonly("name", [](const hailo_vstream_info_t& info) { return std::string(info.name); })
      .def_property_readonly("network_name",
                             [](const hailo_vstream_info_t& info) { return std::string(info.network_name); })
      .def_readonly("direction", &hailo_vstream_info_t::direction)
      .def_readonly("format", &hailo_vstream_info_t::format)
      .def_readonly("quant_info", &hailo_vstream_info_t::quant_info)
      .def_property_readonly("shape", vstream_shape)
      .def_property_readonly("nms_shape", vstream_nms_shape)
      .def("__repr__",
           [](const hailo_vstream_info_t& info) { return "VStreamInfo(\"" + std::string(info.name) + "\")"; })
      .def(pickled<hailo_vstream_info_t>());
  py::class_<hailo_stream_info_t>(module, "StreamInfo")
      .def_property_readonly("name", [](const hailo_stream_info_t& info) { return std::string(info.name); })
      .def_property_readonly("shape",
                             [](const hailo_stream_info_t& info) { return shape_of(info.hw_shape, info.format.order); })
      .def_readonly("sys_index", &hailo_stream_info_t::index)
      .def_readonly("data_bytes", &hailo_stream_info_t::hw_data_bytes)
      .def_readonly("format", &hailo_stream_info_t::format)
      .def_readonly("direction", &hailo_stream_info_t::direction)
      .def_readonly("quant_info", &hailo_stream_info_t::quant_info)
      .def("__repr__", [](const hailo_stream_info_t& info) { return "StreamInfo(\"" + std::string(info.name) + "\")"; })
      .def(pickled<hailo_stream_info_t>());
  py::class_<hailo_network_group_info_t>(module, "NetworkGroupInfo")
      .def_property_readonly("name", [](const hailo_network_group_info_t& info) { return std::string(info.name); })
      .def_readonly("is_multi_context", &hailo_network_group_info_t::is_multi_context);
}

void bind_parameters(py::module_& module) {
  py::class_<hailo_vstream_params_t>(module, "VStreamParams")
      .def(py::init([] { return hailort::HailoRTDefaults::get_vstreams_params(); }))
      .def_readwrite("user_buffer_format", &hailo_vstream_params_t::user_buffer_format)
      .def_readwrite("timeout_ms", &hailo_vstream_params_t::timeout_ms)
      .def_readwrite("queue_size", &hailo_vstream_params_t::queue_size);
  py::class_<hailo_stream_parameters_t>(module, "StreamParameters")
      .def_readwrite("stream_interface", &hailo_stream_parameters_t::stream_interface)
      .def_readonly("direction", &hailo_stream_parameters_t::direction);
  py::class_<hailo_network_parameters_t>(module, "NetworkParameters")
      .def_readwrite("batch_size", &hailo_network_parameters_t::batch_size);
  py::class_<hailort::ConfigureNetworkParams>(module, "ConfigureParams")
      .def_readwrite("batch_size", &hailort::ConfigureNetworkParams::batch_size)
      .def_readwrite("power_mode", &hailort::ConfigureNetworkParams::power_mode)
      .def_readwrite("stream_params_by_name", &hailort::ConfigureNetworkParams::stream_params_by_name)
      .def_readwrite("network_params_by_name", &hailort::ConfigureNetworkParams::network_params_by_name);
  py::class_<hailo_activate_network_group_params_t>(module, "ActivateNetworkGroupParams").def(py::init([] {
    return hailort::HailoRTDefaults::get_active_network_group_params();
  }));
}

}  // namespace

void bind_infos(py::module_& module) {
  bind_formats(module);
  bind_stream_infos(module);
  bind_parameters(module);
}

}  // namespace graupel::platform
