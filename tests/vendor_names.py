"""Every name that public scripts import from the vendor's compiler packages, or use of their objects, exists in the drop-in.

What a name does is tested in python_api.py and seed_threads.py; what is not available refuses there. Here only that no script stops at
an import or an attribute.
"""

import importlib
import pathlib
import sys

try:
    import networkx  # noqa: F401
    import numpy as np
except ImportError as missing:
    print(f"skipped: {missing} (./dev test installs it from PyPI)")
    sys.exit(77)

MODULES = {
    "hailo_sdk_client": "ClientRunner InferenceContext HailoNN SdkNative SdkPartialNumeric SdkFineTune __version__",
    "hailo_sdk_client.exposed_definitions": "States JoinAction JoinOutputLayersOrder ContextInfo InferenceContext CalibrationDataType "
                                            "SUPPORTED_HW_ARCHS Dims",
    "hailo_sdk_client.runner.client_runner": "ClientRunner InvalidArgumentsException",
    "hailo_sdk_client.tools.parser_cli": "NetParser",
    "hailo_sdk_client.tools.profiler.react_report_generator": "ReactReportGenerator",
    "hailo_sdk_client.tools.tf_proto_helper": "TF_OPTIONAL_EXTENSIONS",
    "hailo_sdk_client.tools.core_postprocess.core_postprocess_api": "MetaArchitectures add_nms_postprocess",
    "hailo_sdk_client.tools.hn_modifications": "add_yuv_to_rgb_layers add_resize_input_layers transpose_hn_height_width",
    "hailo_sdk_client.model_translator.exceptions": "ParsingWithRecommendationException MisspellNodeError",
    "hailo_sdk_common.logger.logger": "create_custom_logger DFC_FOLDER_PATH DeprecationVersion",
    "hailo_sdk_common.targets.inference_targets": "SdkFPOptimized SdkPartialNumeric SdkNative ParamsKinds",
    "hailo_sdk_common.hailo_nn.hn_definitions": "ActivationTypes ActivationType LayerType",
    "hailo_sdk_common.hailo_nn.hailo_nn": "HailoNN",
    "hailo_sdk_common.hailo_nn.exceptions": "UnsupportedModelError InvalidHNError",
    "hailo_sdk_common.profiler.profiler_common": "ProfilerModes",
}
ENUMERATORS = {
    "States": "UNINITIALIZED ORIGINAL_MODEL HAILO_MODEL FP_OPTIMIZED_MODEL QUANTIZED_MODEL COMPILED_MODEL",
    "InferenceContext": "SDK_NATIVE SDK_FP_OPTIMIZED SDK_QUANTIZED SDK_BIT_EXACT SDK_HAILO_HW",
    "CalibrationDataType": "auto np_array dataset npy_file npy_dir",
    "JoinAction": "NONE AUTO_JOIN_INPUTS AUTO_CHAIN_NETWORKS CUSTOM",
    "JoinOutputLayersOrder": "NEW_OUTPUTS_LAST NEW_OUTPUTS_FIRST NEW_OUTPUTS_IN_PLACE",
}
RUNNER = """translate_onnx_model translate_tf_model load_model_script model_script optimize_full_precision optimize infer_context infer
get_keras_model compile hef save_har load_har get_hn get_hn_dict get_hn_model get_native_hn_model set_hn get_params load_params
get_params_translated get_params_fp_optimized get_params_statistics save_params get_hw_representation quantize profile_hn_model
apply_model_modification_commands profile analyze_noise join get_tf_graph hef_infer_context state model_name hw_arch
modifications_meta_data _logger _original_model_meta _sdk_backend _hw_arch model_summary set_keras_model load_model_from_hef"""
NETWORK = """get_input_layers get_output_layers get_real_output_layers get_real_output_layer get_layer_by_name predecessors successors
stable_toposort get_input_shapes is_transposed name net_params to_hn"""
LAYER = """name scope op activation inputs output_shape output_shapes original_names bn_enabled weights precision_config params"""
KERAS = "_model layers compile interlayer_tensors is_jit_compile_supported build predict"
GLYPHS = pathlib.Path(__file__).resolve().parent.parent / "zoo" / "glyphs" / "glyphs.onnx"

missing = []


def need(thing, where, names):
    missing.extend(f"{where}.{name}" for name in names.split() if not hasattr(thing, name))


for module, names in MODULES.items():
    need(importlib.import_module(module), module, names)
definitions = importlib.import_module("hailo_sdk_client.exposed_definitions")
for enumeration, names in ENUMERATORS.items():
    need(getattr(definitions, enumeration), enumeration, names)
from hailo_sdk_client import ClientRunner, InferenceContext

runner = ClientRunner(hw_arch="hailo8")
runner.translate_onnx_model(GLYPHS)
need(runner, "ClientRunner", RUNNER)
network = runner.get_hn_model()
need(network, "HailoNN", NETWORK)
need(network.net_params, "net_params", "net_scopes output_layers_order")
for layer in network.stable_toposort():
    need(layer, f"layer {layer.name}", LAYER)
    need(layer.op, f"layer {layer.name}: op", "name")
with runner.infer_context(InferenceContext.SDK_NATIVE) as context:
    model = runner.get_keras_model(context)
    need(model, "keras model", KERAS)
    frames = np.random.default_rng(1).normal(size=(2, 48, 48, 3)).astype(np.float32)
    alone = model(frames, training=False)
    saved = list(model._model.layers)[:2]
    model._model.compile(save_interlayer=saved)
    assert np.array_equal(model(frames), alone), "looking inside changes no output"
    assert list(model.interlayer_tensors) == saved and model.layers[saved[0]].num_outputs == 1
    shapes = [network.get_layer_by_name(name).output_shape[1:] for name in saved]
    assert [list(array.shape[1:]) for array in model.interlayer_tensors.values()] == shapes, "layers as the HN names and shapes them"
if missing:
    sys.exit("names that scripts use are missing: " + ", ".join(missing))
print("every name that public scripts import or use exists")
