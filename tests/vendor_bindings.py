"""The vendor's pyhailort of HailoRT 4.23.0, unmodified, C++ and Python, over our headers and libhailort: a session over it gives what
the same session over our own hailo_platform gives.

Skipped unless GRAUPEL_CLIENTS names a folder with a checkout of hailort (tag v4.23.0) in `hailort`. Nothing is fetched here.
GRAUPEL_CLIENTS_PYTHON: a Python with numpy before 2, which the vendor's package asks for.
"""

import os
import pathlib
import shutil
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parents[1]
BUILD = pathlib.Path(os.environ.get("GRAUPEL_BUILD", ROOT / "build" / "release"))
PYTHON = os.environ.get("GRAUPEL_CLIENTS_PYTHON", sys.executable)
BINDINGS = pathlib.Path(os.environ.get("GRAUPEL_CLIENTS", "/nonexistent")) / "hailort/hailort/libhailort/bindings/python"

if not BINDINGS.is_dir():
    print("skipped: " + __doc__.split("\n\n")[1].strip())
    sys.exit(77)

import numpy as np  # noqa: E402



def run(*command, **named):
    done = subprocess.run([str(c) for c in command], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, **named)
    if done.returncode != 0:
        sys.exit(f"{' '.join(str(c) for c in command)} exited with {done.returncode}:\n{done.stdout[-6000:]}")
    return done.stdout


def build_package(folder):
    """The vendor's package with its module. Its build would fetch pybind11; it is given the installed one instead."""
    (folder / "pybind11").mkdir()
    (folder / "pybind11" / "CMakeLists.txt").write_text("cmake_minimum_required(VERSION 3.16)\nfind_package(pybind11 REQUIRED)\n")
    version = run(PYTHON, "-c", "import sys; print('%d.%d' % sys.version_info[:2])").strip()
    run("cmake", "-S", BINDINGS / "src", "-B", folder / "module", f"-DPYBIND11_PYTHON_VERSION={version}",
        f"-DPYTHON_EXECUTABLE={os.path.realpath(PYTHON)}", f"-DFETCHCONTENT_SOURCE_DIR_PYBIND11={folder / 'pybind11'}",
        "-DCMAKE_FIND_PACKAGE_TARGETS_GLOBAL=ON", f"-DCMAKE_PREFIX_PATH={BUILD / 'HailoRT'}")
    run("cmake", "--build", folder / "module", "-j2")
    shutil.copytree(BINDINGS / "platform" / "hailo_platform", folder / "theirs" / "hailo_platform")
    for module in (folder / "module").glob("_pyhailort*.so"):
        shutil.copy(module, folder / "theirs" / "hailo_platform" / "pyhailort")
    return folder / "theirs"


def detector(folder):
    """Where the trained models are at hand: YOLOv8n with detections, and pictures beside it."""
    try:
        import yolov8
    except SystemExit:
        return "none"
    hef = yolov8.of_pixels(folder)[1]
    pictures = [yolov8.MODEL.prepare(path) for path, _ in yolov8.MODEL.files()[:2]]
    pixels = np.rint(np.concatenate(pictures).transpose(0, 2, 3, 1) * 255).astype(np.uint8)
    np.save(f"{hef}.frames.npy", np.ascontiguousarray(pixels))
    return hef


def session(path, model, detector_hef, results, folder):
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(map(str, path)), "HAILORT_LOGGER_PATH": "NONE",
                   "HAILORT_CONSOLE_LOGGER_LEVEL": "off"}
    print(run(PYTHON, ROOT / "tests" / "drive_hailo_platform.py", model, detector_hef, results, env=environment,
              cwd=folder).strip().splitlines()[-1])
    return dict(np.load(results))


def main():
    with tempfile.TemporaryDirectory() as folder:
        folder = pathlib.Path(folder)
        theirs_path = build_package(folder)
        run("sh", ROOT / "examples" / "make_models.sh", BUILD / "tools" / "graupel", ROOT / "zoo" / "glyphs", folder)
        model, detector_hef = folder / "first.hef", detector(folder)
        ours = session([ROOT / "python", BUILD / "python"], model, detector_hef, folder / "ours.npz", folder)
        theirs = session([theirs_path], model, detector_hef, folder / "theirs.npz", folder)
    differing = [name for name in sorted(ours.keys() | theirs.keys())
                 if name not in ours or name not in theirs or ours[name].dtype != theirs[name].dtype
                 or ours[name].tobytes() != theirs[name].tobytes()]
    for name in differing:
        print(f"{name}:\n  ours   {ours.get(name)}\n  theirs {theirs.get(name)}")
    if differing:
        sys.exit(f"{len(differing)} of {len(ours)} results differ between our hailo_platform and the vendor's over our library")
    print(f"{len(ours)} results are the same, {sum(1 for name in ours if name.startswith(('nms', 'HAILO_NMS')))} of them of detections")


main()
