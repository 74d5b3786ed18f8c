#include "graupel/print.h"

#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <cstdio>

#include "har/graph_json.h"

namespace graupel::cli {

void print_line(const std::string& text) { std::printf("%s\n", text.c_str()); }

void print_json(const Json& json) { print_line(json.dump(1, ' ', false, Json::error_handler_t::replace)); }

void Table::print() const {
  std::vector<std::size_t> widths(rows_[0].size());
  for (const auto& row : rows_)
    for (std::size_t i = 0; i < row.size(); ++i) widths[i] = std::max(widths[i], row[i].size());
  for (const auto& row : rows_) {
    std::string line;
    for (std::size_t i = 0; i < row.size(); ++i) {
      const std::string gap(widths[i] - row[i].size(), ' ');
      line += (i == 0 ? "" : "  ") + (i == 0 ? row[i] + gap : gap + row[i]);
    }
    line.erase(line.find_last_not_of(' ') + 1);
    print_line(line);
  }
}

std::string number(double value, int digits) {
  if (std::isnan(value)) return "nan";
  if (std::isinf(value)) return value > 0 ? "inf" : "-inf";
  char text[64];
  std::snprintf(text, sizeof text, "%.*g", digits, value);
  return text;
}

std::string percent(double share) {
  char text[32];
  std::snprintf(text, sizeof text, "%.1f %%", share * 100);
  return text;
}

std::string joined(const std::vector<std::string>& words) {
  std::string text;
  for (const std::string& word : words) text += (text.empty() ? "" : ", ") + word;
  return text;
}

Json json_number(double value) {
  if (std::isfinite(value)) return value;
  return number(value);
}

Json json_of(const TensorStats& stats) {
  Json json = {{"name", stats.name},
               {"origins", stats.origins},
               {"count", stats.count},
               {"mean_reference", json_number(stats.mean_ref)},
               {"std_reference", json_number(stats.std_ref)},
               {"mean", json_number(stats.mean_other)},
               {"std", json_number(stats.std_other)},
               {"max_abs_difference", json_number(stats.max_abs)},
               {"mean_abs_difference", json_number(stats.mean_abs)},
               {"snr_db", json_number(stats.snr_db)},
               {"cosine", json_number(stats.cosine)}};
  return json;
}

Json json_of(const std::vector<TensorStats>& list) {
  Json json = Json::array();
  for (const TensorStats& stats : list) json.push_back(json_of(stats));
  return json;
}

void print_stats(const std::vector<TensorStats>& list, std::size_t limit) {
  Table table({"tensor", "SNR dB", "cosine", "max |d|", "mean |d|", "mean ref", "mean", "std ref", "std"});
  for (std::size_t i = 0; i < std::min(list.size(), limit); ++i) {
    const TensorStats& s = list[i];
    table.add({s.name, number(s.snr_db), number(s.cosine, 6), number(s.max_abs), number(s.mean_abs), number(s.mean_ref),
               number(s.mean_other), number(s.std_ref), number(s.std_other)});
  }
  table.print();
  if (list.size() > limit) print_line(cat("… and ", list.size() - limit, " better ones (--all)"));
}

Json ports_json(const Graph& graph, bool inputs) {
  Json json = Json::array();
  const auto& ids = inputs ? graph.inputs : graph.outputs;
  for (std::size_t i = 0; i < ids.size(); ++i) {
    const PortInfo& info = inputs ? graph.input_info[i] : graph.output_info[i];
    const TensorType& type = graph[ids[i]].type;
    Json port = {{"name", info.origin}, {"dtype", to_string(type.dtype)}, {"shape", type.shape}, {"order", info.order}};
    if (type.quant) {
      port["scale"] = type.quant->scale[0];
      port["zero_point"] = type.quant->zero_point[0];
    }
    if (inputs) port["preprocess"] = Json::parse(value_to_json(info.preprocess).dump());
    json.push_back(std::move(port));
  }
  return json;
}

void print_ports(const Graph& graph) {
  for (std::size_t i = 0; i < graph.inputs.size(); ++i) {
    const PortInfo& info = graph.input_info[i];
    print_line(cat("input   ", info.origin, "  ", to_string(graph[graph.inputs[i]].type)));
    print_line(cat("        pictures: ", text_of(info.preprocess)));
  }
  for (std::size_t i = 0; i < graph.outputs.size(); ++i)
    print_line(cat("output  ", graph.output_info[i].origin, "  ", to_string(graph[graph.outputs[i]].type)));
}

std::string text_of(const Preprocess& preprocess) {
  if (!preprocess.declared) return "not declared (stretched, pixels as they are)";
  std::string text = cat(enum_name(preprocess.color), ", ", enum_name(preprocess.fit));
  if (preprocess.fit == Preprocess::Fit::kLetterbox)
    text += cat(" (", enum_name(preprocess.align), ", fill ", preprocess.fill, ")");
  if (preprocess.short_side > 0) text += cat(" (short side ", preprocess.short_side, ")");
  if (preprocess.scale != 1) text += cat(", / ", preprocess.scale);
  const auto list = [&](const char* name, const std::vector<float>& values) {
    if (!values.empty()) text += cat(", ", name);
    for (float value : values) text += cat(" ", value);
  };
  list("mean", preprocess.mean);
  list("std", preprocess.std);
  return text;
}

Progress::Progress(std::string what)
    : what_(std::move(what)), begin_(std::chrono::steady_clock::now()), terminal_(isatty(STDERR_FILENO) != 0) {}

Progress::~Progress() {
  if (shown_) std::fprintf(stderr, "\r\033[K");
}

void Progress::operator()(int done, int total) {
  if (!terminal_ || std::chrono::steady_clock::now() - begin_ < std::chrono::seconds(2)) return;
  std::fprintf(stderr, "\r%s %d/%d\033[K", what_.c_str(), done, total);
  std::fflush(stderr);
  shown_ = true;
}

}  // namespace graupel::cli
