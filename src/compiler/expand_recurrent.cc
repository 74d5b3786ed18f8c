// ONNX LSTM, GRU and RNN of a fixed, short length: their steps one after another.
#include <algorithm>

#include "compiler/expand_rules.h"

namespace graupel {
namespace {

constexpr int64_t kMostSteps = 128;

enum Input : std::size_t { kX, kWeights, kRecurrent, kBias, kLengths, kHidden, kCell, kPeepholes };

/// Extents and attributes. Tensors are [steps, batch, ..] unless batch_first.
struct Form {
  int64_t steps = 1, batch = 1, hidden = 1, directions = 1, gates = 1;
  bool batch_first = false, backward = false;
  std::vector<std::string> activations;  ///< of each direction in turn
};

Result<std::vector<std::string>> read_activations(const onnx::Node& node, std::vector<std::string> defaults,
                                                  int64_t directions) {
  const std::size_t wanted = defaults.size() * static_cast<std::size_t>(directions);
  std::vector<std::string> names;
  if (const auto given = node.attributes.find("activations"); given != node.attributes.end()) {
    const auto* list = std::get_if<std::vector<std::string>>(&given->second);
    if (list == nullptr) return invalid("attribute activations is no list of names");
    names = *list;
  } else {
    while (names.size() < wanted) names.insert(names.end(), defaults.begin(), defaults.end());
  }
  if (names.size() != wanted)
    return invalid("attribute activations has ", names.size(), " names; ", wanted, " are needed");
  constexpr std::string_view kKnown[] = {"Relu", "Sigmoid", "Softplus", "Softsign", "Tanh"};
  for (const std::string& name : names)
    if (std::find(std::begin(kKnown), std::end(kKnown), name) == std::end(kKnown))
      return unsupported("attribute activations holds '", name,
                         "' (supported: Relu, Sigmoid, Softplus, Softsign, Tanh)");
  return names;
}

Result<> refuse_what_is_not_meant(const ExpandContext& context) {
  for (const char* key : {"clip", "activation_alpha", "activation_beta"})
    if (context.node.has(key)) return unsupported("attribute ", key, " is given (supported: none)");
  GRAUPEL_TRY(const int64_t coupled, context.node.integer("input_forget", 0));
  if (coupled != 0) return unsupported("attribute input_forget is ", coupled, " (supported: 0)");
  return {};
}

Result<> expect_full_lengths(const ExpandContext& context, int64_t steps) {
  if (!context.has(kLengths)) return {};
  const Tensor* lengths = context.in[kLengths];
  const bool full = lengths != nullptr && lengths->type.dtype == DType::kS32 &&
                    std::ranges::all_of(lengths->as<int32_t>(), [&](int32_t length) { return length == steps; });
  if (!full) return unsupported("input 4 (sequence_lens) is not constantly ", steps, ", the length of the input");
  return {};
}

Result<Form> read_form(const ExpandContext& context, int64_t gates, const std::vector<std::string>& defaults) {
  GRAUPEL_DO(refuse_what_is_not_meant(context));
  Form form;
  form.gates = gates;
  GRAUPEL_TRY(const int64_t layout, context.node.integer("layout", 0));
  form.batch_first = layout != 0;
  GRAUPEL_TRY(const Shape x, context.shape(kX, 3));
  form.steps = x[form.batch_first ? 1 : 0];
  form.batch = x[form.batch_first ? 0 : 1];
  GRAUPEL_TRY(const std::string direction, context.node.text("direction", "forward"));
  form.directions = direction == "bidirectional" ? 2 : 1;
  form.backward = direction == "reverse";
  if (direction != "forward" && direction != "reverse" && direction != "bidirectional")
    return invalid("attribute direction is '", direction, "' (accepted: forward, reverse, bidirectional)");
  GRAUPEL_TRY(const Shape recurrent, context.shape(kRecurrent, 3));
  form.hidden = recurrent[2];
  if (recurrent != Shape{form.directions, gates * form.hidden, form.hidden})
    return invalid("input 2 (R) has shape ", to_string(recurrent), " for ", form.directions, " directions and ", gates,
                   " gates");
  if (form.steps < 1 || form.steps * form.directions > kMostSteps)
    return unsupported(form.steps, " steps in ", form.directions, " directions (supported: 1 to ", kMostSteps,
                       " in all, which become layers of their own)");
  GRAUPEL_DO(expect_full_lengths(context, form.steps));
  GRAUPEL_TRY(form.activations, read_activations(context.node, defaults, form.directions));
  return form;
}

/// One direction of a network while its nodes are made.
class Direction {
 public:
  Direction(NodeList& nodes, const ExpandContext& context, const Form& form, int64_t number)
      : nodes_(nodes), context_(context), form_(form), number_(number) {}

