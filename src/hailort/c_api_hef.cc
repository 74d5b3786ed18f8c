// The C interface: HEFs and the parameters made from them.
#include <algorithm>
#include <cstring>

#include "hailort/c_api.h"

namespace hailort {
namespace {

template <std::size_t n>
void set_name(const std::string& name, char (&out)[n]) {
  std::memset(out, 0, n);
  name.copy(out, n - 1);
}

hailo_status to_c(const std::string& name, const ConfigureNetworkParams& params,
                  hailo_configure_network_group_params_t& out) {
  if (params.stream_params_by_name.size() > HAILO_MAX_STREAMS_COUNT ||
      params.network_params_by_name.size() > HAILO_MAX_NETWORKS_IN_NETWORK_GROUP)
    return refuse(HAILO_INVALID_HEF, "network group '", name,
                  "' has more streams or networks than the C interface holds");
  std::memset(&out, 0, sizeof out);
  set_name(name, out.name);
  out.batch_size = params.batch_size;
  out.power_mode = params.power_mode;
  out.latency = params.latency;
  for (const auto& [stream, own] : params.stream_params_by_name) {
    hailo_stream_parameters_by_name_t& entry = out.stream_params_by_name[out.stream_params_by_name_count++];
    set_name(stream, entry.name);
    entry.stream_params = own;
  }
  for (const auto& [network, own] : params.network_params_by_name) {
    hailo_network_parameters_by_name_t& entry = out.network_params_by_name[out.network_params_by_name_count++];
    set_name(network, entry.name);
    entry.network_params = own;
  }
  return HAILO_SUCCESS;
}

hailo_status configure_params(hailo_hef hef, hailo_stream_interface_t interface, hailo_configure_params_t* params) {
  HAILORT_GET(const auto by_name, hef->hef.create_configure_params(interface));
  params->network_group_params_count = 0;
  for (const auto& [name, own] : by_name)
    HAILORT_DO(to_c(name, own, params->network_group_params[params->network_group_params_count++]));
  return HAILO_SUCCESS;
}

template <class Entry>
hailo_status vstream_params(const std::map<std::string, hailo_vstream_params_t>& by_name, Entry* out, size_t* count) {
  std::vector<Entry> entries;
  for (const auto& [name, own] : by_name) {
    Entry& entry = entries.emplace_back();
    set_name(name, entry.name);
    entry.params = own;
  }
  return copy_out(entries, out, count);
}

/// Names that a HEF maps one name to.
using Mapping = Expected<std::vector<std::string>> (Hef::*)(const std::string&, const std::string&) const;

hailo_status mapped_names(const char* function, hailo_hef hef, Mapping mapping, const char* group, const char* name,
                          hailo_layer_name_t* names, size_t* count) {
  if (!Handles::alive(hef)) return bad_argument(function, "hef");
  if (name == nullptr) return bad_argument(function, "name");
  if (names == nullptr) return bad_argument(function, "names");
  if (count == nullptr) return bad_argument(function, "count");
  HAILORT_GET(const auto found, as_names((hef->hef.*mapping)(name, text(group))));
  return copy_out(found, names, count);
}

/// Parameters of one direction's virtual streams, of a HEF or of a network group.
template <class Entry, class Make>
hailo_status make_params(const char* function, Make make, Entry* out, size_t* count) {
  if (out == nullptr) return bad_argument(function, "params");
  if (count == nullptr) return bad_argument(function, "count");
  HAILORT_GET(const auto made, make(HAILO_DEFAULT_VSTREAM_TIMEOUT_MS, HAILO_DEFAULT_VSTREAM_QUEUE_SIZE));
  return vstream_params(made, out, count);
}

/// The streams of one direction, or both.
hailo_status stream_infos(const Expected<std::vector<hailo_stream_info_t>>& infos, hailo_stream_info_t* out,
                          size_t room, size_t* count) {
  if (!infos) return infos.status();
  *count = room;
  return copy_out(*infos, out, count);
}

}  // namespace
}  // namespace hailort

using namespace hailort;  // NOLINT: the definitions below are the interface's, in C

hailo_status hailo_create_hef_file(hailo_hef* hef, const char* file_name) {
  HAILORT_NOT_NULL(hef);
  HAILORT_NOT_NULL(file_name);
  HAILORT_GET(Hef own, Hef::create(std::string(file_name)));
  *hef = Handles::keep(new _hailo_hef{std::move(own)});
  return HAILO_SUCCESS;
}

