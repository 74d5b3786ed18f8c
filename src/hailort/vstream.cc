#include "hailo/vstream.hpp"

#include <algorithm>

#include "hailo/hailort_defaults.hpp"
#include "hailort/frame_queue.h"
#include "hailort/log.h"
#include "hailort/network_group_impl.h"
#include "hailort/output_frame.h"
#include "hailort/pix_buffer.h"
#include "hailort/statistics.h"

namespace hailort {
namespace {

/// Measurements that were asked for, under the stream's name.
struct Measured {
  Measured(const std::string& name, hailo_vstream_stats_flags_t flags) {
    if ((flags & HAILO_VSTREAM_STATS_MEASURE_FPS) != 0) fps.emplace(name, std::make_shared<Statistics>("fps"));
    if ((flags & HAILO_VSTREAM_STATS_MEASURE_LATENCY) != 0)
      latency.emplace(name, std::make_shared<Statistics>("latency"));
  }

  /// A frame passed that was in the call since `start`.
  void frame(Clock::time_point start) {
    using Seconds = std::chrono::duration<double>;
    const Clock::time_point now = Clock::now();
    for (auto& [name, rate] : fps)
      if (last != Clock::time_point()) rate->add_data_point(1 / std::max(Seconds(now - last).count(), 1e-9));
    for (auto& [name, time] : latency) time->add_data_point(Seconds(now - start).count() * 1e6);
    last = now;
  }

  std::map<std::string, AccumulatorPtr> fps, latency;
  std::map<std::string, std::vector<AccumulatorPtr>> queue_sizes;
  Clock::time_point last;
};

std::size_t depth_of(const hailo_vstream_params_t& params, const Network& group, const VStreamEdge& edge) {
  const std::size_t wanted = params.queue_size + std::max<std::size_t>(group.batch_size(edge.network), 1);
  return std::clamp<std::size_t>(wanted, 2, Network::kQueueFrames);
}

hailo_status report(hailo_status status, const char* what, const char* name) {
  if (status == HAILO_SUCCESS || status == HAILO_STREAM_ABORT) return status;
  return refuse(status, what, " virtual stream '", name, "' failed");
}

}  // namespace

class InputVStream::Impl {
 public:
  Impl(std::shared_ptr<Network> network, std::size_t number, const VStreamEdge& e, const hailo_vstream_params_t& p,
       FrameTransform t)
      : edge(e),
        params(p),
        transform(std::move(t)),
        writer(network, number, depth_of(p, *network, e), HAILO_NETWORK_GROUP_NOT_ACTIVATED),
        measured(e.info.name, p.vstream_stats_flags) {}

  static Expected<InputVStream> create(std::shared_ptr<Network> network, const VStreamEdge& edge,
                                       hailo_vstream_params_t params) {
    const std::size_t number = edge.streams[0];
    const hailo_stream_info_t& stream = network->hef().streams(HAILO_H2D_STREAM)[number].info;
    params.user_buffer_format = HailoRTDefaults::expand_auto_format(params.user_buffer_format, stream.format);
    HAILORT_TRY(FrameTransform transform,
                FrameTransform::to_device({edge.info.shape, params.user_buffer_format},
                                          {stream.hw_shape, stream.format}, edge.quant_infos));
    return InputVStream(std::make_unique<Impl>(std::move(network), number, edge, params, std::move(transform)));
  }

  hailo_status write(const MemoryView& frame) {
    if (frame.size() != transform.src_bytes())
      return refuse(HAILO_INVALID_ARGUMENT, "virtual stream '", edge.info.name, "' takes frames of ",
                    transform.src_bytes(), " bytes, not ", frame.size());
    const Clock::time_point start = Clock::now();
    const auto slot = writer.acquire(Milliseconds(params.timeout_ms));
    if (!slot) return slot.status();
    transform.run(frame.data(), writer.data(*slot));
    HAILORT_DO(writer.submit(*slot));
    measured.frame(start);
    return HAILO_SUCCESS;
  }

