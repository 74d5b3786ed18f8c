"""The native module, where programs look for its types; bound to its own libraries, whatever protobuf the process holds already."""

import os
import sys

_flags = sys.getdlopenflags()
sys.setdlopenflags(_flags | getattr(os, "RTLD_DEEPBIND", 0))
try:
    from _hailort import *  # noqa: F403
    from _hailort import __version__  # noqa: F401
finally:
    sys.setdlopenflags(_flags)
