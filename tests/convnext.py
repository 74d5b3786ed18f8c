"""ConvNeXt gives one answer: the vendor's commands take it to a HEF with a normalization script, native equals ONNX Runtime, every
run of the compiled program gives the bytes of the quantized emulation, and a user's program for hailo_platform sees no other.

Always: ConvNeXt-micro of the test data, a short run. With GRAUPEL_SLOW: ConvNeXt-small with squeeze-and-excite blocks at 224x224 with
67 classes in opset 11, and ConvNeXt-V2, with random weights, exported by export_convnext.py in the interpreter $GRAUPEL_CONVNEXT
(default build/convnext/bin/python; it needs torch and timm); the first runs 1,000 times, and the user's program on each.
"""

import json
import os
import pathlib
import subprocess
import sys
import tempfile

from models import MODELS, ROOT, graupel, np, onnxruntime, within_this_cpu

os.environ.setdefault("HAILORT_LOGGER_PATH", "NONE")

from hailo_sdk_client import ClientRunner, InferenceContext  # noqa: E402
from users_program import outputs_of  # noqa: E402

HAILO = os.environ.get("HAILO", str(ROOT / "build" / "release" / "tools" / "hailo"))
EXPORTER = os.environ.get("GRAUPEL_CONVNEXT", str(ROOT / "build" / "convnext" / "bin" / "python"))
SLOW = bool(os.environ.get("GRAUPEL_SLOW"))
MEAN, STD = (123.675, 116.28, 103.53), (58.395, 57.12, 57.375)
# Runs of one picture at each level: (ISA, thread counts, batches, repeats); levels that this CPU lacks are as the one below.
# Scalar code takes its time.
SHORT = [("ref", "1,3", "1", 1), ("avx2", "1,2,3", "1,2", 2), ("avx512", "1,2,3", "1,8", 5)]
# How often the user's program opens the device, and runs each time.
OPENED, RUN_EACH = (50, 20) if SLOW else (4, 5)
WHOLE = [("ref", "2", "1", 2), ("avx2", "1,2,3", "1,2", 20), ("avx512", "1,2,3", "1,2,4,8", 32)]


def hailo(folder, *words):
    done = subprocess.run([HAILO, *map(str, words)], cwd=folder, capture_output=True, text=True)
    if done.returncode != 0:
        sys.exit(f"hailo {' '.join(map(str, words))} exited with {done.returncode}:\n{done.stdout}{done.stderr}")


def pictures(count, side):
    """Raw pixels, NHWC, as a calibration set holds them: photos of the test data where they are big enough, else enlarged."""
    model = MODELS["convnext_micro_cifar10"]
    raw = [model.fitted(model_image(path), side, side) for path, _ in model.files()[:count]]
    return np.stack(raw).astype(np.float32)


def model_image(path):
    import cv2
    return cv2.cvtColor(cv2.imread(path, cv2.IMREAD_COLOR), cv2.COLOR_BGR2RGB)


def one_answer(folder, plan, side):
    """All runs of the plan give the emulation's bytes; two processes at a time."""
    np.save(folder / "one.npy", pictures(1, side))
    runs = 0
    for isa, threads, batches, repeats in plan:
        words = ["verify", "model.hef", "--har", "quantized.har", "--input", "one.npy", "--isa", within_this_cpu(isa), "--thread-counts", threads,
                 "--batches", batches, "--repeats", repeats, "--json"]
        command = [os.environ.get("GRAUPEL", str(ROOT / "build" / "release" / "tools" / "graupel")), *map(str, words)]
        both = [subprocess.Popen(command, cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) for _ in range(2)]
        for process in both:
            out, errors = process.communicate()
            if process.returncode != 0:
                sys.exit(f"{' '.join(command)} exited with {process.returncode}: {out}{errors}")
            runs += json.loads(out)["runs"]
    return runs


