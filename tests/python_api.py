"""graupel's Python API and the drop-in hailo_sdk_client on the bundled model: stages, shapes, files, edits, and every misuse."""

import argparse
import contextlib
import io
import json
import pathlib
import sys
import tarfile
import tempfile

try:
    import networkx  # noqa: F401
    import numpy as np
except ImportError as missing:
    print(f"skipped: {missing} (./dev test installs it from PyPI)")
    sys.exit(77)

import graupel
import hailo_sdk_client
from hailo_sdk_client import CalibrationDataType, ClientRunner, InferenceContext
from hailo_sdk_client.exposed_definitions import JoinAction, JoinOutputLayersOrder, States
from hailo_sdk_client.model_translator.exceptions import MisspellNodeError, ParsingWithRecommendationException
from hailo_sdk_client.runner.client_runner import InvalidArgumentsException
from hailo_sdk_client.runner.exceptions import AllocatorScriptParserException, InvalidStateException, UnsupportedFeatureException
from hailo_sdk_client.tools.parser_cli import NetParser
from hailo_sdk_client.tools.profiler.react_report_generator import ReactReportGenerator
from hailo_sdk_common.hailo_nn.exceptions import HailoNNException, InvalidHNError, UnsupportedModelError
from hailo_sdk_common.hailo_nn.hn_definitions import ActivationType, LayerType
from hailo_sdk_common.logger.logger import DeprecationVersion, create_custom_logger

MODEL = pathlib.Path(__file__).resolve().parent.parent / "zoo" / "glyphs" / "glyphs.onnx"
PIXELS = np.random.default_rng(7).integers(0, 256, (70, 48, 48, 3), dtype=np.uint8)
FLOATS = ((PIXELS / 255.0 - 0.5) / 0.25).astype(np.float32)
folder = pathlib.Path(tempfile.mkdtemp())


def refused(kind, part, call, *arguments, **keywords):
    """`call` must raise `kind`, and the message must hold `part`."""
    try:
        call(*arguments, **keywords)
    except kind as fault:
        assert part in str(fault), f"the message of {call} lacks '{part}': {fault}"
        return fault
    raise AssertionError(f"{call} raised nothing; expected {kind.__name__} with '{part}'")


def clean_api():
    model = graupel.parse(MODEL)
    assert (model.stage, model.stages, model.kind) == ("parsed", ["parsed"], "onnx")
    assert model.inputs[0].shape == (1, 48, 48, 3) and model.inputs[0].original_shape == (1, 3, 48, 48)
    native = model.run(FLOATS[:3])["logits"]
    assert native.shape == (3, 36) and native.dtype == np.float32
    assert np.array_equal(model.run(FLOATS[:3].transpose(0, 3, 1, 2))["logits"], native), "the original's order is understood"
    assert np.allclose(model.run(PIXELS[:3])["logits"], native, atol=1e-4), "pixels get the declared preprocess"
    strided = np.concatenate([FLOATS[:3], FLOATS[:3]], axis=3)[..., :3]
    assert np.array_equal(model.run(strided)["logits"], native), "arrays need not be contiguous"
    assert np.array_equal(model.run(iter(FLOATS[:3]))["logits"], native), "frames may come one after another"

    summary = model.optimize(PIXELS, limit=32)
    assert summary.frames == 32 and summary.rewrites["fuse-clamp"] > 0
    hef = model.compile()
    assert model.compile() == hef, "the same model gives the same file"
    assert model.stages == ["parsed", "optimized", "quantized", "compiled"]
    results = {stage: model.run(PIXELS[:3], stage)["logits"] for stage in graupel.STAGES}
    assert np.array_equal(results["quantized"], results["compiled"])
    assert np.abs(results["optimized"] - results["native"]).max() < 1e-4
    assert model.verify(PIXELS[:2])["difference"] is None
    comparison = model.compare(PIXELS[:4])
    assert comparison["outputs"][0]["snr_db"] > 15 and len(comparison["layers"]) > 5
    assert model.bench(seconds=0.05)["macs"] > 1e6

    model.save(folder / "glyphs.har")
    again = graupel.load(folder / "glyphs.har")
    assert again.stage == "compiled" and again.hef == hef and again.hn() == model.hn()
    again.save(folder / "again.har")
    assert (folder / "again.har").read_bytes() == (folder / "glyphs.har").read_bytes()
    assert np.array_equal(again.run(PIXELS[:3])["logits"], results["compiled"]), "a HAR reopens compiled"
    (folder / "glyphs.hef").write_bytes(hef)
    loaded = graupel.load(folder / "glyphs.hef")
    assert np.array_equal(loaded.run(PIXELS[:3])["logits"], results["compiled"])

    fault = refused(graupel.MismatchError, "(2, 48, 48, 4)", model.run, np.zeros((2, 48, 48, 4)))
    assert fault.code == "mismatch" and isinstance(fault, ValueError)
    refused(graupel.NotFoundError, "absent.onnx", graupel.parse, folder / "absent.onnx")
    refused(graupel.CorruptError, "not-a-model", graupel.parse, _file("not-a-model.onnx", b"nonsense"))
    refused(graupel.InvalidError, "finite", model.run, np.full((1, 48, 48, 3), np.nan, np.float32))
    refused(graupel.InvalidError, "optimized", graupel.parse(MODEL).runner, "optimized")
    refused(graupel.InvalidError, "stage parsed", graupel.parse(MODEL).compile)
    refused(graupel.UnsupportedError, "HEF", lambda: loaded.recipe)


