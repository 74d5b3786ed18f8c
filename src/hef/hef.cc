// Reading HEF files.
#include "hef/hef.h"

#include <algorithm>
#include <limits>

#include "base/file.h"
#include "hef/container.h"
#include "hef/hef.pb.h"
#include "hef/host_ops.h"
#include "hef/wire_values.h"
#include "program/versions.h"

namespace graupel {
namespace {

using namespace wire;

constexpr Version kThisRuntime = {GRAUPEL_VERSION_PARTS};

template <class Row, std::size_t n>
std::string name_of(const Row (&rows)[n], uint32_t code) {
  for (const Row& row : rows)
    if (row.code == code) return row.name;
  return cat("code ", code);
}

std::string text_of(const Version& version) { return cat(version[0], ".", version[1], ".", version[2]); }

Version parts_of(const hef_wire::SdkVersion& version) { return {version.major(), version.minor(), version.revision()}; }

class InfoReader {
 public:
  explicit InfoReader(HefInfo& info) : info_(info) {}

  void read(const hef_wire::Hef& hef) {
    const hef_wire::Header& header = hef.header();
    info_.architecture = name_of(kArchitectures, header.architecture());
    info_.compiler_version = header.sdk_version();
    if (header.has_sdk_version_parts()) {
      const hef_wire::SdkVersion& version = header.sdk_version_parts();
      info_.compiler_version = cat(version.major(), ".", version.minor(), ".", version.revision());
    }
    read_marks(hef);
    if (hef.network_groups().empty()) return;
    // The vendor's runtime takes groups from the end: the last is the default.
    const hef_wire::NetworkGroup& group = *hef.network_groups().rbegin();
    info_.group = group.metadata().name();
    read_networks(group);
    read_origin(hef.origin());
    info_.sorted_outputs.assign(group.sorted_outputs().begin(), group.sorted_outputs().end());
    info_.bottleneck_fps = group.metadata().bottleneck_fps();
    read_group(group);
    std::stable_sort(info_.streams.begin(), info_.streams.end(), [](const auto& a, const auto& b) {
      return std::pair(!a.input, a.network) < std::pair(!b.input, b.network);
    });
    for (HefInfo::Nms& nms : info_.nms) nms.network = network_of(nms);
  }

 private:
  void read_marks(const hef_wire::Hef& hef) {
    const auto marked = [](const auto& extensions) {
      return std::any_of(extensions.begin(), extensions.end(),
                         [](const auto& one) { return one.type_index() == kProgramExtension.type_index; });
    };
    info_.vendor_inspectable = !marked(hef.extensions()) && marked(hef.optional_extensions());
    info_.has_program = marked(hef.extensions()) || info_.vendor_inspectable;
    info_.program_format = hef.origin().program_format();
    info_.operator_set = hef.origin().operator_set();
    info_.minimum_runtime = text_of(parts_of(hef.origin().minimum_runtime()));
  }

  /// Files without a list have one network, called like the group.
  void read_networks(const hef_wire::NetworkGroup& group) {
    auto names = group.networks_names();
    for (const hef_wire::Op& op : group.ops())
      if (names.empty()) names = op.core_op().networks_names();
    for (const std::string& name : names) info_.networks.emplace_back().name = name;
    if (names.empty()) info_.networks.emplace_back().name = info_.group;
  }

  void read_origin(const hef_wire::Origin& origin) {
    set_origin(origin, info_.networks[0]);
    for (int i = 0; i < origin.more_networks_size() && i + 1 < static_cast<int>(info_.networks.size()); ++i)
      set_origin(origin.more_networks(i), info_.networks[static_cast<std::size_t>(i) + 1]);
  }

  template <class Message>
  static void set_origin(const Message& origin, HefInfo::Network& network) {
    network.har_hash = origin.har_hash();
    if (!origin.has_golden()) return;
    const hef_wire::Golden& golden = origin.golden();
    network.golden = Golden{golden.seed(),
                            {golden.taps().begin(), golden.taps().end()},
                            {golden.outputs().begin(), golden.outputs().end()},
                            {golden.host().begin(), golden.host().end()}};
  }

  /// That of the name "network/operator"; a vendor's operator may be called otherwise.
  std::size_t network_of(const HefInfo::Nms& nms) const {
    std::size_t found = 0, longest = 0;
    for (std::size_t i = 0; i < info_.networks.size(); ++i) {
      const std::string start = info_.networks[i].name + "/";
      if (start.size() > longest && nms.name.starts_with(start)) found = i, longest = start.size();
    }
    return found;
  }

