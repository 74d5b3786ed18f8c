#include "eval/dataset.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <filesystem>

#include "base/file.h"
#include "eval/image.h"
#include "har/npz.h"

namespace graupel {
namespace {

namespace fs = std::filesystem;

bool is_array_name(const std::string& path) { return path.ends_with(".npy") || path.ends_with(".npz"); }

/// How an array's frames lie: how many, and whether each is in the original model's order.
struct Fit {
  int64_t frames = 1;
  bool original_order = false;
};

Shape original_shape(const InputSpec& input) {
  Shape shape = input.shape;
  for (std::size_t i = 0; i < shape.size() && i < input.info.order.size(); ++i)
    shape[static_cast<std::size_t>(input.info.order[i])] = input.shape[i];
  return shape;
}

/// Frames of extents `frame` (first extent: batch of one inference) in an array of `shape`, or 0.
int64_t frames_in(const Shape& shape, const Shape& frame) {
  if (frame.empty() && shape.empty()) return 1;
  if (shape.size() + 1 == frame.size() && frame[0] == 1)
    return std::equal(shape.begin(), shape.end(), frame.begin() + 1);
  if (shape.size() == frame.size() + 1 && std::equal(frame.begin(), frame.end(), shape.begin() + 1)) return shape[0];
  if (shape.size() != frame.size() || frame.empty() || !std::equal(shape.begin() + 1, shape.end(), frame.begin() + 1))
    return 0;
  return frame[0] > 0 && shape[0] % frame[0] == 0 ? shape[0] / frame[0] : 0;
}

Result<Fit> fit_array(const Shape& shape, const InputSpec& input) {
  const Shape original = original_shape(input);
  if (const int64_t frames = frames_in(shape, input.shape)) return Fit{frames, false};
  if (const int64_t frames = frames_in(shape, original)) return Fit{frames, true};
  if (std::find(shape.begin(), shape.end(), 0) != shape.end()) return invalid("the array is empty: ", to_string(shape));
  return mismatch("the array is ", to_string(shape), " but input '", input.name, "' takes frames of ",
                  to_string(input.shape),
                  original == input.shape ? "" : cat(" (stored) or ", to_string(original), " (original order)"),
                  ", one or several along the first axis");
}

template <class T>
void convert(const Tensor& array, int64_t begin, std::span<float> out) {
  const auto values = array.as<T>().subspan(static_cast<std::size_t>(begin), out.size());
  std::transform(values.begin(), values.end(), out.begin(), [](T value) { return static_cast<float>(value); });
}

void convert_any(const Tensor& array, int64_t begin, std::span<float> out) {
  switch (array.type.dtype) {
    case DType::kF32: return convert<float>(array, begin, out);
    case DType::kU8: return convert<uint8_t>(array, begin, out);
    case DType::kS8: return convert<int8_t>(array, begin, out);
    case DType::kU16: return convert<uint16_t>(array, begin, out);
    case DType::kS16: return convert<int16_t>(array, begin, out);
    case DType::kS32: return convert<int32_t>(array, begin, out);
    case DType::kS64: return convert<int64_t>(array, begin, out);
    case DType::kF64: return convert<double>(array, begin, out);
    case DType::kBool: return convert<bool>(array, begin, out);
  }
}

/// Frame `index` of an array that fits `input`, in the stored order.
Result<Tensor> take_frame(const Tensor& array, int64_t index, const InputSpec& input) {
  GRAUPEL_TRY(const Fit fit, fit_array(array.type.shape, input));
  const Shape shape = fit.original_order ? original_shape(input) : input.shape;
  const int64_t count = element_count(shape);
  auto [tensor, data] = Tensor::make<float>(shape);
  convert_any(array, index * count, {data, static_cast<std::size_t>(count)});
  if (const int64_t bad = first_not_finite(tensor.as<float>()); bad >= 0)
    return invalid("element ", bad, " of frame ", index, " is ", data[bad], "; inputs must be finite");
  if (fit.original_order)
    tensor = transposed(tensor, std::vector<int>(input.info.order.begin(), input.info.order.end()));
  const Preprocess& preprocess = input.info.preprocess;
  if (array.type.dtype != DType::kU8 || !preprocess.declared) return tensor;
  auto [pixels, codes] = Tensor::make<uint8_t>(input.shape);
  std::ranges::transform(tensor.as<float>(), codes, [](float value) { return static_cast<uint8_t>(value); });
  return normalize(pixels, preprocess);
}

Result<std::vector<std::string>> files_of(const std::string& path) {
  std::error_code error;
  const fs::file_status status = fs::status(path, error);
  if (!fs::exists(status)) return not_found("input '", path, "' does not exist");
  if (!fs::is_directory(status)) return std::vector<std::string>{path};
  std::vector<std::string> files;
  for (fs::directory_iterator it(path, error), end; !error && it != end; it.increment(error))
    if (const std::string name = it->path().string(); is_image_name(name) || is_array_name(name)) files.push_back(name);
  if (error) return io_error("cannot list '", path, "': ", error.message());
  if (files.empty())
    return invalid("folder '", path,
                   "' holds no inputs (accepted: .jpg, .jpeg, .png, .bmp, .ppm, .pgm, .webp, .npy, .npz)");
  std::sort(files.begin(), files.end());
  return files;
}

}  // namespace

std::vector<InputSpec> input_specs(const Graph& graph) {
  std::vector<InputSpec> inputs;
  for (std::size_t i = 0; i < graph.inputs.size(); ++i)
    inputs.push_back({graph[graph.inputs[i]].name, graph[graph.inputs[i]].type.shape, graph.input_info[i]});
  return inputs;
}

int64_t first_not_finite(std::span<const float> values) {
  for (std::size_t i = 0; i < values.size(); ++i)
    if (!std::isfinite(values[i])) return static_cast<int64_t>(i);
  return -1;
}

Result<Dataset> Dataset::open(const std::string& path, std::vector<InputSpec> inputs) {
  Dataset dataset;
  dataset.inputs_ = std::move(inputs);
  GRAUPEL_TRY(const std::vector<std::string> files, files_of(path));
  for (const std::string& file : files) GRAUPEL_DO(dataset.add_file(file));
  return dataset;
}

Dataset Dataset::of(int size, MakeFrame make, std::vector<InputSpec> inputs) {
  Dataset dataset;
  dataset.inputs_ = std::move(inputs);
  dataset.make_ = std::move(make);
  dataset.files_.push_back("array");
  for (int i = 0; i < size; ++i) dataset.frames_.push_back({0, i, true});
  return dataset;
}

Result<Dataset> Dataset::of_arrays(std::vector<HeldArray> arrays, std::vector<InputSpec> inputs) {
  if (arrays.size() != inputs.size())
    return mismatch(arrays.size(), " arrays are given but the model has ", inputs.size(), " inputs");
  int64_t frames = 0;
  std::vector<Shape> shapes;  // of one frame as it lies in its array
  for (std::size_t i = 0; i < arrays.size(); ++i) {
    GRAUPEL_TRY(const Fit fit, fit_array(arrays[i].shape, inputs[i]));
    if (i > 0 && fit.frames != frames)
      return mismatch("input '", inputs[i].name, "' has ", fit.frames, " frames and the first input ", frames);
    frames = fit.frames;
    shapes.push_back(fit.original_order ? original_shape(inputs[i]) : inputs[i].shape);
  }
  const auto make = [arrays = std::move(arrays), shapes = std::move(shapes)](int index) -> Result<std::vector<Tensor>> {
    std::vector<Tensor> tensors;
    for (std::size_t i = 0; i < arrays.size(); ++i) {
      Tensor tensor{{arrays[i].dtype, shapes[i], {}}, nullptr};
      const std::byte* begin = arrays[i].elements + static_cast<std::size_t>(index) * tensor.type.bytes();
      tensor.data = std::make_shared<const Bytes>(begin, begin + tensor.type.bytes());
      tensors.push_back(std::move(tensor));
    }
    return tensors;
  };
  return Dataset::of(static_cast<int>(frames), make, std::move(inputs));
}

Result<> Dataset::add_file(const std::string& path) {
  const std::size_t file = files_.size();
  files_.push_back(path);
  int64_t frames = 1;
  if (path.ends_with(".npz")) {
    GRAUPEL_TRY(loaded_, load_arrays(path));
    loaded_file_ = file;
    GRAUPEL_TRY(const Fit fit, fit_array(loaded_[0].type.shape, inputs_[0]).within("'", path, "'"));
    frames = fit.frames;
  } else if (inputs_.size() != 1) {
    return mismatch("'", path, "' gives one input but the model has ", inputs_.size(),
                    "; give an .npz with an array for each");
  } else if (path.ends_with(".npy")) {
    GRAUPEL_TRY(const MappedFile mapped, MappedFile::open(path));
    GRAUPEL_TRY(const TensorType type, npy_type(mapped.bytes()).within("'", path, "'"));
    GRAUPEL_TRY(const Fit fit, fit_array(type.shape, inputs_[0]).within("'", path, "'"));
    frames = fit.frames;
  } else if (!is_image_name(path)) {
    return invalid("'", path, "' is no input (accepted: .jpg, .jpeg, .png, .bmp, .ppm, .pgm, .webp, .npy, .npz)");
  } else if (inputs_[0].shape.size() != 4 || inputs_[0].shape[0] != 1) {
    return mismatch("picture '", path, "' cannot fill input '", inputs_[0].name, "' of shape ",
                    to_string(inputs_[0].shape));
  }
  for (int64_t i = 0; i < frames; ++i) frames_.push_back({file, i, frames > 1});
  return {};
}

Result<std::vector<Tensor>> Dataset::load_arrays(const std::string& path) const {
  GRAUPEL_TRY(const MappedFile mapped, MappedFile::open(path));
  if (path.ends_with(".npy")) {
    GRAUPEL_TRY(Tensor array, load_npy(mapped.bytes()).within("'", path, "'"));
    return std::vector<Tensor>{std::move(array)};
  }
  GRAUPEL_TRY(const std::vector<NamedTensor> named, load_npz(mapped.bytes()).within("'", path, "'"));
  std::vector<Tensor> arrays;
  for (const InputSpec& input : inputs_) {
    const auto found = std::find_if(named.begin(), named.end(), [&](const NamedTensor& n) {
      return n.name == input.name || n.name == input.info.origin;
    });
    if (found == named.end() && inputs_.size() == 1 && named.size() == 1) return std::vector<Tensor>{named[0].tensor};
    if (found == named.end()) return mismatch("'", path, "' lacks an array named '", input.info.origin, "'");
    arrays.push_back(found->tensor);
  }
  return arrays;
}

Result<std::vector<Tensor>> Dataset::made_frame(int64_t index) {
  GRAUPEL_TRY(const std::vector<Tensor> arrays, make_(static_cast<int>(index)));
  if (arrays.size() != inputs_.size())
    return mismatch("frame ", index, " has ", arrays.size(), " arrays but the model has ", inputs_.size(), " inputs");
  std::vector<Tensor> tensors;
  for (std::size_t i = 0; i < inputs_.size(); ++i) {
    GRAUPEL_TRY(Tensor tensor, take_frame(arrays[i], 0, inputs_[i]).within("frame ", index));
    tensors.push_back(std::move(tensor));
  }
  return tensors;
}

Result<std::vector<Tensor>> Dataset::frame(int index) {
  const Frame& frame = frames_[static_cast<std::size_t>(index)];
  if (make_) return made_frame(frame.index);
  const std::string& path = files_[frame.file];
  std::vector<Tensor> tensors;
  if (is_image_name(path)) {
    const Shape& shape = inputs_[0].shape;
    GRAUPEL_TRY(Tensor tensor, read_image(path, inputs_[0].info.preprocess, static_cast<int>(shape[1]),
                                          static_cast<int>(shape[2]), static_cast<int>(shape[3])));
    tensors.push_back(std::move(tensor));
    return tensors;
  }
  if (loaded_file_ != frame.file) {
    loaded_.clear();
    loaded_file_ = ~std::size_t{0};
    GRAUPEL_TRY(loaded_, load_arrays(path));
    loaded_file_ = frame.file;
  }
  for (std::size_t i = 0; i < inputs_.size(); ++i) {
    GRAUPEL_TRY(const Fit fit, fit_array(loaded_[i].type.shape, inputs_[i]).within("'", path, "'"));
    if (frame.index >= fit.frames)
      return mismatch("'", path, "' holds ", fit.frames, " frames of input '", inputs_[i].name,
                      "' but more of the first input");
    GRAUPEL_TRY(Tensor tensor, take_frame(loaded_[i], frame.index, inputs_[i]).within("'", path, "'"));
    tensors.push_back(std::move(tensor));
  }
  return tensors;
}

std::string Dataset::name(int index) const {
  const Frame& frame = frames_[static_cast<std::size_t>(index)];
  const std::string stem = fs::path(files_[frame.file]).filename().string();
  return frame.several ? cat(stem, "[", frame.index, "]") : stem;
}

}  // namespace graupel
