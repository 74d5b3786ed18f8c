// Any bytes as a HAR: an error or a graph that verifies, never a crash.
#include "har/har.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  (void)graupel::load_har(std::as_bytes(std::span(data, size)));
  return 0;
}
