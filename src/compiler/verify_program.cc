#include "compiler/verify_program.h"

#include <algorithm>
#include <cstring>
#include <map>
#include <set>

#include "ir/evaluate.h"
#include "ir/host.h"
#include "runtime/host_steps.h"

namespace graupel {
namespace {

/// Of every frame: inputs as floats and as codes, and what the emulation makes of them: the codes of the program's
/// output ports and the floats of its host steps.
struct Expected {
  std::vector<std::vector<Tensor>> real, codes, outputs, host;
};

Result<> check_ports(const Graph& graph, const Program& program) {
  const auto check_side = [&](const std::vector<ValueId>& ids, const std::vector<Port>& ports,
                              std::string_view side) -> Result<> {
    if (ids.size() != ports.size())
      return mismatch("the program has ", ports.size(), " ", side, "s and the HAR's graph ", ids.size(),
                      "; compile this HAR again");
    for (std::size_t i = 0; i < ids.size(); ++i)
      if (graph[ids[i]].type != ports[i].type)
        return mismatch(side, " ", i, " is ", to_string(ports[i].type), " in the program and ",
                        to_string(graph[ids[i]].type), " in the HAR's graph; compile this HAR again");
    return {};
  };
  GRAUPEL_DO(check_side(graph.inputs, program.inputs, "input"));
  return check_side(graph.outputs, program.outputs, "output");
}

Result<> check_host(const Graph& graph, const HostSplit& split, const Program& program) {
  if (split.host.size() != program.host.size())
    return mismatch("the program has ", program.host.size(), " host steps and the HAR's graph ", split.host.size(),
                    "; compile this HAR again");
  for (std::size_t i = 0; i < split.host.size(); ++i) {
    const Layer& layer = graph[split.host[i].layer];
    if (output_shape(program.host[i].params) != graph[layer.out[0]].type.shape ||
        program.host[i].src != split.host[i].src)
      return mismatch("host step '", program.host[i].name, "' is not layer '", layer.name,
                      "' of the HAR's graph; compile this HAR again");
  }
  return {};
}

Result<Expected> emulate(const Graph& graph, const HostSplit& split, Dataset& frames) {
  Emulator emulator(graph, available_threads());
  GRAUPEL_DO(emulator.prepare());
  std::set<ValueId> needed(split.device.outputs.begin(), split.device.outputs.end());
  for (const HostLayer& layer : split.host) needed.insert(graph[layer.layer].out[0]);
  Expected expected;
  for (int i = 0; i < frames.size(); ++i) {
    GRAUPEL_TRY(std::vector<Tensor> real, frames.frame(i));
    std::vector<Tensor> codes;
    for (std::size_t k = 0; k < real.size(); ++k) {
      GRAUPEL_TRY(Tensor code, quantize(real[k], graph[graph.inputs[k]].type));
      codes.push_back(std::move(code));
    }
    std::map<ValueId, Tensor> values;
    const auto keep = [&](ValueId id, const Layer*, const Tensor& tensor) {
      if (needed.contains(id)) values[id] = tensor;
    };
    GRAUPEL_TRY(const std::vector<Tensor> results, emulator.run(codes, keep));
    expected.real.push_back(std::move(real));
    expected.codes.push_back(std::move(codes));
    expected.outputs.emplace_back();
    for (ValueId id : split.device.outputs)
      expected.outputs.back().push_back(graph[id].constant ? *graph[id].constant : values.at(id));
    expected.host.emplace_back();
    for (const HostLayer& layer : split.host) expected.host.back().push_back(values.at(graph[layer.layer].out[0]));
  }
  return expected;
}

/// Code `index` of a tensor of `dtype` that begins at `bytes`.
int code_at(DType dtype, const uint8_t* bytes, std::ptrdiff_t index) {
  return with_codes(dtype, [&]<class T>(T) {
    T code;
    std::memcpy(&code, bytes + index * static_cast<std::ptrdiff_t>(sizeof(T)), sizeof(T));
    return int{code};
  });
}

/// The bytes of a tensor of codes.
std::span<const uint8_t> codes_of(const Tensor& tensor) {
  return {reinterpret_cast<const uint8_t*>(tensor.data->data()), tensor.type.bytes()};
}

/// Inputs and outputs of some frames, side by side: codes as bytes, or floats.
template <class T>
struct Buffers {
  std::vector<std::vector<T>> in, out;
  std::vector<const T*> in_pointers;
  std::vector<T*> out_pointers;

