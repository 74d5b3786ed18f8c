"""Compiled programs and native evaluation against ONNX Runtime fp32, interleaved in one run; ratios of medians.

Usage: against_onnxruntime.py [ROUNDS]. Asserts what the project promises: compiled >= 2x faster (>= 1.5x for transformers and
the like), float evaluation >= 60 %.
"""

import json
import pathlib
import statistics
import sys
import tempfile
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "tests"))
from models import MODELS, feed, graupel, np, onnx_session, quantized

ROUNDS = int(sys.argv[1]) if len(sys.argv) > 1 else 5
failed = False
for name, least in {"yolov8n_640": 2, "mobilenetv2": 2, "plate_ocr_cct_xs": 1.5, "convnext_micro_cifar10": 1.5}.items():
    model = MODELS[name]
    with tempfile.TemporaryDirectory() as folder:
        folder = pathlib.Path(folder)
        har, hef = quantized(model, folder, 4), folder / "model.hef"
        graupel("compile", har, "-o", hef)
        frame = model.frames(1)
        np.save(folder / "frames.npy", np.repeat(frame, 20, axis=0))
        for threads in (1, 2):
            session = onnx_session(model, threads)
            inputs = feed(session, frame)
            times = {"onnxruntime": [], "compiled": [], "native": []}
            opened = []
            for _ in range(ROUNDS):
                for _ in range(3):
                    session.run(None, inputs)
                runs = []
                for _ in range(15):
                    start = time.perf_counter()
                    session.run(None, inputs)
                    runs.append(time.perf_counter() - start)
                times["onnxruntime"].append(1e3 * statistics.median(runs))
                compiled = json.loads(graupel("bench", hef, "--threads", threads, "--seconds", 0.5, "--json").stdout)
                times["compiled"].append(compiled["median_ms"])
                opened.append(compiled["open_ms"])
                native = json.loads(graupel("run", har, "--stage", "optimized", "--input", folder / "frames.npy", "--threads", threads, "--json").stdout)
                times["native"].append(native["ms_per_frame"])
            medians = {k: statistics.median(v) for k, v in times.items()}
            faster = statistics.median(a / b for a, b in zip(times["onnxruntime"], times["compiled"]))
            share = statistics.median(a / b for a, b in zip(times["onnxruntime"], times["native"]))
            good = faster >= least and share >= 0.6 and max(opened) <= 100
            failed |= not good
            print(f"{name}, {threads} thread(s): ONNX Runtime fp32 {medians['onnxruntime']:.2f} ms, compiled {medians['compiled']:.2f} ms "
                  f"({faster:.2f}x), float evaluation {medians['native']:.2f} ms ({share:.0%} of its speed), session opens in "
                  f"{statistics.median(opened):.0f} ms" + ("" if good else "  FAILED"))
sys.exit(failed)
