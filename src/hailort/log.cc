#include "hailort/log.h"

#include <cstdio>
#include <cstdlib>
#include <mutex>
#include <string_view>

namespace hailort {
namespace {

constexpr std::string_view kNames[] = {"trace", "debug", "info", "warning", "error", "critical", "off"};

LogLevel console_level() {
  const char* wanted = std::getenv("HAILORT_CONSOLE_LOGGER_LEVEL");
  for (std::size_t i = 0; wanted != nullptr && i < std::size(kNames); ++i)
    if (kNames[i] == wanted) return static_cast<LogLevel>(i);
  return LogLevel::kWarning;
}

/// Null where the file is not wanted or cannot be written.
std::FILE* open_file() {
  const char* folder = std::getenv("HAILORT_LOGGER_PATH");
  if (folder != nullptr && std::string_view(folder) == "NONE") return nullptr;
  const std::string path = folder == nullptr || *folder == '\0' ? "hailort.log" : std::string(folder) + "/hailort.log";
  return std::fopen(path.c_str(), "a");
}

}  // namespace

void log(LogLevel level, const std::string& text) {
  static std::mutex mutex;
  static const LogLevel console = console_level();
  static std::FILE* const file = open_file();
  const std::string_view name = kNames[static_cast<std::size_t>(level)];
  const std::lock_guard lock(mutex);
  if (level >= console) std::fprintf(stderr, "[HailoRT] [%s] %s\n", name.data(), text.c_str());
  if (file == nullptr) return;
  std::fprintf(file, "[HailoRT] [%s] %s\n", name.data(), text.c_str());
  std::fflush(file);
}

hailo_status status_of(const graupel::Error& error) {
  switch (error.code) {
    case graupel::ErrorCode::kInvalid: return HAILO_INVALID_ARGUMENT;
    case graupel::ErrorCode::kUnsupported: return HAILO_HEF_NOT_SUPPORTED;
    case graupel::ErrorCode::kCorrupt: return HAILO_HEF_FILE_CORRUPTED;
    case graupel::ErrorCode::kMismatch: return HAILO_HEF_NOT_SUPPORTED;
    case graupel::ErrorCode::kNotFound: return HAILO_OPEN_FILE_FAILURE;
    case graupel::ErrorCode::kIo: return HAILO_FILE_OPERATION_FAILURE;
  }
  return HAILO_INTERNAL_FAILURE;
}

}  // namespace hailort
