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
  int threads = 0;                ///< 0: all CPUs this process may use
  std::optional<Isa> isa;         ///< default: chosen_isa()
  std::optional<uint8_t> poison;  ///< fill the arena and all scratch with this byte before every run
};

class Session {
 public:
  /// `program` must outlive the session (and its constants stay mapped). Errors: corrupt (validate()), invalid (thread
  /// count), io (memory or threads that the system refuses).
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

  /// Wall time of each instruction in the last run, summed over its frames, in ns, when profiling is on.
  void set_profiling(bool on);
  std::span<const int64_t> instr_ns() const;

  /// The kernel that each instruction got, by name ("conv_avx512"); they live as long as the session.
  std::vector<std::string_view> kernel_names() const;
  Isa isa() const;
  int threads() const;

 private:
  struct State;
  explicit Session(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

/// Multiply-accumulates of one instruction (0 for what does not multiply).
int64_t macs(const Instr& instr);

}  // namespace graupel
