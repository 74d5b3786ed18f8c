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

/// A file being written beside `path`. Where the file system and /proc allow, it has no name until it is whole: a
/// process that is killed while it writes leaves nothing behind.
class Draft {
 public:
  Draft() = default;
  Draft(const Draft&) = delete;
  ~Draft() {
    if (fd_ >= 0) ::close(fd_);
    if (!name_.empty()) ::unlink(name_.c_str());
  }
  int fd() const { return fd_; }

  bool open(const std::string& path) {
    const std::size_t slash = path.rfind('/');
    const std::string folder = slash == std::string::npos ? "." : path.substr(0, slash + 1);
    if (::access("/proc/self/fd", X_OK) == 0) fd_ = ::open(folder.c_str(), O_TMPFILE | O_WRONLY | O_CLOEXEC, 0600);
    return fd_ >= 0 || open_named(path);
  }

  /// Gives it the mode of any new file, and the name `path`.
  Result<> publish(const std::string& path) {
    const mode_t mask = ::umask(0);
    ::umask(mask);
    if (::fchmod(fd_, 0666 & ~mask) != 0) return io_error("cannot set its mode: ", reason());
    if (name_.empty()) GRAUPEL_DO(name_beside(path));
    if (::rename(name_.c_str(), path.c_str()) != 0) return io_error("cannot rename onto it: ", reason());
    name_.clear();
    return {};
  }

 private:
  bool open_named(const std::string& path) {
    std::string name = path + ".part-XXXXXX";
    fd_ = ::mkostemp(name.data(), O_CLOEXEC);
    if (fd_ >= 0) name_ = name;
    return fd_ >= 0;
  }

  /// rename() replaces a file, linkat() does not: the nameless file gets a passing name first.
  Result<> name_beside(const std::string& path) {
    const std::string source = cat("/proc/self/fd/", fd_);
    for (int number = 0;; ++number) {
      const std::string name = cat(path, ".part-", ::getpid(), "-", number);
      if (::linkat(AT_FDCWD, source.c_str(), AT_FDCWD, name.c_str(), AT_SYMLINK_FOLLOW) == 0) {
        name_ = name;
        return {};
      }
      if (errno != EEXIST) return io_error("cannot name it: ", reason());
    }
  }

  int fd_ = -1;
  std::string name_;  ///< empty: it has none
};

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
  Draft draft;
  if (!draft.open(path)) return io_error("cannot create a file beside '", path, "': ", reason());
  Result<> written = fill(draft.fd(), pieces);
  if (written.ok()) written = draft.publish(path);
  return std::move(written).within("writing '", path, "'");
}

Result<> write_file(const std::string& path, ByteSpan bytes) { return write_file(path, std::span(&bytes, 1)); }

}  // namespace graupel
