#include "har/names.h"

#include <array>

#include "kernels/detect/detect.h"
#include "ops/ops.h"
#include "program/preprocess.h"

namespace graupel {
namespace {

template <class Enum, Enum kLast>
auto names_by_to_string() {
  std::array<std::string_view, static_cast<std::size_t>(kLast) + 1> names;
  for (std::size_t i = 0; i < names.size(); ++i) names[i] = to_string(static_cast<Enum>(i));
  return names;
}

}  // namespace

#define GRAUPEL_ENUM_NAMES(Enum, ...)                         \
  template <>                                                 \
  std::span<const std::string_view> enum_names<Enum>() {      \
    static constexpr std::string_view kNames[] = __VA_ARGS__; \
    return kNames;                                            \
  }

GRAUPEL_ENUM_NAMES(Preprocess::Color, {"rgb", "bgr", "gray"})
GRAUPEL_ENUM_NAMES(Preprocess::Fit, {"stretch", "letterbox", "crop"})
GRAUPEL_ENUM_NAMES(Preprocess::Align, {"center", "top_left"})
GRAUPEL_ENUM_NAMES(Binary::Kind, {"add", "sub", "mul", "div", "min", "max"})
GRAUPEL_ENUM_NAMES(Normalize::Kind, {"standard", "rms", "l2"})
GRAUPEL_ENUM_NAMES(QuantizeLinear::Form, {"codes", "reals", "rounded"})
GRAUPEL_ENUM_NAMES(Reduce::Kind, {"mean", "sum", "max", "min", "l2", "sum_square"})
GRAUPEL_ENUM_NAMES(Resize::Mode, {"nearest", "linear"})
GRAUPEL_ENUM_NAMES(Resize::Coordinates, {"half_pixel", "pytorch_half_pixel", "align_corners", "asymmetric"})
GRAUPEL_ENUM_NAMES(Resize::Rounding, {"round_prefer_floor", "round_prefer_ceil", "floor", "ceil"})

template <>
std::span<const std::string_view> enum_names<UnaryKind>() {
  static const auto kNames = names_by_to_string<UnaryKind, UnaryKind::kCos>();
  return kNames;
}

template <>
std::span<const std::string_view> enum_names<DetectArch>() {
  static const auto kNames = names_by_to_string<DetectArch, DetectArch::kSsd>();
  return kNames;
}

std::string join_names(std::span<const std::string_view> names) {
  std::string text;
  for (std::string_view name : names) text += cat(text.empty() ? "" : ", ", name);
  return text;
}

}  // namespace graupel
