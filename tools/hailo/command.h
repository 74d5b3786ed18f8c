// What the verbs of `hailo` share: the vendor's command line over the libraries.
#pragma once

#include <CLI/CLI.hpp>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "compiler/stage_runner.h"
#include "eval/dataset.h"

namespace graupel::hailo {

/// What main runs once the command line is parsed.
using Action = std::function<Result<>()>;

/// Each adds its subcommand; when that is given, `action` becomes its work.
void add_parser(CLI::App& app, Action& action);
void add_optimize(CLI::App& app, Action& action);
void add_compiler(CLI::App& app, Action& action);
void add_har(CLI::App& app, Action& action);
void add_join(CLI::App& app, Action& action);
void add_analyze_noise(CLI::App& app, Action& action);
void add_profiler(CLI::App& app, Action& action);
void add_params_csv(CLI::App& app, Action& action);
void add_visualizer(CLI::App& app, Action& action);
void add_refused(CLI::App& app, Action& action);  ///< verbs that have no meaning here

/// A HAR for a verb. Errors: invalid (a file of another kind), those of the reader.
Result<ModelFile> open_har(const std::string& path);
/// `path`, or when it is empty the one HAR of the current folder that is not optimized yet. Errors: invalid (none, or
/// several, which are named).
Result<std::string> har_or_only_one(const std::string& path);
/// Reads a model script into the HAR. Errors: those of the file, and of the script with line and column.
Result<> load_script(Har& har, const std::string& path);
Result<> write_har(const Har& har, const std::string& path);
/// Says that `option` was given and changes nothing here.
void warn_unused(const std::string& option, bool given);
/// --hw-arch, checked.
void add_hw_arch(CLI::App& verb, std::string& arch);

/// Frames of --calib-set-path or --data-path: .npy, .npz, or a folder of .npy.
Result<Dataset> open_frames(const std::string& path, const ModelFile& model, int limit);

}  // namespace graupel::hailo
