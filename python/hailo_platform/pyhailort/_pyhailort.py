"""The native module, where programs look for its types."""

from _hailort import *  # noqa: F403
from _hailort import __version__  # noqa: F401
