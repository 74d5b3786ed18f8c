"""Writes a ConvNeXt with random weights as ONNX: export_convnext.py NAME FILE. Needs torch and timm.

Names: convnext_small_se (with squeeze-and-excite blocks and 67 classes, opset 11), and any network that timm has (opset 17).
"""

import sys

import timm
import torch
from torch import nn


class SqueezeExcite(nn.Module):
    """Channels weighted by two fully connected layers over their means."""

    def __init__(self, channels, reduction=16):
        super().__init__()
        self.pool = nn.AdaptiveAvgPool2d(1)
        self.gate = nn.Sequential(nn.Linear(channels, channels // reduction), nn.ReLU(), nn.Linear(channels // reduction, channels), nn.Sigmoid())

    def forward(self, x):
        batch, channels = x.shape[:2]
        return x * self.gate(self.pool(x).view(batch, channels)).view(batch, channels, 1, 1)


def convnext_small_se():
    model = timm.create_model("convnext_small", num_classes=67)
    for stage in model.stages:
        stage.blocks = nn.Sequential(*[nn.Sequential(block, SqueezeExcite(block.conv_dw.out_channels)) for block in stage.blocks])
    return model


EXPORTS = {"convnext_small_se": (convnext_small_se, 11)}


def main(name, path):
    torch.manual_seed(1)
    make, opset = EXPORTS.get(name, (lambda: timm.create_model(name), 17))
    model = make()
    side = model.default_cfg["input_size"][-1]
    torch.onnx.export(model.eval(), torch.randn(1, 3, side, side), path, opset_version=opset, dynamo=False)


main(*sys.argv[1:])
