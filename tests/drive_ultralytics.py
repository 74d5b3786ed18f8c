"""Run by third_party.py in an environment that has ultralytics: its unmodified exporter for this target drives our runner.

Usage: drive_ultralytics.py WORK_FOLDER
"""

import os
import pathlib
import sys

work = pathlib.Path(sys.argv[1])
os.chdir(work)
os.environ.setdefault("YOLO_CONFIG_DIR", str(work))
os.environ.setdefault("YOLO_OFFLINE", "true")

for parent in (work, work / "Ultralytics"):  # stands for the font that it would download
    parent.mkdir(exist_ok=True)
    (parent / "Arial.ttf").touch()
import cv2
import numpy as np
import yaml
from ultralytics import YOLO

random = np.random.default_rng(5)
for kind in ("images", "labels"):
    (work / "set" / kind / "val").mkdir(parents=True)
for i in range(8):
    cv2.imwrite(str(work / "set" / "images" / "val" / f"{i}.jpg"), cv2.resize(random.integers(0, 256, (8, 8, 3), dtype=np.uint8), (160, 160)))
    (work / "set" / "labels" / "val" / f"{i}.txt").write_text("0 0.5 0.5 0.4 0.4\n")
(work / "set.yaml").write_text(yaml.safe_dump({"path": str(work / "set"), "train": "images/val", "val": "images/val",
                                               "names": {i: f"class{i}" for i in range(80)}}))
model = YOLO("yolov8n.yaml")
folder = pathlib.Path(model.export(format="hailo", imgsz=160, data=str(work / "set.yaml"), name="hailo8", quantize=8))
hef = next(folder.glob("*.hef"))
assert hef.read_bytes()[:4] == b"\x01HEF"
print("HEF", hef.stat().st_size, "NMS", yaml.safe_load((folder / "metadata.yaml").read_text())["nms"])
