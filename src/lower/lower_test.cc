#include "lower/lower.h"

#include <gtest/gtest.h>

#include <map>

#include "ir/evaluate.h"
#include "lower/plan.h"
#include "lower/quantized_graph.h"
#include "runtime/session.h"

namespace graupel {
namespace {

using testing::QuantizedGraph;
using Codes = std::vector<uint8_t>;

Codes codes_of(const Tensor& tensor) {
  const auto* bytes = reinterpret_cast<const uint8_t*>(tensor.data->data());
  return {bytes, bytes + tensor.type.bytes()};
}

std::vector<Tensor> random_inputs(const Graph& graph, uint32_t seed) {
  std::mt19937 random(seed);
  std::vector<Tensor> inputs;
  for (ValueId id : graph.inputs) {
    auto bytes = std::make_shared<Bytes>(graph[id].type.bytes());
    for (std::byte& byte : *bytes) byte = static_cast<std::byte>(random());
    inputs.push_back({graph[id].type, std::move(bytes)});
  }
  return inputs;
}

Program lowered(const Graph& graph) {
  const Result<> sound = verify(graph);
  EXPECT_TRUE(sound.ok()) << sound.error().text();
  Result<Program> program = lower_graph(graph);
  EXPECT_TRUE(program.ok()) << program.error().text();
  return program.ok() ? std::move(program).value() : Program{};
}

/// Runs `program` and collects what is tapped, by layer name.
std::vector<Codes> run(const Program& program, const std::vector<Tensor>& inputs, const SessionOptions& options,
                       std::map<std::string, Codes>& taps) {
  Result<Session> session = Session::create(program, options);
  EXPECT_TRUE(session.ok()) << session.error().text();
  session->set_tap([&](const Tap& tap, const uint8_t* codes) {
    taps[program.layer_names[tap.layer]].assign(codes, codes + tap.type.bytes());
  });
  std::vector<const uint8_t*> in;
  std::vector<Codes> outputs;
  std::vector<uint8_t*> out;
  for (const Tensor& tensor : inputs) in.push_back(reinterpret_cast<const uint8_t*>(tensor.data->data()));
  for (const Port& port : program.outputs) outputs.emplace_back(port.type.bytes());
  for (Codes& codes : outputs) out.push_back(codes.data());
  const Result<> ran = session->run(in, out);
  EXPECT_TRUE(ran.ok()) << ran.error().text();
  return outputs;
}

/// N9.3: the program's bytes, outputs and every tapped layer, are the emulation's.
void expect_equal_to_emulation(const Graph& graph, const Program& program, uint32_t seed) {
  const std::vector<Tensor> inputs = random_inputs(graph, seed);
  std::map<std::string, Codes> layers;
  Emulator emulator(graph, 1);
  const auto emulated = emulator.run(inputs, [&](ValueId, const Layer* layer, const Tensor& tensor) {
    if (layer != nullptr) layers[layer->name] = codes_of(tensor);
  });
  ASSERT_TRUE(emulated.ok()) << emulated.error().text();
  for (const SessionOptions& options :
       {SessionOptions{1, Isa::kRef, {}}, SessionOptions{2, {}, uint8_t{0xAA}}, SessionOptions{3, {}, uint8_t{0xFF}}}) {
    std::map<std::string, Codes> taps;
    const std::vector<Codes> outputs = run(program, inputs, options, taps);
    ASSERT_EQ(taps.size(), program.taps.size());
    for (const auto& [name, codes] : taps)
      ASSERT_EQ(codes, layers[name]) << "layer " << name << "\n" << print_program(program);
    for (std::size_t i = 0; i < outputs.size(); ++i)
      ASSERT_EQ(outputs[i], codes_of((*emulated)[i])) << "output " << i << "\n" << print_program(program);
  }
}

template <class P>
std::ptrdiff_t count_of(const Program& program) {
  return std::count_if(program.instrs.begin(), program.instrs.end(),
                       [](const Instr& instr) { return std::holds_alternative<P>(instr.params); });
}

// N3.2
TEST(Lowering, PutsTablesIntoTheEpilogueOfTheirOnlyProducer) {
  QuantizedGraph g(1);
  const ValueId x = g.input({1, 6, 5, 8});
  const ValueId a = g.sigmoid(g.sigmoid(g.conv(x, 16, 3)));
  const ValueId kept = g.conv(a, 16);
  g.output(g.add(g.sigmoid(kept), kept));
  const Program program = lowered(g.graph);
  EXPECT_EQ(count_of<LutParams>(program), 1);
  EXPECT_EQ(count_of<ConvParams>(program), 2);
  EXPECT_EQ(program.taps.size(), g.graph.layers.size() - 2);
  expect_equal_to_emulation(g.graph, program, 5);
}

// N4.2, N3.2: the table comes after the residual.
TEST(Lowering, FusesATableBehindAResidual) {
  QuantizedGraph g(2);
  const ValueId x = g.input({1, 6, 5, 8});
  g.output(g.sigmoid(g.conv(x, 8, 3, x)));
  const Program program = lowered(g.graph);
  EXPECT_EQ(program.instrs.size(), 1u);
  expect_equal_to_emulation(g.graph, program, 6);
}

// A model's own quantization, where the tensor has its scale, moves nothing and costs nothing.
TEST(Lowering, LeavesOutTablesThatChangeNoCode) {
  QuantizedGraph g(2);
  const QuantizeLinear same{QuantizeLinear::Form::kRounded, 0.05f, 100};
  const ValueId x = g.input({1, 6, 5, 8});
  const ValueId y = g.layer(same, {g.conv(g.layer(same, {x}), 8, 3)});
  g.output(g.layer(same, {g.add(g.sigmoid(y), y)}));
  const Program program = lowered(g.graph);
  EXPECT_EQ(program.instrs.size(), 3u) << print_program(program);
  EXPECT_EQ(count_of<LutParams>(program), 1) << "only the sigmoid needs a table";
  expect_equal_to_emulation(g.graph, program, 16);
}

TEST(Lowering, ProducesConcatenatedChannelsInPlace) {
  QuantizedGraph g(3);
  const ValueId x = g.input({1, 6, 5, 8});
  const ValueId inner = g.concat(3, {g.conv(x, 16), g.max_pool(g.conv(x, 3))});
  g.output(g.conv(g.concat(3, {g.sigmoid(inner), inner, g.conv(x, 7, 3)}), 4));
  const Program program = lowered(g.graph);
  EXPECT_EQ(count_of<CopyParams>(program), 0) << print_program(program);
  expect_equal_to_emulation(g.graph, program, 7);
}

/// The block that YOLOv8 is made of: split, bottlenecks with residuals, everything concatenated.
TEST(Lowering, NeedsNoCopyForASplitThatIsConcatenatedAgain) {
  QuantizedGraph g(4);
  const ValueId x = g.input({1, 8, 7, 16});
  const ValueId y = g.sigmoid(g.conv(x, 32));
  const ValueId a = g.slice(y, 3, 0, 16), b = g.slice(y, 3, 16, 16);
  const ValueId c = g.conv(g.sigmoid(g.conv(b, 16, 3)), 16, 3, b);
  g.output(g.conv(g.concat(3, {a, b, c, g.conv(c, 16, 3, c)}), 8));
  const Program program = lowered(g.graph);
  EXPECT_EQ(count_of<CopyParams>(program), 0) << print_program(program);
  expect_equal_to_emulation(g.graph, program, 8);
}

TEST(Lowering, SharesStorageAcrossReshapesAndJoinsRows) {
  QuantizedGraph g(5);
  const ValueId x = g.input({1, 6, 5, 8});
  const ValueId a = g.reshape(g.conv(x, 12), {1, 30, 12});
  const ValueId b = g.reshape(g.conv(g.slice(x, 1, 2, 2), 12), {1, 10, 12});
  const ValueId all = g.concat(1, {a, b});
  g.output(g.sigmoid(g.slice(all, 2, 0, 4)));
  g.output(g.transpose(g.reshape(all, {1, 1, 40, 12}), {0, 2, 1, 3}));
  const Program program = lowered(g.graph);
  EXPECT_EQ(count_of<CopyParams>(program), 0) << print_program(program);
  EXPECT_EQ(program.outputs[1].offset, program.taps[5].offset);
  expect_equal_to_emulation(g.graph, program, 9);
}

TEST(Lowering, CopiesWhatIsConcatenatedTwiceAnInputOrAnOutput) {
  QuantizedGraph g(6);
  const ValueId x = g.input({1, 6, 5, 8});
  const ValueId a = g.conv(x, 16), seen = g.conv(x, 5);
  g.output(g.concat(3, {a, x, a}));
  g.output(g.sigmoid(g.concat(3, {a, seen})));
  g.output(seen);
  g.output(g.slice(a, 3, 2, 7));
  const Program program = lowered(g.graph);
  EXPECT_EQ(count_of<CopyParams>(program), 5) << print_program(program);
  expect_equal_to_emulation(g.graph, program, 10);
}

TEST(Lowering, KeepsAGraphOfViewsOnly) {
  QuantizedGraph g(7);
  const ValueId x = g.input({1, 6, 5, 8});
  g.output(g.reshape(x, {1, 240}));
  const Program program = lowered(g.graph);
  EXPECT_TRUE(program.instrs.empty());
  const std::vector<Tensor> inputs = random_inputs(g.graph, 1);
  std::map<std::string, Codes> taps;
  EXPECT_EQ(run(program, inputs, {}, taps)[0], codes_of(inputs[0]));
}

TEST(Lowering, RefusesAGraphThatIsNotQuantized) {
  Graph graph;
  const Result<Program> program = lower_graph(graph);
  ASSERT_FALSE(program.ok());
  EXPECT_EQ(program.error().code, ErrorCode::kInvalid);
}

/// Wires layers of all kinds at random.
class RandomGraph {
 public:
  explicit RandomGraph(uint32_t seed) : g(seed), random_(seed * 7919 + 1) {
    values_.push_back(g.input({1, 6, 4, 8}));
    if (below(3) == 0) values_.push_back(g.input({1, 6, 4, 5}));
    for (int64_t left = 4 + below(14); left > 0; --left) add_layer();
    for (int64_t left = 1 + below(3); left > 0; --left) g.output(any());
    g.output(values_.back());
  }
  QuantizedGraph g;

