"""Programs that others wrote for the vendor's SDK, unmodified, drive the drop-in to a HEF. Skipped unless they are at hand:

GRAUPEL_MODELCONVERTER         a folder with Luxonis' modelconverter
GRAUPEL_MODELCONVERTER_PYTHON  a Python that has what it imports (tensorflow-cpu, luxonis-ml[data], onnx, networkx, …)
GRAUPEL_ULTRALYTICS_PYTHON     a Python that has ultralytics, torch and onnx
"""

import os
import pathlib
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
MODEL = HERE.parent / "zoo" / "glyphs" / "glyphs.onnx"


def drive(python, script, *arguments):
    with tempfile.TemporaryDirectory() as work:
        done = subprocess.run([python, HERE / script, *map(str, arguments), work], capture_output=True, text=True)
        if done.returncode != 0:
            sys.exit(f"{script} failed:\n{done.stdout[-4000:]}{done.stderr[-4000:]}")
        print(f"{script}: {done.stdout.strip().splitlines()[-1]}")


converter, converter_python = (os.environ.get(f"GRAUPEL_MODELCONVERTER{suffix}") for suffix in ("", "_PYTHON"))
ultralytics_python = os.environ.get("GRAUPEL_ULTRALYTICS_PYTHON")
if not (converter and converter_python) and not ultralytics_python:
    print("skipped: neither modelconverter nor ultralytics is at hand; " + __doc__.split("\n\n")[1].strip())
    sys.exit(77)
if converter and converter_python:
    drive(converter_python, "drive_modelconverter.py", converter, MODEL)
if ultralytics_python:
    drive(ultralytics_python, "drive_ultralytics.py")
