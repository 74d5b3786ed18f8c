"""The trained models and pictures that the end-to-end tests run on, when they are at hand.

The data lies beside the project (../shared/data) or where GRAUPEL_DATA says; without it these tests are skipped.
Pre-processing is done here, independently of the toolchain's own, so that both sides are fed the same numbers.
"""

import csv
import dataclasses
import glob
import os
import pathlib
import subprocess
import sys

SKIPPED = 77  # ctest's SKIP_RETURN_CODE
ROOT = pathlib.Path(__file__).resolve().parent.parent
DATA = pathlib.Path(os.environ.get("GRAUPEL_DATA", ROOT.parent / "shared" / "data"))

try:
    import cv2
    import numpy as np
    import onnxruntime
except ImportError as missing:
    print(f"skipped: {missing} (./dev test installs the oracles from PyPI)")
    sys.exit(SKIPPED)
if not DATA.is_dir():
    print(f"skipped: no test data at {DATA}; set GRAUPEL_DATA to run this")
    sys.exit(SKIPPED)

YOLO_HEADS = [f"/model.22/cv{branch}.{level}/cv{branch}.{level}.2/Conv" for level in range(3) for branch in (2, 3)]
IMAGENET_MEAN, IMAGENET_STD = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)


@dataclasses.dataclass
class Model:
    """`frames(n)` yields n float32 arrays [1, C, H, W], or [1, H, W, C] where the model has channels last; `labels(n)` their
    classes, for classifiers, or texts, where the model has an alphabet."""

    name: str
    file: str
    size: tuple
    pictures: str
    color: str = "rgb"
    scale: float = 255.0
    mean: tuple = (0.0,)
    std: tuple = (1.0,)
    fit: str = "stretch"
    short_side: int = 0
    label_file: str = ""
    label_column: str = "index"
    end_nodes: list = dataclasses.field(default_factory=list)
    channels_last: bool = False
    alphabet: str = ""

    @property
    def path(self):
        return str(DATA / "models" / self.file)

    def files(self, split="test"):
        """(path, label or None), in the order of the label file or of the names."""
        if not self.label_file:
            return [(f, None) for f in sorted(glob.glob(str(DATA / self.pictures)))]
        with open(DATA / self.label_file, newline="") as rows:
            found = [row for row in csv.DictReader(rows)
                     if row.get("split", split) == split and row.get("set", "nips2017") == "nips2017"]
        base = (DATA / self.label_file).parent
        return [(str(base / row["file"]), row[self.label_column] if self.alphabet else int(row[self.label_column])) for row in found]

    def frames(self, count, split="test"):
        return np.concatenate([self.prepare(path) for path, _ in self.files(split)[:count]])

    def labels(self, count, split="test"):
        return np.array([label for _, label in self.files(split)[:count]])

    def answers(self, output):
        """What the model says of each frame: a class, or a text, of which '_' is filling."""
        if not self.alphabet:
            return output.reshape(len(output), -1).argmax(1)
        letters = output.reshape(len(output), -1, len(self.alphabet)).argmax(2)
        return np.array(["".join(self.alphabet[i] for i in row).replace("_", "") for row in letters])

    def prepare(self, path):
        height, width = self.size
        image = cv2.imread(path, cv2.IMREAD_COLOR)
        if self.color == "luma":
            image = cv2.cvtColor(image, cv2.COLOR_BGR2YCrCb)[:, :, :1]
        elif self.color == "gray":
            image = cv2.cvtColor(image, cv2.COLOR_BGR2GRAY)[:, :, None]
        elif self.color == "rgb":
            image = cv2.cvtColor(image, cv2.COLOR_BGR2RGB)
        image = self.fitted(image, height, width).reshape(height, width, -1).astype(np.float32)
        image = (image / np.float32(self.scale) - np.array(self.mean, np.float32)) / np.array(self.std, np.float32)
        return np.ascontiguousarray(image[None] if self.channels_last else image.transpose(2, 0, 1)[None], dtype=np.float32)

    def fitted(self, image, height, width):
        h, w = image.shape[:2]
        if self.fit.startswith("letterbox"):
            ratio = min(height / h, width / w)
            nh, nw = round(h * ratio), round(w * ratio)
            canvas = np.full((height, width, image.shape[2]), 114, np.uint8)
            top, left = ((height - nh) // 2, (width - nw) // 2) if self.fit == "letterbox" else (0, 0)
            canvas[top:top + nh, left:left + nw] = cv2.resize(image, (nw, nh)).reshape(nh, nw, -1)
            return canvas
        if self.fit == "crop":
            ratio = self.short_side / min(h, w)
            resized = cv2.resize(image, (round(w * ratio), round(h * ratio)))
            top, left = (resized.shape[0] - height) // 2, (resized.shape[1] - width) // 2
            return resized[top:top + height, left:left + width]
        return cv2.resize(image, (width, height))


_NIPS = dict(pictures="imagenet/nips2017/*.png", label_file="imagenet/labels.csv", mean=IMAGENET_MEAN, std=IMAGENET_STD,
             fit="crop", short_side=256, size=(224, 224))
_CIFAR = dict(pictures="cifar10/test_*.jpg", label_file="cifar10/labels.csv", size=(32, 32))
_COCO = dict(pictures="coco/val2017/*.jpg")

MODELS = {m.name: m for m in [
    Model("mobilenetv2", "mobilenetv2.onnx", **_NIPS),
    Model("resnet20_cifar10", "resnet20_cifar10.onnx", mean=IMAGENET_MEAN, std=IMAGENET_STD, **_CIFAR),
    Model("resnet18_narrow_cifar10", "resnet18_narrow_cifar10.onnx", mean=(0.5,), std=(0.5,), **_CIFAR),
    Model("convnext_micro_cifar10", "convnext_micro_cifar10_opset17.onnx", mean=(0.4914, 0.4822, 0.4465), std=(0.2470, 0.2435, 0.2616),
          **{**_CIFAR, "size": (64, 64)}),
    Model("mnist-8", "mnist-8.onnx", pictures="mnist/*.png", label_file="mnist/labels.csv", label_column="digit",
          size=(28, 28), color="gray", scale=1.0),
    Model("mobilenetv1_025_leaky", "mobilenetv1_025_leaky.onnx", **_NIPS),
    Model("super-resolution-10", "super-resolution-10.onnx", size=(224, 224), color="luma", **_COCO),
    Model("ultraface_rfb_320", "ultraface_rfb_320.onnx", size=(240, 320), scale=128.0, mean=(127 / 128,), **_COCO),
    Model("yolov8n_640", "yolov8n_640_opset20.onnx", size=(640, 640), fit="letterbox", end_nodes=YOLO_HEADS, **_COCO),
    Model("picodet_s_320", "picodet_s_320.onnx", size=(320, 320), color="bgr", scale=1.0, mean=(103.53, 116.28, 123.675), std=(57.375, 57.12, 58.395), **_COCO),
    Model("yolox_nano_416", "yolox_nano_416.onnx", size=(416, 416), color="bgr", scale=1.0, fit="letterbox_top_left", **_COCO),
    Model("fastestdet_352", "fastestdet_352.onnx", size=(352, 352), color="bgr", **_COCO),
    Model("xfeat_480_640", "xfeat_480_640.onnx", size=(480, 640), scale=1.0, **_COCO),
    Model("plate_ocr_cct_xs", "plate_ocr_cct_xs_v1_global.onnx", size=(64, 128), scale=1.0, channels_last=True, pictures="plates/*.png",
          label_file="plates/labels.csv", label_column="text", alphabet="0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ_"),
    Model("yolov8n_640_whole", "yolov8n_640_opset20.onnx", size=(640, 640), fit="letterbox", **_COCO),
]}


def within_this_cpu(isa):
    """`isa`, or the best level below it that this CPU has."""
    text = pathlib.Path("/proc/cpuinfo").read_text()
    flags = set(next((line for line in text.splitlines() if line.startswith("flags")), "").split())
    has = ["ref"]
    if {"avx2", "fma"} <= flags:
        has.append("avx2")
        if {"avx512f", "avx512bw", "avx512vl", "avx512dq", "avx512vbmi", "avx512_vnni"} <= flags:
            has.append("avx512")
    return isa if isa in has else has[-1]


def graupel(*arguments, environment=None, ok=True):
    """Runs the command line that the build made; returns the finished process."""
    command = [os.environ.get("GRAUPEL", str(ROOT / "build" / "release" / "tools" / "graupel")), *map(str, arguments)]
    done = subprocess.run(command, capture_output=True, text=True, env={**os.environ, **(environment or {})})
    if ok and done.returncode != 0:
        raise SystemExit(f"{' '.join(command)} exited with {done.returncode}:\n{done.stderr}{done.stdout}")
    return done


def parsed(model, folder):
    """The model's HAR at the parsed stage, in `folder`."""
    har = folder / f"{model.name}.har"
    cut = ["--end-nodes", *model.end_nodes] if model.end_nodes else []
    graupel("parse", model.path, "-o", har, *cut)
    return har


def quantized(model, folder, calibration_frames=64, *options):
    """The model's HAR at the quantized stage; calibrated on frames that no accuracy is measured on where there are others."""
    har = parsed(model, folder)
    calibration = folder / f"{model.name}_calibration.npy"
    np.save(calibration, calibration_set(model, calibration_frames))
    graupel("optimize", har, "--calib", calibration, *options)
    return har


def calibration_set(model, count):
    if model.label_file.startswith("cifar10"):
        return model.frames(count, split="train (calibration)")
    if model.label_file.startswith("imagenet"):
        photos = sorted(glob.glob(str(DATA / "imagenet" / "photos" / "*")))
        return np.concatenate([model.prepare(p) for p in photos[:count]])
    return np.concatenate([model.prepare(p) for p, _ in model.files()[-count:]])


def onnx_session(model, threads=2, edit=None):
    """ONNX Runtime on the whole model, or cut at the same end nodes (their outputs, in that order). `edit` changes it first."""
    import onnx
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    options.log_severity_level = 3
    loaded = onnx.load(model.path)
    if edit:
        edit(loaded)
    if model.end_nodes:
        outputs = {n.name: n.output[0] for n in loaded.graph.node}
        del loaded.graph.output[:]
        loaded.graph.output.extend(onnx.ValueInfoProto(name=outputs[n]) for n in model.end_nodes)
    return onnxruntime.InferenceSession(loaded.SerializeToString(), options, providers=["CPUExecutionProvider"])


def feed(session, frame):
    """`frame`, [1, ...], as the session's one input, of the element type that it wants."""
    port = session.get_inputs()[0]
    return {port.name: frame.astype(np.uint8 if "uint8" in port.type else np.float32)}


def run_onnx(session, frames):
    """List of outputs, each [frames, ...], in the model's own order."""
    runs = [session.run(None, feed(session, frame[None])) for frame in frames]
    return [np.concatenate([run[i] for run in runs]) for i in range(len(runs[0]))]
