#include "hailo/hailort_common.hpp"
#include "hailo/hailort_defaults.hpp"
#include "hailort/configured_infer_model_impl.h"
#include "hailort/infer_model_impl.h"
#include "hailort/log.h"
#include "hailort/output_frame.h"
#include "hailort/vdevice_impl.h"

namespace hailort {

hailo_vstream_info_t InferModel::InferStream::Impl::info() const {
  return input() ? edge->info : OutputFrame::info_with(*edge, format, settings);
}

InferModel::InferStream::InferStream(std::shared_ptr<Impl> impl) : m_impl(std::move(impl)) {}
const std::string InferModel::InferStream::name() const { return m_impl->edge->info.name; }
hailo_3d_image_shape_t InferModel::InferStream::shape() const { return m_impl->info().shape; }
hailo_format_t InferModel::InferStream::format() const { return m_impl->format; }
bool InferModel::InferStream::is_nms() const { return HailoRTCommon::is_nms(m_impl->edge->info); }

size_t InferModel::InferStream::get_frame_size() const {
  return HailoRTCommon::get_frame_size(m_impl->info(), m_impl->format);
}

Expected<hailo_nms_shape_t> InferModel::InferStream::get_nms_shape() const {
  if (!is_nms()) return refused(HAILO_INVALID_OPERATION, "output '", name(), "' has no detections");
  return Expected<hailo_nms_shape_t>(m_impl->info().nms_shape);
}

void InferModel::InferStream::set_format_type(hailo_format_type_t type) {
  m_impl->format.type = type == HAILO_FORMAT_TYPE_AUTO ? m_impl->edge->info.format.type : type;
}
void InferModel::InferStream::set_format_order(hailo_format_order_t order) {
  m_impl->format.order = order == HAILO_FORMAT_ORDER_AUTO ? m_impl->edge->info.format.order : order;
}
std::vector<hailo_quant_info_t> InferModel::InferStream::get_quant_infos() const {
  return {m_impl->edge->info.quant_info};
}
void InferModel::InferStream::set_nms_score_threshold(float32_t threshold) {
  m_impl->settings.score_threshold = threshold;
}
void InferModel::InferStream::set_nms_iou_threshold(float32_t threshold) { m_impl->settings.iou_threshold = threshold; }
void InferModel::InferStream::set_nms_max_proposals_per_class(uint32_t count) {
  m_impl->settings.max_per_class = count;
}
void InferModel::InferStream::set_nms_max_proposals_total(uint32_t count) { m_impl->settings.max_total = count; }
void InferModel::InferStream::set_nms_max_accumulated_mask_size(uint32_t bytes) {
  m_impl->settings.max_mask_bytes = bytes;
}

InferModel::Impl::Impl(std::shared_ptr<VirtualDevice> d, Hef h, std::string n)
    : device(std::move(d)), hef(std::move(h)), name(std::move(n)) {
  for (const hailo_stream_direction_t direction : {HAILO_H2D_STREAM, HAILO_D2H_STREAM})
    for (const VStreamEdge& edge : hef.impl()->vstreams(direction)) {
      auto stream = std::make_shared<InferStream::Impl>();
      stream->hef = hef.impl().get();
      stream->edge = &edge;
      stream->format = edge.info.format;
      const bool input = direction == HAILO_H2D_STREAM;
      (input ? inputs : outputs).emplace_back(std::move(stream));
      (input ? input_names : output_names).emplace_back(edge.info.name);
    }
}

Expected<InferModel::InferStream> InferModel::Impl::only(hailo_stream_direction_t direction) const {
  const std::vector<InferStream>& streams = direction == HAILO_H2D_STREAM ? inputs : outputs;
  if (streams.size() != 1)
    return refused(HAILO_INVALID_OPERATION, "the model has ", streams.size(),
                   direction == HAILO_H2D_STREAM ? " inputs" : " outputs", "; name one");
  return InferStream(streams[0]);
}

Expected<InferModel::InferStream> InferModel::Impl::find(hailo_stream_direction_t direction,
                                                         const std::string& wanted) const {
  for (const InferStream& stream : direction == HAILO_H2D_STREAM ? inputs : outputs)
    if (stream.name() == wanted) return InferStream(stream);
  return refused(HAILO_NOT_FOUND, "the model has no ", direction == HAILO_H2D_STREAM ? "input" : "output", " '", wanted,
                 "'");
}

InferModel::InferModel(std::unique_ptr<Impl> impl) : m_impl(std::move(impl)) {}
InferModel::~InferModel() = default;
const Hef& InferModel::hef() const { return m_impl->hef; }
void InferModel::set_batch_size(uint16_t batch_size) { m_impl->params.batch_size = batch_size; }
void InferModel::set_power_mode(hailo_power_mode_t power_mode) { m_impl->params.power_mode = power_mode; }
void InferModel::set_hw_latency_measurement_flags(hailo_latency_measurement_flags_t latency) {
  m_impl->params.latency = latency;
}
Expected<InferModel::InferStream> InferModel::input() { return m_impl->only(HAILO_H2D_STREAM); }
Expected<InferModel::InferStream> InferModel::output() { return m_impl->only(HAILO_D2H_STREAM); }
Expected<InferModel::InferStream> InferModel::input(const std::string& name) {
  return m_impl->find(HAILO_H2D_STREAM, name);
}
Expected<InferModel::InferStream> InferModel::output(const std::string& name) {
  return m_impl->find(HAILO_D2H_STREAM, name);
}
const std::vector<InferModel::InferStream>& InferModel::inputs() const { return m_impl->inputs; }
const std::vector<InferModel::InferStream>& InferModel::outputs() const { return m_impl->outputs; }
const std::vector<std::string>& InferModel::get_input_names() const { return m_impl->input_names; }
const std::vector<std::string>& InferModel::get_output_names() const { return m_impl->output_names; }

Expected<ConfiguredInferModel> InferModel::configure() {
  if (m_impl->params.batch_size > Network::kQueueFrames)
    return refused(HAILO_INVALID_OPERATION, "a batch of ", m_impl->params.batch_size, " frames; the queue holds ",
                   Network::kQueueFrames);
  HAILORT_TRY(auto groups, configure_on(m_impl->device, m_impl->hef, {{m_impl->hef.impl()->group(), m_impl->params}}));
  HAILORT_TRY(auto impl, ConfiguredInferModel::Impl::create(groups[0]->impl(), *m_impl));
  return ConfiguredInferModel(std::move(impl));
}

namespace {

Expected<std::shared_ptr<InferModel>> make_model(std::shared_ptr<VirtualDevice> device, Expected<Hef> hef,
                                                 const std::string& name) {
  if (!hef) return make_unexpected(hef.status());
  if (!name.empty() && name != hef->impl()->group())
    return refused(HAILO_NOT_IMPLEMENTED, "'", name, "' is not the name of the HEF's network group, which is '",
                   hef->impl()->group(), "'");
  return std::make_shared<InferModel>(std::make_unique<InferModel::Impl>(std::move(device), hef.release(), name));
}

}  // namespace

Expected<std::shared_ptr<InferModel>> VDevice::create_infer_model(const std::string& hef_path,
                                                                  const std::string& name) {
  return make_model(m_impl->device, Hef::create(hef_path), name);
}
Expected<std::shared_ptr<InferModel>> VDevice::create_infer_model(const MemoryView hef_buffer,
                                                                  const std::string& name) {
  return make_model(m_impl->device, Hef::create(hef_buffer), name);
}
Expected<std::shared_ptr<InferModel>> VDevice::create_infer_model(std::shared_ptr<Buffer> hef_buffer,
                                                                  const std::string& name) {
  return make_model(m_impl->device, Hef::create(std::move(hef_buffer)), name);
}
Expected<std::shared_ptr<InferModel>> VDevice::create_infer_model(Hef hef, const std::string& name) {
  return make_model(m_impl->device, Expected<Hef>(std::move(hef)), name);
}

}  // namespace hailort