  void read_group(const hef_wire::NetworkGroup& group) {
    read_contexts(group.contexts());
    for (const hef_wire::Op& op : group.ops()) {
      if (op.has_core_op() && op.core_op().metadata().bottleneck_fps() > 0)
        info_.bottleneck_fps = op.core_op().metadata().bottleneck_fps();
      if (op.has_nms_op()) info_.nms.push_back(read_nms(op));
      read_contexts(op.core_op().contexts());
      for (const auto& partial : op.core_op().partial_core_ops()) read_contexts(partial.core_op().contexts());
    }
    for (const auto& partial : group.partial_groups()) read_contexts(partial.network_group().contexts());
  }

  template <class Contexts>
  void read_contexts(const Contexts& contexts) {
    info_.contexts = std::max(info_.contexts, contexts.size());
    for (const hef_wire::Context& context : contexts)
      for (const hef_wire::EdgeLayer& layer : context.metadata().edge_layers())
        if (layer.context_switch().connection_type() == 0 && layer.has_info()) read_stream(layer);
  }

  void read_stream(const hef_wire::EdgeLayer& layer) {
    const hef_wire::EdgeLayerInfo& info = layer.info();
    HefInfo::Stream stream;
    stream.name = info.name();
    stream.input = layer.direction() == 0;
    stream.network = std::min<std::size_t>(layer.network_index(), info_.networks.size() - 1);
    stream.shape = {info.shape().height(), info.shape().width(), info.shape().features()};
    stream.padded_shape = {info.shape().padded_height(), info.shape().padded_width(), info.shape().padded_features()};
    stream.format = name_of(kFormats, info.shape().format());
    stream.index = static_cast<int>(info.shape().sys_index());
    stream.data_bytes = static_cast<int>(info.shape().data_bytes());
    stream.scale = info.numeric_info().scale();
    stream.zero_point = info.numeric_info().zero_point();
    stream.limit_min = info.numeric_info().limit_min();
    stream.limit_max = info.numeric_info().limit_max();
    stream.scales.assign(info.numeric_info().scales().begin(), info.numeric_info().scales().end());
    stream.zero_points.assign(info.numeric_info().zero_points().begin(), info.numeric_info().zero_points().end());
    stream.original_names.assign(info.original_names().begin(), info.original_names().end());
    const auto same = [&](const HefInfo::Stream& other) { return other.name == stream.name; };
    if (std::none_of(info_.streams.begin(), info_.streams.end(), same)) info_.streams.push_back(std::move(stream));
  }

