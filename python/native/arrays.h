// NumPy arrays and tensors, through the buffer protocol alone: no NumPy version is compiled in.
#pragma once

#include <pybind11/pybind11.h>

#include <memory>
#include <string>
#include <vector>

#include "base/result.h"
#include "eval/dataset.h"
#include "har/npz.h"
#include "tensor/tensor.h"

namespace graupel::python {

namespace py = pybind11;

/// A tensor as Python sees it: an object whose buffer numpy.asarray() takes without a copy.
struct Array {
  Tensor tensor;
  bool writable = false;  ///< only when nothing else shares the data
};
void bind_arrays(py::module_& module);

/// A C-contiguous array held for reading, whatever thread reads it. Created and destroyed with the GIL.
class HeldBuffer {
 public:
  /// Errors: unsupported (an element type that tensors do not have), invalid (not C-contiguous).
  static Result<std::shared_ptr<HeldBuffer>> hold(const py::buffer& buffer);

  const Shape& shape() const { return shape_; }
  DType dtype() const { return dtype_; }
  const std::byte* elements() const { return static_cast<const std::byte*>(info_.ptr); }
  Tensor copy() const;

 private:
  explicit HeldBuffer(py::buffer_info info) : info_(std::move(info)) {}

  py::buffer_info info_;
  Shape shape_;
  DType dtype_ = DType::kF32;
};

/// Dataset::of_arrays() of Python's arrays, which are held and not copied. Errors also: HeldBuffer::hold().
Result<Dataset> dataset_of(const py::list& arrays, std::vector<InputSpec> inputs);

std::vector<NamedTensor> named_tensors(const py::dict& arrays);
py::dict dict_of(std::span<const NamedTensor> tensors);

}  // namespace graupel::python
