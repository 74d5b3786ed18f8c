// The table of softmax kernels, best first.
#include "kernels/softmax/softmax.h"

namespace graupel {

template <>
std::span<const Kernel<SoftmaxParams>> kernel_table<SoftmaxParams>() {
  static const Kernel<SoftmaxParams> kTable[] = {
      {.name = "ref", .isa = Isa::kRef, .run = softmax_ref},
  };
  return kTable;
}

}  // namespace graupel
