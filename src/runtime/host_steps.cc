#include "runtime/host_steps.h"

#include "runtime/float_mode.h"

namespace graupel {

Result<HostSteps> HostSteps::create(const Program& program) {
  HostSteps steps(program);
  std::size_t most = 0;
  for (const HostStep& step : program.host) {
    GRAUPEL_TRY(Runner runner, std::visit([](const DetectParams& p) { return Detector::create(p); }, step.params)
                                   .within("host step '", step.name, "'"));
    steps.runners_.push_back(std::move(runner));
    most = std::max(most, step.src.size());
  }
  steps.sources_.resize(most);
  return steps;
}

void HostSteps::run(std::span<const float* const> outputs, std::span<float* const> results) {
  const FloatMode mode;
  for (std::size_t i = 0; i < runners_.size(); ++i) {
    const std::vector<uint32_t>& src = program_->host[i].src;
    for (std::size_t k = 0; k < src.size(); ++k) sources_[k] = outputs[src[k]];
    std::visit([&](auto& runner) { runner.run(std::span(sources_).first(src.size()), results[i]); }, runners_[i]);
  }
}

}  // namespace graupel
