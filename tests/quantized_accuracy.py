"""Quantized at level 0 with 64 calibration pictures: accuracy lost against native, and SNR of detector heads.

Usage: quantized_accuracy.py [MODEL ...]
"""

import pathlib
import sys
import tempfile

from models import MODELS, graupel, np, quantized

MOST_POINTS_LOST = {"mobilenetv2": 1.5, "resnet20_cifar10": 1.0, "resnet18_narrow_cifar10": 1.0, "mnist-8": 1.0,
                    "convnext_micro_cifar10": 1.0, "plate_ocr_cct_xs": 2.0}
LEAST_SNR_DB = {"yolov8n_640": 20.0}


def outputs(har, stage, folder):
    graupel("run", har, "--stage", stage, "--input", folder / "frames.npy", "-o", folder / "out.npz")
    arrays = np.load(folder / "out.npz")
    return {key: arrays[key] for key in arrays.files}


failures = []
for name in sys.argv[1:] or [*MOST_POINTS_LOST, *LEAST_SNR_DB]:
    model = MODELS[name]
    with tempfile.TemporaryDirectory() as folder:
        folder = pathlib.Path(folder)
        count = len(model.files()) if model.label_file else 16
        np.save(folder / "frames.npy", model.frames(count))
        har = quantized(model, folder)
        native, integer = outputs(har, "native", folder), outputs(har, "quantized", folder)
        if name in MOST_POINTS_LOST:
            labels = model.labels(count)
            top1 = [100 * float((model.answers(next(iter(o.values()))) == labels).mean()) for o in (native, integer)]
            lost = top1[0] - top1[1]
            good = lost <= MOST_POINTS_LOST[name]
            print(f"{name}: top-1 native {top1[0]:.2f} quantized {top1[1]:.2f} lost {lost:.2f} of {count}" + ("" if good else "  FAILED"))
        else:
            snr = {k: float(10 * np.log10((native[k] ** 2).sum() / ((native[k] - integer[k]) ** 2).sum())) for k in native}
            good = all(db >= LEAST_SNR_DB.get(name, 0) for db in snr.values())
            print(f"{name}: SNR " + ", ".join(f"{k} {db:.1f} dB" for k, db in snr.items()) + ("" if good else "  FAILED"))
        if not good:
            failures.append(name)
if failures:
    sys.exit("quantization loses too much: " + ", ".join(failures))
