#include "kernels/conv/peak.h"

#include <algorithm>
#include <chrono>

namespace graupel {

double peak_macs_per_second(Isa isa) {
#if defined(__x86_64__)
  if (isa == Isa::kRef) return 0;
  const auto loop = isa == Isa::kAvx512 ? peak_loop_avx512 : peak_loop_avx2;
  constexpr int kRounds = 200000;
  double best = 0;
  for (int i = 0; i < 8; ++i) {
    const auto start = std::chrono::steady_clock::now();
    const double macs = loop(kRounds);
    const std::chrono::duration<double> seconds = std::chrono::steady_clock::now() - start;
    best = std::max(best, macs / seconds.count());
  }
  return best;
#else
  (void)isa;
  return 0;
#endif
}

}  // namespace graupel
