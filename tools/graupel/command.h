// What the verbs of the command line share.
#pragma once

#include <CLI/CLI.hpp>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "compiler/stage_runner.h"
#include "eval/dataset.h"

namespace graupel::cli {

/// Exit codes, as --help states them.
enum ExitCode { kOk = 0, kDifference = 1, kUsage = 2, kRefused = 3, kDamaged = 4, kMissing = 5 };

/// Options of every verb.
struct Common {
  bool json = false;
  int threads = 0;
};

/// What main runs once the command line is parsed; the exit code, or the error to print.
using Action = std::function<Result<int>()>;

/// Each adds its subcommand; when that is given, `action` becomes its work.
void add_parse(CLI::App& app, Common& common, Action& action);
void add_optimize(CLI::App& app, Common& common, Action& action);
void add_compile(CLI::App& app, Common& common, Action& action);
void add_run(CLI::App& app, Common& common, Action& action);
void add_compare(CLI::App& app, Common& common, Action& action);
void add_verify(CLI::App& app, Common& common, Action& action);
void add_inspect(CLI::App& app, Common& common, Action& action);
void add_recipe(CLI::App& app, Common& common, Action& action);
void add_bench(CLI::App& app, Common& common, Action& action);

/// A subcommand with --json and --threads.
CLI::App* add_verb(CLI::App& app, Common& common, const std::string& name, const std::string& description);

/// --input and --limit.
struct InputOptions {
  std::string input;
  int limit = 0;
};
void add_input_options(CLI::App& verb, InputOptions& options);
Result<Dataset> open_dataset(const InputOptions& options, std::vector<InputSpec> inputs);

const std::vector<std::string>& stage_names();

}  // namespace graupel::cli