  const VStreamEdge& edge;  ///< the HEF's, which the network keeps
  hailo_vstream_params_t params;
  FrameTransform transform;
  FrameWriter writer;
  Measured measured;
  std::vector<uint8_t> picture;
};

InputVStream::InputVStream(std::unique_ptr<Impl> impl) : m_impl(std::move(impl)) {}
InputVStream::InputVStream(InputVStream&& other) noexcept = default;
InputVStream& InputVStream::operator=(InputVStream&& other) noexcept = default;
InputVStream::~InputVStream() = default;

hailo_status InputVStream::write(const MemoryView& buffer) {
  return report(m_impl->write(buffer), "writing to", m_impl->edge.info.name);
}

hailo_status InputVStream::write(const hailo_pix_buffer_t& buffer) {
  const auto view = whole_picture(buffer, m_impl->picture);
  return view ? write(*view) : view.status();
}

hailo_status InputVStream::flush() {
  return report(m_impl->writer.flush(Milliseconds(m_impl->params.timeout_ms)), "flushing", m_impl->edge.info.name);
}

hailo_status InputVStream::clear(std::vector<InputVStream>& vstreams) {
  for (InputVStream& vstream : vstreams) vstream.m_impl->writer.clear();
  return HAILO_SUCCESS;
}

hailo_status InputVStream::clear(std::vector<std::reference_wrapper<InputVStream>>& vstreams) {
  for (InputVStream& vstream : vstreams) vstream.m_impl->writer.clear();
  return HAILO_SUCCESS;
}

hailo_status InputVStream::abort() {
  m_impl->writer.abort();
  return HAILO_SUCCESS;
}

hailo_status InputVStream::resume() {
  m_impl->writer.resume();
  return HAILO_SUCCESS;
}

bool InputVStream::is_aborted() { return m_impl->writer.is_aborted(); }
bool InputVStream::is_multi_planar() {
  const hailo_format_order_t order = m_impl->params.user_buffer_format.order;
  return order == HAILO_FORMAT_ORDER_NV12 || order == HAILO_FORMAT_ORDER_NV21 || order == HAILO_FORMAT_ORDER_I420;
}
size_t InputVStream::get_frame_size() const { return m_impl->transform.src_bytes(); }
const hailo_vstream_info_t& InputVStream::get_info() const { return m_impl->edge.info; }
const std::vector<hailo_quant_info_t>& InputVStream::get_quant_infos() const { return m_impl->edge.quant_infos; }
const hailo_format_t& InputVStream::get_user_buffer_format() const { return m_impl->params.user_buffer_format; }
std::string InputVStream::name() const { return m_impl->edge.info.name; }
std::string InputVStream::network_name() const { return m_impl->edge.info.network_name; }
const std::map<std::string, AccumulatorPtr>& InputVStream::get_fps_accumulators() const { return m_impl->measured.fps; }
const std::map<std::string, AccumulatorPtr>& InputVStream::get_latency_accumulators() const {
  return m_impl->measured.latency;
}
const std::map<std::string, std::vector<AccumulatorPtr>>& InputVStream::get_queue_size_accumulators() const {
  return m_impl->measured.queue_sizes;
}
AccumulatorPtr InputVStream::get_pipeline_latency_accumulator() const {
  return m_impl->measured.latency.empty() ? nullptr : m_impl->measured.latency.begin()->second;
}

class OutputVStream::Impl {
 public:
  Impl(std::shared_ptr<Network> net, const VStreamEdge& e, const hailo_vstream_params_t& p, OutputFrame f)
      : network(std::move(net)),
        edge(e),
        params(p),
        format(f.format()),
        info(f.info()),
        frame(std::move(f)),
        measured(e.info.name, p.vstream_stats_flags) {
    for (const std::size_t stream : frame.streams())
      readers.push_back(
          std::make_unique<FrameReader>(network, stream, depth_of(p, *network, e), HAILO_NETWORK_GROUP_NOT_ACTIVATED));
  }

