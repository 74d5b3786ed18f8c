// Graupel's C++ interface to compiled programs: open a HEF and run it on this CPU. Needs the standard library only;
// link Graupel::runtime. For programs written for the vendor's runtime there is include/hailo/.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#define GRAUPEL_API __attribute__((visibility("default")))

namespace graupel {

/// What every call of this interface throws; what() says what was wrong, what is accepted and what to do.
class GRAUPEL_API Failure : public std::runtime_error {
 public:
  Failure(std::string kind, const std::string& message) : std::runtime_error(message), kind_(std::move(kind)) {}
  /// "invalid", "unsupported", "corrupt", "mismatch", "not_found" or "io".
  const std::string& kind() const noexcept { return kind_; }

 private:
  std::string kind_;
};

/// An input or output of a compiled model.
struct ModelPort {
  std::string name;
  std::vector<std::string> origins;  ///< names in the original model
  std::vector<int64_t> shape;        ///< of one frame; pictures are 1, height, width, channels
  int64_t elements = 0;              ///< of one frame
  int bytes_per_code = 1;            ///< 1 or 2, unsigned; 0: detections, which the host makes and which have no codes
  double scale = 1;                  ///< value = scale * (code - zero_point)
  int zero_point = 0;
};

struct SessionSettings {
  int threads = 0;  ///< 0: all CPUs this process may use; results never depend on it
  std::string isa;  ///< "ref", "avx2", "avx512"; empty: the best that this CPU has; results never depend on it
  int poison = -1;  ///< 0 … 255: fill all memory of the session with this byte before every run; -1: do not
};

/// A HEF bound to this CPU. Running allocates nothing. One call at a time; several objects may run side by side.
class GRAUPEL_API CompiledModel {
 public:
  /// Throws for a file that cannot be read, is damaged or holds no program of this project, and for bad settings.
  static CompiledModel open(const std::string& path, const SessionSettings& settings = {});
  CompiledModel(CompiledModel&&) noexcept;
  CompiledModel& operator=(CompiledModel&&) noexcept;
  ~CompiledModel();

  const std::vector<ModelPort>& inputs() const;
  const std::vector<ModelPort>& outputs() const;

  /// One pointer per port and `frames` frames of `elements` values behind it. Throws for a wrong count, a null pointer
  /// and a NaN.
  void run(std::span<const float* const> inputs, std::span<float* const> outputs, int frames = 1);
  /// The same on codes, elements * bytes_per_code bytes a frame. Throws also where an output has none.
  void run_codes(std::span<const uint8_t* const> inputs, std::span<uint8_t* const> outputs, int frames = 1);

  /// Called in every run with the output of each layer that exists in memory, as soon as it is whole: name, shape of
  /// one frame, codes. The model's outputs are the same with and without. Empty: off.
  using Tap = std::function<void(std::string_view layer, std::span<const int64_t> shape, const uint8_t* codes)>;
  void set_tap(Tap tap);

 private:
  struct State;
  explicit CompiledModel(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace graupel
