"""Exports networks with random weights as ONNX files, for exported_models.py.

Usage: export_classifiers.py FOLDER NAME ...; runs in an interpreter that has torch, torchvision, timm and ultralytics (see
export_detectors.py). Nothing is downloaded. Batch norms get statistics of their own, so that activations keep a sensible range.
"""

import os
import sys
import tempfile
import warnings

os.environ.update(YOLO_OFFLINE="1", YOLO_AUTOINSTALL="0", YOLO_VERBOSE="0", YOLO_CONFIG_DIR=tempfile.mkdtemp())
warnings.filterwarnings("ignore")

import torch


def torchvision_model(name, **options):
    import torchvision

    return torchvision.models.get_model(name, weights=None, **options)


def timm_model(name):
    import timm

    return timm.create_model(name, pretrained=False)


def ultralytics_model(name):
    from ultralytics import YOLO

    model = YOLO(f"{name}.yaml").model.float()
    for module in model.modules():
        if type(module).__name__ in ("Detect", "Segment", "Pose"):
            module.export, module.format, module.dynamic = True, "onnx", False
        if type(module).__name__ == "C2f":
            module.forward = module.forward_split
    return model


# name: (how it is made, image size)
NETWORKS = {
    "mobilenet_v3_small": (lambda: torchvision_model("mobilenet_v3_small"), 224),
    "efficientnet_b0": (lambda: torchvision_model("efficientnet_b0"), 224),
    "regnet_x_400mf": (lambda: torchvision_model("regnet_x_400mf"), 224),
    "shufflenet_v2_x1_0": (lambda: torchvision_model("shufflenet_v2_x1_0"), 224),
    "densenet121": (lambda: torchvision_model("densenet121"), 224),
    "inception_v3": (lambda: torchvision_model("inception_v3", aux_logits=False, init_weights=False), 299),
    "hrnet_w18": (lambda: timm_model("hrnet_w18_small"), 224),
    "yolov5n": (lambda: ultralytics_model("yolov5n"), 320),
    "yolov8n-seg": (lambda: ultralytics_model("yolov8n-seg"), 320),
    "yolov8n-pose": (lambda: ultralytics_model("yolov8n-pose"), 320),
}


def settle(model, image):
    """One pass in training mode over noise sets the batch norms' statistics."""
    for module in model.modules():
        if isinstance(module, torch.nn.modules.batchnorm._BatchNorm):
            module.train()
            module.momentum = 1.0
    model(torch.cat([image, torch.rand_like(image)]))
    return model.eval()


def main():
    folder = sys.argv[1]
    for name in sys.argv[2:] or NETWORKS:
        torch.manual_seed(1)
        make, size = NETWORKS[name]
        image = torch.rand(1, 3, size, size)
        model = make().eval()
        with torch.no_grad():
            settle(model, image)
            torch.onnx.export(model, image, os.path.join(folder, f"{name}.onnx"), opset_version=13, dynamo=False, input_names=["images"])
        print(name, flush=True)


if __name__ == "__main__":
    main()
