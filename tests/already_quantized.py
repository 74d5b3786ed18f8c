"""Models that another tool quantized (QuantizeLinear and DequantizeLinear around every tensor): their own scales are kept.

Usage: already_quantized.py [MODEL ...]. Native is ONNX Runtime but for codes that a last bit of a float sum tips over; the integers
keep its accuracy, and program and emulation are equal.
"""

import pathlib
import sys
import tempfile

from models import MODELS, calibration_set, feed, graupel, np, onnx_session, onnxruntime, run_onnx
from onnxruntime.quantization import CalibrationDataReader, QuantFormat, QuantType, quantize_static

# The model, and whether its weights have a scale per channel, which its opset must know.
PER_CHANNEL = {"resnet18_narrow_cifar10": False, "convnext_micro_cifar10": True, "plate_ocr_cct_xs": False}
MOST_FRAMES, LEAST_SNR_DB, MOST_POINTS_LOST = 300, 30, 2


class Frames(CalibrationDataReader):
    def __init__(self, model, frames):
        session = onnx_session(model)
        self.feeds = iter([feed(session, frame[None]) for frame in frames])

    def get_next(self):
        return next(self.feeds, None)


def quantized_by_onnxruntime(model, calibration, path):
    quantize_static(model.path, path, Frames(model, calibration), quant_format=QuantFormat.QDQ, per_channel=PER_CHANNEL[model.name],
                    activation_type=QuantType.QUInt8, weight_type=QuantType.QInt8)
    options = onnxruntime.SessionOptions()
    options.log_severity_level = 3
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_DISABLE_ALL
    return onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])


def outputs(har, stage, folder):
    graupel("run", har, "--stage", stage, "--input", folder / "frames.npy", "-o", folder / "out.npz")
    return next(iter(np.load(folder / "out.npz").values()))


failures = []
for name in sys.argv[1:] or PER_CHANNEL:
    model = MODELS[name]
    with tempfile.TemporaryDirectory() as folder:
        folder = pathlib.Path(folder)
        calibration = calibration_set(model, 32)
        session = quantized_by_onnxruntime(model, calibration, folder / "model.onnx")
        count = min(MOST_FRAMES, len(model.files()))
        frames, labels = model.frames(count), model.labels(count)
        np.save(folder / "frames.npy", frames)
        np.save(folder / "few.npy", frames[:16])
        np.save(folder / "calibration.npy", calibration)
        har = folder / "model.har"
        graupel("parse", folder / "model.onnx", "-o", har)
        graupel("optimize", har, "--calib", folder / "calibration.npy")
        wanted = run_onnx(session, frames)[0]
        native, integer = (outputs(har, stage, folder).reshape(wanted.shape) for stage in ("native", "quantized"))
        snr = 10 * np.log10((wanted ** 2).sum() / max(((wanted - native) ** 2).sum(), 1e-30))
        top1 = [100 * float((model.answers(x) == labels).mean()) for x in (wanted, native, integer)]
        graupel("compile", har, "-o", folder / "model.hef")
        graupel("verify", folder / "model.hef", "--har", har, "--input", folder / "few.npy", "--batches", 2, "--repeats", 1)
        good = snr >= LEAST_SNR_DB and top1[0] - min(top1[1:]) <= MOST_POINTS_LOST
        print(f"{name}: native is ONNX Runtime within {snr:.1f} dB; right {top1[0]:.2f} %, native {top1[1]:.2f}, quantized {top1[2]:.2f} "
              f"of {count}; the program equals the emulation" + ("" if good else "  FAILED"))
        if not good:
            failures.append(name)
if failures:
    sys.exit("not what the model's own quantization says: " + ", ".join(failures))