  /// The operand's part of this direction, or "" when it is not given.
  std::string own(Input input) const {
    return context_.has(input) ? nodes_.pick(context_.node.inputs[input], 0, number_) : "";
  }
  /// [batch, hidden] before the first step; "" is zeros.
  std::string start(Input input) const {
    return context_.has(input) ? nodes_.pick(context_.node.inputs[input], form_.batch_first ? 1 : 0, number_) : "";
  }
  /// Part `i` of what has one part of `hidden` elements per gate, along its last extent.
  std::string gate(const std::string& all, int64_t axis, int64_t i, int64_t count = 1) const {
    if (all.empty()) return "";
    return nodes_.slice(all, axis, i * form_.hidden, (i + count) * form_.hidden);
  }
  /// Rows of a matrix [gates * hidden, K] from gate `first`, ready to be multiplied with from the left: [K, ..].
  std::string weights(Input input, int64_t first, int64_t count) const {
    return nodes_.transpose(gate(own(input), 0, first, count), {1, 0});
  }
  /// The two biases: of the input from `first`, of the state from `gates + first`.
  std::string bias(bool of_state, int64_t first, int64_t count) const {
    return gate(own(kBias), 0, (of_state ? form_.gates : 0) + first, count);
  }
  /// a + b, where "" is nothing.
  std::string sum(const std::string& a, const std::string& b) const {
    return a.empty() ? b : b.empty() ? a : nodes_.add("Add", {a, b});
  }
  std::string product(const std::string& a, const std::string& b) const {
    return a.empty() || b.empty() ? "" : nodes_.add("Mul", {a, b});
  }
  std::string times(const std::string& x, const std::string& matrix) const {
    return x.empty() ? "" : nodes_.add("MatMul", {x, matrix});
  }
  std::string activated(std::size_t which, const std::string& x) const {
    const std::size_t each = form_.activations.size() / static_cast<std::size_t>(form_.directions);
    return nodes_.add(form_.activations[static_cast<std::size_t>(number_) * each + which], {x});
  }
  /// [steps, batch, gates * hidden]: what the inputs bring to all gates at all steps.
  std::string inputs() const {
    std::string x = context_.node.inputs[kX];
    if (form_.batch_first) x = nodes_.transpose(x, {1, 0, 2});
    return sum(times(x, weights(kWeights, 0, form_.gates)), bias(false, 0, form_.gates));
  }
  /// The steps in the order of this direction.
  std::vector<int64_t> order() const {
    std::vector<int64_t> order;
    for (int64_t t = 0; t < form_.steps; ++t) order.push_back(t);
    if (form_.backward || number_ == 1) std::reverse(order.begin(), order.end());
    return order;
  }
  NodeList& nodes() const { return nodes_; }

