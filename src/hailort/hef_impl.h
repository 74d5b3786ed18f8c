// What a HEF says, in the structures of the public interface.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "hailo/hef.hpp"
#include "hef/hef.h"

namespace hailort {

/// One of the networks of the group, and where its streams are among those of their direction.
struct GroupNetwork {
  std::string name;  ///< "group/network"
  std::size_t first_input = 0, inputs = 0, first_output = 0, outputs = 0;
  const graupel::Program* program = nullptr;  ///< null: the virtual device cannot run it
};

/// A stream of the device: frames of codes.
struct StreamEdge {
  hailo_stream_info_t info{};
  std::size_t network = 0;  ///< number of its network
  std::vector<hailo_quant_info_t> quant_infos;
};

/// A virtual stream: what the caller sees of one or several streams.
struct VStreamEdge {
  hailo_vstream_info_t info{};
  std::size_t network = 0;  ///< number of its network
  std::vector<hailo_quant_info_t> quant_infos;
  std::vector<std::size_t> streams;  ///< numbers among the streams of its direction
  std::optional<std::size_t> host;   ///< the host's step of its network's program that makes it out of them
  std::vector<std::string> original_names;
};

class Hef::Impl {
 public:
  static Expected<std::shared_ptr<const Impl>> open(const std::string& path);
  /// `bytes` live as long as `keep`.
  static Expected<std::shared_ptr<const Impl>> load(graupel::ByteSpan bytes, std::shared_ptr<const void> keep);

  const std::string& group() const { return hef_.info.group; }
  std::span<const GroupNetwork> networks() const { return networks_; }
  const graupel::HefInfo& info() const { return hef_.info; }
  bool is_multi_context() const { return hef_.info.contexts > 1; }
  /// False: a file that the virtual device can only show.
  bool is_runnable() const { return !hef_.programs.empty(); }

  std::span<const StreamEdge> streams(hailo_stream_direction_t direction) const;
  /// Outputs in the model's order.
  std::span<const VStreamEdge> vstreams(hailo_stream_direction_t direction) const;
  const VStreamEdge* find_vstream(const std::string& name) const;
  const StreamEdge* find_stream(const std::string& name) const;

  /// HAILO_NOT_FOUND for what does not name the group; an empty name does.
  hailo_status check_group(const std::string& name) const;
  /// What `name` means: the number of a network, or all of them (nothing) by the group's name and the empty one.
  /// HAILO_NOT_FOUND.
  Expected<std::optional<std::size_t>> find_network(const std::string& name) const;
  const std::string& hash() const { return hash_; }
  graupel::ByteSpan bytes() const { return bytes_; }  ///< the whole file

 private:
  hailo_status describe(graupel::ByteSpan bytes);
  void add_networks();
  hailo_status add_stream(const graupel::HefInfo::Stream& stream);
  hailo_status add_vstream(const StreamEdge& stream, std::size_t number, const std::vector<std::string>& originals);
  hailo_status sort_outputs();
  hailo_status add_detections(const std::string& name);
  hailo_3d_image_shape_t boxes_of(const graupel::HefInfo::Nms& nms, const VStreamEdge& edge) const;
  void set_detection_format(const graupel::HefInfo::Nms& nms, VStreamEdge& edge) const;

  std::shared_ptr<const void> keep_;  ///< what bytes_ are of
  graupel::ByteSpan bytes_;
  graupel::Hef hef_;
  std::string hash_;
  std::vector<GroupNetwork> networks_;
  std::vector<StreamEdge> inputs_, outputs_;
  std::vector<VStreamEdge> vinputs_, voutputs_;
};

/// Copies `text` into a name of the C interface; HAILO_INTERNAL_FAILURE when it does not fit.
template <std::size_t n>
hailo_status copy_name(const std::string& text, char (&name)[n]) {
  if (text.size() >= n) return HAILO_INTERNAL_FAILURE;
  text.copy(name, n - 1);
  name[text.size()] = '\0';
  return HAILO_SUCCESS;
}

}  // namespace hailort
