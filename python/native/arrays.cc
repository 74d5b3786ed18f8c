#include "native/arrays.h"

#include <cstring>
#include <map>

#include "native/errors.h"

namespace graupel::python {
namespace {

std::string format_of(DType dtype) {
  switch (dtype) {
    case DType::kF32: return "f";
    case DType::kF64: return "d";
    case DType::kU8: return "B";
    case DType::kS8: return "b";
    case DType::kU16: return "H";
    case DType::kS16: return "h";
    case DType::kS32: return "i";
    case DType::kS64: return "q";
    case DType::kBool: return "?";
  }
  return "B";
}

Result<DType> dtype_of_format(std::string format, py::ssize_t itemsize) {
  if (!format.empty() && (format[0] == '<' || format[0] == '=' || format[0] == '@')) format.erase(0, 1);
  if (format == "l") format = itemsize == 8 ? "q" : "i";
  for (DType dtype : {DType::kF32, DType::kF64, DType::kU8, DType::kS8, DType::kU16, DType::kS16, DType::kS32,
                      DType::kS64, DType::kBool})
    if (format == format_of(dtype)) return dtype;
  return unsupported("arrays of element format '", format,
                     "' (accepted: float32, float64, uint8, int8, uint16, int16, int32, int64, bool)");
}

bool is_contiguous(const py::buffer_info& info) {
  py::ssize_t expected = info.itemsize;
  for (std::size_t i = info.shape.size(); i-- > 0;) {
    if (info.shape[i] > 1 && info.strides[i] != expected) return false;
    expected *= info.shape[i];
  }
  return true;
}

py::buffer_info buffer_of(Array& array) {
  const TensorType& type = array.tensor.type;
  const auto itemsize = static_cast<py::ssize_t>(size_bytes(type.dtype));
  std::vector<py::ssize_t> shape(type.shape.begin(), type.shape.end()), strides(type.shape.size());
  py::ssize_t stride = itemsize;
  for (std::size_t i = shape.size(); i-- > 0;) {
    strides[i] = stride;
    stride *= shape[i];
  }
  void* data = const_cast<std::byte*>(array.tensor.data->data());
  return py::buffer_info(data, itemsize, format_of(type.dtype), static_cast<py::ssize_t>(shape.size()), shape, strides,
                         !array.writable);
}

}  // namespace

void bind_arrays(py::module_& module) {
  py::class_<Array>(module, "Array", py::buffer_protocol(), "A tensor's elements; numpy.asarray() views them.")
      .def_buffer(buffer_of);
}

Result<std::shared_ptr<HeldBuffer>> HeldBuffer::hold(const py::buffer& buffer) {
  std::shared_ptr<HeldBuffer> held(new HeldBuffer(buffer.request()));
  GRAUPEL_TRY(held->dtype_, dtype_of_format(held->info_.format, held->info_.itemsize));
  held->shape_.assign(held->info_.shape.begin(), held->info_.shape.end());
  if (!is_contiguous(held->info_))
    return invalid("an array of shape ", to_string(held->shape_),
                   " is not C-contiguous; pass numpy.ascontiguousarray(it)");
  return held;
}

Tensor HeldBuffer::copy() const {
  auto bytes = std::make_shared<Bytes>(static_cast<std::size_t>(info_.size * info_.itemsize));
  if (!bytes->empty()) std::memcpy(bytes->data(), info_.ptr, bytes->size());
  return {{dtype_, shape_, {}}, std::move(bytes)};
}

Result<Dataset> dataset_of(const py::list& arrays, std::vector<InputSpec> inputs) {
  std::vector<HeldArray> held;
  for (const py::handle array : arrays) {
    GRAUPEL_TRY(std::shared_ptr<HeldBuffer> buffer, HeldBuffer::hold(py::reinterpret_borrow<py::buffer>(array)));
    held.push_back({buffer->dtype(), buffer->shape(), buffer->elements(), buffer});
  }
  return Dataset::of_arrays(std::move(held), std::move(inputs));
}

std::vector<NamedTensor> named_tensors(const py::dict& arrays) {
  std::vector<NamedTensor> tensors;
  for (const auto& [name, array] : arrays) {
    const std::string text = py::cast<std::string>(name);
    auto held = take(HeldBuffer::hold(py::reinterpret_borrow<py::buffer>(array)).within("'", text, "'"));
    tensors.push_back({text, held->copy()});
  }
  return tensors;
}

py::dict dict_of(std::span<const NamedTensor> tensors) {
  py::dict result;
  for (const NamedTensor& named : tensors) result[py::str(named.name)] = Array{named.tensor, false};
  return result;
}

}  // namespace graupel::python
