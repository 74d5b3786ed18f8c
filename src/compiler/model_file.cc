#include "compiler/model_file.h"

#include <algorithm>
#include <filesystem>

#include "base/file.h"
#include "base/hash.h"
#include "eval/preprocess_file.h"
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

/// The declaration for a model at `path`: given, found beside it, or none.
Result<std::optional<PreprocessFile>> find_preprocess(const std::string& path, const std::string& given) {
  const std::string beside = with_extension(path, ".yaml");
  std::error_code error;
  if (given.empty() && (beside == path || !fs::exists(beside, error))) return std::optional<PreprocessFile>();
  GRAUPEL_TRY(PreprocessFile file, read_preprocess(given.empty() ? beside : given));
  return std::optional<PreprocessFile>(std::move(file));
}

/// Checks the declaration against the picture inputs and takes it from the others.
Result<> apply_preprocess(const PreprocessFile& file, Graph& graph) {
  bool any = false;
  for (std::size_t i = 0; i < graph.inputs.size(); ++i) {
    const Shape& shape = graph[graph.inputs[i]].type.shape;
    PortInfo& info = graph.input_info[i];
    const bool picture = shape.size() == 4;
    info.preprocess = picture ? file.preprocess : Preprocess{};
    if (!picture) continue;
    GRAUPEL_DO(check_preprocess(file, shape, info.order).within("input '", info.origin, "'"));
    any = true;
  }
  if (!any) return mismatch("the preprocess declares pictures but no input of the model has four extents");
  return {};
}

}  // namespace

std::string_view to_string(ModelKind kind) {
  constexpr std::string_view kNames[] = {"onnx", "har", "hef"};
  return kNames[static_cast<std::size_t>(kind)];
}

std::string with_extension(const std::string& path, const std::string& extension) {
  return fs::path(path).replace_extension(extension).string();
}

Result<Har> parse_har(const std::string& path, ParseOptions options, const std::string& preprocess_path) {
  GRAUPEL_TRY(const std::optional<PreprocessFile> file, find_preprocess(path, preprocess_path));
  GRAUPEL_TRY(Graph graph, parse_onnx(path, std::move(options)));
  if (file) GRAUPEL_DO(apply_preprocess(*file, graph));
  Har har;
  har.name = graph.name;
  har.parsed = std::move(graph);
  return har;
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
