// Host steps as the vendor's operators: pads, their edges, and the parameters of non-maximum suppression.
#pragma once

#include <optional>

#include "hef/hef.h"
#include "hef/hef.pb.h"

namespace graupel {

struct KnownExtension {
  uint32_t type_index;
  const char* name;
};

/// What a runtime must know to run a step, if the vendor has a word for it.
std::optional<KnownExtension> extension_of(const HostStep& step);

/// The step's result as an output of the network: "net/yolov8_nms_postprocess".
std::string host_name(const std::string& network, const HostStep& step);

/// One operator per host step, with the pads and edges that join it to the core's outputs. `first_output`: the pad of
/// output port 0, `next_pad`: the first that is free. Returns the first that is free after them.
uint32_t add_host_ops(const Program& program, const std::string& network, uint32_t first_output, uint32_t next_pad,
                      hef_wire::NetworkGroup& group);

/// An operator with a message of non-maximum suppression, for people.
HefInfo::Nms read_nms(const hef_wire::Op& op);

}  // namespace graupel
