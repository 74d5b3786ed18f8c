// HEF files: the program's ports as the vendor's stream table, the program itself as the payload.
#include "hef/hef.h"

#include <algorithm>
#include <array>
#include <limits>

#include "base/file.h"
#include "hef/container.h"
#include "hef/hef.pb.h"
#include "hef/host_ops.h"
#include "program/versions.h"

namespace graupel {
namespace {

using Version = std::array<uint32_t, 3>;

constexpr char kResourceName[] = "graupel.program";

constexpr uint32_t kFirstOwnExtension = 20000;
constexpr KnownExtension kProgramExtension = {kFirstOwnExtension, "GRAUPEL_PROGRAM"};
/// Required of the runtime: operators as a list, their parameters there, and a Graupel runtime. The last keeps the
/// vendor's runtimes from loading on a chip what has no configuration for it.
constexpr KnownExtension kRequired[] = {{13, "HAILO_NET_FLOW"}, {26, "PERIPH_CALCULATION_IN_HAILORT"}};
/// The first version of this project that reads the files it writes.
constexpr Version kMinimumRuntime = {0, 1, 0};
constexpr Version kThisRuntime = {GRAUPEL_VERSION_PARTS};

struct Format {
  uint32_t code;
  const char* name;
};
constexpr uint32_t kNhwc = 0, kNc = 2;
constexpr Format kFormats[] = {{kNhwc, "NHWC"}, {1, "NHCW"},  {kNc, "NC"},  {3, "FCR"},    {4, "BAYER_RGB"},
                               {5, "NHW"},      {6, "NMS"},   {7, "F8CR"},  {8, "RGB888"}, {11, "YUY2"},
                               {13, "NHWC"},    {14, "YYUV"}, {15, "YYVU"}, {16, "YYYYUV"}};

/// `hw_arch` is what a compiler is asked for where files then carry this code.
struct Architecture {
  uint32_t code;
  const char* name;
  std::string_view hw_arch = {};
};
constexpr Architecture kArchitectures[] = {{0, "HAILO8"},
                                           {1, "HAILO8", "hailo8"},
                                           {2, "HAILO8", "hailo8r"},
                                           {3, "HAILO8L", "hailo8l"},
                                           {4, "HAILO15M", "hailo15m"},
                                           {5, "HAILO10H", "hailo10h"},
                                           {6, "HAILO15L", "hailo15l"},
                                           {100, "SAGE_A0"},
                                           {101, "SAGE_B0"},
                                           {102, "PAPRIKA_B0"},
                                           {103, "HAILO15H", "hailo15h"},
                                           {104, "HAILO15H"},
                                           {105, "HAILO15H"},
                                           {106, "PLUTO"},
                                           {108, "MARS"}};
/// Chips whose files hold the core operator once more for every layout of its clusters.
constexpr std::string_view kPartialArchs[] = {"hailo8l", "hailo15m"};

uint32_t architecture_code(std::string_view hw_arch) {
  for (const Architecture& row : kArchitectures)
    if (!hw_arch.empty() && row.hw_arch == hw_arch) return row.code;
  check(false, "save_hef: an architecture without a code");
  return 0;
}

template <class Row, std::size_t n>
std::string name_of(const Row (&rows)[n], uint32_t code) {
  for (const Row& row : rows)
    if (row.code == code) return row.name;
  return cat("code ", code);
}

std::string text_of(const Version& version) { return cat(version[0], ".", version[1], ".", version[2]); }

Version parts_of(const hef_wire::SdkVersion& version) { return {version.major(), version.minor(), version.revision()}; }

// Writing.

void add_extension(const KnownExtension& known, google::protobuf::RepeatedPtrField<hef_wire::Extension>& extensions) {
  hef_wire::Extension& out = *extensions.Add();
  out.set_type_index(known.type_index);
  out.set_name(known.name);
}

void set_origin(const HefOptions& options, hef_wire::Origin& origin) {
  origin.set_har_hash(options.har_hash);
  origin.set_program_format(kProgramFormat);
  origin.set_operator_set(kOperatorSet);
  hef_wire::SdkVersion& minimum = *origin.mutable_minimum_runtime();
  minimum.set_major(kMinimumRuntime[0]);
  minimum.set_minor(kMinimumRuntime[1]);
  minimum.set_revision(kMinimumRuntime[2]);
  if (!options.golden) return;
  hef_wire::Golden& golden = *origin.mutable_golden();
  golden.set_seed(options.golden->seed);
  golden.mutable_taps()->Assign(options.golden->taps.begin(), options.golden->taps.end());
  golden.mutable_outputs()->Assign(options.golden->outputs.begin(), options.golden->outputs.end());
  golden.mutable_host()->Assign(options.golden->host.begin(), options.golden->host.end());
}

void set_shape(const Port& port, uint32_t stream, hef_wire::EdgeLayerShape& out) {
  const Shape& shape = port.type.shape;
  const auto extent = [&](std::size_t from_end) {
    return shape.size() < from_end ? 1u : static_cast<uint32_t>(shape[shape.size() - from_end]);
  };
  out.set_height(extent(3));
  out.set_padded_height(extent(3));
  out.set_width(extent(2));
  out.set_padded_width(extent(2));
  out.set_features(extent(1));
  out.set_padded_features(extent(1));
  out.set_format(shape.size() <= 2 && extent(2) == 1 ? kNc : kNhwc);
  out.set_sys_index(stream);
  const auto bytes = static_cast<uint32_t>(code_bytes(port.type.dtype));
  out.set_core_bytes_per_buffer(extent(2) * extent(1) * bytes);
  out.set_core_buffers_per_frame(extent(3));
  out.set_data_bytes(bytes);
  out.add_buffer_indices();
}

std::string stream_name(const std::string& network, const Port& port) { return network + "/" + port.name; }

hef_wire::EdgeLayer& add_edge_layer(const std::string& network, const Port& port, bool input, uint32_t stream,
                                    hef_wire::ContextMetadata& context) {
  hef_wire::EdgeLayer& layer = *context.add_edge_layers();
  layer.set_direction(input ? 0 : 1);
  layer.mutable_context_switch()->set_connection_type(0);
  hef_wire::EdgeLayerInfo& info = *layer.mutable_info();
  info.set_name(stream_name(network, port));
  set_shape(port, stream, *info.mutable_shape());
  const float scale = port.type.quant->scale[0];
  const auto zero_point = static_cast<float>(port.type.quant->zero_point[0]);
  hef_wire::NumericInfo& numeric = *info.mutable_numeric_info();
  numeric.set_zero_point(zero_point);
  numeric.set_scale(scale);
  numeric.set_limit_min((0.0f - zero_point) * scale);
  numeric.set_limit_max((static_cast<float>(most_code(port.type.dtype)) - zero_point) * scale);
  for (const std::string& origin : port.origins) info.add_original_names(origin);
  return layer;
}

void add_network(const Program& program, std::string_view hw_arch, hef_wire::Hef& hef) {
  const std::string network = program.name.empty() ? "network" : program.name;
  hef_wire::NetworkGroup& group = *hef.add_network_groups();
  group.mutable_metadata()->set_name(network);
  group.add_networks_names(network);
  hef_wire::Op& op = *group.add_ops();
  op.set_name(network);
  hef_wire::CoreOp& core = *op.mutable_core_op();
  core.mutable_metadata()->set_name(network);
  core.add_networks_names(network);
  hef_wire::ContextMetadata& context = *core.add_contexts()->mutable_metadata();
  uint32_t stream = 0;
  for (const Port& port : program.inputs) add_edge_layer(network, port, true, stream++, context);
  for (uint32_t i = 0; i < program.outputs.size(); ++i) {
    const Port& port = program.outputs[i];
    hef_wire::EdgeLayer& layer = add_edge_layer(network, port, false, stream++, context);
    if (!program.host.empty()) layer.set_pad_index(output_pad(i));
    core.add_sorted_outputs(stream_name(network, port));
  }
  for (const ProgramResult& result : program_results(program))
    group.add_sorted_outputs(result.host ? host_name(network, program.host[result.number])
                                         : stream_name(network, program.outputs[result.number]));
  if (std::find(std::begin(kPartialArchs), std::end(kPartialArchs), hw_arch) != std::end(kPartialArchs)) {
    const hef_wire::CoreOp whole = core;
    *core.add_partial_core_ops()->mutable_core_op() = whole;
    group.add_partial_groups()->mutable_network_group()->mutable_metadata()->set_name(network);
  }
  add_host_ops(program, network, group);
}

// Reading.

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
    read_origin(hef);
    if (hef.network_groups().empty()) return;
    // The vendor's runtime takes groups from the end: the last is the default.
    const hef_wire::NetworkGroup& group = *hef.network_groups().rbegin();
    info_.network = group.metadata().name();
    info_.sorted_outputs.assign(group.sorted_outputs().begin(), group.sorted_outputs().end());
    info_.bottleneck_fps = group.metadata().bottleneck_fps();
    read_group(group);
    std::stable_partition(info_.streams.begin(), info_.streams.end(), [](const auto& stream) { return stream.input; });
  }

