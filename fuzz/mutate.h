// What the fuzz targets' own mutators share: libFuzzer's mutations of a part of a file, and of one value in a struct.
// A file under a checksum is taken apart, changed in one part and sealed again, so that what lies behind is reached.
#pragma once

#include <algorithm>
#include <limits>
#include <random>
#include <span>
#include <string>

#include "base/bytes.h"

extern "C" size_t LLVMFuzzerMutate(uint8_t* data, size_t size, size_t max_size);

namespace graupel::fuzz {

using Random = std::minstd_rand;

inline bool one_in(Random& random, unsigned n) { return random() % n == 0; }

inline void mutate(Bytes& bytes, std::size_t room = 64) {
  const std::size_t size = bytes.size();
  bytes.resize(size + room);
  bytes.resize(LLVMFuzzerMutate(reinterpret_cast<uint8_t*>(bytes.data()), size, bytes.size()));
}

/// Near the value, at its type's limits, or anything.
template <class T>
T another(T value, Random& random) {
  using Limits = std::numeric_limits<T>;
  if constexpr (std::is_floating_point_v<T>) {
    const T choices[] = {T{0},
                         -value,
                         value * T{2},
                         value / T{3},
                         Limits::max(),
                         Limits::denorm_min(),
                         Limits::infinity(),
                         Limits::quiet_NaN()};
    return choices[random() % std::size(choices)];
  } else {
    const auto bits = static_cast<uint64_t>(value);
    const uint64_t choices[] = {0,
                                bits + 1,
                                bits - 1,
                                bits * 2,
                                0 - bits,
                                uint64_t{1} << random() % 64,
                                static_cast<uint64_t>(Limits::max()),
                                static_cast<uint64_t>(Limits::min()),
                                random() % 16};
    return static_cast<T>(choices[random() % std::size(choices)]);
  }
}

/// Hands a changed file back to libFuzzer; 0 (no change) when it would not fit.
inline size_t hand_back(ByteSpan bytes, uint8_t* data, size_t max_size) {
  if (bytes.size() > max_size) return 0;
  std::transform(bytes.begin(), bytes.end(), data, [](std::byte byte) { return static_cast<uint8_t>(byte); });
  return bytes.size();
}

}  // namespace graupel::fuzz
