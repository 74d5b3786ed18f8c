// The operators that exporters spell out are found by structure, and only they; the float meaning stays.
#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "ir/evaluate.h"
#include "ir/graph_testing.h"
#include "passes/pipeline.h"

namespace graupel {
namespace {

using Kind = Binary::Kind;

/// A graph over one input, with scalar arithmetic in one word each.
class Sketch {
 public:
  explicit Sketch(Shape input) : builder_(graph_) { x = builder_.input("x", std::move(input)); }

  ValueId unary(UnaryKind kind, ValueId a, float alpha = 0) { return layer(Unary{kind, alpha, 0}, {a}); }
  ValueId clip(ValueId a, float lo, float hi) { return layer(Unary{UnaryKind::kClip, lo, hi}, {a}); }
  ValueId binary(Kind kind, ValueId a, ValueId b) { return layer(Binary{kind, {}}, {a, b}); }
  ValueId affine(ValueId a, float scale, float shift) {
    return layer(Affine{}, {a, constant({1}, {scale}), constant({1}, {shift})});
  }
  /// x from -8 to 8; one scale per channel, so that no scalar arithmetic takes it in.
  ValueId spread() {
    const auto channels = static_cast<std::size_t>(graph_[x].type.shape.back());
    const ValueId scale = constant({static_cast<int64_t>(channels)}, std::vector<float>(channels, 8));
    return layer(Affine{}, {x, scale, constant({1}, {0})});
  }
  ValueId mean(ValueId a, int32_t first, int32_t last) {
    return layer(Reduce{Reduce::Kind::kMean, first, last, true}, {a});
  }
  ValueId layer(Op op, std::vector<ValueId> in) {
    return builder_.layer("layer" + std::to_string(graph_.layers.size()), std::move(op), std::move(in));
  }
  ValueId constant(Shape shape, std::vector<float> values) {
    return builder_.constant(Tensor::of<float>(std::move(shape), std::span<const float>(values)));
  }
  /// x - mean, and the mean of its squares.
  std::pair<ValueId, ValueId> moments(int32_t first, int32_t last) {
    const ValueId difference = binary(Kind::kSub, x, mean(x, first, last));
    return {difference, mean(unary(UnaryKind::kPow, difference, 2), first, last)};
  }

  /// The graph after recognition, which must give the same floats.
  Graph recognized(ValueId output) {
    builder_.output(output);
    Graph after = graph_;
    const auto done = recognize_operators(after);
    EXPECT_TRUE(done.ok()) << (done.ok() ? "" : done.error().text());
    const Tensor input = random_tensor(graph_[x].type.shape, 3);
    const auto before = Evaluator(graph_, 1, Isa::kRef).run(std::span(&input, 1));
    const auto now = Evaluator(after, 1, Isa::kRef).run(std::span(&input, 1));
    EXPECT_TRUE(before.ok() && now.ok());
    const auto want = (*before)[0].as<float>(), got = (*now)[0].as<float>();
    for (std::size_t i = 0; i < want.size(); ++i) EXPECT_NEAR(got[i], want[i], 1e-5) << i;
    return after;
  }

  ValueId x;

