#include "program/expect.h"

#include <cmath>
#include <limits>

namespace graupel {
namespace {

constexpr int64_t kMostInt = std::numeric_limits<int32_t>::max();
constexpr int64_t kMostReach = int64_t{1} << 20;  ///< of a window and of its padding

Result<> expect_axis(std::string_view axis, int32_t kernel, int32_t stride, int32_t dilation, int32_t pad,
                     int64_t positions) {
  GRAUPEL_DO(expect_range("kernel", kernel, 1, kMostReach).within(axis));
  GRAUPEL_DO(expect_range("stride", stride, 1, kMostReach).within(axis));
  GRAUPEL_DO(expect_range("dilation", dilation, 1, kMostReach).within(axis));
  GRAUPEL_DO(expect_range("pad", pad, 0, kMostReach).within(axis));
  const int64_t reach = (int64_t{kernel} - 1) * dilation + 1;
  GRAUPEL_DO(expect_range("extent of the window", reach, 1, kMostReach).within(axis));
  return expect_range("extent that the window sweeps", (positions - 1) * stride + reach, 1, int64_t{1} << 28)
      .within(axis);
}

}  // namespace

Result<> expect_range(std::string_view name, int64_t value, int64_t least, int64_t most) {
  if (value >= least && value <= most) return {};
  return corrupt(name, " is ", value, " (accepted: ", least, " to ", most, ")");
}

Result<> expect_scale(std::string_view name, float value) {
  if (value > 0 && value < 0x1p15f) return {};
  return corrupt(name, " is ", value, " (accepted: above 0 and below 2^15)");
}

Result<> expect_codes(std::string_view name, DType element) {
  if (is_codes(element)) return {};
  return corrupt(name, " has element type ", to_string(element), " (accepted: u8, u16)");
}

Result<> expect_zero_point(std::string_view name, int32_t value, int32_t most) {
  return expect_range(name, value, 0, most);
}

Result<> expect_code_range(int32_t lo, int32_t hi, int32_t most) {
  GRAUPEL_DO(expect_range("lo", lo, 0, most));
  return expect_range("hi", hi, lo, most);
}

Result<> expect_view(std::string_view name, const View& view) {
  GRAUPEL_DO(expect_range("h", view.h, 1, kMostInt).within(name));
  GRAUPEL_DO(expect_range("w", view.w, 1, kMostInt / view.h).within(name));
  GRAUPEL_DO(expect_range("c", view.c, 1, kMostInt).within(name));
  GRAUPEL_DO(expect_codes(name, view.element));
  return expect_range("pixel_stride", view.pixel_stride, view.c, kMostInt / (int64_t{view.h} * view.w)).within(name);
}

Result<> expect_constant(std::string_view name, ConstRef ref, int64_t count, int64_t element_bytes,
                         ByteSpan constants) {
  if (ref.offset % 64 != 0)
    return corrupt(name, " begins at ", ref.offset, " of the constants, not at a multiple of 64");
  if (count < 0 || count > std::numeric_limits<uint32_t>::max() / element_bytes || ref.size != count * element_bytes)
    return corrupt(name, " has ", ref.size, " bytes; ", count, " elements of ", element_bytes, " are needed");
  if (ref.offset > constants.size() || ref.size > constants.size() - ref.offset)
    return corrupt(name, " ends at ", uint64_t{ref.offset} + ref.size, " of ", constants.size(), " bytes of constants");
  return {};
}

Result<> expect_window(const Window2d& w, const View& swept) {
  GRAUPEL_DO(expect_axis("window, vertical", w.kernel_h, w.stride_h, w.dilation_h, w.pad_top, swept.h));
  return expect_axis("window, horizontal", w.kernel_w, w.stride_w, w.dilation_w, w.pad_left, swept.w);
}

}  // namespace graupel
