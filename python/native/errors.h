// Results as Python exceptions.
#pragma once

#include "base/result.h"

namespace graupel::python {

/// Carries an Error to the translator, which raises the class of graupel.errors that its code names.
struct Raised {
  Error error;
};

template <class T>
T take(Result<T> result) {
  if (!result.ok()) throw Raised{std::move(result).error()};
  if constexpr (!std::is_void_v<T>) return std::move(result).value();
}

}  // namespace graupel::python
