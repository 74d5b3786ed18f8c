"""The native module, bound to its own libraries.

What a process has loaded for all to see (TensorFlow and others bring a protobuf of their own) must not stand in for what the module was
built with: its calls would end in code of another version.
"""

from __future__ import annotations

import os
import sys

_flags = sys.getdlopenflags()
sys.setdlopenflags(_flags | getattr(os, "RTLD_DEEPBIND", 0))
try:
    import _graupel
    from _graupel import __version__, hw_archs, onnx_inputs, onnx_operators, recommended_end_nodes
finally:
    sys.setdlopenflags(_flags)

__all__ = ["__version__", "_graupel", "hw_archs", "onnx_inputs", "onnx_operators", "recommended_end_nodes"]