def _file(name, data):
    (folder / name).write_bytes(data)
    return folder / name


def states_and_inference():
    runner = ClientRunner(hw_arch="hailo8l")
    assert runner.state == States.UNINITIALIZED and runner.model_name is None
    hn, npz = runner.translate_onnx_model(str(MODEL), "glyphs", start_node_names=["image"], net_input_shapes={"image": [1, 3, 48, 48]})
    assert json.loads(hn)["name"] == "glyphs" and "glyphs/conv1/kernel:0" in np.load(io.BytesIO(npz))
    assert runner.state == States.HAILO_MODEL and runner.hw_arch == "hailo8l"
    with runner.infer_context(InferenceContext.SDK_NATIVE) as context:
        assert context.infer_context is InferenceContext.SDK_NATIVE
        native = runner.infer(context, FLOATS[:5], batch_size=2)
        assert isinstance(native, np.ndarray) and native.shape == (5, 36)
        assert np.array_equal(runner.infer(context, {"glyphs/input_layer1": FLOATS[:5]}), native)
        assert np.array_equal(runner.infer(context, FLOATS, data_count=5), native)
        keras = runner.get_keras_model(context)
        assert np.array_equal(keras(FLOATS[:5], training=False), native) and not keras.is_jit_compile_supported(training=False)
    for context in list(InferenceContext)[1:]:
        refused(InvalidStateException, "optimize", runner.infer_context(context).__enter__)

    runner.optimize(lambda: ((frame, {}) for frame in FLOATS), data_type=CalibrationDataType.auto)
    assert runner.state == States.QUANTIZED_MODEL
    outputs = {}
    for context in InferenceContext:
        with runner.infer_context(context) as entered:
            outputs[context] = runner.infer(entered, FLOATS[:5])
    assert np.array_equal(outputs[InferenceContext.SDK_QUANTIZED], outputs[InferenceContext.SDK_BIT_EXACT])
    assert np.array_equal(outputs[InferenceContext.SDK_QUANTIZED], outputs[InferenceContext.SDK_HAILO_HW])
    assert np.abs(outputs[InferenceContext.SDK_NATIVE] - outputs[InferenceContext.SDK_FP_OPTIMIZED]).max() < 1e-4
    hef = runner.compile()
    assert isinstance(hef, bytes) and runner.hef == hef and runner.state == States.COMPILED_MODEL
    assert hailo_platform_arch(hef) == "HAILO8L", "the file says for which chip it is"
    runner.save_har(folder / "compiled.har")
    again = ClientRunner(har=folder / "compiled.har")
    assert again.state == States.COMPILED_MODEL and again.hef == hef and again.hw_arch == "hailo8l"

    for source in (FLOATS, {"input_layer1": FLOATS}, str(_array("set.npy")), str(_folder())):
        other = ClientRunner(hw_arch="hailo8l")
        other.translate_onnx_model(MODEL.read_bytes(), "glyphs")
        other.optimize(source)
        assert other.compile() == hef, "every way to give the same data gives the same file"
    again.analyze_noise(FLOATS, data_count=4)
    assert "layer_noise_analysis/partial_snr" not in again.get_params_statistics()["fc1"]
    again.analyze_noise(FLOATS, data_count=2, analyze_mode="advanced")
    again.save_har(folder / "analyzed.har")
    statistics = ClientRunner(har=folder / "analyzed.har").get_params_statistics()
    alone = statistics["conv1"]["layer_noise_analysis/partial_snr"]
    assert alone.shape == (1,) and alone[0] > 10, alone
    assert statistics["fc1"]["layer_noise_analysis/snr"] > 10 and statistics["fc1"]["stats/output_0/stats_limvals:0"][0] <= 0
    assert again.get_params_translated()["fc1"]["qp_out"].shape == (2,) and again.get_params_fp_optimized()["fc1"]["bias"].shape == (36,)
    profile = again.profile(should_use_logical_layers=True, hef_filename=None)
    assert profile["stats"]["model"]["macs"] > 1e6 and profile["latency_data"]["frames_per_second"] > 0
    assert len(ReactReportGenerator(profile, folder / "p.html").create_report(should_open_web_browser=False)) == len(again.get_hn()["layers"])


