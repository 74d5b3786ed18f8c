// Inputs from files: pictures, arrays, or folders of either, one frame after another.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "ir/graph.h"

namespace graupel {

/// One model input as a data set must fill it.
struct InputSpec {
  std::string name;
  Shape shape;  ///< stored: NHWC for pictures
  PortInfo info;
};
std::vector<InputSpec> input_specs(const Graph& graph);

/// An array in memory: C-contiguous elements, which `owner` keeps (none: the caller does, as long as the data set
/// lives).
struct HeldArray {
  DType dtype = DType::kF32;
  Shape shape;
  const std::byte* elements = nullptr;
  std::shared_ptr<const void> owner;
};

/// Frames in a fixed order. Reads lazily; keeps at most one array file in memory.
///
/// A picture is one frame, prepared as the input's Preprocess says. An .npy array holds one frame, or frames along its
/// first axis or on an axis before it, each in the stored order (NHWC) or in the original model's (NCHW); where both
/// fit, the stored order is meant. Arrays of u8 are pixels and get the declared scale, mean and std; arrays of other
/// types are values as the model takes them. A model with several inputs reads .npz files whose arrays are named like
/// its inputs (stored or original names).
class Dataset {
 public:
  /// `path`: a picture, .npy, .npz, or a folder (its files in the order of their names).
  /// Errors: not_found, invalid (empty folder, unreadable), mismatch (shapes, both named), unsupported (type).
  static Result<Dataset> open(const std::string& path, std::vector<InputSpec> inputs);
  /// Frames from memory, made when asked for: `make(i)`, i < `size`, gives one array per input, each one frame that an
  /// array file could hold.
  using MakeFrame = std::function<Result<std::vector<Tensor>>(int index)>;
  static Dataset of(int size, MakeFrame make, std::vector<InputSpec> inputs);
  /// Frames of one array per input, as array files hold them.
  /// Errors: mismatch (numbers of arrays or frames, shapes, both named), invalid (no frames).
  static Result<Dataset> of_arrays(std::vector<HeldArray> arrays, std::vector<InputSpec> inputs);

  int size() const { return static_cast<int>(frames_.size()); }
  /// f32 tensors of the inputs' shapes. Errors as open(), and invalid for a NaN or infinity (file and index).
  Result<std::vector<Tensor>> frame(int index);
  /// The file it comes from, without folders; "[i]" behind it when the file holds several.
  std::string name(int index) const;
  const std::string& file(int index) const { return files_[frames_[static_cast<std::size_t>(index)].file]; }

  /// Keeps the frames for which keep(index) holds.
  template <class Keep>
  void filter(Keep keep) {
    std::vector<Frame> kept;
    for (int i = 0; i < size(); ++i)
      if (keep(i)) kept.push_back(frames_[static_cast<std::size_t>(i)]);
    frames_ = std::move(kept);
  }
  /// Keeps the first `count`.
  void limit(int count) {
    if (count < size()) frames_.resize(static_cast<std::size_t>(count));
  }

 private:
  struct Frame {
    std::size_t file = 0;
    int64_t index = 0;
    bool several = false;
  };
  Result<> add_file(const std::string& path);
  Result<std::vector<Tensor>> load_arrays(const std::string& path) const;
  Result<std::vector<Tensor>> made_frame(int64_t index);

  std::vector<InputSpec> inputs_;
  std::vector<std::string> files_;
  std::vector<Frame> frames_;
  std::size_t loaded_file_ = ~std::size_t{0};
  std::vector<Tensor> loaded_;  ///< one array per input, of loaded_file_
  MakeFrame make_;              ///< of frames that come from no file
};

/// Where the first NaN or infinity is, or -1.
int64_t first_not_finite(std::span<const float> values);

}  // namespace graupel
