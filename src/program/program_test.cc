#include "program/program.h"

#include <gtest/gtest.h>

#include <cstring>

#include "program/region.h"
#include "program/sample_program.h"

namespace graupel {
namespace {

using testing::sample_program;
using testing::sample_program_with_detection;

/// validate() of a sample after `change`; the message, or "" when it passes.
template <class Change>
std::string verdict(Change&& change) {
  Program program = sample_program(1);
  change(program);
  const Result<> result = validate(program);
  return result.ok() ? "" : result.error().text();
}

template <class P>
P& params(Program& program) {
  for (Instr& instr : program.instrs)
    if (auto* found = std::get_if<P>(&instr.params)) return *found;
  ADD_FAILURE() << "no such instruction";
  return std::get<P>(program.instrs[0].params);
}

template <class T>
void set_constant(Program& program, ConstRef ref, std::size_t index, T value) {
  Bytes bytes(program.constants.bytes().begin(), program.constants.bytes().end());
  std::memcpy(bytes.data() + ref.offset + index * sizeof(T), &value, sizeof(T));
  program.constants = std::move(bytes);
}

TEST(Program, ASampleWithEveryFamilyIsValid) {
  const Result<> result = validate(sample_program(1));
  EXPECT_TRUE(result.ok()) << result.error().text();
}

TEST(Program, SurvivesSavingAndLoading) {
  const Program program = sample_program(2);
  const Bytes bytes = save_program(program);
  const Result<Program> loaded = load_program(bytes);
  ASSERT_TRUE(loaded.ok()) << loaded.error().text();
  EXPECT_EQ(*loaded, program);
  EXPECT_EQ(save_program(*loaded), bytes);
}

TEST(Program, HostStepsAreValidatedSavedAndPrinted) {
  const Program program = sample_program_with_detection(2);
  const Result<> valid = validate(program);
  ASSERT_TRUE(valid.ok()) << valid.error().text();
  const Result<Program> loaded = load_program(save_program(program));
  ASSERT_TRUE(loaded.ok()) << loaded.error().text();
  EXPECT_EQ(*loaded, program);
  EXPECT_NE(print_program(program).find("host yolov8_nms_postprocess: detect(outputs [2,3])"), std::string::npos)
      << print_program(program);
}

TEST(Program, AHostStepTakesThePlaceOfTheOutputsItReads) {
  Program program = sample_program_with_detection(2);
  const auto text_of = [&] {
    std::string text;
    for (const ProgramResult& result : program_results(program)) text += cat(result.host ? "h" : "p", result.number);
    return text;
  };
  EXPECT_EQ(text_of(), "p0p1h0");
  program.host[0].src = {1, 0};
  EXPECT_EQ(text_of(), "h0p2p3");
  program.host.clear();
  EXPECT_EQ(text_of(), "p0p1p2p3");
}

TEST(Validate, RefusesHostStepsThatCannotBeRun) {
  const auto refused = [](auto change) {
    Program program = sample_program_with_detection(1);
    change(program.host[0], std::get<DetectParams>(program.host[0].params));
    const Result<> result = validate(program);
    return result.ok() ? std::string() : result.error().text();
  };
  using Step = HostStep;
  using Params = DetectParams;
  EXPECT_NE(refused([](Step& s, Params&) { s.src[1] = 4; }).find("reads output 4 of 4"), std::string::npos);
  EXPECT_NE(refused([](Step& s, Params&) { s.src[1] = 2; }).find("which is read already"), std::string::npos);
  EXPECT_NE(refused([](Step& s, Params&) { s.src[1] = 1; }).find("output 'padded' has shape"), std::string::npos);
  EXPECT_NE(refused([](Step& s, Params&) { s.src.pop_back(); }).find("it reads 1 outputs"), std::string::npos);
  EXPECT_NE(refused([](Step& s, Params&) { s.name.clear(); }).find("no name"), std::string::npos);
  EXPECT_NE(refused([](Step&, Params& p) { p.max_per_class = 0; }).find("max_per_class is 0"), std::string::npos);
  EXPECT_NE(refused([](Step&, Params& p) { p.heads[0].boxes = 7; }).find("not numbered"), std::string::npos);
}

TEST(Program, ConstantsBeginOnAPageAndStayInKeptMemory) {
  const auto bytes = std::make_shared<const Bytes>(save_program(sample_program(3)));
  const Result<Program> kept = load_program(*bytes, bytes);
  ASSERT_TRUE(kept.ok());
  EXPECT_EQ((kept->constants.data() - bytes->data()) % 4096, 0);
  EXPECT_TRUE(kept->constants.data() >= bytes->data() && kept->constants.data() < bytes->data() + bytes->size());
  const Result<Program> copied = load_program(*bytes);
  ASSERT_TRUE(copied.ok());
  EXPECT_FALSE(copied->constants.data() >= bytes->data() && copied->constants.data() < bytes->data() + bytes->size());
}

TEST(Program, AnotherFormatVersionIsAMismatchThatNamesBoth) {
  Bytes bytes = save_program(sample_program(1));
  bytes[8] = std::byte{77};
  const Result<Program> loaded = load_program(bytes);
  ASSERT_FALSE(loaded.ok());
  EXPECT_EQ(loaded.error().code, ErrorCode::kMismatch);
  EXPECT_NE(loaded.error().message.find("format 77"), std::string::npos) << loaded.error().message;
}

TEST(Program, EveryCutIsAnError) {
  const Bytes bytes = save_program(sample_program(1));
  for (std::size_t size = 0; size < bytes.size(); size += size < 6000 ? 1 : 97)
    ASSERT_FALSE(load_program(ByteSpan(bytes).first(size)).ok()) << size;
}

TEST(Program, DamagedBytesAreValidOrAnError) {
  const Bytes bytes = save_program(sample_program(1));
  constexpr std::size_t kDescribed = 4096;
  std::mt19937 random(11);
  int errors = 0;
  for (int round = 0; round < 4000; ++round) {
    Bytes damaged = bytes;
    for (auto flips = 1 + random() % 3; flips > 0; --flips)
      damaged[random() % std::min(damaged.size(), kDescribed)] =
          static_cast<std::byte>(random() % 4 == 0 ? 0xFF : random());
    const Result<Program> loaded = load_program(damaged);
    errors += !loaded.ok();
    if (loaded.ok() && !validate(*loaded).ok()) FAIL() << "round " << round;
  }
  EXPECT_GT(errors, 100);
}

TEST(Program, PrintsOneLinePerInstruction) {
  const Program program = sample_program(1);
  const std::string text = print_program(program);
  EXPECT_EQ(std::count(text.begin(), text.end(), '\n'),
            static_cast<std::ptrdiff_t>(1 + program.instrs.size() + program.inputs.size() + program.outputs.size()));
  EXPECT_NE(text.find("0 layer0: conv(arena+0) -> arena+1920 "), std::string::npos) << text;
}

TEST(Validate, NamesTheInstructionAndItsLayer) {
  const std::string text = verdict([](Program& p) { p.instrs[2].src[0].offset = 1u << 30; });
  EXPECT_NE(text.find("instruction 2 (binary, layer 'layer2')"), std::string::npos) << text;
}

TEST(Validate, RefusesPlacesOutsideTheArena) {
  for (std::size_t i = 0; i < sample_program(1).instrs.size(); ++i) {
    EXPECT_NE(verdict([&](Program& p) { p.instrs[i].dst.offset = p.arena_size; }), "") << i;
    EXPECT_NE(verdict([&](Program& p) { p.instrs[i].dst.space = Place::Space::kConstants; }), "") << i;
    EXPECT_NE(verdict([&](Program& p) { p.instrs[i].src.push_back({}); }), "") << i;
  }
  EXPECT_NE(verdict([](Program& p) { p.arena_size -= 128; }), "");
  EXPECT_NE(verdict([](Program& p) { p.inputs[0].offset = p.arena_size; }), "");
  EXPECT_NE(verdict([](Program& p) { p.taps[0].offset = p.arena_size - 64; }), "");
}

TEST(Validate, RefusesAnInstructionThatReadsWhatItWrites) {
  EXPECT_NE(verdict([](Program& p) { p.instrs[1].dst = p.instrs[1].src[0]; }).find("overlaps"), std::string::npos);
  // One byte into the neighbouring slot of the concatenation.
  EXPECT_NE(verdict([](Program& p) { p.instrs[1].dst.offset -= 1; }).find("overlaps"), std::string::npos);
}

TEST(Validate, RefusesConstantsThatAreNotWhatParametersPromise) {
  EXPECT_NE(verdict([](Program& p) { params<ConvParams>(p).weights.size -= 1; }), "");
  EXPECT_NE(verdict([](Program& p) { params<ConvParams>(p).bias.offset += 4; }), "");
  EXPECT_NE(verdict([](Program& p) { params<LutParams>(p).table.offset = 1u << 31; }), "");
  EXPECT_NE(verdict([](Program& p) { set_constant<int32_t>(p, params<NearestParams>(p).rows, 3, 6); }), "");
  EXPECT_NE(verdict([](Program& p) { set_constant<int32_t>(p, params<NearestParams>(p).columns, 0, -1); }), "");
  EXPECT_NE(verdict([](Program& p) { set_constant<int32_t>(p, params<BilinearParams>(p).rows, 2, 1501); }), "");
  EXPECT_NE(verdict([](Program& p) { set_constant<float>(p, params<AvgPoolParams>(p).factors, 1, NAN); }), "");
  EXPECT_NE(verdict([](Program& p) { set_constant<uint32_t>(p, params<SoftmaxParams>(p).table, 0, 0); }), "");
}

// N2.2, N2.3: a scale or an accumulator out of bounds never reaches a kernel.
TEST(Validate, KeepsTheBoundsOfScalesAndAccumulators) {
  const auto conv_scale = [](float scale) {
    return verdict([&](Program& p) { set_constant<float>(p, params<ConvParams>(p).epilogue.scale, 2, scale); });
  };
  EXPECT_EQ(conv_scale(0.25f), "");
  EXPECT_NE(conv_scale(32768.0f), "");
  EXPECT_NE(conv_scale(0.0f), "");
  EXPECT_NE(conv_scale(NAN), "");
  EXPECT_NE(conv_scale(1000.0f).find("N2.3"), std::string::npos);
  EXPECT_NE(
      verdict([](Program& p) { set_constant<int32_t>(p, params<ConvParams>(p).bias, 0, INT32_MAX); }).find("N2.3"),
      std::string::npos);
  EXPECT_NE(verdict([](Program& p) { set_constant<int8_t>(p, params<ConvParams>(p).weights, 9, -128); }), "");
}

TEST(Validate, RefusesParametersBeyondTheKernelsArithmetic) {
  EXPECT_NE(verdict([](Program& p) { params<BinaryParams>(p).ma = 40000; }), "");
  EXPECT_NE(verdict([](Program& p) { params<BinaryParams>(p).c = INT32_MAX; }), "");
  EXPECT_NE(verdict([](Program& p) { params<BinaryParams>(p).shift = 32; }), "");
  EXPECT_NE(verdict([](Program& p) { params<BinaryParams>(p).b_stride[0] = 1 << 20; }), "");
  EXPECT_NE(verdict([](Program& p) { params<ConvParams>(p).window.stride_h = INT32_MAX; }), "");
  EXPECT_NE(verdict([](Program& p) { params<ConvParams>(p).groups = 3; }), "");
  EXPECT_NE(verdict([](Program& p) { params<ConvParams>(p).in_zero_point = 256; }), "");
  EXPECT_NE(verdict([](Program& p) { params<MaxPoolParams>(p).window.pad_top = 2; }), "");
  EXPECT_NE(verdict([](Program& p) { params<AvgPoolParams>(p).out.h += 1; }), "");
  EXPECT_NE(verdict([](Program& p) { params<ReduceParams>(p).n = 0; }), "");
  EXPECT_NE(verdict([](Program& p) { params<FillParams>(p).value = 256; }), "");
  EXPECT_NE(verdict([](Program& p) { params<CopyParams>(p).src_stride[5] = INT32_MIN; }), "");
  EXPECT_NE(verdict([](Program& p) { params<CopyParams>(p).extent.fill(1 << 12); }), "");
  EXPECT_NE(verdict([](Program& p) { params<SoftmaxParams>(p).inner = 0; }), "");
  EXPECT_NE(verdict([](Program& p) { params<CopyParams>(p).dst_stride.fill(0); }), "");
  EXPECT_NE(verdict([](Program& p) { params<FillParams>(p).runs = 2; }), "");
}

/// The bytes a region stands for, by enumeration of what it was made from.
std::vector<int64_t> enumerate(int64_t offset, std::span<const Stride> dims) {
  std::vector<int64_t> bytes = {offset};
  for (const Stride& dim : dims) {
    std::vector<int64_t> next;
    for (int64_t byte : bytes)
      for (int64_t i = 0; i < dim.extent; ++i) next.push_back(byte + i * dim.step);
    bytes = std::move(next);
  }
  return bytes;
}

TEST(Region, CoversWhatIsTouchedAndIsDisjointOnlyWhenItIs) {
  std::mt19937 random(5);
  int proved = 0;
  for (int round = 0; round < 3000; ++round) {
    const auto draw = [&](std::vector<Stride>& dims) {
      const auto below = [&](int64_t limit) { return static_cast<int64_t>(random() % 1000) % limit; };
      const int64_t run = 1 + below(6), period = run + below(20);
      dims = {{1 + below(4), period * (1 + below(3))}, {run, 1}};
      if (random() % 3 == 0) dims.insert(dims.begin(), {2, period * 2});
      if (random() % 4 == 0) dims.back().step = -1;
      if (random() % 4 == 0) dims.back() = {(run + 1) / 2, 2};
    };
    std::vector<Stride> a, b;
    draw(a);
    draw(b);
    if (random() % 2 == 0 && !b.empty()) b = a;
    const int64_t at_a = 40, at_b = 40 + static_cast<int64_t>(random() % 30);
    const Region one = strided_region(at_a, a), other = strided_region(at_b, b);
    const auto bytes_a = enumerate(at_a, a), bytes_b = enumerate(at_b, b);
    for (int64_t byte : bytes_a) ASSERT_TRUE(byte >= one.low && byte < one.high) << "round " << round;
    if (!disjoint(one, other)) continue;
    ++proved;
    for (int64_t byte : bytes_a)
      ASSERT_EQ(std::count(bytes_b.begin(), bytes_b.end(), byte), 0) << "round " << round << " byte " << byte;
  }
  EXPECT_GT(proved, 300);
}

TEST(Region, SlotsOfOneConcatenationAreDisjoint) {
  EXPECT_TRUE(disjoint(image_region(0, {8, 8, 16, 48}), image_region(16, {8, 8, 32, 48})));
  EXPECT_FALSE(disjoint(image_region(0, {8, 8, 17, 48}), image_region(16, {8, 8, 32, 48})));
  EXPECT_FALSE(disjoint(image_region(0, {8, 8, 16, 48}), image_region(16, {8, 8, 33, 48})));
}

}  // namespace
}  // namespace graupel
