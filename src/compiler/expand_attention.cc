// ONNX Attention as products, masks and a softmax, and RotaryEmbedding as slices and products.
#include <algorithm>
#include <cmath>
#include <limits>

#include "compiler/expand_rules.h"

namespace graupel {
namespace {

/// What is added to the score of a key that a query must not see: its weight is below 1e-30 then, unless scores differ
/// by more than 60. It is no lower, because quantized scores share one scale with it. Exporters write "not seen" as
/// numbers from kLowest down.
constexpr float kUnseen = -128, kLowest = -1e4f;

enum Input : std::size_t { kQuery, kKey, kValue, kMask, kPastKey, kPastValue, kLengths };

/// Extents and attributes of an attention.
struct Form {
  int64_t batch = 1, queries = 1, heads = 1, key_heads = 1, size = 1, value_size = 1;
  int64_t new_keys = 1, past = 0, keys = 1;
  bool flat = false;  ///< heads and their elements are one extent
  bool causal = false;
  int64_t left = -1, right = -1;  ///< how far a query sees; -1: without end
  float scale = 1, softcap = 0;
  int64_t shown = 0;  ///< which scores the fourth output shows
};

Result<int64_t> heads_of(const ExpandContext& context, const char* key, int64_t hidden) {
  GRAUPEL_TRY(const int64_t heads, context.node.integer(key, 0));
  if (heads < 1 || hidden % heads != 0)
    return invalid("attribute ", key, " is ", heads, " for an extent of ", hidden, " (accepted: what divides it)");
  return heads;
}

Result<Form> read_extents(const ExpandContext& context) {
  GRAUPEL_TRY(const Shape query, context.shape(kQuery));
  const int rank = static_cast<int>(query.size());
  if (rank != 3 && rank != 4) return invalid("input 0 (Q) has shape ", to_string(query), "; 3 or 4 extents are needed");
  GRAUPEL_TRY(const Shape key, context.shape(kKey, rank));
  GRAUPEL_TRY(const Shape value, context.shape(kValue, rank));
  Form form;
  form.flat = rank == 3;
  form.batch = query[0];
  if (form.flat) {
    GRAUPEL_TRY(form.heads, heads_of(context, "q_num_heads", query[2]));
    GRAUPEL_TRY(form.key_heads, heads_of(context, "kv_num_heads", key[2]));
    if (value[2] % form.key_heads != 0)
      return invalid("input 2 (V) has shape ", to_string(value), " for ", form.key_heads, " heads");
    form.size = query[2] / form.heads;
    form.value_size = value[2] / form.key_heads;
  } else {
    form.heads = query[1];
    form.key_heads = key[1];
    form.size = query[3];
    form.value_size = value[3];
  }
  form.queries = query[static_cast<std::size_t>(rank) - 2];
  form.new_keys = key[static_cast<std::size_t>(rank) - 2];
  if (form.key_heads < 1 || form.heads % form.key_heads != 0)
    return invalid(form.heads, " heads of queries for ", form.key_heads, " of keys; they must be a multiple");
  if (context.has(kPastKey) != context.has(kPastValue))
    return invalid("one of inputs 4 (past_key) and 5 (past_value) is missing");
  if (context.has(kPastKey)) {
    GRAUPEL_TRY(const Shape past, context.shape(kPastKey, 4));
    form.past = past[2];
  }
  form.keys = form.past + form.new_keys;
  if (element_count(query) < 1 || form.keys < 1)
    return unsupported("no queries or no keys: Q has shape ", to_string(query), ", K ", to_string(key));
  return form;
}

Result<Form> read_form(const ExpandContext& context) {
  GRAUPEL_TRY(Form form, read_extents(context));
  const onnx::Node& node = context.node;
  GRAUPEL_TRY(const int64_t causal, node.integer("is_causal", 0));
  form.causal = causal != 0;
  GRAUPEL_TRY(form.left, node.integer("left_window_size", -1));
  GRAUPEL_TRY(form.right, node.integer("right_window_size", -1));
  GRAUPEL_TRY(form.scale, node.real("scale", 0));
  if (form.scale == 0) form.scale = static_cast<float>(1 / std::sqrt(static_cast<double>(form.size)));
  GRAUPEL_TRY(form.softcap, node.real("softcap", 0));
  GRAUPEL_TRY(form.shown, node.integer("qk_matmul_output_mode", 0));
  if (form.shown < 0 || form.shown > 3)
    return invalid("attribute qk_matmul_output_mode is ", form.shown, " (accepted: 0 to 3)");
  if (!(form.softcap >= 0)) return invalid("attribute softcap is ", form.softcap, " (accepted: 0 or more)");
  return form;
}

// What a query sees is known when the model is read: the order of tokens, a window, lengths and constant masks.

/// A constant mask as [batch or 1, heads or 1, queries or 1, keys given].
struct ConstantMask {
  Shape shape = {1, 1, 1, 0};
  std::vector<float> values;

