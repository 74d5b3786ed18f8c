// The byte form of a struct: its fields() one after another, little endian. Written once, over the reflection.
//
// Integers and floats have their own size; bool and enums are one byte; arrays are their elements; strings, vectors and
// optionals are a u32 count and their elements; a variant is one byte of index and its alternative.
#pragma once

#include <array>
#include <bit>
#include <cstring>
#include <optional>
#include <type_traits>
#include <variant>

#include "program/program.h"

namespace graupel::encoding {

static_assert(std::endian::native == std::endian::little, "bytes are copied as they lie");

/// How many values an enum has; they are consecutive from 0.
constexpr unsigned count_of(DType) { return static_cast<unsigned>(DType::kBool) + 1; }
constexpr unsigned count_of(BinaryKind) { return static_cast<unsigned>(BinaryKind::kMax) + 1; }
constexpr unsigned count_of(ReduceKind) { return static_cast<unsigned>(ReduceKind::kSquares) + 1; }
constexpr unsigned count_of(DetectArch) { return static_cast<unsigned>(DetectArch::kSsd) + 1; }
constexpr unsigned count_of(Place::Space) { return static_cast<unsigned>(Place::Space::kConstants) + 1; }
constexpr unsigned count_of(Preprocess::Color) { return static_cast<unsigned>(Preprocess::Color::kGray) + 1; }
constexpr unsigned count_of(Preprocess::Fit) { return static_cast<unsigned>(Preprocess::Fit::kCrop) + 1; }
constexpr unsigned count_of(Preprocess::Align) { return static_cast<unsigned>(Preprocess::Align::kTopLeft) + 1; }

template <class T>
constexpr bool kIsArray = false;
template <class T, std::size_t n>
constexpr bool kIsArray<std::array<T, n>> = true;
template <class T>
constexpr bool kIsList = false;
template <class T>
constexpr bool kIsList<std::vector<T>> = true;
template <>
inline constexpr bool kIsList<std::string> = true;
template <class T>
constexpr bool kIsOptional = false;
template <class T>
constexpr bool kIsOptional<std::optional<T>> = true;
template <class T>
constexpr bool kIsVariant = false;
template <class... T>
constexpr bool kIsVariant<std::variant<T...>> = true;

class Writer {
 public:
  explicit Writer(Bytes& out) : out_(out) {}

  template <class T>
  void put(const T& value) {
    if constexpr (std::is_same_v<T, bool> || std::is_enum_v<T>) {
      put(static_cast<uint8_t>(value));
    } else if constexpr (std::is_arithmetic_v<T>) {
      const auto* bytes = reinterpret_cast<const std::byte*>(&value);
      out_.insert(out_.end(), bytes, bytes + sizeof(T));
    } else if constexpr (kIsArray<T>) {
      for (const auto& element : value) put(element);
    } else if constexpr (kIsList<T>) {
      put(static_cast<uint32_t>(value.size()));
      for (const auto& element : value) put(element);
    } else if constexpr (kIsOptional<T>) {
      put(static_cast<uint32_t>(value.has_value()));
      if (value) put(*value);
    } else if constexpr (kIsVariant<T>) {
      put(static_cast<uint8_t>(value.index()));
      std::visit([this](const auto& alternative) { this->put(alternative); }, value);
    } else {
      for_each_field(value, [this](std::string_view, const auto& member) { this->put(member); });
    }
  }

 private:
  Bytes& out_;
};

/// Reads what Writer wrote. The first thing wrong stops it: what follows reads as zero. Memory stays within a small
/// factor of the bytes given.
class Reader {
 public:
  explicit Reader(ByteSpan bytes) : bytes_(bytes) {}

  /// Everything was read, nothing was wrong.
  Result<> finish() {
    if (error_.empty() && at_ != bytes_.size()) fail(bytes_.size() - at_, " bytes are left over");
    if (error_.empty()) return {};
    return corrupt(error_);
  }

  template <class T>
  void get(T& value) {
    if constexpr (std::is_same_v<T, bool>) {
      value = get_small(2) != 0;
    } else if constexpr (std::is_enum_v<T>) {
      value = static_cast<T>(get_small(count_of(T{})));
    } else if constexpr (std::is_arithmetic_v<T>) {
      get_bytes(&value, sizeof(T));
    } else if constexpr (kIsArray<T>) {
      for (auto& element : value) get(element);
    } else if constexpr (kIsList<T>) {
      get_list(value);
    } else if constexpr (kIsOptional<T>) {
      uint32_t count = 0;
      get(count);
      if (count > 1) fail("an optional field has ", count, " values");
      if (count == 1) get(value.emplace());
    } else if constexpr (kIsVariant<T>) {
      get_variant(value, std::make_index_sequence<std::variant_size_v<T>>{});
    } else {
      for_each_field(value, [this](std::string_view name, auto& member) { this->get_field(name, member); });
    }
  }

 private:
  template <class... Parts>
  void fail(const Parts&... parts) {
    if (error_.empty()) error_ = cat("at byte ", at_, " of the description: ", parts...);
  }

  void get_bytes(void* to, std::size_t count) {
    if (error_.empty() && bytes_.size() - at_ < count) fail("it ends inside a value of ", count, " bytes");
    if (!error_.empty()) return static_cast<void>(std::memset(to, 0, count));
    std::memcpy(to, bytes_.data() + at_, count);
    at_ += count;
  }

  unsigned get_small(unsigned limit) {
    uint8_t value = 0;
    get(value);
    if (value < limit) return value;
    fail("value ", int{value}, " (accepted: below ", limit, ")");
    return 0;
  }

  template <class T>
  void get_field(std::string_view name, T& value) {
    const bool sound = error_.empty();
    get(value);
    if (sound && !error_.empty()) error_ += cat(" (field '", name, "')");
  }

  template <class List>
  void get_list(List& list) {
    uint32_t count = 0;
    get(count);
    if (error_.empty() && count > bytes_.size() - at_)
      fail("a list of ", count, " elements where ", bytes_.size() - at_, " bytes are left");
    list.clear();
    for (uint32_t i = 0; i < count && error_.empty(); ++i) {
      list.push_back({});
      get(list.back());
    }
  }

  template <class Variant, std::size_t... i>
  void get_variant(Variant& value, std::index_sequence<i...>) {
    const unsigned index = get_small(sizeof...(i));
    static_cast<void>(((index == i && (get(value.template emplace<i>()), true)) || ...));
  }

  ByteSpan bytes_;
  std::size_t at_ = 0;
  std::string error_;
};

}  // namespace graupel::encoding
