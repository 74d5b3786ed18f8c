// Saving and loading a program: a fixed header, the description, and the constants on a page boundary.
#include <cstring>

#include "program/encoding.h"
#include "program/versions.h"

namespace graupel {
namespace {

constexpr char kMagic[8] = {'G', 'R', 'A', 'U', 'P', 'E', 'L', '\0'};
constexpr std::size_t kPage = 4096;

struct Header {
  char magic[8];
  uint32_t format_version;
  uint32_t ops_version;
  uint64_t description_bytes;
  uint64_t constants_offset;
  uint64_t constants_bytes;
};
static_assert(sizeof(Header) == 40);

Result<Header> read_header(ByteSpan bytes) {
  Header header;
  if (bytes.size() < sizeof(Header)) return corrupt("a program of ", bytes.size(), " bytes is shorter than its header");
  std::memcpy(&header, bytes.data(), sizeof(Header));
  if (std::memcmp(header.magic, kMagic, sizeof(kMagic)) != 0) return corrupt("this is not a Graupel program");
  if (header.format_version != kProgramFormat || header.ops_version != kOperatorSet)
    return mismatch("the program has format ", header.format_version, " and instruction set ", header.ops_version,
                    "; this build reads format ", kProgramFormat, " and instruction set ", kOperatorSet,
                    "; compile the model again with this build");
  const uint64_t size = bytes.size();
  if (header.description_bytes > size - sizeof(Header) ||
      header.constants_offset != align_up(sizeof(Header) + header.description_bytes, kPage) ||
      header.constants_offset > size || header.constants_bytes != size - header.constants_offset)
    return corrupt("a program of ", size, " bytes declares ", header.description_bytes, " bytes of description and ",
                   header.constants_bytes, " of constants at ", header.constants_offset);
  return header;
}

Result<> expect_zeros(ByteSpan bytes) {
  for (std::byte byte : bytes)
    if (byte != std::byte{0}) return corrupt("the bytes between description and constants are not zero");
  return {};
}

}  // namespace

Bytes save_program(const Program& program) {
  Bytes out(sizeof(Header));
  encoding::Writer(out).put(program);
  Header header{};
  std::memcpy(header.magic, kMagic, sizeof(kMagic));
  header.format_version = kProgramFormat;
  header.ops_version = kOperatorSet;
  header.description_bytes = out.size() - sizeof(Header);
  header.constants_offset = align_up(out.size(), kPage);
  header.constants_bytes = program.constants.size();
  std::memcpy(out.data(), &header, sizeof(Header));
  out.resize(header.constants_offset);
  out.insert(out.end(), program.constants.bytes().begin(), program.constants.bytes().end());
  return out;
}

Result<Program> load_program(ByteSpan bytes, std::shared_ptr<const void> keep) {
  GRAUPEL_TRY(const Header header, read_header(bytes));
  const std::size_t described = sizeof(Header) + header.description_bytes;
  GRAUPEL_DO(expect_zeros(bytes.subspan(described, header.constants_offset - described)));
  Program program;
  encoding::Reader reader(bytes.subspan(sizeof(Header), header.description_bytes));
  reader.get(program);
  GRAUPEL_DO(reader.finish());
  const ByteSpan constants = bytes.subspan(header.constants_offset);
  const bool aligned = reinterpret_cast<std::uintptr_t>(constants.data()) % 64 == 0;
  if (keep != nullptr && aligned)
    program.constants = ConstantData(constants, std::move(keep));
  else
    program.constants = Bytes(constants.begin(), constants.end());
  GRAUPEL_DO(validate(program));
  return program;
}

}  // namespace graupel
