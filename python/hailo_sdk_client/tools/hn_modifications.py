"""Changes of an HN as scripts of the first releases made them: a model script makes them now."""

from __future__ import annotations

from typing import Any

from hailo_sdk_client.runner.exceptions import UnsupportedFeatureException


def add_yuv_to_rgb_layers(*_: Any, **__: Any) -> None:
    """Not available: use input_conversion in a model script."""
    raise UnsupportedFeatureException("add_yuv_to_rgb_layers is not available: load_model_script('input_conversion(yuv_to_rgb)') adds them")


def add_resize_input_layers(*_: Any, **__: Any) -> None:
    """Not available: use resize in a model script."""
    raise UnsupportedFeatureException("add_resize_input_layers is not available: load_model_script('resize(resize_shapes=[H, W])') adds them")


def transpose_hn_height_width(*_: Any, **__: Any) -> None:
    """Not available: use transpose in a model script."""
    raise UnsupportedFeatureException("transpose_hn_height_width is not available: load_model_script('transpose()') does it")
