#include "hailo/network_group.hpp"

#include "hailo/hailort_defaults.hpp"
#include "hailort/log.h"
#include "hailort/network_group_impl.h"
#include "hailort/statistics.h"
#include "hailort/stream_impl.h"

namespace hailort {
namespace {

Unexpected no_cache() { return refused(HAILO_NOT_SUPPORTED, "caches between frames belong to other devices"); }

Unexpected no_service() { return refused(HAILO_NOT_SUPPORTED, "there is no service process with handles"); }

/// Milliseconds since `start`.
void add_time(Accumulator<double>& times, Clock::time_point start) {
  times.add_data_point(std::chrono::duration<double, std::milli>(Clock::now() - start).count());
}

}  // namespace

ConfiguredNetworkGroup::Impl::Impl(std::shared_ptr<Network> network)
    : activation_times(std::make_shared<Statistics>("activation time")),
      deactivation_times(std::make_shared<Statistics>("deactivation time")),
      network_(std::move(network)),
      hef_(network_->shared_hef()) {
  const auto is_async = [&](const char* name) {
    const auto& by_name = network_->params().stream_params_by_name;
    const auto own = by_name.find(name);
    return own != by_name.end() && (own->second.flags & HAILO_STREAM_FLAGS_ASYNC) != 0;
  };
  const auto readers = std::make_shared<SyncReaders>();
  const auto edges = network_->hef().streams(HAILO_D2H_STREAM);
  for (std::size_t i = 0; i < edges.size(); ++i)
    if (!is_async(edges[i].info.name)) readers->outputs.push_back(i);
  readers->network = network_.get();
  for (std::size_t i = 0; i < network_->hef().streams(HAILO_H2D_STREAM).size(); ++i)
    inputs_.push_back(std::make_unique<InputStream>(std::make_unique<InputStream::Impl>(*network_, i, readers)));
  for (std::size_t i = 0; i < edges.size(); ++i)
    outputs_.push_back(std::make_unique<OutputStream>(std::make_unique<OutputStream::Impl>(*network_, i, readers)));
}

Expected<std::shared_ptr<ConfiguredNetworkGroup::Impl>> ConfiguredNetworkGroup::Impl::create(
    std::shared_ptr<VirtualDevice> device, std::shared_ptr<const Hef::Impl> hef, const ConfigureNetworkParams& params) {
  HAILORT_TRY(auto network, Network::create(std::move(device), std::move(hef), params));
  return std::shared_ptr<Impl>(new Impl(std::move(network)));
}

std::shared_ptr<ConfiguredNetworkGroup> ConfiguredNetworkGroup::Impl::wrap(std::shared_ptr<Impl> impl) {
  return std::make_shared<ConfiguredNetworkGroup>(std::move(impl));
}

ActivatedNetworkGroup::ActivatedNetworkGroup(std::unique_ptr<Impl> impl) : m_impl(std::move(impl)) {}

ActivatedNetworkGroup::~ActivatedNetworkGroup() {
  const Clock::time_point start = Clock::now();
  m_impl->group->network().deactivate();
  add_time(*m_impl->group->deactivation_times, start);
}

const std::string& ActivatedNetworkGroup::get_network_group_name() const {
  return m_impl->group->network().hef().group();
}

Expected<Buffer> ActivatedNetworkGroup::get_intermediate_buffer(const IntermediateBufferKey&) {
  return refused(HAILO_NOT_SUPPORTED, "the virtual device has no memory between contexts");
}

ConfiguredNetworkGroup::ConfiguredNetworkGroup(std::shared_ptr<Impl> impl) : m_impl(std::move(impl)) {}
ConfiguredNetworkGroup::~ConfiguredNetworkGroup() = default;

const std::string& ConfiguredNetworkGroup::name() const { return m_impl->network().hef().group(); }
bool ConfiguredNetworkGroup::is_scheduled() const { return m_impl->network().is_scheduled(); }
bool ConfiguredNetworkGroup::is_multi_context() const { return m_impl->network().hef().is_multi_context(); }
const ConfigureNetworkParams ConfiguredNetworkGroup::get_config_params() const { return m_impl->network().params(); }

Expected<hailo_stream_interface_t> ConfiguredNetworkGroup::get_default_streams_interface() {
  return Expected<hailo_stream_interface_t>(HAILO_STREAM_INTERFACE_PCIE);
}

Expected<std::unique_ptr<ActivatedNetworkGroup>> ConfiguredNetworkGroup::activate() {
  return activate(HailoRTDefaults::get_active_network_group_params());
}

Expected<std::unique_ptr<ActivatedNetworkGroup>> ConfiguredNetworkGroup::activate(
    const hailo_activate_network_group_params_t&) {
  const Clock::time_point start = Clock::now();
  HAILORT_DO_EXPECTED(m_impl->network().activate());
  add_time(*m_impl->activation_times, start);
  auto impl = std::make_unique<ActivatedNetworkGroup::Impl>();
  impl->group = m_impl;
  return std::make_unique<ActivatedNetworkGroup>(std::move(impl));
}

hailo_status ConfiguredNetworkGroup::wait_for_activation(const std::chrono::milliseconds& timeout) {
  return m_impl->network().wait_for_activation(timeout);
}

hailo_status ConfiguredNetworkGroup::shutdown() { return m_impl->network().shutdown(); }

InputStreamRefVector ConfiguredNetworkGroup::get_input_streams() {
  InputStreamRefVector streams;
  for (const auto& stream : m_impl->inputs()) streams.push_back(*stream);
  return streams;
}

OutputStreamRefVector ConfiguredNetworkGroup::get_output_streams() {
  OutputStreamRefVector streams;
  for (const auto& stream : m_impl->outputs()) streams.push_back(*stream);
  return streams;
}

std::vector<std::reference_wrapper<InputStream>> ConfiguredNetworkGroup::get_input_streams_by_interface(
    hailo_stream_interface_t interface) {
  return interface == HAILO_STREAM_INTERFACE_PCIE ? get_input_streams() : InputStreamRefVector();
}

std::vector<std::reference_wrapper<OutputStream>> ConfiguredNetworkGroup::get_output_streams_by_interface(
    hailo_stream_interface_t interface) {
  return interface == HAILO_STREAM_INTERFACE_PCIE ? get_output_streams() : OutputStreamRefVector();
}

ExpectedRef<InputStream> ConfiguredNetworkGroup::get_input_stream_by_name(const std::string& name) {
  for (const auto& stream : m_impl->inputs())
    if (stream->name() == name) return std::ref(*stream);
  return refused(HAILO_NOT_FOUND, "there is no input stream '", name, "'");
}

ExpectedRef<OutputStream> ConfiguredNetworkGroup::get_output_stream_by_name(const std::string& name) {
  for (const auto& stream : m_impl->outputs())
    if (stream->name() == name) return std::ref(*stream);
  return refused(HAILO_NOT_FOUND, "there is no output stream '", name, "'");
}

Expected<InputStreamRefVector> ConfiguredNetworkGroup::get_input_streams_by_network(const std::string& network_name) {
  HAILORT_TRY(const std::optional<std::size_t> network, m_impl->network().hef().find_network(network_name));
  InputStreamRefVector streams;
  const auto edges = m_impl->network().hef().streams(HAILO_H2D_STREAM);
  for (std::size_t i = 0; i < edges.size(); ++i)
    if (!network || edges[i].network == *network) streams.push_back(*m_impl->inputs()[i]);
  return streams;
}

Expected<OutputStreamRefVector> ConfiguredNetworkGroup::get_output_streams_by_network(const std::string& network_name) {
  HAILORT_TRY(const std::optional<std::size_t> network, m_impl->network().hef().find_network(network_name));
  OutputStreamRefVector streams;
  const auto edges = m_impl->network().hef().streams(HAILO_D2H_STREAM);
  for (std::size_t i = 0; i < edges.size(); ++i)
    if (!network || edges[i].network == *network) streams.push_back(*m_impl->outputs()[i]);
  return streams;
}

Expected<std::vector<hailo_network_info_t>> ConfiguredNetworkGroup::get_network_infos() const {
  return m_impl->hef().get_network_infos();
}
Expected<std::vector<hailo_stream_info_t>> ConfiguredNetworkGroup::get_all_stream_infos(const std::string& name) const {
  return m_impl->hef().get_all_stream_infos(name);
}
Expected<std::vector<hailo_vstream_info_t>> ConfiguredNetworkGroup::get_input_vstream_infos(
    const std::string& name) const {
  return m_impl->hef().get_input_vstream_infos(name);
}
Expected<std::vector<hailo_vstream_info_t>> ConfiguredNetworkGroup::get_output_vstream_infos(
    const std::string& name) const {
  return m_impl->hef().get_output_vstream_infos(name);
}
Expected<std::vector<hailo_vstream_info_t>> ConfiguredNetworkGroup::get_all_vstream_infos(
    const std::string& name) const {
  return m_impl->hef().get_all_vstream_infos(name);
}
Expected<std::vector<std::string>> ConfiguredNetworkGroup::get_sorted_output_names() {
  return m_impl->hef().get_sorted_output_names();
}
Expected<std::vector<std::string>> ConfiguredNetworkGroup::get_stream_names_from_vstream_name(
    const std::string& vstream_name) {
  return m_impl->hef().get_stream_names_from_vstream_name(vstream_name);
}
Expected<std::vector<std::string>> ConfiguredNetworkGroup::get_vstream_names_from_stream_name(
    const std::string& stream_name) {
  return m_impl->hef().get_vstream_names_from_stream_name(stream_name);
}

Expected<LatencyMeasurementResult> ConfiguredNetworkGroup::get_latency_measurement(const std::string& network_name) {
  HAILORT_TRY(const std::optional<std::size_t> network, m_impl->network().hef().find_network(network_name));
  HAILORT_TRY(const std::chrono::nanoseconds mean, m_impl->network().latency(network));
  return LatencyMeasurementResult{mean};
}

AccumulatorPtr ConfiguredNetworkGroup::get_activation_time_accumulator() const { return m_impl->activation_times; }
AccumulatorPtr ConfiguredNetworkGroup::get_deactivation_time_accumulator() const { return m_impl->deactivation_times; }

Expected<size_t> ConfiguredNetworkGroup::infer_queue_size() const { return size_t{Network::kQueueFrames}; }

hailo_status ConfiguredNetworkGroup::init_cache(uint32_t) { return no_cache(); }
hailo_status ConfiguredNetworkGroup::update_cache_offset(int32_t) { return no_cache(); }
Expected<std::vector<uint32_t>> ConfiguredNetworkGroup::get_cache_ids() const { return no_cache(); }
Expected<Buffer> ConfiguredNetworkGroup::read_cache_buffer(uint32_t) { return no_cache(); }
hailo_status ConfiguredNetworkGroup::write_cache_buffer(uint32_t, MemoryView) { return no_cache(); }
Expected<uint32_t> ConfiguredNetworkGroup::get_client_handle() const { return no_service(); }
Expected<uint32_t> ConfiguredNetworkGroup::get_vdevice_client_handle() const { return no_service(); }
Expected<std::shared_ptr<ConfiguredNetworkGroup>> ConfiguredNetworkGroup::duplicate_network_group_client(
    uint32_t, uint32_t, const std::string&) {
  return no_service();
}

}  // namespace hailort