hailo_status hailo_create_hef_buffer(hailo_hef* hef, const void* buffer, size_t size) {
  HAILORT_NOT_NULL(hef);
  HAILORT_NOT_NULL(buffer);
  HAILORT_GET(Hef own, Hef::create(MemoryView::create_const(buffer, size)));
  *hef = Handles::keep(new _hailo_hef{std::move(own)});
  return HAILO_SUCCESS;
}

hailo_status hailo_release_hef(hailo_hef hef) {
  HAILORT_ALIVE(hef);
  Handles::remove(hef);
  delete hef;
  return HAILO_SUCCESS;
}

hailo_status hailo_hef_get_all_stream_infos(hailo_hef hef, const char* name, hailo_stream_info_t* infos, size_t room,
                                            size_t* count) {
  HAILORT_ALIVE(hef);
  HAILORT_NOT_NULL(infos);
  HAILORT_NOT_NULL(count);
  return stream_infos(hef->hef.get_all_stream_infos(text(name)), infos, room, count);
}

hailo_status hailo_hef_get_stream_info_by_name(hailo_hef hef, const char* network_group_name, const char* stream_name,
                                               hailo_stream_direction_t direction, hailo_stream_info_t* stream_info) {
  HAILORT_ALIVE(hef);
  HAILORT_NOT_NULL(stream_name);
  HAILORT_NOT_NULL(stream_info);
  HAILORT_GET(*stream_info, hef->hef.get_stream_info_by_name(stream_name, direction, text(network_group_name)));
  return HAILO_SUCCESS;
}

hailo_status hailo_hef_get_all_vstream_infos(hailo_hef hef, const char* name, hailo_vstream_info_t* infos,
                                             size_t* count) {
  HAILORT_ALIVE(hef);
  HAILORT_NOT_NULL(infos);
  HAILORT_NOT_NULL(count);
  HAILORT_GET(const auto found, hef->hef.get_all_vstream_infos(text(name)));
  return copy_out(found, infos, count);
}

hailo_status hailo_hef_get_vstream_name_from_original_name(hailo_hef hef, const char* network_group_name,
                                                           const char* original_name,
                                                           hailo_layer_name_t* vstream_name) {
  HAILORT_ALIVE(hef);
  HAILORT_NOT_NULL(original_name);
  HAILORT_NOT_NULL(vstream_name);
  HAILORT_GET(const std::string name,
              hef->hef.get_vstream_name_from_original_name(original_name, text(network_group_name)));
  set_name(name, vstream_name->name);
  return HAILO_SUCCESS;
}

hailo_status hailo_hef_get_original_names_from_vstream_name(hailo_hef hef, const char* network_group_name,
                                                            const char* vstream_name, hailo_layer_name_t* names,
                                                            size_t* count) {
  return mapped_names(__func__, hef, &Hef::get_original_names_from_vstream_name, network_group_name, vstream_name,
                      names, count);
}

hailo_status hailo_hef_get_vstream_names_from_stream_name(hailo_hef hef, const char* network_group_name,
                                                          const char* stream_name, hailo_layer_name_t* names,
                                                          size_t* count) {
  return mapped_names(__func__, hef, &Hef::get_vstream_names_from_stream_name, network_group_name, stream_name, names,
                      count);
}

hailo_status hailo_hef_get_stream_names_from_vstream_name(hailo_hef hef, const char* network_group_name,
                                                          const char* vstream_name, hailo_layer_name_t* names,
                                                          size_t* count) {
  return mapped_names(__func__, hef, &Hef::get_stream_names_from_vstream_name, network_group_name, vstream_name, names,
                      count);
}

hailo_status hailo_hef_get_sorted_output_names(hailo_hef hef, const char* network_group_name, hailo_layer_name_t* names,
                                               size_t* count) {
  HAILORT_ALIVE(hef);
  HAILORT_NOT_NULL(names);
  HAILORT_NOT_NULL(count);
  HAILORT_GET(const auto found, as_names(hef->hef.get_sorted_output_names(text(network_group_name))));
  return copy_out(found, names, count);
}

hailo_status hailo_hef_get_bottleneck_fps(hailo_hef hef, const char* network_group_name, float64_t* bottleneck_fps) {
  HAILORT_ALIVE(hef);
  HAILORT_NOT_NULL(bottleneck_fps);
  HAILORT_GET(*bottleneck_fps, hef->hef.get_bottleneck_fps(text(network_group_name)));
  return HAILO_SUCCESS;
}

