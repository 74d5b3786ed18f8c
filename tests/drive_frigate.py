"""Run by runtime_clients.py: frigate's hailo8l detector, unmodified. Usage: drive_frigate.py HEF FRAMES.npy RESULTS.npz FRIGATE"""

import pathlib
import sys

import numpy as np

hef, frames, results, checkout = sys.argv[1:]
sys.path.insert(0, checkout)
from frigate.detectors.detector_config import ModelConfig  # noqa: E402
from frigate.detectors.plugins import hailo8l  # noqa: E402

hailo8l.MODEL_CACHE_DIR = results + ".cache"
frames, found = np.load(frames), []
labels = pathlib.Path(results + ".labels.txt")
labels.write_text("\n".join(f"class{i}" for i in range(80)))
model = ModelConfig(path=hef, labelmap_path=str(labels), width=frames.shape[2], height=frames.shape[1])
detector = hailo8l.HailoDetector(hailo8l.HailoDetectorConfig(type="hailo8l", model=model))
assert hailo8l.ARCH == "hailo8", hailo8l.ARCH
for frame in frames:
    for _ in range(5):  # it gives up after a second, which a busy machine may need
        rows = detector.detect_raw(frame[None])
        if rows.any():
            break
    for kind, score, *box in rows:
        if score > 0:
            found.append([kind, *box, score])
    found.append([-1] * 6)
np.savez(results, found=np.array(found, np.float32))
detector.close()
