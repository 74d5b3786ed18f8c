#include "compiler/model_file.h"

#include <filesystem>

#include "base/file.h"
#include "base/hash.h"
#include "har/archive.h"

namespace graupel {
namespace {

namespace fs = std::filesystem;

ModelKind kind_of(ByteSpan bytes, const std::string& path) {
  const std::string_view text = to_text(bytes);
  constexpr std::size_t kTarMagic = 257;
  if (text.starts_with("\x01HEF")) return ModelKind::kHef;
  if (text.size() > kTarMagic && text.substr(kTarMagic).starts_with("ustar")) return ModelKind::kHar;
  const std::string extension = fs::path(path).extension().string();
  return extension == ".har" ? ModelKind::kHar : extension == ".hef" ? ModelKind::kHef : ModelKind::kOnnx;
}

}  // namespace

std::string_view to_string(ModelKind kind) {
  constexpr std::string_view kNames[] = {"onnx", "har", "hef"};
  return kNames[static_cast<std::size_t>(kind)];
}

Result<Har> parse_har(const std::string& path, ParseOptions options, const std::string& preprocess_path) {
  GRAUPEL_TRY(ParsedFile file, parse_file(path, std::move(options), preprocess_path, Advice::kIgnore));
  return std::move(file.har);
}

Result<ModelFile> load_model(const std::string& path, ParseOptions options, const std::string& preprocess_path) {
  GRAUPEL_TRY(const MappedFile mapped, MappedFile::open(path));
  ModelFile model;
  model.path = path;
  model.hash = hex64(xxh3_64(mapped.bytes()));
  model.kind = kind_of(mapped.bytes(), path);
  if (model.kind == ModelKind::kHar) {
    GRAUPEL_TRY(model.har, load_har(mapped.bytes()).within("'", path, "'"));
  } else if (model.kind == ModelKind::kHef) {
    GRAUPEL_TRY(model.hef, load_hef(mapped.bytes()).within("'", path, "'"));
  } else {
    GRAUPEL_TRY(model.har, parse_har(path, std::move(options), preprocess_path));
  }
  return model;
}

}  // namespace graupel
