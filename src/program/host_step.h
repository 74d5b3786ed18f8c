// What the host computes from a program's outputs, and which of both a caller sees.
#pragma once

#include <string>
#include <variant>
#include <vector>

#include "kernels/detect/detect.h"

namespace graupel {

struct Program;

/// One entry per kind of host step. The order is part of the file format: append only.
using HostParams = std::variant<DetectParams>;

/// Reads outputs of the program as floats (N9.2) and makes one f32 tensor of its own, for the caller in their place.
struct HostStep {
  HostParams params;
  std::vector<uint32_t> src;  ///< numbers of outputs, one per input of the step; no other step reads them
  std::string name;
  std::vector<std::string> origins;  ///< names in the original model, or none

  static constexpr auto fields() {
    return std::tuple{Field{"params", &HostStep::params}, Field{"src", &HostStep::src}, Field{"name", &HostStep::name},
                      Field{"origins", &HostStep::origins}};
  }
  bool operator==(const HostStep&) const = default;
};

std::vector<Shape> input_shapes(const HostParams& params);
Shape output_shape(const HostParams& params);

/// An output as the caller sees it: output port `number`, or the result of host step `number`.
struct ProgramResult {
  bool host = false;
  uint32_t number = 0;
};

/// In the order of the output ports; a host step stands in the place of the first port that it reads, and the ports
/// that it reads are not seen. `program` is valid.
std::vector<ProgramResult> program_results(const Program& program);

/// Errors: corrupt, naming the field, for parameters that cannot be run and outputs that do not fit.
Result<> validate_host_steps(const Program& program);

}  // namespace graupel
