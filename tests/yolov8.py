"""YOLOv8n with detections behind its heads, as the tests compile it."""

import json

from models import DATA, MODELS, graupel, np, parsed

MODEL = MODELS["yolov8n_640"]
CLASSES, MOST = 80, 100


def calibration(folder, count, scale=1):
    """Pictures of another data set: no mAP is measured on what ranges were found on. `scale` 255: pixels as cameras give them."""
    photos = sorted((DATA / "imagenet" / "photos").glob("*"))
    np.save(folder / "calibration.npy", np.concatenate([MODEL.prepare(str(p)) for p in photos[:count]]) * np.float32(scale))
    return folder / "calibration.npy"


def with_nms(folder, frames, *options, **config):
    """A quantized HAR with this configuration, and its HEF."""
    har, hef = parsed(MODEL, folder), folder / "nms.hef"
    settings = {"nms_scores_th": 0.2, "nms_iou_th": 0.7, "image_dims": [640, 640], "max_proposals_per_class": MOST,
                "classes": CLASSES, "regression_length": 16,
                "bbox_decoders": [{"name": f"bbox_decoder{s}", "stride": s, "reg_layer": "", "cls_layer": ""} for s in (8, 16, 32)]}
    (folder / "nms.json").write_text(json.dumps(settings | config))
    done = graupel("optimize", har, "--calib", frames, "--nms", "yolov8", "--nms-config", folder / "nms.json", *options)
    assert done.stderr.count("was replaced by a Sigmoid") == 3, done.stderr
    graupel("compile", har, "-o", hef)
    return har, hef


def of_pixels(folder):
    """The same for frames of pixels, 0 to 255, which the program itself normalizes."""
    (folder / "pixels.alls").write_text("normalization1 = normalization([0.0, 0.0, 0.0], [255.0, 255.0, 255.0])\n")
    return with_nms(folder, calibration(folder, 8, 255), "--recipe", folder / "pixels.alls")


def iou(box, boxes):
    height = np.minimum(box[2], boxes[:, 2]) - np.maximum(box[0], boxes[:, 0])
    width = np.minimum(box[3], boxes[:, 3]) - np.maximum(box[1], boxes[:, 1])
    both = np.clip(height, 0, None) * np.clip(width, 0, None)
    area = lambda b: (b[..., 2] - b[..., 0]) * (b[..., 3] - b[..., 1])
    return both / (area(box) + area(boxes) - both)
