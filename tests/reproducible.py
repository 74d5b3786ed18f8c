"""HAR and HEF are functions of model, pictures and options: equal hashes in other folders, at other thread counts and ISA levels."""

import hashlib
import pathlib
import shutil
import sys
import tempfile

from models import MODELS, graupel, np, within_this_cpu

# The reference level evaluates floats without vectors; the detector therefore gets fewer frames.
FRAMES = {"resnet20_cifar10": 16, "mobilenetv1_025_leaky": 2, "yolov8n_640": 1}


def artefacts(model, folder, threads, isa):
    folder.mkdir(parents=True)
    environment = {"GRAUPEL_ISA": within_this_cpu(isa)}
    shutil.copy(model.path, folder / "model.onnx")
    np.save(folder / "calibration.npy", model.frames(FRAMES[model.name]))
    cut = ["--end-nodes", *model.end_nodes] if model.end_nodes else []
    graupel("parse", folder / "model.onnx", "-o", folder / "model.har", *cut, environment=environment)
    graupel("optimize", folder / "model.har", "--calib", folder / "calibration.npy", "--threads", threads, environment=environment)
    graupel("compile", folder / "model.har", "-o", folder / "model.hef", environment=environment)
    return [hashlib.sha256((folder / f).read_bytes()).hexdigest() for f in ("model.har", "model.hef")]


for name in sys.argv[1:] or FRAMES:
    with tempfile.TemporaryDirectory() as folder:
        ways = [("a", 1, "avx512"), ("another/place", 2, "avx512"), ("c", 2, "avx2"), ("d", 2, "ref")]
        hashes = {}
        for place, threads, isa in ways:
            done = artefacts(MODELS[name], pathlib.Path(folder) / place, threads, isa)
            hashes.setdefault(tuple(done), []).append(f"{threads} threads, {isa}")
        if len(hashes) != 1:
            sys.exit(f"{name}: artefacts differ: {hashes}")
        print(f"{name}: HAR {next(iter(hashes))[0]} HEF {next(iter(hashes))[1]} in all of {len(ways)} ways")
