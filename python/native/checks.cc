#include "native/checks.h"

#include <pybind11/stl.h>

#include "compiler/bench.h"
#include "compiler/compare_stages.h"
#include "compiler/verify_program.h"
#include "lower/lower.h"
#include "native/arrays.h"
#include "native/errors.h"
#include "native/model.h"

namespace graupel::python {
namespace {

py::list list_of(const std::vector<TensorStats>& stats) {
  py::list list;
  for (const TensorStats& s : stats) {
    py::dict entry;
    entry["name"] = s.name;
    entry["origins"] = s.origins;
    entry["count"] = s.count;
    entry["mean_reference"] = s.mean_ref;
    entry["std_reference"] = s.std_ref;
    entry["mean"] = s.mean_other;
    entry["std"] = s.std_other;
    entry["max_abs"] = s.max_abs;
    entry["mean_abs"] = s.mean_abs;
    entry["snr_db"] = s.snr_db;
    entry["cosine"] = s.cosine;
    list.append(entry);
  }
  return list;
}

/// Another model's latest stage; of the model itself the one that reads the same.
RunStage default_reference(const Model& reference, const Model& other) {
  return &reference == &other ? reference_stage_of(reference.file()) : latest_run_stage(reference.file());
}

py::dict compare(const Model& reference, const std::string& reference_stage, const Model& other,
                 const std::string& other_stage, const py::list& arrays, int threads) {
  const StageOf left{reference.file(), reference_stage.empty() ? default_reference(reference, other)
                                                               : take(parse_run_stage(reference_stage))};
  const StageOf right{other.file(), take(parse_run_stage(other_stage))};
  Dataset frames = take(dataset_of(arrays, take(input_specs(reference.file()))));
  StageComparison comparison;
  {
    const py::gil_scoped_release release;
    comparison = take(compare_stages(left, right, frames, {.threads = threads}));
  }
  py::dict result;
  result["frames"] = comparison.frames;
  result["reference_stage"] = std::string(to_string(left.stage));
  result["stage"] = std::string(to_string(right.stage));
  result["warnings"] = comparison.warnings;
  result["outputs"] = list_of(comparison.outputs);
  result["layers"] = list_of(comparison.layers);
  return result;
}

py::object dict_of(const std::optional<Difference>& difference) {
  if (!difference) return py::none();
  py::dict result;
  result["isa"] = std::string(to_string(difference->isa));
  result["threads"] = difference->threads;
  result["batch"] = difference->batch;
  result["frame"] = difference->frame;
  result["layer"] = difference->layer;
  result["origins"] = difference->origins;
  result["index"] = difference->index;
  result["expected"] = difference->expected;
  result["actual"] = difference->actual;
  return result;
}

/// The program: of `hef` when given, else what the graph compiles to.
py::dict verify(const Model& model, const Model* hef, const py::list& arrays, const std::vector<int>& threads,
                const std::vector<int>& batches) {
  const ModelFile& file = model.file();
  if (!file.har || !file.har->quantized)
    throw Raised{invalid("the model is at stage ", model.stage(), "; quantize it first")};
  Dataset frames = take(dataset_of(arrays, take(input_specs(file))));
  VerifyOptions options;
  options.threads = threads;
  options.batches = batches;
  VerifyReport report;
  {
    const py::gil_scoped_release release;
    std::optional<Program> program;
    if (hef != nullptr) {
      if (!hef->file().hef) throw Raised{invalid("'", hef->file().path, "' is no HEF")};
      take(only_program(*hef->file().hef, hef->file().path));
    } else {
      program = take(lower_graph(*file.har->quantized));
    }
    report =
        take(verify_program(*file.har->quantized, program ? *program : hef->file().hef->programs[0], frames, options));
  }
  py::dict result;
  result["frames"] = report.frames;
  result["combinations"] = report.combinations;
  result["runs"] = report.runs;
  result["bytes_compared"] = report.bytes_compared;
  result["difference"] = dict_of(report.difference);
  return result;
}

/// The program of a HEF, or of the HEF in a HAR.
Program program_of(const ModelFile& file) {
  if (file.har && file.har->hef) {
    Hef hef = take(load_hef(*file.har->hef, file.har->hef));
    if (hef.program() != nullptr) return std::move(*hef.program());
  }
  if (file.hef) return *take(only_program(*file.hef, file.path));
  throw Raised{invalid("'", file.path, "' holds no compiled program of this project; compile it first")};
}

py::dict bench(const Model& model, double seconds, int threads) {
  BenchReport report;
  {
    const py::gil_scoped_release release;
    const Program program = program_of(model.file());
    BenchOptions options;
    options.seconds = seconds;
    options.session.threads = threads;
    report = take(bench_program(program, options));
  }
  py::list layers;
  for (const LayerTime& layer : report.layers) {
    py::dict entry;
    entry["layer"] = layer.layer;
    entry["us"] = layer.us;
    entry["share"] = layer.share;
    entry["macs"] = layer.macs;
    layers.append(entry);
  }
  py::dict result;
  result["isa"] = std::string(to_string(report.isa));
  result["threads"] = report.threads;
  result["median_ms"] = report.median_ms;
  result["frames_per_second"] = report.frames_per_second;
  result["macs"] = report.macs;
  result["layers"] = layers;
  return result;
}

}  // namespace

void bind_checks(py::module_& module) {
  module.def("compare", &compare);
  module.def("verify", &verify);
  module.def("bench", &bench);
  module.def("hw_archs", [] {
    std::vector<std::string> names(hw_archs().begin(), hw_archs().end());
    return names;
  });
}

}  // namespace graupel::python
