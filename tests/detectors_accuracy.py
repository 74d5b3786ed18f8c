"""PicoDet and YOLOX, decoded here: what quantization costs in mAP on the COCO pictures, calibrated on those of another data set.

Usage: detectors_accuracy.py [IMAGES]. At most 1.5 points on all of them, which GRAUPEL_SLOW=1 runs; a few pictures say less.
"""

import os
import pathlib
import sys
import tempfile

from models import DATA, MODELS, graupel, np, onnx_session, parsed

FEW, ALL = 20, 128
MOST_POINTS_LOST = {FEW: 5, ALL: 1.5}
LOWEST_SCORE, SUPPRESSED = 0.001, 0.6


def cells(size, stride):
    """(x, y) of the cells of a level, row by row."""
    y, x = np.divmod(np.arange((size // stride) ** 2), size // stride)
    return np.stack([x, y], 1)


def picodet_boxes(outputs):
    """Scores [N, 80] and boxes [N, 4] (x0, y0, x1, y1) in input pixels: distances as expectations over 8 bins."""
    scores, boxes = np.concatenate(outputs[:4]), []
    for stride, bins in zip((8, 16, 32, 64), outputs[4:]):
        bins = np.exp(bins.reshape(-1, 4, 8) - bins.reshape(-1, 4, 8).max(2, keepdims=True))
        distances = (bins * np.arange(8)).sum(2) / bins.sum(2) * stride
        middle = (cells(320, stride) + 0.5) * stride
        boxes.append(np.concatenate([middle - distances[:, :2], middle + distances[:, 2:]], 1))
    return scores, np.concatenate(boxes)


def yolox_boxes(outputs):
    rows = outputs[0]
    grid = np.concatenate([cells(416, s) for s in (8, 16, 32)])
    stride = np.concatenate([np.full((416 // s) ** 2, s) for s in (8, 16, 32)])[:, None]
    middle, extent = (rows[:, :2] + grid) * stride, np.exp(rows[:, 2:4]) * stride
    return rows[:, 4:5] * rows[:, 5:], np.concatenate([middle - extent / 2, middle + extent / 2], 1)


DECODERS = {"picodet_s_320": picodet_boxes, "yolox_nano_416": yolox_boxes}


def detections(scores, boxes, cv2):
    """Rows (x0, y0, x1, y1, score, class) after suppression within each class."""
    rows, classes = np.nonzero(scores > LOWEST_SCORE)
    best = np.argsort(-scores[rows, classes], kind="stable")[:3000]
    rows, classes = rows[best], classes[best]
    corners = boxes[rows]
    sized = np.concatenate([corners[:, :2], corners[:, 2:] - corners[:, :2]], 1)
    kept = cv2.dnn.NMSBoxesBatched(sized.tolist(), scores[rows, classes].tolist(), classes.tolist(), LOWEST_SCORE, SUPPRESSED)
    kept = np.asarray(kept, int).ravel()[:100]
    return np.concatenate([corners[kept], scores[rows, classes][kept, None], classes[kept, None]], 1)


def mean_average_precision(found, model, cv2):
    from pycocotools.coco import COCO
    from pycocotools.cocoeval import COCOeval
    import contextlib
    import io
    with contextlib.redirect_stdout(io.StringIO()):
        truth = COCO(str(DATA / "coco" / "instances_val2017_subset.json"))
        by_name = {image["file_name"]: image["id"] for image in truth.loadImgs(truth.getImgIds())}
        categories, results = sorted(truth.getCatIds()), []
        for file, rows in found:
            height, width = cv2.imread(file).shape[:2]
            scale = np.array([model.size[1] / width, model.size[0] / height])
            if model.fit != "stretch":
                scale[:] = scale.min()
            for x0, y0, x1, y1, score, category in rows:
                x0, x1, y0, y1 = x0 / scale[0], x1 / scale[0], y0 / scale[1], y1 / scale[1]
                results.append({"image_id": by_name[pathlib.Path(file).name], "category_id": categories[int(category)],
                                "score": float(score), "bbox": [float(v) for v in (x0, y0, x1 - x0, y1 - y0)]})
        judge = COCOeval(truth, truth.loadRes(results), "bbox")
        judge.params.imgIds = [by_name[pathlib.Path(file).name] for file, _ in found]
        judge.evaluate()
        judge.accumulate()
        judge.summarize()
    return 100 * judge.stats[0], 100 * judge.stats[1]


def compiled(model, folder):
    """The HEF, calibrated on photographs that no mAP is measured on."""
    har, hef = parsed(model, folder), folder / f"{model.name}.hef"
    photos = sorted((DATA / "imagenet" / "photos").glob("*"))[:64]
    np.save(folder / "calibration.npy", np.concatenate([model.prepare(str(photo)) for photo in photos]))
    graupel("optimize", har, "--calib", folder / "calibration.npy")
    graupel("compile", har, "-o", hef)
    return hef


def outputs_of(hef, frames, folder):
    np.save(folder / "frames.npy", frames)
    graupel("run", hef, "--input", folder / "frames.npy", "-o", folder / "out.npz")
    loaded = np.load(folder / "out.npz")
    return [loaded[key] for key in loaded.files]


def main():
    import cv2
    count = int(sys.argv[1]) if len(sys.argv) > 1 else ALL if os.environ.get("GRAUPEL_SLOW") else FEW
    most = MOST_POINTS_LOST[ALL if count >= ALL else FEW]
    failures = []
    for name, decode in DECODERS.items():
        model = MODELS[name]
        files = [file for file, _ in model.files()][:count]
        session = onnx_session(model)
        real, integer = [], []
        with tempfile.TemporaryDirectory() as folder:
            folder = pathlib.Path(folder)
            hef = compiled(model, folder)
            for begin in range(0, len(files), 16):
                part = files[begin:begin + 16]
                frames = np.concatenate([model.prepare(file) for file in part])
                codes = outputs_of(hef, frames, folder)
                for i, file in enumerate(part):
                    floats = session.run(None, {session.get_inputs()[0].name: frames[i:i + 1]})
                    real.append((file, detections(*decode([output[0] for output in floats]), cv2)))
                    integer.append((file, detections(*decode([output[i] for output in codes]), cv2)))
        native, quantized = (mean_average_precision(found, model, cv2) for found in (real, integer))
        good = native[0] - quantized[0] <= most
        print(f"{name}: mAP50-95 / mAP50 on {len(files)} images: ONNX Runtime {native[0]:.2f} / {native[1]:.2f}, "
              f"compiled {quantized[0]:.2f} / {quantized[1]:.2f}" + ("" if good else "  FAILED"), flush=True)
        if not good:
            failures.append(name)
    if failures:
        sys.exit("quantization loses too much: " + ", ".join(failures))


main()
