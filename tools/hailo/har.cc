// hailo har info|extract, join: what a HAR holds, and two as one.
#include <filesystem>

#include "base/file.h"
#include "compiler/join.h"
#include "hailo/command.h"
#include "hailo/log.h"
#include "har/archive.h"

namespace graupel::hailo {
namespace {

struct Options {
  std::string har, script, folder = ".";
};

struct JoinOptions {
  std::string first, second, output, action = "none";
};

Result<> join(const JoinOptions& options) {
  GRAUPEL_TRY(const ModelFile first, open_har(options.first));
  GRAUPEL_TRY(const ModelFile second, open_har(options.second));
  std::vector<JoinEdge> edges;
  if (options.action == "auto_chain_networks") {
    GRAUPEL_TRY(edges, chain_edges(*first.har, *second.har));
  } else if (options.action == "auto_join_inputs") {
    GRAUPEL_TRY(edges, shared_input_edges(*first.har, *second.har));
  }
  GRAUPEL_TRY(const Har joined, join_hars(*first.har, *second.har, edges, JoinedOutputs::kLast));
  return write_har(joined, options.output.empty() ? joined.name + "_joined.har" : options.output);
}

/// "quantized_model" → "Quantized Model".
std::string title(std::string text) {
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '_') text[i] = ' ';
    if ((i == 0 || text[i - 1] == ' ') && text[i] >= 'a' && text[i] <= 'z') text[i] = static_cast<char>(text[i] - 32);
  }
  return text;
}

Result<> show(const Options& options) {
  GRAUPEL_TRY(const ModelFile model, open_har(options.har));
  GRAUPEL_TRY(const MappedFile file, MappedFile::open(options.har));
  GRAUPEL_TRY(const std::vector<Member> members, read_tar(file.bytes(), file.bytes().size()));
  const HarMetadata metadata = har_metadata(*model.har);
  info(cat("HAR name: ", model.har->name));
  info(cat("State: ", title(metadata.state)));
  info(cat("NMS meta architecture: ", metadata.nms_meta_arch.empty() ? "None" : metadata.nms_meta_arch));
  info(cat("NMS target device: ", metadata.nms_engine.empty() ? "None" : metadata.nms_engine));
  info(cat("SDK version: ", metadata.sdk_version));
  info(cat("HW arch: ", metadata.hw_arch));
  for (const Member& member : members) info(cat("  ", member.name, " (", member.data.size(), " bytes)"));
  return {};
}

/// A member lands in the folder under its last name, whatever path it claims.
Result<> extract(const Options& options) {
  namespace fs = std::filesystem;
  if (!options.script.empty())
    return unsupported(
        "--auto-model-script-path: a HAR of this project holds no automatic script, because nothing is placed on a "
        "chip; leave it out");
  GRAUPEL_TRY(const ModelFile model, open_har(options.har));
  GRAUPEL_TRY(const MappedFile file, MappedFile::open(options.har));
  GRAUPEL_TRY(const std::vector<Member> members, read_tar(file.bytes(), file.bytes().size()));
  for (const Member& member : members) {
    const fs::path path = fs::path(options.folder) / fs::path(member.name).filename();
    GRAUPEL_DO(write_file(path.string(), member.data));
    info(cat("Extracted ", path.string()));
  }
  return {};
}

}  // namespace

void add_join(CLI::App& app, Action& action) {
  CLI::App* verb = app.add_subcommand("join", "Put the network of a HAR behind that of another: one network");
  auto options = std::make_shared<JoinOptions>();
  verb->add_option("har_path", options->first, "The HAR whose name the network keeps")->required();
  verb->add_option("other_har_path", options->second, "The HAR that is added, at the same stage")->required();
  verb->add_option("--output-har-path", options->output, "The HAR to write (default: <net>_joined.har)");
  verb->add_option("--join-action", options->action,
                   "none: side by side; auto_chain_networks: outputs feed inputs in order; auto_join_inputs: both read "
                   "the same inputs")
      ->check(CLI::IsMember({"none", "auto_chain_networks", "auto_join_inputs"}));
  verb->callback([options, &action] { action = [options] { return join(*options); }; });
}

void add_har(CLI::App& app, Action& action) {
  CLI::App* verb = app.add_subcommand("har", "Look into a HAR");
  verb->require_subcommand(1);
  auto options = std::make_shared<Options>();
  CLI::App* one = verb->add_subcommand("info", "Name, state and members");
  one->add_option("har_path", options->har, "The HAR")->required();
  one->callback([options, &action] { action = [options] { return show(*options); }; });
  CLI::App* all = verb->add_subcommand("extract", "Write every member as a file");
  all->add_option("har_path", options->har, "The HAR")->required();
  all->add_option("--output-dir", options->folder, "Where they go (default: here)")->check(CLI::ExistingDirectory);
  all->add_option("--auto-model-script-path", options->script, "Not available");
  all->callback([options, &action] { action = [options] { return extract(*options); }; });
}

}  // namespace graupel::hailo