  /// What is added to a score; -inf where the key is not seen. Keys that the mask does not reach are not seen.
  float at(int64_t b, int64_t h, int64_t q, int64_t k) const {
    if (values.empty()) return 0;
    if (k >= shape[3] && shape[3] != 1) return -std::numeric_limits<float>::infinity();
    const int64_t index[] = {b, h, q, k};
    int64_t offset = 0;
    for (std::size_t i = 0; i < 4; ++i) offset = offset * shape[i] + (shape[i] == 1 ? 0 : index[i]);
    return values[static_cast<std::size_t>(offset)];
  }
};

Result<ConstantMask> constant_mask(const ExpandContext& context, const Form& form) {
  ConstantMask mask;
  const Tensor* given = kMask < context.in.size() ? context.in[kMask] : nullptr;
  if (given == nullptr) return mask;
  const Shape& shape = given->type.shape;
  const Shape whole = {form.batch, form.heads, form.queries, form.keys};
  bool fits = !shape.empty() && shape.size() <= 4;
  if (fits) {
    mask.shape.assign(4, 1);
    std::copy(shape.begin(), shape.end(), mask.shape.end() - static_cast<std::ptrdiff_t>(shape.size()));
    for (std::size_t i = 0; i < 4; ++i)
      fits &= mask.shape[i] == 1 || mask.shape[i] == whole[i] || (i == 3 && mask.shape[i] < whole[i]);
  }
  if (!fits || element_count(shape) < 1)
    return invalid("input 3 (attn_mask) has shape ", to_string(shape), " for scores of shape ", to_string(whole));
  if (given->type.dtype == DType::kBool)
    for (const bool seen : given->as<bool>()) mask.values.push_back(seen ? 0 : -std::numeric_limits<float>::infinity());
  else if (given->type.dtype == DType::kF32)
    mask.values.assign(given->as<float>().begin(), given->as<float>().end());
  else if (given->type.dtype == DType::kF64)
    for (const double value : given->as<double>()) mask.values.push_back(static_cast<float>(value));
  else
    return invalid("input 3 (attn_mask) is ", to_string(given->type.dtype), " (accepted: bool, floats)");
  return mask;
}

/// How many keys of each frame are there, or nothing.
Result<std::vector<int64_t>> lengths_of(const ExpandContext& context, const Form& form) {
  std::vector<int64_t> lengths;
  if (!context.has(kLengths)) return lengths;
  const Tensor* given = context.in[kLengths];
  if (given == nullptr || given->type.dtype != DType::kS64)
    return unsupported("input 6 (nonpad_kv_seqlen) is computed at run time (supported: an s64 constant)");
  lengths.assign(given->as<int64_t>().begin(), given->as<int64_t>().end());
  if (static_cast<int64_t>(lengths.size()) != form.batch)
    return invalid("input 6 (nonpad_kv_seqlen) has ", lengths.size(), " elements for a batch of ", form.batch);
  return lengths;
}

/// What is added to the scores, and 0 for each query that sees no key.
struct Bias {
  Shape shape;  ///< [batch or 1, heads or 1, queries, keys]
  std::vector<float> added;
  std::vector<float> alive;
  bool adds = false, hides_all = false;
};

Result<Bias> constant_bias(const ExpandContext& context, const Form& form) {
  GRAUPEL_TRY(const ConstantMask mask, constant_mask(context, form));
  GRAUPEL_TRY(const std::vector<int64_t> lengths, lengths_of(context, form));
  Bias bias;
  bias.shape = {lengths.empty() ? mask.shape[0] : form.batch, mask.shape[1], form.queries, form.keys};
  if (element_count(bias.shape) > kMostExpandedElements)
    return unsupported("a mask of shape ", to_string(bias.shape), " (supported: up to ", kMostExpandedElements,
                       " elements)");
  for (int64_t b = 0; b < bias.shape[0]; ++b)
    for (int64_t h = 0; h < bias.shape[1]; ++h)
      for (int64_t q = 0; q < form.queries; ++q) {
        const int64_t length = lengths.empty() ? form.keys : lengths[static_cast<std::size_t>(b)];
        const int64_t at = q + (lengths.empty() ? form.past : length - form.queries);
        bool alive = false;
        for (int64_t k = 0; k < form.keys; ++k) {
          const float value = mask.at(b, h, q, k);
          const bool seen = k < length && (!form.causal || k <= at) && (form.left < 0 || at - k <= form.left) &&
                            (form.right < 0 || k - at <= form.right) && value > kLowest;
          bias.added.push_back(seen ? value : kUnseen);
          alive |= seen;
          bias.adds |= bias.added.back() != 0;
        }
        bias.alive.push_back(alive ? 1 : 0);
        bias.hides_all |= !alive;
      }
  return bias;
}

// The nodes.

/// A mask that is computed: added to the scores, or chosen by where it is of truth values.
Result<std::string> with_computed_mask(NodeList& nodes, const ExpandContext& context, const Form& form,
                                       const std::string& scores) {
  if (!context.has(kMask) || context.in[kMask] != nullptr) return scores;
  const Shape& shape = *context.shapes[kMask];
  if (shape.empty() || (shape.back() != form.keys && shape.back() != 1))
    return unsupported("input 3 (attn_mask) of shape ", to_string(shape), " is computed at run time and has not all ",
                       form.keys, " keys (supported: a constant, or one with all keys)");
  std::string mask = context.node.inputs[kMask];
  if (context.types[kMask] == DType::kBool)
    mask = nodes.add("Where", {mask, nodes.constant(0), nodes.constant(kUnseen)});
  return nodes.add("Add", {scores, mask});
}

struct Operands {
  std::string query, key, value;  ///< [batch, heads, tokens, elements]
};

Operands operands(NodeList& nodes, const ExpandContext& context, const Form& form) {
  const auto with_heads = [&](Input input, int64_t tokens, int64_t heads, int64_t size) {
    const std::string& name = context.node.inputs[input];
    if (!form.flat) return name;
    return nodes.transpose(nodes.reshape(name, {form.batch, tokens, heads, size}), {0, 2, 1, 3});
  };
  const auto after_past = [&](Input past, const std::string& now) {
    return form.past == 0 ? now : nodes.concat({context.node.inputs[past], now}, 2);
  };
  Operands result;
  result.query = with_heads(kQuery, form.queries, form.heads, form.size);
  result.key = after_past(kPastKey, with_heads(kKey, form.new_keys, form.key_heads, form.size));
  result.value = after_past(kPastValue, with_heads(kValue, form.new_keys, form.key_heads, form.value_size));
  return result;
}

/// a times b for every head. Where several heads share keys, an extent for them is put in.
std::string product(NodeList& nodes, const Form& form, const std::string& a, int64_t rows, int64_t inner,
                    const std::string& b, int64_t columns) {
  const int64_t sharing = form.heads / form.key_heads;
  if (sharing == 1) return nodes.add("MatMul", {a, b});
  const std::string apart = nodes.reshape(a, {form.batch, form.key_heads, sharing, rows, inner});
  const std::string shared = nodes.reshape(b, {form.batch, form.key_heads, 1, inner, columns});
  return nodes.reshape(nodes.add("MatMul", {apart, shared}), {form.batch, form.heads, rows, columns});
}

/// The probabilities; shows scores on the way.
Result<std::string> probabilities(NodeList& nodes, const ExpandContext& context, const Form& form,
                                  const Operands& given, const Bias& bias) {
  std::string scores =
      product(nodes, form, given.query, form.queries, form.size, nodes.transpose(given.key, {0, 1, 3, 2}), form.keys);
  const auto show = [&](int64_t when, const std::string& tensor) {
    if (form.shown == when) nodes.output(3, tensor);
  };
  scores = nodes.add("Mul", {scores, nodes.constant(form.scale)});
  show(0, scores);
  if (form.softcap > 0) {
    scores = nodes.add("Tanh", {nodes.add("Div", {scores, nodes.constant(form.softcap)})});
    scores = nodes.add("Mul", {scores, nodes.constant(form.softcap)});
  }
  show(1, scores);
  if (bias.adds) scores = nodes.add("Add", {scores, nodes.constant(Tensor::of<float>(bias.shape, bias.added))});
  GRAUPEL_TRY(scores, with_computed_mask(nodes, context, form, scores));
  show(2, scores);
  std::string result = nodes.add("Softmax", {scores}, {{"axis", int64_t{-1}}});
  if (bias.hides_all) {
    Shape shape = bias.shape;
    shape[3] = 1;
    result = nodes.add("Mul", {result, nodes.constant(Tensor::of<float>(shape, bias.alive))});
  }
  show(3, result);
  return result;
}

Expanded expand_attention(const ExpandContext& context) {
  GRAUPEL_TRY(const Form form, read_form(context));
  GRAUPEL_TRY(const Bias bias, constant_bias(context, form));
  NodeList nodes(context.node);
  const Operands given = operands(nodes, context, form);
  nodes.output(1, given.key);
  nodes.output(2, given.value);
  GRAUPEL_TRY(const std::string weights, probabilities(nodes, context, form, given, bias));
  std::string out = product(nodes, form, weights, form.queries, form.keys, given.value, form.value_size);
  if (form.flat)
    out = nodes.reshape(nodes.transpose(out, {0, 2, 1, 3}), {form.batch, form.queries, form.heads * form.value_size});
  nodes.output(0, out);
  return nodes.take();
}

// Rotary embeddings.

/// The cache as [batch or 1, 1, tokens, half].
Result<std::string> rotation(NodeList& nodes, const ExpandContext& context, std::size_t input, int64_t tokens,
                             int64_t half) {
  const bool by_position = context.has(3);
  GRAUPEL_TRY(const Shape cache, context.shape(input, by_position ? 2 : 3));
  if (cache.back() != half || (!by_position && cache[1] != tokens))
    return invalid("input ", input, " has shape ", to_string(cache), " for ", tokens, " tokens and ", half,
                   " angles each");
  std::string rows = context.node.inputs[input];
  if (!by_position) return nodes.reshape(rows, {cache[0], 1, tokens, half});
  GRAUPEL_TRY(const Shape positions, context.shape(3, 2));
  rows = nodes.add("Gather", {rows, context.node.inputs[3]}, {{"axis", int64_t{0}}});
  return nodes.reshape(rows, {positions[0], 1, tokens, half});
}

Expanded expand_rotary(const ExpandContext& context) {
  GRAUPEL_TRY(const Shape shape, context.shape(0));
  const bool flat = shape.size() == 3;
  if (!flat && shape.size() != 4) return invalid("input 0 has shape ", to_string(shape), "; 3 or 4 extents are needed");
  int64_t heads = shape[1];
  if (flat) {
    GRAUPEL_TRY(heads, heads_of(context, "num_heads", shape[2]));
  }
  const int64_t tokens = flat ? shape[1] : shape[2], size = flat ? shape[2] / heads : shape[3];
  GRAUPEL_TRY(int64_t turned, context.node.integer("rotary_embedding_dim", 0));
  GRAUPEL_TRY(const int64_t interleaved, context.node.integer("interleaved", 0));
  if (turned == 0) turned = size;
  if (turned < 2 || turned > size || turned % 2 != 0)
    return invalid("attribute rotary_embedding_dim is ", turned, " for heads of ", size, " elements");
  const int64_t half = turned / 2;
  NodeList nodes(context.node);
  GRAUPEL_TRY(const std::string cosines, rotation(nodes, context, 1, tokens, half));
  GRAUPEL_TRY(const std::string sines, rotation(nodes, context, 2, tokens, half));
  std::string x = context.node.inputs[0];
  if (flat) x = nodes.transpose(nodes.reshape(x, {shape[0], tokens, heads, size}), {0, 2, 1, 3});
  const std::string a = interleaved != 0 ? nodes.slice(x, 3, 0, turned, 2) : nodes.slice(x, 3, 0, half);
  const std::string b = interleaved != 0 ? nodes.slice(x, 3, 1, turned, 2) : nodes.slice(x, 3, half, turned);
  const std::string real = nodes.add("Sub", {nodes.add("Mul", {a, cosines}), nodes.add("Mul", {b, sines})});
  const std::string imaginary = nodes.add("Add", {nodes.add("Mul", {a, sines}), nodes.add("Mul", {b, cosines})});
  std::string out;
  if (interleaved != 0) {
    const Shape pair = {shape[0], heads, tokens, half, 1}, joined = {shape[0], heads, tokens, turned};
    out = nodes.reshape(nodes.concat({nodes.reshape(real, pair), nodes.reshape(imaginary, pair)}, 4), joined);
  } else {
    out = nodes.concat({real, imaginary}, 3);
  }
  if (turned < size) out = nodes.concat({out, nodes.slice(x, 3, turned, size)}, 3);
  if (flat) out = nodes.reshape(nodes.transpose(out, {0, 2, 1, 3}), shape);
  nodes.output(0, out);
  return nodes.take();
}

constexpr ExpandRule kRules[] = {{"Attention", expand_attention}, {"RotaryEmbedding", expand_rotary}};

}  // namespace

std::span<const ExpandRule> attention_expansions() { return kRules; }

}  // namespace graupel
