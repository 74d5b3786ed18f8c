// The full-precision passes: one visible ordered array of rules, run to a fixed point with the verifier after each.
#pragma once

#include <functional>
#include <span>
#include <string_view>

#include "ir/rewriter.h"

namespace graupel {

struct Rule {
  std::string_view name;
  std::string_view identity;  ///< what it does, as one line for people
  Result<bool> (*apply)(Rewriter&, LayerId);
};

/// What is done right after import, before layers are named: exporters' arithmetic becomes operators.
std::span<const Rule> recognize_rules();
/// What makes an optimized graph of a parsed one.
std::span<const Rule> optimize_rules();

/// Applied rewrites per rule, in the order of optimize_rules().
using PassCounts = std::vector<int>;

struct PassOptions {
  std::vector<std::string> skip;  ///< names of rules to leave out
  int stop_after = -1;            ///< stop after this many rewrites; -1: none
};

/// Applies recognize_rules() to a parsed graph. Float meaning is unchanged but for rounding.
Result<> recognize_operators(Graph& graph);
/// Parsed → optimized. Float meaning is unchanged but for rounding. Errors name the rule and the layer.
Result<PassCounts> optimize_graph(Graph& graph, const PassOptions& options = {});

}  // namespace graupel
