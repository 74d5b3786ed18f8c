#include "hef/digest.h"

#include <bit>
#include <cmath>
#include <cstring>

namespace graupel {
namespace {

using State = std::array<uint32_t, 4>;

/// floor(2^32 * |sin(i + 1)|), the constants of RFC 1321.
std::array<uint32_t, 64> sine_table() {
  std::array<uint32_t, 64> table{};
  for (std::size_t i = 0; i < table.size(); ++i)
    table[i] = static_cast<uint32_t>(std::floor(0x1p32 * std::fabs(std::sin(static_cast<double>(i + 1)))));
  return table;
}

void md5_block(State& state, const std::byte* block) {
  static const std::array<uint32_t, 64> kSines = sine_table();
  static constexpr int kShifts[4][4] = {{7, 12, 17, 22}, {5, 9, 14, 20}, {4, 11, 16, 23}, {6, 10, 15, 21}};
  uint32_t words[16];
  std::memcpy(words, block, sizeof(words));
  auto [a, b, c, d] = state;
  for (uint32_t i = 0; i < 64; ++i) {
    const uint32_t round = i / 16;
    uint32_t mixed = 0, word = 0;
    if (round == 0) mixed = (b & c) | (~b & d), word = i;
    if (round == 1) mixed = (b & d) | (c & ~d), word = (5 * i + 1) % 16;
    if (round == 2) mixed = b ^ c ^ d, word = (3 * i + 5) % 16;
    if (round == 3) mixed = c ^ (b | ~d), word = 7 * i % 16;
    const uint32_t sum = a + mixed + kSines[i] + words[word];
    a = d;
    d = c;
    c = b;
    b += std::rotl(sum, kShifts[round][i % 4]);
  }
  state = {state[0] + a, state[1] + b, state[2] + c, state[3] + d};
}

std::array<uint32_t, 256> crc_table() {
  std::array<uint32_t, 256> table{};
  for (uint32_t i = 0; i < 256; ++i) {
    uint32_t crc = i;
    for (int bit = 0; bit < 8; ++bit) crc = crc >> 1 ^ ((crc & 1) != 0 ? 0xEDB88320u : 0);
    table[i] = crc;
  }
  return table;
}

}  // namespace

std::array<uint8_t, 16> md5(ByteSpan bytes) {
  static_assert(std::endian::native == std::endian::little);
  constexpr std::size_t kBlock = 64, kLengthBytes = 8;
  State state = {0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476};
  std::size_t at = 0;
  for (; bytes.size() - at >= kBlock; at += kBlock) md5_block(state, bytes.data() + at);
  // The rest, a one bit, zeros, and the length in bits.
  std::byte tail[2 * kBlock] = {};
  const std::size_t left = bytes.size() - at;
  if (left > 0) std::memcpy(tail, bytes.data() + at, left);
  tail[left] = std::byte{0x80};
  const std::size_t size = left + 1 + kLengthBytes <= kBlock ? kBlock : 2 * kBlock;
  const uint64_t bits = bytes.size() * uint64_t{8};
  std::memcpy(tail + size - kLengthBytes, &bits, kLengthBytes);
  for (std::size_t done = 0; done < size; done += kBlock) md5_block(state, tail + done);
  return std::bit_cast<std::array<uint8_t, 16>>(state);
}

uint32_t crc32(ByteSpan bytes) {
  static const std::array<uint32_t, 256> kTable = crc_table();
  uint32_t crc = ~0u;
  for (std::byte byte : bytes) crc = kTable[(crc ^ static_cast<uint32_t>(byte)) & 0xFF] ^ crc >> 8;
  return ~crc;
}

}  // namespace graupel
