#include "har/archive.h"

#include <archive.h>
#include <archive_entry.h>

#include <cstring>
#include <memory>

namespace graupel {
namespace {

struct Free {
  void operator()(archive* a) const { archive_free(a); }
  void operator()(archive_entry* e) const { archive_entry_free(e); }
};
using Archive = std::unique_ptr<archive, Free>;
using Entry = std::unique_ptr<archive_entry, Free>;

std::string reason(archive* a) {
  const char* text = archive_error_string(a);
  return text != nullptr ? text : "unknown reason";
}

la_ssize_t append(archive*, void* sink, const void* data, size_t size) {
  auto& bytes = *static_cast<Bytes*>(sink);
  const auto* begin = static_cast<const std::byte*>(data);
  bytes.insert(bytes.end(), begin, begin + size);
  return static_cast<la_ssize_t>(size);
}

Result<Bytes> write_members(Archive writer, std::span<const Member> members) {
  Bytes bytes;
  archive* a = writer.get();
  archive_write_set_bytes_per_block(a, 0);
  archive_write_set_bytes_in_last_block(a, 1);
  if (archive_write_open(a, &bytes, nullptr, append, nullptr) != ARCHIVE_OK)
    return io_error("cannot begin an archive: ", reason(a));
  for (const Member& member : members) {
    const Entry entry(archive_entry_new());
    archive_entry_copy_pathname(entry.get(), member.name.c_str());
    archive_entry_set_size(entry.get(), static_cast<la_int64_t>(member.data.size()));
    archive_entry_set_filetype(entry.get(), AE_IFREG);
    archive_entry_set_perm(entry.get(), 0644);
    archive_entry_set_mtime(entry.get(), 0, 0);
    if (archive_write_header(a, entry.get()) != ARCHIVE_OK)
      return invalid("cannot store a member named '", member.name, "': ", reason(a));
    if (archive_write_data(a, member.data.data(), member.data.size()) != static_cast<la_ssize_t>(member.data.size()))
      return io_error("cannot store member '", member.name, "': ", reason(a));
  }
  if (archive_write_close(a) != ARCHIVE_OK) return io_error("cannot end an archive: ", reason(a));
  return bytes;
}

Result<Bytes> read_member(archive* a, std::size_t limit_bytes) {
  Bytes data;
  const void* block = nullptr;
  size_t size = 0;
  la_int64_t offset = 0;
  while (true) {
    const int status = archive_read_data_block(a, &block, &size, &offset);
    if (status == ARCHIVE_EOF) return data;
    if (status != ARCHIVE_OK) return corrupt("unreadable content: ", reason(a));
    if (offset < 0 || static_cast<std::size_t>(offset) != data.size()) return corrupt("a sparse file is not accepted");
    if (size > limit_bytes - data.size()) return corrupt("it holds more than the accepted ", limit_bytes, " bytes");
    const auto* begin = static_cast<const std::byte*>(block);
    data.insert(data.end(), begin, begin + size);
  }
}

Result<std::vector<Member>> read_members(Archive reader, ByteSpan bytes, std::size_t limit_bytes) {
  archive* a = reader.get();
  if (archive_read_open_memory(a, bytes.data(), bytes.size()) != ARCHIVE_OK) return corrupt(reason(a));
  std::vector<Member> members;
  while (true) {
    archive_entry* entry = nullptr;
    const int status = archive_read_next_header(a, &entry);
    if (status == ARCHIVE_EOF) return members;
    if (status != ARCHIVE_OK) return corrupt("unreadable member after ", members.size(), " others: ", reason(a));
    const char* name = archive_entry_pathname(entry);
    if (name == nullptr) return corrupt("member ", members.size(), " has no readable name");
    if (archive_entry_filetype(entry) != AE_IFREG) continue;
    Member member{name, {}};
    GRAUPEL_TRY(member.data, read_member(a, limit_bytes).within("member '", member.name, "'"));
    limit_bytes -= member.data.size();
    members.push_back(std::move(member));
  }
}

}  // namespace

Result<Bytes> write_tar(std::span<const Member> members) {
  Archive writer(archive_write_new());
  archive_write_set_format_ustar(writer.get());
  return write_members(std::move(writer), members);
}

Result<Bytes> write_zip(std::span<const Member> members) {
  Archive writer(archive_write_new());
  archive_write_set_format_zip(writer.get());
  archive_write_zip_set_compression_store(writer.get());
  return write_members(std::move(writer), members);
}

Result<std::vector<Member>> read_tar(ByteSpan bytes, std::size_t limit_bytes) {
  Archive reader(archive_read_new());
  archive_read_support_format_tar(reader.get());
  return read_members(std::move(reader), bytes, limit_bytes).within("tar");
}

Result<std::vector<Member>> read_zip(ByteSpan bytes, std::size_t limit_bytes) {
  Archive reader(archive_read_new());
  archive_read_support_format_zip(reader.get());
  return read_members(std::move(reader), bytes, limit_bytes).within("zip");
}

Bytes to_bytes(std::string_view text) {
  Bytes bytes(text.size());
  if (!text.empty()) std::memcpy(bytes.data(), text.data(), text.size());
  return bytes;
}

std::string_view to_text(ByteSpan bytes) { return {reinterpret_cast<const char*>(bytes.data()), bytes.size()}; }

}  // namespace graupel