def what_a_user_wrote(folder, side):
    """Every run of the user's program has the class and the confidence of the quantized emulation, to the last bit."""
    input_image = pictures(1, side)[0]
    runner = ClientRunner(har=str(folder / "quantized.har"))
    with runner.infer_context(InferenceContext.SDK_QUANTIZED) as ctx:
        expected = np.asarray(runner.infer(ctx, np.expand_dims(input_image, axis=0), batch_size=1)).reshape(-1)
    assert expected.std() > 0, "all classes have the same score"
    for opened in range(OPENED):
        for run, output in enumerate(outputs_of(folder / "model.hef", input_image, RUN_EACH)):
            assert output.dtype == np.float32 and output.tobytes() == expected.tobytes(), \
                f"opened {opened + 1}, run {run + 1}: class {output.argmax()}, the emulation's is {expected.argmax()}"
    scores = np.exp(expected.astype(np.float64) - expected.max())
    return f"class {expected.argmax()} at {100 * scores.max() / scores.sum():.2f} % in {OPENED * RUN_EACH} runs of a user's program"


def native_equals(folder, path, side):
    """Largest difference to ONNX Runtime, as a share of the largest value."""
    pixels = pictures(4, side)
    real = ((pixels - np.array(MEAN, np.float32)) / np.array(STD, np.float32)).transpose(0, 3, 1, 2)
    np.save(folder / "real.npy", np.ascontiguousarray(real))
    graupel("run", folder / "model.har", "--stage", "native", "--input", folder / "real.npy", "-o", folder / "out.npz")
    ours = next(iter(np.load(folder / "out.npz").values()))
    session = onnxruntime.InferenceSession(path, providers=["CPUExecutionProvider"])
    name = session.get_inputs()[0].name
    theirs = np.concatenate([session.run(None, {name: frame[None]})[0] for frame in real])
    assert ours.shape == theirs.shape, f"{ours.shape}, ONNX Runtime gives {theirs.shape}"
    assert (ours.argmax(1) == theirs.argmax(1)).all(), "another class than ONNX Runtime's is the largest"
    return float(np.abs(ours - theirs).max() / np.abs(theirs).max())


def check(name, path, side, plan):
    with tempfile.TemporaryDirectory() as folder:
        folder = pathlib.Path(folder)
        (folder / "model.onnx").write_bytes(pathlib.Path(path).read_bytes())
        (folder / "normalize.alls").write_text(f"input_normalization = normalization({list(MEAN)}, {list(STD)})\n")
        np.save(folder / "calibration.npy", pictures(16, side))
        hailo(folder, "parser", "onnx", "model.onnx", "--har", "model.har")
        worst = native_equals(folder, path, side)
        assert worst <= 1e-3, f"{name}: native differs from ONNX Runtime by {worst:.2e} of the largest value"
        hailo(folder, "optimize", "model.har", "--calib-set-path", "calibration.npy", "--model-script", "normalize.alls",
              "--output-har-path", "quantized.har")
        hailo(folder, "compiler", "quantized.har")
        made = [f for f in folder.glob("*.hef")]
        assert len(made) == 1, f"{name}: hailo compiler made {made}"
        made[0].rename(folder / "model.hef")
        print(f"{name}: native within {worst:.1e} of ONNX Runtime, {one_answer(folder, plan, side)} runs give one answer, "
              f"{what_a_user_wrote(folder, side)}", flush=True)


def exported(name, folder):
    path = folder / f"{name}.onnx"
    done = subprocess.run([EXPORTER, pathlib.Path(__file__).parent / "export_convnext.py", name, path], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return path


check("convnext_micro_cifar10", MODELS["convnext_micro_cifar10"].path, 64, SHORT)
if SLOW and pathlib.Path(EXPORTER).exists():
    with tempfile.TemporaryDirectory() as folder:
        for name, plan in (("convnext_small_se", WHOLE), ("convnextv2_atto", SHORT)):
            check(name, exported(name, pathlib.Path(folder)), 224, plan)
elif SLOW:
    print(f"left out, with no interpreter at {EXPORTER}: ConvNeXt-small with squeeze-and-excite blocks, ConvNeXt-V2")
