#include "onnx/model.h"

namespace graupel::onnx {
namespace {

constexpr std::string_view kAttributeKinds[] = {
    "an integer", "a float", "a string", "a list of integers", "a list of floats", "a list of strings", "a tensor"};

/// The attribute as a T; null when absent. Error: invalid when it is something else.
template <class T>
Result<const T*> find(const Node& node, const std::string& key, std::string_view wanted) {
  const auto found = node.attributes.find(key);
  if (found == node.attributes.end()) return static_cast<const T*>(nullptr);
  if (const T* value = std::get_if<T>(&found->second)) return value;
  return invalid("attribute '", key, "' is ", kAttributeKinds[found->second.index()], " (expected: ", wanted, ")");
}

template <class T>
Result<T> scalar(const Node& node, const std::string& key, T fallback, std::string_view wanted) {
  GRAUPEL_TRY(const T* value, find<T>(node, key, wanted));
  return value != nullptr ? *value : std::move(fallback);
}

/// A list, or a single element standing for a list of one.
template <class T>
Result<std::vector<T>> list(const Node& node, const std::string& key, std::vector<T> fallback,
                            std::string_view wanted) {
  if (const auto found = node.attributes.find(key); found != node.attributes.end())
    if (const T* single = std::get_if<T>(&found->second)) return std::vector<T>{*single};
  return scalar<std::vector<T>>(node, key, std::move(fallback), wanted);
}

}  // namespace

Result<int64_t> Node::integer(const std::string& key, int64_t fallback) const {
  return scalar<int64_t>(*this, key, fallback, "an integer");
}
Result<float> Node::real(const std::string& key, float fallback) const {
  return scalar<float>(*this, key, fallback, "a float");
}
Result<std::string> Node::text(const std::string& key, const std::string& fallback) const {
  return scalar<std::string>(*this, key, fallback, "a string");
}
Result<std::vector<int64_t>> Node::integers(const std::string& key, std::vector<int64_t> fallback) const {
  return list<int64_t>(*this, key, std::move(fallback), "a list of integers");
}
Result<std::vector<float>> Node::reals(const std::string& key, std::vector<float> fallback) const {
  return list<float>(*this, key, std::move(fallback), "a list of floats");
}

}  // namespace graupel::onnx
