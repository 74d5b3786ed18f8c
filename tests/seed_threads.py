"""What two users wrote, as they wrote it: detections of a YOLOv8 at each stage, and a classifier through the command line.

A: Python calls on a HAR with NMS, and the parsed network held against the original model (ONNX Runtime stands for hooks).
B: `hailo parser`, `optimize` with a calibration array and a model script, `compiler`; raw pixels give the float model's answers.
"""

import os
import pathlib
import subprocess
import sys
import tempfile

from models import IMAGENET_MEAN, IMAGENET_STD, MODELS, ROOT, YOLO_HEADS, np, onnx_session, run_onnx

from hailo_sdk_client import ClientRunner, InferenceContext

HAILO = os.environ.get("HAILO", str(ROOT / "build" / "release" / "tools" / "hailo"))


def pictures(model, count, split="test"):
    """uint8 RGB [count, rows, columns, 3], fitted to the input and not normalized."""
    import dataclasses
    plain = dataclasses.replace(model, scale=1.0, mean=(0.0,), std=(1.0,))
    return plain.frames(count, split).transpose(0, 2, 3, 1).astype(np.uint8)


def native_against_the_original(folder):
    yolo = MODELS["yolov8n_640"]
    runner = ClientRunner(hw_arch="hailo8")
    runner.translate_onnx_model(yolo.path, "yolov8n", end_node_names=YOLO_HEADS)
    runner.save_har(folder / "opt100.har")
    imgs_array = pictures(yolo, 2).astype(np.float32) / np.float32(255)
    layer_outputs = dict(zip(YOLO_HEADS, run_onnx(onnx_session(yolo), imgs_array.transpose(0, 3, 1, 2))))
    output_layers = YOLO_HEADS

    model_dir = folder
    runner = ClientRunner(har=f"{model_dir.__str__()}/opt100.har")
    with runner.infer_context(InferenceContext.SDK_NATIVE) as ctx:
        raw_results = runner.infer(ctx, imgs_array)
        with_bgr = runner.infer(ctx, imgs_array[..., ::-1])
    for hailo_result, bgr_result, output_layer in zip(raw_results, with_bgr, output_layers):
        ultra_result = layer_outputs[output_layer].transpose(0, 2, 3, 1)
        error, bgr_error = (np.abs(result - ultra_result).mean() for result in (hailo_result, bgr_result))
        print(f"{output_layer}: mean {ultra_result.mean():.6f} {hailo_result.mean():.6f}, std {ultra_result.std():.6f} "
              f"{hailo_result.std():.6f}, MAE {error:.2e}, with BGR {bgr_error:.2e}")
        assert hailo_result.shape == ultra_result.shape
        assert error <= 1e-3, f"MAE({output_layer}) is {error}"
        assert bgr_error > 0.05, f"swapped colours must show at {output_layer}: MAE {bgr_error}"
        assert abs(hailo_result.mean() - ultra_result.mean()) < 1e-3 and abs(hailo_result.std() - ultra_result.std()) < 1e-3


