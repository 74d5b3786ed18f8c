// Comparisons of stages and proofs of equality, for Python.
#pragma once

#include <pybind11/pybind11.h>

namespace graupel::python {

void bind_checks(pybind11::module_& module);

}  // namespace graupel::python
