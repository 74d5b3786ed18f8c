// Changes of a model that its user asks for: what comes in front of the network, and what comes behind it. Each takes a
// parsed graph, verifies what it made, and leaves the graph alone on error.
#pragma once

#include <span>
#include <string>

#include "ir/graph.h"

namespace graupel {

// modify_input.cc: each puts layers right behind graph input `input`, in front of whatever read it. The layer that
// gives the network its input is called `name`, or like it when that is taken; the name is returned.

/// (x - mean) / std per channel; one entry counts for all channels. Declared scale, mean and std of the input's
/// pre-processing are dropped: pictures come in as pixels. Errors: invalid (counts, a std of 0 or not finite).
Result<std::string> add_normalization(Graph& graph, std::size_t input, std::span<const double> mean,
                                      std::span<const double> std, const std::string& name);

/// RGB from BGR and the reverse. Pictures are read in the other order from then on. Errors: invalid (not 3 channels).
Result<std::string> reverse_channels(Graph& graph, std::size_t input, const std::string& name);

/// RGB, or BGR, from studio-swing BT.601 YUV (Y 16..235, U and V around 128): the inverse of kYuvOfRgb.
Result<std::string> convert_from_yuv(Graph& graph, std::size_t input, bool to_bgr, const std::string& name);

/// [Y, U, V] = [R, G, B] * kYuvOfRgb + kYuvOffset.
inline constexpr double kYuvOfRgb[3][3] = {
    {0.2568619, -0.14823364, 0.43923104}, {0.5042455, -0.2909974, -0.367758}, {0.09799913, 0.43923104, -0.07147305}};
inline constexpr double kYuvOffset[3] = {16, 128, 128};

/// How a camera stores a picture of height x width pixels with 3 channels.
enum class PictureFormat : uint8_t {
  kNv12,  ///< [height / 2, width, 3]: all Y, then U and V in turns, one pair per 2 x 2 pixels
  kI420,  ///< [height / 2, width, 3]: all Y, then all U, then all V, one each per 2 x 2 pixels
  kYuy2,  ///< [height, width, 2]: Y, and U or V in turns, one pair per 2 pixels of a row
  kRgbx,  ///< [height, width, 4]: a fourth channel that nobody reads
};
/// The input takes pictures of that format; missing U and V repeat their neighbour's. Errors: invalid (odd extents, not
/// 3 channels).
Result<std::string> unpack_picture(Graph& graph, std::size_t input, PictureFormat format, const std::string& name);

/// The input takes pictures of height x width. Errors: invalid (not an image, extents below 1).
Result<std::string> resize_input(Graph& graph, std::size_t input, int32_t height, int32_t width, Resize::Mode mode,
                                 Resize::Coordinates coordinates, const std::string& name);

/// The input takes pictures on their side, and image outputs come out on theirs.
Result<> transpose_network(Graph& graph, std::size_t input);

// modify_output.cc

/// Replaces the activation in front of graph output `output`; kIdentity: takes it away. Returns the name of the layer
/// that the output now is.
Result<std::string> set_output_activation(Graph& graph, std::size_t output, const Unary& activation);

/// Softmax over extent `axis` (negative: from the end) behind graph output `output`; returns the layer's name.
Result<std::string> add_softmax(Graph& graph, std::size_t output, int32_t axis, const std::string& name);
/// The index of the largest element along extent `axis`, which becomes 1, likewise.
Result<std::string> add_argmax(Graph& graph, std::size_t output, int32_t axis, const std::string& name);

/// Readers of the layer read its first input. Errors: not_found, invalid (shapes differ; it is the whole network).
Result<> remove_layer(Graph& graph, const std::string& name);

}  // namespace graupel
