"""Layers of detectors bear the names that the vendor's published scripts and NMS configurations give them.

Always: YOLOv8n and YOLOX-Nano of the test data. With GRAUPEL_SLOW: detectors exported with random weights by
export_detectors.py in the interpreter $GRAUPEL_DETECTORS (default build/detectors/bin/python), against all rows that
../shared/reference/dfc_layer_name_oracle.csv has of them; the rate is printed.
"""

import collections
import csv
import json
import os
import pathlib
import subprocess
import sys
import tarfile
import tempfile

from models import DATA, MODELS, ROOT, SKIPPED, YOLO_HEADS, graupel

ORACLE = DATA.parent / "reference" / "dfc_layer_name_oracle.csv"
EXPORTER = os.environ.get("GRAUPEL_DETECTORS", str(ROOT / "build" / "detectors" / "bin" / "python"))
LEVELS = (8, 16, 32, 64)


def v8_heads(module, branches=("cv2", "cv3")):
    """(role, stride) → node, of a head whose branches are called as Ultralytics calls them."""
    return {(role, LEVELS[i]): f"/model.{module}/{branch}.{i}/{branch}.{i}.2/Conv"
            for role, branch in zip(("reg_layer", "cls_layer"), branches) for i in range(3)}


def v8_more(module, *more):
    """The same with further outputs that no row names."""
    return {**v8_heads(module), **{("", node): node for node in more}}


MASKS = [f"/model.22/cv4.{i}/cv4.{i}.2/Conv" for i in range(3)]
PROTO = "/model.22/proto/cv3/conv/Conv"


def v5_heads(levels=3):
    return {("encoded_layer", LEVELS[i]): f"/head/m.{i}/Conv" for i in range(levels)}


def yolox_heads():
    return {(role, LEVELS[i]): f"/head/{kind}_preds.{i}/Conv" for i in range(3)
            for role, kind in (("cls_layer", "cls"), ("reg_layer", "reg"), ("objectness_layer", "obj"))}


# Export → heads, and the networks of the table that have its structure.
Export = collections.namedtuple("Export", "heads networks")
EXPORTS = {
    **{f"yolov8{s}": Export(v8_heads(22), [f"yolov8{s}"]) for s in "nsmlx"},
    **{f"yolov8{s}-seg": Export(v8_more(22, *MASKS, PROTO), [f"yolov8{s}_seg"]) for s in "nsm"},
    **{f"yolov8{s}-pose": Export(v8_more(22, *MASKS), [f"yolov8{s}_pose"]) for s in "sm"},
    "yolov9c": Export(v8_heads(22), ["yolov9c"]),
    **{f"yolov10{s}": Export(v8_heads(23), [f"yolov10{s}"]) for s in "nsbx"},
    **{f"yolo11{s}": Export(v8_heads(23), [f"yolov11{s}"]) for s in "nsmlx"},
    "yolov5s": Export(v5_heads(), ["yolov5s", "yolov5s_bbox_decoding_only", "yolov5s_personface", "yolov5s_personface_nv12",
                                   "yolov5s_personface_nv12_fhd", "yolov5s_personface_rgbx"]),
    "yolov5m": Export(v5_heads(), ["yolov5m", "yolov5m_vehicles", "yolov5m_vehicles_nv12", "yolov5m_vehicles_yuy2"]),
    "yolov5m_wo_spp": Export(v5_heads(), ["yolov5m_wo_spp", "yolov5m_wo_spp_yuy2", "yolov5m_wo_spp_nv12_fhd"]),
    "yolov5m_6.1": Export(v5_heads(), ["yolov5m_6.1"]),
    "yolov5m6_6.1": Export(v5_heads(4), ["yolov5m6_6.1"]),
    "yolox_s_leaky": Export(yolox_heads(), ["yolox_s_leaky", "yolox_s_wide_leaky"]),
    "yolox_l_leaky": Export(yolox_heads(), ["yolox_l_leaky"]),
    "yolox_tiny": Export(yolox_heads(), ["yolox_tiny"]),
}


def node_names(path, end_nodes, folder):
    """ONNX node → layer, of the graph parsed up to `end_nodes`."""
    har = folder / "m.har"
    done = graupel("parse", path, "-o", har, "--end-nodes", ",".join(end_nodes), ok=False)
    if done.returncode != 0:
        return None, done.stderr
    with tarfile.open(har) as members:
        hn = json.load(members.extractfile(next(m for m in members.getnames() if m.endswith(".hn"))))
    names = {}
    for layer, content in hn["layers"].items():
        for node in content.get("original_names", []):
            names.setdefault(node, layer.split("/")[-1])
    return names, ""


