"""Exports vision transformers with random weights as ONNX files, for vision_transformers.py.

Usage: export_transformers.py FOLDER NAME ...; runs in an interpreter that has torch, timm, ultralytics and transformers, as
export_detectors.py says. Nothing is downloaded: networks are built from their packages' own descriptions.
"""

import os
import sys
import tempfile
import warnings

os.environ.update(YOLO_OFFLINE="1", YOLO_AUTOINSTALL="0", YOLO_VERBOSE="0", YOLO_CONFIG_DIR=tempfile.mkdtemp(),
                  HF_HUB_OFFLINE="1")
warnings.filterwarnings("ignore")

import torch

TIMM = {"vit_t": "vit_tiny_patch16_224", "vit_s": "vit_small_patch16_224", "deit_t": "deit_tiny_patch16_224",
        "swin_t": "swin_tiny_patch4_window7_224", "mobilevit_xs": "mobilevit_xs", "efficientformer_l1": "efficientformer_l1"}
SIDES = {"mobilevit_xs": 256, "segformer_b0": 256, "yolo11n": 320, "rtdetr_l": 320}


def timm_model(name):
    import timm

    return timm.create_model(TIMM[name], pretrained=False)


def ultralytics_model(name):
    from ultralytics import RTDETR, YOLO

    make, file = (RTDETR, "rtdetr-l.yaml") if name == "rtdetr_l" else (YOLO, f"{name}.yaml")
    model = make(file).model.eval().float().fuse()
    for module in model.modules():
        if type(module).__name__ in ("Detect", "RTDETRDecoder"):
            module.export, module.format, module.dynamic = True, "onnx", False
        if type(module).__name__ == "C2f":
            module.forward = module.forward_split
    return model


class Logits(torch.nn.Module):
    def __init__(self, model):
        super().__init__()
        self.model = model

    def forward(self, x):
        return self.model(x).logits


def segformer():
    from transformers import SegformerConfig, SegformerForSemanticSegmentation

    return Logits(SegformerForSemanticSegmentation(SegformerConfig(num_labels=19)))


def build(name):
    if name in TIMM:
        return timm_model(name)
    return segformer() if name == "segformer_b0" else ultralytics_model(name)


def livelier(model):
    """Fresh weights make some branches nearly constant (layer scales of 1e-5, biases of 0): drawn anew, every path counts."""
    with torch.no_grad():
        for key, value in model.named_parameters():
            if value.ndim <= 1:
                value.add_(0.1 * torch.randn_like(value))
        for key, value in model.named_buffers():
            if key.endswith("running_mean"):
                value.normal_(0, 0.1)
            if key.endswith("running_var"):
                value.uniform_(0.5, 1.5)
    return model


for name in sys.argv[2:]:
    torch.manual_seed(1)
    model = livelier(build(name).eval())
    side = SIDES.get(name, 224)
    torch.onnx.export(model, torch.rand(1, 3, side, side), os.path.join(sys.argv[1], f"{name}.onnx"), opset_version=17, dynamo=False,
                      input_names=["image"])
