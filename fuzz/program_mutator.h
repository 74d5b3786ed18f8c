// Changes one value of a program, wherever it lies, through the reflection that files are written with.
#pragma once

#include "mutate.h"
#include "program/encoding.h"

namespace graupel::fuzz {

/// Visits every value of a struct in file order; changes the one that is due.
class ValueChanger {
 public:
  /// `due` < 0: only count.
  ValueChanger(int64_t due, Random& random) : due_(due), random_(random) {}
  int64_t seen() const { return seen_; }

  template <class T>
  void visit(T& value) {
    if constexpr (std::is_same_v<T, bool>) {
      if (is_due()) value = !value;
    } else if constexpr (std::is_enum_v<T>) {
      if (is_due()) value = static_cast<T>(random_() % encoding::count_of(value));
    } else if constexpr (std::is_arithmetic_v<T>) {
      if (is_due()) value = another(value, random_);
    } else if constexpr (encoding::kIsArray<T>) {
      for (auto& element : value) visit(element);
    } else if constexpr (encoding::kIsList<T>) {
      if (is_due()) resize(value);
      for (auto& element : value) visit(element);
    } else if constexpr (encoding::kIsOptional<T>) {
      if (is_due()) value.has_value() ? value.reset() : static_cast<void>(value.emplace());
      if (value) visit(*value);
    } else if constexpr (encoding::kIsVariant<T>) {
      std::visit([this](auto& alternative) { visit(alternative); }, value);
    } else {
      for_each_field(value, [this](std::string_view, auto& member) { visit(member); });
    }
  }

 private:
  bool is_due() { return seen_++ == due_; }

  template <class List>
  void resize(List& list) {
    const std::size_t at = list.empty() ? 0 : random_() % list.size();
    const auto place = list.begin() + static_cast<std::ptrdiff_t>(at);
    if (list.empty() || one_in(random_, 4))
      list.push_back({});
    else if (one_in(random_, 3))
      list.erase(place);
    else if (one_in(random_, 2))
      list.insert(place, typename List::value_type(*place));
    else
      std::swap(list[at], list[random_() % list.size()]);
  }

  int64_t due_;
  Random& random_;
  int64_t seen_ = 0;
};

inline void change_one_value(Program& program, Random& random) {
  ValueChanger count(-1, random);
  count.visit(program);
  ValueChanger change(static_cast<int64_t>(random()) % count.seen(), random);
  change.visit(program);
}

}  // namespace graupel::fuzz
