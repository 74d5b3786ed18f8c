#include "recipe/layer_names.h"

#include <algorithm>
#include <set>

#include "base/nearest_names.h"

namespace graupel {
namespace {

/// One element of a pattern at `at`: whether it takes `c`, and where the next element begins.
struct Element {
  bool takes = false;
  std::size_t next = 0;
};

Element element(std::string_view pattern, std::size_t at, char c) {
  const std::size_t close = pattern[at] == '[' ? pattern.find(']', at + 2) : std::string_view::npos;
  if (close == std::string_view::npos) return {pattern[at] == '?' || pattern[at] == c, at + 1};
  const bool inverted = pattern[at + 1] == '!' || pattern[at + 1] == '^';
  bool inside = false;
  for (std::size_t i = at + (inverted ? 2 : 1); i < close; ++i) {
    if (i + 2 < close && pattern[i + 1] == '-') {
      inside = inside || (pattern[i] <= c && c <= pattern[i + 2]);
      i += 2;
    } else {
      inside = inside || pattern[i] == c;
    }
  }
  return {inside != inverted, close + 1};
}

struct Scoped {
  std::string_view scope, name;
};

Scoped split_scope(std::string_view text) {
  const std::size_t slash = text.rfind('/');
  if (slash == std::string_view::npos) return {{}, text};
  return {text.substr(0, slash), text.substr(slash + 1)};
}

bool contains(const std::vector<std::string>& names, std::string_view name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

}  // namespace

// Only the last '*' is ever tried again: an earlier one that took more could not help.
bool matches_pattern(std::string_view pattern, std::string_view name) {
  std::size_t p = 0, n = 0, star = std::string_view::npos, star_n = 0;
  while (n < name.size()) {
    if (p < pattern.size() && pattern[p] == '*') {
      star = p++;
      star_n = n;
      continue;
    }
    const Element one = p < pattern.size() ? element(pattern, p, name[n]) : Element{};
    if (one.takes) {
      p = one.next;
      ++n;
    } else if (star != std::string_view::npos) {
      p = star + 1;
      n = ++star_n;
    } else {
      return false;
    }
  }
  while (p < pattern.size() && pattern[p] == '*') ++p;
  return p == pattern.size();
}

Result<std::string> resolve_layer(const ScriptValue& value, const LayerNames& known) {
  const auto [scope, name] = split_scope(value.text);
  if (contains(known.names, name) && (scope.empty() || scope == known.scope)) return std::string(name);
  if (!scope.empty() && scope != known.scope)
    return invalid(value.at.text(), ": the layer '", value.text, "' is of the network '", scope, "'; this one is '",
                   known.scope, "'");
  return invalid(value.at.text(), ": there is no layer '", value.text,
                 "'; nearest: ", quoted_list(nearest_names(name, known.names, 3)));
}

Result<std::vector<std::string>> resolve_layers(const std::vector<ScriptValue>& values, const LayerNames& known) {
  std::set<std::string, std::less<>> named;
  for (const ScriptValue& value : values) {
    if (value.kind == ScriptValue::Kind::kGlob) {
      const bool scoped = value.text.find('/') != std::string::npos;
      for (const std::string& name : known.names)
        if (matches_pattern(value.text, scoped ? known.scope + "/" + name : name)) named.insert(name);
    } else {
      GRAUPEL_TRY(std::string name, resolve_layer(value, known));
      named.insert(std::move(name));
    }
  }
  std::vector<std::string> in_order;
  for (const std::string& name : known.names)
    if (named.erase(name) > 0) in_order.push_back(name);
  return in_order;
}

}  // namespace graupel
