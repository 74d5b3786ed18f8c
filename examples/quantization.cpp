// The same frame as floats, quantized by the runtime, and as codes, quantized by hand: equal outputs.
// Usage: cpp_quantization MODEL.hef
#include <cstring>
#include <iostream>
#include <map>
#include <vector>

#include "hailo/hailort.hpp"

using namespace hailort;

namespace {

using Outputs = std::map<std::string, std::vector<uint8_t>>;

/// Runs one frame of the only input in its format; outputs come as floats.
Outputs run(ConfiguredNetworkGroup& group, hailo_format_type_t input_type, std::vector<uint8_t> frame) {
  auto in = group.make_input_vstream_params(true, input_type, HAILO_DEFAULT_VSTREAM_TIMEOUT_MS, 2).expect("inputs");
  auto out = group.make_output_vstream_params(true, HAILO_FORMAT_TYPE_FLOAT32, HAILO_DEFAULT_VSTREAM_TIMEOUT_MS, 2)
                 .expect("outputs");
  auto pipeline = InferVStreams::create(group, in, out).expect("pipeline");
  Outputs results;
  std::map<std::string, MemoryView> views;
  for (OutputVStream& output : pipeline.get_output_vstreams()) {
    std::vector<uint8_t>& result = results[output.name()];
    result.resize(output.get_frame_size());
    views.emplace(output.name(), MemoryView(result.data(), result.size()));
  }
  const std::string name = pipeline.get_input_vstreams()[0].get().name();
  const hailo_status status = pipeline.infer({{name, MemoryView(frame.data(), frame.size())}}, views, 1);
  if (HAILO_SUCCESS != status) throw hailort_error(status, "infer() failed");
  return results;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 2) return std::cerr << "usage: " << argv[0] << " MODEL.hef\n", 2;
  try {
    auto vdevice = VDevice::create().expect("virtual device");
    auto hef = Hef::create(argv[1]).expect("HEF");
    auto group = vdevice->configure(hef).expect("network group")[0];
    const hailo_vstream_info_t input = hef.get_input_vstream_infos().expect("inputs")[0];
    std::vector<float> reals(HailoRTCommon::get_shape_size(input.shape));
    const float step = (input.quant_info.limvals_max - input.quant_info.limvals_min) / static_cast<float>(reals.size());
    for (size_t i = 0; i < reals.size(); ++i) reals[i] = input.quant_info.limvals_min + step * static_cast<float>(i);
    std::vector<uint8_t> codes(reals.size()), bytes(reals.size() * sizeof(float));
    std::memcpy(bytes.data(), reals.data(), bytes.size());
    Quantization::quantize_input_buffer<float32_t, uint8_t>(reals.data(), codes.data(),
                                                            static_cast<uint32_t>(reals.size()), input.quant_info);
    const bool equal = run(*group, HAILO_FORMAT_TYPE_UINT8, codes) == run(*group, HAILO_FORMAT_TYPE_FLOAT32, bytes);
    std::cout << (equal ? "equal outputs\n" : "outputs DIFFER\n");
    return equal ? 0 : 1;
  } catch (const hailort_error& error) {
    std::cerr << error.what() << '\n';
    return error.status();
  }
}
