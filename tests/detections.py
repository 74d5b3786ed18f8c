"""Detections behind nms_postprocess: the optimized stage's are the ONNX model's with a reference NMS; the quantized stage's
are the compiled program's, bit for bit; quantization costs at most 1.5 points of mAP.

Usage: detections.py [IMAGES]. GRAUPEL_SLOW=1: all images, and mAP by pycocotools.
"""

import json
import os
import pathlib
import sys
import tempfile

from models import DATA, MODELS, graupel, np, onnx_session
from yolov8 import CLASSES, MODEL, MOST, calibration, iou, with_nms

WHOLE = MODELS["yolov8n_640_whole"]
SLOW = bool(os.environ.get("GRAUPEL_SLOW"))
CHUNK = 16
PAIRED, IOU, SCORE = 0.995, 0.99, 0.005
MOST_POINTS_LOST = 1.5


def reference_nms(output, score_threshold, iou_threshold):
    """[84, 8400] of the whole ONNX model -> per class an array of (y_min, x_min, y_max, x_max, score), best first."""
    x, y, w, h = output[:4] / 640
    boxes = np.stack([y - h / 2, x - w / 2, y + h / 2, x + w / 2], 1)
    found = []
    for scores in output[4:]:
        left = np.flatnonzero(scores >= score_threshold)
        left = left[np.argsort(-scores[left], kind="stable")]
        kept = []
        while len(left) and len(kept) < MOST:
            best, left = left[0], left[1:]
            kept.append(best)
            left = left[iou(boxes[best], boxes[left]) < iou_threshold]
        found.append(np.concatenate([boxes[kept], scores[kept][:, None]], 1))
    return found


def whole_bins(model):
    """The bins of a YOLOv8 distance are the integers 0 to 15. The test data's weights were rebuilt from 8-bit ones and miss them by
    up to 0.013 of a cell, which is 1 % of a small box; a decoder has the integers."""
    import onnx
    for weights in model.graph.initializer:
        if weights.name.startswith("model.22.dfl.conv.weight"):
            assert np.abs(onnx.numpy_helper.to_array(weights).ravel() - np.arange(16)).max() < 0.015
            weights.CopyFrom(onnx.numpy_helper.from_array(np.arange(16, dtype=np.float32).reshape(1, 16, 1, 1), weights.name))
            return
    raise SystemExit("the model has no bins where they were")


def product(model, stage, frames, folder):
    """Per frame and class what reference_nms() gives, out of [N, classes, 5, max]."""
    found = []
    for first in range(0, len(frames), CHUNK):
        np.save(folder / "frames.npy", np.concatenate(frames[first:first + CHUNK]))
        graupel("run", model, "--stage", stage, "--input", folder / "frames.npy", "-o", folder / "out.npz")
        arrays = np.load(folder / "out.npz")
        assert list(arrays.files) == ["yolov8_nms_postprocess"], arrays.files
        output = arrays["yolov8_nms_postprocess"]
        assert output.shape[1:] == (CLASSES, 5, MOST) and output.dtype == np.float32, (output.shape, output.dtype)
        found += [[planes.T[planes[4] > 0] for planes in frame] for frame in output]
    return found


def pairs(wanted, given):
    """How many of the boxes above 0.25 in `wanted` have a partner in `given`, and how many there are."""
    paired = total = 0
    for a, b in zip(wanted, given):
        for ours, theirs in zip(a, b):
            taken = np.zeros(len(theirs), bool)
            for box in ours[ours[:, 4] > 0.25]:
                total += 1
                fits = (~taken) & (np.abs(theirs[:, 4] - box[4]) <= SCORE)
                fits[fits] = iou(box, theirs[fits]) >= IOU
                if fits.any():
                    taken[np.flatnonzero(fits)[0]] = True
                    paired += 1
    return paired, total


