#include <cmath>

#include "ir/rewriter.h"
#include "passes/modify.h"

namespace graupel {
namespace {

/// Builds on a copy: layers between a new graph input and whatever read the old one. They run before all others.
class InputStem {
 public:
  InputStem(const Graph& graph, std::size_t input, Shape shape)
      : graph_(graph), rw_(graph_), old_(graph.inputs[input]), x_(rw_.change_input(input, type_of(std::move(shape)))) {}

  ValueId x() const { return x_; }
  Graph& graph() { return graph_; }
  ValueId constant(const std::string& name, Shape shape, std::span<const float> values) {
    return rw_.add_constant(name, Tensor::of<float>(std::move(shape), values));
  }
  Result<ValueId> add(const std::string& name, Op op, std::vector<ValueId> in) {
    return rw_.insert(LayerId{count_++}, name, std::move(op), std::move(in), {name});
  }
  /// What read the old input reads `last`; `graph` becomes the new graph. Returns the name of the layer behind `last`.
  Result<std::string> finish(ValueId last, Graph& graph) {
    const TensorType& made = graph_[last].type;
    if (made != graph_[old_].type)
      return invalid("it makes ", to_string(made), " where the network reads ", to_string(graph_[old_].type));
    std::string name = graph_[last].name;
    rw_.redirect(old_, last, LayerId{count_});
    remove_dead(graph_);
    GRAUPEL_DO(verify(graph_));
    graph = std::move(graph_);
    return name;
  }

 private:
  static TensorType type_of(Shape shape) { return {DType::kF32, std::move(shape), {}}; }

