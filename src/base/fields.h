// Field: the only reflection. A struct lists its members once in `static constexpr auto fields()`;
// text, JSON, hash, file formats and docs are written once over that list.
#pragma once

#include <string_view>
#include <tuple>
#include <utility>

namespace graupel {

template <class Struct, class Member>
struct Field {
  std::string_view name;
  Member Struct::*member;
};
template <class Struct, class Member>
Field(const char*, Member Struct::*) -> Field<Struct, Member>;

template <class T>
concept HasFields = requires {
  T::fields();
};

/// Calls visit(name, member) for every field of `object`, in declaration order.
template <class T, class Visit>
constexpr void for_each_field(T& object, Visit&& visit) {
  std::apply([&](const auto&... field) { (visit(field.name, object.*(field.member)), ...); },
             std::remove_cvref_t<T>::fields());
}

}  // namespace graupel
