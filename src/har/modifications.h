// What a model script changed at inputs and outputs, for whoever feeds the model: the HAR's modifications_meta_data.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "base/fields.h"
#include "tensor/tensor.h"

namespace graupel {

struct Modification {
  bool of_input = true;
  std::string port;                 ///< "input_layer1", or the layer that was an output
  std::string command;              ///< "normalization", "input_conversion", "resize", …
  std::string kind;                 ///< of a conversion or activation: "nv12_to_hailo_yuv", "sigmoid"; else empty
  bool emulated = true;             ///< false: the input still takes what comes out of the conversion
  Shape shape;                      ///< what the input takes from here on, or the output gives
  std::vector<std::string> layers;  ///< made by it, nearest to the network first

  static constexpr auto fields() {
    return std::tuple{Field{"of_input", &Modification::of_input}, Field{"port", &Modification::port},
                      Field{"command", &Modification::command},   Field{"kind", &Modification::kind},
                      Field{"emulated", &Modification::emulated}, Field{"shape", &Modification::shape},
                      Field{"layers", &Modification::layers}};
  }
  bool operator==(const Modification&) const = default;
};

}  // namespace graupel