 private:
  int64_t below(int64_t limit) { return static_cast<int64_t>(random_() % static_cast<uint64_t>(limit)); }
  ValueId any() {
    // Recent values more often, so that graphs are deep.
    const int64_t count = static_cast<int64_t>(values_.size());
    return values_[static_cast<std::size_t>(std::max(below(count), below(count)))];
  }
  /// Values that equal `like` in all extents but `axis`.
  std::vector<ValueId> matching(ValueId like, std::size_t axis) {
    std::vector<ValueId> found = {like};
    for (int tries = 0; tries < 12 && found.size() < 4; ++tries) {
      const ValueId other = any();
      Shape a = g.shape(like), b = g.shape(other);
      a[axis] = b[axis] = 1;
      if (a == b) found.push_back(other);
    }
    return found;
  }

  void add_layer() {
    const ValueId x = any();
    const Shape shape = g.shape(x);
    if (element_count(shape) > 4000) return;
    switch (below(13)) {
      case 0:
      case 1: return add(g.conv(x, 1 + below(20), below(2) == 0 ? 1 : 3));
      case 2: return add(g.sigmoid(x));
      case 3: return add(g.add(x, matching(x, 0).back()));
      case 4: return add(g.max_pool(x));
      case 5: return add(g.concat(3, matching(x, 3)));
      case 6: return add(g.concat(1, matching(x, 1)));
      case 7:
      case 8: return add_slice(x, below(3) == 0 ? 1 + static_cast<int32_t>(below(2)) : 3);
      case 9: return add(g.reshape(x, {1, shape[2], shape[1], shape[3]}));
      case 10: return below(2) == 0 ? add(g.transpose(x, {0, 2, 1, 3})) : add(g.conv(x, shape[3], 1, x));
      case 11: return add_product(x);
      default: return add_split(x);
    }
  }
  void add(ValueId id) { values_.push_back(id); }

