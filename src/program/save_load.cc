// The program's byte layout (docs/formats.md): a fixed head, the body over fields(), the constants on a page of their
// own.
#include <algorithm>

#include "program/program.h"
#include "program/serialize.h"

namespace graupel {
namespace {

constexpr std::size_t kPage = 4096;

struct Head {
  std::array<char, 8> magic = {'G', 'R', 'A', 'U', 'P', 'E', 'L', 'P'};
  uint32_t format_version = kProgramFormat;
  uint32_t families = std::variant_size_v<Params>;  ///< instruction kinds the writer knew
  uint64_t body_size = 0;
  uint64_t constants_offset = 0, constants_size = 0;

  static constexpr auto fields() {
    return std::tuple{Field{"magic", &Head::magic},
                      Field{"format_version", &Head::format_version},
                      Field{"families", &Head::families},
                      Field{"body_size", &Head::body_size},
                      Field{"constants_offset", &Head::constants_offset},
                      Field{"constants_size", &Head::constants_size}};
  }
};
constexpr std::size_t kHeadSize = 40;

Result<Head> read_head(ByteSpan bytes) {
  Head head;
  Reader read(bytes);
  read(head);
  if (!read.ok() || head.magic != Head{}.magic) return corrupt("these bytes are no program: the magic is missing");
  if (head.format_version != kProgramFormat)
    return mismatch("program format version ", head.format_version, ", this build reads ", kProgramFormat,
                    "; compile the model again with this version");
  if (head.families > Head{}.families)
    return mismatch("the program knows ", head.families, " kinds of instructions, this build ", Head{}.families,
                    "; update the runtime");
  const bool fits = head.body_size <= bytes.size() - kHeadSize && head.constants_offset % kPage == 0 &&
                    head.constants_offset >= kHeadSize + head.body_size && head.constants_offset <= bytes.size() &&
                    head.constants_size == bytes.size() - head.constants_offset;
  if (!fits)
    return corrupt("the program's sections do not add up to its ", bytes.size(), " bytes; the file is cut or damaged");
  return head;
}

}  // namespace

Bytes save_program(const Program& program) {
  Writer body;
  body(program);
  const Bytes body_bytes = std::move(body).take();
  Head head;
  head.body_size = body_bytes.size();
  head.constants_offset = align_up(kHeadSize + body_bytes.size(), kPage);
  head.constants_size = program.constants.size();
  Writer out;
  out(head);
  Bytes bytes = std::move(out).take();
  check(bytes.size() == kHeadSize, "program head size");
  bytes.insert(bytes.end(), body_bytes.begin(), body_bytes.end());
  bytes.resize(head.constants_offset);
  const ByteSpan constants = program.constants.bytes();
  bytes.insert(bytes.end(), constants.begin(), constants.end());
  return bytes;
}

Result<Program> load_program(ByteSpan bytes, std::shared_ptr<const void> owner) {
  GRAUPEL_TRY(const Head head, read_head(bytes));
  Program program;
  Reader read(bytes.subspan(kHeadSize, head.body_size));
  read(program);
  if (!read.ok() || read.left() != 0) return corrupt("the program's body does not parse; the file is damaged");
  const ByteSpan constants = bytes.subspan(head.constants_offset);
  const bool aligned = reinterpret_cast<std::uintptr_t>(constants.data()) % 64 == 0;
  program.constants =
      owner && aligned ? Blob(constants, std::move(owner)) : Blob(Bytes(constants.begin(), constants.end()));
  GRAUPEL_DO(validate(program));
  return program;
}

}  // namespace graupel
