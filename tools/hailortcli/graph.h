// The way of frames through a network group as a picture.
#pragma once

#include <string>

#include "hailo/hef.hpp"

namespace hailort::cli {

/// A graph in the DOT language: virtual streams, the streams that they read or feed, and the networks between them.
/// Throws hailort_error.
std::string dot_of(const Hef& hef, const std::string& group);

}  // namespace hailort::cli
