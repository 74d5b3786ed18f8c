"""Every decoder of nms_postprocess against one written here in NumPy from the public formulas: planes, decoding only, the JSON
configuration and its inline overrides, a score threshold of the context's; and the compiled program gives what the emulation gives.

The heads are convolutions of a small picture with random weights: no detector, but every decoder's input. Seed: SEED.
"""

import contextlib
import io
import json
import pathlib
import sys
import tempfile

try:
    import numpy as np
    import onnx
    import onnxruntime
except ImportError as missing:
    print(f"skipped: {missing} (./dev test installs it from PyPI)")
    sys.exit(77)

import graupel
from hailo_sdk_client import ClientRunner, InferenceContext

SEED = 11
H, W, CLASSES, MOST = 64, 96, 5, 100
STRIDES = (8, 16, 32)
SCORES, IOU = 0.35, 0.5
NEAR = 2e-4  # of the image: what two orders of float additions in a convolution may differ by, behind exp
ANCHORS = {8: [(10, 13), (16, 30), (33, 23)], 16: [(30, 61), (62, 45), (59, 119)], 32: [(116, 90), (156, 198), (373, 326)]}  # w, h
SSD_ANCHORS = {8: [(0.1, 0.1), (0.2, 0.1)], 16: [(0.3, 0.3), (0.2, 0.4)], 32: [(0.7, 0.6), (0.9, 0.8)]}  # w, h
random = np.random.default_rng(SEED)
folder = pathlib.Path(tempfile.mkdtemp())
failures = []


def expect(holds, sentence):
    print(sentence + ("" if holds else "  FAILED"))
    if not holds:
        failures.append(sentence)


def sigmoid(x):
    return 1 / (1 + np.exp(-x.astype(np.float64)))


