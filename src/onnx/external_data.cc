#include "onnx/external_data.h"

#include <filesystem>

namespace graupel::onnx {
namespace {

/// The format wants a path relative to the model's folder; one that leaves it could read any file of the machine.
Result<> stays_inside(const std::string& location) {
  const std::filesystem::path path(location);
  bool inside = !location.empty() && path.is_relative() && location.find('\0') == std::string::npos;
  for (const auto& part : path) inside = inside && part != "..";
  if (inside) return {};
  return invalid("external data location '", location, "' (accepted: a relative path without '..', beside the model)");
}

}  // namespace

Result<ByteSpan> ExternalData::bytes(const std::string& location, int64_t offset, int64_t length) const {
  GRAUPEL_DO(stays_inside(location));
  auto file = files_.find(location);
  if (file == files_.end()) {
    const std::filesystem::path path = std::filesystem::path(folder_) / location;
    // A link may point anywhere: what counts is where the file really is.
    std::error_code failure;
    const auto real = std::filesystem::weakly_canonical(path, failure);
    const auto home = std::filesystem::weakly_canonical(folder_.empty() ? "." : folder_, failure);
    const auto outside = std::filesystem::relative(real, home, failure);
    if (failure || outside.empty() || *outside.begin() == "..")
      return invalid("external data '", location,
                     "' is a link out of the model's folder; put the file itself beside the model");
    GRAUPEL_TRY(MappedFile mapped, MappedFile::open(path.string()).within("external data '", location, "'"));
    file = files_.emplace(location, std::move(mapped)).first;
  }
  const ByteSpan all = file->second.bytes();
  const auto size = static_cast<int64_t>(all.size());
  if (offset < 0 || offset > size)
    return corrupt("external data '", location, "': offset ", offset, " in a file of ", size, " bytes");
  const int64_t count = length < 0 ? size - offset : length;
  if (count > size - offset)
    return corrupt("external data '", location, "': ", count, " bytes from offset ", offset, " in a file of ", size,
                   " bytes");
  return all.subspan(static_cast<std::size_t>(offset), static_cast<std::size_t>(count));
}

}  // namespace graupel::onnx
