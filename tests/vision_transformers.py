"""Vision transformers with random weights: native evaluation equals ONNX Runtime, and the compiled program equals the
quantized emulation byte for byte.

Usage: vision_transformers.py [NAME ...]; with GRAUPEL_SLOW only, and where the interpreter $GRAUPEL_DETECTORS (default
build/detectors/bin/python) has the packages that export_transformers.py names. Prints of every export whether it parses,
how near native evaluation is, and how many layers move elements.
"""

import collections
import os
import pathlib
import subprocess
import sys
import tarfile
import tempfile

from models import ROOT, SKIPPED, graupel, np, onnxruntime

EXPORTER = os.environ.get("GRAUPEL_DETECTORS", str(ROOT / "build" / "detectors" / "bin" / "python"))
TOLERANCE = 1e-3

# Export → end nodes (the last convolutions of detectors), and the outputs that ONNX Runtime is asked for then.
EXPORTS = {
    **{name: [] for name in ("vit_t", "vit_s", "deit_t", "swin_t", "mobilevit_xs", "efficientformer_l1", "segformer_b0", "yolo11n")},
    "yolo11n_heads": [f"/model.23/cv{b}.{i}/cv{b}.{i}.2/Conv" for i in range(3) for b in (2, 3)],
    "rtdetr_l_encoder": [f"/model.28/input_proj.{i}/input_proj.{i}.0/Conv" for i in range(3)],
}


def session_of(path, end_nodes):
    import onnx
    model = onnx.load(path)
    if end_nodes:
        made_by = {node.name: node.output[0] for node in model.graph.node}
        del model.graph.output[:]
        model.graph.output.extend(onnx.ValueInfoProto(name=made_by[name]) for name in end_nodes)
    return onnxruntime.InferenceSession(model.SerializeToString(), providers=["CPUExecutionProvider"])


def layers_of(har):
    """How many layers of each kind the parsed graph has."""
    with tarfile.open(har) as archive:
        import json
        hn = json.load(archive.extractfile(next(m for m in archive.getmembers() if m.name.endswith(".hn"))))
    kinds = [layer["type"] + ":" + layer.get("params", {}).get("conversion_type", "") for layer in hn["layers"].values()]
    return collections.Counter(kind.rstrip(":") for kind in kinds)


def check(name, folder):
    """None, or what is wrong."""
    export = name.split("_heads")[0].split("_encoder")[0]
    path, har, hef = folder / f"{export}.onnx", folder / "m.har", folder / "m.hef"
    if not path.exists():
        subprocess.run([EXPORTER, str(ROOT / "tests" / "export_transformers.py"), str(folder), export], check=True,
                       stdout=subprocess.DEVNULL)
    ends = EXPORTS[name]
    cut = ["--end-nodes", ",".join(ends)] if ends else []
    done = graupel("parse", path, "-o", har, *cut, ok=False)
    if done.returncode != 0:
        return "does not parse: " + done.stderr.split("\nsupported operators")[0]
    session = session_of(path, ends)
    side = session.get_inputs()[0].shape[2]
    frames = np.random.default_rng(7).normal(size=(2, 3, side, side)).astype(np.float32)
    np.save(folder / "frames.npy", frames)
    graupel("run", har, "--stage", "native", "--input", folder / "frames.npy", "-o", folder / "out.npz")
    ours = list(np.load(folder / "out.npz").values())
    theirs = [np.concatenate(runs) for runs in zip(*(session.run(None, {session.get_inputs()[0].name: f[None]}) for f in frames))]
    if [o.shape for o in ours] != [t.shape for t in theirs]:
        return f"gives {[o.shape for o in ours]}, ONNX Runtime {[t.shape for t in theirs]}"
    worst = max(float(np.abs(o - t).max() / np.abs(t).max()) for o, t in zip(ours, theirs))
    kinds = layers_of(har)
    moves = {kind: kinds[kind] for kind in ("format_conversion:transpose", "format_conversion:reshape", "slice", "concat")}
    print(f"{name}: native within {worst:.1e} of ONNX Runtime; {sum(kinds.values())} layers, of these {moves}", flush=True)
    if worst > TOLERANCE:
        return f"differs from ONNX Runtime by {worst:.1e} of the largest value"
    graupel("optimize", har, "--calib", folder / "frames.npy")
    graupel("compile", har, "-o", hef)
    verified = graupel("verify", hef, "--har", har, "--input", folder / "frames.npy", ok=False)
    return None if verified.returncode == 0 else "program and emulation differ: " + verified.stdout + verified.stderr


def main():
    if not os.environ.get("GRAUPEL_SLOW") or not pathlib.Path(EXPORTER).exists():
        print(f"skipped: slow, and needs {EXPORTER} (see export_transformers.py)")
        sys.exit(SKIPPED)
    failed = 0
    with tempfile.TemporaryDirectory() as made:
        folder = pathlib.Path(os.environ.get("GRAUPEL_EXPORTS", made))
        for name in sys.argv[1:] or EXPORTS:
            wrong = check(name, folder)
            print(f"{name}: {wrong or 'program and emulation are equal'}", flush=True)
            failed += wrong is not None
    if failed:
        sys.exit(f"{failed} exports fail")


if __name__ == "__main__":
    main()