  void add_slice(ValueId x, int32_t axis) {
    const int64_t extent = g.shape(x)[static_cast<std::size_t>(axis)];
    const int64_t begin = below(extent);
    const int32_t step = below(6) == 0 ? 2 : 1;
    add(g.slice(x, axis, begin, 1 + below((extent - begin + step - 1) / step), step));
  }

  /// Pixels times pixels of another value, row by row; the rows of the image are heads beside their pixels, or not.
  void add_product(ValueId x) {
    std::vector<int32_t> order = {0, 1, 2, 3};
    if (below(2) == 0) std::swap(order[1], order[2]);
    add(g.layer(MatMul{{0, 1, 2, 3}, {0, 1, 3, 2}, order}, {x, matching(x, 2).back()}));
  }

  /// Split in two along channels, something on one half, all concatenated.
  void add_split(ValueId x) {
    const int64_t channels = g.shape(x)[3];
    if (channels < 2) return;
    const int64_t first = 1 + below(channels - 1);
    const ValueId a = g.slice(x, 3, 0, first), b = g.slice(x, 3, first, channels - first);
    const ValueId c = g.conv(b, channels - first, 3, b);
    add(below(2) == 0 ? g.concat(3, {a, b, c}) : g.concat(3, {c, a, b}));
    add(a);
    add(b);
  }

