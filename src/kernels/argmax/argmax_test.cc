// Argmax kernels against a naive loop, all bits, on random problems (N7.3).
#include "kernels/argmax/argmax.h"

#include <gtest/gtest.h>

#include <cstring>
#include <random>
#include <vector>

#include "base/cpu.h"

namespace graupel {
namespace {

std::vector<int> oracle(const ArgMaxParams& p, const std::vector<int>& codes) {
  std::vector<int> indices;
  for (int o = 0; o < p.outer; ++o)
    for (int i = 0; i < p.inner; ++i) {
      const auto code = [&](int k) { return codes[static_cast<std::size_t>((o * p.n + k) * p.inner + i)]; };
      int found = 0;
      for (int k = 0; k < p.n; ++k) {
        const bool better = p.smallest ? code(k) < code(found) : code(k) > code(found);
        if (better || (p.last && code(k) == code(found))) found = k;
      }
      indices.push_back(found);
    }
  return indices;
}

std::vector<std::byte> as_bytes(const std::vector<int>& values, DType element) {
  const auto size = static_cast<std::size_t>(code_bytes(element));
  std::vector<std::byte> bytes(values.size() * size);
  for (std::size_t i = 0; i < values.size(); ++i)
    std::memcpy(bytes.data() + i * size, &values[i], size);  // little endian
  return bytes;
}

TEST(ArgMaxKernels, EqualANaiveLoopOnRandomProblems) {
  for (uint32_t seed = 1; seed <= 120; ++seed) {
    SCOPED_TRACE(testing::Message() << "seed " << seed);
    std::mt19937 random(seed);
    const auto pick = [&](int low, int high) { return std::uniform_int_distribution<int>(low, high)(random); };
    ArgMaxParams p{pick(1, 4), pick(1, 80), seed % 3 == 0 ? 1 : pick(1, 200), pick(0, 1) == 1, pick(0, 1) == 1};
    if (pick(0, 1) == 1) p.in_element = DType::kU16;
    if (seed % 10 == 0) p.n = pick(257, 700), p.inner = pick(1, 9), p.out_element = DType::kU16;
    // Few different codes, so that equal ones are common; the ends of the range among them.
    std::vector<int> codes(static_cast<std::size_t>(p.outer * p.n * p.inner));
    for (int& code : codes) code = pick(0, 3) == 0 ? pick(0, 1) * most_code(p.in_element) : pick(100, 103);
    const std::vector<std::byte> src = as_bytes(codes, p.in_element),
                                 expected = as_bytes(oracle(p, codes), p.out_element);
    for (const auto& kernel : kernel_table<ArgMaxParams>()) {
      if (kernel.isa > detected_isa()) continue;
      std::vector<std::byte> dst(expected.size());
      KernelArgs args;
      args.src[0] = src.data();
      args.dst = dst.data();
      kernel.run(p, args, {p.outer / 2, p.outer, 0, 1});
      kernel.run(p, args, {0, p.outer / 2, 0, 1});
      ASSERT_EQ(dst, expected) << kernel.name;
    }
  }
}

}  // namespace
}  // namespace graupel