def hailo_platform_arch(hef):
    """The architecture that the compiled file names, in its messages: field 1 of field 1."""
    size = int.from_bytes(hef[8:12], "big")
    messages = hef[56:56 + size]
    header = messages[2:2 + messages[1]]
    assert messages[0] == 0x0A and header[0] == 0x08, messages[:8]
    return {1: "HAILO8", 3: "HAILO8L"}[header[1]]


def _array(name):
    np.save(folder / name, FLOATS)
    return folder / name


def _folder():
    (folder / "frames").mkdir(exist_ok=True)
    for i, frame in enumerate(FLOATS):
        np.save(folder / "frames" / f"{i:04}.npy", frame)
    return folder / "frames"


def seeing_inside():
    model = graupel.parse(MODEL)
    model.optimize(PIXELS, limit=16)
    refused(graupel.UnsupportedError, "golden vector", model.runner, "compiled", self_test=True)
    model.compile()
    runner = model.runner("compiled", self_test=True)
    outputs = runner(PIXELS[:4])
    seen, layers = runner.tap(PIXELS[:4])
    assert np.array_equal(seen[0], outputs[0]), "tapping changes no byte of the outputs"
    assert list(layers) == runner.layers and all(len(array) == 4 for array in layers.values())
    _, some = runner.tap(PIXELS[:4], ["conv1", runner.layers[-1]])
    assert list(some) == [runner.layers[0], runner.layers[-1]], "conv1 is shown with the activation that is fused into it"
    _, emulated = model.runner("quantized").tap(PIXELS[:4])
    for name, array in layers.items():
        assert np.array_equal(array, emulated[name]), f"{name}: the program's layer is the emulation's"
    for poison in (0, 0x55, 255):
        assert np.array_equal(model.runner("compiled", poison=poison)(PIXELS[:4])[0], outputs[0]), "no buffer is read before it is written"
    refused(graupel.NotFoundError, "conv13", runner.tap, PIXELS[:1], "conv99")
    refused(graupel.InvalidError, "compiled", model.runner, "quantized", poison=1)
    assert len(model.compile(vendor_inspectable=True)) != 0 and model.compile(vendor_inspectable=True) != model.compile()


