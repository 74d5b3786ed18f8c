// A graph as JSON and named tensors, exactly: what the "graupel" key of an HN holds (docs/formats.md).
#pragma once

#include <cmath>
#include <map>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "base/fields.h"
#include "har/names.h"
#include "har/npz.h"
#include "ir/graph.h"

namespace graupel {

/// Numbers with a fraction are binary32 and are printed as the shortest text that reads back the same. Written objects
/// keep the order of insertion; read ones are sorted, which keeps a file with very many keys harmless.
using JsonOut = nlohmann::basic_json<nlohmann::ordered_map, std::vector, std::string, bool, int64_t, uint64_t, float>;
using JsonIn = nlohmann::basic_json<std::map, std::vector, std::string, bool, int64_t, uint64_t, float>;

/// Errors: corrupt, with the place of the first fault.
Result<JsonIn> parse_json(std::string_view text);
std::string print_json(const JsonOut& json);

/// Finite floats are numbers, others the strings "inf", "-inf", "nan"; enumerators are their names.
template <class T>
JsonOut value_to_json(const T& value) {
  if constexpr (std::is_same_v<T, float>) {
    if (std::isfinite(value)) return value;
    return std::isnan(value) ? "nan" : value > 0 ? "inf" : "-inf";
  } else if constexpr (std::is_enum_v<T>) {
    return std::string(enum_name(value));
  } else if constexpr (HasFields<T>) {
    JsonOut json = JsonOut::object();
    for_each_field(value,
                   [&](std::string_view name, const auto& member) { json[std::string(name)] = value_to_json(member); });
    return json;
  } else if constexpr (requires { typename T::value_type; } && !std::is_same_v<T, std::string>) {
    JsonOut json = JsonOut::array();
    for (const auto& element : value) json.push_back(value_to_json(element));
    return json;
  } else {
    return value;
  }
}

Result<float> float_from_json(const JsonIn& json);
Result<int64_t> integer_from_json(const JsonIn& json, int64_t lowest, int64_t highest);
Result<std::string> string_from_json(const JsonIn& json);
/// The member `key` of an object. Errors: corrupt.
Result<const JsonIn*> member_of(const JsonIn& json, const std::string& key);

/// The inverse of value_to_json. Objects must have exactly the fields of the struct. Errors: corrupt.
template <class T>
Result<> value_from_json(const JsonIn& json, T& value) {
  if constexpr (std::is_same_v<T, bool>) {
    if (!json.is_boolean()) return corrupt("expected true or false");
    value = json.template get<bool>();
  } else if constexpr (std::is_same_v<T, float>) {
    GRAUPEL_TRY(value, float_from_json(json));
  } else if constexpr (std::is_integral_v<T>) {
    GRAUPEL_TRY(const int64_t number,
                integer_from_json(json, std::numeric_limits<T>::min(), std::numeric_limits<T>::max()));
    value = static_cast<T>(number);
  } else if constexpr (std::is_same_v<T, std::string>) {
    GRAUPEL_TRY(value, string_from_json(json));
  } else if constexpr (std::is_enum_v<T>) {
    GRAUPEL_TRY(const std::string name, string_from_json(json));
    auto parsed = parse_enum<T>(name);
    if (!parsed.ok()) return corrupt(parsed.error().message);
    value = *parsed;
  } else if constexpr (HasFields<T>) {
    if (!json.is_object() || json.size() != std::tuple_size_v<decltype(T::fields())>)
      return corrupt("expected an object of ", std::tuple_size_v<decltype(T::fields())>, " fields");
    Result<> status;
    for_each_field(value, [&](std::string_view name, auto& member) {
      if (!status.ok()) return;
      status = [&]() -> Result<> {
        GRAUPEL_TRY(const JsonIn* found, member_of(json, std::string(name)));
        return value_from_json(*found, member).within("field '", name, "'");
      }();
    });
    return status;
  } else {
    if (!json.is_array()) return corrupt("expected a list");
    value.clear();
    for (const JsonIn& element : json) GRAUPEL_DO(value_from_json(element, value.emplace_back()));
  }
  return {};
}

/// Layers, values, types, quantization and ports; constants by their keys.
JsonOut graph_to_json(const Graph& graph);
/// The constants under the keys that graph_to_json names: "<net>/<layer>/kernel:0" and the like.
std::vector<NamedTensor> graph_constants(const Graph& graph);
/// Those keys by value; empty for values that are not constants.
std::vector<std::string> constant_keys(const Graph& graph);
/// Reads and verifies. Errors: corrupt, mismatch (format version).
Result<Graph> graph_from_json(const JsonIn& json, std::span<const NamedTensor> constants);

/// A network's name as it appears in member names and keys: letters, digits and "._-", at most 64 of them.
std::string file_safe_name(std::string_view name);

}  // namespace graupel
