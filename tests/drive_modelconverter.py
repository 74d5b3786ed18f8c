"""Run by third_party.py in an environment that has Luxonis' modelconverter: its unmodified Hailo exporter and inferer drive our runner.

Usage: drive_modelconverter.py MODELCONVERTER_FOLDER MODEL.onnx WORK_FOLDER
"""

import pathlib
import sys

sys.path.insert(0, sys.argv[1])
import cv2
import numpy as np
import yaml
from modelconverter.packages.hailo.exporter import HailoExporter
from modelconverter.packages.hailo.inferer import HailoInferer
from modelconverter.utils.config import Config

model, work = pathlib.Path(sys.argv[2]), pathlib.Path(sys.argv[3])
pictures = work / "pictures"
pictures.mkdir()
random = np.random.default_rng(3)
for i in range(16):
    cv2.imwrite(str(pictures / f"{i}.png"), cv2.resize(random.integers(0, 256, (6, 6, 3), dtype=np.uint8), (48, 48)))
config_file = work / "config.yaml"
config_file.write_text(yaml.safe_dump({
    "input_model": str(model),
    "inputs": [{"name": "image", "shape": [1, 3, 48, 48], "data_type": "float32", "mean_values": [127.5] * 3, "scale_values": [63.75] * 3,
                "encoding": {"from": "RGB", "to": "BGR"}, "calibration": {"path": str(pictures), "max_images": 16}}],
    "outputs": [{"name": "logits"}],
    "hailo": {"optimization_level": 0, "compression_level": 0, "force_onnx_names": True, "hw_arch": "hailo8l"},
    "onnx_simplification": False,
}))
config = Config.get_config(str(config_file), None)
stage = next(iter(config.stages.values()))
output = work / "output"
output.mkdir()
exporter = HailoExporter(stage, output)
hef = exporter.export()
assert pathlib.Path(hef).read_bytes()[:4] == b"\x01HEF", hef
assert exporter.exporter_buildinfo()["hailo_version"] == "3.33.0"

inferer = HailoInferer.from_config(str(exporter.inference_model_path), pictures, work / "results", stage)
found = inferer.infer({"image": pictures / "0.png"})
print("outputs", {name: np.shape(value) for name, value in found.items()})
assert "/head/Gemm" in found or "logits" in found, list(found)
print("HEF", pathlib.Path(hef).stat().st_size)
