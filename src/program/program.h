// The program: what a compiled model is. Integer instructions, canonical constants, one arena; no ISA, no pointers.
#pragma once

#include <memory>
#include <string>
#include <variant>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"
#include "kernels/argmax/argmax.h"
#include "kernels/binary/binary.h"
#include "kernels/conv/conv.h"
#include "kernels/copy/copy.h"
#include "kernels/deconv/deconv.h"
#include "kernels/depthwise/depthwise.h"
#include "kernels/lut/lut.h"
#include "kernels/matmul/matmul.h"
#include "kernels/norm/norm.h"
#include "kernels/pool/pool.h"
#include "kernels/reduce/reduce.h"
#include "kernels/resize/resize.h"
#include "kernels/softmax/softmax.h"
#include "program/constant_data.h"
#include "program/host_step.h"
#include "program/preprocess.h"
#include "tensor/tensor.h"

namespace graupel {

/// One entry per kernel family. The order is part of the file format: append only.
using Params = std::variant<ConvParams, DepthwiseParams, DeconvParams, MaxPoolParams, AvgPoolParams, ReduceParams,
                            BinaryParams, LutParams, NearestParams, BilinearParams, CopyParams, FillParams,
                            SoftmaxParams, MatMulParams, NormParams, ArgMaxParams>;

/// Where an operand begins: a byte offset in the arena or in the constants.
struct Place {
  enum class Space : uint8_t { kArena, kConstants };
  Space space = Space::kArena;
  uint32_t offset = 0;

  static constexpr auto fields() { return std::tuple{Field{"space", &Place::space}, Field{"offset", &Place::offset}}; }
  bool operator==(const Place&) const = default;
};

struct Instr {
  Params params;
  std::vector<Place> src;  ///< at most kMaxSources
  Place dst;               ///< always in the arena
  uint32_t layer = 0;      ///< index in Program::layer_names

  static constexpr auto fields() {
    return std::tuple{Field{"params", &Instr::params}, Field{"src", &Instr::src}, Field{"dst", &Instr::dst},
                      Field{"layer", &Instr::layer}};
  }
  bool operator==(const Instr&) const = default;
};

/// A tensor that enters or leaves a program: one frame of codes, dense, at a place in the arena.
struct Port {
  std::string name;
  TensorType type;                   ///< u8 or u16, quant per tensor; shape with N = 1
  uint32_t offset = 0;               ///< in the arena
  Preprocess preprocess;             ///< inputs only
  std::vector<std::string> origins;  ///< names in the original model
  std::vector<int32_t> order;        ///< stored extent i is the original's extent order[i]; empty: not known

  static constexpr auto fields() {
    return std::tuple{Field{"name", &Port::name},       Field{"type", &Port::type},
                      Field{"offset", &Port::offset},   Field{"preprocess", &Port::preprocess},
                      Field{"origins", &Port::origins}, Field{"order", &Port::order}};
  }
  bool operator==(const Port&) const = default;
};

/// Where a layer's output can be read after its last instruction and before it is overwritten.
struct Tap {
  uint32_t layer = 0;
  uint32_t last_instr = 0;   ///< the output is complete after this instruction
  uint32_t offset = 0;       ///< in the arena, in bytes
  int32_t pixel_stride = 0;  ///< elements between runs of the innermost extent
  TensorType type;

  static constexpr auto fields() {
    return std::tuple{Field{"layer", &Tap::layer}, Field{"last_instr", &Tap::last_instr}, Field{"offset", &Tap::offset},
                      Field{"pixel_stride", &Tap::pixel_stride}, Field{"type", &Tap::type}};
  }
  bool operator==(const Tap&) const = default;
};

struct Program {
  std::string name;
  std::vector<Instr> instrs;
  ConstantData constants;
  uint32_t arena_size = 0;
  std::vector<Port> inputs, outputs;
  std::vector<HostStep> host;  ///< what follows on the outputs
  std::vector<std::string> layer_names;
  std::vector<Tap> taps;

  /// All but the constants, which files keep apart.
  static constexpr auto fields() {
    return std::tuple{Field{"name", &Program::name},
                      Field{"instrs", &Program::instrs},
                      Field{"arena_size", &Program::arena_size},
                      Field{"inputs", &Program::inputs},
                      Field{"outputs", &Program::outputs},
                      Field{"host", &Program::host},
                      Field{"layer_names", &Program::layer_names},
                      Field{"taps", &Program::taps}};
  }

  bool operator==(const Program&) const = default;
};

/// Every offset, extent, stride and index lies where the kernels and the host steps may touch; no instruction writes
/// what it reads; constants hold what parameters promise; N2.2 and N2.3 hold, so that no arithmetic overflows. What
/// passes can be run without a crash on any input. Error: corrupt, naming the instruction, port, tap or host step.
Result<> validate(const Program& program);

/// The program's own byte layout (docs/formats.md): little endian, versioned, the same bytes on every machine. The
/// constants begin at a multiple of 4096 of the result.
Bytes save_program(const Program& program);
/// Reads and validates. With an `owner` that keeps `bytes` alive the constants are not copied where their alignment
/// allows. Errors: corrupt, mismatch (format version, both sides named).
Result<Program> load_program(ByteSpan bytes, std::shared_ptr<const void> owner = {});

/// One line per instruction, for people.
std::string print_program(const Program& program);

}  // namespace graupel