  Buffers(const std::vector<std::vector<Tensor>>& inputs, const Program& program, std::size_t first, int batch) {
    for (std::size_t k = 0; k < program.inputs.size(); ++k) {
      in.emplace_back();
      for (int b = 0; b < batch; ++b) {
        const Tensor& tensor = inputs[(first + static_cast<std::size_t>(b)) % inputs.size()][k];
        const std::span values(reinterpret_cast<const T*>(tensor.data->data()), tensor.type.bytes() / sizeof(T));
        in.back().insert(in.back().end(), values.begin(), values.end());
      }
    }
    for (const Port& port : program.outputs)
      out.emplace_back(
          (std::is_same_v<T, float> ? static_cast<std::size_t>(element_count(port.type.shape)) : port.type.bytes()) *
          static_cast<std::size_t>(batch));
    for (const auto& values : in) in_pointers.push_back(values.data());
    for (auto& values : out) out_pointers.push_back(values.data());
  }
};

class Verifier {
 public:
  /// `device`: the part of `graph` that the program computes.
  Verifier(const Graph& graph, const Graph& device, const Program& program, const Expected& expected,
           VerifyReport& report)
      : graph_(graph), device_(device), program_(program), expected_(expected), report_(report) {}

  /// Every batch and repeat of one session. Sets the report's difference and stops at the first.
  Result<> run_session(Isa isa, int threads, std::optional<uint8_t> poison, const VerifyOptions& options, int repeats) {
    SessionOptions session_options;
    session_options.threads = threads;
    session_options.isa = isa;
    session_options.poison = poison;
    GRAUPEL_TRY(Session session, Session::create(program_, session_options));
    for (int batch : options.batches)
      for (int repeat = 0; repeat < repeats; ++repeat)
        for (std::size_t first = 0; first < expected_.codes.size(); first += static_cast<std::size_t>(batch)) {
          GRAUPEL_DO(run_batch(session, first, batch));
          if (report_.difference) {
            report_.difference->isa = isa;
            report_.difference->threads = threads;
            return locate(session);
          }
        }
    return check_edges(session);
  }

 private:
  Result<> run_batch(Session& session, std::size_t first, int batch) {
    Buffers<uint8_t> buffers(expected_.codes, program_, first, batch);
    GRAUPEL_DO(session.run(buffers.in_pointers, buffers.out_pointers, batch));
    ++report_.runs;
    for (int b = 0; b < batch; ++b) {
      const std::size_t frame = (first + static_cast<std::size_t>(b)) % expected_.codes.size();
      for (std::size_t k = 0; k < program_.outputs.size(); ++k) {
        const DType dtype = expected_.outputs[frame][k].type.dtype;
        const auto wanted = codes_of(expected_.outputs[frame][k]);
        const auto got = std::span(buffers.out[k]).subspan(static_cast<std::size_t>(b) * wanted.size(), wanted.size());
        report_.bytes_compared += static_cast<int64_t>(wanted.size());
        const auto w = std::mismatch(wanted.begin(), wanted.end(), got.begin()).first;
        if (w == wanted.end()) continue;
        const std::ptrdiff_t index = (w - wanted.begin()) / code_bytes(dtype);
        report_.difference = Difference{.batch = batch,
                                        .frame = static_cast<int>(frame),
                                        .layer = output_name(k),
                                        .in_output_only = true,
                                        .index = index,
                                        .expected = code_at(dtype, wanted.data(), index),
                                        .actual = code_at(dtype, got.data(), index)};
        return {};
      }
    }
    return {};
  }

  /// Float in and out must be the same as codes with N9.1 and N9.2 around them.
  Result<> check_edges(Session& session) {
    Buffers<float> buffers(expected_.real, program_, 0, 1);
    GRAUPEL_DO(session.run_float(buffers.in_pointers, buffers.out_pointers, 1));
    for (std::size_t k = 0; k < program_.outputs.size(); ++k) {
      const Tensor wanted = dequantize(expected_.outputs[0][k]);
      if (!std::ranges::equal(wanted.as<float>(), buffers.out[k]))
        return mismatch("float output '", output_name(k), "' is not the dequantized code (N9.2)");
    }
    return check_host_steps(buffers.out);
  }

