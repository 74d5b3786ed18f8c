#include "compiler/expand.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <random>

#include "compiler/model_testing.h"
#include "ir/evaluate.h"

namespace graupel {
namespace {

using Floats = std::vector<float>;
constexpr float kInf = std::numeric_limits<float>::infinity();

Tensor random_tensor(Shape shape, uint32_t seed) {
  std::mt19937 random(seed);
  std::uniform_real_distribution<float> uniform(-1, 1);
  auto [tensor, data] = Tensor::make<float>(std::move(shape));
  for (int64_t i = 0, n = element_count(tensor.type.shape); i < n; ++i) data[i] = uniform(random);
  return tensor;
}

/// One node whose first input is live and the others constant; outputs in ONNX order.
struct OneModel {
  explicit OneModel(std::string name) : op(std::move(name)) {}
  OneModel& in(Tensor tensor) {
    tensors.push_back(std::move(tensor));
    return *this;
  }
  OneModel& absent() { return in({}); }
  OneModel& set(const std::string& key, onnx::Attribute value) {
    attributes[key] = std::move(value);
    return *this;
  }

  Result<Graph> parse(std::size_t outputs = 1) const {
    ModelBuilder builder;
    builder.model.opset = 23;
    builder.input("x0", tensors[0].type.shape);
    onnx::Node node{"node", op, "", {}, {}, attributes};
    for (std::size_t i = 0; i < tensors.size(); ++i) {
      node.inputs.push_back(tensors[i].data ? cat("x", i) : "");
      if (i > 0 && tensors[i].data) builder.constant(cat("x", i), tensors[i]);
    }
    for (std::size_t i = 0; i < outputs; ++i) node.outputs.push_back(cat("y", i));
    builder.model.nodes.push_back(node);
    builder.output(cat("y", outputs - 1));
    return builder.parse();
  }
  /// The last of `outputs`.
  Tensor value(std::size_t outputs = 1) const {
    const Result<Graph> graph = parse(outputs);
    EXPECT_TRUE(graph.ok()) << (graph.ok() ? "" : graph.error().text());
    if (!graph.ok()) return Tensor::of<float>({1}, {0});
    const PortInfo& in_port = graph->input_info[0];
    const std::vector<int> in_order(in_port.order.begin(), in_port.order.end());
    const auto out = Evaluator(*graph, 1, Isa::kRef).run(std::vector{transposed(tensors[0], in_order)});
    EXPECT_TRUE(out.ok()) << (out.ok() ? "" : out.error().text());
    std::vector<int> back(graph->output_info[0].order.size());
    for (std::size_t i = 0; i < back.size(); ++i)
      back[static_cast<std::size_t>(graph->output_info[0].order[i])] = static_cast<int>(i);
    return transposed((*out)[0], back);
  }
  std::string error(std::size_t outputs = 1) const {
    const Result<Graph> graph = parse(outputs);
    EXPECT_FALSE(graph.ok());
    return graph.ok() ? "" : graph.error().text();
  }

