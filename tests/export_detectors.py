"""Exports object detectors with random weights as ONNX files, for layer_names.py and end_nodes.py.

Usage: export_detectors.py FOLDER NAME ...; runs in an interpreter that has torch, ultralytics and yolox:
  python3 -m venv build/detectors
  build/detectors/bin/pip install torch onnx ultralytics loguru pixeltable-yolox --no-deps   # and what they import
Nothing is downloaded: networks are built from their packages' own descriptions, or from the ones below.
"""

import os
import sys
import tempfile
import warnings

os.environ.update(YOLO_OFFLINE="1", YOLO_AUTOINSTALL="0", YOLO_VERBOSE="0", YOLO_CONFIG_DIR=tempfile.mkdtemp())
warnings.filterwarnings("ignore")

import torch
from torch import nn

ANCHORS = ((10, 13, 16, 30, 33, 23), (30, 61, 62, 45, 59, 119), (116, 90, 156, 198, 373, 326))


def ultralytics_model(name):
    from ultralytics import YOLO

    model = YOLO(f"{name}.yaml").model.eval().float().fuse()
    for module in model.modules():
        if type(module).__name__ in ("Detect", "Segment", "Pose", "v10Detect"):
            module.export, module.format, module.dynamic = True, "onnx", False
        if type(module).__name__ == "C2f":
            module.forward = module.forward_split
    return model


