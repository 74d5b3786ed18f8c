"""What model scripts put in front of and behind real networks: raw pixels give ONNX Runtime's answers.

Usage: model_scripts.py. Frames are raw pixels, as integers in float32; ONNX Runtime gets them normalized, in RGB.
"""

import pathlib
import sys
import tempfile

from models import IMAGENET_MEAN, IMAGENET_STD, MODELS, calibration_set, graupel, np, onnx_session, parsed, run_onnx

TOLERANCE = 1e-3  # of the largest value, as for native evaluation
MOST_POINTS_LOST = 1.5
CALIBRATION, TESTED = 24, 120
IMAGENET = (f"input_normalization = normalization({[round(255 * m, 3) for m in IMAGENET_MEAN]}, "
            f"{[round(255 * s, 3) for s in IMAGENET_STD]})\n")

failures = []


def expect(what, holds, detail):
    print(f"{what}: {detail}" + ("" if holds else "  FAILED"))
    if not holds:
        failures.append(what)


def raw(model, normalized):
    """The pixels that frames [N, 3, H, W] were made of."""
    mean, std = (np.array(v, np.float32).reshape(-1, 1, 1) for v in (model.mean, model.std))
    return np.rint((normalized * std + mean) * model.scale).astype(np.float32)


def raw_frames(model, count):
    """(raw pixels, what the network itself takes), both [N, 3, H, W] float32."""
    normalized = model.frames(count)
    return raw(model, normalized), normalized


def run(har, stage, frames, folder):
    np.save(folder / "frames.npy", frames)
    graupel("run", har, "--stage", stage, "--input", folder / "frames.npy", "-o", folder / "out.npz")
    arrays = np.load(folder / "out.npz")
    return [arrays[key] for key in arrays.files]


def optimize(har, script, folder, *options):
    recipe = folder / "script.alls"
    recipe.write_text(script)
    return graupel("optimize", har, "--recipe", recipe, *options)


def worst_share(got, want):
    return max(float(np.abs(a - b).max() / np.abs(b).max()) for a, b in zip(got, want))


def sigmoid(x):
    return 1 / (1 + np.exp(-x.astype(np.float64)))


def classifier(folder):
    model = MODELS["mobilenetv2"]
    pixels, normalized = raw_frames(model, 4)
    want = run_onnx(onnx_session(model), normalized)
    har = parsed(model, folder)
    optimize(har, IMAGENET, folder, "--full-precision-only")
    worst = worst_share(run(har, "optimized", pixels, folder), want)
    expect("mobilenetv2, normalization", worst <= TOLERANCE, f"worst {worst:.2e} of the largest value")
    shown = graupel("inspect", har, "--connections").stdout
    expect("mobilenetv2, normalization is a layer", "input_layer1 -> input_normalization\ninput_normalization -> " in shown,
           "in the connections that inspect shows")

    optimize(har, IMAGENET + "swap = input_conversion(bgr_to_rgb)\n", folder, "--full-precision-only")
    bgr = np.ascontiguousarray(pixels[:, ::-1])
    worst = worst_share(run(har, "optimized", bgr, folder), want)
    expect("mobilenetv2, bgr_to_rgb", worst <= TOLERANCE, f"worst {worst:.2e} of the largest value")
    wrong = worst_share(run(har, "optimized", pixels, folder), want)
    expect("mobilenetv2, RGB where BGR is due", wrong > 10 * TOLERANCE, f"worst {wrong:.2e}: seen")


def quantized_classifier(folder):
    model = MODELS["mobilenetv2"]
    pixels, normalized = raw_frames(model, TESTED)
    labels = model.labels(TESTED)
    har = parsed(model, folder)
    np.save(folder / "calibration.npy", raw(model, calibration_set(model, CALIBRATION)))
    optimize(har, IMAGENET + f"model_optimization_config(calibration, calibset_size={CALIBRATION})\n", folder, "--calib",
             folder / "calibration.npy")
    top1 = [100 * float((scores.reshape(TESTED, -1).argmax(1) == labels).mean())
            for scores in (run_onnx(onnx_session(model), normalized)[0], run(har, "compiled", pixels, folder)[0])]
    expect("mobilenetv2, normalization, compiled", top1[0] - top1[1] <= MOST_POINTS_LOST,
           f"top-1 of {TESTED}: ONNX Runtime {top1[0]:.1f}, compiled on raw pixels {top1[1]:.1f}")


def detector(folder):
    model = MODELS["yolov8n_640"]
    pixels, normalized = raw_frames(model, 2)
    want = run_onnx(onnx_session(model), normalized)
    har = parsed(model, folder)
    script = "n = normalization([0.0, 0.0, 0.0], [255.0, 255.0, 255.0])\n"
    named = script + "change_output_activation(output_layer2, sigmoid)\n"
    optimize(har, named, folder, "--full-precision-only")
    worst = worst_share(run(har, "optimized", pixels, folder), [want[0], sigmoid(want[1]), *want[2:]])
    expect("yolov8n, a sigmoid on the second output", worst <= TOLERANCE, f"worst {worst:.2e} of the largest value")
    optimize(har, script + "swap = input_conversion(bgr_to_rgb)\nchange_output_activation(sigmoid)\n", folder,
             "--full-precision-only")
    worst = worst_share(run(har, "optimized", np.ascontiguousarray(pixels[:, ::-1]), folder), [sigmoid(w) for w in want])
    expect("yolov8n, BGR, a sigmoid on every output", worst <= TOLERANCE, f"worst {worst:.2e} of the largest value")


for suite in (classifier, quantized_classifier, detector):
    with tempfile.TemporaryDirectory() as scratch:
        suite(pathlib.Path(scratch))
if failures:
    sys.exit("model scripts do not do what they say: " + ", ".join(failures))
