"""Modes of the profiler, as older scripts name them."""

import enum


class ProfilerModes(enum.Enum):
    PRE_PLACEMENT = "pre_placement"
    POST_PLACEMENT = "post_placement"