def documents_and_parameters():
    runner = ClientRunner()
    runner.translate_onnx_model(MODEL)
    network = runner.get_hn_model()
    head = network.get_real_output_layers()[0]
    assert network.get_input_layers()[0].scope == "glyphs" and network.get_output_layers()[0].inputs == ["glyphs/fc1"]
    assert head.op is LayerType.dense and head.activation is ActivationType.linear and head.output_shape == [-1, 36]
    assert network.get_layer_by_name("fc1") is network.get_layer_by_name("glyphs/fc1") is head
    assert network.get_input_shapes(ignore_conversion=True)[0][1:4] == [48, 48, 3] and not network.is_transposed()
    order = list(network.stable_toposort())
    assert all(order.index(before) < order.index(layer) for layer in order for before in network.predecessors(layer))
    assert network.net_params.output_layers_order == ["glyphs/fc1"] and head.precision_config.precision_mode.value == "a8_w8"

    before = runner.get_params()
    text = json.dumps(runner.get_hn()).replace('"glyphs/fc1"', '"glyphs/logits"')
    for document in (json.loads(text), io.StringIO(text), type(network).from_hn(json.loads(text))):
        fresh = ClientRunner()
        fresh.translate_onnx_model(MODEL)
        fresh.set_hn(document)
        edited = {key.replace("glyphs/fc1/", "glyphs/logits/"): array for key, array in before.items()}
        edited["glyphs/logits/bias:0"] = edited["glyphs/logits/bias:0"] + 1
        fresh.load_params(edited)
        fresh.save_har(folder / "renamed.har")
        reopened = ClientRunner(har=str(folder / "renamed.har"))
        assert reopened.get_hn_dict()["net_params"]["output_layers_order"] == ["glyphs/logits"]
        with reopened.infer_context(InferenceContext.SDK_NATIVE) as shifted, runner.infer_context(InferenceContext.SDK_NATIVE) as plain:
            difference = reopened.infer(shifted, FLOATS[:2]) - runner.infer(plain, FLOATS[:2])
        assert np.abs(difference - 1).max() < 1e-5
    rewired = runner.get_hn()
    rewired["layers"]["glyphs/fc1"]["type"] = "conv"
    refused(graupel.UnsupportedError, "layer 'glyphs/fc1'", runner.set_hn, rewired)
    refused(InvalidHNError, "int", runner.set_hn, 5)
    for side in ("input", "output"):
        loose = runner.get_hn()
        loose["layers"]["glyphs/conv2"][side] = ["glyphs/nowhere"]
        refused(InvalidHNError, "'glyphs/nowhere' is not found", runner.set_hn, loose)
    refused(graupel.NotFoundError, "absent.npz", runner.load_params, folder / "absent.npz")
    refused(InvalidArgumentsException, "npz", runner.load_params, None)
    refused(graupel.NotFoundError, "glyphs/fc9/bias:0", runner.load_params, {"glyphs/fc9/bias:0": np.zeros(36, np.float32)})
    refused(graupel.MismatchError, "35", runner.load_params, {"glyphs/fc1/bias:0": np.zeros(35, np.float32)})
    refused(HailoNNException, "'nowhere'", network.get_layer_by_name, "nowhere")