hailo_status hailo_calculate_eth_input_rate_limits(hailo_hef hef, const char* network_group_name, uint32_t fps,
                                                   hailo_rate_limit_t* rates, size_t* rates_length) {
  HAILORT_ALIVE(hef);
  HAILORT_NOT_NULL(rates);
  HAILORT_NOT_NULL(rates_length);
  HAILORT_GET(auto calculator, NetworkUdpRateCalculator::create(&hef->hef, text(network_group_name)));
  HAILORT_GET(const auto by_name, calculator.calculate_inputs_bandwith(fps));
  std::vector<hailo_rate_limit_t> found;
  for (const auto& [name, rate] : by_name) {
    set_name(name, found.emplace_back().stream_name);
    found.back().rate = rate;
  }
  return copy_out(found, rates, rates_length);
}

hailo_status hailo_init_configure_params(hailo_hef hef, hailo_stream_interface_t stream_interface,
                                         hailo_configure_params_t* params) {
  HAILORT_ALIVE(hef);
  HAILORT_NOT_NULL(params);
  return configure_params(hef, stream_interface, params);
}

hailo_status hailo_init_configure_params_by_vdevice(hailo_hef hef, hailo_vdevice vdevice,
                                                    hailo_configure_params_t* params) {
  HAILORT_ALIVE(hef);
  HAILORT_ALIVE(vdevice);
  HAILORT_NOT_NULL(params);
  HAILORT_GET(const hailo_stream_interface_t interface, vdevice->vdevice->get_default_streams_interface());
  return configure_params(hef, interface, params);
}

hailo_status hailo_init_configure_params_by_device(hailo_hef hef, hailo_device device,
                                                   hailo_configure_params_t* params) {
  HAILORT_ALIVE(hef);
  HAILORT_ALIVE(device);
  HAILORT_NOT_NULL(params);
  HAILORT_GET(const hailo_stream_interface_t interface, device->device->get_default_streams_interface());
  return configure_params(hef, interface, params);
}

hailo_status hailo_init_configure_params_mipi_input(hailo_hef hef, hailo_stream_interface_t output_interface,
                                                    hailo_mipi_input_stream_params_t* mipi_params,
                                                    hailo_configure_params_t* params) {
  HAILORT_ALIVE(hef);
  HAILORT_NOT_NULL(mipi_params);
  HAILORT_NOT_NULL(params);
  return hef->hef.create_configure_params_mipi_input(output_interface, *mipi_params).status();
}

hailo_status hailo_init_configure_network_group_params(hailo_hef hef, hailo_stream_interface_t stream_interface,
                                                       const char* network_group_name,
                                                       hailo_configure_network_group_params_t* params) {
  HAILORT_ALIVE(hef);
  HAILORT_NOT_NULL(params);
  const std::vector<std::string> names = hef->hef.get_network_groups_names();
  const std::string name = network_group_name != nullptr || names.empty() ? text(network_group_name) : names[0];
  HAILORT_GET(const auto own, hef->hef.create_configure_params(stream_interface, name));
  return to_c(name, own, *params);
}

hailo_status hailo_init_configure_network_group_params_mipi_input(hailo_hef hef,
                                                                  hailo_stream_interface_t output_interface,
                                                                  hailo_mipi_input_stream_params_t* mipi_params,
                                                                  const char* network_group_name,
                                                                  hailo_configure_network_group_params_t* params) {
  HAILORT_ALIVE(hef);
  HAILORT_NOT_NULL(mipi_params);
  HAILORT_NOT_NULL(params);
  return hef->hef.create_configure_params_mipi_input(output_interface, *mipi_params, text(network_group_name)).status();
}

hailo_status hailo_get_network_groups_infos(hailo_hef hef, hailo_network_group_info_t* infos, size_t* count) {
  HAILORT_ALIVE(hef);
  HAILORT_NOT_NULL(infos);
  HAILORT_NOT_NULL(count);
  HAILORT_GET(const auto found, hef->hef.get_network_groups_infos());
  return copy_out(found, infos, count);
}

hailo_status hailo_hef_get_network_infos(hailo_hef hef, const char* network_group_name, hailo_network_info_t* infos,
                                         size_t* count) {
  HAILORT_ALIVE(hef);
  HAILORT_NOT_NULL(infos);
  HAILORT_NOT_NULL(count);
  HAILORT_GET(const auto found, hef->hef.get_network_infos(text(network_group_name)));
  return copy_out(found, infos, count);
}