 private:
  Graph graph_;
  GraphBuilder builder_;
};

std::string listed(const Graph& graph) {
  std::string text;
  for (const Layer& layer : graph.layers) text += cat(text.empty() ? "" : " ", op_name(layer.op));
  return text;
}

UnaryKind only_unary(const Graph& graph) {
  EXPECT_EQ(listed(graph), "Unary");
  const auto* unary = std::get_if<Unary>(&graph.layers[0].op);
  return unary != nullptr ? unary->kind : UnaryKind::kIdentity;
}

Normalize only_norm(const Graph& graph) {
  EXPECT_EQ(listed(graph), "Normalize");
  const auto* norm = std::get_if<Normalize>(&graph.layers[0].op);
  return norm != nullptr ? *norm : Normalize{};
}

TEST(RecognizeGelu, WithErfAndTheHalfBeforeOrBehind) {
  for (const bool half_first : {false, true}) {
    Sketch s({1, 2, 8});
    const ValueId gate = s.affine(s.unary(UnaryKind::kErf, s.affine(s.x, 0.70710677f, 0)), 1, 1);
    const ValueId y = half_first ? s.binary(Kind::kMul, s.affine(s.x, 0.5f, 0), gate)
                                 : s.affine(s.binary(Kind::kMul, s.x, gate), 0.5f, 0);
    EXPECT_EQ(only_unary(s.recognized(y)), UnaryKind::kGelu);
  }
}

TEST(RecognizeGelu, WithTanhHoweverTheCubeIsWritten) {
  for (const int form : {0, 1, 2}) {
    Sketch s({1, 2, 8});
    ValueId u = s.x;
    if (form == 0) {
      u = s.affine(s.binary(Kind::kAdd, s.x, s.affine(s.unary(UnaryKind::kPow, s.x, 3), 0.044715f, 0)), 0.79788456f, 0);
    } else if (form == 1) {
      const ValueId cube = s.binary(Kind::kMul, s.binary(Kind::kMul, s.x, s.x), s.x);
      u = s.affine(s.binary(Kind::kAdd, s.affine(cube, 0.044715f, 0), s.x), 0.7978846f, 0);
    } else {
      const ValueId factor = s.affine(s.binary(Kind::kMul, s.x, s.x), 0.044715f, 1);
      u = s.binary(Kind::kMul, s.affine(s.x, 0.79788f, 0), factor);
    }
    const ValueId gate = s.affine(s.unary(UnaryKind::kTanh, u), 1, 1);
    const ValueId y = s.affine(s.binary(Kind::kMul, s.x, gate), 0.5f, 0);
    EXPECT_EQ(only_unary(s.recognized(y)), UnaryKind::kGeluTanh) << form;
  }
}

TEST(RecognizeGelu, BehindABiasThatIsAnAffineToo) {
  Sketch s({1, 2, 8});
  const ValueId biased = s.affine(s.x, 1, 0.25f);
  const ValueId gate = s.affine(s.unary(UnaryKind::kErf, s.affine(biased, 0.70710677f, 0)), 1, 1);
  EXPECT_EQ(listed(s.recognized(s.affine(s.binary(Kind::kMul, biased, gate), 0.5f, 0))), "Affine Unary");
}

TEST(RecognizeGelu, NotWithAnotherFactorOrSlope) {
  for (const auto& [slope, half] : {std::pair{0.70710677f, 1.0f}, {0.5f, 0.5f}}) {
    Sketch s({1, 2, 8});
    const ValueId gate = s.affine(s.unary(UnaryKind::kErf, s.affine(s.x, slope, 0)), 1, 1);
    const Graph graph = s.recognized(s.affine(s.binary(Kind::kMul, s.x, gate), half, 0));
    EXPECT_EQ(listed(graph), "Affine Unary Affine Binary Affine");
  }
}

constexpr float kSixth = 1.0f / 6.0f;

TEST(RecognizeHardSwish, InAnyOrderOfItsProducts) {
  for (const int form : {0, 1, 2, 3, 4, 5}) {
    Sketch s({1, 2, 8});
    const ValueId x = s.spread(), six = s.clip(s.affine(x, 1, 3), 0, 6);
    ValueId y = x;
    switch (form) {
      case 0: y = s.affine(s.binary(Kind::kMul, x, six), kSixth, 0); break;
      case 1: y = s.binary(Kind::kMul, s.affine(six, kSixth, 0), x); break;
      case 2: y = s.binary(Kind::kMul, s.affine(x, kSixth, 0), six); break;
      case 3: y = s.binary(Kind::kMul, x, s.clip(s.affine(x, kSixth, 0.5f), 0, 1)); break;
      case 4:
        y = s.affine(s.binary(Kind::kMul, x, s.clip(s.unary(UnaryKind::kRelu, s.affine(x, 1, 3)), -1, 6)), kSixth, 0);
        break;
      case 5: y = s.affine(s.binary(Kind::kMul, s.affine(x, -0.5f, 0), six), -2 * kSixth, 0); break;
    }
    const Graph graph = s.recognized(y);
    ASSERT_EQ(listed(graph), "Affine Unary") << form;
    EXPECT_EQ(std::get<Unary>(graph.layers[1].op).kind, UnaryKind::kHardSwish) << form;
  }
}

TEST(RecognizeHardSwish, BehindABoundOfItsOwnAndNotPastIt) {
  Sketch s({1, 2, 8});
  const ValueId bounded = s.clip(s.x, -2, 1);
  const ValueId six = s.clip(s.affine(bounded, 1, 3), 0, 6);
  EXPECT_EQ(listed(s.recognized(s.affine(s.binary(Kind::kMul, bounded, six), kSixth, 0))), "Unary Unary");
}

TEST(RecognizeHardSwish, NotWithAnotherSlopeBoundOrMultiplicand) {
  struct Case {
    float shift, most, factor;
    bool other;
  };
  for (const Case& c : {Case{2, 6, kSixth, false}, {3, 5, kSixth, false}, {3, 6, 0.2f, false}, {3, 6, kSixth, true}}) {
    Sketch s({1, 2, 8});
    const ValueId x = s.spread(), six = s.clip(s.affine(x, 1, c.shift), 0, c.most);
    const ValueId multiplicand = c.other ? s.unary(UnaryKind::kTanh, x) : x;
    const Graph graph = s.recognized(s.affine(s.binary(Kind::kMul, multiplicand, six), c.factor, 0));
    EXPECT_NE(listed(graph).find("Binary"), std::string::npos);
  }
}

TEST(RecognizeHardSigmoid, WithTheScaleBehindTheBound) {
  Sketch s({1, 2, 8});
  const Graph graph = s.recognized(s.affine(s.clip(s.affine(s.spread(), 2, 3), 0, 6), kSixth, 0));
  ASSERT_EQ(listed(graph), "Affine Unary");
  const Unary& op = std::get<Unary>(graph.layers[1].op);
  EXPECT_EQ(op.kind, UnaryKind::kHardSigmoid);
  EXPECT_FLOAT_EQ(op.alpha, 1.0f / 3);
  EXPECT_FLOAT_EQ(op.beta, 0.5f);
}

TEST(RecognizeHardSigmoid, NotWhereABoundAloneOrAnotherRangeIsLeft) {
  Sketch bound({1, 2, 8}), range({1, 2, 8});
  EXPECT_EQ(listed(bound.recognized(bound.clip(bound.affine(bound.x, 0.2f, 0.5f), 0, 1))), "Affine Unary");
  EXPECT_EQ(listed(range.recognized(range.affine(range.clip(range.affine(range.x, 1, 3), 0, 6), 0.5f, 0))),
            "Affine Unary Affine");
}

TEST(RecognizeNorm, FindsALayerNormAndTakesInItsConstants) {
  Sketch s({1, 5, 8});
  const auto [difference, variance] = s.moments(2, 2);
  const ValueId y = s.binary(Kind::kDiv, difference, s.unary(UnaryKind::kSqrt, s.affine(variance, 1, 1e-5f)));
  const ValueId gamma = s.constant({8}, {1, 2, 3, 4, 5, 6, 7, 8}), zero = s.constant({1}, {0});
  const ValueId one = s.constant({1}, {1}), beta = s.constant({8}, {0, 1, 0, 1, 0, 1, 0, 1});
  const ValueId scaled = s.layer(Affine{}, {y, gamma, zero});
  EXPECT_EQ(only_norm(s.recognized(s.layer(Affine{}, {scaled, one, beta}))),
            (Normalize{Normalize::Kind::kStandard, 2, 1, 1e-5f}));
}

TEST(RecognizeNorm, FindsAnInstanceNormOfTwoDifferencesAndAReciprocalRoot) {
  Sketch s({1, 4, 4, 6});
  const ValueId a = s.binary(Kind::kSub, s.x, s.mean(s.x, 1, 2)), b = s.binary(Kind::kSub, s.x, s.mean(s.x, 1, 2));
  const ValueId variance = s.mean(s.binary(Kind::kMul, b, b), 1, 2);
  const ValueId root = s.unary(UnaryKind::kSqrt, s.affine(variance, 1, 1e-3f));
  const ValueId y = s.binary(Kind::kMul, s.unary(UnaryKind::kReciprocal, root), a);
  EXPECT_EQ(only_norm(s.recognized(y)), (Normalize{Normalize::Kind::kStandard, 1, 6, 1e-3f}));
}

TEST(RecognizeNorm, FindsAnRmsNorm) {
  Sketch s({1, 5, 8});
  const ValueId square = s.unary(UnaryKind::kPow, s.x, 2);
  const ValueId inverse = s.unary(UnaryKind::kPow, s.affine(s.mean(square, 2, 2), 1, 1e-6f), -0.5f);
  EXPECT_EQ(only_norm(s.recognized(s.binary(Kind::kMul, s.x, inverse))),
            (Normalize{Normalize::Kind::kRms, 2, 1, 1e-6f}));
}

TEST(RecognizeNorm, FindsAnL2NormWithAndWithoutABound) {
  for (const bool bounded : {false, true}) {
    Sketch s({1, 5, 8});
    ValueId length = s.layer(Reduce{Reduce::Kind::kL2, 2, 2, true}, {s.x});
    if (!bounded)
      length =
          s.unary(UnaryKind::kSqrt, s.layer(Reduce{Reduce::Kind::kSum, 2, 2, true}, {s.binary(Kind::kMul, s.x, s.x)}));
    if (bounded) length = s.layer(Unary{UnaryKind::kClip, 1e-12f, std::numeric_limits<float>::infinity()}, {length});
    const Normalize op = only_norm(s.recognized(s.binary(Kind::kDiv, s.x, length)));
    EXPECT_EQ(op.kind, Normalize::Kind::kL2);
    EXPECT_EQ(op.first_axis, 2);
  }
}

TEST(RecognizeNorm, NotWhereMeansGoOverDifferentAxes) {
  Sketch s({1, 4, 5, 6});
  const ValueId difference = s.binary(Kind::kSub, s.x, s.mean(s.x, 3, 3));
  const ValueId variance = s.mean(s.unary(UnaryKind::kPow, difference, 2), 2, 3);
  const ValueId root = s.unary(UnaryKind::kSqrt, s.affine(variance, 1, 1e-5f));
  const Graph graph = s.recognized(s.binary(Kind::kDiv, difference, root));
  EXPECT_EQ(listed(graph).find("Normalize"), std::string::npos);
}

TEST(RecognizeGroupNorm, TakesTheImageAsItLies) {
  Sketch s({1, 4, 5, 6});
  const ValueId planes = s.layer(Reshape{{1, 2, 60}}, {s.layer(Transpose{{0, 3, 1, 2}}, {s.x})});
  const ValueId one = s.constant({1}, {1}), zero = s.constant({1}, {0});
  const ValueId norm = s.layer(Normalize{Normalize::Kind::kStandard, 2, 1, 1e-5f}, {planes, one, zero});
  const ValueId image = s.layer(Transpose{{0, 2, 3, 1}}, {s.layer(Reshape{{1, 6, 4, 5}}, {norm})});
  EXPECT_EQ(only_norm(s.recognized(image)), (Normalize{Normalize::Kind::kStandard, 1, 2, 1e-5f}));
}

TEST(RecognizePointwise, MakesAConvolutionOfAMatrixOverPixels) {
  Sketch image({1, 4, 5, 3}), row({1, 5, 3});
  for (Sketch* s : {&image, &row}) {
    const ValueId weights = s->constant({3, 2}, {1, 2, 3, 4, 5, 6}), bias = s->constant({2}, {0.5f, -1});
    EXPECT_EQ(listed(s->recognized(s->layer(Dense{}, {s->x, weights, bias}))), s == &image ? "Conv" : "Dense");
  }
}

TEST(HoldMask, KeepsWhatSoftmaxHidesWithinReachOfTheScores) {
  constexpr float kInf = std::numeric_limits<float>::infinity();
  Sketch s({1, 2, 2, 3});
  const ValueId mask = s.constant({1, 1, 2, 3}, {0, -kInf, -1, -3e38f, 0, -1e9f});
  const Graph graph = s.recognized(s.layer(Softmax{3}, {s.binary(Kind::kAdd, s.x, mask)}));
  const auto held = graph[graph.layers[0].in[1]].constant->as<float>();
  EXPECT_EQ(std::vector<float>(held.begin(), held.end()), (std::vector<float>{0, -128, -1, -128, 0, -128}));
}

}  // namespace
}  // namespace graupel
