"""16-bit and 4-bit layers on real models: what they win, and that program and emulation stay equal byte for byte.

Usage: wide_precision.py
"""

import json
import pathlib
import sys
import tarfile
import tempfile

from models import MODELS, graupel, np, quantized

failures = []


def expect(good, text):
    print(text + ("" if good else "  FAILED"))
    if not good:
        failures.append(text)


def outputs(model, stage, folder):
    graupel("run", model, "--stage", stage, "--input", folder / "frames.npy", "-o", folder / "out.npz")
    arrays = np.load(folder / "out.npz")
    return {key: arrays[key] for key in arrays.files}


def network_of(har):
    """The latest graph, as the HN tells it to others."""
    with tarfile.open(har) as archive:
        metadata = next(m for m in archive.getmembers() if m.name.endswith(".metadata.json"))
        return json.load(archive.extractfile(json.load(archive.extractfile(metadata))["hn"]))


def without_scope(names):
    return [name.split("/")[-1] for name in names]


def snr(reference, other):
    return [float(10 * np.log10((reference[k] ** 2).sum() / ((reference[k] - other[k]) ** 2).sum())) for k in reference]


def top1(logits, labels):
    return 100 * float((next(iter(logits.values())).reshape(len(labels), -1).argmax(1) == labels).mean())


def verified(har, folder, count):
    graupel("compile", har, "-o", folder / "model.hef")
    np.save(folder / "few.npy", np.load(folder / "frames.npy")[:count])
    report = json.loads(graupel("verify", folder / "model.hef", "--har", har, "--input", folder / "few.npy", "--thread-counts", "1,3",
                                "--batches", "1,2", "--json").stdout)
    print(f"  program equals emulation: {report['runs']} runs, {report['bytes_compared']} bytes")


def detector_heads(folder):
    model = MODELS["yolov8n_640"]
    np.save(folder / "frames.npy", model.frames(8))
    har = quantized(model, folder, 32)
    native, narrow = outputs(har, "native", folder), outputs(har, "compiled", folder)
    heads = without_scope(network_of(har)["net_params"]["output_layers_order"])
    wide_har = quantized(model, folder, 32, "--precision", ",".join(f"{head}=a16_w16" for head in heads))
    wide = outputs(wide_har, "compiled", folder)
    for head, before, after in zip(native, snr(native, narrow), snr(native, wide)):
        expect(after > before, f"yolov8n_640 {head}: SNR {before:.1f} dB at 8 bits, {after:.1f} dB with this head at 16")
    verified(wide_har, folder, 1)


def classifier(folder):
    model = MODELS["mobilenetv2"]
    count = len(model.files())
    np.save(folder / "frames.npy", model.frames(count))
    labels = model.labels(count)
    har = quantized(model, folder, 32, "--precision", "a16_w16")
    native, wide = outputs(har, "native", folder), outputs(har, "compiled", folder)
    real, integer = top1(native, labels), top1(wide, labels)
    expect(abs(real - integer) <= 0.67, f"mobilenetv2: top-1 native {real:.2f}, all layers a16_w16 {integer:.2f} of {count}")
    ratio = snr(native, wide)[0]
    expect(ratio > 50, f"mobilenetv2: SNR of the logits {ratio:.1f} dB, all layers a16_w16")
    verified(har, folder, 1)


def small_weights(folder):
    """4-bit weights in late layers of a classifier, 16-bit activations in early ones."""
    model = MODELS["resnet20_cifar10"]
    count = 500
    np.save(folder / "frames.npy", model.frames(count))
    labels = model.labels(count)
    layers = network_of(quantized(model, folder, 2))["layers"]
    convolutions = without_scope(name for name, layer in layers.items() if layer["type"] == "conv")
    modes = [f"{name}=a8_w4" for name in convolutions[13:17]] + [f"{name}=a16_w8_a8" for name in convolutions[3:6]]
    har = quantized(model, folder, 32, "--precision", ",".join(modes))
    native, mixed = outputs(har, "native", folder), outputs(har, "compiled", folder)
    real, integer = top1(native, labels), top1(mixed, labels)
    expect(real - integer <= 2.0, f"resnet20_cifar10: top-1 native {real:.2f}, mixed with four a8_w4 layers {integer:.2f} of {count}")
    verified(har, folder, 4)


for suite in (detector_heads, classifier, small_weights):
    with tempfile.TemporaryDirectory() as name:
        suite(pathlib.Path(name))
if failures:
    sys.exit("wide and narrow layers: " + "; ".join(failures))