  HefInfo& info_;
};

Result<std::vector<HefInfo::Resource>> read_resources(const hef_wire::Hef& hef, ByteSpan payload) {
  std::vector<HefInfo::Resource> resources;
  for (const hef_wire::ExternalResource& resource : hef.external_resources()) {
    if (resource.offset() > payload.size() || resource.size() > payload.size() - resource.offset())
      return corrupt("resource '", resource.name(), "' has ", resource.size(), " bytes at ", resource.offset(),
                     " of a payload of ", payload.size());
    resources.push_back({resource.name(), payload.subspan(resource.offset(), resource.size())});
  }
  return resources;
}

Result<ByteSpan> program_bytes(const HefInfo& info, std::size_t network) {
  const std::string name = program_resource(network);
  for (const HefInfo::Resource& resource : info.resources)
    if (resource.name == name) return resource.bytes;
  return corrupt("the HEF says it holds ", info.networks.size(), " programs, but has no resource '", name, "'");
}

/// What this build must share with the writer of a program, both sides named.
Result<> check_versions(const hef_wire::Hef& messages, const HefInfo& info) {
  if (info.program_format != kProgramFormat || info.operator_set != kOperatorSet)
    return mismatch("the HEF, written by compiler ", info.compiler_version, ", has program format ",
                    info.program_format, " and operator set ", info.operator_set, "; this runtime ", GRAUPEL_VERSION,
                    " reads format ", kProgramFormat, " and operator set ", kOperatorSet,
                    "; compile the model again with this build");
  if (parts_of(messages.origin().minimum_runtime()) > kThisRuntime)
    return mismatch("the HEF, written by compiler ", info.compiler_version, ", needs runtime ", info.minimum_runtime,
                    " or later; this is ", GRAUPEL_VERSION);
  for (const hef_wire::Extension& one : messages.extensions())
    if (one.type_index() >= kFirstOwnExtension && one.type_index() != kProgramExtension.type_index)
      return unsupported("the HEF, written by compiler ", info.compiler_version, ", requires extension ",
                         one.type_index(), " '", one.name(), "', which this runtime ", GRAUPEL_VERSION,
                         " does not know");
  return {};
}

Result<> check_golden(const HefInfo::Network& network, const Program& program) {
  if (!network.golden) return {};
  const Golden& golden = *network.golden;
  if (golden.taps.size() == program.taps.size() && golden.outputs.size() == program.outputs.size() &&
      golden.host.size() == program.host.size())
    return {};
  return corrupt("the golden vector has hashes of ", golden.taps.size(), " layers, ", golden.outputs.size(),
                 " outputs and ", golden.host.size(), " host steps; the program has ", program.taps.size(), ", ",
                 program.outputs.size(), " and ", program.host.size());
}

/// Whether the streams and operators that the messages show are those of the programs.
Result<> check_ports(const Hef& hef) {
  for (std::size_t i = 0; i < hef.programs.size(); ++i) {
    const Program& program = hef.programs[i];
    const auto count = [&](const auto& items, auto&& wanted) {
      return static_cast<std::size_t>(std::count_if(
          items.begin(), items.end(), [&](const auto& item) { return item.network == i && wanted(item); }));
    };
    const std::size_t inputs = count(hef.info.streams, [](const auto& stream) { return stream.input; });
    const std::size_t outputs = count(hef.info.streams, [](const auto& stream) { return !stream.input; });
    const std::size_t steps = count(hef.info.nms, [](const auto&) { return true; });
    if (inputs != program.inputs.size() || outputs != program.outputs.size() || steps != program.host.size())
      return corrupt("network '", hef.info.networks[i].name, "' has ", inputs, " inputs, ", outputs, " outputs and ",
                     steps, " host operators; the program in it has ", program.inputs.size(), ", ",
                     program.outputs.size(), " and ", program.host.size());
  }
  return {};
}

}  // namespace

Result<const Program*> only_program(const Hef& hef, std::string_view what) {
  if (const Program* program = hef.program()) return program;
  if (hef.programs.empty()) return unsupported("'", what, "' was compiled by another tool and can only be inspected");
  std::string names;
  for (const HefInfo::Network& network : hef.info.networks) names += cat(names.empty() ? "" : ", ", network.name);
  return unsupported("'", what, "' holds ", hef.programs.size(), " networks (", names,
                     "), which libhailort runs side by side; here, use the HEF or HAR of one of them");
}

Result<Hef> load_hef(ByteSpan bytes, std::shared_ptr<const void> keep) {
  GRAUPEL_TRY(const HefSections sections, read_container(bytes));
  hef_wire::Hef messages;
  if (sections.messages.size() > std::numeric_limits<int>::max() ||
      !messages.ParseFromArray(sections.messages.data(), static_cast<int>(sections.messages.size())))
    return corrupt("the ", sections.messages.size(), " bytes of messages of the HEF cannot be parsed");
  Hef hef;
  hef.info.header_version = sections.version;
  InfoReader(hef.info).read(messages);
  GRAUPEL_TRY(hef.info.resources, read_resources(messages, sections.payload));
  if (!hef.info.has_program) return hef;
  GRAUPEL_DO(check_versions(messages, hef.info));
  for (std::size_t i = 0; i < hef.info.networks.size(); ++i) {
    GRAUPEL_TRY(const ByteSpan bytes_of_program, program_bytes(hef.info, i));
    GRAUPEL_TRY(Program program, load_program(bytes_of_program, keep).within("the program in the HEF"));
    GRAUPEL_DO(check_golden(hef.info.networks[i], program));
    hef.programs.push_back(std::move(program));
  }
  GRAUPEL_DO(check_ports(hef));
  return hef;
}

Result<Hef> open_hef(const std::string& path) {
  GRAUPEL_TRY(MappedFile mapped, MappedFile::open(path));
  const auto file = std::make_shared<const MappedFile>(std::move(mapped));
  return load_hef(file->bytes(), file).within("HEF '", path, "'");
}

}  // namespace graupel
