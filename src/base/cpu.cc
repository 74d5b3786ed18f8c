#include "base/cpu.h"

#include <cstdlib>

namespace graupel {

std::string_view to_string(Isa isa) {
  switch (isa) {
    case Isa::kRef: return "ref";
    case Isa::kAvx2: return "avx2";
    case Isa::kAvx512: return "avx512";
  }
  return "unknown";
}

Result<Isa> parse_isa(std::string_view name) {
  for (Isa isa : {Isa::kRef, Isa::kAvx2, Isa::kAvx512})
    if (name == to_string(isa)) return isa;
  return invalid("instruction set '", name, "' (accepted: ref, avx2, avx512)");
}

Isa detected_isa() {
#if defined(__x86_64__)
  if (!__builtin_cpu_supports("avx2") || !__builtin_cpu_supports("fma")) return Isa::kRef;
  const bool avx512 = __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
                      __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("avx512dq") &&
                      __builtin_cpu_supports("avx512vbmi") && __builtin_cpu_supports("avx512vnni");
  return avx512 ? Isa::kAvx512 : Isa::kAvx2;
#else
  return Isa::kRef;
#endif
}

Result<Isa> chosen_isa() {
  const Isa best = detected_isa();
  const char* forced = std::getenv("GRAUPEL_ISA");
  if (forced == nullptr || *forced == '\0') return best;
  GRAUPEL_TRY(const Isa isa, parse_isa(forced).within("environment variable GRAUPEL_ISA"));
  if (isa > best)
    return invalid("GRAUPEL_ISA=", forced, ", but this CPU goes up to ", to_string(best), "; unset it or name that");
  return isa;
}

}  // namespace graupel
