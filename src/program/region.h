// Which bytes an operand touches, precisely enough to tell two slots of one concatenation apart.
#pragma once

#include <span>

#include "kernels/kernel.h"

namespace graupel {

/// Bytes within [low, high). With a period every touched byte b also has (b - phase) mod period < run.
struct Region {
  int64_t low = 0, high = 0;
  int64_t period = 0, run = 0, phase = 0;
  int64_t alignment = 1;  ///< its place must be a multiple of this
};

/// One dimension of a strided access.
struct Stride {
  int64_t extent = 1, step = 0;
};

/// What offset + sum(index * step) reaches. Extents are >= 1 and products fit: see reach_fits().
Region strided_region(int64_t offset, std::span<const Stride> dims);
/// In bytes.
Region image_region(int64_t offset, const View& view);
Region dense_region(int64_t offset, int64_t bytes);
/// `region`, written in elements of `bytes` each, in bytes; its place is a multiple of them.
Region scaled_region(const Region& region, int64_t bytes);

/// extent >= 1 and (extent - 1) * |step| < 2^31.
bool reach_fits(const Stride& dim);

/// No byte belongs to both. False when that is not provable from the two descriptions.
bool disjoint(const Region& a, const Region& b);

}  // namespace graupel