def reopened():
    """At every state a HAR holds all of the runner, and edits of it act and stay."""
    runner = ClientRunner()
    runner.translate_onnx_model(MODEL, "glyphs")
    steps = [(lambda: None, States.HAILO_MODEL, InferenceContext.SDK_NATIVE, ""),
             (runner.optimize_full_precision, States.FP_OPTIMIZED_MODEL, InferenceContext.SDK_FP_OPTIMIZED, "fpo"),
             (lambda: runner.optimize(FLOATS), States.QUANTIZED_MODEL, InferenceContext.SDK_QUANTIZED, "q"),
             (runner.compile, States.COMPILED_MODEL, InferenceContext.SDK_HAILO_HW, "q")]

    def outputs(of, context):
        with of.infer_context(context) as entered:
            return of.infer(entered, FLOATS[:4])

    for step, state, context, kind in steps:
        step()
        path = folder / f"{state.value}.har"
        runner.save_har(path)
        again = ClientRunner(har=path)
        assert again.state == runner.state == state and again.get_hn() == runner.get_hn() and again.hef == runner.hef
        expected, params = runner.get_params(), again.get_params()
        assert list(params) == list(expected) and all(np.array_equal(params[key], expected[key]) for key in params)
        with tarfile.open(path) as members:
            npz = np.load(io.BytesIO(members.extractfile(f"glyphs.{kind}.npz" if kind else "glyphs.npz").read()))
            assert json.load(members.extractfile("glyphs.metadata.json"))["state"] == state.value
        assert {key.removesuffix(".npy") for key in npz.files} == set(params), "the archive's parameters are those of get_params"
        assert np.array_equal(outputs(again, context), outputs(runner, context)), state

        hn = again.get_hn()
        again.set_hn(json.loads(json.dumps(hn).replace('"glyphs/fc1"', '"glyphs/head"')))
        edited = again.get_params()
        bias = edited["glyphs/head/bias:0"]
        step_size = edited["head"]["qp_out"][1] if kind == "q" else None
        edited["glyphs/head/bias:0"] = bias + (1 if kind != "q" else np.full_like(bias, 1 << 20))
        again.load_params(edited)
        again.save_har(folder / "edited.har")
        once_more = ClientRunner(har=folder / "edited.har")
        assert once_more.get_hn_model().get_layer_by_name("head").original_names == ["/head/Gemm"]
        assert once_more.state == (States.QUANTIZED_MODEL if kind == "q" else state), "an edited model is not compiled any more"
        shift = outputs(once_more, context) - outputs(runner, context)
        if kind == "q":
            assert shift.min() >= 0 and shift.max() > step_size, "codes of the bias act"
            per_layer = {key.split("/", 2)[2] for key in params if key.startswith("glyphs/fc1/")}
            assert per_layer == {"kernel:0", "bias:0", "qp_out:0", "stats/output_0/stats_limvals:0", "input_activation_bits:0",
                                 "output_activation_bits:0", "weight_bits:0"}, per_layer
            zero_point, scale = params["fc1"]["qp_out"]
            assert np.allclose(params["fc1"]["stats/output_0/stats_limvals"], [-zero_point * scale, (255 - zero_point) * scale])
            refused(graupel.UnsupportedError, "quantization_param", again.load_params, {"glyphs/head/qp_out:0": np.float32([0, 1])})
        else:
            assert np.abs(shift - 1).max() < 1e-4


SCRIPT = """\
# pixels in, and a sigmoid at the end
input_normalization = normalization([127.5, 127.5, 127.5], [63.75, 63.75, 63.75])   # mean, std
change_output_activation(sigmoid)
model_optimization_flavor(optimization_level=0, compression_level=0)
model_optimization_config(calibration, batch_size=4, calibset_size=16)
"""


