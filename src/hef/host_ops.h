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

/// The pad of output port `number`.
uint32_t output_pad(uint32_t number);
/// The step's result as an output of the network: "net/yolov8_nms_postprocess".
std::string host_name(const std::string& network, const HostStep& step);

/// One operator per host step, with the pads and edges that join it to the core's outputs.
void add_host_ops(const Program& program, const std::string& network, hef_wire::NetworkGroup& group);

/// An operator with a message of non-maximum suppression, for people.
HefInfo::Nms read_nms(const hef_wire::Op& op);

}  // namespace graupel
