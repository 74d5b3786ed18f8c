#include "base/file.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

namespace graupel {
namespace {

std::string reason() { return std::strerror(errno); }

struct Descriptor {
  int fd;
  ~Descriptor() {
    if (fd >= 0) ::close(fd);
  }
};

Result<> write_all(int fd, ByteSpan bytes) {
  while (!bytes.empty()) {
    const ssize_t written = ::write(fd, bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return io_error("cannot write ", bytes.size(), " bytes: ", reason());
    bytes = bytes.subspan(static_cast<std::size_t>(written));
  }
  return {};
}

Result<> fill(int fd, std::span<const ByteSpan> pieces) {
  for (ByteSpan piece : pieces) GRAUPEL_DO(write_all(fd, piece));
  if (::fsync(fd) != 0 && errno != EINVAL && errno != ENOTSUP) return io_error("cannot flush: ", reason());
  return {};
}

}  // namespace

void MappedFile::Unmap::operator()(const std::byte* data) const {
  if (size > 0) ::munmap(const_cast<std::byte*>(data), size);
}

Result<MappedFile> MappedFile::open(const std::string& path) {
  const Descriptor file{::open(path.c_str(), O_RDONLY | O_CLOEXEC)};
  if (file.fd < 0 && errno == ENOENT) return not_found("file '", path, "' does not exist");
  if (file.fd < 0) return io_error("cannot open '", path, "': ", reason());
  struct stat status {};
  if (::fstat(file.fd, &status) != 0) return io_error("cannot stat '", path, "': ", reason());
  if (!S_ISREG(status.st_mode)) return invalid("'", path, "' is not a regular file");
  MappedFile mapped;
  mapped.size_ = static_cast<std::size_t>(status.st_size);
  if (mapped.size_ == 0) return mapped;
  void* data = ::mmap(nullptr, mapped.size_, PROT_READ, MAP_PRIVATE, file.fd, 0);
  if (data == MAP_FAILED) return io_error("cannot map '", path, "': ", reason());
  mapped.data_ = {static_cast<const std::byte*>(data), Unmap{mapped.size_}};
  return mapped;
}

Result<> write_file(const std::string& path, std::span<const ByteSpan> pieces) {
  std::string beside = path + ".part-XXXXXX";
  const Descriptor file{::mkostemp(beside.data(), O_CLOEXEC)};
  if (file.fd < 0) return io_error("cannot create a file beside '", path, "': ", reason());
  Result<> filled = fill(file.fd, pieces);
  const mode_t mask = ::umask(0);
  ::umask(mask);
  if (filled.ok() && ::fchmod(file.fd, 0666 & ~mask) != 0) filled = io_error("cannot set its mode: ", reason());
  if (filled.ok() && ::rename(beside.c_str(), path.c_str()) != 0)
    filled = io_error("cannot rename onto it: ", reason());
  if (!filled.ok()) ::unlink(beside.c_str());
  return std::move(filled).within("writing '", path, "'");
}

Result<> write_file(const std::string& path, ByteSpan bytes) { return write_file(path, std::span(&bytes, 1)); }

}  // namespace graupel
