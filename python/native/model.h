// A model at its stages, as Python handles it: the verbs of src/compiler over one file's content.
#pragma once

#include <pybind11/pybind11.h>

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "compiler/parse_file.h"
#include "compiler/stage_runner.h"
#include "compiler/verbs.h"

namespace graupel::python {

namespace py = pybind11;

/// All members raise through errors.h.
class Model {
 public:
  explicit Model(ModelFile file) : file_(std::move(file)) {}

  /// `messages` gets what the vendor's parser prints.
  static Model parse(const std::string& path, ParseOptions options, const std::optional<std::string>& preprocess,
                     Advice advice, std::vector<std::string>& messages);
  static Model load(const std::string& path);

  const ModelFile& file() const { return file_; }
  std::string name() const;
  std::string stage() const;
  std::vector<std::string> stages() const;
  py::list ports(bool inputs) const;
  py::list layers(const std::string& stage) const;

  void save(const std::string& path) const;
  py::bytes hef() const;
  void set_hef(const std::optional<py::bytes>& bytes);
  std::string recipe() const { return har().recipe; }
  /// Sentences for the user.
  std::vector<std::string> load_recipe(const std::string& text, const std::string& folder, bool append);
  std::vector<std::string> load_recipe_file(const std::string& path, bool append);
  /// The recipe as commands, one a line, paths absolute.
  std::string script() const;
  std::optional<int> calibration_frames() const;
  py::list modifications() const;
  /// `modifications_meta_data.json` of the HAR.
  std::string modifications_meta() const;
  std::string hw_arch() const { return har().hw_arch; }
  void set_hw_arch(const std::string& arch);

  /// The vendor's part of the HN, as JSON. `stage` empty: the latest.
  std::string hn(const std::string& stage) const;
  void set_hn(const std::string& text);
  py::dict parameters(const std::string& stage) const;
  void set_parameters(const py::dict& arrays);

  /// `edges`: source in this model → input of `other`; `action`: none, chain, inputs, or custom for the edges given;
  /// `order`: last, first, in_place.
  void join(const Model& other, const std::string& action,
            const std::vector<std::pair<std::string, std::string>>& edges, const std::string& order);
  /// `original_model_meta.json` of the HAR.
  std::string original_meta() const;
  py::dict noise() const;
  /// Output → dB of the quantized network; all figures become the HAR's.
  py::dict analyze_noise(const py::list& arrays, bool each_alone, int threads);

  py::dict optimize_full_precision();
  py::dict optimize(const py::list& arrays, const std::string& method, double percentile, int threads);
  void compile(bool vendor_inspectable);

 private:
  const Har& har() const;
  Har& har();
  const Graph& graph_at(const std::string& stage) const;

  ModelFile file_;
};

/// A stage of a model ready to run; independent of what happens to the model afterwards.
class Runner {
 public:
  Runner(const Model& model, const std::string& stage, const RunOptions& options);
  /// One array per input, frames along the first axis; one array per output likewise. `layers`:
  /// StageRunner::find_layers(); their outputs go into `tapped` by name.
  py::list run(const py::list& arrays, const std::vector<std::string>& layers, const py::dict& tapped);
  std::vector<std::string> layers() const { return runner_->layers(); }
  py::list inputs() const;
  py::list outputs() const;

 private:
  std::unique_ptr<ModelFile> file_;
  std::vector<InputSpec> inputs_;
  std::optional<StageRunner> runner_;
};

void bind_model(py::module_& module);

}  // namespace graupel::python