def model_scripts():
    (folder / "net.alls").write_text(SCRIPT)
    for script in (SCRIPT, str(folder / "net.alls"), folder / "net.alls"):
        runner = ClientRunner()
        runner.translate_onnx_model(MODEL)
        runner.load_model_script(script)
    lines = runner.model_script.split("\n")
    assert lines[0] == "input_normalization = normalization([127.5, 127.5, 127.5], [63.75, 63.75, 63.75])" and len(lines) == 4, lines
    runner.load_model_script("performance_param(compiler_optimization_level=max)", append=True)
    assert runner.model_script.split("\n")[-1] == "performance_param(compiler_optimization_level=max)"
    assert runner._sdk_backend.mo_flavor.optimization_level == 0
    runner.optimize_full_precision(calib_data=PIXELS)
    assert runner.state == States.FP_OPTIMIZED_MODEL
    entry = runner.modifications_meta_data.inputs["glyphs/input_layer1"][0]
    assert entry.cmd_type == "normalization" and entry.output_shape == [-1, 48, 48, 3] and entry.conversion_type.value == ""
    assert entry.layers == ["input_normalization"] and entry.emulate_conversion
    assert [one.cmd_type for one in runner.modifications_meta_data.outputs["glyphs/fc1"]] == ["change_output_activation"]
    with runner.infer_context(InferenceContext.SDK_NATIVE) as native, runner.infer_context(InferenceContext.SDK_FP_OPTIMIZED) as optimized:
        logits, scores = runner.infer(native, FLOATS[:4]), runner.infer(optimized, PIXELS[:4])
    assert np.abs(1 / (1 + np.exp(-logits)) - scores).max() < 1e-4, "the script acts: raw pixels in, sigmoid out"
    refused(InvalidStateException, "HAILO_MODEL", runner.optimize_full_precision)
    runner.optimize(PIXELS)
    runner.load_model_script(SCRIPT)
    runner.save_har(folder / "scripted.har")
    again = ClientRunner(har=folder / "scripted.har")
    assert again.state == States.QUANTIZED_MODEL and again.model_script == runner.model_script and again.modifications_meta_data.inputs
    again.compile()

    refused(AllocatorScriptParserException, "makes 3 layers", runner.load_model_script, "a, b = defuse(conv1, 2)")
    refused(AllocatorScriptParserException, "an integer from 1", runner.load_model_script, "model_optimization_config(calibration, calibset_size=0)")
    assert "{cnv*} of quantization_param matches no layer" in printed(runner.load_model_script, "quantization_param({cnv*}, precision_mode=a8_w8)")
    refused(AllocatorScriptParserException, "line 2", runner.load_model_script, "\nnormalisation([0], [1])\n")
    refused(AllocatorScriptParserException, "conv99", runner.load_model_script, "quantization_param(conv99, precision_mode=a8_w8)")
    refused(graupel.Error, "absent.alls", runner.load_model_script, folder / "absent.alls")


def net_parser():
    parser = NetParser(argparse.ArgumentParser())
    names = dict(net_name="zoo", input_format=None, model_path=str(MODEL), tensor_shapes=None, start_node_names=None,
                 end_node_names=None, y=True, hw_arch="hailo8", har_path=None, augmented_path=None, disable_rt_metadata_extraction=False,
                 parsing_report_path=None, compare=False)
    refused(InvalidArgumentsException, "runner", parser.run, argparse.Namespace(input_framework="onnx", **names))
    parser.runner = ClientRunner(hw_arch="hailo8")
    parser.run(argparse.Namespace(input_framework="onnx", **names), save_model=False)
    assert parser.runner.model_name == "zoo" and parser.runner.state == States.HAILO_MODEL
    other = argparse.Namespace(input_framework="onnx", **{**names, "hw_arch": "hailo8l", "augmented_path": "a.onnx", "compare": True})
    said = printed(parser.run, other, save_model=False)
    assert parser.runner.hw_arch == "hailo8l" and "augmented_path, compare" in said, said
    refused(UnsupportedModelError, "tflite", parser.run, argparse.Namespace(input_framework="tflite", **names))


