// How much an instruction multiplies.
#include "runtime/session.h"

namespace graupel {
namespace {

int64_t macs_of(const ConvParams& p) {
  return int64_t{p.out.h} * p.out.w * p.out.c * p.window.kernel_h * p.window.kernel_w * (p.in.c / p.groups);
}
int64_t macs_of(const DepthwiseParams& p) {
  return int64_t{p.out.h} * p.out.w * p.out.c * p.window.kernel_h * p.window.kernel_w;
}
/// Every input meets every tap once.
int64_t macs_of(const DeconvParams& p) {
  return int64_t{p.in.h} * p.in.w * p.out.c * p.window.kernel_h * p.window.kernel_w * (p.in.c / p.groups);
}
int64_t macs_of(const MatMulParams& p) { return int64_t{p.matrices()} * p.m * p.k * p.n; }
template <class P>
int64_t macs_of(const P&) {
  return 0;
}

}  // namespace

int64_t macs(const Instr& instr) {
  return std::visit([](const auto& params) { return macs_of(params); }, instr.params);
}

}  // namespace graupel
