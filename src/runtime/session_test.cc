#include "runtime/session.h"

#include <gtest/gtest.h>

#include <cmath>
#include <cstdlib>
#include <cstring>
#include <limits>
#include <map>

#include "program/sample_program.h"
#include "runtime/float_mode.h"

#if defined(__x86_64__)
#include <immintrin.h>
#endif

namespace graupel {
namespace {

using testing::sample_program;
using Codes = std::vector<uint8_t>;

std::size_t bytes_of(const Port& port) { return port.type.bytes(); }

/// Random codes for `batch` frames of every input.
std::vector<Codes> random_inputs(const Program& program, uint32_t seed, int batch) {
  std::mt19937 random(seed);
  std::vector<Codes> inputs;
  for (const Port& port : program.inputs)
    inputs.push_back(testing::random_values<uint8_t>(random, bytes_of(port) * static_cast<std::size_t>(batch), 0, 255));
  return inputs;
}

std::vector<Codes> run(Session& session, const Program& program, const std::vector<Codes>& inputs, int batch) {
  std::vector<Codes> outputs;
  std::vector<const uint8_t*> in;
  std::vector<uint8_t*> out;
  for (const Codes& codes : inputs) in.push_back(codes.data());
  for (const Port& port : program.outputs) outputs.emplace_back(bytes_of(port) * static_cast<std::size_t>(batch));
  for (Codes& codes : outputs) out.push_back(codes.data());
  const Result<> result = session.run(in, out, batch);
  EXPECT_TRUE(result.ok()) << result.error().text();
  return outputs;
}

Session make_session(const Program& program, const SessionOptions& options) {
  Result<Session> session = Session::create(program, options);
  EXPECT_TRUE(session.ok()) << session.error().text();
  return std::move(session).value();
}

/// What the program means: the reference kernels one after another, each over all its work, in a plain arena.
std::vector<Codes> run_references(const Program& program, const std::vector<Codes>& inputs, int batch) {
  std::vector<Codes> outputs(program.outputs.size());
  for (int frame = 0; frame < batch; ++frame) {
    Bytes arena(program.arena_size, std::byte{0x5A});
    for (std::size_t i = 0; i < inputs.size(); ++i) {
      const std::size_t size = bytes_of(program.inputs[i]);
      std::memcpy(arena.data() + program.inputs[i].offset, inputs[i].data() + size * static_cast<std::size_t>(frame),
                  size);
    }
    for (const Instr& instr : program.instrs) {
      KernelArgs args;
      for (std::size_t s = 0; s < instr.src.size(); ++s) args.src[s] = arena.data() + instr.src[s].offset;
      args.dst = arena.data() + instr.dst.offset;
      args.constants = program.constants.data();
      std::visit(
          [&](const auto& params) {
            const auto& kernel = kernel_table<std::remove_cvref_t<decltype(params)>>().back();
            const Work work = params.work();
            kernel.run(params, args, {0, work.rows, 0, work.blocks});
          },
          instr.params);
    }
    for (std::size_t i = 0; i < outputs.size(); ++i) {
      const auto* codes = reinterpret_cast<const uint8_t*>(arena.data()) + program.outputs[i].offset;
      outputs[i].insert(outputs[i].end(), codes, codes + bytes_of(program.outputs[i]));
    }
  }
  return outputs;
}

std::vector<Isa> levels() {
  std::vector<Isa> all;
  for (Isa isa : {Isa::kRef, Isa::kAvx2, Isa::kAvx512})
    if (isa <= detected_isa()) all.push_back(isa);
  return all;
}

// N1.4, N2.4: no split, ISA, batch or memory content changes a byte.
TEST(Session, EqualsTheReferenceKernelsAtAnyThreadsIsaBatchAndPoison) {
  for (uint32_t seed : {1u, 2u, 3u}) {
    const Program program = sample_program(seed);
    for (int batch : {1, 2, 5}) {
      const auto inputs = random_inputs(program, seed + 100, batch);
      const auto expected = run_references(program, inputs, batch);
      for (Isa isa : levels())
        for (int threads : {1, 2, 3})
          for (std::optional<uint8_t> poison : {std::optional<uint8_t>(), std::optional<uint8_t>(0),
                                                std::optional<uint8_t>(0xAA), std::optional<uint8_t>(0xFF)}) {
            Session session = make_session(program, {threads, isa, poison});
            ASSERT_EQ(run(session, program, inputs, batch), expected)
                << "seed " << seed << ", batch " << batch << ", " << to_string(isa) << ", " << threads << " threads";
          }
    }
  }
}

/// A convolution large enough to be split over threads both ways.
Program wide_convolution() {
  std::mt19937 random(4);
  Bytes constants;
  Program program;
  program.name = "wide";
  program.layer_names = {"conv1"};
  constexpr int32_t kH = 3, kW = 40, kIn = 64, kOut = 200;
  const auto conv = testing::sample_linear<ConvParams>(random, constants, testing::view(kH, kW, kIn),
                                                       testing::view(kH, kW, kOut), 3, kIn);
  program.instrs = {{conv, {{Place::Space::kArena, 0}}, {Place::Space::kArena, kH * kW * kIn}, 0}};
  program.arena_size = kH * kW * (kIn + kOut) + 64;
  const auto quant = QuantParams::per_tensor(1, 0);
  program.inputs = {{"in", {DType::kU8, {1, kH, kW, kIn}, quant}, 0, {}, {}, {}}};
  program.outputs = {{"out", {DType::kU8, {1, kH, kW, kOut}, quant}, kH * kW * kIn, {}, {}, {}}};
  program.constants = std::move(constants);
  return program;
}

TEST(Session, SplitsOneInstructionOverRowsAndBlocksWithoutAChange) {
  const Program program = wide_convolution();
  const auto inputs = random_inputs(program, 9, 1);
  const auto expected = run_references(program, inputs, 1);
  for (int threads : {1, 2, 3, 4, 7, 16}) {
    Session session = make_session(program, {threads, {}, uint8_t{0xAA}});
    EXPECT_EQ(run(session, program, inputs, 1), expected) << threads << " threads";
  }
}

TEST(Session, RefusesWrongCountsNullBuffersAndThreads) {
  const Program program = sample_program(1);
  Session session = make_session(program, {1, {}, {}});
  EXPECT_FALSE(session.run({}, {}).ok());
  const uint8_t* in[] = {nullptr};
  uint8_t* out[] = {nullptr, nullptr, nullptr};
  const Result<> result = session.run(in, out);
  ASSERT_FALSE(result.ok());
  EXPECT_NE(result.error().message.find("'in'"), std::string::npos) << result.error().message;
  EXPECT_FALSE(Session::create(program, {-1, {}, {}}).ok());
  EXPECT_FALSE(Session::create(program, {1 << 20, {}, {}}).ok());
}

TEST(Session, RefusesAProgramThatIsNotValid) {
  Program program = sample_program(1);
  program.instrs[3].dst.offset = program.arena_size;
  const Result<Session> session = Session::create(program);
  ASSERT_FALSE(session.ok());
  EXPECT_EQ(session.error().code, ErrorCode::kCorrupt);
}

// N9.1, N9.2
TEST(Session, FloatEdgesAreTrueDivisionAndExactProducts) {
  const Program program = sample_program(1);
  Session session = make_session(program, {2, {}, {}});
  const std::size_t count = bytes_of(program.inputs[0]);
  std::vector<float> real(count);
  Codes codes(count);
  for (std::size_t i = 0; i < count; ++i) {
    real[i] = static_cast<float>(i % 300) * 0.25f - 10.0f;
    codes[i] = static_cast<uint8_t>(std::clamp(std::nearbyint(real[i] / 0.5) + 3, 0.0, 255.0));
  }
  real[5] = std::numeric_limits<float>::infinity();
  codes[5] = 255;
  const auto expected = run(session, program, {codes}, 1);
  std::vector<std::vector<float>> outputs;
  std::vector<float*> out;
  for (const Port& port : program.outputs) outputs.emplace_back(bytes_of(port));
  for (auto& values : outputs) out.push_back(values.data());
  const float* in[] = {real.data()};
  ASSERT_TRUE(session.run_float(in, out).ok());
  for (std::size_t o = 0; o < outputs.size(); ++o)
    for (std::size_t i = 0; i < outputs[o].size(); ++i)
      ASSERT_EQ(outputs[o][i], static_cast<float>(expected[o][i] - 3) * 0.5f) << o << " " << i;
}

// N9.1: NaN is an error that says where.
TEST(Session, NamesThePortFrameAndIndexOfANan) {
  const Program program = sample_program(1);
  Session session = make_session(program, {2, {}, {}});
  const std::size_t count = bytes_of(program.inputs[0]);
  std::vector<float> real(2 * count);
  real[count + 77] = std::numeric_limits<float>::quiet_NaN();
  real[count + 78] = std::numeric_limits<float>::quiet_NaN();
  std::vector<std::vector<float>> outputs;
  std::vector<float*> out;
  for (const Port& port : program.outputs) outputs.emplace_back(2 * bytes_of(port));
  for (auto& values : outputs) out.push_back(values.data());
  const float* in[] = {real.data()};
  const Result<> result = session.run_float(in, out, 2);
  ASSERT_FALSE(result.ok());
  EXPECT_NE(result.error().message.find("'in' is NaN at index 77 of frame 1"), std::string::npos)
      << result.error().message;
}

#if defined(__x86_64__)
// N2.4: the caller's rounding mode neither reaches the kernels, on any thread, nor is lost.
TEST(Session, IgnoresAndRestoresTheCallersFloatMode) {
  const Program program = wide_convolution();
  const auto inputs = random_inputs(program, 9, 1);
  const auto expected = run_references(program, inputs, 1);
  const unsigned before = _mm_getcsr();
  constexpr unsigned kUpwardFlushDenormalsZero = 0x1F80 | 0x4000 | 0x8000 | 0x0040;
  _mm_setcsr(kUpwardFlushDenormalsZero);
  Session session = make_session(program, {3, Isa::kRef, {}});
  const auto outputs = run(session, program, inputs, 1);
  const unsigned after = _mm_getcsr();
  _mm_setcsr(before);
  EXPECT_EQ(outputs, expected);
  EXPECT_EQ(after & ~0x3Fu, kUpwardFlushDenormalsZero);
  // The mode matters here: the same kernel under the caller's mode gives other bytes.
  _mm_setcsr(kUpwardFlushDenormalsZero);
  const auto misrounded = run_references(program, inputs, 1);
  _mm_setcsr(before);
  EXPECT_NE(misrounded, expected);
}
#endif

TEST(Session, TapsGiveDenseCodesAndChangeNothing) {
  const Program program = sample_program(1);
  const auto inputs = random_inputs(program, 3, 1);
  Session session = make_session(program, {2, {}, uint8_t{0xFF}});
  const auto expected = run(session, program, inputs, 1);
  std::map<uint32_t, Codes> tapped;
  session.set_tap(
      [&](const Tap& tap, const uint8_t* codes) { tapped[tap.layer].assign(codes, codes + tap.type.bytes()); });
  EXPECT_EQ(run(session, program, inputs, 1), expected);
  ASSERT_EQ(tapped.size(), program.taps.size());
  // The same values as outputs of a program that ends there.
  Program shorter = program;
  shorter.instrs.resize(4);
  shorter.taps.clear();
  shorter.outputs = {{"t", program.taps[1].type, program.taps[1].offset, {}, {}, {}}};
  EXPECT_EQ(run_references(shorter, inputs, 1)[0], tapped[3]);
  session.set_tap({});
  tapped.clear();
  run(session, program, inputs, 1);
  EXPECT_TRUE(tapped.empty());
}

TEST(Session, TapsOnlyTheLayersThatAreNamed) {
  Program program = sample_program(1);
  program.layer_names[1] = "net/middle";
  const auto inputs = random_inputs(program, 3, 1);
  Session session = make_session(program, {2, {}, {}});
  const auto expected = run(session, program, inputs, 1);
  std::vector<std::string> heard;
  const auto hear = [&](const Tap& tap, const uint8_t*) { heard.push_back(program.layer_names[tap.layer]); };
  for (const std::string name : {"middle", "net/middle"}) {
    heard.clear();
    ASSERT_TRUE(session.set_tap(hear, std::vector{name}).ok());
    EXPECT_EQ(run(session, program, inputs, 1), expected);
    EXPECT_EQ(heard, std::vector<std::string>{"net/middle"});
  }
  heard.clear();
  ASSERT_TRUE(session.set_tap(hear, std::vector<std::string>{"layer3", "middle", "layer3"}).ok());
  run(session, program, inputs, 1);
  EXPECT_EQ(heard, (std::vector<std::string>{"net/middle", "layer3"}));
  // A layer without a tap whose instruction completes another's: fused into it.
  Program fused = program;
  fused.layer_names.push_back("middle_activation");
  fused.taps[0].layer = static_cast<uint32_t>(fused.layer_names.size() - 1);
  EXPECT_EQ(find_taps(fused, std::vector<std::string>{"middle"}).value(), std::vector<std::size_t>{0});
  const Result<> unknown = session.set_tap(hear, std::vector<std::string>{"midle"});
  ASSERT_FALSE(unknown.ok());
  EXPECT_EQ(unknown.error().code, ErrorCode::kNotFound);
  EXPECT_NE(unknown.error().message.find("'net/middle'"), std::string::npos) << unknown.error().message;
}

TEST(Session, PoisonComesFromTheEnvironmentToo) {
  const Program program = sample_program(2);
  const auto inputs = random_inputs(program, 5, 2);
  Session plain = make_session(program, {2, {}, {}});
  const auto expected = run(plain, program, inputs, 2);
  for (const char* text : {"0xFF", "7", "0X5a", "255"}) {
    ::setenv("GRAUPEL_POISON", text, 1);
    const auto poison = chosen_poison();
    ASSERT_TRUE(poison.ok() && poison->has_value()) << text;
    Session session = make_session(program, {2, {}, {}});
    EXPECT_EQ(run(session, program, inputs, 2), expected) << text;
  }
  for (const char* text : {"256", "0x", "-1", "garbage", "1 "}) {
    ::setenv("GRAUPEL_POISON", text, 1);
    const Result<Session> session = Session::create(program, {1, {}, {}});
    ASSERT_FALSE(session.ok()) << text;
    EXPECT_NE(session.error().text().find("GRAUPEL_POISON"), std::string::npos);
  }
  ::unsetenv("GRAUPEL_POISON");
}

// What the program does not write itself must show, or poison would prove nothing: every byte of arena, scratch and
// outputs is filled before a frame.
TEST(Session, PoisonReachesWhatAProgramReadsBeforeWriting) {
  Program program = sample_program(1);
  program.outputs[2].offset = program.arena_size - 1920;  // memory behind the last tensor, which nobody writes
  program.outputs[2].offset -= program.outputs[2].offset % 64;
  program.instrs.resize(program.instrs.size() - 1);  // its result lay there
  program.outputs[0].offset = program.inputs[0].offset;
  const auto inputs = random_inputs(program, 3, 1);
  Session first = make_session(program, {1, {}, uint8_t{0x11}}), second = make_session(program, {1, {}, uint8_t{0x22}});
  const Codes a = run(first, program, inputs, 1)[2], b = run(second, program, inputs, 1)[2];
  EXPECT_EQ(a.back(), 0x11);
  EXPECT_EQ(b.back(), 0x22);
}

TEST(Session, ProfilesEveryInstructionAndNamesItsKernel) {
  const Program program = sample_program(1);
  const auto inputs = random_inputs(program, 3, 2);
  Session session = make_session(program, {1, Isa::kRef, {}});
  EXPECT_TRUE(session.instr_ns().empty());
  session.set_profiling(true);
  run(session, program, inputs, 2);
  ASSERT_EQ(session.instr_ns().size(), program.instrs.size());
  EXPECT_GT(session.instr_ns()[0], 0);
  EXPECT_EQ(session.kernel_names()[0], "conv_ref");
  EXPECT_EQ(session.threads(), 1);
  EXPECT_EQ(session.isa(), Isa::kRef);
}

TEST(Macs, CountWhatMultiplies) {
  const Program program = sample_program(1);
  EXPECT_EQ(macs(program.instrs[0]), 12 * 10 * 16 * 9 * 16);
  EXPECT_EQ(macs(program.instrs[1]), 12 * 10 * 16 * 9);
  EXPECT_EQ(macs(program.instrs[2]), 0);
}

/// Runs what load_program() lets through.
void run_if_small(const Program& program) {
  constexpr uint32_t kSmall = 1 << 20;
  int64_t work = 0;
  for (const Instr& instr : program.instrs) work += macs(instr);
  if (program.arena_size > kSmall || work > int64_t{1} << 24) return;
  Result<Session> session = Session::create(program, {2, {}, uint8_t{0xFF}});
  if (!session.ok()) return;
  for (const auto* ports : {&program.inputs, &program.outputs})
    for (const Port& port : *ports)
      if (bytes_of(port) > kSmall) return;
  run(*session, program, random_inputs(program, 1, 1), 1);
}

// Meaningful under the address sanitizer: what validate() lets through touches nothing outside.
TEST(Session, RunsAnyDamagedProgramThatStillLoads) {
  const Bytes bytes = save_program(sample_program(1));
  std::mt19937 random(21);
  int ran = 0;
  for (int round = 0; round < 1500; ++round) {
    Bytes damaged = bytes;
    for (auto flips = 1 + random() % 2; flips > 0; --flips) {
      // Mostly the description, where the parameters are; sometimes the constants.
      const std::size_t at = random() % 8 == 0 ? random() % damaged.size() : 40 + random() % 2000;
      damaged[at] = static_cast<std::byte>(random() % 2 == 0 ? random()
                                                             : static_cast<uint32_t>(damaged[at]) ^ 1u << random() % 8);
    }
    const Result<Program> loaded = load_program(damaged);
    if (!loaded.ok()) continue;
    ++ran;
    run_if_small(*loaded);
  }
  EXPECT_GT(ran, 50);
}

}  // namespace
}  // namespace graupel
