#include "ops/ops.h"

#include <algorithm>

namespace graupel {
namespace {

static_assert([]<class... T>(std::variant<T...>*) { return (OpType<T> && ...); }(static_cast<Op*>(nullptr)));

std::vector<OnnxImport> all_imports() {
  std::vector<OnnxImport> all;
  [&]<class... T>(std::variant<T...>*) {
    const auto add = [&](std::span<const OnnxImport> rows) { all.insert(all.end(), rows.begin(), rows.end()); };
    (add(T::imports()), ...);
  }(static_cast<Op*>(nullptr));
  std::sort(all.begin(), all.end(), [](const auto& a, const auto& b) { return a.op_type < b.op_type; });
  return all;
}

const std::vector<OnnxImport>& imports() {
  static const std::vector<OnnxImport> kImports = all_imports();
  return kImports;
}

template <class T>
Result<TensorType> infer_one(const T& op, std::span<const TensorType> in) {
  for (const Constraint<T>& constraint : T::constraints())
    if (!constraint.holds(op, in)) return unsupported(constraint.sentence);
  return op.infer(in);
}

}  // namespace

std::string_view op_name(const Op& op) {
  return std::visit([](const auto& one) { return std::remove_cvref_t<decltype(one)>::kName; }, op);
}

bool is_linear(const Op& op) {
  return std::visit([]<class T>(const T&) { return LinearOp<T>; }, op);
}

bool is_host(const Op& op) {
  return std::visit([]<class T>(const T&) { return HostOp<T>; }, op);
}

bool keeps_float_constants(const Op& op) {
  return std::visit(
      []<class T>(const T&) {
        return requires { T::kFloatConstants; };
      },
      op);
}

QuantRule quant_rule(const Op& op) {
  return std::visit([](const auto& one) { return one.quant_rule(); }, op);
}

Result<TensorType> infer(const Op& op, std::span<const TensorType> in) {
  return std::visit([&](const auto& one) { return infer_one(one, in); }, op).within(op_name(op));
}

Result<Tensor> eval(const Op& op, const EvalContext& context, std::span<const Tensor> in, const TensorType& out) {
  return std::visit([&](const auto& one) { return one.eval(context, in, out); }, op).within(op_name(op));
}

Result<std::vector<Step>> lower(const Op& op, const LowerContext& context) {
  return std::visit([&](const auto& one) { return one.lower(context); }, op).within(op_name(op));
}

const OnnxImport* find_import(std::string_view op_type) {
  for (const OnnxImport& row : imports())
    if (row.op_type == op_type) return &row;
  return nullptr;
}

std::vector<std::string_view> supported_onnx_operators() {
  std::vector<std::string_view> names;
  for (const OnnxImport& row : imports()) names.push_back(row.op_type);
  return names;
}

}  // namespace graupel
