"""The compiled program's bytes are the quantized emulation's, at every ISA, thread count, batch and arena filling.

Usage: bytes_equal.py [MODEL ...]
Batches are of 1 and 2 frames, with GRAUPEL_SLOW also of 5.
"""

import json
import os
import pathlib
import sys
import tempfile

from models import MODELS, graupel, np, quantized

BATCHES = (1, 2, 5) if os.environ.get("GRAUPEL_SLOW") else (1, 2)

for name in sys.argv[1:] or MODELS:
    model = MODELS[name]
    with tempfile.TemporaryDirectory() as folder:
        folder = pathlib.Path(folder)
        np.save(folder / "frames.npy", model.frames(max(BATCHES)))
        np.save(folder / "frame.npy", model.frames(1))
        har, hef = quantized(model, folder, 8), folder / "model.hef"
        graupel("compile", har, "-o", hef)
        every = json.loads(graupel("verify", hef, "--har", har, "--input", folder / "frames.npy", "--batches", ",".join(map(str, BATCHES)),
                                   "--json").stdout)
        repeated = json.loads(graupel("verify", hef, "--har", har, "--input", folder / "frame.npy", "--thread-counts", 2, "--batches", 1,
                                      "--repeats", 100, "--json").stdout)
        print(f"{name}: {every['runs']} runs of {every['combinations']} combinations and {repeated['runs']} poisoned runs are equal, "
              f"{every['bytes_compared'] + repeated['bytes_compared']} bytes")