hailo_status hailo_hef_make_input_vstream_params(hailo_hef hef, const char* name, bool unused,
                                                 hailo_format_type_t format_type,
                                                 hailo_input_vstream_params_by_name_t* input_params, size_t* count) {
  HAILORT_ALIVE(hef);
  const auto make = [&](uint32_t timeout, uint32_t queue) {
    return hef->hef.make_input_vstream_params(text(name), unused, format_type, timeout, queue);
  };
  return make_params(__func__, make, input_params, count);
}

hailo_status hailo_hef_make_output_vstream_params(hailo_hef hef, const char* name, bool unused,
                                                  hailo_format_type_t format_type,
                                                  hailo_output_vstream_params_by_name_t* output_params, size_t* count) {
  HAILORT_ALIVE(hef);
  const auto make = [&](uint32_t timeout, uint32_t queue) {
    return hef->hef.make_output_vstream_params(text(name), unused, format_type, timeout, queue);
  };
  return make_params(__func__, make, output_params, count);
}

hailo_status hailo_make_input_vstream_params(hailo_configured_network_group network_group, bool unused,
                                             hailo_format_type_t format_type,
                                             hailo_input_vstream_params_by_name_t* input_params, size_t* count) {
  HAILORT_ALIVE(network_group);
  const auto make = [&](uint32_t timeout, uint32_t queue) {
    return network_group->group->make_input_vstream_params(unused, format_type, timeout, queue);
  };
  return make_params(__func__, make, input_params, count);
}

hailo_status hailo_make_output_vstream_params(hailo_configured_network_group network_group, bool unused,
                                              hailo_format_type_t format_type,
                                              hailo_output_vstream_params_by_name_t* output_params, size_t* count) {
  HAILORT_ALIVE(network_group);
  const auto make = [&](uint32_t timeout, uint32_t queue) {
    return network_group->group->make_output_vstream_params(unused, format_type, timeout, queue);
  };
  return make_params(__func__, make, output_params, count);
}

hailo_status hailo_get_output_vstream_groups(hailo_configured_network_group network_group,
                                             hailo_output_vstream_name_by_group_t* out, size_t* count) {
  HAILORT_ALIVE(network_group);
  HAILORT_NOT_NULL(out);
  HAILORT_NOT_NULL(count);
  HAILORT_GET(const auto groups, network_group->group->get_output_vstream_groups());
  std::vector<hailo_output_vstream_name_by_group_t> entries;
  for (size_t i = 0; i < groups.size(); ++i)
    for (const std::string& name : groups[i]) {
      set_name(name, entries.emplace_back().name);
      entries.back().pipeline_group_index = static_cast<uint8_t>(i);
    }
  return copy_out(entries, out, count);
}

hailo_status hailo_network_group_get_all_stream_infos(hailo_configured_network_group network_group,
                                                      hailo_stream_info_t* infos, size_t room, size_t* count) {
  HAILORT_ALIVE(network_group);
  HAILORT_NOT_NULL(infos);
  HAILORT_NOT_NULL(count);
  return stream_infos(network_group->group->get_all_stream_infos(), infos, room, count);
}

namespace {

hailo_status one_direction(hailo_configured_network_group network_group, hailo_stream_direction_t direction,
                           hailo_stream_info_t* infos, size_t room, size_t* count) {
  HAILORT_GET(auto all, network_group->group->get_all_stream_infos());
  std::erase_if(all, [&](const hailo_stream_info_t& info) { return info.direction != direction; });
  *count = room;
  return copy_out(all, infos, count);
}

}  // namespace

hailo_status hailo_network_group_get_input_stream_infos(hailo_configured_network_group network_group,
                                                        hailo_stream_info_t* infos, size_t room, size_t* count) {
  HAILORT_ALIVE(network_group);
  HAILORT_NOT_NULL(infos);
  HAILORT_NOT_NULL(count);
  return one_direction(network_group, HAILO_H2D_STREAM, infos, room, count);
}

hailo_status hailo_network_group_get_output_stream_infos(hailo_configured_network_group network_group,
                                                         hailo_stream_info_t* infos, size_t room, size_t* count) {
  HAILORT_ALIVE(network_group);
  HAILORT_NOT_NULL(infos);
  HAILORT_NOT_NULL(count);
  return one_direction(network_group, HAILO_D2H_STREAM, infos, room, count);
}

hailo_status hailo_get_network_infos(hailo_configured_network_group network_group, hailo_network_info_t* infos,
                                     size_t* count) {
  HAILORT_ALIVE(network_group);
  HAILORT_NOT_NULL(infos);
  HAILORT_NOT_NULL(count);
  HAILORT_GET(const auto found, network_group->group->get_network_infos());
  return copy_out(found, infos, count);
}