 private:
  void read_origin(const hef_wire::Hef& hef) {
    const auto marked = [](const auto& extensions) {
      return std::any_of(extensions.begin(), extensions.end(),
                         [](const auto& one) { return one.type_index() == kProgramExtension.type_index; });
    };
    info_.vendor_inspectable = !marked(hef.extensions()) && marked(hef.optional_extensions());
    info_.has_program = marked(hef.extensions()) || info_.vendor_inspectable;
    const hef_wire::Origin& origin = hef.origin();
    info_.har_hash = origin.har_hash();
    info_.program_format = origin.program_format();
    info_.operator_set = origin.operator_set();
    info_.minimum_runtime = text_of(parts_of(origin.minimum_runtime()));
    if (!origin.has_golden()) return;
    const hef_wire::Golden& golden = origin.golden();
    info_.golden = Golden{golden.seed(),
                          {golden.taps().begin(), golden.taps().end()},
                          {golden.outputs().begin(), golden.outputs().end()},
                          {golden.host().begin(), golden.host().end()}};
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

Result<ByteSpan> program_bytes(const HefInfo& info) {
  for (const HefInfo::Resource& resource : info.resources)
    if (resource.name == kResourceName) return resource.bytes;
  return corrupt("the HEF says it holds a program, but has no resource '", kResourceName, "'");
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

Result<> check_golden(const HefInfo& info, const Program& program) {
  if (!info.golden) return {};
  const Golden& golden = *info.golden;
  if (golden.taps.size() == program.taps.size() && golden.outputs.size() == program.outputs.size() &&
      golden.host.size() == program.host.size())
    return {};
  return corrupt("the golden vector has hashes of ", golden.taps.size(), " layers, ", golden.outputs.size(),
                 " outputs and ", golden.host.size(), " host steps; the program has ", program.taps.size(), ", ",
                 program.outputs.size(), " and ", program.host.size());
}

}  // namespace

Bytes save_hef(const Program& program, const HefOptions& options) {
  const Bytes payload = save_program(program);
  hef_wire::Hef hef;
  hef.mutable_header()->set_architecture(architecture_code(options.hw_arch));
  hef.mutable_header()->set_sdk_version(GRAUPEL_VERSION);
  hef.mutable_header()->set_version(1);
  for (const KnownExtension& known : kRequired) add_extension(known, *hef.mutable_extensions());
  add_extension(kProgramExtension,
                options.vendor_inspectable ? *hef.mutable_optional_extensions() : *hef.mutable_extensions());
  for (const HostStep& step : program.host)
    if (const auto known = extension_of(step)) add_extension(*known, *hef.mutable_extensions());
  add_network(program, options.hw_arch, hef);
  hef_wire::ExternalResource& resource = *hef.add_external_resources();
  resource.set_size(payload.size());
  resource.set_name(kResourceName);
  set_origin(options, *hef.mutable_origin());
  const std::string messages = hef.SerializeAsString();
  return write_container(std::as_bytes(std::span(messages)), payload);
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
  GRAUPEL_TRY(const ByteSpan program, program_bytes(hef.info));
  GRAUPEL_TRY(hef.program, load_program(program, std::move(keep)).within("the program in the HEF"));
  GRAUPEL_DO(check_golden(hef.info, *hef.program));
  return hef;
}

Result<Hef> open_hef(const std::string& path) {
  GRAUPEL_TRY(MappedFile mapped, MappedFile::open(path));
  const auto file = std::make_shared<const MappedFile>(std::move(mapped));
  return load_hef(file->bytes(), file).within("HEF '", path, "'");
}

}  // namespace graupel
