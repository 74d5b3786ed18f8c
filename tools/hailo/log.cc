#include "hailo/log.h"

#include <sys/sysinfo.h>
#include <sys/utsname.h>
#include <unistd.h>

#include <cstdio>
#include <ctime>
#include <fstream>

#include "base/thread_pool.h"

namespace graupel::hailo {
namespace {

void print(const char* level, const char* color, const std::string& text) {
  static const bool kTerminal = isatty(STDOUT_FILENO) == 1;
  if (kTerminal)
    std::printf("\033[%sm[%s]\033[0m %s\n", color, level, text.c_str());
  else
    std::printf("[%s] %s\n", level, text.c_str());
  std::fflush(stdout);
}

std::string cpu_model() {
  std::ifstream file("/proc/cpuinfo");
  for (std::string line; std::getline(file, line);)
    if (line.starts_with("model name")) return line.substr(line.find(": ") + 2);
  return "unknown";
}

}  // namespace

void info(const std::string& text) { print("info", "32", text); }
void warn(const std::string& text) { print("warning", "33", text); }
void error(const std::string& text) { print("error", "31", text); }

void print_banner(int argc, char** argv) {
  const std::time_t now = std::time(nullptr);
  char time[32];
  std::strftime(time, sizeof(time), "%H:%M:%S, %m/%d/%y", std::localtime(&now));
  struct utsname system {};
  uname(&system);
  struct sysinfo memory {};
  sysinfo(&memory);
  const auto gib = [&](unsigned long units) { return (static_cast<uint64_t>(units) * memory.mem_unit) >> 30; };
  info(cat("Current Time: ", time));
  info(
      cat("CPU: Architecture: ", system.machine, ", Model: ", cpu_model(), ", Number Of Cores: ", available_threads()));
  info(cat("Memory: Total: ", gib(memory.totalram), "GB, Available: ", gib(memory.freeram + memory.bufferram), "GB"));
  info(cat("System info: OS: ", system.sysname, ", Kernel: ", system.release));
  info("Hailo DFC Version: " GRAUPEL_DFC_VERSION " (Graupel " GRAUPEL_VERSION ")");
  info("HailoRT Version: Not Installed");
  info("PCIe: No Hailo PCIe device was found");
  std::string line = "hailo";
  for (int i = 1; i < argc; ++i) line += cat(" ", argv[i]);
  info(cat("Running `", line, "`"));
}

std::string Stopwatch::text() const {
  const auto ms =
      std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::steady_clock::now() - begin_).count();
  char text[32];
  std::snprintf(text, sizeof(text), "%02d:%02d:%05.2f", static_cast<int>(ms / 3600000),
                static_cast<int>(ms / 60000 % 60), static_cast<double>(ms % 60000) / 1000);
  return text;
}

}  // namespace graupel::hailo
