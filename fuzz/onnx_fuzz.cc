// Any bytes as an ONNX file: an error, or a graph that can be evaluated and optimized without a crash.
#include <sys/mman.h>
#include <unistd.h>

#include <string>

#include "compiler/parse.h"
#include "evaluate.h"
#include "message_mutator.h"
#include "onnx/protobuf.h"
#include "passes/pipeline.h"

extern "C" size_t LLVMFuzzerCustomMutator(uint8_t* data, size_t size, size_t max_size, unsigned seed) {
  graupel::fuzz::Random random(seed);
  onnx::ModelProto model;
  if (graupel::fuzz::one_in(random, 8) || !model.ParseFromArray(data, static_cast<int>(size)))
    return LLVMFuzzerMutate(data, size, max_size);
  graupel::fuzz::MessageMutator mutator(random);
  do mutator.mutate_one_field(model);
  while (graupel::fuzz::one_in(random, 3));
  const std::string text = model.SerializeAsString();
  return graupel::fuzz::hand_back(std::as_bytes(std::span(text)), data, max_size);
}

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  static const int file = memfd_create("model.onnx", 0);
  if (ftruncate(file, 0) != 0 || pwrite(file, data, size, 0) != static_cast<ssize_t>(size)) return 0;
  auto graph = graupel::parse_onnx("/proc/self/fd/" + std::to_string(file), {});
  if (!graph.ok() || !graupel::fuzz::is_small(*graph)) return 0;
  graupel::fuzz::evaluate(*graph);
  if (graupel::optimize_graph(*graph).ok()) graupel::fuzz::evaluate(*graph);
  return 0;
}
