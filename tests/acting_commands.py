"""The table of docs/recipe.md is true: a command that "acts" changes the model, and one that is "not yet" or "ignored" changes nothing and
says so.

Every acting row, and every argument of it that is not marked as without an effect, has a case here: what a script gives with the command
against what it gives without. A row or argument without a case fails.
"""

import functools
import hashlib
import json
import os
import pathlib
import re
import subprocess
import sys
import tarfile
import tempfile

try:
    import numpy as np
    import onnx
except ImportError as missing:
    print(f"skipped: {missing} (./dev test installs it from PyPI)")
    sys.exit(77)

import graupel

ROOT = pathlib.Path(__file__).resolve().parent.parent
GRAUPEL = os.environ.get("GRAUPEL", str(ROOT / "build" / "release" / "tools" / "graupel"))
GLYPHS = ROOT / "zoo" / "glyphs" / "glyphs.onnx"
FLOATS = np.random.default_rng(7).normal(0, 1, (70, 48, 48, 3)).astype(np.float32)
folder = pathlib.Path(tempfile.mkdtemp())

FLAVOR = "model_optimization_flavor("
PRE = "pre_quantization_optimization("
NMS = f'nms_postprocess("{folder}/ssd.json", meta_arch=ssd'
CLIP = PRE + "activation_clipping, layers=conv1, mode={}, clipping_values={})"
#: Title → argument → (with, without) or what stands alone. "" is the command itself.
CASES = {
    "normalization": {"": "normalization([1, 2, 3], [4, 5, 6])", "mean": ("normalization([1, 2, 3], [4, 5, 6])", "normalization([1, 2, 4], [4, 5, 6])"),
                      "std": ("normalization([1, 2, 3], [4, 5, 6])", "normalization([1, 2, 3], [4, 5, 7])"),
                      "input_layer": "normalization([1, 2, 3], [4, 5, 6], input_layer1)"},
    "input_conversion": {"": "input_conversion(bgr_to_rgb)", "conversion_type": ("input_conversion(yuv_to_rgb)", "input_conversion(yuv_to_bgr)"),
                         "emulator_support": ("input_conversion(nv12_to_rgb, emulator_support=True)", "input_conversion(nv12_to_rgb)"),
                         "input_layer": "input_conversion(input_layer1, bgr_to_rgb)"},
    "resize": {"": "resize(resize_shapes=[96, 64])", "resize_shapes": ("resize(resize_shapes=[96, 64])", "resize(resize_shapes=[96, 96])"),
               "resize_method": ("resize(resize_shapes=[96, 64], resize_method=nearest_neighbor)", "resize(resize_shapes=[96, 64])"),
               "pixels_mode": ("resize(resize_shapes=[96, 64], pixels_mode=align_corners)", "resize(resize_shapes=[96, 64])"),
               "input_layer": "resize(input_layer1, resize_shapes=[96, 64])"},
    "transpose": {"": "transpose()", "input_layer": "transpose(input_layer1)"},
    "change_output_activation": {"": "change_output_activation(sigmoid)", "activation": ("change_output_activation(relu)", "change_output_activation(tanh)"),
                                 "layer": "change_output_activation(fc1, sigmoid)"},
    "logits_layer": {"": "logits_layer(fc1, softmax, -1)", "layer": "logits_layer(glyphs/fc1, softmax, -1)",
                     "logits_type": "logits_layer(fc1, softmax)", "axis": "logits_layer(fc1, softmax, 1)"},
    "remove_node": {"": "remove_node(conv3_activation)", "layer": ("remove_node(conv3_activation)", "remove_node(conv5_activation)")},
    "model_optimization_flavor": {"": FLAVOR + "optimization_level=-100)", "optimization_level": (FLAVOR + "optimization_level=-100)", FLAVOR + "optimization_level=0)")},
    "model_optimization_config(calibration, …)": {"": "model_optimization_config(calibration, calibset_size=3)",
                                                  "calibset_size": "model_optimization_config(calibration, calibset_size=5)"},
    "model_optimization_config(globals, …)": {"": "model_optimization_config(globals, output_16bit=enabled)",
                                              "output_16bit": "model_optimization_config(globals, output_16bit=enabled)"},
    "quantization_param": {"": "quantization_param(conv1, precision_mode=a8_w4)", "layers": ("quantization_param({conv*}, precision_mode=a8_w4)", "quantization_param(conv1, precision_mode=a8_w4)"),
                           "precision_mode": ("quantization_param(conv1, precision_mode=a16_w16)", "quantization_param(conv1, precision_mode=a8_w4)"),
                           "force_range_in": "quantization_param(conv5, force_range_in=[-9, 9])",
                           "force_range_out": "quantization_param(conv5, force_range_out=[-9, 9])"},
    "pre_quantization_optimization(equalization, …)": {"": PRE + "equalization)", "policy": (PRE + "equalization, policy=enabled)", PRE + "equalization, policy=disabled)"),
                                                       "layers": (PRE + "equalization)", PRE + "equalization)\n" + PRE + "equalization, layers={conv*}, policy=disabled)")},
    "pre_quantization_optimization(activation_clipping, …)": {
        "": CLIP.format("manual", "[-1, 1]"), "layers": (CLIP.format("manual", "[-1, 1]"), PRE + "activation_clipping, layers=conv2, mode=manual, clipping_values=[-1, 1])"),
        "mode": (CLIP.format("percentile", "[1, 99]"), CLIP.format("manual", "[1, 99]")),
        "clipping_values": (CLIP.format("percentile", "[1, 99]"), CLIP.format("percentile", "[5, 95]"))},
    "pre_quantization_optimization(weights_clipping, …)": {
        "": PRE + "weights_clipping, layers=conv1, mode=manual, clipping_values=[-0.1, 0.1])",
        "layers": (PRE + "weights_clipping, layers=conv1, mode=percentile, clipping_values=[5, 95])", PRE + "weights_clipping, layers=conv2, mode=percentile, clipping_values=[5, 95])"),
        "mode": (PRE + "weights_clipping, layers={conv*}, mode=disabled)", PRE + "weights_clipping, layers={conv*}, mode=percentile, clipping_values=[1, 99])"),
        "clipping_values": (PRE + "weights_clipping, layers=conv1, mode=percentile, clipping_values=[5, 95])", PRE + "weights_clipping, layers=conv1, mode=percentile, clipping_values=[1, 99])")},
    "pre_quantization_optimization(ew_add_fusing, …)": {"": PRE + "ew_add_fusing, policy=disabled)", "policy": (PRE + "ew_add_fusing, policy=disabled)", PRE + "ew_add_fusing, policy=enabled)")},
    "post_quantization_optimization(bias_correction, …)": {
        "": "post_quantization_optimization(bias_correction, policy=disabled)",
        "policy": ("post_quantization_optimization(bias_correction, policy=disabled)", "post_quantization_optimization(bias_correction, policy=enabled)"),
        "layers": ("post_quantization_optimization(bias_correction, policy=disabled, layers=[conv1])", "post_quantization_optimization(bias_correction, policy=disabled)")},
    "nms_postprocess": {"": NMS + ")", "config_path": (NMS + ")", f'nms_postprocess("{folder}/other.json", meta_arch=ssd)'), "meta_arch": NMS + ")",
                        **{name: (f"{NMS}, {name}={value})", NMS + ")") for name, value in {
                            "bbox_decoding_only": "True", "nms_scores_th": 0.5, "nms_iou_th": 0.4, "image_dims": "[96, 96]", "max_proposals_per_class": 7,
                            "background_removal": "True", "centers_scale_factor": 5, "bbox_dimensions_scale_factor": 4}.items()},
                        "background_removal_index": (NMS + ", background_removal=True, background_removal_index=7)", NMS + ", background_removal=True)")},
}
#: What the table says of these needs no difference: no seed changes anything, what is dead never comes back, one network group has one
#: scale; and arguments that only tell what the heads must be, checked in nms_decoders.py and add_detection_test.cc.
NOTHING_TO_SEE = {"set_seed", "pre_quantization_optimization(dead_layers_removal, …)"}
CHECKED_ELSEWHERE = {("model_optimization_config(globals, …)", "output_encoding_vector"), ("model_optimization_flavor", "compression_level"),
                     ("nms_postprocess", "classes"), ("nms_postprocess", "regression_length"), ("nms_postprocess", "max_total_proposals"),
                     ("nms_postprocess", "max_total_output_proposals")}
