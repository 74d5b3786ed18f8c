// Sessions: binding a program to a CPU, and the flat loop that runs it.
#include "runtime/session.h"

#include <algorithm>
#include <atomic>
#include <charconv>
#include <chrono>
#include <cstdlib>
#include <cstring>
#include <numeric>
#include <system_error>

#include "base/thread_pool.h"
#include "kernels/edge/edge.h"
#include "runtime/bound_instr.h"
#include "runtime/float_mode.h"

namespace graupel {
namespace {

constexpr int kMostThreads = 1024;
constexpr int64_t kEdgeGrain = 64 * 1024;  ///< elements of a port that one thread moves at least

int64_t elements(const Port& port) { return element_count(port.type.shape); }

/// Elements of a caller's buffer, floats or bytes of codes, that one frame of a port takes.
template <class T>
int64_t frame_size(const Port& port) {
  return sizeof(T) == 1 ? static_cast<int64_t>(port.type.bytes()) : elements(port);
}

/// The innermost runs of a tap, without the gaps between them.
void gather(const Tap& tap, const std::byte* arena, uint8_t* dense) {
  const std::size_t size = size_bytes(tap.type.dtype);
  const std::size_t run = size * (tap.type.shape.empty() ? 1 : static_cast<std::size_t>(tap.type.shape.back()));
  const std::size_t step = size * static_cast<std::size_t>(tap.pixel_stride);
  const std::byte* source = arena + tap.offset;
  for (std::size_t left = tap.type.bytes(); left > 0; left -= run, dense += run, source += step)
    std::memcpy(dense, source, run);
}

}  // namespace

struct Session::State {
  State(const Program& p, Isa level, int threads) : program(p), isa(level), pool(threads) {}

  void bind_instrs();
  void allocate(std::optional<uint8_t> poison_byte);
  void run_frame_body();
  void run_instr(const BoundInstr& bound);
  void start_taps(TapFunction function);
  void report_taps(std::size_t instr);
  void copy_edge(const uint8_t* from, uint8_t* to, int64_t count);
  Result<> fill_port(std::size_t number, const uint8_t* given, int frame);
  Result<> fill_port(std::size_t number, const float* real, int frame);
  void read_port(const Port& port, uint8_t* taken);
  void read_port(const Port& port, float* real);
  void start_frame();
  template <class Input, class Output>
  Result<> run(std::span<Input* const> inputs, std::span<Output* const> outputs, int batch);

  uint8_t* codes(const Port& port) { return reinterpret_cast<uint8_t*>(arena.data()) + port.offset; }

