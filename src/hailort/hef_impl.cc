#include "hailort/hef_impl.h"

#include <algorithm>
#include <cstring>

#include "base/file.h"
#include "base/hash.h"
#include "hailo/hailort_common.hpp"
#include "hailo/hailort_defaults.hpp"
#include "hailort/log.h"

namespace hailort {
namespace {

constexpr std::size_t kShortest = 12;  ///< bytes up to the end of the header's part that all versions share
constexpr uint8_t kMagic[] = {0x01, 0x48, 0x45, 0x46};

Expected<hailo_format_order_t> device_order(const std::string& name) {
  constexpr hailo_format_order_t kOrders[] = {HAILO_FORMAT_ORDER_NHWC,       HAILO_FORMAT_ORDER_NHCW,
                                              HAILO_FORMAT_ORDER_NC,         HAILO_FORMAT_ORDER_FCR,
                                              HAILO_FORMAT_ORDER_F8CR,       HAILO_FORMAT_ORDER_NHW,
                                              HAILO_FORMAT_ORDER_YUY2,       HAILO_FORMAT_ORDER_HAILO_YYUV,
                                              HAILO_FORMAT_ORDER_HAILO_YYVU, HAILO_FORMAT_ORDER_HAILO_YYYYUV};
  for (const hailo_format_order_t order : kOrders)
    if (HailoRTCommon::get_format_order_str(order) == name) return Expected<hailo_format_order_t>(order);
  if (name == "BAYER_RGB") return Expected<hailo_format_order_t>(HAILO_FORMAT_ORDER_BAYER_RGB);
  if (name == "RGB888") return Expected<hailo_format_order_t>(HAILO_FORMAT_ORDER_RGB888);
  if (name == "NMS") return Expected<hailo_format_order_t>(HAILO_FORMAT_ORDER_HAILO_NMS_ON_CHIP);
  return refused(HAILO_INTERNAL_FAILURE, "the HEF has a stream of format '", name, "', which is not known");
}

hailo_3d_image_shape_t image_shape(const graupel::Shape& shape) {
  return {static_cast<uint32_t>(shape[0]), static_cast<uint32_t>(shape[1]), static_cast<uint32_t>(shape[2])};
}

/// [1, 1, boxes, values].
hailo_3d_image_shape_t image_shape_of_boxes(const graupel::Shape& shape) {
  return image_shape({shape[1], shape[2], shape[3]});
}

/// One entry per feature where the file has them, else one.
std::vector<hailo_quant_info_t> quant_infos_of(const graupel::HefInfo::Stream& stream) {
  const hailo_quant_info_t whole = {stream.zero_point, stream.scale, stream.limit_min, stream.limit_max};
  std::vector<hailo_quant_info_t> infos(std::max<std::size_t>(stream.scales.size(), 1), whole);
  if (stream.scales.size() != stream.zero_points.size()) infos.resize(1);
  for (std::size_t i = 0; infos.size() > 1 && i < infos.size(); ++i) {
    infos[i].qp_scale = stream.scales[i];
    infos[i].qp_zp = stream.zero_points[i];
  }
  return infos;
}

hailo_status check_start(graupel::ByteSpan bytes) {
  if (bytes.size() < kShortest)
    return refuse(HAILO_FILE_OPERATION_FAILURE, "a HEF of ", bytes.size(), " bytes is shorter than any header");
  if (std::memcmp(bytes.data(), kMagic, sizeof kMagic) != 0)
    return refuse(HAILO_HEF_NOT_SUPPORTED, "this is not a HEF: it begins with other bytes than 01 48 45 46");
  return HAILO_SUCCESS;
}

}  // namespace

Expected<std::shared_ptr<const Hef::Impl>> Hef::Impl::open(const std::string& path) {
  graupel::Result<graupel::MappedFile> mapped = graupel::MappedFile::open(path);
  if (!mapped.ok()) return refused(HAILO_OPEN_FILE_FAILURE, "HEF '", path, "': ", mapped.error().text());
  const auto file = std::make_shared<const graupel::MappedFile>(std::move(mapped).value());
  return load(file->bytes(), file);
}

Expected<std::shared_ptr<const Hef::Impl>> Hef::Impl::load(graupel::ByteSpan bytes, std::shared_ptr<const void> keep) {
  HAILORT_DO_EXPECTED(check_start(bytes));
  graupel::Result<graupel::Hef> loaded = graupel::load_hef(bytes, keep);
  if (!loaded.ok()) return refused(status_of(loaded.error()), loaded.error().text());
  auto impl = std::make_shared<Impl>();
  impl->keep_ = std::move(keep);
  impl->bytes_ = bytes;
  impl->hef_ = std::move(loaded).value();
  HAILORT_DO_EXPECTED(impl->describe(bytes));
  return std::shared_ptr<const Impl>(std::move(impl));
}

hailo_status Hef::Impl::describe(graupel::ByteSpan bytes) {
  constexpr char kDigits[] = "0123456789abcdef";
  const uint64_t sum = graupel::xxh3_64(bytes);
  for (int shift = 60; shift >= 0; shift -= 4) hash_ += kDigits[sum >> shift & 15];
  if (group().empty()) return HAILO_SUCCESS;
  add_networks();
  for (const graupel::HefInfo::Stream& stream : hef_.info.streams) HAILORT_DO(add_stream(stream));
  if (inputs_.empty() || outputs_.empty())
    return refuse(HAILO_NOT_FOUND, "network group '", group(), "' has ", inputs_.size(), " inputs and ",
                  outputs_.size(), " outputs");
  return sort_outputs();
}

void Hef::Impl::add_networks() {
  for (std::size_t i = 0; i < hef_.info.networks.size(); ++i) {
    GroupNetwork& network = networks_.emplace_back();
    network.name = graupel::cat(group(), HAILO_DEFAULT_NETWORK_NAME_QUALIFIER, hef_.info.networks[i].name);
    if (is_runnable()) network.program = &hef_.programs[i];
    if (i > 0) {
      network.first_input = networks_[i - 1].first_input + networks_[i - 1].inputs;
      network.first_output = networks_[i - 1].first_output + networks_[i - 1].outputs;
    }
    for (const graupel::HefInfo::Stream& stream : hef_.info.streams)
      if (stream.network == i) ++(stream.input ? network.inputs : network.outputs);
  }
}

hailo_status Hef::Impl::add_stream(const graupel::HefInfo::Stream& stream) {
  StreamEdge edge;
  edge.network = stream.network;
  hailo_stream_info_t& info = edge.info;
  const auto order = device_order(stream.format);
  if (!order) return order.status();
  const auto type = HailoRTCommon::get_format_type(static_cast<uint32_t>(stream.data_bytes));
  if (!type) return refuse(type.status(), "stream '", stream.name, "' has elements of ", stream.data_bytes, " bytes");
  info.format = {*type, *order, HAILO_FORMAT_FLAGS_NONE};
  info.shape = image_shape(stream.shape);
  info.hw_shape = image_shape(stream.padded_shape);
  info.hw_data_bytes = static_cast<uint32_t>(stream.data_bytes);
  info.hw_frame_size = HailoRTCommon::get_shape_size(info.hw_shape) * info.hw_data_bytes;
  info.direction = stream.input ? HAILO_H2D_STREAM : HAILO_D2H_STREAM;
  info.index = static_cast<uint8_t>(stream.index);
  edge.quant_infos = quant_infos_of(stream);
  info.quant_info = edge.quant_infos.size() == 1 ? edge.quant_infos[0] : hailo_quant_info_t{};
  if (copy_name(stream.name, info.name) != HAILO_SUCCESS)
    return refuse(HAILO_INTERNAL_FAILURE, "the name of stream '", stream.name, "' is longer than ",
                  HAILO_MAX_STREAM_NAME_SIZE - 1);
  std::vector<StreamEdge>& edges = stream.input ? inputs_ : outputs_;
  edges.push_back(edge);
  return add_vstream(edge, edges.size() - 1, stream.original_names);
}

hailo_status Hef::Impl::add_vstream(const StreamEdge& stream, std::size_t number,
                                    const std::vector<std::string>& originals) {
  VStreamEdge edge;
  hailo_vstream_info_t& info = edge.info;
  edge.network = stream.network;
  std::memcpy(info.name, stream.info.name, sizeof info.name);
  HAILORT_DO(copy_name(networks_[stream.network].name, info.network_name));
  info.direction = stream.info.direction;
  info.format = HailoRTDefaults::expand_auto_format(HailoRTDefaults::get_user_buffer_format(), stream.info.format);
  info.shape = stream.info.shape;
  info.quant_info = stream.info.quant_info;
  edge.quant_infos = stream.quant_infos;
  edge.streams = {number};
  edge.original_names = originals;
  (info.direction == HAILO_H2D_STREAM ? vinputs_ : voutputs_).push_back(std::move(edge));
  return HAILO_SUCCESS;
}

hailo_status Hef::Impl::sort_outputs() {
  const std::vector<std::string>& order = hef_.info.sorted_outputs;
  if (order.empty())
    return refuse(HAILO_INVALID_HEF, "network group '", group(), "' does not say how its outputs are sorted");
  const std::vector<VStreamEdge> plain = std::exchange(voutputs_, {});
  for (const std::string& name : order) {
    const auto own =
        std::find_if(plain.begin(), plain.end(), [&](const VStreamEdge& edge) { return name == edge.info.name; });
    if (own != plain.end())
      voutputs_.push_back(*own);
    else if (!hef_.info.nms.empty())
      HAILORT_DO(add_detections(name));
    else if (plain.size() == 1)
      voutputs_.push_back(plain[0]);  // the order of one output says nothing
    else
      return refuse(HAILO_INTERNAL_FAILURE, "output '", name, "' of the sorted outputs is not a stream");
  }
  return HAILO_SUCCESS;
}

/// A virtual stream that the host makes: the step of that name, or the only one where a vendor's names differ.
hailo_status Hef::Impl::add_detections(const std::string& name) {
  const std::vector<graupel::HefInfo::Nms>& all = hef_.info.nms;
  const auto named = std::find_if(all.begin(), all.end(), [&](const auto& nms) { return nms.name == name; });
  const graupel::HefInfo::Nms& nms = named != all.end() ? *named : all.front();
  VStreamEdge edge;
  hailo_vstream_info_t& info = edge.info;
  if (copy_name(name, info.name) != HAILO_SUCCESS)
    return refuse(HAILO_INTERNAL_FAILURE, "the name of output '", name, "' is too long");
  edge.network = nms.network;
  HAILORT_DO(copy_name(networks_[nms.network].name, info.network_name));
  info.direction = HAILO_D2H_STREAM;
  info.quant_info = {0, 1, 0, 0};
  edge.quant_infos = {info.quant_info};
  const auto before = std::count_if(all.data(), &nms, [&](const auto& other) { return other.network == nms.network; });
  edge.host = static_cast<std::size_t>(before);
  const GroupNetwork& network = networks_[nms.network];
  if (network.program != nullptr) {
    const graupel::HostStep& step = network.program->host[*edge.host];
    for (const uint32_t output : step.src) edge.streams.push_back(network.first_output + output);
    edge.original_names = step.origins;
  } else {
    for (std::size_t i = 0; i < network.outputs; ++i) edge.streams.push_back(network.first_output + i);
  }
  set_detection_format(nms, edge);
  voutputs_.push_back(std::move(edge));
  return HAILO_SUCCESS;
}

void Hef::Impl::set_detection_format(const graupel::HefInfo::Nms& nms, VStreamEdge& edge) const {
  hailo_vstream_info_t& info = edge.info;
  const graupel::Program* program = networks_[edge.network].program;
  const auto* params =
      program == nullptr ? nullptr : &std::get<graupel::DetectParams>(program->host[*edge.host].params);
  info.format = {HAILO_FORMAT_TYPE_FLOAT32, HAILO_FORMAT_ORDER_HAILO_NMS_BY_CLASS, HAILO_FORMAT_FLAGS_NONE};
  const auto classes = static_cast<uint32_t>(nms.classes), most = static_cast<uint32_t>(nms.max_per_class);
  info.nms_shape = {classes, most, classes * most, 0};
  if (nms.decode_only) {
    info.format.order = HAILO_FORMAT_ORDER_NHWC;
    info.shape = params != nullptr ? image_shape_of_boxes(graupel::output_shape(*params)) : boxes_of(nms, edge);
  } else if (nms.arch == "yolov5_seg") {
    info.format.order = HAILO_FORMAT_ORDER_HAILO_NMS_WITH_BYTE_MASK;
    if (params != nullptr) info.nms_shape.max_bboxes_total = static_cast<uint32_t>(params->max_total);
    info.nms_shape.max_accumulated_mask_size = 2 * static_cast<uint32_t>(nms.image_h * nms.image_w);
  }
}

/// Extents of a vendor's boxes without suppression: 1, boxes, values.
hailo_3d_image_shape_t Hef::Impl::boxes_of(const graupel::HefInfo::Nms& nms, const VStreamEdge& edge) const {
  const bool yolov5 = nms.arch == "yolov5";
  const uint32_t values = (yolov5 ? 5u : 4u) + static_cast<uint32_t>(nms.classes);
  uint32_t boxes = 0;
  for (const std::size_t number : edge.streams) {
    const hailo_3d_image_shape_t& shape = outputs_[number].info.shape;
    boxes += shape.height * shape.width * (yolov5 ? shape.features / values : 1);
  }
  return {1, yolov5 ? boxes : boxes / 2, values};  // yolov8: boxes and scores are two streams
}

std::span<const StreamEdge> Hef::Impl::streams(hailo_stream_direction_t direction) const {
  return direction == HAILO_H2D_STREAM ? inputs_ : outputs_;
}

std::span<const VStreamEdge> Hef::Impl::vstreams(hailo_stream_direction_t direction) const {
  return direction == HAILO_H2D_STREAM ? vinputs_ : voutputs_;
}

const VStreamEdge* Hef::Impl::find_vstream(const std::string& name) const {
  for (const std::vector<VStreamEdge>* edges : {&vinputs_, &voutputs_})
    for (const VStreamEdge& edge : *edges)
      if (name == edge.info.name) return &edge;
  return nullptr;
}

const StreamEdge* Hef::Impl::find_stream(const std::string& name) const {
  for (const std::vector<StreamEdge>* edges : {&inputs_, &outputs_})
    for (const StreamEdge& edge : *edges)
      if (name == edge.info.name) return &edge;
  return nullptr;
}

hailo_status Hef::Impl::check_group(const std::string& name) const {
  if (!group().empty() && (name.empty() || name == group())) return HAILO_SUCCESS;
  return refuse(HAILO_NOT_FOUND, "the HEF has no network group '", name, "'; it has '", group(), "'");
}

Expected<std::optional<std::size_t>> Hef::Impl::find_network(const std::string& name) const {
  for (std::size_t i = 0; i < networks_.size(); ++i)
    if (name == networks_[i].name) return Expected<std::optional<std::size_t>>(std::optional(i));
  HAILORT_DO_EXPECTED(check_group(name));
  return Expected<std::optional<std::size_t>>(std::nullopt);
}

}  // namespace hailort