def detector(name, channels):
    """A model with one convolution per stride and entry of `channels`, as [N, C, H/s, W/s] outputs in that order."""
    nodes, weights, outputs = [], [], []
    for stride in STRIDES:
        for kind, count in channels.items():
            head = f"{kind}{stride}"
            kernel = random.normal(0, 1.2 / np.sqrt(3 * stride * stride), (count, 3, stride, stride)).astype(np.float32)
            bias = random.normal(0, 0.5, count).astype(np.float32)
            weights += [onnx.numpy_helper.from_array(kernel, head + "_w"), onnx.numpy_helper.from_array(bias, head + "_b")]
            nodes.append(onnx.helper.make_node("Conv", ["image", head + "_w", head + "_b"], [head], f"/{head}/Conv",
                                               kernel_shape=[stride, stride], strides=[stride, stride]))
            outputs.append(onnx.helper.make_tensor_value_info(head, onnx.TensorProto.FLOAT, [1, count, H // stride, W // stride]))
    image = onnx.helper.make_tensor_value_info("image", onnx.TensorProto.FLOAT, [1, 3, H, W])
    graph = onnx.helper.make_graph(nodes, name, [image], outputs, weights)
    model = onnx.helper.make_model(graph, opset_imports=[onnx.helper.make_opsetid("", 13)], ir_version=8)
    path = folder / f"{name}.onnx"
    onnx.save(model, path)
    return path


def heads_of(path, frame):
    """Output name -> [rows, columns, channels] by ONNX Runtime."""
    session = onnxruntime.InferenceSession(str(path), providers=["CPUExecutionProvider"])
    values = session.run(None, {"image": frame.transpose(2, 0, 1)[None]})
    return {output.name: value[0].transpose(1, 2, 0).astype(np.float64) for output, value in zip(session.get_outputs(), values)}


def cells(rows, columns):
    y, x = np.meshgrid(np.arange(rows), np.arange(columns), indexing="ij")
    return x[..., None], y[..., None]


def corners(cx, cy, w, h):
    return np.stack([cy - h / 2, cx - w / 2, cy + h / 2, cx + w / 2], -1)


# Each decoder: the heads of one stride -> boxes [cells, anchors, 4] as fractions, scores [cells, anchors, classes], objectness or None.


def yolov5(heads, stride):
    head = heads[f"encoded{stride}"]
    rows, columns, _ = head.shape
    t = sigmoid(head).reshape(rows, columns, 3, 5 + CLASSES)
    x, y = cells(rows, columns)
    anchors = np.array(ANCHORS[stride], np.float64)
    boxes = corners((2 * t[..., 0] - 0.5 + x) * stride / W, (2 * t[..., 1] - 0.5 + y) * stride / H,
                    (2 * t[..., 2]) ** 2 * anchors[:, 0] / W, (2 * t[..., 3]) ** 2 * anchors[:, 1] / H)
    return boxes, t[..., 5:], t[..., 4]


def from_distances(d, stride):
    rows, columns = d.shape[:2]
    x, y = (c[..., 0] + 0.5 for c in cells(rows, columns))
    left, top, right, bottom = (d[..., i] for i in range(4))
    boxes = np.stack([(y - top) * stride / H, (x - left) * stride / W, (y + bottom) * stride / H, (x + right) * stride / W], -1)
    return boxes[:, :, None]


def yolov8(heads, stride):
    reg = heads[f"reg{stride}"]
    bins = reg.reshape(*reg.shape[:2], 4, -1)
    share = np.exp(bins - bins.max(-1, keepdims=True))
    d = (share * np.arange(bins.shape[-1])).sum(-1) / share.sum(-1)
    return from_distances(d, stride), sigmoid(heads[f"cls{stride}"])[:, :, None], None


def yolov6(heads, stride):
    return from_distances(heads[f"reg{stride}"], stride), sigmoid(heads[f"cls{stride}"])[:, :, None], None


def yolox(heads, stride):
    reg = heads[f"reg{stride}"]
    x, y = (c[..., 0] for c in cells(*reg.shape[:2]))
    boxes = corners((reg[..., 0] + x) * stride / W, (reg[..., 1] + y) * stride / H, np.exp(reg[..., 2]) * stride / W,
                    np.exp(reg[..., 3]) * stride / H)
    return boxes[:, :, None], sigmoid(heads[f"cls{stride}"])[:, :, None], sigmoid(heads[f"obj{stride}"])[:, :, :1]


def ssd(heads, stride):
    reg = heads[f"reg{stride}"]
    rows, columns, _ = reg.shape
    t = reg.reshape(rows, columns, 2, 4)
    x, y = cells(rows, columns)
    anchors = np.array(SSD_ANCHORS[stride], np.float64)
    boxes = corners(t[..., 1] / 10 * anchors[:, 0] + (x + 0.5) / columns, t[..., 0] / 10 * anchors[:, 1] + (y + 0.5) / rows,
                    np.exp(t[..., 3] / 5) * anchors[:, 0], np.exp(t[..., 2] / 5) * anchors[:, 1])
    return boxes, heads[f"cls{stride}"].reshape(rows, columns, 2, CLASSES + 1)[..., 1:], None  # channel 0: the background


def decoded(decode, heads):
    """All boxes [n, 4], scores [n, classes], objectness [n] or None: heads finest first, then row, column, anchor."""
    parts = [decode(heads, stride) for stride in STRIDES]
    boxes = np.concatenate([p[0].reshape(-1, 4) for p in parts])
    scores = np.concatenate([p[1].reshape(len(p[0].reshape(-1, 4)), -1) for p in parts])
    objectness = None if parts[0][2] is None else np.concatenate([p[2].ravel() for p in parts])
    return boxes, scores, objectness


def iou(box, boxes):
    sides = np.clip(np.minimum(box[2:], boxes[:, 2:]) - np.maximum(box[:2], boxes[:, :2]), 0, None)
    both = sides[:, 0] * sides[:, 1]
    area = lambda b: (b[..., 2] - b[..., 0]) * (b[..., 3] - b[..., 1])
    return both / (area(box) + area(boxes) - both)


def suppressed(boxes, scores, objectness, threshold):
    """Per class [n, 5], best first."""
    if objectness is not None:
        scores = scores * objectness[:, None] * (objectness >= threshold)[:, None]
    found = []
    for one in scores.T:
        left = np.flatnonzero(one >= threshold)
        left = left[np.argsort(-one[left], kind="stable")]
        kept = []
        while len(left) and len(kept) < MOST:
            best, left = left[0], left[1:]
            kept.append(best)
            left = left[iou(boxes[best], boxes[left]) < IOU]
        found.append(np.concatenate([boxes[kept], one[kept][:, None]], 1))
    return found


def same(planes, wanted, allowed=1):
    """Boxes pair up but for `allowed` of them, which float noise may carry over a threshold."""
    missing = total = 0
    for given, expected in zip(planes, wanted):
        given = given.T[given[4] > 0]
        total += len(expected)
        for box in expected:
            missing += not len(given) or np.abs(given - box).max(1).min() > NEAR
        missing += max(0, len(given) - len(expected))
    return total > 10 and missing <= allowed, f"{total} boxes, {missing} without a partner"


FAMILIES = {
    "yolov5": (yolov5, {"encoded": 3 * (5 + CLASSES)}, lambda s: {"w": [w for w, _ in ANCHORS[s]], "h": [h for _, h in ANCHORS[s]]}),
    "yolov6": (yolov6, {"reg": 4, "cls": CLASSES}, None),
    "yolov8": (yolov8, {"reg": 64, "cls": CLASSES}, None),
    "yolox": (yolox, {"reg": 4, "obj": 1, "cls": CLASSES}, None),
    "ssd": (ssd, {"reg": 8, "cls": 2 * (CLASSES + 1)},
            lambda s: {"w": [w for w, _ in SSD_ANCHORS[s]], "h": [h for _, h in SSD_ANCHORS[s]]}),
}


def config_of(arch, runner, anchors):
    """The vendor's JSON: layers by the names that the parser gave, thresholds that the script overrides."""
    layers = {layer.original_names[0].split("/")[1]: layer.name for layer in runner.get_hn_model().layers
              if layer.hn["type"] == "conv"}
    decoders = []
    for stride in STRIDES:
        decoder = {"name": f"d{stride}", "stride": stride, **(anchors(stride) if anchors else {})}
        for key, kind in (("encoded_layer", "encoded"), ("reg_layer", "reg"), ("cls_layer", "cls"), ("objectness_layer", "obj")):
            if f"{kind}{stride}" in layers:
                decoder[key] = layers[f"{kind}{stride}"]
        decoders.append(decoder)
    config = {"nms_scores_th": 0.99, "nms_iou_th": IOU, "image_dims": [H, W], "max_proposals_per_class": MOST, "classes": CLASSES,
              "background_removal": False, "bbox_decoders": decoders}
    if arch == "ssd":
        config.update(classes=CLASSES + 1, background_removal=True, background_removal_index=0, centers_scale_factor=10,
                      bbox_dimensions_scale_factor=5)
    if arch == "yolov8":
        config["regression_length"] = 16
    return config


def run(runner, context, frames, threshold=None):
    with runner.infer_context(context, nms_score_threshold=threshold) as entered:
        return runner.infer(entered, frames)


def check(arch):
    decode, channels, anchors = FAMILIES[arch]
    path = detector(arch, channels)
    frames = random.normal(0, 1, (3, H, W, 3)).astype(np.float32)
    truth = [decoded(decode, heads_of(path, frame)) for frame in frames]
    runner = ClientRunner()
    runner.translate_onnx_model(path)
    (folder / f"{arch}.json").write_text(json.dumps(config_of(arch, runner, anchors)))
    (folder / f"{arch}.alls").write_text(f'nms_postprocess("{arch}.json", meta_arch={arch}, engine=cpu, nms_scores_th={SCORES})\n')
    runner.load_model_script(folder / f"{arch}.alls")
    with contextlib.redirect_stdout(io.StringIO()) as said:
        runner.optimize(frames)
    expect(("was replaced by a Sigmoid" in said.getvalue()) == (arch != "ssd"), f"{arch}: sigmoids on scores are told")
    (told,) = runner.modifications_meta_data.outputs[f"{arch}/postprocess_output_layer"]
    heads = [layer.name for layer in runner.get_native_hn_model().layers if layer.hn["type"] == "conv"]
    expect(told.meta_arch == arch and sorted(told.hn_output_layers) == sorted(heads) and (arch == "ssd") == (told.sigmoid_layers == []),
           f"{arch}: the modifications name the heads: {told}")
    planes = run(runner, InferenceContext.SDK_FP_OPTIMIZED, frames)
    expect(planes.shape == (3, CLASSES, 5, MOST), f"{arch}: planes {planes.shape}")
    for i, found in enumerate(planes):
        holds, figures = same(found, suppressed(*truth[i], SCORES))
        expect(holds, f"{arch}, frame {i}: {figures}")
    high = run(runner, InferenceContext.SDK_FP_OPTIMIZED, frames, threshold=0.6)
    expect(same(high[0], suppressed(*truth[0], 0.6))[0] and (high[:, :, 4] > 0).sum() < (planes[:, :, 4] > 0).sum(),
           f"{arch}: a score threshold of the context's acts")
    integer = run(runner, InferenceContext.SDK_QUANTIZED, frames)
    expect(np.array_equal(integer, run(runner, InferenceContext.SDK_HAILO_HW, frames)), f"{arch}: the program's are the emulation's")
    expect(np.array_equal(run(runner, InferenceContext.SDK_QUANTIZED, frames, 0.6), run(runner, InferenceContext.SDK_HAILO_HW, frames, 0.6)),
           f"{arch}: at another threshold too")

    only = ClientRunner()
    only.translate_onnx_model(path)
    only.load_model_script(f'nms_postprocess("{folder}/{arch}.json", meta_arch={arch}, engine=cpu, bbox_decoding_only=True)')
    only.optimize_full_precision()
    boxes, scores, objectness = truth[0]
    wanted = np.concatenate([boxes, *([objectness[:, None]] if objectness is not None else []), scores], 1)
    given = run(only, InferenceContext.SDK_FP_OPTIMIZED, frames[:1])
    expect(given.shape == (1, 1, *wanted.shape) and np.abs(given[0, 0] - wanted).max() < NEAR * np.abs(wanted).max(),
           f"{arch}: decoding only, {given.shape}")
    try:
        run(only, InferenceContext.SDK_FP_OPTIMIZED, frames[:1], 0.5)
        expect(False, f"{arch}: a threshold for boxes that are only decoded is refused")
    except graupel.InvalidError as fault:
        expect("bbox_decoding_only" in str(fault), f"{arch}: a threshold for boxes that are only decoded is refused")


for family in FAMILIES:
    check(family)
if failures:
    sys.exit("decoders differ: " + "; ".join(failures))
