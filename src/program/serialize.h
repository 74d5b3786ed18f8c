// Bytes of plain structs, written once over fields(): little endian, lengths before contents. Readers trust nothing.
#pragma once

#include <array>
#include <bit>
#include <concepts>
#include <cstring>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "base/bytes.h"
#include "base/fields.h"

namespace graupel {

static_assert(std::endian::native == std::endian::little, "files are little endian; swap here for other hosts");

template <class T>
concept Plain = (std::is_arithmetic_v<T> && !std::same_as<T, bool>) || std::is_enum_v<T>;

class Writer {
 public:
  template <Plain T>
  void operator()(T value) {
    const auto* begin = reinterpret_cast<const std::byte*>(&value);
    bytes_.insert(bytes_.end(), begin, begin + sizeof(T));
  }
  void operator()(bool value) { (*this)(static_cast<uint8_t>(value)); }
  void operator()(const std::string& text) {
    (*this)(static_cast<uint32_t>(text.size()));
    for (char c : text) (*this)(c);
  }
  template <class T>
  void operator()(const std::vector<T>& items) {
    (*this)(static_cast<uint32_t>(items.size()));
    for (const T& item : items) (*this)(item);
  }
  template <class T, std::size_t n>
  void operator()(const std::array<T, n>& items) {
    for (const T& item : items) (*this)(item);
  }
  template <class T>
  void operator()(const std::optional<T>& item) {
    (*this)(item.has_value());
    if (item) (*this)(*item);
  }
  template <class... T>
  void operator()(const std::variant<T...>& item) {
    (*this)(static_cast<uint8_t>(item.index()));
    std::visit(*this, item);
  }
  template <HasFields T>
  void operator()(const T& object) {
    for_each_field(object, [&](std::string_view, const auto& member) { (*this)(member); });
  }

  Bytes take() && { return std::move(bytes_); }

 private:
  Bytes bytes_;
};

/// Reads what Writer wrote. After a shortage or a value out of range ok() is false and everything else reads as is.
class Reader {
 public:
  explicit Reader(ByteSpan bytes) : rest_(bytes) {}

  bool ok() const { return ok_; }
  std::size_t left() const { return rest_.size(); }

  template <Plain T>
  void operator()(T& value) {
    if (!take(sizeof(T))) return;
    std::memcpy(&value, taken_, sizeof(T));
  }
  void operator()(bool& value) {
    uint8_t byte = 0;
    (*this)(byte);
    ok_ = ok_ && byte <= 1;
    value = byte == 1;
  }
  void operator()(std::string& text) {
    const uint32_t size = count(1);
    if (!take(size)) return;
    text.assign(reinterpret_cast<const char*>(taken_), size);
  }
  template <class T>
  void operator()(std::vector<T>& items) {
    // Every item takes at least a byte: a count beyond what is left is a lie, not an allocation.
    const uint32_t size = count(Plain<T> ? sizeof(T) : 1);
    items.clear();
    for (uint32_t i = 0; i < size && ok_; ++i) (*this)(items.emplace_back());
  }
  template <class T, std::size_t n>
  void operator()(std::array<T, n>& items) {
    for (T& item : items) (*this)(item);
  }
  template <class T>
  void operator()(std::optional<T>& item) {
    bool present = false;
    (*this)(present);
    if (present) (*this)(item.emplace());
  }
  template <class... T>
  void operator()(std::variant<T...>& item) {
    uint8_t index = 0;
    (*this)(index);
    if (index >= sizeof...(T)) {
      ok_ = false;
      return;
    }
    emplace<0>(item, index);
  }
  template <HasFields T>
  void operator()(T& object) {
    for_each_field(object, [&](std::string_view, auto& member) { (*this)(member); });
  }

 private:
  bool take(std::size_t n) {
    if (!ok_ || rest_.size() < n) return ok_ = false;
    taken_ = rest_.data();
    rest_ = rest_.subspan(n);
    return true;
  }
  uint32_t count(std::size_t item_bytes) {
    uint32_t n = 0;
    (*this)(n);
    if (n > rest_.size() / item_bytes) ok_ = false;
    return ok_ ? n : 0;
  }
  template <std::size_t i, class... T>
  void emplace(std::variant<T...>& item, uint8_t index) {
    if constexpr (i < sizeof...(T)) {
      if (index == i)
        (*this)(item.template emplace<i>());
      else
        emplace<i + 1>(item, index);
    }
  }

  ByteSpan rest_;
  const std::byte* taken_ = nullptr;
  bool ok_ = true;
};

}  // namespace graupel
