#include "eval/preprocess_file.h"

#include <yaml-cpp/yaml.h>

#include <cmath>

#include "base/file.h"
#include "har/archive.h"
#include "har/names.h"
#include "tensor/tensor.h"

namespace graupel {
namespace {

template <class T>
Result<T> scalar(const YAML::Node& node, std::string_view accepted) {
  T value{};
  if (node.IsScalar() && YAML::convert<T>::decode(node, value)) return value;
  return invalid("is not ", accepted);
}

Result<float> number(const YAML::Node& node, bool zero_allowed) {
  GRAUPEL_TRY(const float value, scalar<float>(node, "a number"));
  if (!std::isfinite(value) || (value == 0 && !zero_allowed))
    return invalid("is ", value, " (accepted: a finite number that is not 0)");
  return value;
}

Result<std::vector<float>> numbers(const YAML::Node& node, bool zero_allowed) {
  if (!node.IsSequence() || node.size() == 0 || node.size() > 4)
    return invalid("is not a list of one number per channel");
  std::vector<float> values;
  for (const YAML::Node& element : node) {
    GRAUPEL_TRY(const float value, number(element, zero_allowed));
    values.push_back(value);
  }
  return values;
}

Result<int32_t> integer(const YAML::Node& node, int32_t lowest, int32_t highest) {
  GRAUPEL_TRY(const int32_t value, scalar<int32_t>(node, "an integer"));
  if (value < lowest || value > highest) return invalid("is ", value, " (accepted: ", lowest, " to ", highest, ")");
  return value;
}

template <class Enum>
Result<Enum> choice(const YAML::Node& node) {
  GRAUPEL_TRY(const std::string text, scalar<std::string>(node, cat("one of ", join_names(enum_names<Enum>()))));
  return parse_enum<Enum>(text).within("value");
}

Result<std::string> choice(const YAML::Node& node, std::span<const std::string_view> accepted) {
  GRAUPEL_TRY(const std::string text, scalar<std::string>(node, cat("one of ", join_names(accepted))));
  for (std::string_view name : accepted)
    if (name == text) return text;
  return invalid("'", text, "' (accepted: ", join_names(accepted), ")");
}

struct Key {
  std::string_view name;
  Result<> (*read)(const YAML::Node&, PreprocessFile&);
};

#define GRAUPEL_KEY(name, target, ...)                                   \
  Key {                                                                  \
    name, [](const YAML::Node& node, PreprocessFile& file) -> Result<> { \
      GRAUPEL_TRY(file.target, __VA_ARGS__);                             \
      return {};                                                         \
    }                                                                    \
  }

constexpr std::string_view kLayouts[] = {"nchw", "nhwc"};
constexpr std::string_view kDTypes[] = {"f32", "u8"};
const Key kKeys[] = {
    GRAUPEL_KEY("color", preprocess.color, choice<Preprocess::Color>(node)),
    GRAUPEL_KEY("fit", preprocess.fit, choice<Preprocess::Fit>(node)),
    GRAUPEL_KEY("align", preprocess.align, choice<Preprocess::Align>(node)),
    GRAUPEL_KEY("fill", preprocess.fill, integer(node, 0, 255)),
    GRAUPEL_KEY("short_side", preprocess.short_side, integer(node, 0, 16384)),
    GRAUPEL_KEY("scale", preprocess.scale, number(node, false)),
    GRAUPEL_KEY("mean", preprocess.mean, numbers(node, true)),
    GRAUPEL_KEY("std", preprocess.std, numbers(node, false)),
    GRAUPEL_KEY("layout", layout, choice(node, kLayouts)),
    GRAUPEL_KEY("dtype", dtype, choice(node, kDTypes)),
};

Result<> read_key(const std::string& name, const YAML::Node& node, PreprocessFile& file) {
  std::vector<std::string_view> known;
  for (const Key& key : kKeys) {
    if (key.name == name) return key.read(node, file).within("key '", name, "'");
    known.push_back(key.name);
  }
  return invalid("unknown key '", name, "' (accepted: ", join_names(known), ")");
}

}  // namespace

Result<PreprocessFile> parse_preprocess(const std::string& yaml) {
  try {
    const YAML::Node root = YAML::Load(yaml);
    if (!root.IsMap()) return invalid("expected lines of 'key: value', with the keys color, fit, scale, mean, std, …");
    PreprocessFile file;
    for (const auto& entry : root) {
      if (!entry.first.IsScalar()) return invalid("a key that is not a word");
      GRAUPEL_DO(read_key(entry.first.Scalar(), entry.second, file));
    }
    file.preprocess.declared = true;
    return file;
  } catch (const YAML::Exception& fault) {
    return invalid("not YAML: ", fault.what());
  }
}

Result<PreprocessFile> read_preprocess(const std::string& path) {
  GRAUPEL_TRY(const MappedFile mapped, MappedFile::open(path));
  return parse_preprocess(std::string(to_text(mapped.bytes()))).within("'", path, "'");
}

Result<> check_preprocess(const PreprocessFile& file, const std::vector<int64_t>& shape,
                          const std::vector<int32_t>& order) {
  const Preprocess& p = file.preprocess;
  if (shape.size() != 4)
    return mismatch("the preprocess declares pictures but the model's input is ", to_string(shape));
  const auto channels = static_cast<std::size_t>(shape[3]);
  if (p.color == Preprocess::Color::kGray && channels != 1)
    return mismatch("the preprocess says color: gray but the model's input has ", channels, " channels");
  if (p.color != Preprocess::Color::kGray && channels != 3)
    return mismatch("the preprocess says color: ", enum_name(p.color), " but the model's input has ", channels,
                    channels == 1 ? " channel; declare color: gray" : " channels");
  for (const auto& [name, list] : {std::pair{"mean", &p.mean}, std::pair{"std", &p.std}})
    if (!list->empty() && list->size() != channels)
      return mismatch("the preprocess lists ", list->size(), " numbers under ", name, " but the model's input has ",
                      channels, " channels");
  const bool nchw = order == std::vector<int32_t>{0, 2, 3, 1};
  if (!file.layout.empty() && nchw != (file.layout == "nchw"))
    return mismatch("the preprocess says layout: ", file.layout, " but the model's input is read as ",
                    nchw ? "nchw" : "nhwc");
  return {};
}

}  // namespace graupel
