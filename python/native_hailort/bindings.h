// The native module of hailo_platform: libhailort's C++ interface as Python objects. Arrays cross as buffers (PEP
// 3118).
#pragma once

#include <pybind11/pybind11.h>

#include <string>
#include <utility>

#include "hailo/hailort.hpp"

namespace graupel::platform {

namespace py = pybind11;

/// Becomes HailoRTStatusException, whose argument is the code as text.
struct StatusError {
  hailo_status status;
};

inline void require(hailo_status status) {
  if (status != HAILO_SUCCESS) throw StatusError{status};
}

template <class T>
T take(hailort::Expected<T> expected) {
  require(expected.status());
  return expected.release();
}

/// C-contiguous memory of a Python object, held while this lives; `writable` where the library fills it. Created and
/// destroyed with the GIL. Throws StatusError INVALID_ARGUMENT for memory that is not contiguous.
class HeldMemory {
 public:
  HeldMemory(const py::buffer& buffer, bool writable);
  HeldMemory(HeldMemory&& other) noexcept;
  HeldMemory(const HeldMemory&) = delete;
  HeldMemory& operator=(const HeldMemory&) = delete;
  HeldMemory& operator=(HeldMemory&&) = delete;
  ~HeldMemory();
  hailort::MemoryView view() const { return hailort::MemoryView(view_.buf, static_cast<std::size_t>(view_.len)); }

 private:
  Py_buffer view_{};
};

/// Runs `call` with the GIL released.
template <class Call>
auto without_gil(Call&& call) {
  const py::gil_scoped_release released;
  return std::forward<Call>(call)();
}

void bind_enums(py::module_& module);
void bind_camera_enums(py::module_& module);
void bind_quantization(py::module_& module);
void bind_infos(py::module_& module);
void bind_devices(py::module_& module);
void bind_vstreams(py::module_& module);
void bind_infer_model(py::module_& module);

}  // namespace graupel::platform
