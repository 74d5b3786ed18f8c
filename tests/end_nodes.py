"""Detectors are recognised by their structure and nothing else is; what end nodes cut off is kept whole.

Head (native evaluation of the HAR) and tail (its .postprocess.onnx in ONNX Runtime) together compute what the original
model computes.
"""

import json
import pathlib
import sys
import tarfile
import tempfile

from models import DATA, MODELS, YOLO_HEADS, graupel, np, onnxruntime

TOLERANCE = 1e-3
DETECTED = "NMS structure of {} (or equivalent architecture) was detected."
HEADS = "In order to use HailoRT post-processing capabilities, these end node names should be used: "

# Model file → what it must be recognised as; None: nothing.
KINDS = {"yolov8n_640_opset20": "yolov8", "yolox_nano_416": "yolox", "ultraface_rfb_320": "ssd", "picodet_s_320": None,
         "fastestdet_352": None, "mobilenetv2": None, "super-resolution-10": None}
failures = []


def check(holds, what):
    print(("" if holds else "FAILED: ") + what)
    if not holds:
        failures.append(what)


def member(har, suffix):
    with tarfile.open(har) as members:
        for name in members.getnames():
            if name.endswith(suffix):
                return members.extractfile(name).read()
    return None


def recommended(text):
    """The nodes as scripts read them: between the colon and the full stop, split at blanks."""
    line = next(line for line in text.splitlines() if line.startswith(HEADS))
    return line[len(HEADS):].rstrip(".").split(" ")


def check_kinds(folder):
    for name, kind in KINDS.items():
        done = graupel("parse", DATA / "models" / f"{name}.onnx", "-o", folder / "m.har", ok=False)
        said = done.stdout + done.stderr
        if kind is None:
            check("NMS structure" not in said, f"{name} is not taken for a detector whose decoding is known")
        else:
            check(DETECTED.format(kind) in said, f"{name} is recognised as {kind}")


def check_unsupported(folder):
    """FastestDet's channel shuffle is not supported: what can be parsed before it is recommended, and parses."""
    model = DATA / "models" / "fastestdet_352.onnx"
    said = graupel("parse", model, "-o", folder / "f.har", ok=False).stderr
    if "not supported" not in said:
        return
    check("Parsing failed with recommendations for end node names: ['" in said, "fastestdet: the error recommends end nodes")
    said = graupel("parse", model, "-y", "-o", folder / "f.har").stdout
    check("According to recommendations, retrying parsing with end node names: ['" in said, "fastestdet: -y follows")
    check(member(folder / "f.har", ".postprocess.onnx") is not None, "fastestdet: the rest is kept")


def check_yolov8n(folder):
    har = folder / "y.har"
    said = graupel("parse", MODELS["yolov8n_640_whole"].path, "-y", "-o", har).stdout
    check(recommended(said) == YOLO_HEADS, "yolov8n: boxes and scores of each level, finest first")
    check("End nodes mapped from original model: " + ", ".join(f"'{n}'" for n in YOLO_HEADS) + "." in said,
          "yolov8n: -y ends there")
    config = json.loads(member(har, ".nms.json"))
    check([(d["stride"], d["reg_layer"], d["cls_layer"]) for d in config["bbox_decoders"]] ==
          [(8, "conv41", "conv42"), (16, "conv52", "conv53"), (32, "conv62", "conv63")] and config["classes"] == 80
          and config["regression_length"] == 16 and config["image_dims"] == [640, 640], "yolov8n: its configuration")
    check(b"nms_postprocess(meta_arch=yolov8" in member(har, ".alls"), "yolov8n: nms_postprocess is in the script")


ULTRAFACE_ANCHORS = [10, 16, 24], [32, 48], [64, 96], [128, 192, 256]  # pixels, squares; finest first


def check_ssd(folder):
    """What the graph of an SSD tells is told and kept; completed with its anchors, the file decodes."""
    har = folder / "s.har"
    said = graupel("parse", DATA / "models" / "ultraface_rfb_320.onnx", "--name", "face", "-y", "-o", har).stdout
    check("face.nms.json" in said and "2 classes; stride 8: boxes conv" in said and said.count("3 anchors a cell") == 2
          and said.count("2 anchors a cell") == 2, "ultraface: classes, heads and numbers of anchors are told")
    check(member(har, ".alls") is None, "ultraface: no nms_postprocess without anchors")
    config = json.loads(member(har, ".nms.json"))
    script, completed = folder / "s.alls", folder / "face.nms.json"
    script.write_text('nms_postprocess("face.nms.json", meta_arch=ssd, nms_scores_th=0.6)\n' + "".join(
        f"change_output_activation({decoder['cls_layer']}, sigmoid)\n" for decoder in config["bbox_decoders"]))
    completed.write_text(json.dumps(config))
    said = graupel("optimize", har, "--full-precision-only", "--recipe", script, ok=False).stderr
    check("anchor" in said, f"ultraface: without anchors the file is refused: {said.strip()}")
    height, width = config["image_dims"]
    for decoder, sizes in zip(config["bbox_decoders"], ULTRAFACE_ANCHORS, strict=True):
        decoder.update(w=[s / width for s in sizes], h=[s / height for s in sizes])
    config.update(background_removal=True, centers_scale_factor=10, bbox_dimensions_scale_factor=5)
    completed.write_text(json.dumps(config))
    graupel("optimize", har, "--full-precision-only", "--recipe", script)
    np.save(folder / "frame.npy", np.zeros((1, height, width, 3), np.float32))
    graupel("run", har, "--stage", "optimized", "--input", folder / "frame.npy", "-o", folder / "ssd.npz")
    found = np.load(folder / "ssd.npz")["ssd_nms_postprocess"]
    check(found.shape == (1, 1, 5, 100), f"ultraface: detections {found.shape}")


def check_tail(model, folder):
    """Original = tail(head), on real pictures."""
    import onnx
    har = folder / "t.har"
    graupel("parse", model.path, "-y", "-o", har)
    tail_bytes = member(har, ".postprocess.onnx")
    tail_model = onnx.load_from_string(tail_bytes)
    onnx.checker.check_model(tail_model, full_check=True)
    frames = model.frames(2)
    np.save(folder / "frames.npy", frames)
    graupel("run", har, "--stage", "native", "--input", folder / "frames.npy", "-o", folder / "heads.npz")
    heads = np.load(folder / "heads.npz")
    quiet = onnxruntime.SessionOptions()
    quiet.log_severity_level = 3
    tail = onnxruntime.InferenceSession(tail_bytes, quiet, providers=["CPUExecutionProvider"])
    original = onnxruntime.InferenceSession(model.path, quiet, providers=["CPUExecutionProvider"])
    for i, frame in enumerate(frames):
        fed = {port.name: heads[key][i][None] for port, key in zip(tail.get_inputs(), heads.files)}
        got = tail.run(None, fed)
        want = original.run([o.name for o in tail.get_outputs()], {original.get_inputs()[0].name: frame[None]})
        worst = max(np.abs(g - w).max() / np.abs(w).max() for g, w in zip(got, want))
        check(worst <= TOLERANCE, f"{model.name} frame {i}: tail of heads is the whole, within {worst:.1e}")


with tempfile.TemporaryDirectory() as temporary:
    temporary = pathlib.Path(temporary)
    check_kinds(temporary)
    check_unsupported(temporary)
    check_yolov8n(temporary)
    check_ssd(temporary)
    for each in ("yolov8n_640_whole", "ultraface_rfb_320"):
        check_tail(MODELS[each], temporary)
if failures:
    sys.exit(f"{len(failures)} checks failed")
