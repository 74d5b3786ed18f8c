"""The compiled program's bytes are the quantized emulation's, at every ISA, thread count, batch and arena filling.

Usage: bytes_equal.py [MODEL ...]
"""

import json
import pathlib
import sys
import tempfile

from models import MODELS, graupel, np, quantized

for name in sys.argv[1:] or MODELS:
    model = MODELS[name]
    with tempfile.TemporaryDirectory() as folder:
        folder = pathlib.Path(folder)
        np.save(folder / "frames.npy", model.frames(5))
        np.save(folder / "frame.npy", model.frames(1))
        har, hef = quantized(model, folder, 8), folder / "model.hef"
        graupel("compile", har, "-o", hef)
        every = json.loads(graupel("verify", hef, "--har", har, "--input", folder / "frames.npy", "--json").stdout)
        repeated = json.loads(graupel("verify", hef, "--har", har, "--input", folder / "frame.npy", "--thread-counts", 2, "--batches", 1,
                                      "--repeats", 100, "--json").stdout)
        print(f"{name}: {every['runs']} runs of {every['combinations']} combinations and {repeated['runs']} poisoned runs are equal, "
              f"{every['bytes_compared'] + repeated['bytes_compared']} bytes")
