// A golden vector: what the compiler computed from one small input, for a CPU to prove that it computes the same.
#pragma once

#include <cstdint>
#include <vector>

namespace graupel {

struct Golden {
  uint64_t seed = 0;              ///< of the input: the sequence in docs/formats.md
  std::vector<uint64_t> taps;     ///< XXH3-64 of the dense codes of each of Program::taps
  std::vector<uint64_t> outputs;  ///< of the codes of each output port
  std::vector<uint64_t> host;     ///< of the floats of each host step

  bool operator==(const Golden&) const = default;
};

}  // namespace graupel
