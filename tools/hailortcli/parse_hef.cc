// hailortcli parse-hef: what a HEF, or every HEF of a folder, holds.
#include <algorithm>
#include <cstdio>
#include <filesystem>

#include "hailortcli/command.h"

namespace hailort::cli {
namespace {

struct Options {
  std::string path;
  bool streams = false, vstreams = true, json = false;
};

Json shape_json(const hailo_3d_image_shape_t& shape) { return {shape.height, shape.width, shape.features}; }

template <class Info>
Json edge_json(const Info& info) {
  Json edge{{"name", info.name},
            {"direction", info.direction == HAILO_H2D_STREAM ? "input" : "output"},
            {"type", HailoRTCommon::get_format_type_str(info.format.type)},
            {"order", HailoRTCommon::get_format_order_str(info.format.order)}};
  return edge;
}

Json json_of(const Options& options, const std::string& path, const Hef& hef) {
  Json file{
      {"file", path},
      {"architecture", Hef::device_arch_to_string(hef.get_hef_device_arch().expect("architecture")).expect("name")},
      {"network_groups", Json::array()}};
  for (const std::string& group : hef.get_network_groups_names()) {
    Json entry{{"name", group}, {"networks", Json::array()}};
    for (const auto& network : hef.get_network_infos(group).expect("networks"))
      entry["networks"].push_back(network.name);
    if (options.streams)
      for (const hailo_stream_info_t& info : hef.get_all_stream_infos(group).expect("streams")) {
        Json edge = edge_json(info);
        if (!HailoRTCommon::is_nms(info)) edge["hw_shape"] = shape_json(info.hw_shape);
        entry["streams"].push_back(edge);
      }
    if (options.vstreams)
      for (const hailo_vstream_info_t& info : hef.get_all_vstream_infos(group).expect("virtual streams")) {
        Json edge = edge_json(info);
        if (HailoRTCommon::is_nms(info))
          edge["nms"] = {{"number_of_classes", info.nms_shape.number_of_classes},
                         {"max_bboxes_per_class", info.nms_shape.max_bboxes_per_class}};
        else
          edge["shape"] = shape_json(info.shape);
        entry["vstreams"].push_back(edge);
      }
    file["network_groups"].push_back(entry);
  }
  return file;
}

std::vector<std::string> files_of(const std::string& path) {
  if (!std::filesystem::is_directory(path)) return {path};
  std::vector<std::string> files;
  for (const auto& entry : std::filesystem::directory_iterator(path))
    if (entry.path().extension() == ".hef") files.push_back(entry.path().string());
  if (files.empty()) throw hailort_error(HAILO_INVALID_ARGUMENT, "folder '" + path + "' holds no .hef file");
  std::sort(files.begin(), files.end());
  return files;
}

hailo_status parse_hef(const Options& options) {
  const std::vector<std::string> files = files_of(options.path);
  Json list = Json::array();
  for (const std::string& path : files) {
    const Hef hef = Hef::create(path).expect("cannot open '" + path + "'");
    if (options.json) {
      list.push_back(json_of(options, path, hef));
      continue;
    }
    if (std::filesystem::is_directory(options.path)) std::printf("Parsing %s:\n", path.c_str());
    std::fputs(hef.get_description(options.streams, options.vstreams).expect("description").c_str(), stdout);
  }
  if (options.json) print_json(list);
  return HAILO_SUCCESS;
}

}  // namespace

void add_parse_hef(CLI::App& app, Action& action) {
  CLI::App* verb = app.add_subcommand("parse-hef", "Print what a HEF holds");
  const auto options = std::make_shared<Options>();
  verb->add_option("hef", options->path, "A HEF, or a folder of them")->required();
  verb->add_flag("--parse-streams,!--no-parse-streams", options->streams, "Print the device's streams");
  verb->add_flag("--parse-vstreams,!--no-parse-vstreams", options->vstreams, "Print the virtual streams (default)");
  verb->add_flag("--json", options->json, "Print JSON");
  verb->callback([&action, options] { action = [options] { return parse_hef(*options); }; });
}

}  // namespace hailort::cli