  static Expected<OutputVStream> create(std::shared_ptr<Network> network, const VStreamEdge& edge,
                                        const hailo_vstream_params_t& params, const NmsSettings& settings) {
    HAILORT_TRY(OutputFrame frame, OutputFrame::create(network->hef(), edge, params.user_buffer_format, settings));
    auto impl = std::make_unique<Impl>(std::move(network), edge, params, std::move(frame));
    impl->settings = settings;
    return OutputVStream(std::move(impl));
  }

  hailo_status read(MemoryView buffer) {
    if (buffer.size() != frame.bytes())
      return refuse(HAILO_INVALID_ARGUMENT, "virtual stream '", info.name, "' gives frames of ", frame.bytes(),
                    " bytes, not ", buffer.size());
    const Clock::time_point start = Clock::now();
    std::vector<std::size_t> slots;
    std::vector<const uint8_t*> codes;
    hailo_status status = HAILO_SUCCESS;
    for (const auto& reader : readers) {
      const auto slot = reader->acquire(Milliseconds(params.timeout_ms));
      status = slot.status();
      if (!slot) break;
      slots.push_back(*slot);
      codes.push_back(reader->data(*slot));
    }
    if (status == HAILO_SUCCESS) {
      frame.make(codes, buffer.data());
      measured.frame(start);
    }
    for (std::size_t i = 0; i < slots.size(); ++i) readers[i]->release(slots[i]);
    return status;
  }

  /// Makes the frame again with the settings as they are now.
  template <class Value>
  hailo_status set(std::optional<Value> NmsSettings::*field, Value value) {
    if (!HailoRTCommon::is_nms(info))
      return refuse(HAILO_INVALID_OPERATION, "output '", info.name,
                    "' has no detections whose settings could be changed");
    NmsSettings changed = settings;
    changed.*field = value;
    auto made = OutputFrame::create(network->hef(), edge, params.user_buffer_format, changed);
    if (!made) return made.status();
    settings = changed;
    frame = made.release();
    info = frame.info();
    return HAILO_SUCCESS;
  }

