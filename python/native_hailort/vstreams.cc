// Network groups, virtual streams and the inference over them.
#include <pybind11/stl.h>

#include "native_hailort/bindings.h"

namespace graupel::platform {
namespace {

using hailort::ActivatedNetworkGroup;
using hailort::ConfiguredNetworkGroup;
using hailort::InferVStreams;
using hailort::InputVStream;
using hailort::MemoryView;
using hailort::OutputVStream;
using std::chrono::milliseconds;
using VStreamParams = std::map<std::string, hailo_vstream_params_t>;

/// Values that cannot be copied, as Python holds them.
template <class T>
std::vector<std::shared_ptr<T>> shared(std::vector<T> values) {
  std::vector<std::shared_ptr<T>> result;
  for (T& value : values) result.push_back(std::make_shared<T>(std::move(value)));
  return result;
}

template <class T>
void clear(const std::vector<std::shared_ptr<T>>& vstreams) {
  std::vector<std::reference_wrapper<T>> all;
  for (const auto& vstream : vstreams) all.push_back(*vstream);
  require(T::clear(all));
}

void infer(InferVStreams& pipeline, const std::map<std::string, py::buffer>& inputs,
           const std::map<std::string, py::buffer>& outputs, std::size_t frames) {
  std::vector<HeldMemory> held;
  std::map<std::string, MemoryView> in, out;
  for (const auto& [name, buffer] : inputs) in[name] = held.emplace_back(buffer, false).view();
  for (const auto& [name, buffer] : outputs) out[name] = held.emplace_back(buffer, true).view();
  require(without_gil([&] { return pipeline.infer(in, out, frames); }));
}

void bind_group(py::module_& module) {
  py::class_<ActivatedNetworkGroup, std::shared_ptr<ActivatedNetworkGroup>>(module, "ActivatedNetworkGroup")
      .def("get_invalid_frames_count", &ActivatedNetworkGroup::get_invalid_frames_count);
  const auto network = py::arg("network_name") = "";
  using Group = ConfiguredNetworkGroup;
  py::class_<Group, std::shared_ptr<Group>> group(module, "ConfiguredNetworkGroup");
  group.def_property_readonly("name", &Group::name)
      .def("is_scheduled", &Group::is_scheduled)
      .def("activate",
           [](Group& it, const hailo_activate_network_group_params_t& params) {
             return std::shared_ptr<ActivatedNetworkGroup>(without_gil([&] { return take(it.activate(params)); }));
           })
      .def("wait_for_activation",
           [](Group& it, uint32_t timeout) {
             require(without_gil([&] { return it.wait_for_activation(milliseconds(timeout)); }));
           })
      .def("shutdown", [](Group& it) { require(without_gil([&] { return it.shutdown(); })); })
      .def("get_networks_names",
           [](const Group& it) {
             std::vector<std::string> names;
             for (const hailo_network_info_t& info : take(it.get_network_infos())) names.emplace_back(info.name);
             return names;
           })
      .def(
          "get_all_stream_infos",
          [](const Group& it, const std::string& name) { return take(it.get_all_stream_infos(name)); }, network)
      .def(
          "get_input_vstream_infos",
          [](const Group& it, const std::string& name) { return take(it.get_input_vstream_infos(name)); }, network)
      .def(
          "get_output_vstream_infos",
          [](const Group& it, const std::string& name) { return take(it.get_output_vstream_infos(name)); }, network)
      .def(
          "get_all_vstream_infos",
          [](const Group& it, const std::string& name) { return take(it.get_all_vstream_infos(name)); }, network)
      .def("get_sorted_output_names", [](Group& it) { return take(it.get_sorted_output_names()); })
      .def("get_stream_names_from_vstream_name",
           [](Group& it, const std::string& name) { return take(it.get_stream_names_from_vstream_name(name)); })
      .def("get_vstream_names_from_stream_name",
           [](Group& it, const std::string& name) { return take(it.get_vstream_names_from_stream_name(name)); })
      .def("set_scheduler_timeout",
           [](Group& it, uint32_t timeout, const std::string& name) {
             require(it.set_scheduler_timeout(milliseconds(timeout), name));
           })
      .def("set_scheduler_threshold", [](Group& it, uint32_t frames) { require(it.set_scheduler_threshold(frames)); })
      .def("set_scheduler_priority", [](Group& it, uint8_t priority) { require(it.set_scheduler_priority(priority)); });
  group
      .def("make_input_vstream_params",
           [](Group& it, const std::string& name, hailo_format_type_t type, uint32_t timeout, uint32_t queue) {
             return take(it.make_input_vstream_params(true, type, timeout, queue, name));
           })
      .def("make_output_vstream_params",
           [](Group& it, const std::string& name, hailo_format_type_t type, uint32_t timeout, uint32_t queue) {
             return take(it.make_output_vstream_params(true, type, timeout, queue, name));
           })
      .def("make_output_vstream_params_groups",
           [](Group& it, hailo_format_type_t type, uint32_t timeout, uint32_t queue) {
             return take(it.make_output_vstream_params_groups(true, type, timeout, queue));
           })
      .def("create_input_vstreams",
           [](Group& it, const VStreamParams& params) { return shared(take(it.create_input_vstreams(params))); })
      .def("create_output_vstreams",
           [](Group& it, const VStreamParams& params) { return shared(take(it.create_output_vstreams(params))); });
}

void bind_pipeline(py::module_& module) {
  py::class_<InputVStream, std::shared_ptr<InputVStream>>(module, "InputVStream")
      .def_property_readonly("info", &InputVStream::get_info)
      .def_property_readonly("format", &InputVStream::get_user_buffer_format)
      .def_property_readonly("frame_size", &InputVStream::get_frame_size)
      .def("send",
           [](InputVStream& it, const py::buffer& frame) {
             const HeldMemory held(frame, false);
             require(without_gil([&] { return it.write(held.view()); }));
           })
      .def("flush", [](InputVStream& it) { require(without_gil([&] { return it.flush(); })); })
      .def_static("clear", [](const std::vector<std::shared_ptr<InputVStream>>& all) { clear(all); });
  py::class_<OutputVStream, std::shared_ptr<OutputVStream>>(module, "OutputVStream")
      .def_property_readonly("info", &OutputVStream::get_info)
      .def_property_readonly("format", &OutputVStream::get_user_buffer_format)
      .def_property_readonly("frame_size", &OutputVStream::get_frame_size)
      .def("recv",
           [](OutputVStream& it, const py::buffer& frame) {
             const HeldMemory held(frame, true);
             require(without_gil([&] { return it.read(held.view()); }));
           })
      .def("set_nms_score_threshold",
           [](OutputVStream& it, float value) { require(it.set_nms_score_threshold(value)); })
      .def("set_nms_iou_threshold", [](OutputVStream& it, float value) { require(it.set_nms_iou_threshold(value)); })
      .def("set_nms_max_proposals_per_class",
           [](OutputVStream& it, uint32_t value) { require(it.set_nms_max_proposals_per_class(value)); })
      .def("set_nms_max_accumulated_mask_size",
           [](OutputVStream& it, uint32_t value) { require(it.set_nms_max_accumulated_mask_size(value)); })
      .def_static("clear", [](const std::vector<std::shared_ptr<OutputVStream>>& all) { clear(all); });
  py::class_<InferVStreams>(module, "InferVStreams")
      .def(py::init([](ConfiguredNetworkGroup& group, const VStreamParams& inputs, const VStreamParams& outputs) {
        return std::make_unique<InferVStreams>(take(InferVStreams::create(group, inputs, outputs)));
      }))
      .def("infer", infer)
      .def(
          "get_input_by_name",
          [](InferVStreams& it, const std::string& name) { return &take(it.get_input_by_name(name)).get(); },
          py::return_value_policy::reference_internal)
      .def(
          "get_output_by_name",
          [](InferVStreams& it, const std::string& name) { return &take(it.get_output_by_name(name)).get(); },
          py::return_value_policy::reference_internal)
      .def("set_nms_score_threshold",
           [](InferVStreams& it, float value) { require(it.set_nms_score_threshold(value)); })
      .def("set_nms_iou_threshold", [](InferVStreams& it, float value) { require(it.set_nms_iou_threshold(value)); })
      .def("set_nms_max_proposals_per_class",
           [](InferVStreams& it, uint32_t value) { require(it.set_nms_max_proposals_per_class(value)); })
      .def("set_nms_max_accumulated_mask_size",
           [](InferVStreams& it, uint32_t value) { require(it.set_nms_max_accumulated_mask_size(value)); });
}

}  // namespace

void bind_vstreams(py::module_& module) {
  bind_group(module);
  bind_pipeline(module);
}

}  // namespace graupel::platform
