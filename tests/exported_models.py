"""Networks with random weights, exported by torch in the test: native equals ONNX Runtime, the program equals the emulation.

Usage: exported_models.py [NAME ...] (default: two small ones; with GRAUPEL_SLOW=1 all of export_classifiers.py). The exporter runs
in the interpreter $GRAUPEL_DETECTORS (default build/detectors/bin/python); where that is missing, files in $GRAUPEL_EXPORTS do.
"""

import json
import os
import pathlib
import subprocess
import sys
import tempfile

from models import ROOT, SKIPPED, graupel, np, onnxruntime

EXPORTER = os.environ.get("GRAUPEL_DETECTORS", str(ROOT / "build" / "detectors" / "bin" / "python"))
EXPORTS = os.environ.get("GRAUPEL_EXPORTS")
SMALL = ["mobilenet_v3_small", "yolov5n"]
ALL = ["mobilenet_v3_small", "efficientnet_b0", "regnet_x_400mf", "shufflenet_v2_x1_0", "densenet121", "inception_v3", "hrnet_w18",
       "yolov5n", "yolov8n-seg", "yolov8n-pose"]
TOLERANCE = 1e-3


def file_of(name, folder):
    """The exported file, or None where there is no exporter."""
    given = pathlib.Path(EXPORTS or folder) / f"{name}.onnx"
    if not given.exists() and pathlib.Path(EXPORTER).exists():
        subprocess.run([EXPORTER, str(ROOT / "tests" / "export_classifiers.py"), str(given.parent), name], check=True,
                       stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    return given if given.exists() else None


def runtime(path, frames):
    options = onnxruntime.SessionOptions()
    options.log_severity_level = 3
    session = onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
    return [np.concatenate(outputs) for outputs in zip(*(session.run(None, {"images": frame[None]}) for frame in frames))]


def check(name, path, folder):
    """Sentences on what is wrong; prints what is right."""
    size = onnxruntime.InferenceSession(str(path), providers=["CPUExecutionProvider"]).get_inputs()[0].shape[2]
    frames = np.random.default_rng(3).random((3, 3, size, size), np.float32)
    np.save(folder / "frames.npy", frames)
    har, hef = folder / f"{name}.har", folder / f"{name}.hef"
    refused = graupel("parse", path, "-o", har, ok=False)
    if refused.returncode != 0:
        return [f"{name} does not parse: {refused.stderr}"]
    graupel("run", har, "--stage", "native", "--input", folder / "frames.npy", "-o", folder / "out.npz")
    loaded = np.load(folder / "out.npz")
    faults = []
    for i, (got, want) in enumerate(zip([loaded[key] for key in loaded.files], runtime(path, frames), strict=True)):
        if got.shape != want.shape and got.ndim == 4:
            got = got.transpose(0, 3, 1, 2)
        worst = np.abs(got - want).max() / np.abs(want).max()
        print(f"{name} output {i} {got.shape}: worst {worst:.2e} of the largest value")
        if not worst <= TOLERANCE:
            faults.append(f"{name} output {i} differs by {worst:.2e} of the largest value")
    graupel("optimize", har, "--calib", folder / "frames.npy")
    graupel("compile", har, "-o", hef)
    verified = json.loads(graupel("verify", hef, "--har", har, "--input", folder / "frames.npy", "--thread-counts", 2, "--batches", 1,
                                  "--repeats", 1, "--json").stdout)
    print(f"{name}: {verified['runs']} runs of {verified['combinations']} combinations are equal", flush=True)
    return faults


def main():
    names = sys.argv[1:] or (ALL if os.environ.get("GRAUPEL_SLOW") else SMALL)
    faults, found = [], 0
    for name in names:
        with tempfile.TemporaryDirectory() as folder:
            path = file_of(name, folder)
            if path is None:
                print(f"not exported: {name}: {EXPORTER} is missing (see export_detectors.py)")
                continue
            found += 1
            faults += check(name, path, pathlib.Path(folder))
    if faults:
        sys.exit("\n".join(faults))
    sys.exit(0 if found else SKIPPED)


main()