  std::shared_ptr<Network> network;
  const VStreamEdge& edge;  ///< the HEF's, which the network keeps
  hailo_vstream_params_t params;
  hailo_format_t format;
  hailo_vstream_info_t info;
  NmsSettings settings;
  OutputFrame frame;
  std::vector<std::unique_ptr<FrameReader>> readers;
  Measured measured;
};

OutputVStream::OutputVStream(std::unique_ptr<Impl> impl) : m_impl(std::move(impl)) {}
OutputVStream::OutputVStream(OutputVStream&& other) noexcept = default;
OutputVStream& OutputVStream::operator=(OutputVStream&& other) noexcept = default;
OutputVStream::~OutputVStream() = default;

hailo_status OutputVStream::read(MemoryView buffer) {
  return report(m_impl->read(buffer), "reading from", m_impl->info.name);
}

hailo_status OutputVStream::clear(std::vector<OutputVStream>& vstreams) {
  for (OutputVStream& vstream : vstreams)
    for (const auto& reader : vstream.m_impl->readers) reader->clear();
  return HAILO_SUCCESS;
}

hailo_status OutputVStream::clear(std::vector<std::reference_wrapper<OutputVStream>>& vstreams) {
  for (OutputVStream& vstream : vstreams)
    for (const auto& reader : vstream.m_impl->readers) reader->clear();
  return HAILO_SUCCESS;
}

hailo_status OutputVStream::abort() {
  for (const auto& reader : m_impl->readers) reader->abort();
  return HAILO_SUCCESS;
}

hailo_status OutputVStream::resume() {
  for (const auto& reader : m_impl->readers) reader->resume();
  return HAILO_SUCCESS;
}

bool OutputVStream::is_aborted() { return m_impl->readers[0]->is_aborted(); }
size_t OutputVStream::get_frame_size() const { return m_impl->frame.bytes(); }
const hailo_vstream_info_t& OutputVStream::get_info() const { return m_impl->info; }
const std::vector<hailo_quant_info_t>& OutputVStream::get_quant_infos() const { return m_impl->edge.quant_infos; }
const hailo_format_t& OutputVStream::get_user_buffer_format() const { return m_impl->format; }
std::string OutputVStream::name() const { return m_impl->info.name; }
std::string OutputVStream::network_name() const { return m_impl->info.network_name; }
const std::map<std::string, AccumulatorPtr>& OutputVStream::get_fps_accumulators() const {
  return m_impl->measured.fps;
}
const std::map<std::string, AccumulatorPtr>& OutputVStream::get_latency_accumulators() const {
  return m_impl->measured.latency;
}
const std::map<std::string, std::vector<AccumulatorPtr>>& OutputVStream::get_queue_size_accumulators() const {
  return m_impl->measured.queue_sizes;
}
AccumulatorPtr OutputVStream::get_pipeline_latency_accumulator() const {
  return m_impl->measured.latency.empty() ? nullptr : m_impl->measured.latency.begin()->second;
}

hailo_status OutputVStream::set_nms_score_threshold(float32_t threshold) {
  return m_impl->set(&NmsSettings::score_threshold, threshold);
}
hailo_status OutputVStream::set_nms_iou_threshold(float32_t threshold) {
  return m_impl->set(&NmsSettings::iou_threshold, threshold);
}
hailo_status OutputVStream::set_nms_max_proposals_per_class(uint32_t max_proposals_per_class) {
  return m_impl->set(&NmsSettings::max_per_class, max_proposals_per_class);
}
hailo_status OutputVStream::set_nms_max_accumulated_mask_size(uint32_t max_accumulated_mask_size) {
  return m_impl->set(&NmsSettings::max_mask_bytes, max_accumulated_mask_size);
}

namespace {

/// The edges that `params` names, with their parameters, in the HEF's order.
Expected<std::vector<std::pair<const VStreamEdge*, hailo_vstream_params_t>>> named_edges(
    const Network& network, hailo_stream_direction_t direction,
    const std::map<std::string, hailo_vstream_params_t>& params) {
  std::vector<std::pair<const VStreamEdge*, hailo_vstream_params_t>> edges;
  for (const VStreamEdge& edge : network.hef().vstreams(direction))
    if (const auto own = params.find(edge.info.name); own != params.end()) edges.emplace_back(&edge, own->second);
  if (edges.size() != params.size())
    return refused(HAILO_NOT_FOUND, "parameters of ", params.size(), " virtual streams; network group '",
                   network.hef().group(), "' has ", edges.size(), " of these names");
  return edges;
}

}  // namespace

Expected<std::vector<InputVStream>> ConfiguredNetworkGroup::create_input_vstreams(
    const std::map<std::string, hailo_vstream_params_t>& inputs_params) {
  HAILORT_TRY(const auto edges, named_edges(m_impl->network(), HAILO_H2D_STREAM, inputs_params));
  std::vector<InputVStream> vstreams;
  for (const auto& [edge, params] : edges) {
    HAILORT_TRY(InputVStream vstream, InputVStream::Impl::create(m_impl->shared_network(), *edge, params));
    vstreams.push_back(std::move(vstream));
  }
  return vstreams;
}

Expected<std::vector<OutputVStream>> ConfiguredNetworkGroup::create_output_vstreams(
    const std::map<std::string, hailo_vstream_params_t>& outputs_params) {
  HAILORT_TRY(const auto edges, named_edges(m_impl->network(), HAILO_D2H_STREAM, outputs_params));
  std::vector<OutputVStream> vstreams;
  for (const auto& [edge, params] : edges) {
    HAILORT_TRY(OutputVStream vstream,
                OutputVStream::Impl::create(m_impl->shared_network(), *edge, params, m_impl->nms(edge->info.name)));
    vstreams.push_back(std::move(vstream));
  }
  return vstreams;
}

}  // namespace hailort
