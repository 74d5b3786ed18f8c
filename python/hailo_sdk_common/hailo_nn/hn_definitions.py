"""Layer types and activations as HN documents name them."""

from __future__ import annotations

import enum

_LAYER_TYPES = """input_layer output_layer const_input output_mux demux shortcut conv dw deconv dense maxpool avgpool global_avg_pool
batch_norm normalization activation ew_add ew_sub ew_mult ew_div ew_max ew_min matmul softmax layer_normalization reduce_max
reduce_sum reduce_mean reduce_l2 argmax concat slice feature_splitter row_splitter width_splitter resize space_to_depth
depth_to_space feature_interleave feature_shuffle feature_multiplier format_conversion external_pad bbox_decoder nms
proposal_generator postprocess""".split()
_ACTIVATIONS = """linear relu relu6 leaky elu sigmoid tanh silu mish exp hardswish hardsigmoid gelu sqrt inv_pos softplus prelu
threshold delta square pow log abs clip""".split()

LayerType = enum.Enum("LayerType", {name: name for name in _LAYER_TYPES}, module=__name__)
ActivationType = enum.Enum("ActivationType", {name: name for name in _ACTIVATIONS}, module=__name__)
ActivationTypes = ActivationType


def layer_type(name: str) -> enum.Enum | str:
    """The member of that name, or the name itself when there is none."""
    return LayerType.__members__.get(name, name)


def activation_type(name: str) -> enum.Enum | str:
    """The member of that name, or the name itself when there is none."""
    return ActivationType.__members__.get(name, name)
