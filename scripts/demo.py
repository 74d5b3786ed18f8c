"""The main job on the bundled model: parse, optimize, quantize, compile, run; every stage compared.

Usage: demo.py BUILD_FOLDER [OUTPUT_FOLDER]. Needs nothing but the build and Python's standard library.
"""

import json
import pathlib
import subprocess
import sys
import time

ZOO = pathlib.Path("zoo/glyphs")
build, out = pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2] if len(sys.argv) > 2 else "demo-out")
GRAUPEL = build / "tools" / "graupel"


def graupel(*arguments):
    """Runs one command, shows it, and returns its JSON and its seconds."""
    words = [str(a) for a in arguments]
    print("$ graupel " + " ".join(words), flush=True)
    start = time.monotonic()
    done = subprocess.run([GRAUPEL, *words, "--json"], stdout=subprocess.PIPE, text=True)
    seconds = time.monotonic() - start
    if done.returncode not in (0, 1):
        sys.exit(f"demo: that command failed with exit code {done.returncode}")
    return json.loads(done.stdout), seconds


out.mkdir(exist_ok=True)
har, hef = out / "glyphs.har", out / "glyphs.hef"
pictures = ["--input", ZOO / "test", "--labels", ZOO / "test" / "labels.csv"]

_, parse_s = graupel("parse", ZOO / "glyphs.onnx", "-o", har)
_, optimize_s = graupel("optimize", har, "--calib", ZOO / "calibration")
_, compile_s = graupel("compile", har, "-o", hef)
made = {"native": parse_s, "optimized": None, "quantized": optimize_s, "compiled": compile_s}
