// What only a chip, its sensors, its firmware and its network link have.
#include "hailo/device.hpp"
#include "hailo/network_rate_calculator.hpp"
#include "hailort/log.h"

namespace hailort {
namespace {

Unexpected lacking(const char* what) { return refused(HAILO_NOT_SUPPORTED, "the virtual device has no ", what); }

constexpr char kPower[] = "power sensor";
constexpr char kThermometer[] = "temperature sensor";
constexpr char kHealth[] = "health monitor";
constexpr char kFirmware[] = "firmware";
constexpr char kMemory[] = "memory of a chip";
constexpr char kSensor[] = "camera sensor";
constexpr char kConfig[] = "flash configuration";
constexpr char kEthernet[] = "Ethernet link";
constexpr char kDmaBuffers[] = "use for DMA buffers of the kernel; it takes plain memory";

}  // namespace

Expected<std::vector<hailo_eth_device_info_t>> Device::scan_eth(const std::string&, std::chrono::milliseconds) {
  return lacking(kEthernet);
}
Expected<std::vector<hailo_eth_device_info_t>> Device::scan_eth_by_host_address(const std::string&,
                                                                                std::chrono::milliseconds) {
  return lacking(kEthernet);
}
Expected<std::unique_ptr<Device>> Device::create_eth(const hailo_eth_device_info_t&) { return lacking(kEthernet); }
Expected<std::unique_ptr<Device>> Device::create_eth(const std::string&) { return lacking(kEthernet); }
Expected<std::unique_ptr<Device>> Device::create_eth(const std::string&, uint16_t, uint32_t, uint8_t) {
  return lacking(kEthernet);
}
Expected<hailo_chip_temperature_info_t> Device::get_chip_temperature() { return lacking(kThermometer); }
Expected<hailo_health_stats_t> Device::query_health_stats() { return lacking(kHealth); }
Expected<hailo_performance_stats_t> Device::query_performance_stats() { return lacking(kHealth); }
Expected<hailo_health_info_t> Device::get_health_information() { return lacking(kHealth); }
Expected<float32_t> Device::power_measurement(hailo_dvm_options_t, hailo_power_measurement_types_t) {
  return lacking(kPower);
}
hailo_status Device::start_power_measurement(hailo_averaging_factor_t, hailo_sampling_period_t) {
  return lacking(kPower);
}
hailo_status Device::set_power_measurement(hailo_measurement_buffer_index_t, hailo_dvm_options_t,
                                           hailo_power_measurement_types_t) {
  return lacking(kPower);
}
Expected<hailo_power_measurement_data_t> Device::get_power_measurement(hailo_measurement_buffer_index_t, bool) {
  return lacking(kPower);
}
hailo_status Device::stop_power_measurement() { return lacking(kPower); }
Expected<size_t> Device::read_log(MemoryView&, hailo_cpu_id_t) { return lacking(kFirmware); }
hailo_status Device::set_fw_logger(hailo_fw_logger_level_t, uint32_t) { return lacking(kFirmware); }
hailo_status Device::set_throttling_state(bool) { return lacking(kHealth); }
Expected<bool> Device::get_throttling_state() { return lacking(kHealth); }
hailo_status Device::set_overcurrent_state(bool) { return lacking(kHealth); }
Expected<bool> Device::get_overcurrent_state() { return lacking(kHealth); }
hailo_status Device::write_memory(uint32_t, const MemoryView&) { return lacking(kMemory); }
hailo_status Device::read_memory(uint32_t, MemoryView&) { return lacking(kMemory); }
hailo_status Device::direct_write_memory(uint32_t, const void*, uint32_t) { return lacking(kMemory); }
hailo_status Device::direct_read_memory(uint32_t, void*, uint32_t) { return lacking(kMemory); }
hailo_status Device::wd_enable(hailo_cpu_id_t) { return lacking(kFirmware); }
hailo_status Device::wd_disable(hailo_cpu_id_t) { return lacking(kFirmware); }
hailo_status Device::wd_config(hailo_cpu_id_t, uint32_t, hailo_watchdog_mode_t) { return lacking(kFirmware); }
Expected<uint32_t> Device::previous_system_state(hailo_cpu_id_t) { return lacking(kFirmware); }
hailo_status Device::set_pause_frames(bool) { return lacking(kEthernet); }
hailo_status Device::i2c_read(const hailo_i2c_slave_config_t&, uint32_t, MemoryView&) { return lacking(kSensor); }
hailo_status Device::i2c_write(const hailo_i2c_slave_config_t&, uint32_t, const MemoryView&) {
  return lacking(kSensor);
}
hailo_status Device::test_chip_memories() { return lacking(kMemory); }
hailo_status Device::set_sleep_state(hailo_sleep_state_t) { return lacking(kFirmware); }
hailo_status Device::firmware_update(const MemoryView&, bool) { return lacking(kFirmware); }
hailo_status Device::second_stage_update(uint8_t*, uint32_t) { return lacking(kFirmware); }
hailo_status Device::store_sensor_config(uint32_t, hailo_sensor_types_t, uint32_t, uint16_t, uint16_t, uint16_t,
                                         const std::string&, const std::string&) {
  return lacking(kSensor);
}
hailo_status Device::store_isp_config(uint32_t, uint16_t, uint16_t, uint16_t, const std::string&, const std::string&,
                                      const std::string&) {
  return lacking(kSensor);
}
Expected<Buffer> Device::sensor_get_sections_info() { return lacking(kSensor); }
hailo_status Device::sensor_dump_config(uint32_t, const std::string&) { return lacking(kSensor); }
hailo_status Device::sensor_set_i2c_bus_index(hailo_sensor_types_t, uint32_t) { return lacking(kSensor); }
hailo_status Device::sensor_load_and_start_config(uint32_t) { return lacking(kSensor); }
hailo_status Device::sensor_reset(uint32_t) { return lacking(kSensor); }
hailo_status Device::sensor_set_generic_i2c_slave(uint16_t, uint8_t, uint8_t, uint8_t, uint8_t) {
  return lacking(kSensor);
}
Expected<Buffer> Device::read_board_config() { return lacking(kConfig); }
hailo_status Device::write_board_config(const MemoryView&) { return lacking(kConfig); }
Expected<hailo_fw_user_config_information_t> Device::examine_user_config() { return lacking(kConfig); }
Expected<Buffer> Device::read_user_config() { return lacking(kConfig); }
hailo_status Device::write_user_config(const MemoryView&) { return lacking(kConfig); }
hailo_status Device::erase_user_config() { return lacking(kConfig); }
hailo_status Device::dma_map_dmabuf(int, size_t, hailo_dma_buffer_direction_t) { return lacking(kDmaBuffers); }
hailo_status Device::dma_unmap_dmabuf(int, size_t, hailo_dma_buffer_direction_t) { return lacking(kDmaBuffers); }

NetworkUdpRateCalculator::NetworkUdpRateCalculator(const std::vector<hailo_stream_info_t>& infos) {
  for (const hailo_stream_info_t& info : infos)
    (info.direction == HAILO_H2D_STREAM ? m_input_bytes : m_output_bytes)[info.name] = info.hw_frame_size;
}

Expected<NetworkUdpRateCalculator> NetworkUdpRateCalculator::create(Hef* hef, const std::string& network_group_name) {
  if (hef == nullptr) return refused(HAILO_INVALID_ARGUMENT, "rates of a null HEF");
  HAILORT_TRY(const auto infos, hef->get_all_stream_infos(network_group_name));
  return NetworkUdpRateCalculator(infos);
}

Expected<NetworkUdpRateCalculator> NetworkUdpRateCalculator::create(ConfiguredNetworkGroup& net_group) {
  HAILORT_TRY(const auto infos, net_group.get_all_stream_infos());
  return NetworkUdpRateCalculator(infos);
}

Expected<std::map<std::string, uint32_t>> NetworkUdpRateCalculator::calculate_inputs_bandwith(
    uint32_t fps, uint32_t max_supported_bandwidth) {
  const auto total = [&](const std::map<std::string, uint32_t>& bytes) {
    double sum = 0;
    for (const auto& [name, size] : bytes) sum += static_cast<double>(size) * fps;
    return sum;
  };
  const double most = std::max({total(m_input_bytes), total(m_output_bytes), 1.0});
  const double share = std::min(1.0, max_supported_bandwidth / most);
  std::map<std::string, uint32_t> rates;
  for (const auto& [name, size] : m_input_bytes)
    rates[name] = static_cast<uint32_t>(static_cast<double>(size) * fps * share);
  return rates;
}

Expected<std::map<uint16_t, uint32_t>> NetworkUdpRateCalculator::get_udp_ports_rates_dict(
    std::vector<std::reference_wrapper<InputStream>>&, uint32_t, uint32_t) {
  return lacking(kEthernet);
}
hailo_status NetworkUdpRateCalculator::set_rate_limit(const std::string&, uint16_t, uint32_t) {
  return lacking(kEthernet);
}
hailo_status NetworkUdpRateCalculator::reset_rate_limit(const std::string&, uint16_t) { return lacking(kEthernet); }
Expected<std::string> NetworkUdpRateCalculator::get_interface_name(const std::string&) { return lacking(kEthernet); }

}  // namespace hailort