def the_parser_names_the_end_nodes(folder):
    yolo = MODELS["yolov8n_640"]
    done = subprocess.run([HAILO, "parser", "onnx", yolo.path, "--net-name", "yolov8n", "--har-path", "heads.har", "-y"], cwd=folder,
                          capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    listed = done.stdout.split("should be used:")[1].split(".\n")[0].split()
    assert listed == YOLO_HEADS, listed
    runner = ClientRunner(har=folder / "heads.har")
    assert runner.model_script == "nms_postprocess(meta_arch=yolov8, engine=cpu)", runner.model_script
    assert [layer.original_names[0] for layer in runner.get_hn_model().get_real_output_layers()] == YOLO_HEADS
    print("the parser names the six heads, ends there and adds nms_postprocess")


def process_raw_hailo_results(raw_results):
    results = []
    for result in raw_results:
        class1_result = result[0].transpose()
        class2_result = result[1].transpose()
        # Filter out the empty predictions
        class1_result = class1_result[class1_result.sum(axis=1) != 0]
        class2_result = class2_result[class2_result.sum(axis=1) != 0]
        results.append([class1_result, class2_result])
    return results


def detections_with_nms(folder):
    yolo = MODELS["yolov8n_640"]
    runner = ClientRunner(har=str(folder / "opt100.har"))
    runner.load_model_script("normalization1 = normalization([0.0, 0.0, 0.0], [255.0, 255.0, 255.0])\n"
                             "model_optimization_flavor(optimization_level=-100)\n"
                             "nms_postprocess(meta_arch=yolov8, engine=cpu, classes=80, nms_scores_th=0.25)\n")
    imgs_array = pictures(yolo, 3)
    runner.optimize(imgs_array)
    runner.save_har(folder / "opt_100.har")
    model_dir = folder
    found = {}
    for context in (InferenceContext.SDK_FP_OPTIMIZED, InferenceContext.SDK_QUANTIZED, InferenceContext.SDK_HAILO_HW):
        runner = ClientRunner(har=f"{model_dir}/opt_100.har")
        with runner.infer_context(context) as ctx:
            raw_results = runner.infer(ctx, imgs_array[:2])
        assert raw_results.shape[:3] == (2, 80, 5), raw_results.shape
        hailo_results = process_raw_hailo_results(raw_results)
        found[context] = raw_results
        boxes = (raw_results[:, :, 4] > 0).sum(axis=(1, 2))
        print(f"{context.name}: {raw_results.shape}, boxes {boxes.tolist()}, of the first two classes "
              f"{[[len(c) for c in image] for image in hailo_results]}")
        assert boxes.min() > 0, "pictures of COCO without a detection"
        assert np.all((raw_results[:, :, :4] >= -0.5) & (raw_results[:, :, :4] <= 1.5)), "boxes are fractions of the picture"
    assert np.array_equal(found[InferenceContext.SDK_QUANTIZED], found[InferenceContext.SDK_HAILO_HW])


SCRIPT = """\
# ImageNet normalization converted to Hailo format
input_normalization = normalization([123.675, 116.28, 103.53], [58.395, 57.12, 57.375])
"""


def classifier_by_command_line(parent):
    folder = parent / "classifier"
    folder.mkdir()
    model = MODELS["mobilenetv2"]
    (folder / "model.onnx").write_bytes(pathlib.Path(model.path).read_bytes())
    (folder / "imagenet_normalization.alls").write_text(SCRIPT)
    np.save(folder / "calibration.npy", pictures(model, 40)[8:].astype(np.float32))
    log = ""
    for line in ("hailo parser onnx model.onnx --har model.har",
                 "hailo optimize --calib-set-path calibration.npy --model-script imagenet_normalization.alls "
                 "--output-har-path model_quantized.har",
                 "hailo compiler model_quantized.har"):
        done = subprocess.run([HAILO, *line.split()[1:]], cwd=folder, capture_output=True, text=True)
        assert done.returncode == 0, f"{line}\n{done.stdout}{done.stderr}"
        log = done.stdout
    layers = next(line for line in log.splitlines() if "_context_0: " in line)
    runner = ClientRunner(har=str(folder / "model_quantized.har"))
    assert "input_layer1, input_normalization, conv1," in layers, layers
    assert "input_layer1 -> input_normalization" in log and "input_normalization -> conv1" in log, "the layer connections are listed"
    assert "input_normalization" in runner.model_script
    assert (folder / "model.hef").exists() and (folder / "model_compiled.har").exists()

    count = 8
    raw = pictures(model, count).astype(np.float32)
    normalized = ((raw / np.float32(255) - np.array(IMAGENET_MEAN, np.float32)) / np.array(IMAGENET_STD, np.float32))
    float_scores = run_onnx(onnx_session(model), normalized.transpose(0, 3, 1, 2))[0]
    for context, least in ((InferenceContext.SDK_FP_OPTIMIZED, count), (InferenceContext.SDK_QUANTIZED, count - 1)):
        runner = ClientRunner(har=str(folder / "model_quantized.har"))
        with runner.infer_context(context) as ctx:
            first = runner.infer(ctx, raw, batch_size=1)
            again = runner.infer(ctx, raw, batch_size=1)
        assert np.array_equal(first, again), "the same picture gives the same answer on every run"
        agree = int((first.argmax(1) == float_scores.argmax(1)).sum())
        print(f"{context.name}: {agree} of {count} pictures have the float model's class")
        assert agree >= least
    with ClientRunner(har=str(folder / "model_compiled.har")).infer_context(InferenceContext.SDK_HAILO_HW) as ctx:
        assert np.array_equal(ctx.runner.infer(ctx, raw), first), "the compiled program gives the emulation's bytes"


with tempfile.TemporaryDirectory() as name:
    for part in sys.argv[1:] or ("native_against_the_original", "the_parser_names_the_end_nodes", "detections_with_nms", "classifier_by_command_line"):
        globals()[part](pathlib.Path(name))
