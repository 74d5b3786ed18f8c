#include "compiler/model_preprocess.h"

#include <filesystem>

namespace graupel {

namespace fs = std::filesystem;

std::string with_extension(const std::string& path, const std::string& extension) {
  return fs::path(path).replace_extension(extension).string();
}

Result<std::optional<PreprocessFile>> find_preprocess(const std::string& path, const std::string& given) {
  const std::string beside = with_extension(path, ".yaml");
  std::error_code error;
  if (given.empty() && (beside == path || !fs::exists(beside, error))) return std::optional<PreprocessFile>();
  GRAUPEL_TRY(PreprocessFile file, read_preprocess(given.empty() ? beside : given));
  return std::optional<PreprocessFile>(std::move(file));
}

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

}  // namespace graupel