  const Program& program;
  Isa isa;
  ThreadPool pool;
  std::vector<BoundInstr> instrs;
  Bytes arena, packed, scratch;
  std::size_t scratch_each = 0;
  std::optional<uint8_t> poison;
  TapFunction tap;
  std::vector<std::size_t> tap_order;  ///< indices of program.taps by last_instr
  std::size_t next_tap = 0;
  Bytes tap_codes;
  bool profiling = false;
  std::vector<int64_t> ns;
};

void Session::State::bind_instrs() {
  instrs.reserve(program.instrs.size());
  for (const Instr& instr : program.instrs) instrs.push_back(bind(instr, isa, pool.threads()));
}

void Session::State::allocate(std::optional<uint8_t> poison_byte) {
  poison = poison_byte;
  std::size_t packed_bytes = 0;
  for (const BoundInstr& bound : instrs) {
    packed_bytes += align_up(bound.packed_bytes, 64);
    scratch_each = std::max(scratch_each, align_up(bound.scratch_bytes, 64));
  }
  arena.resize(program.arena_size);
  packed.resize(packed_bytes, static_cast<std::byte>(poison_byte.value_or(0)));
  scratch.resize(scratch_each * static_cast<std::size_t>(pool.threads()));
  std::byte* next_packed = packed.data();
  for (std::size_t i = 0; i < instrs.size(); ++i) {
    const Instr& instr = program.instrs[i];
    KernelArgs& args = instrs[i].args;
    for (std::size_t s = 0; s < instr.src.size(); ++s)
      args.src[s] =
          (instr.src[s].space == Place::Space::kArena ? arena.data() : program.constants.data()) + instr.src[s].offset;
    args.dst = arena.data() + instr.dst.offset;
    args.constants = program.constants.data();
    args.packed = next_packed;
    next_packed += align_up(instrs[i].packed_bytes, 64);
  }
  pool.run(static_cast<int64_t>(instrs.size()), [&](int64_t begin, int64_t end, int) {
    for (int64_t i = begin; i < end; ++i) {
      const BoundInstr& bound = instrs[static_cast<std::size_t>(i)];
      if (bound.pack != nullptr) bound.pack(bound, const_cast<std::byte*>(bound.args.packed));
    }
  });
}

void Session::State::run_instr(const BoundInstr& bound) {
  if (bound.parts() == 1) {
    KernelArgs args = bound.args;
    args.scratch = scratch.data();
    bound.call(bound, args, bound.tile(0));
    return;
  }
  pool.run(bound.parts(), [&](int64_t begin, int64_t end, int worker) {
    const FloatMode mode;
    KernelArgs args = bound.args;
    args.scratch = scratch.data() + scratch_each * static_cast<std::size_t>(worker);
    for (int64_t part = begin; part < end; ++part) bound.call(bound, args, bound.tile(part));
  });
}

/// With tap_order holding the taps that are wanted.
void Session::State::start_taps(TapFunction function) {
  tap = std::move(function);
  std::stable_sort(tap_order.begin(), tap_order.end(), [&](std::size_t a, std::size_t b) {
    return program.taps[a].last_instr < program.taps[b].last_instr;
  });
  std::size_t largest = 0;
  for (const std::size_t i : tap_order) largest = std::max(largest, program.taps[i].type.bytes());
  tap_codes.resize(largest);
}

void Session::State::report_taps(std::size_t instr) {
  for (; next_tap < tap_order.size() && program.taps[tap_order[next_tap]].last_instr == instr; ++next_tap) {
    const Tap& one = program.taps[tap_order[next_tap]];
    auto* dense = reinterpret_cast<uint8_t*>(tap_codes.data());
    gather(one, arena.data(), dense);
    tap(one, dense);
  }
}

void Session::State::start_frame() {
  next_tap = 0;
  if (!poison) return;
  std::memset(arena.data(), *poison, arena.size());
  if (!scratch.empty()) std::memset(scratch.data(), *poison, scratch.size());
}

void Session::State::run_frame_body() {
  using Clock = std::chrono::steady_clock;
  for (std::size_t i = 0; i < instrs.size(); ++i) {
    const Clock::time_point start = profiling ? Clock::now() : Clock::time_point();
    run_instr(instrs[i]);
    if (profiling) ns[i] += std::chrono::duration_cast<std::chrono::nanoseconds>(Clock::now() - start).count();
    if (tap) report_taps(i);
  }
}

void Session::State::copy_edge(const uint8_t* from, uint8_t* to, int64_t count) {
  pool.run(count, kEdgeGrain, [&](int64_t begin, int64_t end, int) {
    std::memcpy(to + begin, from + begin, static_cast<std::size_t>(end - begin));
  });
}

Result<> Session::State::fill_port(std::size_t number, const uint8_t* given, int) {
  const Port& port = program.inputs[number];
  copy_edge(given, codes(port), frame_size<uint8_t>(port));
  return {};
}

Result<> Session::State::fill_port(std::size_t number, const float* real, int frame) {
  const Port& port = program.inputs[number];
  const float scale = port.type.quant->scale[0];
  const int32_t zero_point = port.type.quant->zero_point[0];
  std::atomic<int64_t> first_nan{INT64_MAX};
  pool.run(elements(port), kEdgeGrain, [&](int64_t begin, int64_t end, int) {
    const FloatMode mode;
    const auto count = static_cast<std::size_t>(end - begin);
    const std::size_t at =
        port.type.dtype == DType::kU16
            ? quantize_u16(real + begin, count, scale, zero_point, reinterpret_cast<uint16_t*>(codes(port)) + begin)
            : quantize_u8(real + begin, count, scale, zero_point, codes(port) + begin, isa);
    if (at == count) return;
    const int64_t index = begin + static_cast<int64_t>(at);
    int64_t known = first_nan.load();
    while (index < known && !first_nan.compare_exchange_weak(known, index)) {
    }
  });
  if (first_nan.load() == INT64_MAX) return {};
  return invalid("input ", number, " '", port.name, "' is NaN at index ", first_nan.load(), " of frame ", frame,
                 " (N9.1); only numbers and infinities are accepted");
}

void Session::State::read_port(const Port& port, uint8_t* taken) {
  copy_edge(codes(port), taken, frame_size<uint8_t>(port));
}

void Session::State::read_port(const Port& port, float* real) {
  pool.run(elements(port), kEdgeGrain, [&](int64_t begin, int64_t end, int) {
    const FloatMode mode;
    const auto count = static_cast<std::size_t>(end - begin);
    const float scale = port.type.quant->scale[0];
    const int32_t zero_point = port.type.quant->zero_point[0];
    if (port.type.dtype == DType::kU16)
      dequantize_u16(reinterpret_cast<const uint16_t*>(codes(port)) + begin, count, scale, zero_point, real + begin);
    else
      dequantize_u8(codes(port) + begin, count, scale, zero_point, real + begin);
  });
}

Result<uint8_t> parse_poison(std::string_view text) {
  const bool hexadecimal = text.starts_with("0x") || text.starts_with("0X");
  const std::string_view digits = hexadecimal ? text.substr(2) : text;
  uint8_t byte = 0;
  const auto [end, fault] = std::from_chars(digits.data(), digits.data() + digits.size(), byte, hexadecimal ? 16 : 10);
  if (fault == std::errc() && end == digits.data() + digits.size()) return byte;
  return invalid("poison '", text, "' (accepted: a byte, 0 to 255 or 0x00 to 0xFF)");
}

Result<std::optional<uint8_t>> chosen_poison() {
  const char* given = std::getenv("GRAUPEL_POISON");
  if (given == nullptr || *given == '\0') return std::optional<uint8_t>();
  GRAUPEL_TRY(const uint8_t byte, parse_poison(given).within("environment variable GRAUPEL_POISON"));
  return std::optional<uint8_t>(byte);
}

Session::Session(std::unique_ptr<State> state) : state_(std::move(state)) {}
Session::Session(Session&&) noexcept = default;
Session& Session::operator=(Session&&) noexcept = default;
Session::~Session() = default;

Result<Session> Session::create(const Program& program, const SessionOptions& options) {
  GRAUPEL_DO(validate(program));
  if (options.threads < 0 || options.threads > kMostThreads)
    return invalid(options.threads, " threads (accepted: 1 to ", kMostThreads, ", or 0 for all CPUs)");
  GRAUPEL_TRY(const Isa allowed, chosen_isa());
  std::optional<uint8_t> poison = options.poison;
  if (!poison) {
    GRAUPEL_TRY(poison, chosen_poison());
  }
  const Isa isa = options.isa.value_or(allowed);
  if (isa > detected_isa())
    return invalid("ISA ", to_string(isa), " is asked for; this CPU has ", to_string(detected_isa()));
  const int threads = options.threads > 0 ? options.threads : available_threads();
  try {
    auto state = std::make_unique<State>(program, isa, threads);
    state->bind_instrs();
    state->allocate(poison);
    return Session(std::move(state));
  } catch (const std::bad_alloc&) {
    return io_error("not enough memory for a session of program '", program.name, "' with ", threads,
                    " threads and an arena of ", program.arena_size, " bytes");
  } catch (const std::system_error& error) {
    return io_error("cannot start ", threads, " threads: ", error.what());
  }
}

namespace {

template <class Input, class Output>
Result<> check_buffers(const Program& program, std::span<Input* const> inputs, std::span<Output* const> outputs,
                       int batch) {
  if (inputs.size() != program.inputs.size() || outputs.size() != program.outputs.size())
    return invalid(inputs.size(), " input and ", outputs.size(), " output buffers; program '", program.name, "' has ",
                   program.inputs.size(), " and ", program.outputs.size());
  if (batch < 1) return invalid("a batch of ", batch, " frames (accepted: 1 or more)");
  for (std::size_t i = 0; i < inputs.size(); ++i)
    if (inputs[i] == nullptr) return invalid("the buffer of input '", program.inputs[i].name, "' is null");
  for (std::size_t i = 0; i < outputs.size(); ++i)
    if (outputs[i] == nullptr) return invalid("the buffer of output '", program.outputs[i].name, "' is null");
  return {};
}

}  // namespace

template <class Input, class Output>
Result<> Session::State::run(std::span<Input* const> inputs, std::span<Output* const> outputs, int batch) {
  GRAUPEL_DO(check_buffers(program, inputs, outputs, batch));
  const FloatMode mode;
  std::fill(ns.begin(), ns.end(), 0);
  for (int frame = 0; frame < batch; ++frame) {
    start_frame();
    const auto place = [&](std::size_t i) { return outputs[i] + frame * frame_size<Output>(program.outputs[i]); };
    for (std::size_t i = 0; poison && i < outputs.size(); ++i)
      std::memset(place(i), *poison, static_cast<std::size_t>(frame_size<Output>(program.outputs[i])) * sizeof(Output));
    for (std::size_t i = 0; i < inputs.size(); ++i)
      GRAUPEL_DO(fill_port(i, inputs[i] + frame * frame_size<Input>(program.inputs[i]), frame));
    run_frame_body();
    for (std::size_t i = 0; i < outputs.size(); ++i) read_port(program.outputs[i], place(i));
  }
  return {};
}

Result<> Session::run(std::span<const uint8_t* const> inputs, std::span<uint8_t* const> outputs, int batch) {
  return state_->run(inputs, outputs, batch);
}

Result<> Session::run_float(std::span<const float* const> inputs, std::span<float* const> outputs, int batch) {
  return state_->run(inputs, outputs, batch);
}

void Session::set_tap(TapFunction tap) {
  state_->tap_order.resize(state_->program.taps.size());
  std::iota(state_->tap_order.begin(), state_->tap_order.end(), std::size_t{0});
  state_->start_taps(std::move(tap));
}

Result<> Session::set_tap(TapFunction tap, std::span<const std::string> layers) {
  GRAUPEL_TRY(state_->tap_order, find_taps(state_->program, layers));
  state_->start_taps(std::move(tap));
  return {};
}

void Session::set_profiling(bool on) {
  state_->profiling = on;
  state_->ns.assign(on ? state_->instrs.size() : 0, 0);
}

std::span<const int64_t> Session::instr_ns() const { return state_->ns; }

std::vector<std::string_view> Session::kernel_names() const {
  std::vector<std::string_view> names;
  for (const BoundInstr& bound : state_->instrs) names.push_back(bound.kernel_name);
  return names;
}

Isa Session::isa() const { return state_->isa; }
int Session::threads() const { return state_->pool.threads(); }
const Program& Session::program() const { return state_->program; }

}  // namespace graupel
