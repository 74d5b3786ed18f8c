// Values in the messages of a HEF that have names, for reader and writer.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"
#include "hef/host_ops.h"

namespace graupel::wire {

using Version = std::array<uint32_t, 3>;

inline constexpr uint32_t kFirstOwnExtension = 20000;
inline constexpr KnownExtension kProgramExtension = {kFirstOwnExtension, "GRAUPEL_PROGRAM"};

struct Format {
  uint32_t code;
  const char* name;
};
inline constexpr uint32_t kNhwc = 0, kNc = 2;
inline constexpr Format kFormats[] = {{kNhwc, "NHWC"}, {1, "NHCW"},  {kNc, "NC"},  {3, "FCR"},    {4, "BAYER_RGB"},
                                      {5, "NHW"},      {6, "NMS"},   {7, "F8CR"},  {8, "RGB888"}, {11, "YUY2"},
                                      {13, "NHWC"},    {14, "YYUV"}, {15, "YYVU"}, {16, "YYYYUV"}};

/// `hw_arch` is what a compiler is asked for where files then carry this code.
struct Architecture {
  uint32_t code;
  const char* name;
  std::string_view hw_arch = {};
};
inline constexpr Architecture kArchitectures[] = {{0, "HAILO8"},
                                                  {1, "HAILO8", "hailo8"},
                                                  {2, "HAILO8", "hailo8r"},
                                                  {3, "HAILO8L", "hailo8l"},
                                                  {4, "HAILO15M", "hailo15m"},
                                                  {5, "HAILO10H", "hailo10h"},
                                                  {6, "HAILO15L", "hailo15l"},
                                                  {100, "SAGE_A0"},
                                                  {101, "SAGE_B0"},
                                                  {102, "PAPRIKA_B0"},
                                                  {103, "HAILO15H", "hailo15h"},
                                                  {104, "HAILO15H"},
                                                  {105, "HAILO15H"},
                                                  {106, "PLUTO"},
                                                  {108, "MARS"}};

/// The name of the resource with the program of network `network`.
inline std::string program_resource(std::size_t network) {
  return network == 0 ? "graupel.program" : cat("graupel.program.", network);
}

}  // namespace graupel::wire
