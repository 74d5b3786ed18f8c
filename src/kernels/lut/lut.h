// Table look-up: every function of one code (N3.1, N8.4), per tensor or per channel.
#pragma once

#include "kernels/kernel.h"

namespace graupel {

/// dst = table[ch % tables][src]; `table` has tables x 256 (of u8 codes) or 65536 (of u16) elements of the output;
/// tables is 1 or in.c. in and out have equal h, w, c.
struct LutParams {
  static constexpr std::string_view kName = "lut";
  View in, out;
  int32_t tables = 1;
  ConstRef table;

  Work work() const { return {in.h, 1}; }
  static constexpr auto fields() {
    return std::tuple{Field{"in", &LutParams::in}, Field{"out", &LutParams::out}, Field{"tables", &LutParams::tables},
                      Field{"table", &LutParams::table}};
  }
  bool operator==(const LutParams&) const = default;
};

void lut_ref(const LutParams&, const KernelArgs&, const Tile&);

}  // namespace graupel
