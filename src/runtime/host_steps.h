// The host's part of a program: detections out of the session's float outputs.
#pragma once

#include "program/program.h"

namespace graupel {

/// Runs after Session::run_float(), frame by frame; allocates nothing then. One call at a time.
class HostSteps {
 public:
  /// `program` is valid and must outlive this. Errors: io (memory).
  static Result<HostSteps> create(const Program& program);

  /// `outputs`: one frame of every output port as floats. `results`: one pointer per host step, to fill.
  void run(std::span<const float* const> outputs, std::span<float* const> results);

 private:
  /// What runs each kind of HostParams, in its order.
  using Runner = std::variant<Detector>;
  explicit HostSteps(const Program& program) : program_(&program) {}

  const Program* program_;
  std::vector<Runner> runners_;
  std::vector<const float*> sources_;
};

}  // namespace graupel
