"""Native evaluation equals ONNX Runtime within float rounding, on real pictures: max |difference| <= 1e-3 * max |value|.

Usage: native_equals_onnxruntime.py [MODEL ...] (default: all). GRAUPEL_FRAMES sets the number of pictures (20).
"""

import os
import pathlib
import sys
import tempfile

from models import MODELS, graupel, np, onnx_session, parsed, run_onnx

TOLERANCE = 1e-3
FRAMES = int(os.environ.get("GRAUPEL_FRAMES", "20"))

failures = []
for name in sys.argv[1:] or MODELS:
    model = MODELS[name]
    with tempfile.TemporaryDirectory() as folder:
        folder = pathlib.Path(folder)
        frames = model.frames(FRAMES)
        np.save(folder / "frames.npy", frames)
        har = parsed(model, folder)
        graupel("run", har, "--stage", "native", "--input", folder / "frames.npy", "-o", folder / "out.npz")
        ours = np.load(folder / "out.npz")
        ours = [ours[key] for key in ours.files]
        theirs = run_onnx(onnx_session(model), frames)
        assert len(ours) == len(theirs), f"{name}: {len(ours)} outputs, ONNX Runtime has {len(theirs)}"
        for i, (got, want) in enumerate(zip(ours, theirs)):
            assert got.shape == want.shape, f"{name} output {i}: {got.shape}, ONNX Runtime gives {want.shape}"
            worst = np.abs(got - want).max() / np.abs(want).max()
            agree = (got.reshape(len(want), -1).argmax(1) == want.reshape(len(want), -1).argmax(1)).mean()
            good = worst <= TOLERANCE and (agree == 1 or not model.label_file)
            print(f"{name} output {i} {got.shape}: worst {worst:.2e} of the largest value, same maximum on {agree:.1%} of {len(want)}"
                  + ("" if good else "  FAILED"))
            if not good:
                failures.append(f"{name} output {i}")
if failures:
    sys.exit("differs from ONNX Runtime: " + ", ".join(failures))
