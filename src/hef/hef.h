// The HEF container: header versions 0 to 3, the vendor's messages as far as they are read, and our program inside.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "hef/golden.h"
#include "program/program.h"

namespace graupel {

/// What any HEF says of itself, ours or a vendor's.
struct HefInfo {
  struct Stream {
    std::string name;
    bool input = false;
    std::size_t network = 0;  ///< number of its network
    Shape shape;              ///< H, W, C
    Shape padded_shape;       ///< as the device moves it
    std::string format;       ///< "NHWC", "NC", …
    int data_bytes = 1;
    int index = 0;  ///< of the stream among those of its direction
    float scale = 0, zero_point = 0;
    float limit_min = 0, limit_max = 0;  ///< real values outside are clipped
    std::vector<float> scales;           ///< one per channel, or empty
    std::vector<float> zero_points;      ///< one per channel, or empty
    std::vector<std::string> original_names;
  };
  /// Bytes that the file carries under a name; a view of the file's own.
  struct Resource {
    std::string name;
    ByteSpan bytes;
  };
  /// Non-maximum suppression on the host.
  struct Nms {
    std::string name;
    std::size_t network = 0;  ///< number of its network
    std::string arch;         ///< "yolov8", …; empty: a kind without a message of its own
    int classes = 0, max_per_class = 0;
    double score_threshold = 0, iou_threshold = 0;
    int image_h = 0, image_w = 0;
    bool decode_only = false;
    double mask_threshold = 0;  ///< yolov5_seg
  };
  /// One of the networks of the group, which run side by side.
  struct Network {
    std::string name;      ///< within the group; an only network is called like the group
    std::string har_hash;  ///< of the HAR it came from, or empty
    std::optional<Golden> golden;
  };
  uint32_t header_version = 0;
  std::string architecture;                 ///< "HAILO8", …
  std::string compiler_version;             ///< as the file says
  std::string group;                        ///< network group name
  std::vector<Network> networks;            ///< none without a group
  std::vector<std::string> sorted_outputs;  ///< what a caller sees, in the model's order
  int contexts = 0;                         ///< parts that a chip loads one after another
  double bottleneck_fps = 0;                ///< the compiler's estimate for the chip; 0: none
  std::vector<Stream> streams;
  std::vector<Resource> resources;
  std::vector<Nms> nms;
  bool has_program = false;         ///< false: a vendor's file, for inspection only
  bool vendor_inspectable = false;  ///< without the extension that keeps the vendor's runtimes from loading it
  uint32_t program_format = 0;      ///< of files with a program, as the two that follow
  uint32_t operator_set = 0;
  std::string minimum_runtime;  ///< the first version that reads this file
};

struct Hef {
  HefInfo info;
  std::vector<Program> programs;  ///< one per network; none in a vendor's file

  /// Of a file with one network; null in those with several and in a vendor's.
  Program* program() { return programs.size() == 1 ? &programs[0] : nullptr; }
  const Program* program() const { return programs.size() == 1 ? &programs[0] : nullptr; }
};

/// program() or an error that says why there is none; `what` names the file. Errors: unsupported.
Result<const Program*> only_program(const Hef& hef, std::string_view what);

/// By input: the picture format of its codes as streams name it ("YUY2", "YYUV", "YYYYUV") where that is not NHWC.
using InputFormats = std::map<std::string, std::string>;

struct HefOptions {
  std::string har_hash;             ///< of the HAR it came from
  std::optional<Golden> golden;     ///< of this program
  bool vendor_inspectable = false;  ///< leave out the extension at which the vendor's runtimes refuse the file
  /// hailo8, hailo8r, hailo8l, hailo15h, hailo15m, hailo15l, hailo10h: the chip that the file says it is for; no more.
  std::string hw_arch = "hailo8";
  InputFormats input_formats = {};
};

/// The bytes of a version-3 HEF around `program`; a function of its arguments alone.
Bytes save_hef(const Program& program, const HefOptions& options = {});

/// A network among others.
struct HefNetwork {
  const Program* program = nullptr;
  std::string har_hash;          ///< of the HAR it came from
  std::optional<Golden> golden;  ///< of this program
  InputFormats input_formats = {};
};

inline constexpr std::size_t kMostNetworks = 8;  ///< in a group, as the vendor's runtime has it

/// A HEF of several networks in one group, which run side by side; each is called like its program. `options`: of the
/// file. Errors: invalid (number of networks, two of one name).
Result<Bytes> save_hef_group(const std::string& group, std::span<const HefNetwork> networks,
                             const HefOptions& options = {});
/// Errors: corrupt (checksum, lengths, messages), unsupported (header version, extensions), mismatch (program format,
/// operator set, minimum runtime). A vendor's file opens without a program. `keep`: as load_program() has it.
Result<Hef> load_hef(ByteSpan bytes, std::shared_ptr<const void> keep = nullptr);
/// load_hef() of a file, which stays mapped as long as the program's constants need it. Errors also: not_found, io.
Result<Hef> open_hef(const std::string& path);

}  // namespace graupel
