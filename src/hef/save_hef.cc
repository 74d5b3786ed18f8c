// Writing HEF files: the programs' ports as the vendor's stream table, the programs themselves as the payload.
#include <algorithm>

#include "hef/container.h"
#include "hef/hef.h"
#include "hef/hef.pb.h"
#include "hef/host_ops.h"
#include "hef/wire_values.h"
#include "program/versions.h"

namespace graupel {
namespace {

using namespace wire;

/// Programs begin at multiples of it, as their constants do within them.
constexpr std::size_t kProgramAlignment = 4096;
/// Required of the runtime: operators as a list, their parameters there, and a Graupel runtime. The last keeps the
/// vendor's runtimes from loading on a chip what has no configuration for it.
constexpr KnownExtension kRequired[] = {{13, "HAILO_NET_FLOW"}, {26, "PERIPH_CALCULATION_IN_HAILORT"}};
/// The first version of this project that reads the files it writes.
constexpr Version kMinimumRuntime = {0, 1, 0};
/// Chips whose files hold the core operator once more for every layout of its clusters.
constexpr std::string_view kPartialArchs[] = {"hailo8l", "hailo15m"};

uint32_t architecture_code(std::string_view hw_arch) {
  for (const Architecture& row : kArchitectures)
    if (!hw_arch.empty() && row.hw_arch == hw_arch) return row.code;
  check(false, "save_hef: an architecture without a code");
  return 0;
}

void add_extension(const KnownExtension& known, google::protobuf::RepeatedPtrField<hef_wire::Extension>& extensions) {
  hef_wire::Extension& out = *extensions.Add();
  out.set_type_index(known.type_index);
  out.set_name(known.name);
}

void set_golden(const Golden& golden, hef_wire::Golden& out) {
  out.set_seed(golden.seed);
  out.mutable_taps()->Assign(golden.taps.begin(), golden.taps.end());
  out.mutable_outputs()->Assign(golden.outputs.begin(), golden.outputs.end());
  out.mutable_host()->Assign(golden.host.begin(), golden.host.end());
}

void set_origin(std::span<const HefNetwork> networks, hef_wire::Origin& origin) {
  origin.set_har_hash(networks[0].har_hash);
  origin.set_program_format(kProgramFormat);
  origin.set_operator_set(kOperatorSet);
  hef_wire::SdkVersion& minimum = *origin.mutable_minimum_runtime();
  minimum.set_major(kMinimumRuntime[0]);
  minimum.set_minor(kMinimumRuntime[1]);
  minimum.set_revision(kMinimumRuntime[2]);
  if (networks[0].golden) set_golden(*networks[0].golden, *origin.mutable_golden());
  for (const HefNetwork& network : networks.subspan(1)) {
    hef_wire::NetworkOrigin& more = *origin.add_more_networks();
    more.set_har_hash(network.har_hash);
    if (network.golden) set_golden(*network.golden, *more.mutable_golden());
  }
}

uint32_t format_code(const Port& port, const InputFormats& formats) {
  const auto own = formats.find(port.name);
  for (const Format& format : kFormats)
    if (own != formats.end() && own->second == format.name) return format.code;
  const Shape& shape = port.type.shape;
  return shape.size() <= 2 && (shape.size() < 2 || shape[shape.size() - 2] == 1) ? kNc : kNhwc;
}

void set_shape(const Port& port, uint32_t format, uint32_t stream, hef_wire::EdgeLayerShape& out) {
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
  out.set_format(format);
  out.set_sys_index(stream);
  const auto bytes = static_cast<uint32_t>(code_bytes(port.type.dtype));
  out.set_core_bytes_per_buffer(extent(2) * extent(1) * bytes);
  out.set_core_buffers_per_frame(extent(3));
  out.set_data_bytes(bytes);
  out.add_buffer_indices();
}

std::string stream_name(const std::string& network, const Port& port) { return network + "/" + port.name; }

/// What goes on from one network of the group to the next.
struct Numbers {
  uint32_t network = 0;
  uint32_t stream = 0, pad = 1;  ///< the next
};

hef_wire::EdgeLayer& add_edge_layer(const std::string& network, const Port& port, bool input, uint32_t format,
                                    Numbers& numbers, hef_wire::ContextMetadata& context) {
  hef_wire::EdgeLayer& layer = *context.add_edge_layers();
  layer.set_direction(input ? 0 : 1);
  layer.set_network_index(numbers.network);
  layer.mutable_context_switch()->set_connection_type(0);
  hef_wire::EdgeLayerInfo& info = *layer.mutable_info();
  info.set_name(stream_name(network, port));
  set_shape(port, format, numbers.stream++, *info.mutable_shape());
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

std::string network_name(const Program& program) { return program.name.empty() ? "network" : program.name; }

/// Streams and host operators of one of the group's networks.
void add_network(const HefNetwork& member, hef_wire::CoreOp& core, hef_wire::NetworkGroup& group, Numbers& numbers) {
  const Program& program = *member.program;
  const std::string network = network_name(program);
  hef_wire::ContextMetadata& context = *core.mutable_contexts(0)->mutable_metadata();
  for (const Port& port : program.inputs)
    add_edge_layer(network, port, true, format_code(port, member.input_formats), numbers, context);
  const uint32_t first_pad = numbers.pad;
  for (const Port& port : program.outputs) {
    hef_wire::EdgeLayer& layer = add_edge_layer(network, port, false, format_code(port, {}), numbers, context);
    if (!program.host.empty()) layer.set_pad_index(numbers.pad++);
    core.add_sorted_outputs(stream_name(network, port));
  }
  for (const ProgramResult& result : program_results(program))
    group.add_sorted_outputs(result.host ? host_name(network, program.host[result.number])
                                         : stream_name(network, program.outputs[result.number]));
  numbers.pad = add_host_ops(program, network, first_pad, numbers.pad, group);
  ++numbers.network;
}

void add_group(const std::string& name, std::span<const HefNetwork> networks, std::string_view hw_arch,
               hef_wire::Hef& hef) {
  hef_wire::NetworkGroup& group = *hef.add_network_groups();
  group.mutable_metadata()->set_name(name);
  hef_wire::Op& op = *group.add_ops();
  op.set_name(name);
  hef_wire::CoreOp& core = *op.mutable_core_op();
  core.mutable_metadata()->set_name(name);
  core.add_contexts();
  Numbers numbers;
  for (const HefNetwork& network : networks) {
    group.add_networks_names(network_name(*network.program));
    core.add_networks_names(network_name(*network.program));
    add_network(network, core, group, numbers);
  }
  if (std::find(std::begin(kPartialArchs), std::end(kPartialArchs), hw_arch) != std::end(kPartialArchs)) {
    hef_wire::CoreOp& whole = *group.mutable_ops(0)->mutable_core_op();
    const hef_wire::CoreOp part = whole;
    *whole.add_partial_core_ops()->mutable_core_op() = part;
    group.add_partial_groups()->mutable_network_group()->mutable_metadata()->set_name(name);
  }
}

/// The payload: every program, where the next multiple of the alignment is.
Bytes add_programs(std::span<const HefNetwork> networks, hef_wire::Hef& hef) {
  Bytes payload;
  for (std::size_t i = 0; i < networks.size(); ++i) {
    const Bytes program = save_program(*networks[i].program);
    payload.resize((payload.size() + kProgramAlignment - 1) / kProgramAlignment * kProgramAlignment);
    hef_wire::ExternalResource& resource = *hef.add_external_resources();
    resource.set_offset(payload.size());
    resource.set_size(program.size());
    resource.set_name(program_resource(i));
    payload.insert(payload.end(), program.begin(), program.end());
  }
  return payload;
}

Bytes save_networks(const std::string& group, std::span<const HefNetwork> networks, const HefOptions& options) {
  hef_wire::Hef hef;
  hef.mutable_header()->set_architecture(architecture_code(options.hw_arch));
  hef.mutable_header()->set_sdk_version(GRAUPEL_VERSION);
  hef.mutable_header()->set_version(1);
  for (const KnownExtension& known : kRequired) add_extension(known, *hef.mutable_extensions());
  add_extension(kProgramExtension,
                options.vendor_inspectable ? *hef.mutable_optional_extensions() : *hef.mutable_extensions());
  for (const HefNetwork& network : networks)
    for (const HostStep& step : network.program->host)
      if (const auto known = extension_of(step)) add_extension(*known, *hef.mutable_extensions());
  add_group(group, networks, options.hw_arch, hef);
  const Bytes payload = add_programs(networks, hef);
  set_origin(networks, *hef.mutable_origin());
  const std::string messages = hef.SerializeAsString();
  return write_container(std::as_bytes(std::span(messages)), payload);
}

}  // namespace

Bytes save_hef(const Program& program, const HefOptions& options) {
  const HefNetwork network{&program, options.har_hash, options.golden, options.input_formats};
  return save_networks(network_name(program), {&network, 1}, options);
}

Result<Bytes> save_hef_group(const std::string& group, std::span<const HefNetwork> networks,
                             const HefOptions& options) {
  if (networks.empty() || networks.size() > kMostNetworks)
    return invalid("a group of ", networks.size(), " networks (accepted: 1 to ", kMostNetworks, ")");
  for (std::size_t i = 0; i < networks.size(); ++i)
    for (std::size_t j = 0; j < i; ++j)
      if (network_name(*networks[i].program) == network_name(*networks[j].program))
        return invalid("two networks of a group are called '", network_name(*networks[i].program),
                       "'; names of streams begin with them, so parse one under another name");
  return save_networks(group, networks, options);
}

}  // namespace graupel