  /// The host's floats on these outputs of the first frame must be the emulation's, bit for bit (N11.1).
  Result<> check_host_steps(const std::vector<std::vector<float>>& outputs) {
    GRAUPEL_TRY(HostSteps steps, HostSteps::create(program_));
    std::vector<const float*> in;
    for (const auto& values : outputs) in.push_back(values.data());
    std::vector<std::vector<float>> results;
    std::vector<float*> out;
    for (const HostStep& step : program_.host) {
      results.emplace_back(static_cast<std::size_t>(element_count(output_shape(step.params))));
      out.push_back(results.back().data());
    }
    steps.run(in, out);
    for (std::size_t i = 0; i < results.size(); ++i) {
      const auto wanted = std::as_bytes(expected_.host[0][i].as<float>()), got = std::as_bytes(std::span(results[i]));
      report_.bytes_compared += static_cast<int64_t>(got.size());
      if (!std::ranges::equal(wanted, got))
        return mismatch("the floats of host step '", program_.host[i].name,
                        "' are not the emulation's (N11.1); compile this HAR again");
    }
    return {};
  }

  /// Runs the differing frame once more with taps and finds the first layer that differs.
  Result<> locate(Session& session) {
    Difference& difference = *report_.difference;
    const std::vector<Tensor>& codes = expected_.codes[static_cast<std::size_t>(difference.frame)];
    std::map<std::string, std::vector<uint8_t>> tapped;
    session.set_tap([&](const Tap& tap, const uint8_t* data) {
      tapped[program_.layer_names[tap.layer]].assign(data, data + tap.type.bytes());
    });
    Buffers<uint8_t> buffers({codes}, program_, 0, 1);
    const Result<> status = session.run(buffers.in_pointers, buffers.out_pointers, 1);
    session.set_tap({});
    GRAUPEL_DO(Result<>(status));
    Emulator emulator(graph_, available_threads());
    GRAUPEL_DO(emulator.prepare());
    const auto observe = [&](ValueId, const Layer* layer, const Tensor& tensor) {
      if (layer == nullptr || !difference.in_output_only || !is_codes(tensor.type.dtype)) return;
      const auto found = tapped.find(layer->name);
      if (found == tapped.end()) return;
      const auto wanted = codes_of(tensor);
      if (found->second.size() != wanted.size()) return;
      const auto w = std::mismatch(wanted.begin(), wanted.end(), found->second.begin()).first;
      if (w == wanted.end()) return;
      difference.layer = layer->name;
      difference.origins = layer->origins;
      difference.in_output_only = false;
      difference.index = (w - wanted.begin()) / code_bytes(tensor.type.dtype);
      difference.expected = code_at(tensor.type.dtype, wanted.data(), difference.index);
      difference.actual = code_at(tensor.type.dtype, found->second.data(), difference.index);
    };
    GRAUPEL_TRY(const std::vector<Tensor> outputs, emulator.run(codes, observe));
    return {};
  }

  std::string output_name(std::size_t k) const { return device_.output_info[k].origin; }

  const Graph& graph_;
  const Graph& device_;
  const Program& program_;
  const Expected& expected_;
  VerifyReport& report_;
};

std::vector<Isa> levels(const VerifyOptions& options) {
  if (!options.isas.empty()) return options.isas;
  std::vector<Isa> isas;
  for (Isa isa : {Isa::kRef, Isa::kAvx2, Isa::kAvx512})
    if (isa <= detected_isa()) isas.push_back(isa);
  return isas;
}

}  // namespace

Result<VerifyReport> verify_program(const Graph& quantized, const Program& program, Dataset& frames,
                                    const VerifyOptions& options) {
  if (frames.size() == 0) return invalid("there are no frames to verify on");
  const HostSplit split = split_host(quantized);
  GRAUPEL_DO(check_ports(split.device, program));
  GRAUPEL_DO(check_host(quantized, split, program));
  GRAUPEL_TRY(const Expected expected, emulate(quantized, split, frames).within("emulating"));
  VerifyReport report;
  report.frames = frames.size();
  Verifier verifier(quantized, split.device, program, expected, report);
  const std::vector<Isa> isas = levels(options);
  const int fillings = std::max(static_cast<int>(options.poison.size()), 1);
  const int total = static_cast<int>(isas.size() * options.threads.size() * options.batches.size());
  for (Isa isa : isas)
    for (int threads : options.threads) {
      for (int i = 0; i < fillings; ++i) {
        const int repeats = (options.repeats + fillings - 1 - i) / fillings;
        if (repeats == 0 && i > 0) break;
        std::optional<uint8_t> poison;
        if (!options.poison.empty()) poison = options.poison[static_cast<std::size_t>(i)];
        GRAUPEL_DO(verifier.run_session(isa, threads, poison, options, std::max(repeats, 1)));
        if (report.difference) return report;
      }
      report.combinations += static_cast<int>(options.batches.size());
      if (options.progress) options.progress(report.combinations, total);
    }
  return report;
}

}  // namespace graupel