failures = []


def check(holds, sentence):
    if not holds:
        failures.append(sentence)
        print("FAILED: " + sentence)


@functools.cache
def outcome(script, of=GLYPHS):
    """A digest of everything that the script leads to, and what is said; not of the script's text."""
    model = graupel.parse(of, preprocess=False)
    said = model.load_recipe(script)
    floats = model.optimize_full_precision()
    frames = FLOATS if model.inputs[0].shape == (1, 48, 48, 3) else np.random.default_rng(7).normal(0, 1, (70, *model.inputs[0].shape[1:])).astype(np.float32)
    summary = model.optimize(frames, limit=model.calibration_frames or 8)
    model.save(folder / "o.har")
    digest = hashlib.sha256()
    with tarfile.open(folder / "o.har") as members:
        for member in members.getmembers():
            if not member.name.endswith((".alls", ".checksum", ".nms.json")):
                digest.update(member.name.encode() + members.extractfile(member).read())
    return digest.hexdigest(), " ".join([*said, *floats.warnings, *summary.warnings])


def rows():
    """Of every row of the table: title, state, arguments but for those marked as without an effect, whether it needs none, and whether it
    is off unless a policy is given."""
    text = subprocess.run([GRAUPEL, "recipe", "--commands"], capture_output=True, text=True, check=True).stdout
    for line in text.splitlines():
        found = re.match(r"\| `([^`]+)` \| (acts|not yet|ignored) \| .*? \| (.*) \|$", line)
        if found:
            title, state, listed = found.groups()
            arguments = [a for a in listed.split("; ") if a and "(no effect)" not in a]
            names = [re.match(r"\*?`(\w+)", a).group(1) for a in arguments if re.match(r"\*?`(\w+)", a)]
            off = "policy=disabled" in listed  # by itself it asks for nothing
            yield title, state, names, all(a.startswith("*") for a in arguments), off


