// A session: a program bound to this CPU. Kernels chosen, weights packed, arena allocated; running allocates nothing.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string_view>

#include "program/program.h"

namespace graupel {

struct SessionOptions {
  int threads = 0;         ///< 0: all CPUs this process may use
  std::optional<Isa> isa;  ///< default: chosen_isa()
  /// Fill the memory for packed weights before they are packed, and the arena, all scratch and the caller's outputs
  /// before every frame, with this byte; no result depends on it. Default: chosen_poison().
  std::optional<uint8_t> poison;
};

/// GRAUPEL_POISON=0 … 255 or 0x00 … 0xFF; none when it is not set. Error: invalid.
Result<std::optional<uint8_t>> chosen_poison();
/// The same forms as a text.
Result<uint8_t> parse_poison(std::string_view text);

class Session {
 public:
  /// `program` must outlive the session (and its constants stay mapped). Errors: corrupt (validate()), invalid (thread
  /// count, environment), io (memory or threads that the system refuses).
  static Result<Session> create(const Program& program, const SessionOptions& options = {});
  Session(Session&&) noexcept;
  Session& operator=(Session&&) noexcept;
  ~Session();

  /// `inputs`, `outputs`: one pointer per port and `batch` frames behind it, dense codes of the
  /// port's type: type.bytes() bytes a frame. Errors: invalid (counts, null). One call at a time.
  Result<> run(std::span<const uint8_t* const> inputs, std::span<uint8_t* const> outputs, int batch = 1);
  /// The same with float edges (N9). A NaN is an error that names the port, the frame and the index; the
  /// outputs of the frames before it are written.
  Result<> run_float(std::span<const float* const> inputs, std::span<float* const> outputs, int batch = 1);

  /// Called after the instruction that completes a layer's output: layer index and its dense codes, of
  /// the tap's type. Costs a copy per
  /// layer; never changes a byte of the outputs. Empty: off.
  using TapFunction = std::function<void(const Tap& tap, const uint8_t* codes)>;
  void set_tap(TapFunction tap);
  /// The same for the layers that find_taps() finds.
  Result<> set_tap(TapFunction tap, std::span<const std::string> layers);

  /// Wall time of each instruction in the last run, summed over its frames, in ns, when profiling is on.
  void set_profiling(bool on);
  std::span<const int64_t> instr_ns() const;

  /// The kernel that each instruction got, by name ("conv_avx512"); they live as long as the session.
  std::vector<std::string_view> kernel_names() const;
  Isa isa() const;
  int threads() const;
  const Program& program() const;

 private:
  struct State;
  explicit Session(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

/// Whether a layer answers to a name: its own, or what follows the network's in it ("net/conv1" to "conv1").
bool is_called(std::string_view layer, std::string_view wanted);

/// Which of program.taps show these layers, in execution order. A layer that is fused into the next ("conv1" into its
/// activation) is shown by that one. Error: not_found, with the nearest names.
Result<std::vector<std::size_t>> find_taps(const Program& program, std::span<const std::string> layers);

/// Multiply-accumulates of one instruction (0 for what does not multiply).
int64_t macs(const Instr& instr);

}  // namespace graupel
