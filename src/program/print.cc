// A program as text, one line per instruction.
#include "program/program.h"

namespace graupel {
namespace {

template <class T>
void print_value(std::ostringstream& out, const T& value) {
  if constexpr (HasFields<T>) {
    out << "{";
    bool first = true;
    for_each_field(value, [&](std::string_view name, const auto& member) {
      out << (first ? "" : " ") << name << "=";
      print_value(out, member);
      first = false;
    });
    out << "}";
  } else if constexpr (std::is_enum_v<T>) {
    out << static_cast<int>(value);
  } else if constexpr (requires { value.begin(); }) {
    out << "[";
    for (std::size_t i = 0; i < value.size(); ++i) {
      if (i > 0) out << ",";
      print_value(out, value[i]);
    }
    out << "]";
  } else {
    out << +value;
  }
}

template <class P>
void print_host(std::ostringstream& out, const P& params, const std::vector<uint32_t>& src) {
  out << params.kName << "(outputs ";
  print_value(out, src);
  out << ") ";
  print_value(out, params);
}

std::string place(const Place& p) {
  return cat(p.space == Place::Space::kArena ? "arena" : "constants", "+", p.offset);
}

}  // namespace

std::string print_program(const Program& program) {
  std::ostringstream out;
  out << "program " << program.name << ": " << program.instrs.size() << " instructions, arena " << program.arena_size
      << " bytes, constants " << program.constants.size() << " bytes\n";
  for (const Port& port : program.inputs)
    out << "  in  " << port.name << " " << to_string(port.type) << " at " << port.offset << "\n";
  for (std::size_t i = 0; i < program.instrs.size(); ++i) {
    const Instr& instr = program.instrs[i];
    out << "  " << i << " " << program.layer_names[instr.layer] << ": ";
    std::visit(
        [&](const auto& params) {
          out << params.kName << "(";
          for (std::size_t s = 0; s < instr.src.size(); ++s) out << (s > 0 ? ", " : "") << place(instr.src[s]);
          out << ") -> " << place(instr.dst) << " ";
          print_value(out, params);
        },
        instr.params);
    out << "\n";
  }
  for (const Port& port : program.outputs)
    out << "  out " << port.name << " " << to_string(port.type) << " at " << port.offset << "\n";
  for (const HostStep& step : program.host) {
    out << "  host " << step.name << ": ";
    std::visit([&](const auto& params) { print_host(out, params, step.src); }, step.params);
    out << " -> " << to_string(output_shape(step.params)) << "\n";
  }
  return out.str();
}

}  // namespace graupel
