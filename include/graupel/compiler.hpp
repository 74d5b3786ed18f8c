// Graupel's C++ interface to the toolchain: a model from its ONNX file to a compiled program, any stage of it run and
// compared. Needs the standard library only; link Graupel::compiler.
//
//   graupel::Model model = graupel::Model::parse("model.onnx");
//   model.optimize(graupel::Frames::open("calibration_pictures"));
//   model.compile();
//   model.save_hef("model.hef");
#pragma once

#include <map>
#include <optional>

#include "graupel/runtime.hpp"

namespace graupel {

/// Real values; frames lie along the first axis.
struct Array {
  std::vector<int64_t> shape;
  std::vector<float> values;
};

/// What a model is fed.
class GRAUPEL_API Frames {
 public:
  /// A picture, .npy, .npz, or a folder of them, prepared as the model's pre-processing says. Read when it is used.
  static Frames open(std::string path);
  /// One array per input, of values as the model takes them.
  static Frames of(std::vector<Array> inputs);

 private:
  friend class Model;
  std::string path_;
  std::vector<Array> arrays_;
};

struct ParseSettings {
  std::vector<std::string> start_nodes, end_nodes;           ///< cut out a part of the model; empty: the whole
  std::map<std::string, std::vector<int64_t>> input_shapes;  ///< in ONNX order, for extents that the file leaves open
  std::string name;                                          ///< empty: the file's stem
  std::string preprocess;  ///< YAML file; empty: <stem>.yaml beside the model, if there
};

struct OptimizeSettings {
  std::string ranges = "mse";  ///< of activations: "mse", "percentile" or "minmax"
  double percentile = 99.99;   ///< for "percentile"
  int threads = 0;             ///< 0: all CPUs this process may use; results never depend on it
};

/// How near one tensor comes to its reference.
struct TensorDistance {
  std::string name;
  std::vector<std::string> origins;  ///< names of nodes in the original model
  double mean_abs = 0, max_abs = 0, snr_db = 0, cosine = 0;
};
struct StageDistance {
  std::vector<TensorDistance> outputs;  ///< in the model's order
  std::vector<TensorDistance> layers;   ///< worst first
};

/// The first byte in which a compiled program differs from the quantized emulation.
struct ByteDifference {
  std::string layer, isa;
  int threads = 0, batch = 0, frame = 0;
  int64_t index = 0;
  int expected = 0, actual = 0;
};

/// A model at its stages: "native", "optimized", "quantized", "compiled". Every member throws Failure.
class GRAUPEL_API Model {
 public:
  static Model parse(const std::string& onnx_path, const ParseSettings& settings = {});
  /// An ONNX file, a HAR at any stage, or a HEF.
  static Model load(const std::string& path);
  Model(Model&&) noexcept;
  Model& operator=(Model&&) noexcept;
  ~Model();

  std::string name() const;
  /// The latest that it holds.
  std::string stage() const;

  /// Takes a model script (.alls); what it changes happens in optimize(). Returns sentences for the user.
  std::vector<std::string> load_recipe(const std::string& path);
  /// Full-precision passes, calibration and quantization. Returns warnings.
  std::vector<std::string> optimize(const Frames& calibration, const OptimizeSettings& settings = {});
  void compile();

  void save(const std::string& har_path) const;
  void save_hef(const std::string& hef_path) const;

  /// One array per output; `stage` empty: the latest.
  std::vector<Array> run(const Frames& frames, const std::string& stage = {}, int threads = 0) const;
  /// `stage` (empty: the latest) against `reference`, over `frames`.
  StageDistance compare(const Frames& frames, const std::string& stage = {},
                        const std::string& reference = "native") const;
  /// Whether the compiled program gives the bytes of the quantized emulation, at every instruction set of this CPU and
  /// these numbers of threads and frames at once; nothing where all are equal.
  std::optional<ByteDifference> verify(const Frames& frames, const std::vector<int>& threads = {1, 2},
                                       const std::vector<int>& batches = {1, 2}) const;

 private:
  struct State;
  explicit Model(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace graupel
