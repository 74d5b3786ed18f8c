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


def graupel(*arguments):
    """Runs one command, shows it, and returns its JSON and its seconds."""
    words = [str(a) for a in arguments]
    print("$ graupel " + " ".join(words), flush=True)
    start = time.monotonic()
    done = subprocess.run([build / "tools" / "graupel", *words, "--json"], stdout=subprocess.PIPE, text=True)
    if done.returncode not in (0, 1):
        sys.exit(f"demo: that command failed with exit code {done.returncode}")
    return json.loads(done.stdout), time.monotonic() - start


out.mkdir(exist_ok=True)
har, hef = out / "glyphs.har", out / "glyphs.hef"
test = ["--input", ZOO / "test", "--labels", ZOO / "test" / "labels.csv"]

made = {}
_, made["native"] = graupel("parse", ZOO / "glyphs.onnx", "-o", har)
_, made["quantized"] = graupel("optimize", har, "--calib", ZOO / "calibration")
_, made["compiled"] = graupel("compile", har, "-o", hef)
rows = []
for stage, file in (("native", har), ("optimized", har), ("quantized", har), ("compiled", hef)):
    result, _ = graupel("run", file, "--stage", stage, *test)
    rows.append((stage, result))
compared, _ = graupel("compare", har, "--reference-stage", "native", "--stage", "quantized", *test[:2], "--limit", 100)
verified, _ = graupel("verify", hef, "--har", har, *test[:2], "--limit", 10)
bench, _ = graupel("bench", hef, "--threads", 1, "--seconds", 1)

print(f"\n{'stage':<10} {'top-1':>8} {'made in':>9} {'read and run, each':>18}")
for stage, result in rows:
    seconds = f"{made[stage]:.2f} s" if stage in made else "(below)" if stage == "optimized" else ""
    print(f"{stage:<10} {100 * result['top1']:>6.2f} % {seconds:>9} {result['ms_per_frame']:>14.2f} ms")
print("(optimized and quantized are made by one command)")
print(f"\nquantized against native: SNR {compared['outputs'][0]['snr_db']:.1f} dB over {compared['frames']} pictures")
equal = verified.get("equal", not verified.get("difference"))
print(f"compiled against quantized: {'equal bytes' if equal else 'DIFFERENT BYTES'} in {verified['runs']} runs "
      f"({verified['combinations']} combinations of instruction set, threads and batch)")
print(f"compiled program on one thread: {bench['median_ms']:.3f} ms per picture, {1e3 / bench['median_ms']:.0f} pictures per second, "
      f"{bench['macs'] / 1e6:.1f} M multiply-accumulates each")
print(f"\nwritten: {har} ({har.stat().st_size} bytes), {hef} ({hef.stat().st_size} bytes)")
sys.exit(0 if equal else 1)
