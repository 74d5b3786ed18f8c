// Results as the exception of the public C++ interface.
#pragma once

#include "base/result.h"
#include "graupel/runtime.hpp"

namespace graupel {

/// The value; throws Failure.
template <class T>
T take(Result<T> result) {
  if (!result.ok()) throw Failure(std::string(to_string(result.error().code)), result.error().text());
  if constexpr (!std::is_void_v<T>) return std::move(result).value();
}

}  // namespace graupel