  Graph graph_;
  Rewriter rw_;
  ValueId old_, x_;
  uint32_t count_ = 0;
};

const Shape& input_shape(const Graph& graph, std::size_t input) { return graph[graph.inputs[input]].type.shape; }

Result<Shape> image_shape(const Graph& graph, std::size_t input, int64_t channels) {
  const Shape& shape = input_shape(graph, input);
  if (shape.size() != 4 || (channels > 0 && shape[3] != channels))
    return invalid("input '", graph[graph.inputs[input]].name, "' is ", to_string(shape), "; it must be an image",
                   channels > 0 ? cat(" of ", channels, " channels") : std::string());
  return shape;
}

Result<> check_entries(std::span<const double> values, std::string_view what, int64_t channels) {
  if (values.size() != 1 && static_cast<int64_t>(values.size()) != channels)
    return invalid(values.size(), " entries of ", what, " for ", channels, " channels (accepted: 1 or ", channels, ")");
  for (double value : values)
    if (!std::isfinite(value) || (what == "std" && value == 0)) return invalid("a ", what, " of ", value);
  return {};
}

struct Inverse {
  double entry[3][3];
};

Inverse inverse_of(const double (&m)[3][3]) {
  Inverse inverse{};
  double determinant = 0;
  const auto minor = [&](int r, int c) {
    const int r1 = (r + 1) % 3, r2 = (r + 2) % 3, c1 = (c + 1) % 3, c2 = (c + 2) % 3;
    return m[r1][c1] * m[r2][c2] - m[r1][c2] * m[r2][c1];
  };
  for (int c = 0; c < 3; ++c) determinant += m[0][c] * minor(0, c);
  for (int r = 0; r < 3; ++r)
    for (int c = 0; c < 3; ++c) inverse.entry[c][r] = minor(r, c) / determinant;
  return inverse;
}

Slice along(int32_t axis, int64_t begin, int64_t count) {
  return Slice{axis, static_cast<int32_t>(begin), static_cast<int32_t>(count), 1};
}

Resize repeated(int64_t height, int64_t width, float scale_h, float scale_w) {
  Resize resize;
  resize.coordinates = Resize::Coordinates::kAsymmetric;
  resize.rounding = Resize::Rounding::kFloor;
  resize.height = static_cast<int32_t>(height);
  resize.width = static_cast<int32_t>(width);
  resize.scale_h = scale_h;
  resize.scale_w = scale_w;
  return resize;
}

/// Planes stored one after another as six strips of a quarter of the picture: four of Y, two of U and V.
Result<ValueId> unpack_planes(InputStem& stem, bool interleaved, const Shape& picture, const std::string& name) {
  const int64_t h = picture[1], w = picture[2];
  GRAUPEL_TRY(const ValueId strips, stem.add(name + "_strips", Reshape{{1, 6, h * w / 4, 1}}, {stem.x()}));
  GRAUPEL_TRY(const ValueId luma, stem.add(name + "_y_strips", along(1, 0, 4), {strips}));
  std::vector<ValueId> parts;
  GRAUPEL_TRY(parts.emplace_back(), stem.add(name + "_y", Reshape{{1, h, w, 1}}, {luma}));
  const int64_t step = interleaved ? 2 : 1;
  for (int64_t strip = 4; strip < 6; strip += step) {
    const std::string part = name + (interleaved ? "_uv" : strip == 4 ? "_u" : "_v");
    GRAUPEL_TRY(ValueId chroma, stem.add(part + "_strips", along(1, strip, step), {strips}));
    GRAUPEL_TRY(chroma, stem.add(part, Reshape{{1, h / 2, w / 2, step}}, {chroma}));
    GRAUPEL_TRY(parts.emplace_back(), stem.add(part + "_repeated", repeated(h, w, 2, 2), {chroma}));
  }
  return stem.add(name, Concat{3}, parts);
}

Result<ValueId> unpack_yuy2(InputStem& stem, const Shape& picture, const std::string& name) {
  const int64_t h = picture[1], w = picture[2];
  GRAUPEL_TRY(const ValueId luma, stem.add(name + "_y", along(3, 0, 1), {stem.x()}));
  GRAUPEL_TRY(ValueId chroma, stem.add(name + "_uv_row", along(3, 1, 1), {stem.x()}));
  GRAUPEL_TRY(chroma, stem.add(name + "_uv", Reshape{{1, h, w / 2, 2}}, {chroma}));
  GRAUPEL_TRY(chroma, stem.add(name + "_uv_repeated", repeated(h, w, 1, 2), {chroma}));
  return stem.add(name, Concat{3}, {luma, chroma});
}

Shape stored_shape(PictureFormat format, const Shape& picture) {
  switch (format) {
    case PictureFormat::kYuy2: return {picture[0], picture[1], picture[2], 2};
    case PictureFormat::kRgbx: return {picture[0], picture[1], picture[2], 4};
    default: return {picture[0], picture[1] / 2, picture[2], 3};
  }
}

}  // namespace

Result<std::string> add_normalization(Graph& graph, std::size_t input, std::span<const double> mean,
                                      std::span<const double> std, const std::string& name) {
  const Shape shape = input_shape(graph, input);
  GRAUPEL_DO(check_entries(mean, "mean", shape.back()));
  GRAUPEL_DO(check_entries(std, "std", shape.back()));
  const std::size_t n = std::max(mean.size(), std.size());
  std::vector<float> scale(n), shift(n);
  for (std::size_t c = 0; c < n; ++c) {
    const double m = mean[mean.size() == 1 ? 0 : c], s = std[std.size() == 1 ? 0 : c];
    scale[c] = static_cast<float>(1 / s);
    shift[c] = static_cast<float>(-m / s);
  }
  InputStem stem(graph, input, shape);
  const Shape entries{static_cast<int64_t>(n)};
  const ValueId a = stem.constant(name + "/scale", entries, scale), b = stem.constant(name + "/shift", entries, shift);
  GRAUPEL_TRY(const ValueId y, stem.add(name, Affine{}, {stem.x(), a, b}));
  Preprocess& preprocess = stem.graph().input_info[input].preprocess;
  preprocess.scale = 1;
  preprocess.mean.clear();
  preprocess.std.clear();
  return stem.finish(y, graph);
}

Result<std::string> reverse_channels(Graph& graph, std::size_t input, const std::string& name) {
  GRAUPEL_TRY(const Shape shape, image_shape(graph, input, 3));
  InputStem stem(graph, input, shape);
  GRAUPEL_TRY(const ValueId y, stem.add(name, Slice{3, 2, 3, -1}, {stem.x()}));
  Preprocess::Color& color = stem.graph().input_info[input].preprocess.color;
  if (color != Preprocess::Color::kGray)
    color = color == Preprocess::Color::kRgb ? Preprocess::Color::kBgr : Preprocess::Color::kRgb;
  return stem.finish(y, graph);
}

Result<std::string> convert_from_yuv(Graph& graph, std::size_t input, bool to_bgr, const std::string& name) {
  GRAUPEL_TRY(const Shape shape, image_shape(graph, input, 3));
  static const Inverse kRgbOfYuv = inverse_of(kYuvOfRgb);
  float weights[9], bias[3];
  for (int o = 0; o < 3; ++o) {
    const int channel = to_bgr ? 2 - o : o;
    double sum = 0;
    for (int i = 0; i < 3; ++i) {
      weights[i * 3 + o] = static_cast<float>(kRgbOfYuv.entry[i][channel]);
      sum -= kYuvOffset[i] * kRgbOfYuv.entry[i][channel];
    }
    bias[o] = static_cast<float>(sum);
  }
  InputStem stem(graph, input, shape);
  const ValueId w = stem.constant(name + "/kernel", {1, 1, 3, 3}, weights);
  const ValueId b = stem.constant(name + "/bias", {3}, bias);
  GRAUPEL_TRY(const ValueId y, stem.add(name, Conv{}, {stem.x(), w, b}));
  return stem.finish(y, graph);
}

Result<std::string> unpack_picture(Graph& graph, std::size_t input, PictureFormat format, const std::string& name) {
  GRAUPEL_TRY(const Shape picture, image_shape(graph, input, 3));
  const bool planes = format == PictureFormat::kNv12 || format == PictureFormat::kI420;
  if ((planes && picture[1] % 2 != 0) || (format != PictureFormat::kRgbx && picture[2] % 2 != 0))
    return invalid("a picture of ", picture[1], " x ", picture[2],
                   " has no pairs of pixels; this format needs even extents");
  InputStem stem(graph, input, stored_shape(format, picture));
  ValueId y{};
  if (planes) {
    GRAUPEL_TRY(y, unpack_planes(stem, format == PictureFormat::kNv12, picture, name));
  } else if (format == PictureFormat::kYuy2) {
    GRAUPEL_TRY(y, unpack_yuy2(stem, picture, name));
  } else {
    GRAUPEL_TRY(y, stem.add(name, along(3, 0, 3), {stem.x()}));
  }
  return stem.finish(y, graph);
}

Result<std::string> resize_input(Graph& graph, std::size_t input, int32_t height, int32_t width, Resize::Mode mode,
                                 Resize::Coordinates coordinates, const std::string& name) {
  GRAUPEL_TRY(const Shape shape, image_shape(graph, input, 0));
  if (height < 1 || width < 1) return invalid("pictures of ", height, " x ", width);
  Resize resize;
  resize.mode = mode;
  resize.coordinates = coordinates;
  resize.height = static_cast<int32_t>(shape[1]);
  resize.width = static_cast<int32_t>(shape[2]);
  resize.scale_h = static_cast<float>(shape[1]) / static_cast<float>(height);
  resize.scale_w = static_cast<float>(shape[2]) / static_cast<float>(width);
  InputStem stem(graph, input, {shape[0], height, width, shape[3]});
  GRAUPEL_TRY(const ValueId y, stem.add(name, resize, {stem.x()}));
  return stem.finish(y, graph);
}

Result<> transpose_network(Graph& graph, std::size_t input) {
  GRAUPEL_TRY(const Shape shape, image_shape(graph, input, 0));
  const Transpose exchange{{0, 2, 1, 3}};
  const std::string name = "transpose_" + graph[graph.inputs[input]].name;
  Graph turned = graph;
  {
    InputStem stem(graph, input, {shape[0], shape[2], shape[1], shape[3]});
    GRAUPEL_TRY(const ValueId y, stem.add(name, exchange, {stem.x()}));
    GRAUPEL_TRY(const std::string made, stem.finish(y, turned));
  }
  const auto exchange_order = [](PortInfo& info) {
    if (info.order.size() == 4) std::swap(info.order[1], info.order[2]);
  };
  exchange_order(turned.input_info[input]);
  for (std::size_t o = 0; o < turned.outputs.size(); ++o) {
    const ValueId value = turned.outputs[o];
    if (turned[value].type.shape.size() != 4) continue;
    const std::string of = turned[value].name;
    const LayerId end{static_cast<uint32_t>(turned.layers.size())};
    GRAUPEL_TRY(turned.outputs[o], Rewriter(turned).insert(end, "transpose_" + of, exchange, {value}, {name}));
    exchange_order(turned.output_info[o]);
  }
  GRAUPEL_DO(verify(turned));
  graph = std::move(turned);
  return {};
}

}  // namespace graupel
