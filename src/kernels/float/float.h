// Float kernels for the emulation of the unquantized stages (N10.1): the same bits on every ISA and any split, because
// each output element is its own sequence of operations, one FMA per step of K in the order ky, kx, channel.
#pragma once

#include "kernels/kernel.h"

namespace graupel {

/// src[0]: f32 image `in`; src[1]: weights f32 [kernel_h, kernel_w, in.c / groups, out.c]; src[2]: bias f32[out.c];
/// dst: f32 image `out`. acc = bias; acc = fma(x, w, acc) for ky, kx, ci in order, padding taps skipped or read as 0
/// (same bits: fma(0, w, acc) == acc but for the sign of zero, so taps outside are READ AS 0); then clamp to [lo, hi].
/// With a residual (extra source `residual`, f32 like the output): acc = acc + residual before the clamp.
struct ConvF32Params {
  static constexpr std::string_view kName = "conv_f32";
  View in, out;
  Window2d window;
  int32_t groups = 1;
  float lo = -__builtin_inff(), hi = __builtin_inff();
  bool residual = false;

  static constexpr int32_t kBlock = 64;
  Work work() const { return {out.h, (out.c + kBlock - 1) / kBlock}; }
};

struct ConvF32Args {
  const float* src = nullptr;
  const float* weights = nullptr;
  const float* packed = nullptr;  ///< what pack() wrote for these weights, or null for a kernel that packs nothing
  const float* bias = nullptr;
  const float* residual = nullptr;
  float* dst = nullptr;
  std::byte* scratch = nullptr;
};

struct ConvF32Kernel {
  std::string_view name;
  Isa isa = Isa::kRef;
  void (*run)(const ConvF32Params&, const ConvF32Args&, const Tile&) = nullptr;
  bool (*accepts)(const ConvF32Params&) = nullptr;
  std::size_t (*packed_bytes)(const ConvF32Params&) = nullptr;
  void (*pack)(const ConvF32Params&, const float* weights, float* packed) = nullptr;
  std::size_t (*scratch_bytes)(const ConvF32Params&) = nullptr;
};

std::span<const ConvF32Kernel> conv_f32_kernels();
const ConvF32Kernel& pick_conv_f32(const ConvF32Params& params, Isa isa);

/// Element functions of one float, vectorized; every ISA gives the same bits (mul, add, fma, div in a fixed order).
enum class UnaryKind : uint8_t {
  kIdentity,
  kRelu,
  kLeakyRelu,
  kClip,
  kElu,
  kSigmoid,
  kHardSigmoid,
  kHardSwish,
  kTanh,
  kSoftplus,
  kMish,
  kSilu,
  kGelu,
  kExp,
  kLog,
  kSqrt,
  kReciprocal,
  kAbs,
  kNeg,
  kPow,
  kErf,
  kFloor,
  kRound,
  kSign,
  kGeluTanh,  ///< x / 2 * (1 + tanh(sqrt(2 / pi) * (x + 0.044715 x^3)))
  kSin,       ///< accurate for |x| < 2^30
  kCos,       ///< the same
};

std::string_view to_string(UnaryKind kind);

/// dst[i] = f(src[i]) for i in [0, count). alpha, beta: LeakyRelu slope; Elu alpha; HardSigmoid alpha, beta; Clip low,
/// high; Pow exponent alpha. src may equal dst.
void unary_f32(UnaryKind kind, float alpha, float beta, const float* src, float* dst, std::size_t count, Isa isa);

/// The same function in double, from the project's own routines (N3.1): what compile-time tables are filled with.
double unary_f64(UnaryKind kind, double alpha, double beta, double x);

/// The project's own exp and log in double, correctly rounded to within 1 ulp, equal on every machine.
double exp_f64(double x);
double log_f64(double x);

}  // namespace graupel