 private:
  NodeList& nodes_;
  const ExpandContext& context_;
  const Form& form_;
  int64_t number_;
};

/// What a direction leaves: the state after every step, by position, and after the last.
struct Run {
  std::vector<std::string> states;
  std::string hidden, cell;
};

Run run_lstm(const Direction& d, const Form& form) {
  Run run{std::vector<std::string>(static_cast<std::size_t>(form.steps)), d.start(kHidden), d.start(kCell)};
  const std::string inputs = d.sum(d.inputs(), d.bias(true, 0, 4)), recurrent = d.weights(kRecurrent, 0, 4);
  const std::string peepholes = d.own(kPeepholes);
  for (const int64_t t : d.order()) {
    const std::string all = d.sum(d.nodes().pick(inputs, 0, t), d.times(run.hidden, recurrent));
    const auto gate = [&](int64_t which, const std::string& cell, int64_t peephole) {
      return d.activated(0, d.sum(d.gate(all, 1, which), d.product(cell, d.gate(peepholes, 0, peephole))));
    };
    const std::string in = gate(0, run.cell, 0), forget = gate(2, run.cell, 2);
    const std::string update = d.product(in, d.activated(1, d.gate(all, 1, 3)));
    run.cell = d.sum(d.product(forget, run.cell), update);
    run.hidden = d.product(gate(1, run.cell, 1), d.activated(2, run.cell));
    run.states[static_cast<std::size_t>(t)] = run.hidden;
  }
  return run;
}

/// With `reset_after` the reset gate acts on what the state brings, else on the state.
Run run_gru(const Direction& d, const Form& form, bool reset_after) {
  Run run{std::vector<std::string>(static_cast<std::size_t>(form.steps)), d.start(kHidden), ""};
  const std::string inputs = d.inputs(), gates = d.weights(kRecurrent, 0, 2), update = d.weights(kRecurrent, 2, 1);
  const std::string gate_bias = d.bias(true, 0, 2), update_bias = d.bias(true, 2, 1);
  for (const int64_t t : d.order()) {
    const std::string all = d.nodes().pick(inputs, 0, t);
    const std::string both = d.activated(0, d.sum(d.sum(d.gate(all, 1, 0, 2), d.times(run.hidden, gates)), gate_bias));
    const std::string keep = d.gate(both, 1, 0), reset = d.gate(both, 1, 1);
    const std::string brought = reset_after ? d.product(reset, d.sum(d.times(run.hidden, update), update_bias))
                                            : d.sum(d.times(d.product(reset, run.hidden), update), update_bias);
    const std::string fresh = d.activated(1, d.sum(d.gate(all, 1, 2), brought));
    const std::string rest = d.nodes().add("Sub", {d.nodes().constant(1), keep});
    run.hidden = d.sum(d.product(rest, fresh), d.product(keep, run.hidden));
    run.states[static_cast<std::size_t>(t)] = run.hidden;
  }
  return run;
}

Run run_rnn(const Direction& d, const Form& form) {
  Run run{std::vector<std::string>(static_cast<std::size_t>(form.steps)), d.start(kHidden), ""};
  const std::string inputs = d.sum(d.inputs(), d.bias(true, 0, 1)), recurrent = d.weights(kRecurrent, 0, 1);
  for (const int64_t t : d.order()) {
    run.hidden = d.activated(0, d.sum(d.nodes().pick(inputs, 0, t), d.times(run.hidden, recurrent)));
    run.states[static_cast<std::size_t>(t)] = run.hidden;
  }
  return run;
}

/// [directions, batch, hidden] of one state of each direction, or with the batch first.
std::string stacked(NodeList& nodes, const Form& form, const NodeList::Names& states) {
  NodeList::Names parts;
  const Shape shape = form.batch_first ? Shape{form.batch, 1, form.hidden} : Shape{1, form.batch, form.hidden};
  for (const std::string& state : states) parts.push_back(nodes.reshape(state, shape));
  return nodes.concat(parts, form.batch_first ? 1 : 0);
}

template <class RunOne>
Expanded expand_network(const ExpandContext& context, const Form& form, RunOne run_one) {
  NodeList nodes(context.node);
  NodeList::Names steps, hidden, cells;
  std::vector<Run> runs;
  for (int64_t number = 0; number < form.directions; ++number)
    runs.push_back(run_one(Direction(nodes, context, form, number)));
  if (context.makes(0)) {
    const Shape shape = form.batch_first ? Shape{form.batch, 1, 1, form.hidden} : Shape{1, 1, form.batch, form.hidden};
    for (int64_t t = 0; t < form.steps; ++t) {
      NodeList::Names parts;
      for (const Run& run : runs) parts.push_back(nodes.reshape(run.states[static_cast<std::size_t>(t)], shape));
      steps.push_back(nodes.concat(parts, form.batch_first ? 2 : 1));
    }
    nodes.output(0, nodes.concat(steps, form.batch_first ? 1 : 0));
  }
  for (const Run& run : runs) {
    hidden.push_back(run.hidden);
    cells.push_back(run.cell);
  }
  if (context.makes(1)) nodes.output(1, stacked(nodes, form, hidden));
  if (context.makes(2)) nodes.output(2, stacked(nodes, form, cells));
  return nodes.take();
}

Expanded expand_lstm(const ExpandContext& context) {
  GRAUPEL_TRY(const Form form, read_form(context, 4, {"Sigmoid", "Tanh", "Tanh"}));
  return expand_network(context, form, [&](const Direction& d) { return run_lstm(d, form); });
}

Expanded expand_gru(const ExpandContext& context) {
  GRAUPEL_TRY(const Form form, read_form(context, 3, {"Sigmoid", "Tanh"}));
  GRAUPEL_TRY(const int64_t after, context.node.integer("linear_before_reset", 0));
  return expand_network(context, form, [&](const Direction& d) { return run_gru(d, form, after != 0); });
}

Expanded expand_rnn(const ExpandContext& context) {
  GRAUPEL_TRY(const Form form, read_form(context, 1, {"Tanh"}));
  return expand_network(context, form, [&](const Direction& d) { return run_rnn(d, form); });
}

constexpr ExpandRule kRules[] = {{"GRU", expand_gru}, {"LSTM", expand_lstm}, {"RNN", expand_rnn}};

}  // namespace

std::span<const ExpandRule> recurrent_expansions() { return kRules; }

}  // namespace graupel
