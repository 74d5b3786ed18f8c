// Result<T>: a value or an Error that carries its story up the call chain. No exceptions are ours.
#pragma once

#include <optional>
#include <sstream>
#include <string>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

namespace graupel {

/// Names who must act: the caller, the model's author, the holder of the file, or the system.
enum class ErrorCode {
  kInvalid,      ///< the caller passed something that cannot be meant (shape, option, NaN)
  kUnsupported,  ///< the model asks for something this project does not do
  kCorrupt,      ///< a file is damaged or is not what its name says
  kMismatch,     ///< two sides that must agree do not (version, hash, type)
  kNotFound,     ///< a named thing does not exist
  kIo,           ///< the operating system refused
};

std::string_view to_string(ErrorCode code);

/// Concatenates anything streamable.
template <class... Parts>
std::string cat(const Parts&... parts) {
  std::ostringstream out;
  (out << ... << parts);
  return out.str();
}

/// What went wrong (`message`: the value seen, what is accepted, what to do) and where (`frames`, innermost first).
struct Error {
  ErrorCode code = ErrorCode::kInvalid;
  std::string message;
  std::vector<std::string> frames;

  /// One line: outermost frame first, then the code and the message.
  std::string text() const;
};

template <class... Parts>
Error invalid(const Parts&... parts) {
  return {ErrorCode::kInvalid, cat(parts...), {}};
}
template <class... Parts>
Error unsupported(const Parts&... parts) {
  return {ErrorCode::kUnsupported, cat(parts...), {}};
}
template <class... Parts>
Error corrupt(const Parts&... parts) {
  return {ErrorCode::kCorrupt, cat(parts...), {}};
}
template <class... Parts>
Error mismatch(const Parts&... parts) {
  return {ErrorCode::kMismatch, cat(parts...), {}};
}
template <class... Parts>
Error not_found(const Parts&... parts) {
  return {ErrorCode::kNotFound, cat(parts...), {}};
}
template <class... Parts>
Error io_error(const Parts&... parts) {
  return {ErrorCode::kIo, cat(parts...), {}};
}

template <class T = void>
class [[nodiscard]] Result {
  using Value = std::conditional_t<std::is_void_v<T>, std::monostate, T>;

 public:
  Result() requires std::is_void_v<T> : state_(std::in_place_index<0>) {}
  Result(Error error) : state_(std::in_place_index<1>, std::move(error)) {}
  template <class U>
  requires(!std::is_void_v<T> && !std::is_same_v<std::remove_cvref_t<U>, Result> &&
           !std::is_same_v<std::remove_cvref_t<U>, Error> && std::is_constructible_v<Value, U&&>) Result(U&& value)
      : state_(std::in_place_index<0>, std::forward<U>(value)) {}

  bool ok() const { return state_.index() == 0; }
  explicit operator bool() const { return ok(); }

  /// The value; the caller has checked ok().
  Value& value() & { return std::get<0>(state_); }
  const Value& value() const& { return std::get<0>(state_); }
  Value&& value() && { return std::get<0>(std::move(state_)); }
  Value& operator*() & { return value(); }
  const Value& operator*() const& { return value(); }
  Value* operator->() { return &value(); }
  const Value* operator->() const { return &value(); }

  /// The error; the caller has checked !ok().
  const Error& error() const& { return std::get<1>(state_); }
  Error&& error() && { return std::get<1>(std::move(state_)); }

  /// Adds one frame of context to an error; costs nothing on success.
  template <class... Parts>
  Result within(const Parts&... parts) && {
    if (!ok()) std::get<1>(state_).frames.push_back(cat(parts...));
    return std::move(*this);
  }

 private:
  std::variant<Value, Error> state_;
};

#define GRAUPEL_JOIN_(a, b) a##b
#define GRAUPEL_JOIN(a, b) GRAUPEL_JOIN_(a, b)

/// GRAUPEL_TRY(auto x, expr): declares x from the Result's value, or returns its error.
#define GRAUPEL_TRY(declaration, ...)                                                                   \
  auto GRAUPEL_JOIN(result_, __LINE__) = (__VA_ARGS__);                                                 \
  if (!GRAUPEL_JOIN(result_, __LINE__).ok()) return std::move(GRAUPEL_JOIN(result_, __LINE__)).error(); \
  declaration = std::move(GRAUPEL_JOIN(result_, __LINE__)).value()

/// GRAUPEL_DO(expr): returns the error of a Result whose value is not needed.
#define GRAUPEL_DO(...)                                                   \
  do {                                                                    \
    auto graupel_result_ = (__VA_ARGS__);                                 \
    if (!graupel_result_.ok()) return std::move(graupel_result_).error(); \
  } while (false)

}  // namespace graupel
