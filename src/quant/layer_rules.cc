#include "quant/layer_rules.h"

#include <algorithm>
#include <charconv>
#include <cmath>

namespace graupel {
namespace {

Result<> check_interval(const std::optional<Interval>& range, std::string_view what) {
  if (!range || (std::isfinite(range->lo) && std::isfinite(range->hi) && range->lo < range->hi)) return {};
  return invalid(what, " [", range->lo, ", ", range->hi, "] (accepted: two finite numbers, the lower first)");
}

Result<> check_clipping(const Clipping& clipping, std::string_view what) {
  const bool percentile = clipping.mode == Clipping::Mode::kPercentile;
  if (clipping.mode != Clipping::Mode::kManual && !percentile) return {};
  GRAUPEL_DO(check_interval(clipping.values, what));
  if (percentile && (clipping.values.lo < 0 || clipping.values.hi > 100))
    return invalid(what, " has percentiles ", clipping.values.lo, " and ", clipping.values.hi, " (accepted: 0 to 100)");
  return {};
}

Result<> check(const LayerQuantization& asked) {
  GRAUPEL_DO(check_interval(asked.range_in, "the input range"));
  GRAUPEL_DO(check_interval(asked.range_out, "the output range"));
  GRAUPEL_DO(check_clipping(asked.activations, "the clipping of activations"));
  return check_clipping(asked.weights, "the clipping of weights");
}

class RuleMaker {
 public:
  RuleMaker(const Graph& graph, const std::vector<uint32_t>& groups, const QuantizeOptions& options)
      : graph_(graph), groups_(groups), options_(options), uses_(graph) {
    rules_.values.resize(graph.values.size());
    rules_.layers.resize(graph.layers.size());
  }

  Result<QuantRules> run() {
    for (const auto& [name, asked] : options_.layers) GRAUPEL_DO(add(name, asked).within("layer '", name, "'"));
    if (options_.precision) add_everywhere(*options_.precision);
    keep_scales_of_the_model();
    widen_fixed();
    return std::move(rules_);
  }

 private:
  ValueRule& rule(ValueId value) { return rules_.values[groups_[static_cast<uint32_t>(value)]]; }

  Result<> add(const std::string& name, const LayerQuantization& asked) {
    GRAUPEL_DO(check(asked));
    if (const std::optional<ValueId> port = port_named(name)) {
      add_value(*port, asked);
      return {};
    }
    const auto found = std::find_if(graph_.layers.begin(), graph_.layers.end(),
                                    [&](const Layer& layer) { return layer.name == name; });
    if (found == graph_.layers.end()) return invalid("the optimized graph has no layer of this name");
    add_layer(static_cast<uint32_t>(found - graph_.layers.begin()), asked);
    return {};
  }

  void add_everywhere(const Precision& precision) {
    LayerQuantization all;
    all.precision = precision;
    const auto listed = [&](const std::string& name) {
      const auto found = options_.layers.find(name);
      return found != options_.layers.end() && found->second.precision;
    };
    for (uint32_t i = 0; i < graph_.layers.size(); ++i)
      if (!listed(graph_.layers[i].name)) add_layer(i, all);
    for (std::size_t i = 0; i < graph_.inputs.size(); ++i)
      if (!listed(cat("input_layer", i + 1))) rule(graph_.inputs[i]).wide |= precision.output == 16;
  }

  /// "input_layer1" and the like.
  std::optional<ValueId> port_named(const std::string& name) const {
    for (const auto& [prefix, ids] :
         {std::pair{std::string("input_layer"), &graph_.inputs}, {std::string("output_layer"), &graph_.outputs}})
      for (std::size_t i = 0; i < ids->size(); ++i)
        if (name == cat(prefix, i + 1)) return (*ids)[i];
    return {};
  }

  /// The activation that alone reads what `layer` makes, unless options speak of it.
  std::optional<LayerId> activation_of(const Layer& layer) const {
    if (!uses_.read_once(layer.out[0])) return {};
    const LayerId reader = uses_.readers[static_cast<uint32_t>(layer.out[0])][0];
    const Unary* unary = std::get_if<Unary>(&graph_[reader].op);
    if (unary == nullptr || unary->kind == UnaryKind::kIdentity || options_.layers.contains(graph_[reader].name))
      return {};
    return reader;
  }

  void add_layer(uint32_t number, const LayerQuantization& asked) {
    const Layer& layer = graph_.layers[number];
    const std::optional<LayerId> activation = activation_of(layer);
    const ValueId made = activation ? graph_[*activation].out[0] : layer.out[0];
    const bool wide_out = asked.precision && asked.precision->output == 16;
    const bool wide_in = asked.precision && asked.precision->input == 16;
    if (activation) rule(layer.out[0]).wide |= wide_out;
    add_value(made, asked);
    LayerRule& own = rules_.layers[number];
    if (asked.precision) own.weight_bits = asked.precision->weights;
    own.wide_operands = wide_in;
    if (asked.weights.mode != Clipping::Mode::kDefault) own.weights = asked.weights;
    for (ValueId in : layer.in) {
      if (graph_[in].constant) continue;
      if (wide_in && !is_input_group(in)) rule(in).wide = true;
      if (in == layer.in[0] && asked.range_in) force(in, *asked.range_in);
    }
  }

