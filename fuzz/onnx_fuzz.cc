// Any bytes as an ONNX file: an error or a graph that verifies, never a crash.
#include <sys/mman.h>
#include <unistd.h>

#include <string>

#include "compiler/parse.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  static const int file = memfd_create("model.onnx", 0);
  if (ftruncate(file, 0) != 0 || pwrite(file, data, size, 0) != static_cast<ssize_t>(size)) return 0;
  (void)graupel::parse_onnx("/proc/self/fd/" + std::to_string(file), {});
  return 0;
}