def misuse():
    runner = ClientRunner()
    refused(InvalidStateException, "translate_onnx_model", runner.get_hn)
    refused(InvalidArgumentsException, "hailo9", ClientRunner, "hailo9")
    refused(graupel.NotFoundError, "absent.har", ClientRunner, har=folder / "absent.har")
    refused(InvalidArgumentsException, "not a HAR", ClientRunner, har=MODEL)
    refused(graupel.NotFoundError, "absent.onnx", runner.translate_onnx_model, folder / "absent.onnx")
    refused(MisspellNodeError, "'/head/Gemm'", runner.translate_onnx_model, MODEL, end_node_names=["/head/Gem"])
    refused(UnsupportedModelError, "ONNX", runner.translate_tf_model, "net.tflite", "net")
    runner.translate_onnx_model(MODEL)
    refused(InvalidStateException, "optimize(calib_data)", runner.compile)
    refused(InvalidArgumentsException, "calib_data", runner.optimize, None)
    refused(TypeError, "batch_size", runner.optimize, FLOATS, batch_size=8)
    refused(graupel.MismatchError, "(70, 3, 48, 48)", runner.optimize, FLOATS.transpose(0, 3, 1, 2))
    refused(graupel.NotFoundError, "absent.npy", runner.optimize, folder / "absent.npy")
    refused(graupel.InvalidError, "no frames", runner.optimize, lambda: iter(()))
    assert runner.state == States.HAILO_MODEL, "a refused call leaves the state alone"
    refused(InvalidArgumentsException, "infer_context", runner.infer, InferenceContext.SDK_NATIVE, FLOATS)
    with runner.infer_context(InferenceContext.SDK_NATIVE) as context:
        refused(graupel.MismatchError, "[N, 48, 48, 3]", runner.infer, context, FLOATS[:, :10])
        refused(graupel.MismatchError, "input_layer1", runner.infer, context, {"glyphs/input_layer7": FLOATS})
        refused(InvalidArgumentsException, "nms_thresh", runner.infer, context, FLOATS[:1], nms_thresh=1)
        refused(InvalidArgumentsException, "batch_size 0", runner.infer, context, FLOATS[:1], batch_size=0)
        refused(InvalidArgumentsException, "data_count -1", runner.infer, context, FLOATS[:1], data_count=-1)
        refused(InvalidArgumentsException, "npy_dir", runner.infer, context, FLOATS[:1], CalibrationDataType.npy_dir)
        refused(InvalidArgumentsException, "accepted", runner.infer, context, FLOATS[:1], "pictures")
    for member in ("get_tf_graph", "hef_infer_context", "quantize", "set_keras_model", "load_model_from_hef"):
        refused(UnsupportedFeatureException, member, getattr(runner, member))
    refused(UnsupportedFeatureException, "custom_infer_config", runner.infer_context(InferenceContext.SDK_NATIVE, custom_infer_config={}).__enter__)
    refused(graupel.InvalidError, "no nms_postprocess", runner.infer_context(InferenceContext.SDK_NATIVE, nms_score_threshold=0.3).__enter__)
    assert "work_dir, memento" in printed(runner.optimize, FLOATS, work_dir="/tmp", memento=object())
    assert "device_ids" in printed(runner.infer_context(InferenceContext.SDK_NATIVE, device_ids=["0"]).__enter__)
    assert "params_kind" in printed(runner.load_params, {}, "translated")
    assert "compilation_only" in printed(runner.save_har, folder / "m.har", compilation_only=True)
    refused(InvalidStateException, "QUANTIZED_MODEL", runner.optimize, FLOATS)
    refused(graupel.NotFoundError, "absent.hef", setattr, runner, "hef", folder / "absent.hef")
    refused(graupel.CorruptError, "HEF of 3 bytes", setattr, runner, "hef", b"HEF")
    refused(InvalidArgumentsException, "int", setattr, runner, "hef", 5)
    assert runner.hef is None, "what is refused is not kept"
    refused(InvalidArgumentsException, "ClientRunner", runner.join, "other.har")
    refused(InvalidArgumentsException, "AUTO_CHAIN_NETWORKS", runner.join, runner, "chained")
    refused(InvalidArgumentsException, "simple, advanced", runner.analyze_noise, FLOATS, analyze_mode="thorough")


def printed(call, *arguments, **keywords):
    """What the runner's logger writes meanwhile."""
    with contextlib.redirect_stdout(io.StringIO()) as text:
        call(*arguments, **keywords)
    return text.getvalue()


