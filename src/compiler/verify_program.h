// Whether a program's bytes are the emulation's bytes, and where not.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "eval/dataset.h"
#include "program/program.h"
#include "runtime/session.h"

namespace graupel {

struct VerifyOptions {
  std::vector<Isa> isas;  ///< empty: every level this CPU has
  std::vector<int> threads{1, 2, 3};
  std::vector<int> batches{1, 2, 5};
  int repeats = 1;                                ///< runs of each combination
  std::vector<uint8_t> poison{0x00, 0xAA, 0xFF};  ///< arena fillings, one after another over the repeats; empty: none
  std::function<void(int done, int total)> progress;  ///< in combinations
};

/// The first byte that differs.
struct Difference {
  Isa isa = Isa::kRef;
  int threads = 0, batch = 0, frame = 0;
  std::string layer;                   ///< the first layer whose codes differ, else the output's name
  std::vector<std::string> origins{};  ///< of that layer
  bool in_output_only = false;         ///< no layer that can be tapped differs
  int64_t index = 0;                   ///< element in that tensor
  int expected = 0, actual = 0;        ///< codes: emulation, program
};

struct VerifyReport {
  int frames = 0, combinations = 0;
  int64_t runs = 0, bytes_compared = 0;
  std::optional<Difference> difference;  ///< empty: equal
};

/// Runs the quantized emulation once per frame and the program at every combination. Also checks the float edges (N9)
/// once per session. Errors: mismatch (the program's ports are not the graph's), those of the runs.
Result<VerifyReport> verify_program(const Graph& quantized, const Program& program, Dataset& frames,
                                    const VerifyOptions& options);

}  // namespace graupel
