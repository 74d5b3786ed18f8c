// InferVStreams: whole arrays of frames in, whole arrays out.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "hailo/vstream.hpp"

namespace hailort {

class HAILORTAPI InferVStreams final {
 public:
  static Expected<InferVStreams> create(ConfiguredNetworkGroup& net_group,
                                        const std::map<std::string, hailo_vstream_params_t>& input_params,
                                        const std::map<std::string, hailo_vstream_params_t>& output_params);
  /// Every view holds exactly `frames_count` frames; HAILO_INVALID_ARGUMENT otherwise, and for unknown or missing
  /// names.
  hailo_status infer(const std::map<std::string, MemoryView>& input_data,
                     std::map<std::string, MemoryView>& output_data, size_t frames_count);

  Expected<std::reference_wrapper<InputVStream>> get_input_by_name(const std::string& name);
  Expected<std::reference_wrapper<OutputVStream>> get_output_by_name(const std::string& name);
  std::vector<std::reference_wrapper<InputVStream>> get_input_vstreams();
  std::vector<std::reference_wrapper<OutputVStream>> get_output_vstreams();
  hailo_status set_nms_score_threshold(float32_t threshold);
  hailo_status set_nms_iou_threshold(float32_t threshold);
  hailo_status set_nms_max_proposals_per_class(uint32_t max_proposals_per_class);
  hailo_status set_nms_max_accumulated_mask_size(uint32_t max_accumulated_mask_size);

  InferVStreams(const InferVStreams&) = delete;
  InferVStreams& operator=(const InferVStreams&) = delete;
  InferVStreams& operator=(InferVStreams&&) = delete;
  InferVStreams(InferVStreams&&) = default;

 private:
  InferVStreams(std::vector<InputVStream>&& inputs, std::vector<OutputVStream>&& outputs, size_t frames_multiple);
  hailo_status check_views(const std::map<std::string, MemoryView>& inputs,
                           const std::map<std::string, MemoryView>& outputs, size_t frames_count) const;

  std::vector<InputVStream> m_inputs;
  std::vector<OutputVStream> m_outputs;
  size_t m_frames_multiple;  ///< that a count of frames must be of
};

}  // namespace hailort
