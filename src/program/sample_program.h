// For tests: programs with random parameters and data that pass validate().
#pragma once

#include <random>

#include "program/program.h"

namespace graupel::testing {

/// Appends values to constants as lowering does.
template <class T>
ConstRef append(Bytes& constants, const std::vector<T>& values) {
  const std::size_t offset = align_up(constants.size(), 64);
  constants.resize(offset + values.size() * sizeof(T));
  std::copy_n(reinterpret_cast<const std::byte*>(values.data()), values.size() * sizeof(T), constants.data() + offset);
  return {static_cast<uint32_t>(offset), static_cast<uint32_t>(values.size() * sizeof(T))};
}

template <class T>
std::vector<T> random_values(std::mt19937& random, std::size_t count, int low, int high) {
  std::vector<T> values(count);
  for (T& value : values) value = static_cast<T>(std::uniform_int_distribution<int>(low, high)(random));
  return values;
}

inline View view(int32_t h, int32_t w, int32_t c, int32_t stride = 0) { return {h, w, c, stride == 0 ? c : stride}; }

inline Epilogue sample_epilogue(std::mt19937& random, Bytes& constants, int32_t channels) {
  Epilogue epilogue;
  epilogue.scale = append(constants, std::vector<float>(static_cast<std::size_t>(channels), 0.004f));
  epilogue.zero_point = 7;
  epilogue.table = append(constants, random_values<uint8_t>(random, 256, 0, 255));
  return epilogue;
}

template <class P>
P sample_linear(std::mt19937& random, Bytes& constants, View in, View out, int32_t kernel, int32_t group_inputs) {
  P params;
  params.in = in;
  params.out = out;
  params.window.kernel_h = params.window.kernel_w = kernel;
  params.window.pad_top = params.window.pad_left = kernel / 2;
  params.in_zero_point = 3;
  const auto outputs = static_cast<std::size_t>(out.c);
  params.weights = append(
      constants,
      random_values<int8_t>(random, static_cast<std::size_t>(kernel * kernel * group_inputs) * outputs, -127, 127));
  params.bias = append(constants, random_values<int32_t>(random, outputs, -3000, 3000));
  params.epilogue = sample_epilogue(random, constants, out.c);
  return params;
}

/// One instruction of every family, each reading what the one before wrote: 12 x 10 images of 16 channels, a
/// residual, a slot in a concatenation, and a 2 x 2 reduction at the end.
inline Program sample_program(uint32_t seed) {
  constexpr int32_t kH = 12, kW = 10, kC = 16, kWide = 40;
  constexpr uint32_t kImage = 1920, kWideImage = kH * kW * kWide;
  std::mt19937 random(seed);
  Bytes constants;
  Program program;
  program.name = "sample";
  uint32_t next = 0;
  const auto place = [](uint32_t offset) { return Place{Place::Space::kArena, offset}; };
  const auto step = [&](Params params, std::vector<Place> src, uint32_t dst) {
    program.layer_names.push_back(cat("layer", program.instrs.size()));
    program.instrs.push_back(
        {std::move(params), std::move(src), place(dst), static_cast<uint32_t>(program.instrs.size())});
    return dst;
  };
  const auto room = [&](uint32_t bytes) {
    const uint32_t at = next;
    next += static_cast<uint32_t>(align_up(bytes, 64));
    return at;
  };
  const View image = view(kH, kW, kC), slot = view(kH, kW, kC, kWide);
  const uint32_t input = room(kImage), wide = room(kWideImage);
  auto conv = sample_linear<ConvParams>(random, constants, image, slot, 3, kC);
  const uint32_t a = step(conv, {place(input)}, wide);
  auto depthwise = sample_linear<DepthwiseParams>(random, constants, slot, slot, 3, 1);
  depthwise.epilogue.residual = true;
  depthwise.epilogue.residual_scale = 0.7f;
  depthwise.epilogue.residual_pixel_stride = kWide;
  const uint32_t b = step(depthwise, {place(a), place(a)}, wide + kC);
  BinaryParams binary;
  binary.extent = {kH, kW, 1, kC};
  binary.a_stride = {kW * kWide, kWide, 0, 1};
  binary.b_stride = {kW * kWide, kWide, 0, 1};
  binary.out_stride = kC;
  binary.ma = 12000, binary.mb = 9000, binary.c = 1 << 13, binary.shift = 14;
  const uint32_t sum = step(binary, {place(a), place(b)}, room(kImage));
  const auto deconv = sample_linear<DeconvParams>(random, constants, image, image, 3, kC);
  const uint32_t t = step(deconv, {place(sum)}, room(kImage));
  LutParams lut{image, image, kC, append(constants, random_values<uint8_t>(random, 256 * kC, 0, 255))};
  const uint32_t l = step(lut, {place(t)}, room(kImage));
  Window2d two;
  two.kernel_h = two.kernel_w = two.stride_h = two.stride_w = 2;
  const View half = view(kH / 2, kW / 2, kC);
  const uint32_t m = step(MaxPoolParams{image, half, two}, {place(l)}, room(kImage));
  const uint32_t g =
      step(AvgPoolParams{image, half, two, 4, 9, append(constants, std::vector<float>{1, 0.5f, 0.3f, 0.25f})},
           {place(l)}, room(kImage));
  const auto rows = random_values<int32_t>(random, kH, 0, kH / 2 - 1),
             columns = random_values<int32_t>(random, kW, 0, kW / 2 - 1);
  const uint32_t n =
      step(NearestParams{half, image, append(constants, rows), append(constants, columns)}, {place(m)}, room(kImage));
  std::vector<int32_t> blend_rows, blend_columns;
  for (int32_t y = 0; y < kH; ++y)
    blend_rows.insert(blend_rows.end(), {y / 2, std::min(y / 2 + 1, kH / 2 - 1), 1500, 548});
  for (int32_t x = 0; x < kW; ++x)
    blend_columns.insert(blend_columns.end(), {x / 2, std::min(x / 2 + 1, kW / 2 - 1), 2048, 0});
  const uint32_t i = step(BilinearParams{half, image, append(constants, blend_rows), append(constants, blend_columns)},
                          {place(g)}, room(kImage));
  const uint32_t padded = room(kImage * 2);
  step(FillParams{1, static_cast<int32_t>(kImage * 2), 0, 5}, {}, padded);
  CopyParams copy;
  copy.extent = {1, 1, kH, 1, kW, kC};
  copy.src_stride = {0, 0, kW * kC, 0, kC, 1};
  copy.dst_stride = {0, 0, kW * kC, 0, kC, 1};
  copy.dst_offset = kC;
  step(copy, {place(n)}, padded);
  std::vector<uint32_t> exponentials(256);
  for (uint32_t d = 0; d < 256; ++d) exponentials[d] = (1u << 20) >> std::min(d / 8, 20u);
  const uint32_t s = step(SoftmaxParams{kH * kW, kC, 1, append(constants, exponentials)}, {place(i)}, room(kImage));
  MatMulParams matmul;
  matmul.m = kC, matmul.k = kH * kW, matmul.n = kC;
  matmul.a = {{}, 1, kC};
  matmul.b = matmul.out = {{}, kC, 1};
  matmul.a_zero_point = 2, matmul.b_zero_point = 90;
  matmul.epilogue = sample_epilogue(random, constants, kC);
  const uint32_t x = step(matmul, {place(s), place(sum)}, room(kC * kC));
  const uint32_t r = step(ReduceParams{ReduceKind::kSum, 1, kC, kC, kC, 3, 8, 0.02f}, {place(x)}, room(kC));
  NormParams norm;
  norm.outer = kH * kW, norm.channels = norm.in_stride = kC, norm.out_stride = kC;
  norm.epsilon = 3, norm.zero_point = 120;
  norm.scale = append(constants, std::vector<float>(kC, 30.0f));
  norm.shift = append(constants, std::vector<float>(kC, -2.0f));
  step(norm, {place(i)}, room(kImage));
  step(ArgMaxParams{kH * kW, kC, 1, false, true}, {place(s)}, room(kH * kW));
  program.arena_size = next + 64;
  const auto port = [&](std::string name, Shape shape, uint32_t offset) {
    return Port{std::move(name), {DType::kU8, std::move(shape), QuantParams::per_tensor(0.5f, 3)},
                offset,          {},
                {"original"},    {}};
  };
  program.inputs = {port("in", {1, kH, kW, kC}, input)};
  program.outputs = {port("mean", {1, kC}, r), port("padded", {1, 2 * kH, kW, kC}, padded),
                     port("soft", {1, kH, kW, kC}, s)};
  program.taps = {{1, 1, wide + kC, kWide, {DType::kU8, {1, kH, kW, kC}, QuantParams::per_tensor(1, 0)}},
                  {3, 3, t, kC, {DType::kU8, {1, kH, kW, kC}, QuantParams::per_tensor(1, 0)}}};
  program.constants = std::move(constants);
  return program;
}

/// The same with a detector of one head behind its last two outputs.
inline Program sample_program_with_detection(uint32_t seed) {
  Program program = sample_program(seed);
  program.outputs.push_back(program.outputs[2]);
  program.outputs[3].name = "scores";
  const Shape& shape = program.outputs[2].type.shape;
  DetectParams params;
  params.arch = DetectArch::kYolov8;
  params.classes = static_cast<int32_t>(shape[3]);
  params.bins = static_cast<int32_t>(shape[3] / 4);
  params.image_h = static_cast<int32_t>(8 * shape[1]);
  params.image_w = static_cast<int32_t>(8 * shape[2]);
  params.heads = {{static_cast<int32_t>(shape[1]), static_cast<int32_t>(shape[2]), 8, 0, 1, -1, {}, {}}};
  program.host = {{params, {2, 3}, "yolov8_nms_postprocess", {"/head"}}};
  return program;
}

}  // namespace graupel::testing
