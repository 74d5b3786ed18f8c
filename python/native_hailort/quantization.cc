// Quantization of arrays between host and device types.
#include "native_hailort/bindings.h"

namespace graupel::platform {
namespace {

using hailort::Quantization;

std::size_t bytes_of(hailo_format_type_t type) { return hailort::HailoRTCommon::get_data_bytes(type); }

/// Both arrays must hold `count` elements of their types.
void require_room(const HeldMemory& memory, std::size_t count, hailo_format_type_t type) {
  if (memory.view().size() < count * bytes_of(type)) throw StatusError{HAILO_INVALID_ARGUMENT};
}

template <class Number, class Code>
void dequantize(const HeldMemory& codes, const HeldMemory& numbers, uint32_t count, const hailo_quant_info_t& info) {
  Quantization::dequantize_output_buffer<Number, Code>(codes.view().as_pointer<Code>(),
                                                       numbers.view().as_pointer<Number>(), count, info);
}

template <class Number, class Code>
void dequantize_in_place(const HeldMemory& memory, const HeldMemory&, uint32_t count, const hailo_quant_info_t& info) {
  Quantization::dequantize_output_buffer_in_place<Number, Code>(memory.view().as_pointer<Number>(), count, info);
}

template <class Number, class Code>
void quantize(const HeldMemory& numbers, const HeldMemory& codes, uint32_t count, const hailo_quant_info_t& info) {
  Quantization::quantize_input_buffer<Number, Code>(numbers.view().as_pointer<Number>(),
                                                    codes.view().as_pointer<Code>(), count, info);
}

struct Conversion {
  hailo_format_type_t from, to;
  void (*run)(const HeldMemory&, const HeldMemory&, uint32_t, const hailo_quant_info_t&);
};

constexpr hailo_format_type_t kU8 = HAILO_FORMAT_TYPE_UINT8, kU16 = HAILO_FORMAT_TYPE_UINT16,
                              kF32 = HAILO_FORMAT_TYPE_FLOAT32;
constexpr Conversion kDequantize[] = {
    {kU8, kU8, dequantize<uint8_t, uint8_t>},  {kU8, kU16, dequantize<uint16_t, uint8_t>},
    {kU8, kF32, dequantize<float, uint8_t>},   {kU16, kU16, dequantize<uint16_t, uint16_t>},
    {kU16, kF32, dequantize<float, uint16_t>}, {kF32, kF32, dequantize<float, float>}};
constexpr Conversion kDequantizeInPlace[] = {
    {kU8, kU8, dequantize_in_place<uint8_t, uint8_t>},  {kU8, kU16, dequantize_in_place<uint16_t, uint8_t>},
    {kU8, kF32, dequantize_in_place<float, uint8_t>},   {kU16, kU16, dequantize_in_place<uint16_t, uint16_t>},
    {kU16, kF32, dequantize_in_place<float, uint16_t>}, {kF32, kF32, dequantize_in_place<float, float>}};
constexpr Conversion kQuantize[] = {{kU8, kU8, quantize<uint8_t, uint8_t>},
                                    {kU16, kU8, quantize<uint16_t, uint8_t>},
                                    {kU16, kU16, quantize<uint16_t, uint16_t>},
                                    {kF32, kU8, quantize<float, uint8_t>},
                                    {kF32, kU16, quantize<float, uint16_t>}};

template <std::size_t n>
void convert(const Conversion (&table)[n], const py::buffer& source, const py::buffer& target, hailo_format_type_t from,
             hailo_format_type_t to, uint32_t count, const hailo_quant_info_t& info) {
  for (const Conversion& one : table) {
    if (one.from != from || one.to != to) continue;
    const HeldMemory read(source, false), write(target, true);
    require_room(read, count, from);
    require_room(write, count, to);
    return one.run(read, write, count, info);
  }
  throw StatusError{HAILO_INVALID_ARGUMENT};
}

}  // namespace

void bind_quantization(py::module_& module) {
  module.def("is_qp_valid", [](const hailo_quant_info_t& info) { return Quantization::is_qp_valid(info); });
  module.def("dequantize_output_buffer",
             [](const py::buffer& codes, const py::buffer& numbers, hailo_format_type_t from, hailo_format_type_t to,
                uint32_t count,
                const hailo_quant_info_t& info) { convert(kDequantize, codes, numbers, from, to, count, info); });
  module.def(
      "dequantize_output_buffer_in_place",
      [](const py::buffer& memory, hailo_format_type_t from, hailo_format_type_t to, uint32_t count,
         const hailo_quant_info_t& info) { convert(kDequantizeInPlace, memory, memory, from, to, count, info); });
  module.def("quantize_input_buffer", [](const py::buffer& numbers, const py::buffer& codes, hailo_format_type_t from,
                                         hailo_format_type_t to, uint32_t count, const hailo_quant_info_t& info) {
    convert(kQuantize, numbers, codes, from, to, count, info);
  });
}

}  // namespace graupel::platform
