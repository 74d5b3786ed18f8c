#include "hailo/hef.hpp"

#include <cstring>

#include "hailo/hailort_common.hpp"
#include "hailo/hailort_defaults.hpp"
#include "hailort/hef_impl.h"
#include "hailort/log.h"

namespace hailort {
namespace {

/// What the edges say, those of one network or all.
template <class Info, class Edge>
void append(std::span<const Edge> edges, std::optional<std::size_t> network, std::vector<Info>& infos) {
  for (const Edge& edge : edges)
    if (!network || edge.network == *network) infos.push_back(edge.info);
}

Unexpected no_such(const char* kind, const std::string& name) {
  return refused(HAILO_NOT_FOUND, "the HEF has no ", kind, " '", name, "'");
}

struct Architecture {
  const char* name;  ///< as graupel::HefInfo has it
  hailo_device_architecture_t arch;
};
constexpr Architecture kArchitectures[] = {{"HAILO8", HAILO_ARCH_HAILO8},     {"HAILO8L", HAILO_ARCH_HAILO8L},
                                           {"HAILO15H", HAILO_ARCH_HAILO15H}, {"HAILO15M", HAILO_ARCH_HAILO15M},
                                           {"HAILO10H", HAILO_ARCH_HAILO10H}, {"HAILO15L", HAILO_ARCH_HAILO15L},
                                           {"PLUTO", HAILO_ARCH_HAILO15L},    {"MARS", HAILO_ARCH_MARS}};

}  // namespace

Hef::Hef(std::shared_ptr<const Impl> impl) : m_impl(std::move(impl)) {}
Hef::~Hef() = default;
Hef::Hef(Hef&&) = default;
Hef& Hef::operator=(Hef&&) = default;

Expected<Hef> Hef::create(const std::string& hef_path) {
  HAILORT_TRY(auto impl, Impl::open(hef_path));
  return Hef(std::move(impl));
}

Expected<Hef> Hef::create(const MemoryView& hef_buffer) {
  if (hef_buffer.data() == nullptr) return refused(HAILO_INVALID_ARGUMENT, "a HEF from a null pointer");
  const auto* begin = reinterpret_cast<const std::byte*>(hef_buffer.data());
  const auto copy = std::make_shared<const graupel::Bytes>(begin, begin + hef_buffer.size());
  HAILORT_TRY(auto impl, Impl::load(*copy, copy));
  return Hef(std::move(impl));
}

Expected<Hef> Hef::create(std::shared_ptr<Buffer> hef_buffer) {
  if (hef_buffer == nullptr) return refused(HAILO_INVALID_ARGUMENT, "a HEF from a null pointer");
  const graupel::ByteSpan bytes(reinterpret_cast<const std::byte*>(hef_buffer->data()), hef_buffer->size());
  HAILORT_TRY(auto impl, Impl::load(bytes, hef_buffer));
  return Hef(std::move(impl));
}

Expected<std::vector<hailo_stream_info_t>> Hef::get_input_stream_infos(const std::string& name) const {
  HAILORT_TRY(const std::optional<std::size_t> network, m_impl->find_network(name));
  std::vector<hailo_stream_info_t> infos;
  append(m_impl->streams(HAILO_H2D_STREAM), network, infos);
  return infos;
}

Expected<std::vector<hailo_stream_info_t>> Hef::get_output_stream_infos(const std::string& name) const {
  HAILORT_TRY(const std::optional<std::size_t> network, m_impl->find_network(name));
  std::vector<hailo_stream_info_t> infos;
  append(m_impl->streams(HAILO_D2H_STREAM), network, infos);
  return infos;
}

Expected<std::vector<hailo_stream_info_t>> Hef::get_all_stream_infos(const std::string& name) const {
  HAILORT_TRY(const std::optional<std::size_t> network, m_impl->find_network(name));
  HAILORT_TRY(std::vector<hailo_stream_info_t> infos, get_input_stream_infos(name));
  append(m_impl->streams(HAILO_D2H_STREAM), network, infos);
  return infos;
}

Expected<hailo_stream_info_t> Hef::get_stream_info_by_name(const std::string& stream_name,
                                                           hailo_stream_direction_t stream_direction,
                                                           const std::string& net_group_name) const {
  HAILORT_DO_EXPECTED(m_impl->check_group(net_group_name));
  for (const StreamEdge& edge : m_impl->streams(stream_direction))
    if (stream_name == edge.info.name) return Expected<hailo_stream_info_t>(edge.info);
  return no_such("stream", stream_name);
}

Expected<std::vector<hailo_vstream_info_t>> Hef::get_input_vstream_infos(const std::string& name) const {
  HAILORT_TRY(const std::optional<std::size_t> network, m_impl->find_network(name));
  std::vector<hailo_vstream_info_t> infos;
  append(m_impl->vstreams(HAILO_H2D_STREAM), network, infos);
  return infos;
}

Expected<std::vector<hailo_vstream_info_t>> Hef::get_output_vstream_infos(const std::string& name) const {
  HAILORT_TRY(const std::optional<std::size_t> network, m_impl->find_network(name));
  std::vector<hailo_vstream_info_t> infos;
  append(m_impl->vstreams(HAILO_D2H_STREAM), network, infos);
  return infos;
}

Expected<std::vector<hailo_vstream_info_t>> Hef::get_all_vstream_infos(const std::string& name) const {
  HAILORT_TRY(const std::optional<std::size_t> network, m_impl->find_network(name));
  HAILORT_TRY(std::vector<hailo_vstream_info_t> infos, get_input_vstream_infos(name));
  append(m_impl->vstreams(HAILO_D2H_STREAM), network, infos);
  return infos;
}

Expected<std::vector<std::string>> Hef::get_sorted_output_names(const std::string& net_group_name) const {
  HAILORT_DO_EXPECTED(m_impl->check_group(net_group_name));
  std::vector<std::string> names;
  for (const VStreamEdge& edge : m_impl->vstreams(HAILO_D2H_STREAM)) names.emplace_back(edge.info.name);
  return names;
}

Expected<size_t> Hef::get_number_of_input_streams(const std::string& net_group_name) const {
  HAILORT_DO_EXPECTED(m_impl->check_group(net_group_name));
  return m_impl->streams(HAILO_H2D_STREAM).size();
}

Expected<size_t> Hef::get_number_of_output_streams(const std::string& net_group_name) const {
  HAILORT_DO_EXPECTED(m_impl->check_group(net_group_name));
  return m_impl->streams(HAILO_D2H_STREAM).size();
}

Expected<float64_t> Hef::get_bottleneck_fps(const std::string& net_group_name) const {
  HAILORT_DO_EXPECTED(m_impl->check_group(net_group_name));
  const double fps = m_impl->info().bottleneck_fps;
  if (fps == 0) return refused(HAILO_NOT_AVAILABLE, "the HEF gives no bottleneck rate");
  return Expected<float64_t>(fps);
}

Expected<hailo_device_architecture_t> Hef::get_hef_device_arch() const {
  for (const Architecture& known : kArchitectures)
    if (known.name == m_impl->info().architecture) return Expected<hailo_device_architecture_t>(known.arch);
  return refused(HAILO_INVALID_ARGUMENT, "architecture '", m_impl->info().architecture, "' is not known");
}

Expected<std::string> Hef::device_arch_to_string(const hailo_device_architecture_t arch) {
  return HailoRTCommon::get_device_arch_str(arch);
}

Expected<std::vector<std::string>> Hef::get_stream_names_from_vstream_name(const std::string& vstream_name,
                                                                           const std::string& net_group_name) const {
  HAILORT_DO_EXPECTED(m_impl->check_group(net_group_name));
  const VStreamEdge* edge = m_impl->find_vstream(vstream_name);
  if (edge == nullptr) return no_such("virtual stream", vstream_name);
  std::vector<std::string> names;
  for (const std::size_t number : edge->streams)
    names.emplace_back(m_impl->streams(edge->info.direction)[number].info.name);
  return names;
}

Expected<std::vector<std::string>> Hef::get_vstream_names_from_stream_name(const std::string& stream_name,
                                                                           const std::string& net_group_name) const {
  HAILORT_DO_EXPECTED(m_impl->check_group(net_group_name));
  std::vector<std::string> names;
  for (const hailo_stream_direction_t direction : {HAILO_H2D_STREAM, HAILO_D2H_STREAM})
    for (const VStreamEdge& edge : m_impl->vstreams(direction))
      for (const std::size_t number : edge.streams)
        if (stream_name == m_impl->streams(direction)[number].info.name) names.emplace_back(edge.info.name);
  if (names.empty()) return no_such("stream", stream_name);
  return names;
}

Expected<std::string> Hef::get_vstream_name_from_original_name(const std::string& original_name,
                                                               const std::string& net_group_name) const {
  HAILORT_DO_EXPECTED(m_impl->check_group(net_group_name));
  for (const hailo_stream_direction_t direction : {HAILO_H2D_STREAM, HAILO_D2H_STREAM})
    for (const VStreamEdge& edge : m_impl->vstreams(direction))
      for (const std::string& name : edge.original_names)
        if (name == original_name) return std::string(edge.info.name);
  return no_such("original layer", original_name);
}

Expected<std::vector<std::string>> Hef::get_original_names_from_vstream_name(const std::string& vstream_name,
                                                                             const std::string& net_group_name) const {
  HAILORT_DO_EXPECTED(m_impl->check_group(net_group_name));
  const VStreamEdge* edge = m_impl->find_vstream(vstream_name);
  if (edge == nullptr) return no_such("virtual stream", vstream_name);
  return std::vector<std::string>(edge->original_names);
}

std::vector<std::string> Hef::get_network_groups_names() const {
  return m_impl->group().empty() ? std::vector<std::string>() : std::vector{m_impl->group()};
}

Expected<std::vector<hailo_network_group_info_t>> Hef::get_network_groups_infos() const {
  std::vector<hailo_network_group_info_t> infos;
  for (const std::string& name : get_network_groups_names()) {
    hailo_network_group_info_t info{};
    HAILORT_DO_EXPECTED(copy_name(name, info.name));
    info.is_multi_context = m_impl->is_multi_context();
    infos.push_back(info);
  }
  return infos;
}

Expected<std::vector<hailo_network_info_t>> Hef::get_network_infos(const std::string& net_group_name) const {
  HAILORT_DO_EXPECTED(m_impl->check_group(net_group_name));
  std::vector<hailo_network_info_t> infos;
  for (const GroupNetwork& network : m_impl->networks()) {
    hailo_network_info_t& info = infos.emplace_back();
    HAILORT_DO_EXPECTED(copy_name(network.name, info.name));
  }
  return infos;
}

std::string Hef::hash() const { return m_impl->hash(); }

}  // namespace hailort