def joined():
    def parsed(name):
        runner = ClientRunner()
        runner.translate_onnx_model(MODEL, name)
        return runner

    with parsed("a").infer_context(InferenceContext.SDK_NATIVE) as context:
        alone = context.runner.infer(context, FLOATS[:2])
    both = parsed("a")
    both.join(parsed("b"))
    assert both.model_name == "a" and [len(layers) for layers in (both.get_hn_model().get_input_layers(), both.get_hn_model().get_output_layers())] == [2, 2]
    with both.infer_context(InferenceContext.SDK_NATIVE) as context:
        outputs = both.infer(context, {"a/input_layer1": FLOATS[:2], "a/input_layer2": FLOATS[2:4]})
    assert np.array_equal(outputs[0], alone) and not np.array_equal(outputs[1], alone)
    same = parsed("a")
    same.join(parsed("b"), JoinAction.CUSTOM, {"a/input_layer1": "b/input_layer1", "output_layers_order": JoinOutputLayersOrder.NEW_OUTPUTS_FIRST})
    same.optimize(FLOATS)
    with same.infer_context(InferenceContext.SDK_FP_OPTIMIZED) as context:
        outputs = same.infer(context, FLOATS[:2])
    assert len(outputs) == 2 and np.allclose(outputs[0], alone, atol=1e-4) and np.array_equal(outputs[0], outputs[1])
    assert same.compile()[:4] == b"\x01HEF"
    same.save_har(folder / "joined.har")
    assert ClientRunner(har=folder / "joined.har").get_hn() == same.get_hn()
    refused(graupel.MismatchError, "36", parsed("a").join, parsed("b"), JoinAction.AUTO_CHAIN_NETWORKS)
    refused(graupel.NotFoundError, "fc9", parsed("a").join, parsed("b"), JoinAction.CUSTOM, {"a/fc9": "b/input_layer1"})
    refused(InvalidArgumentsException, "CUSTOM", parsed("a").join, parsed("b"), JoinAction.NONE, {"a/fc1": "b/input_layer1"})
    refused(graupel.InvalidError, "stage", same.join, parsed("b"))
    scripted = parsed("b")
    scripted.load_model_script("normalization([0.0], [1.0])")
    refused(graupel.InvalidError, "model script", parsed("a").join, scripted)


def recommendations():
    """A tail that cannot be parsed: the exception holds where to end, and an answer of yes ends there."""
    import onnx
    model = onnx.load(str(MODEL))
    model.graph.node.append(onnx.helper.make_node("NonZero", [model.graph.output[0].name], ["positions"], "/tail/NonZero"))
    model.graph.output[0].CopyFrom(onnx.helper.make_tensor_value_info("positions", onnx.TensorProto.INT64, [2, None]))
    fault = refused(ParsingWithRecommendationException, "NonZero", ClientRunner().translate_onnx_model, model, "tailed")
    assert fault.recommended_end_node_names == ["/head/Gemm"], fault.recommended_end_node_names
    assert "Parsing failed with recommendations for end node names: ['/head/Gemm']." in str(fault) and isinstance(fault, UnsupportedModelError)
    onnx.save(model, folder / "tailed.onnx")
    names = dict(net_name=None, model_path=str(folder / "tailed.onnx"), tensor_shapes=None, start_node_names=None, end_node_names=None)
    parser = NetParser(argparse.ArgumentParser())
    parser.runner = ClientRunner()
    refused(ParsingWithRecommendationException, "/head/Gemm", parser.run, argparse.Namespace(input_framework="onnx", y=False, **names))
    said = printed(parser.run, argparse.Namespace(input_framework="onnx", y=True, **names), save_model=False)
    assert "According to recommendations, retrying parsing with end node names: ['/head/Gemm']." in said, said
    assert parser.runner.get_hn_model().get_real_output_layers()[0].original_names == ["/head/Gemm"]
    assert parser.runner._original_model_meta["inverse_postprocess_io_map"], "where the cut-off tail gets its input from"


def logger():
    log = create_custom_logger(folder / "hailo.log", console=False)
    log.deprecation_warning("the old way", DeprecationVersion.FUTURE)
    log.info("done")
    assert "the old way" in (folder / "hailo.log").read_text() and "done" in (folder / "hailo.log").read_text()


assert hailo_sdk_client.__version__ == "3.33.0"
for part in (clean_api, seeing_inside, states_and_inference, documents_and_parameters, reopened, model_scripts, net_parser, misuse, recommendations, joined, logger):
    part()
    print(f"{part.__name__}: holds", flush=True)
