// The rules of expansion by file. Internal to this folder.
#pragma once

#include <span>

#include "compiler/expand.h"

namespace graupel {

using Expanded = Result<std::vector<onnx::Node>>;

/// expand_attention.cc: attention and rotary embeddings. expand_recurrent.cc: recurrent networks, step by step.
/// expand_window.cc: windows over three axes. expand_math.cc: arithmetic.
std::span<const ExpandRule> attention_expansions();
std::span<const ExpandRule> recurrent_expansions();
std::span<const ExpandRule> window_expansions();
std::span<const ExpandRule> math_expansions();

/// Elements that a constant which a rule makes may have.
constexpr int64_t kMostExpandedElements = int64_t{1} << 24;

}  // namespace graupel