def detector():
    """An SSD's heads of one resolution, and two configurations for them."""
    random = np.random.default_rng(3)
    constant = lambda name, *shape: onnx.numpy_helper.from_array(random.normal(0, 0.2, shape).astype(np.float32), name)
    tensor = lambda name, *shape: onnx.helper.make_tensor_value_info(name, onnx.TensorProto.FLOAT, shape)
    channels = {"reg": 2 * 4, "cls": 2 * 8}
    nodes = [onnx.helper.make_node("Conv", ["image", f"{head}_w"], [head], f"/{head}/Conv", strides=[4, 4]) for head in channels]
    graph = onnx.helper.make_graph(nodes, "heads", [tensor("image", 1, 3, 48, 48)], [tensor(head, 1, n, 12, 12) for head, n in channels.items()],
                                   [constant(f"{head}_w", n, 3, 4, 4) for head, n in channels.items()])
    onnx.save(onnx.helper.make_model(graph, opset_imports=[onnx.helper.make_opsetid("", 13)], ir_version=8), folder / "heads.onnx")
    for name, width in (("ssd", 0.1), ("other", 0.3)):
        decoder = {"name": "d", "stride": 4, "reg_layer": "conv1", "cls_layer": "conv2", "w": [width] * 2, "h": [0.2] * 2}
        (folder / f"{name}.json").write_text(json.dumps({"image_dims": [48, 48], "classes": 8, "bbox_decoders": [decoder]}))
    return folder / "heads.onnx"


heads, plain = detector(), outcome("")[0]
for title, state, arguments, callable_alone, off in rows():
    if state == "acts" and title not in NOTHING_TO_SEE:
        cases = CASES.get(title, {})
        for argument in ["", *arguments]:
            if (title, argument) in CHECKED_ELSEWHERE:
                continue
            check(argument in cases, f"{title}: {argument or 'the command'} acts, but has no case in this suite")
            if argument not in cases:
                continue
            case = cases[argument]
            given, without = case if isinstance(case, tuple) else (case, "")
            of = heads if title == "nms_postprocess" else GLYPHS
            check(outcome(given, of)[0] != outcome(without, of)[0], f"{title}: {given} gives what {without or 'no script'} gives")
    elif state == "not yet" and callable_alone:
        call = title.replace(", …", "")
        digest, said = outcome(call if call.endswith(")") else call + "()")
        check(digest == plain, f"{title} is not available, yet changes something")
        check(off or "not yet available" in said, f"{title} does not say that it is not available: {said}")
    print(f"{title}: {state}", flush=True)
if failures:
    sys.exit(f"{len(failures)} rows of the table are not true")
