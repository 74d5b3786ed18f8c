// What `hailo` prints: lines with the level in brackets on stdout, coloured on a terminal.
#pragma once

#include <chrono>
#include <string>

#include "base/result.h"

namespace graupel::hailo {

void info(const std::string& text);
void warn(const std::string& text);
void error(const std::string& text);

/// Time, machine, versions, and the command line.
void print_banner(int argc, char** argv);

/// "00:00:01.25" since it was made.
class Stopwatch {
 public:
  std::string text() const;

 private:
  std::chrono::steady_clock::time_point begin_ = std::chrono::steady_clock::now();
};

}  // namespace graupel::hailo