def row_holds(row, heads, names):
    """Whether a row's layer is the one its role and stride point to; rows without a stride name one of the heads, rows
    of outputs name layers."""
    wanted = [layer.split("/")[-1] for layer in row["dfc_layer"].split()]
    if row["role"] == "outputs":
        layers = {*names.values()}
        return all(layer in layers or layer.startswith("output_layer") for layer in wanted)
    stride = int(row["stride"]) if row["stride"] else None
    roles = {"sigmoid": ("cls_layer", "encoded_layer")}.get(row["role"], (row["role"],))
    return wanted[0] in {names[node] for (role, at), node in heads.items()
                         if role in roles and (stride is None or at == stride)}


def check_rows(name, export, path, rows, folder):
    names, error = node_names(path, list(export.heads.values()), folder)
    if names is None:
        raise SystemExit(f"{name} does not parse:\n{error}")
    checked = [row for row in rows if row["network"] in export.networks]
    failed = [row for row in checked if not row_holds(row, export.heads, names)]
    print(f"{name}: {len(checked) - len(failed)} of {len(checked)} rows")
    for row in failed:
        print(f"  {row['network']} {row['role']} {row['stride']}: the table has {row['dfc_layer']}")
    return len(checked), len(failed)


def check_test_data(rows, folder):
    """The Nano has no rows of its own. It is YOLOX-Tiny with each 3x3 convolution split in two, so that as many carry
    "conv" numbers; since depthwise layers wait for others, its scores come one layer earlier."""
    failed = 0
    yolov8n = Export({("reg_layer" if "/cv2." in node else "cls_layer", LEVELS[i // 2]): node
                      for i, node in enumerate(YOLO_HEADS)}, ["yolov8n"])
    failed += check_rows("yolov8n_640", yolov8n, MODELS["yolov8n_640"].path, rows, folder)[1]
    nano = DATA / "models" / "yolox_nano_416.onnx"
    done = graupel("parse", nano, "-y", "-o", folder / "nano.har")
    with tarfile.open(folder / "nano.har") as members:
        config = json.load(members.extractfile("yolox_nano_416.nms.json"))
    for decoder in config["bbox_decoders"]:
        ours = [decoder[role] for role in ("cls_layer", "reg_layer", "objectness_layer")]
        tiny = [int(next(row["dfc_layer"] for row in rows if row["network"] == "yolox_tiny" and row["role"] == role
                         and row["stride"] == str(decoder["stride"])).removeprefix("conv"))
                for role in ("cls_layer", "reg_layer", "objectness_layer")]
        expected = [f"conv{tiny[0] - 1}", f"conv{tiny[1]}", f"conv{tiny[2]}"]
        print(f"yolox_nano stride {decoder['stride']}: {' '.join(ours)}, expected {' '.join(expected)}")
        failed += ours != expected
    return failed


def main():
    if not ORACLE.is_file():
        print(f"skipped: no {ORACLE}")
        sys.exit(SKIPPED)
    with open(ORACLE, newline="") as table:
        rows = list(csv.DictReader(table))
    with tempfile.TemporaryDirectory() as folder:
        folder = pathlib.Path(folder)
        failed = check_test_data(rows, folder)
        if os.environ.get("GRAUPEL_SLOW") and pathlib.Path(EXPORTER).exists():
            checked = 0
            for name in sys.argv[1:] or EXPORTS:
                subprocess.run([EXPORTER, str(ROOT / "tests" / "export_detectors.py"), str(folder), name], check=True,
                               stdout=subprocess.DEVNULL)
                of, bad = check_rows(name, EXPORTS[name], folder / f"{name}.onnx", rows, folder)
                (folder / f"{name}.onnx").unlink()
                checked, failed = checked + of, failed + bad
            print(f"{checked - failed} of {checked} rows of the exported detectors; the table has {len(rows)}")
        elif os.environ.get("GRAUPEL_SLOW"):
            print(f"not exported: {EXPORTER} is missing (see export_detectors.py)")
    if failed:
        sys.exit(f"{failed} layer names differ from the vendor's")


if __name__ == "__main__":
    main()
