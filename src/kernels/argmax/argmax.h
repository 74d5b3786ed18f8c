// Where the largest or smallest code along one axis is (N7.3).
#pragma once

#include "kernels/kernel.h"

namespace graupel {

/// The input is dense [outer, n, inner], the output dense [outer, inner]: the index along n of the largest code
/// (`smallest`: of the smallest), of equal ones the first (`last`: the last). n is at most the largest output code + 1.
struct ArgMaxParams {
  static constexpr std::string_view kName = "argmax";
  int32_t outer = 1, n = 1, inner = 1;
  bool smallest = false, last = false;
  DType in_element = DType::kU8, out_element = DType::kU8;

  Work work() const { return {outer, 1}; }
  static constexpr auto fields() {
    return std::tuple{Field{"outer", &ArgMaxParams::outer},
                      Field{"n", &ArgMaxParams::n},
                      Field{"inner", &ArgMaxParams::inner},
                      Field{"smallest", &ArgMaxParams::smallest},
                      Field{"last", &ArgMaxParams::last},
                      Field{"in_element", &ArgMaxParams::in_element},
                      Field{"out_element", &ArgMaxParams::out_element}};
  }
  bool operator==(const ArgMaxParams&) const = default;
};

void argmax_ref(const ArgMaxParams&, const KernelArgs&, const Tile&);

}  // namespace graupel