  std::mt19937 random_;
  std::vector<ValueId> values_;
};

TEST(Lowering, EqualsTheEmulationOnRandomGraphs) {
  for (uint32_t seed = 1; seed <= 400; ++seed) {
    SCOPED_TRACE(cat("seed ", seed));
    RandomGraph random(seed);
    remove_dead(random.g.graph);
    const Program program = lowered(random.g.graph);
    expect_equal_to_emulation(random.g.graph, program, seed);
    if (::testing::Test::HasFailure()) return;
  }
}

TEST(Lowering, IsAFunctionOfTheGraph) {
  RandomGraph random(12);
  EXPECT_EQ(save_program(lowered(random.g.graph)), save_program(lowered(random.g.graph)));
}

TEST(ArenaPlan, NeverOverlapsBuffersThatLiveTogether) {
  std::mt19937 random(3);
  for (int round = 0; round < 300; ++round) {
    std::vector<Lifetime> buffers(1 + random() % 40);
    int64_t sum = 0;
    for (Lifetime& one : buffers) {
      one.bytes = 1 + static_cast<int64_t>(random() % 5000);
      one.begin = static_cast<int64_t>(random() % 30) - 1;
      one.end = one.begin + static_cast<int64_t>(random() % 6);
      sum += (one.bytes + 63) / 64 * 64;
    }
    const Result<ArenaPlan> plan = plan_arena(buffers);
    ASSERT_TRUE(plan.ok());
    ASSERT_LE(plan->bytes, sum + kArenaTail);
    for (std::size_t a = 0; a < buffers.size(); ++a) {
      ASSERT_EQ(plan->offsets[a] % 64, 0u);
      ASSERT_LE(plan->offsets[a] + buffers[a].bytes + kArenaTail, plan->bytes);
      for (std::size_t b = 0; b < a; ++b) {
        const bool together = buffers[a].begin <= buffers[b].end && buffers[b].begin <= buffers[a].end;
        const bool apart = plan->offsets[a] + buffers[a].bytes <= plan->offsets[b] ||
                           plan->offsets[b] + buffers[b].bytes <= plan->offsets[a];
        ASSERT_TRUE(!together || apart) << "round " << round << ", buffers " << a << " and " << b;
      }
    }
  }
}

TEST(ArenaPlan, ReusesRoomAndRefusesWhatDoesNotFit) {
  const Lifetime chain[] = {{1000, 0, 1}, {1000, 1, 2}, {1000, 2, 3}, {1000, 3, 4}};
  const Result<ArenaPlan> plan = plan_arena(chain);
  ASSERT_TRUE(plan.ok());
  EXPECT_EQ(plan->bytes, 2 * 1024 + kArenaTail);
  const Lifetime huge[] = {{int64_t{1} << 30, 0, 1}, {int64_t{1} << 30, 1, 2}};
  EXPECT_FALSE(plan_arena(huge).ok());
}

/// Gives a graph of u8 codes and s8 weights others here and there, at random: u16 codes of 257 times finer steps, s16
/// weights likewise. Values that an op moves codes between keep one type.
void widen_at_random(Graph& graph, std::mt19937& random) {
  std::vector<bool> wide(graph.values.size());
  for (std::size_t i = 0; i < wide.size(); ++i) wide[i] = random() % 2 == 0;
  const auto flag = [&](ValueId id) { return wide[static_cast<uint32_t>(id)]; };
  for (std::size_t round = 0; round < graph.layers.size(); ++round)
    for (const Layer& layer : graph.layers) {
      if (quant_rule(layer.op) == QuantRule::kCalibrated) continue;
      bool any = flag(layer.out[0]);
      for (ValueId in : layer.in) any = any || flag(in);
      wide[static_cast<uint32_t>(layer.out[0])] = any;
      for (ValueId in : layer.in) wide[static_cast<uint32_t>(in)] = any;
    }
  for (std::size_t i = 0; i < wide.size(); ++i) {
    TensorType& type = graph.values[i].type;
    if (!wide[i] || type.dtype != DType::kU8) continue;
    type.dtype = DType::kU16;
    type.quant = QuantParams::per_tensor(type.quant->scale[0] / 257, type.quant->zero_point[0] * 257);
  }
  const auto set = [&](ValueId id, Tensor tensor) {
    graph[id].type = tensor.type;
    graph[id].constant = std::move(tensor);
  };
  for (const Layer& layer : graph.layers) {
    if (!is_linear(layer.op)) continue;
    const Tensor weights = *graph[layer.in[1]].constant, bias = *graph[layer.in[2]].constant;
    const bool wide_weights = random() % 2 == 0, wide_input = flag(layer.in[0]);
    if (wide_weights) {
      auto [fine, w] = Tensor::make<int16_t>(weights.type.shape, weights.type.quant);
      for (std::size_t i = 0; i < weights.as<int8_t>().size(); ++i)
        w[i] = static_cast<int16_t>(weights.as<int8_t>()[i] * 256 + int(random() % 255) - 127);
      for (float& scale : fine.type.quant->scale) scale /= 257;
      set(layer.in[1], fine);
    }
    if (!wide_weights && !wide_input) continue;
    auto [fine, b] = Tensor::make<int64_t>(bias.type.shape, bias.type.quant);
    for (std::size_t i = 0; i < bias.as<int32_t>().size(); ++i)
      b[i] = bias.as<int32_t>()[i] * (wide_weights ? 257 : 1) * (wide_input ? 257 : 1);
    set(layer.in[2], fine);
  }
}

// N8.1 to N8.4, N9.3: layers of any mixture of types, in the structures that views, slots and fused tables come from.
TEST(Lowering, EqualsTheEmulationOfGraphsOfMixedPrecision) {
  for (uint32_t seed = 1; seed <= 40; ++seed) {
    QuantizedGraph g(seed);
    std::mt19937 random(seed);
    const ValueId x = g.input({1, 8, 7, 16});
    const ValueId y = g.sigmoid(g.conv(x, 32, random() % 2 == 0 ? 1 : 3));
    const ValueId a = g.slice(y, 3, 0, 16), b = g.slice(y, 3, 16, 16);
    const ValueId c = g.conv(g.sigmoid(g.conv(b, 16, 3)), 16, 3, b);
    const ValueId d = g.conv(g.concat(3, {a, b, c, g.max_pool(c)}), 8, 1);
    const ValueId sum = g.add(g.sigmoid(g.sigmoid(d)), d);
    g.output(sum);
    g.output(g.transpose(g.reshape(g.concat(3, {sum, g.conv(a, 5)}), {1, 1, 56, 13}), {0, 2, 1, 3}));
    g.output(g.layer(Binary{Binary::Kind::kMul, {}}, {g.layer(Reduce{Reduce::Kind::kMean, 1, 2, true}, {c}), c}));
    g.output(g.layer(Softmax{3}, {d}));
    widen_at_random(g.graph, random);
    // What dictates its output's quantization does so for the type it now has.
    for (const Layer& layer : g.graph.layers)
      if (quant_rule(layer.op) == QuantRule::kFixed)
        g.graph[layer.out[0]].type = *infer(layer.op, g.graph.input_types(layer));
    SCOPED_TRACE(cat("seed ", seed));
    const Program program = lowered(g.graph);
    if (HasFailure()) return;
    expect_equal_to_emulation(g.graph, program, seed);
    if (HasFatalFailure()) return;
  }
}

}  // namespace
}  // namespace graupel
