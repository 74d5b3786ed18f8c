// Names of the element functions, and the choice among their kernels.
#include <limits>

#include "kernels/float/unary_f32_tables.h"

namespace graupel {

std::string_view to_string(UnaryKind kind) {
  switch (kind) {
    case UnaryKind::kIdentity: return "Identity";
    case UnaryKind::kRelu: return "Relu";
    case UnaryKind::kLeakyRelu: return "LeakyRelu";
    case UnaryKind::kClip: return "Clip";
    case UnaryKind::kElu: return "Elu";
    case UnaryKind::kSigmoid: return "Sigmoid";
    case UnaryKind::kHardSigmoid: return "HardSigmoid";
    case UnaryKind::kHardSwish: return "HardSwish";
    case UnaryKind::kTanh: return "Tanh";
    case UnaryKind::kSoftplus: return "Softplus";
    case UnaryKind::kMish: return "Mish";
    case UnaryKind::kSilu: return "Silu";
    case UnaryKind::kGelu: return "Gelu";
    case UnaryKind::kExp: return "Exp";
    case UnaryKind::kLog: return "Log";
    case UnaryKind::kSqrt: return "Sqrt";
    case UnaryKind::kReciprocal: return "Reciprocal";
    case UnaryKind::kAbs: return "Abs";
    case UnaryKind::kNeg: return "Neg";
    case UnaryKind::kPow: return "Pow";
    case UnaryKind::kErf: return "Erf";
    case UnaryKind::kFloor: return "Floor";
    case UnaryKind::kRound: return "Round";
    case UnaryKind::kSign: return "Sign";
    case UnaryKind::kGeluTanh: return "GeluTanh";
    case UnaryKind::kSin: return "Sin";
    case UnaryKind::kCos: return "Cos";
  }
  return "unknown";
}

namespace {

/// Rare functions that are computed in double, element by element, on every ISA.
bool is_through_double(UnaryKind kind) {
  return kind == UnaryKind::kPow || kind == UnaryKind::kSin || kind == UnaryKind::kCos;
}

}  // namespace

void unary_f32(UnaryKind kind, float alpha, float beta, const float* src, float* dst, std::size_t count, Isa isa) {
  if (is_through_double(kind)) {
    const bool squares = kind == UnaryKind::kPow && alpha == 2;
    for (std::size_t i = 0; i < count; ++i) {
      const float y = squares ? src[i] * src[i] : static_cast<float>(unary_f64(kind, double{alpha}, 0, double{src[i]}));
      dst[i] = y == y ? y : std::numeric_limits<float>::quiet_NaN();
    }
    return;
  }
#if defined(__x86_64__)
  if (isa == Isa::kAvx512) return unary_f32_avx512(kind, alpha, beta, src, dst, count);
  if (isa == Isa::kAvx2) return unary_f32_avx2(kind, alpha, beta, src, dst, count);
#endif
  static_cast<void>(isa);
  unary_f32_ref(kind, alpha, beta, src, dst, count);
}

}  // namespace graupel
