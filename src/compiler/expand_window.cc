// Windows over three axes as windows over two, and means over windows that no pool has as products with matrices.
#include <algorithm>
#include <numeric>

#include "compiler/expand_rules.h"
#include "ops/window.h"

namespace graupel {
namespace {

constexpr int64_t kMostExtent = 2048;  // of an axis that becomes a matrix
constexpr int64_t kMostSlices = 64;    // of a depth that becomes layers

/// The node's window attributes for spatial axes [first, first + count) of `axes`.
NodeList::Attributes part_of_window(const onnx::Node& node, std::size_t axes, std::size_t first, std::size_t count) {
  NodeList::Attributes part;
  for (const char* key : {"auto_pad", "ceil_mode", "count_include_pad"})
    if (const auto found = node.attributes.find(key); found != node.attributes.end()) part[key] = found->second;
  for (const char* key : {"kernel_shape", "strides", "dilations", "pads"}) {
    const auto found = node.attributes.find(key);
    const auto* all = found == node.attributes.end() ? nullptr : std::get_if<std::vector<int64_t>>(&found->second);
    if (all == nullptr) continue;
    std::vector<int64_t> own;
    for (std::size_t at = first; at + count <= all->size(); at += axes)
      own.insert(own.end(), all->begin() + static_cast<std::ptrdiff_t>(at),
                 all->begin() + static_cast<std::ptrdiff_t>(at + count));
    part[key] = own;
  }
  return part;
}

Result<> expect_lists(const onnx::Node& node, std::size_t axes) {
  for (const auto& [key, each] :
       {std::pair{"kernel_shape", axes}, {"strides", axes}, {"dilations", axes}, {"pads", 2 * axes}}) {
    if (!node.has(key)) continue;
    GRAUPEL_TRY(const std::vector<int64_t> list, node.integers(key, {}));
    if (list.size() != each) return invalid("attribute ", key, " has ", list.size(), " entries; ", each, " are needed");
  }
  return {};
}

/// One spatial axis of the node, SAME paddings resolved.
Result<WindowAxis> window_of(const onnx::Node& node, std::size_t axes, std::size_t axis, int64_t kernel, int64_t in) {
  onnx::Node one = node;
  one.attributes = part_of_window(node, axes, axis, 1);
  GRAUPEL_TRY(const PaddedWindow padded, read_window(one, {kernel}, {in}));
  return horizontal(padded.window, padded.pad_right);
}

/// The largest of each plane's window, then of each column's.
Expanded expand_max_pool(const ExpandContext& context) {
  GRAUPEL_TRY(const Shape x, context.shape(0));
  if (x.size() != 5 || context.makes(1)) return std::vector<onnx::Node>();
  GRAUPEL_DO(expect_lists(context.node, 3));
  GRAUPEL_TRY(const std::vector<int64_t> kernel, context.node.integers("kernel_shape", {}));
  if (kernel.size() != 3) return invalid("attribute kernel_shape is missing");
  GRAUPEL_TRY(const int64_t ceil_mode, context.node.integer("ceil_mode", 0));
  Shape out = x;
  for (std::size_t axis = 0; axis < 3; ++axis) {
    GRAUPEL_TRY(const WindowAxis window, window_of(context.node, 3, axis, kernel[axis], x[axis + 2]));
    GRAUPEL_TRY(out[axis + 2], output_extent(window, x[axis + 2], ceil_mode != 0, "a window"));
  }
  NodeList nodes(context.node);
  std::string value = nodes.reshape(context.node.inputs[0], {x[0], x[1] * x[2], x[3], x[4]});
  value = nodes.add("MaxPool", {value}, part_of_window(context.node, 3, 1, 2));
  value = nodes.reshape(value, {x[0], x[1], x[2], out[3] * out[4]});
  value = nodes.transpose(value, {0, 1, 3, 2});
  value = nodes.reshape(value, {x[0], x[1] * out[3] * out[4], x[2]});
  value = nodes.add("MaxPool", {value}, part_of_window(context.node, 3, 0, 1));
  value = nodes.reshape(value, {x[0], x[1], out[3] * out[4], out[2]});
  nodes.output(0, nodes.reshape(nodes.transpose(value, {0, 1, 3, 2}), out));
  return nodes.take();
}

/// The matrix [in, out] whose product is the mean over each window; padding counts as zeros when `counts_padding`, but
/// what lies beyond it never does.
Tensor mean_matrix(const WindowAxis& axis, int64_t in, int64_t out, bool counts_padding) {
  auto [matrix, data] = Tensor::make<float>({in, out});
  std::fill_n(data, in * out, 0.0f);
  for (int64_t o = 0; o < out; ++o) {
    int64_t count = 0;
    for (const bool fill : {false, true})
      for (int64_t k = 0; k < axis.kernel; ++k) {
        const int64_t at = o * axis.stride - axis.pad_begin + k * axis.dilation;
        const bool inside = at >= 0 && at < in;
        if (fill && inside) data[at * out + o] = 1.0f / static_cast<float>(count);
        if (!fill && (inside || (counts_padding && at < in + axis.pad_end))) ++count;
      }
  }
  return matrix;
}

/// Whether AvgPool itself has this window.
bool is_plain(const WindowAxis& axis, int64_t in, bool ceil_mode, bool counts_padding) {
  const int64_t rest = (in + axis.pad_begin + axis.pad_end - axis.reach()) % axis.stride;
  return axis.dilation == 1 && !(ceil_mode && counts_padding && rest != 0);
}

Expanded expand_average_pool(const ExpandContext& context) {
  GRAUPEL_TRY(const Shape x, context.shape(0));
  if (x.size() < 3) return std::vector<onnx::Node>();
  const std::size_t axes = x.size() - 2;
  GRAUPEL_DO(expect_lists(context.node, axes));
  GRAUPEL_TRY(const std::vector<int64_t> kernel, context.node.integers("kernel_shape", {}));
  if (kernel.size() != axes)
    return invalid("attribute kernel_shape has ", kernel.size(), " entries for ", axes, " axes");
  GRAUPEL_TRY(const int64_t ceil_mode, context.node.integer("ceil_mode", 0));
  GRAUPEL_TRY(const int64_t counts_padding, context.node.integer("count_include_pad", 0));
  bool plain = axes <= 2;
  NodeList nodes(context.node);
  std::string value = context.node.inputs[0];
  for (std::size_t axis = 0; axis < axes; ++axis) {
    const int64_t in = x[axis + 2];
    GRAUPEL_TRY(const WindowAxis window, window_of(context.node, axes, axis, kernel[axis], in));
    plain = plain && is_plain(window, in, ceil_mode != 0, counts_padding != 0);
    GRAUPEL_TRY(const int64_t out, output_extent(window, in, ceil_mode != 0, "a window"));
    GRAUPEL_DO(expect_windows_inside(window, in, out, "a window"));
    if (std::max(in, out) > kMostExtent) {
      if (axes <= 2) return std::vector<onnx::Node>();
      return unsupported("an extent of ", in, " (supported for this window: up to ", kMostExtent, ")");
    }
    std::vector<int64_t> last(x.size());
    std::iota(last.begin(), last.end(), 0);
    std::swap(last[axis + 2], last.back());
    const std::string matrix = nodes.constant(mean_matrix(window, in, out, counts_padding != 0));
    value = nodes.transpose(nodes.add("MatMul", {nodes.transpose(value, last), matrix}), last);
  }
  if (plain) return std::vector<onnx::Node>();
  nodes.output(0, value);
  return nodes.take();
}

/// Every slice of the result's depth is a convolution of the slices that it reads, side by side as channels.
Expanded expand_conv(const ExpandContext& context) {
  GRAUPEL_TRY(const Shape x, context.shape(0));
  if (x.size() != 5) return std::vector<onnx::Node>();
  GRAUPEL_TRY(const Shape weights, context.shape(1, 5));
  GRAUPEL_DO(expect_lists(context.node, 3));
  GRAUPEL_TRY(const WindowAxis window, window_of(context.node, 3, 0, weights[2], x[2]));
  GRAUPEL_TRY(const int64_t depth, output_extent(window, x[2], false, "depth"));
  GRAUPEL_DO(expect_windows_inside(window, x[2], depth, "depth"));
  if (depth > kMostSlices)
    return unsupported("a depth of ", depth, " (supported: up to ", kMostSlices, " slices, layers of their own)");
  NodeList nodes(context.node);
  NodeList::Names slices;
  NodeList::Attributes plane = part_of_window(context.node, 3, 1, 2);
  plane["kernel_shape"] = std::vector<int64_t>{weights[3], weights[4]};
  if (const auto group = context.node.attributes.find("group"); group != context.node.attributes.end())
    plane["group"] = group->second;
  for (int64_t d = 0; d < depth; ++d) {
    const int64_t start = d * window.stride - window.pad_begin;
    int64_t first = 0, taps = window.kernel;
    while (start + first * window.dilation < 0) ++first;
    while (start + (taps - 1) * window.dilation >= x[2]) --taps;
    const int64_t count = taps - first, from = start + first * window.dilation;
    std::string part =
        nodes.slice(context.node.inputs[0], 2, from, from + (count - 1) * window.dilation + 1, window.dilation);
    part = nodes.reshape(part, {x[0], x[1] * count, x[3], x[4]});
    std::string own = nodes.slice(context.node.inputs[1], 2, first, taps);
    own = nodes.reshape(own, {weights[0], weights[1] * count, weights[3], weights[4]});
    NodeList::Names inputs = {part, own};
    if (context.has(2)) inputs.push_back(context.node.inputs[2]);
    slices.push_back(
        nodes.add("Unsqueeze", {nodes.add("Conv", inputs, plane), nodes.constant(Tensor::of<int64_t>({1}, {2}))}, {}));
  }
  nodes.output(0, nodes.concat(slices, 2));
  return nodes.take();
}

constexpr ExpandRule kRules[] = {
    {"AveragePool", expand_average_pool}, {"Conv", expand_conv}, {"MaxPool", expand_max_pool}};

}  // namespace

std::span<const ExpandRule> window_expansions() { return kRules; }

}  // namespace graupel
