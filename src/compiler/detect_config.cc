#include "compiler/detect_config.h"

#include <algorithm>

#include "base/file.h"
#include "base/nearest_names.h"
#include "har/archive.h"
#include "har/graph_json.h"

namespace graupel {
namespace {

Result<> read_value(const JsonIn& json, bool& value) { return value_from_json(json, value); }
Result<> read_value(const JsonIn& json, float& value) { return value_from_json(json, value); }
Result<> read_value(const JsonIn& json, int32_t& value) { return value_from_json(json, value); }
Result<> read_value(const JsonIn& json, std::string& value) { return value_from_json(json, value); }

template <class T>
Result<> read_value(const JsonIn& json, std::optional<T>& value) {
  return read_value(json, value.emplace());
}
template <class T>
Result<> read_value(const JsonIn& json, std::vector<T>& value) {
  if (!json.is_array()) return corrupt("expected a list");
  value.clear();
  for (const JsonIn& element : json) GRAUPEL_DO(read_value(element, value.emplace_back()));
  return {};
}

JsonOut write_value(bool value) { return value; }
JsonOut write_value(float value) { return value; }
JsonOut write_value(int32_t value) { return value; }
JsonOut write_value(const std::string& value) { return value; }

/// A JSON key and how its member is read and written.
template <class Struct>
struct Key {
  std::string_view name;
  Result<> (*read)(const JsonIn&, Struct&);
  /// Nothing when the key is to be left out.
  std::optional<JsonOut> (*write)(const Struct&);
};

template <class T>
std::optional<JsonOut> write_member(const std::optional<T>& value) {
  return value ? std::optional<JsonOut>(write_value(*value)) : std::nullopt;
}
template <class T>
std::optional<JsonOut> write_member(const std::vector<T>& list) {
  if (list.empty()) return {};
  JsonOut json = JsonOut::array();
  for (const T& element : list) json.push_back(write_value(element));
  return json;
}
template <class T>
std::optional<JsonOut> write_member(const T& value) {
  return write_value(value);
}

template <auto member, class Struct>
Key<Struct> key(std::string_view name, Struct*) {
  return {name, [](const JsonIn& json, Struct& object) { return read_value(json, object.*member); },
          [](const Struct& object) { return write_member(object.*member); }};
}

template <class Struct>
Result<> read_object(const JsonIn& json, std::span<const Key<Struct>> keys, Struct& object) {
  if (!json.is_object()) return invalid("expected an object");
  for (const auto& [name, value] : json.items()) {
    const auto found = std::find_if(keys.begin(), keys.end(), [&](const auto& row) { return row.name == name; });
    if (found == keys.end()) {
      std::vector<std::string> names;
      for (const auto& row : keys) names.emplace_back(row.name);
      return invalid("key '", name, "' is unknown (most like it: ", quoted_list(nearest_names(name, names)), ")");
    }
    const Result<> read = found->read(value, object);
    if (!read.ok()) return invalid("key '", name, "' is ", value.dump(), ": ", read.error().message);
  }
  return {};
}

template <class Struct>
JsonOut write_object(std::span<const Key<Struct>> keys, const Struct& object) {
  JsonOut json = JsonOut::object();
  for (const Key<Struct>& row : keys)
    if (const std::optional<JsonOut> value = row.write(object)) json[std::string(row.name)] = *value;
  return json;
}

using Decoder = DetectConfig::Decoder;
using Proto = DetectConfig::Proto;

std::span<const Key<Decoder>> decoder_keys() {
  static const Key<Decoder> kKeys[] = {
#define GRAUPEL_KEY(member) key<&Decoder::member>(#member, static_cast<Decoder*>(nullptr))
      GRAUPEL_KEY(name),          GRAUPEL_KEY(stride),    GRAUPEL_KEY(w),         GRAUPEL_KEY(h),
      GRAUPEL_KEY(encoded_layer), GRAUPEL_KEY(reg_layer), GRAUPEL_KEY(cls_layer), GRAUPEL_KEY(objectness_layer),
#undef GRAUPEL_KEY
  };
  return kKeys;
}

std::span<const Key<Proto>> proto_keys() {
  static const Key<Proto> kKeys[] = {
#define GRAUPEL_KEY(member) key<&Proto::member>(#member, static_cast<Proto*>(nullptr))
      GRAUPEL_KEY(number),
      GRAUPEL_KEY(stride),
      GRAUPEL_KEY(layer),
#undef GRAUPEL_KEY
  };
  return kKeys;
}

Result<> read_value(const JsonIn& json, Decoder& value) {
  return read_object(json, decoder_keys(), value).within("bbox_decoders");
}
Result<> read_value(const JsonIn& json, Proto& value) { return read_object(json, proto_keys(), value).within("proto"); }
JsonOut write_value(const Decoder& value) {
  JsonOut json = write_object(decoder_keys(), value);
  for (const char* name : {"encoded_layer", "reg_layer", "cls_layer", "objectness_layer"})
    if (json[name] == "") json.erase(name);
  return json;
}
JsonOut write_value(const Proto& value) { return write_object(proto_keys(), value); }

template <class T>
Result<> read_list(const JsonIn& json, std::vector<T>& list) {
  if (!json.is_array()) return corrupt("expected a list");
  list.clear();
  for (const JsonIn& element : json) GRAUPEL_DO(read_value(element, list.emplace_back()));
  return {};
}

std::span<const Key<DetectConfig>> config_keys() {
  static const Key<DetectConfig> kKeys[] = {
#define GRAUPEL_KEY(member) key<&DetectConfig::member>(#member, static_cast<DetectConfig*>(nullptr))
      GRAUPEL_KEY(nms_scores_th),
      GRAUPEL_KEY(nms_iou_th),
      GRAUPEL_KEY(image_dims),
      GRAUPEL_KEY(max_proposals_per_class),
      GRAUPEL_KEY(max_total_proposals),
      GRAUPEL_KEY(classes),
      GRAUPEL_KEY(regression_length),
      GRAUPEL_KEY(background_removal),
      GRAUPEL_KEY(background_removal_index),
      GRAUPEL_KEY(centers_scale_factor),
      GRAUPEL_KEY(bbox_dimensions_scale_factor),
      GRAUPEL_KEY(input_division_factor),
      GRAUPEL_KEY(number_of_detection_heads),
#undef GRAUPEL_KEY
      {"bbox_decoders", [](const JsonIn& json, DetectConfig& c) { return read_list(json, c.bbox_decoders); },
       [](const DetectConfig& c) {
         JsonOut list = JsonOut::array();
         for (const Decoder& one : c.bbox_decoders) list.push_back(write_value(one));
         return std::optional<JsonOut>(std::move(list));
       }},
      {"proto", [](const JsonIn& json, DetectConfig& c) { return read_list(json, c.proto); },
       [](const DetectConfig& c) {
         JsonOut list = JsonOut::array();
         for (const Proto& one : c.proto) list.push_back(write_value(one));
         return c.proto.empty() ? std::nullopt : std::optional<JsonOut>(std::move(list));
       }},
  };
  return kKeys;
}

}  // namespace

Result<DetectArch> parse_detect_arch(std::string_view name) {
  std::string accepted;
  for (int i = 0; i <= static_cast<int>(DetectArch::kSsd); ++i) {
    const auto arch = static_cast<DetectArch>(i);
    if (name == to_string(arch)) return arch;
    accepted += cat(i > 0 ? ", " : "", to_string(arch));
  }
  // Its heads are yolov5's.
  if (name == "yolov7") return DetectArch::kYolov5;
  return unsupported("meta_arch '", name, "' is not decoded by this version (accepted: ", accepted,
                     "); leave nms_postprocess out and decode the heads yourself");
}

Result<DetectConfig> read_detect_config(std::string_view json) {
  GRAUPEL_TRY(const JsonIn parsed, parse_json(json));
  DetectConfig config;
  GRAUPEL_DO(read_object(parsed, config_keys(), config).within("the NMS configuration"));
  if (!config.image_dims.empty() && config.image_dims.size() != 2)
    return invalid("the NMS configuration: image_dims has ", config.image_dims.size(),
                   " numbers (expected: height and width)");
  return config;
}

Result<DetectConfig> read_detect_config_file(const std::string& path) {
  GRAUPEL_TRY(const MappedFile file, MappedFile::open(path));
  return read_detect_config(to_text(file.bytes())).within("'", path, "'");
}

std::string write_detect_config(const DetectConfig& config) { return print_json(write_object(config_keys(), config)); }

}  // namespace graupel
