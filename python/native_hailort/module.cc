#include "native_hailort/bindings.h"

namespace graupel::platform {

HeldMemory::HeldMemory(const py::buffer& buffer, bool writable) {
  const int flags = PyBUF_C_CONTIGUOUS | (writable ? PyBUF_WRITABLE : 0);
  if (PyObject_GetBuffer(buffer.ptr(), &view_, flags) != 0) {
    PyErr_Clear();
    throw StatusError{HAILO_INVALID_ARGUMENT};
  }
}

HeldMemory::HeldMemory(HeldMemory&& other) noexcept : view_(std::exchange(other.view_, Py_buffer{})) {}

HeldMemory::~HeldMemory() {
  if (view_.obj != nullptr) PyBuffer_Release(&view_);
}

}  // namespace graupel::platform

PYBIND11_MODULE(_hailort, module) {
  using namespace graupel::platform;
  module.doc() = "libhailort for the package hailo_platform; use that.";
  hailo_version_t version{};
  require(hailo_get_library_version(&version));
  if (version.major != 4 || version.minor != 23 || version.revision != 0)
    throw py::import_error("this module is built for libhailort 4.23.0; the one that was loaded is " +
                           std::to_string(version.major) + "." + std::to_string(version.minor) + "." +
                           std::to_string(version.revision));
  module.attr("__version__") = "4.23.0";
  static py::exception<StatusError> status_exception(module, "HailoRTStatusException");
  py::register_exception_translator([](std::exception_ptr fault) {
    try {
      if (fault) std::rethrow_exception(fault);
    } catch (const StatusError& error) {
      PyErr_SetString(status_exception.ptr(), std::to_string(error.status).c_str());
    }
  });
  module.def("get_status_message",
             [](uint32_t status) { return std::string(hailo_get_status_message(static_cast<hailo_status>(status))); });
  bind_enums(module);
  bind_infos(module);
  bind_quantization(module);
  bind_devices(module);
  bind_vstreams(module);
  bind_infer_model(module);
}