  bool is_input_group(ValueId value) const {
    return std::any_of(graph_.inputs.begin(), graph_.inputs.end(), [&](ValueId input) {
      return groups_[static_cast<uint32_t>(input)] == groups_[static_cast<uint32_t>(value)];
    });
  }

  void add_value(ValueId value, const LayerQuantization& asked) {
    rule(value).wide |= asked.precision && asked.precision->output == 16;
    rule(value).asked |= asked.precision.has_value();
    if (asked.range_out) force(value, *asked.range_out);
    if (rule(value).clipping.mode == Clipping::Mode::kDefault) rule(value).clipping = asked.activations;
  }

  void force(ValueId value, const Interval& range) {
    std::optional<Interval>& forced = rule(value).forced;
    forced = forced ? Interval{std::min(forced->lo, range.lo), std::max(forced->hi, range.hi)} : range;
  }

  /// The range of a tensor that the model itself quantizes is that of the model's codes, unless options force another.
  void keep_scales_of_the_model() {
    std::vector<bool> free(rules_.values.size());
    for (std::size_t i = 0; i < free.size(); ++i) free[i] = !rules_.values[i].forced;
    for (const Layer& layer : graph_.layers) {
      const auto* op = std::get_if<QuantizeLinear>(&layer.op);
      if (op == nullptr || op->form != QuantizeLinear::Form::kRounded) continue;
      const auto real = [&](int32_t code) { return double{op->scale} * (code - op->zero_point); };
      if (free[groups_[static_cast<uint32_t>(layer.out[0])]]) force(layer.out[0], {real(op->least), real(op->most)});
    }
  }

  /// What dictates its output's quantization makes codes of the type that it reads.
  void widen_fixed() {
    for (bool changed = true; changed;) {
      changed = false;
      for (const Layer& layer : graph_.layers) {
        if (quant_rule(layer.op) != QuantRule::kFixed || is_host(layer.op)) continue;
        ValueRule &in = rule(layer.in[0]), &out = rule(layer.out[0]);
        changed |= in.wide != out.wide;
        in.wide = out.wide = in.wide || out.wide;
      }
    }
  }

  const Graph& graph_;
  const std::vector<uint32_t>& groups_;
  const QuantizeOptions& options_;
  Uses uses_;
  QuantRules rules_;
};

}  // namespace

Result<QuantRules> quant_rules(const Graph& graph, const std::vector<uint32_t>& groups,
                               const QuantizeOptions& options) {
  return RuleMaker(graph, groups, options).run();
}

Result<RangeMethod> parse_range_method(std::string_view name) {
  if (name == "mse") return RangeMethod::kMse;
  if (name == "percentile") return RangeMethod::kPercentile;
  if (name == "minmax") return RangeMethod::kMinMax;
  return invalid("range method '", name, "' (accepted: mse, percentile, minmax)");
}

Result<Precision> parse_precision(std::string_view mode) {
  constexpr std::string_view kAccepted =
      "aX_wY or aX_wY_aZ with 8 or 16 bits of activations X and Z, and 4, 8 or 16 bits of weights Y";
  const Error wrong = invalid("precision mode '", mode, "' (accepted: ", kAccepted, ")");
  if (mode == "native" || mode == "a8_w4_exp" || mode == "a16_w16_non_zero")
    return unsupported("precision mode '", mode, "' has no meaning here (supported: ", kAccepted, ")");
  int bits[3] = {};
  std::size_t count = 0;
  for (std::string_view rest = mode; !rest.empty() && count < 3; ++count) {
    if (rest[0] != (count == 1 ? 'w' : 'a')) return wrong;
    const auto [end, error] = std::from_chars(rest.data() + 1, rest.data() + rest.size(), bits[count]);
    if (error != std::errc{}) return wrong;
    rest.remove_prefix(static_cast<std::size_t>(end - rest.data()));
    if (rest.empty()) continue;
    if (rest[0] != '_' || rest.size() == 1 || count == 2) return wrong;
    rest.remove_prefix(1);
  }
  if (count < 2) return wrong;
  const Precision precision{bits[0], bits[1], count == 3 ? bits[2] : bits[0]};
  const auto activation = [](int n) { return n == 8 || n == 16; };
  if (!activation(precision.input) || !activation(precision.output) ||
      (precision.weights != 4 && !activation(precision.weights)))
    return wrong;
  return precision;
}

}  // namespace graupel
