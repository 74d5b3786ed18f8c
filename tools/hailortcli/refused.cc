// The verbs of hailortcli that the virtual device cannot serve.
#include "hailortcli/command.h"

namespace hailort::cli {

void add_refused(CLI::App& app, Action& action) {
  static constexpr struct {
    const char *verb, *why;
  } kRefused[] = {
      {"sensor-config", "the virtual device has no sensors"},
      {"fw-config", "the virtual device has no firmware configuration"},
      {"fw-logger", "the virtual device has no firmware log; HAILORT_LOGGER_PATH names the library's"},
      {"fw-update", "the virtual device has no firmware"},
      {"ssb-update", "the virtual device has no second stage boot"},
      {"udp-rate-limiter", "the virtual device has no Ethernet"},
  };
  for (const auto& refused : kRefused) {
    CLI::App* verb = app.add_subcommand(refused.verb, std::string("Not supported: ") + refused.why);
    verb->allow_extras();
    verb->callback([&action, refused] {
      action = [refused]() -> hailo_status {
        throw hailort_error(HAILO_NOT_SUPPORTED, std::string(refused.verb) + ": " + refused.why);
      };
    });
  }
}

}  // namespace hailort::cli
