#include "hailortcli/progress.h"

#include <unistd.h>

#include <algorithm>
#include <cctype>
#include <cstdio>

namespace hailort::cli {

OnProgress progress_lines(const std::string& network, const Limit& limit) {
  return [network, limit, terminal = isatty(STDOUT_FILENO) == 1](uint64_t frames, double seconds) {
    const double done = limit.frames ? static_cast<double>(frames) / static_cast<double>(*limit.frames)
                                     : std::min(1.0, seconds / limit.seconds);
    if (!terminal && done < 1) return;
    const int left = done > 0 ? static_cast<int>(seconds / done - seconds + 0.5) : 0;
    std::printf("%sNetwork %s: %3d%% | %llu | FPS: %.2f | ETA: %02d:%02d:%02d%s", terminal ? "\r" : "", network.c_str(),
                static_cast<int>(done * 100), static_cast<unsigned long long>(frames),
                seconds > 0 ? static_cast<double>(frames) / seconds : 0.0, left / 3600, left / 60 % 60, left % 60,
                done < 1 ? "" : "\n");
    std::fflush(stdout);
  };
}

hailo_format_type_t format_type_of(const std::string& name) {
  if (name == "auto") return HAILO_FORMAT_TYPE_AUTO;
  if (name == "uint8") return HAILO_FORMAT_TYPE_UINT8;
  if (name == "uint16") return HAILO_FORMAT_TYPE_UINT16;
  if (name == "float32") return HAILO_FORMAT_TYPE_FLOAT32;
  throw hailort_error(HAILO_INVALID_ARGUMENT, "unknown format type '" + name + "'");
}

hailo_format_order_t format_order_of(const std::string& name) {
  if (name == "auto") return HAILO_FORMAT_ORDER_AUTO;
  for (int code = HAILO_FORMAT_ORDER_NHWC; code <= HAILO_FORMAT_ORDER_HAILO_NMS_BY_SCORE; ++code) {
    const auto order = static_cast<hailo_format_order_t>(code);
    std::string own = HailoRTCommon::get_format_order_str(order);
    std::transform(own.begin(), own.end(), own.begin(), [](char c) {
      return c == ' ' ? '_' : static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    });
    if (own == name) return order;
  }
  throw hailort_error(HAILO_INVALID_ARGUMENT, "unknown format order '" + name + "' (auto, nhwc, nchw, nhcw, rgb4, …)");
}

}  // namespace hailort::cli