def mean_average_precision(found, files):
    from pycocotools.coco import COCO
    from pycocotools.cocoeval import COCOeval
    import contextlib, cv2, io
    with contextlib.redirect_stdout(io.StringIO()):
        truth = COCO(str(DATA / "coco" / "instances_val2017_subset.json"))
        by_name = {image["file_name"]: image for image in truth.loadImgs(truth.getImgIds())}
        categories, results, images = sorted(truth.getCatIds()), [], []
        for file, frame in zip(files, found):
            image = by_name[pathlib.Path(file).name]
            images.append(image["id"])
            height, width = cv2.imread(str(file)).shape[:2]
            ratio = min(640 / height, 640 / width)
            top, left = (640 - round(height * ratio)) // 2, (640 - round(width * ratio)) // 2
            for category, boxes in zip(categories, frame):
                for y0, x0, y1, x1, score in boxes.astype(float):
                    x0, x1 = [min(max((x * 640 - left) / ratio, 0), width) for x in (x0, x1)]
                    y0, y1 = [min(max((y * 640 - top) / ratio, 0), height) for y in (y0, y1)]
                    results.append({"image_id": image["id"], "category_id": category, "score": score,
                                    "bbox": [x0, y0, x1 - x0, y1 - y0]})
        judge = COCOeval(truth, truth.loadRes(results), "bbox")
        judge.params.imgIds = images
        judge.evaluate()
        judge.accumulate()
        judge.summarize()
    return 100 * judge.stats[0], 100 * judge.stats[1]


failures = []


def expect(holds, sentence):
    print(sentence + ("" if holds else "  FAILED"))
    if not holds:
        failures.append(sentence)


def above(found, threshold):
    """What suppression at a higher score threshold would have left: a box is only ever removed by a better one."""
    return [[boxes[boxes[:, 4] >= threshold] for boxes in frame] for frame in found]


files = [file for file, _ in MODEL.files()]
files = files[:int(sys.argv[1]) if len(sys.argv) > 1 else len(files) if SLOW else 6]
frames = [MODEL.prepare(file) for file in files]
lowest = 0.001 if SLOW else 0.2
with tempfile.TemporaryDirectory() as folder:
    folder = pathlib.Path(folder)
    har, hef = with_nms(folder, calibration(folder, 64 if SLOW else 8), nms_scores_th=lowest)

    session = onnx_session(WHOLE, edit=whole_bins)
    name = session.get_inputs()[0].name
    wanted = [reference_nms(session.run(None, {name: frame})[0][0], lowest, 0.7) for frame in frames]
    given = product(har, "optimized", frames, folder)
    for title, (paired, total) in {"of the model's": pairs(above(wanted, 0.2), above(given, 0.2)),
                                   "of ours": pairs(above(given, 0.2), above(wanted, 0.2))}.items():
        expect(total > 0 and paired >= PAIRED * total,
               f"optimized: {paired} of {total} boxes {title} above 0.25 are paired at IoU >= {IOU} and score within {SCORE}, {len(files)} images")

    few = frames[:3]
    integer, compiled = product(har, "quantized", few, folder), product(hef, "compiled", few, folder)
    expect(all(np.array_equal(a, b) for x, y in zip(integer, compiled) for a, b in zip(x, y)),
           f"quantized: the HEF's detections are the emulation's on {len(few)} images")
    np.save(folder / "frame.npy", few[0])
    graupel("verify", hef, "--har", har, "--input", folder / "frame.npy", "--thread-counts", 2, "--batches", 1)
    nms = json.loads(graupel("inspect", hef, "--json").stdout)["nms"]
    expect([(n["meta_arch"], n["classes"], n["max_bboxes_per_class"]) for n in nms] == [("yolov8", CLASSES, MOST)],
           f"inspect shows the operation: {nms}")

    if SLOW:
        onnx, real = mean_average_precision(wanted, files), mean_average_precision(given, files)
        integer = mean_average_precision(product(hef, "compiled", frames, folder), files)
        expect(real[0] - integer[0] <= MOST_POINTS_LOST,
               f"mAP50-95 / mAP50 on {len(files)} images: ONNX {onnx[0]:.2f} / {onnx[1]:.2f}, optimized {real[0]:.2f} / {real[1]:.2f}, "
               f"quantized {integer[0]:.2f} / {integer[1]:.2f}")
if failures:
    sys.exit("detections differ: " + "; ".join(failures))
