// The native module: everything that the Python packages ask of the libraries.
#include <pybind11/pybind11.h>
#include <pybind11/stl.h>

#include "native/arrays.h"
#include "native/checks.h"
#include "native/errors.h"
#include "native/model.h"

namespace graupel::python {
namespace {

/// Raises the class of graupel.errors that the code names, with code, message and frames as its arguments.
void raise(const Error& error) {
  const py::object make = py::module_::import("graupel.errors").attr("make_error");
  const py::object raised = make(std::string(to_string(error.code)), error.message, error.frames, error.text());
  PyErr_SetObject(reinterpret_cast<PyObject*>(Py_TYPE(raised.ptr())), raised.ptr());
}

}  // namespace
}  // namespace graupel::python

PYBIND11_MODULE(_graupel, module) {
  using namespace graupel::python;
  module.doc() = "Graupel's libraries; use the package graupel.";
  module.attr("__version__") = GRAUPEL_VERSION;
  py::register_exception_translator([](std::exception_ptr fault) {
    try {
      if (fault) std::rethrow_exception(fault);
    } catch (const Raised& raised) {
      raise(raised.error);
    }
  });
  bind_arrays(module);
  bind_model(module);
  bind_checks(module);
}