class Yolov5Head(nn.Module):
    """Boxes relative to anchors, as YOLOv5 and YOLOv3 decode them. `decoded` False: the maps alone."""

    def __init__(self, classes, anchors, channels, image):
        super().__init__()
        self.m = nn.ModuleList(nn.Conv2d(c, 3 * (classes + 5), 1) for c in channels)
        self.classes, self.image = classes, image
        self.register_buffer("anchors", torch.tensor(anchors).float().view(len(anchors), 1, 3, 1, 1, 2))

    def forward(self, maps):
        results = []
        for i, x in enumerate(maps):
            x = self.m[i](x)
            _, _, h, w = x.shape
            y = x.view(1, 3, self.classes + 5, h, w).permute(0, 1, 3, 4, 2).contiguous().sigmoid()
            rows, columns = torch.meshgrid(torch.arange(h), torch.arange(w), indexing="ij")
            grid = torch.stack((columns, rows), 2).expand(1, 3, h, w, 2) - 0.5
            xy, wh, rest = y.split((2, 2, self.classes + 1), 4)
            xy = (xy * 2 + grid) * (self.image // h)
            wh = (wh * 2) ** 2 * self.anchors[i].expand(1, 3, h, w, 2)
            results.append(torch.cat((xy, wh, rest), 4).view(1, 3 * h * w, self.classes + 5))
        return torch.cat(results, 1)


class Rows(nn.Module):
    """A network written as rows [from, repeats, module, arguments], as YOLOv5's files are, with its head at the end."""

    def __init__(self, rows, depth, width, anchors=ANCHORS, classes=80, image=640):
        super().__init__()
        from ultralytics.nn import modules

        channels, self.froms, layers = [3], [], []
        for source, repeats, kind, arguments in rows:
            module, arguments = getattr(modules, kind, None) or getattr(nn, kind), list(arguments)
            repeats = max(round(repeats * depth), 1) if repeats > 1 else 1
            inputs = [channels[s if s < 0 else s + 1] for s in (source if isinstance(source, tuple) else (source,))]
            if kind in ("Conv", "Focus", "BottleneckCSP", "C3", "SPP", "SPPF"):
                out = -(-arguments[0] * width // 8) * 8
                arguments = [inputs[0], int(out), *arguments[1:]]
                if kind in ("BottleneckCSP", "C3"):
                    arguments.insert(2, repeats)
                channels.append(int(out))
            else:
                channels.append(sum(inputs))
            layers.append(module(*arguments))
            self.froms.append(source)
        self.layers = nn.ModuleList(layers)
        self.heads = rows.heads
        self.head = Yolov5Head(classes, anchors, [channels[h + 1] for h in self.heads], image)

    def forward(self, x):
        kept = []
        for source, layer in zip(self.froms, self.layers):
            at = lambda s: (kept[s] if kept else x) if s < 0 else kept[s]
            kept.append(layer([at(s) for s in source] if isinstance(source, tuple) else at(source)))
        return self.head([kept[h] for h in self.heads])


class Network(list):
    def __init__(self, rows, heads):
        super().__init__(rows)
        self.heads = heads


def row(source, repeats, kind, *arguments):
    return source, repeats, kind, arguments


UP = row(-1, 1, "Upsample", None, 2, "nearest")


def yolov5_early(spp=True):
    """Up to release 3: a Focus stem and BottleneckCSP blocks."""
    csp, conv = "BottleneckCSP", "Conv"
    return Network([
        row(-1, 1, "Focus", 64, 3), row(-1, 1, conv, 128, 3, 2), row(-1, 3, csp, 128), row(-1, 1, conv, 256, 3, 2),
        row(-1, 9, csp, 256), row(-1, 1, conv, 512, 3, 2), row(-1, 9, csp, 512), row(-1, 1, conv, 1024, 3, 2),
        row(-1, 1, "SPP", 1024, (5, 9, 13)) if spp else row(-1, 1, conv, 1024, 1, 1), row(-1, 3, csp, 1024, False),
        row(-1, 1, conv, 512, 1, 1), UP, row((-1, 6), 1, "Concat", 1), row(-1, 3, csp, 512, False),
        row(-1, 1, conv, 256, 1, 1), UP, row((-1, 4), 1, "Concat", 1), row(-1, 3, csp, 256, False),
        row(-1, 1, conv, 256, 3, 2), row((-1, 14), 1, "Concat", 1), row(-1, 3, csp, 512, False),
        row(-1, 1, conv, 512, 3, 2), row((-1, 10), 1, "Concat", 1), row(-1, 3, csp, 1024, False)], (17, 20, 23))


def yolov5_late():
    """Release 6: C3 blocks and SPPF."""
    return Network([
        row(-1, 1, "Conv", 64, 6, 2, 2), row(-1, 1, "Conv", 128, 3, 2), row(-1, 3, "C3", 128),
        row(-1, 1, "Conv", 256, 3, 2), row(-1, 6, "C3", 256), row(-1, 1, "Conv", 512, 3, 2), row(-1, 9, "C3", 512),
        row(-1, 1, "Conv", 1024, 3, 2), row(-1, 3, "C3", 1024), row(-1, 1, "SPPF", 1024, 5),
        row(-1, 1, "Conv", 512, 1, 1), UP, row((-1, 6), 1, "Concat", 1), row(-1, 3, "C3", 512, False),
        row(-1, 1, "Conv", 256, 1, 1), UP, row((-1, 4), 1, "Concat", 1), row(-1, 3, "C3", 256, False),
        row(-1, 1, "Conv", 256, 3, 2), row((-1, 14), 1, "Concat", 1), row(-1, 3, "C3", 512, False),
        row(-1, 1, "Conv", 512, 3, 2), row((-1, 10), 1, "Concat", 1), row(-1, 3, "C3", 1024, False)], (17, 20, 23))


def yolov5_p6():
    """Release 6 with a fourth level at stride 64."""
    return Network([
        row(-1, 1, "Conv", 64, 6, 2, 2), row(-1, 1, "Conv", 128, 3, 2), row(-1, 3, "C3", 128),
        row(-1, 1, "Conv", 256, 3, 2), row(-1, 6, "C3", 256), row(-1, 1, "Conv", 512, 3, 2), row(-1, 9, "C3", 512),
        row(-1, 1, "Conv", 768, 3, 2), row(-1, 3, "C3", 768), row(-1, 1, "Conv", 1024, 3, 2), row(-1, 3, "C3", 1024),
        row(-1, 1, "SPPF", 1024, 5), row(-1, 1, "Conv", 768, 1, 1), UP, row((-1, 8), 1, "Concat", 1),
        row(-1, 3, "C3", 768, False), row(-1, 1, "Conv", 512, 1, 1), UP, row((-1, 6), 1, "Concat", 1),
        row(-1, 3, "C3", 512, False), row(-1, 1, "Conv", 256, 1, 1), UP, row((-1, 4), 1, "Concat", 1),
        row(-1, 3, "C3", 256, False), row(-1, 1, "Conv", 256, 3, 2), row((-1, 20), 1, "Concat", 1),
        row(-1, 3, "C3", 512, False), row(-1, 1, "Conv", 512, 3, 2), row((-1, 16), 1, "Concat", 1),
        row(-1, 3, "C3", 768, False), row(-1, 1, "Conv", 768, 3, 2), row((-1, 12), 1, "Concat", 1),
        row(-1, 3, "C3", 1024, False)], (23, 26, 29, 32))


P6_ANCHORS = ((19, 27, 44, 40, 38, 94), (96, 68, 86, 152, 180, 137), (140, 301, 303, 264, 238, 542),
              (436, 615, 739, 380, 925, 792))


def yolox_model(depth, width, activation):
    from yolox.models import YoloPafpn, YoloxHead, YoloxModule

    class SiLU(nn.Module):  # as ONNX has it
        def forward(self, x):
            return x * torch.sigmoid(x)

    channels = [256, 512, 1024]
    model = YoloxModule(YoloPafpn(depth, width, in_channels=channels, act=activation),
                        YoloxHead(80, width, in_channels=channels, act=activation)).eval()
    model.head.decode_in_inference = False
    for module in list(model.modules()):
        for name, child in module.named_children():
            if isinstance(child, nn.SiLU):
                setattr(module, name, SiLU())
    return model


OWN = {
    "yolov5s": lambda: Rows(yolov5_early(), 0.33, 0.5),
    "yolov5m": lambda: Rows(yolov5_early(), 0.67, 0.75),
    "yolov5m_wo_spp": lambda: Rows(yolov5_early(spp=False), 0.67, 0.75),
    "yolov5m_6.1": lambda: Rows(yolov5_late(), 0.67, 0.75),
    "yolov5m6_6.1": lambda: Rows(yolov5_p6(), 0.67, 0.75, P6_ANCHORS),
    "yolox_s_leaky": lambda: yolox_model(0.33, 0.5, "lrelu"),
    "yolox_l_leaky": lambda: yolox_model(1.0, 1.0, "lrelu"),
    "yolox_tiny": lambda: yolox_model(0.33, 0.375, "silu"),
}


def main():
    folder = sys.argv[1]
    for name in sys.argv[2:]:
        model = (OWN[name]() if name in OWN else ultralytics_model(name)).eval()
        image = torch.zeros(1, 3, 640, 640)
        with torch.no_grad():
            model(image)
            torch.onnx.export(model, image, os.path.join(folder, f"{name}.onnx"), opset_version=11, dynamo=False,
                              input_names=["images"])
        print(name, flush=True)


if __name__ == "__main__":
    main()