  std::string op;
  std::vector<Tensor> tensors;
  std::map<std::string, onnx::Attribute> attributes;
};

Floats floats(const Tensor& tensor) { return {tensor.as<float>().begin(), tensor.as<float>().end()}; }

void expect_near(const Tensor& tensor, const Floats& wanted, float tolerance = 1e-5f) {
  const Floats got = floats(tensor);
  ASSERT_EQ(got.size(), wanted.size()) << to_string(tensor.type.shape);
  for (std::size_t i = 0; i < got.size(); ++i) ASSERT_NEAR(got[i], wanted[i], tolerance) << "element " << i;
}

/// Attention of [1, heads, q, size], written out; `bias` of query and key, -inf where it does not see.
template <class Bias>
Floats attention(const Tensor& query, const Tensor& key, const Tensor& value, Bias bias) {
  const Shape &q = query.type.shape, &k = key.type.shape, &v = value.type.shape;
  Floats out;
  for (int64_t h = 0; h < q[1]; ++h)
    for (int64_t i = 0; i < q[2]; ++i) {
      const int64_t shared = h / (q[1] / k[1]);
      std::vector<double> weights;
      double sum = 0;
      for (int64_t j = 0; j < k[2]; ++j) {
        double score = 0;
        for (int64_t e = 0; e < q[3]; ++e)
          score += static_cast<double>(query.as<float>()[static_cast<std::size_t>((h * q[2] + i) * q[3] + e)]) *
                   static_cast<double>(key.as<float>()[static_cast<std::size_t>((shared * k[2] + j) * k[3] + e)]);
        weights.push_back(std::exp(score / std::sqrt(static_cast<double>(q[3])) + static_cast<double>(bias(i, j))));
        sum += weights.back();
      }
      for (int64_t e = 0; e < v[3]; ++e) {
        double total = 0;
        for (int64_t j = 0; j < k[2]; ++j)
          total += sum == 0 ? 0
                            : weights[static_cast<std::size_t>(j)] / sum *
                                  static_cast<double>(
                                      value.as<float>()[static_cast<std::size_t>((shared * k[2] + j) * v[3] + e)]);
        out.push_back(static_cast<float>(total));
      }
    }
  return out;
}

TEST(ExpandAttention, EqualsItsFormula) {
  const Tensor q = random_tensor({1, 2, 3, 4}, 1), k = random_tensor({1, 2, 5, 4}, 2),
               v = random_tensor({1, 2, 5, 6}, 3);
  expect_near(OneModel("Attention").in(q).in(k).in(v).value(), attention(q, k, v, [](int64_t, int64_t) { return 0; }));
  expect_near(OneModel("Attention").in(q).in(k).in(v).set("is_causal", int64_t{1}).value(),
              attention(q, k, v, [](int64_t i, int64_t j) { return j <= i ? 0 : -kInf; }));
  expect_near(OneModel("Attention")
                  .in(q)
                  .in(k)
                  .in(v)
                  .set("left_window_size", int64_t{1})
                  .set("right_window_size", int64_t{0})
                  .value(),
              attention(q, k, v, [](int64_t i, int64_t j) { return j <= i && i - j <= 1 ? 0 : -kInf; }));
}

TEST(ExpandAttention, SharesKeysAmongHeadsAndFollowsAPast) {
  const Tensor q = random_tensor({1, 4, 2, 3}, 4), k = random_tensor({1, 2, 3, 3}, 5),
               v = random_tensor({1, 2, 3, 3}, 6);
  expect_near(OneModel("Attention").in(q).in(k).in(v).value(), attention(q, k, v, [](int64_t, int64_t) { return 0; }));
  const Tensor past = random_tensor({1, 2, 1, 3}, 7);
  const auto joined = [](const Tensor& before, const Tensor& now) {
    auto [both, data] = Tensor::make<float>({1, 2, 4, 3});
    for (int64_t h = 0; h < 2; ++h) {
      std::copy_n(before.as<float>().data() + h * 3, 3, data + h * 12);
      std::copy_n(now.as<float>().data() + h * 9, 9, data + h * 12 + 3);
    }
    return both;
  };
  const Tensor all = joined(past, k), values = joined(past, v);
  OneModel model("Attention");
  model.in(q).in(k).in(v).absent().in(past).in(past).set("is_causal", int64_t{1});
  expect_near(model.value(), attention(q, all, values, [](int64_t i, int64_t j) { return j <= i + 1 ? 0 : -kInf; }));
}

TEST(ExpandAttention, AQueryThatSeesNothingIsZero) {
  const Tensor q = random_tensor({1, 1, 2, 3}, 8), k = random_tensor({1, 1, 3, 3}, 9);
  const Tensor mask = Tensor::of<bool>({2, 3}, {false, false, false, true, false, true});
  expect_near(OneModel("Attention").in(q).in(k).in(k).in(mask).value(),
              attention(q, k, k, [](int64_t i, int64_t j) { return i == 1 && j != 1 ? 0 : -kInf; }));
}

TEST(ExpandAttention, ReadsHeadsOutOfOneExtent) {
  const Tensor q = random_tensor({1, 3, 8}, 10), k = random_tensor({1, 5, 8}, 11);
  OneModel model("Attention");
  model.in(q).in(k).in(k).set("q_num_heads", int64_t{2}).set("kv_num_heads", int64_t{2});
  const auto apart = [](const Tensor& x) {
    return transposed(x.reshaped({1, x.type.shape[1], 2, 4}), std::vector{0, 2, 1, 3});
  };
  const Floats heads = attention(apart(q), apart(k), apart(k), [](int64_t, int64_t) { return 0; });
  const Tensor together = transposed(Tensor::of<float>({1, 2, 3, 4}, heads), std::vector{0, 2, 1, 3});
  expect_near(model.value(), floats(together));
  model.set("q_num_heads", int64_t{3});
  EXPECT_NE(model.error().find("q_num_heads is 3"), std::string::npos) << model.error();
}

double sigmoid(double x) { return 1 / (1 + std::exp(-x)); }

TEST(ExpandRecurrent, ALstmEqualsItsFormulaInBothDirections) {
  constexpr int64_t kSteps = 3, kIn = 2, kHidden = 2;
  const Tensor x = random_tensor({kSteps, 1, kIn}, 20), w = random_tensor({2, 4 * kHidden, kIn}, 21),
               r = random_tensor({2, 4 * kHidden, kHidden}, 22), b = random_tensor({2, 8 * kHidden}, 23);
  Floats wanted(kSteps * 2 * kHidden);
  for (int64_t d = 0; d < 2; ++d) {
    std::vector<double> h(kHidden, 0), c(kHidden, 0);
    for (int64_t step = 0; step < kSteps; ++step) {
      const int64_t t = d == 0 ? step : kSteps - 1 - step;
      const auto gate = [&](int64_t which, int64_t unit) {
        const int64_t row = which * kHidden + unit;
        const auto at = [](const Tensor& tensor, int64_t i) {
          return static_cast<double>(tensor.as<float>()[static_cast<std::size_t>(i)]);
        };
        double sum = at(b, d * 8 * kHidden + row) + at(b, d * 8 * kHidden + 4 * kHidden + row);
        for (int64_t i = 0; i < kIn; ++i) sum += at(x, t * kIn + i) * at(w, (d * 4 * kHidden + row) * kIn + i);
        for (int64_t i = 0; i < kHidden; ++i)
          sum += h[static_cast<std::size_t>(i)] * at(r, (d * 4 * kHidden + row) * kHidden + i);
        return sum;
      };
      std::vector<double> next(kHidden);
      for (int64_t u = 0; u < kHidden; ++u) {
        double& cell = c[static_cast<std::size_t>(u)];
        const double in = sigmoid(gate(0, u)), out = sigmoid(gate(1, u)), keep = sigmoid(gate(2, u));
        cell = keep * cell + in * std::tanh(gate(3, u));
        next[static_cast<std::size_t>(u)] = out * std::tanh(cell);
      }
      h = next;
      for (int64_t u = 0; u < kHidden; ++u)
        wanted[static_cast<std::size_t>((t * 2 + d) * kHidden + u)] =
            static_cast<float>(h[static_cast<std::size_t>(u)]);
    }
  }
  OneModel model("LSTM");
  model.in(x).in(w).in(r).in(b).set("direction", std::string("bidirectional")).set("hidden_size", int64_t{kHidden});
  const Tensor y = model.value();
  EXPECT_EQ(y.type.shape, (Shape{kSteps, 2, 1, kHidden}));
  expect_near(y, wanted);
  model.set("clip", 1.0f);
  EXPECT_NE(model.error().find("attribute clip"), std::string::npos);
}

TEST(ExpandRecurrent, AGruResetsBeforeOrAfterTheProduct) {
  for (const bool after : {false, true}) {
    const Tensor x = random_tensor({2, 1, 1}, 30), w = random_tensor({1, 3, 1}, 31), r = random_tensor({1, 3, 1}, 32),
                 b = random_tensor({1, 6}, 33);
    const auto at = [](const Tensor& tensor, std::size_t i) { return static_cast<double>(tensor.as<float>()[i]); };
    double h = 0;
    for (std::size_t t = 0; t < 2; ++t) {
      const auto plain = [&](std::size_t g) { return at(x, t) * at(w, g) + at(b, g); };
      const double keep = sigmoid(plain(0) + h * at(r, 0) + at(b, 3)),
                   reset = sigmoid(plain(1) + h * at(r, 1) + at(b, 4));
      const double brought = after ? reset * (h * at(r, 2) + at(b, 5)) : reset * h * at(r, 2) + at(b, 5);
      h = (1 - keep) * std::tanh(plain(2) + brought) + keep * h;
    }
    OneModel model("GRU");
    model.in(x).in(w).in(r).in(b).set("hidden_size", int64_t{1}).set("linear_before_reset", int64_t{after ? 1 : 0});
    expect_near(model.value(2), {static_cast<float>(h)});
  }
}

TEST(ExpandWindow, PoolsOverThreeAxes) {
  const Tensor x = random_tensor({1, 2, 3, 4, 5}, 40);
  const std::vector<int64_t> kernel = {2, 3, 2}, strides = {1, 2, 1}, pads = {1, 1, 0, 0, 1, 1};
  Floats most, mean, all;
  for (int64_t c = 0; c < 2; ++c)
    for (int64_t d = 0; d < 3; ++d)
      for (int64_t h = 0; h < 2; ++h)
        for (int64_t w = 0; w < 5; ++w) {
          float best = -kInf;
          double sum = 0;
          int count = 0;
          for (int64_t i = 0; i < 12; ++i) {
            const int64_t z = d - 1 + i / 6, y = 2 * h - 1 + i / 2 % 3, col = w + i % 2;
            if (z < 0 || z >= 3 || y < 0 || y >= 4 || col >= 5) continue;
            const float value = x.as<float>()[static_cast<std::size_t>(((c * 3 + z) * 4 + y) * 5 + col)];
            best = std::max(best, value);
            sum += static_cast<double>(value);
            ++count;
          }
          most.push_back(best);
          mean.push_back(static_cast<float>(sum / count));
          all.push_back(static_cast<float>(sum / 12));
        }
  const auto pool = [&](const char* op) {
    OneModel model(op);
    model.in(x).set("kernel_shape", kernel).set("strides", strides).set("pads", pads);
    return model;
  };
  expect_near(pool("MaxPool").value(), most, 0);
  expect_near(pool("AveragePool").value(), mean);
  expect_near(pool("AveragePool").set("count_include_pad", int64_t{1}).value(), all);
}

TEST(ExpandWindow, AConvolutionOverDepthIsOnePerSlice) {
  const Tensor x = random_tensor({1, 2, 3, 4, 4}, 50), w = random_tensor({3, 2, 2, 3, 3}, 51),
               b = random_tensor({3}, 52);
  Floats wanted;
  for (int64_t o = 0; o < 3; ++o)
    for (int64_t d = 0; d < 4; ++d)
      for (int64_t y = 0; y < 2; ++y)
        for (int64_t col = 0; col < 2; ++col) {
          double sum = static_cast<double>(b.as<float>()[static_cast<std::size_t>(o)]);
          for (int64_t i = 0; i < 36; ++i) {
            const int64_t c = i / 18, kz = i / 9 % 2, ky = i / 3 % 3, kx = i % 3, z = d - 1 + kz;
            if (z < 0 || z >= 3) continue;
            sum += static_cast<double>(
                       x.as<float>()[static_cast<std::size_t>(((c * 3 + z) * 4 + y + ky) * 4 + col + kx)]) *
                   static_cast<double>(
                       w.as<float>()[static_cast<std::size_t>((((o * 2 + c) * 2 + kz) * 3 + ky) * 3 + kx)]);
          }
          wanted.push_back(static_cast<float>(sum));
        }
  expect_near(OneModel("Conv").in(x).in(w).in(b).set("pads", std::vector<int64_t>{1, 0, 0, 1, 0, 0}).value(), wanted);
}

TEST(ExpandMath, PowersOfManyExponentsKeepSigns) {
  const Tensor x = Tensor::of<float>({1, 6}, {-2, -2, 0, 3, 4, 0}),
               e = Tensor::of<float>({1, 6}, {3, 2, 0, -1, 0.5f, 2});
  expect_near(OneModel("Pow").in(x).in(e).value(), {-8, 4, 1, 1.0f / 3, 2, 0});
}

TEST(ExpandMath, EinsumOfOneOperandSumsTransposesAndTakesDiagonals) {
  const Tensor x = random_tensor({2, 3, 3}, 60);
  const Floats v = floats(x);
  expect_near(OneModel("Einsum").in(x).set("equation", std::string("...ii->...i")).value(),
              {v[0], v[4], v[8], v[9], v[13], v[17]}, 0);
  expect_near(OneModel("Einsum").in(x).set("equation", std::string("abc->ca")).value(),
              {v[0] + v[3] + v[6], v[9] + v[12] + v[15], v[1] + v[4] + v[7], v[10] + v[13] + v[16], v[2] + v[5] + v[8],
               v[11] + v[14] + v[17]});
  EXPECT_NE(OneModel("Einsum").in(x).set("equation", std::string("ab->a")).error().find("names 2"), std::string::npos);
}

TEST(ExpandMath, ALayerNormShowsItsStatistics) {
  const Tensor x = Tensor::of<float>({1, 2, 2}, {1, 3, -2, -2});
  OneModel model("LayerNormalization");
  model.in(x).in(Tensor::of<float>({2}, {1, 1})).set("epsilon", 1.0f);
  expect_near(model.value(2), {2, -2});
  expect_near(model.value(3), {1 / std::sqrt(2.0f), 1});
}

TEST(ExpandMath, CastLikeKnowsTypes) {
  const Tensor x = Tensor::of<float>({1, 3}, {-1.5f, 0, 2.5f});
  expect_near(OneModel("CastLike").in(x).in(Tensor::of<int64_t>({1}, {0})).value(), {-1, 0, 2}, 0);
  expect_near(OneModel("CastLike").in(x).in(Tensor::of<bool>({1}, {true})).value(), {1, 0, 1}, 0);
  expect_near(OneModel("CastLike").in(x).in(Tensor::of<float>({1}, {0})).value(), {-1.5f, 0, 2.5f}, 0);
}

}  // namespace
}  // namespace graupel
