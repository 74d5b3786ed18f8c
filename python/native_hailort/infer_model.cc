// InferModel: asynchronous jobs on the caller's buffers. What may wait for a callback is destroyed without the GIL,
// which the callback needs.
#include <pybind11/functional.h>
#include <pybind11/stl.h>

#include <optional>

#include "native_hailort/bindings.h"

namespace graupel::platform {
namespace {

using hailort::ConfiguredInferModel;
using hailort::InferModel;
using std::chrono::milliseconds;
using ModelStream = InferModel::InferStream;
using Bindings = ConfiguredInferModel::Bindings;

struct Job {
  explicit Job(hailort::AsyncInferJob own) : job(std::move(own)) {}
  ~Job() {
    without_gil([this] { job.reset(); });
  }
  std::optional<hailort::AsyncInferJob> job;
};

struct Configured {
  explicit Configured(ConfiguredInferModel own) : model(std::move(own)) {}
  ~Configured() { release(); }
  void release() {
    without_gil([this] { model.reset(); });
  }
  ConfiguredInferModel& get() {
    if (!model) throw StatusError{HAILO_INVALID_OPERATION};
    return *model;
  }
  std::optional<ConfiguredInferModel> model;
};

/// The memory that a frame's buffers are in, for as long as the Python object lives.
struct HeldBindings {
  Bindings bindings;
  std::map<std::string, HeldMemory> inputs, outputs;

  void set(bool input, const std::string& name, const py::buffer& buffer) {
    HeldMemory held(buffer, !input);
    require(take(input ? bindings.input(name) : bindings.output(name)).set_buffer(held.view()));
    auto& all = input ? inputs : outputs;
    all.erase(name);
    all.emplace(name, std::move(held));
  }
};

std::shared_ptr<Job> run_async(Configured& configured, const std::vector<std::shared_ptr<HeldBindings>>& frames,
                               const py::function& callback) {
  std::vector<Bindings> all;
  for (const auto& frame : frames) all.push_back(frame->bindings);
  struct Held {
    py::function callback;
    std::vector<std::shared_ptr<HeldBindings>> frames;
  };
  const std::shared_ptr<Held> held(new Held{callback, frames}, [](Held* it) {
    const py::gil_scoped_acquire gil;
    delete it;
  });
  const auto done = [held](const hailort::AsyncInferCompletionInfo& info) {
    const py::gil_scoped_acquire gil;
    try {
      held->callback(static_cast<int>(info.status));
    } catch (py::error_already_set& error) {
      error.discard_as_unraisable("a callback of run_async()");
    }
  };
  ConfiguredInferModel& model = configured.get();
  return without_gil([&] { return std::make_shared<Job>(take(model.run_async(all, done))); });
}

void bind_model(py::module_& module) {
  py::class_<ModelStream>(module, "InferModelInferStream")
      .def_property_readonly("name", &ModelStream::name)
      .def_property_readonly("shape",
                             [](const ModelStream& it) {
                               const hailo_3d_image_shape_t shape = it.shape();
                               return py::make_tuple(shape.height, shape.width, shape.features);
                             })
      .def_property_readonly("format", &ModelStream::format)
      .def_property_readonly("frame_size", &ModelStream::get_frame_size)
      .def_property_readonly("nms_shape", [](const ModelStream& it) { return take(it.get_nms_shape()); })
      .def_property_readonly("quant_infos", &ModelStream::get_quant_infos)
      .def_property_readonly("is_nms", &ModelStream::is_nms)
      .def("set_format_type", &ModelStream::set_format_type)
      .def("set_format_order", &ModelStream::set_format_order)
      .def("set_nms_score_threshold", &ModelStream::set_nms_score_threshold)
      .def("set_nms_iou_threshold", &ModelStream::set_nms_iou_threshold)
      .def("set_nms_max_proposals_per_class", &ModelStream::set_nms_max_proposals_per_class)
      .def("set_nms_max_proposals_total", &ModelStream::set_nms_max_proposals_total)
      .def("set_nms_max_accumulated_mask_size", &ModelStream::set_nms_max_accumulated_mask_size);
  py::class_<InferModel, std::shared_ptr<InferModel>>(module, "InferModel")
      .def_property_readonly("hef", [](const InferModel& it) { return hailort::Hef(it.hef()); })
      .def_property_readonly("input_names", &InferModel::get_input_names)
      .def_property_readonly("output_names", &InferModel::get_output_names)
      .def("input",
           [](InferModel& it, const std::string& name) { return take(name.empty() ? it.input() : it.input(name)); })
      .def("output",
           [](InferModel& it, const std::string& name) { return take(name.empty() ? it.output() : it.output(name)); })
      .def("set_batch_size", &InferModel::set_batch_size)
      .def("set_power_mode", &InferModel::set_power_mode)
      .def("configure", [](InferModel& it) {
        return without_gil([&] { return std::make_unique<Configured>(take(it.configure())); });
      });
}

void bind_configured(py::module_& module) {
  py::class_<HeldBindings, std::shared_ptr<HeldBindings>>(module, "ConfiguredInferModelBindings")
      .def("set_buffer", &HeldBindings::set);
  py::class_<Job, std::shared_ptr<Job>>(module, "AsyncInferJob").def("wait", [](Job& it, uint32_t timeout) {
    require(without_gil([&] { return it.job->wait(milliseconds(timeout)); }));
  });
  py::class_<Configured>(module, "ConfiguredInferModel")
      .def("create_bindings",
           [](Configured& it) {
             return std::make_shared<HeldBindings>(HeldBindings{take(it.get().create_bindings()), {}, {}});
           })
      .def("wait_for_async_ready",
           [](Configured& it, uint32_t timeout, uint32_t frames) {
             ConfiguredInferModel& model = it.get();
             require(without_gil([&] { return model.wait_for_async_ready(milliseconds(timeout), frames); }));
           })
      .def("run_async", run_async)
      .def("activate", [](Configured& it) { require(it.get().activate()); })
      .def("deactivate", [](Configured& it) { require(it.get().deactivate()); })
      .def("set_scheduler_timeout",
           [](Configured& it, uint32_t timeout) { require(it.get().set_scheduler_timeout(milliseconds(timeout))); })
      .def("set_scheduler_threshold",
           [](Configured& it, uint32_t frames) { require(it.get().set_scheduler_threshold(frames)); })
      .def("set_scheduler_priority",
           [](Configured& it, uint8_t value) { require(it.get().set_scheduler_priority(value)); })
      .def("get_async_queue_size", [](Configured& it) { return take(it.get().get_async_queue_size()); })
      .def("shutdown",
           [](Configured& it) {
             ConfiguredInferModel& model = it.get();
             require(without_gil([&] { return model.shutdown(); }));
           })
      .def("release", &Configured::release);
}

}  // namespace

void bind_infer_model(py::module_& module) {
  bind_model(module);
  bind_configured(module);
}

}  // namespace graupel::platform
