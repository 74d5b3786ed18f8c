// Everything the command line prints: tables and JSON on stdout, progress on stderr.
#pragma once

#include <chrono>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "eval/compare.h"
#include "ir/graph.h"

namespace graupel::cli {

using Json = nlohmann::ordered_json;

/// Rows under a header; the first column is flush left, the others right.
class Table {
 public:
  explicit Table(std::vector<std::string> header) : rows_{std::move(header)} {}
  void add(std::vector<std::string> row) { rows_.push_back(std::move(row)); }
  void print() const;

 private:
  std::vector<std::vector<std::string>> rows_;
};

void print_line(const std::string& text);
void print_json(const Json& json);

/// `value` with `digits` significant digits; "inf", "nan" as such.
std::string number(double value, int digits = 4);
std::string percent(double share);
std::string joined(const std::vector<std::string>& words);
/// A JSON number, or a string for what JSON cannot say.
Json json_number(double value);

Json json_of(const TensorStats& stats);
Json json_of(const std::vector<TensorStats>& list);
void print_stats(const std::vector<TensorStats>& list, std::size_t limit);

/// Inputs or outputs of a graph.
Json ports_json(const Graph& graph, bool inputs);
void print_ports(const Graph& graph);
/// "rgb, letterbox (center, fill 114), / 255, mean …" or "not declared".
std::string text_of(const Preprocess& preprocess);

/// "verb 12/64", rewritten in place, once two seconds have passed and only on a terminal.
class Progress {
 public:
  explicit Progress(std::string what);
  ~Progress();
  void operator()(int done, int total);

 private:
  std::string what_;
  std::chrono::steady_clock::time_point begin_;
  bool terminal_ = false, shown_ = false;
};

}  // namespace graupel::cli
