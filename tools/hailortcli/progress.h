// Progress of a measurement, in place on a terminal; elsewhere only its last line.
#pragma once

#include <string>

#include "hailortcli/measurement.h"

namespace hailort::cli {

OnProgress progress_lines(const std::string& network, const Limit& limit);

/// "auto", "uint8", "uint16", "float32"; HAILO_INVALID_ARGUMENT.
hailo_format_type_t format_type_of(const std::string& name);
/// "auto", "nhwc", …; HAILO_INVALID_ARGUMENT.
hailo_format_order_t format_order_of(const std::string& name);

}  // namespace hailort::cli
