#include "hef/container.h"

#include <cstring>
#include <string_view>

#include "base/hash.h"
#include "hef/digest.h"

namespace graupel {
namespace {

constexpr uint32_t kMagic = 0x01484546;
constexpr std::size_t kHeaderBytes[] = {32, 28, 44, 56};  ///< by version
constexpr std::size_t kPage = 4096;

/// Big-endian integers one after another. The caller has checked the length.
class HeaderReader {
 public:
  explicit HeaderReader(ByteSpan bytes) : bytes_(bytes) {}
  uint32_t u32() { return static_cast<uint32_t>(integer(4)); }
  uint64_t u64() { return integer(8); }
  ByteSpan take(std::size_t count) {
    at_ += count;
    return bytes_.subspan(at_ - count, count);
  }

 private:
  uint64_t integer(std::size_t count) {
    uint64_t value = 0;
    for (std::byte byte : take(count)) value = value << 8 | static_cast<uint64_t>(byte);
    return value;
  }
  ByteSpan bytes_;
  std::size_t at_ = 0;
};

void put(Bytes& out, uint64_t value, int count) {
  for (int shift = 8 * (count - 1); shift >= 0; shift -= 8) out.push_back(static_cast<std::byte>(value >> shift));
}

/// What the header of any version says.
struct Header {
  uint32_t version = 0;
  uint64_t messages = 0;    ///< bytes
  uint64_t padding = 0;     ///< bytes between messages and payload
  uint64_t payload = 0;     ///< bytes, padding included
  uint64_t additional = 0;  ///< bytes after the payload
  uint64_t reserved = 0;    ///< must be 0
  ByteSpan md5;
  uint32_t crc = 0;
  uint64_t xxh3 = 0, messages_xxh3 = 0;
};

Header read_header(HeaderReader in) {
  Header header;
  in.u32();
  header.version = in.u32();
  header.messages = in.u32();
  switch (header.version) {
    case 0:
      header.reserved = in.u32();
      header.md5 = in.take(16);
      break;
    case 1:
      header.crc = in.u32();
      header.payload = in.u64();
      header.reserved = in.u32();
      break;
    case 2:
      header.xxh3 = in.u64();
      header.payload = in.u64();
      header.reserved = in.u64() | in.u64();
      break;
    default:
      header.xxh3 = in.u64();
      header.payload = in.u64();
      header.padding = in.u32();
      header.additional = in.u64();
      header.messages_xxh3 = in.u64();
      header.reserved = in.u64();
  }
  return header;
}

Result<> check_lengths(const Header& header, uint64_t body) {
  const bool fits = header.messages <= body && header.payload <= body - header.messages &&
                    header.additional == body - header.messages - header.payload && header.padding <= header.payload;
  if (!fits)
    return corrupt("the HEF has ", body, " bytes after its header, which declares ", header.messages, " of messages, ",
                   header.payload, " of payload (", header.padding, " of them padding) and ", header.additional,
                   " more; it is cut or damaged");
  if (header.reserved != 0) return corrupt("a reserved field of the HEF header is not zero");
  return {};
}

Result<> differ(std::string_view what, std::string_view digest) {
  return corrupt("the ", digest, " checksum of the ", what,
                 " differs from the one in the HEF header; the file is damaged");
}

Result<> check_digests(const Header& header, ByteSpan body) {
  if (header.version == 0)
    return std::memcmp(md5(body).data(), header.md5.data(), header.md5.size()) == 0 ? Result<>()
                                                                                    : differ("file", "MD5");
  if (header.version == 1) return crc32(body) == header.crc ? Result<>() : differ("file", "CRC-32");
  // Newer writers seal the messages, and with them the offsets and hashes of everything else, in a field of their own.
  const bool sealed_apart = header.messages_xxh3 != 0;
  if (sealed_apart && xxh3_64(body.first(header.messages)) != header.messages_xxh3) return differ("messages", "XXH3");
  if (xxh3_64(body) != header.xxh3) return differ("file", "XXH3");
  return {};
}

}  // namespace

Result<HefSections> read_container(ByteSpan file) {
  if (file.size() < 12) return corrupt("a HEF of ", file.size(), " bytes is shorter than any header");
  HeaderReader start(file);
  const uint32_t magic = start.u32(), version = start.u32();
  if (magic != kMagic) return corrupt("this is not a HEF: it begins with ", magic, " instead of ", kMagic);
  if (version >= std::size(kHeaderBytes))
    return unsupported("HEF header version ", version, " (supported: 0 to ", std::size(kHeaderBytes) - 1, ")");
  const std::size_t header_bytes = kHeaderBytes[version];
  if (file.size() < header_bytes)
    return corrupt("a HEF of ", file.size(), " bytes is shorter than its header of ", header_bytes);
  const Header header = read_header(HeaderReader(file));
  const ByteSpan body = file.subspan(header_bytes);
  GRAUPEL_DO(check_lengths(header, body.size()));
  GRAUPEL_DO(check_digests(header, body));
  return HefSections{version, body.first(header.messages),
                     body.subspan(header.messages + header.padding, header.payload - header.padding)};
}

Bytes write_container(ByteSpan messages, ByteSpan payload) {
  constexpr std::size_t kHeader = kHeaderBytes[3];
  const std::size_t padding = align_up(kHeader + messages.size(), kPage) - kHeader - messages.size();
  const Bytes zeros(padding);
  const ByteSpan body[] = {messages, zeros, payload};
  Bytes out;
  out.reserve(kHeader + messages.size() + padding + payload.size());
  put(out, kMagic, 4);
  put(out, 3, 4);
  put(out, messages.size(), 4);
  put(out, xxh3_64(body), 8);
  put(out, padding + payload.size(), 8);
  put(out, padding, 4);
  put(out, 0, 8);  // additional information
  put(out, 0, 8);  // the messages are not sealed apart
  put(out, 0, 8);
  for (ByteSpan piece : body) out.insert(out.end(), piece.begin(), piece.end());
  return out;
}

}  // namespace graupel
