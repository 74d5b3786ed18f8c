"""Writes small valid files for the fuzz targets to start from: fuzz/seeds.py GRAUPEL FOLDER → FOLDER/{onnx,har,hef}.

One tiny model per operator (with the `onnx` package where it is installed), the small trained models when the test data
is at hand, and from each the HAR of every stage and the HEF that the command GRAUPEL makes of it.
"""

import os
import pathlib
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parent.parent
DATA = pathlib.Path(os.environ.get("GRAUPEL_DATA", ROOT.parent / "shared" / "data"))
LARGEST = 64 * 1024  # bytes; a larger seed makes every step of the fuzzer slow

try:
    import numpy as np
    import onnx
    from onnx import TensorProto, helper, numpy_helper
except ImportError as missing:
    sys.exit(f"skipped: {missing} (./dev test installs the oracles from PyPI)")

IMAGE = (1, 4, 6, 6)
random = np.random.default_rng(7)


def real(*shape):
    return random.normal(0, 0.5, shape).astype(np.float32)


def ints(*values):
    return np.array(values, np.int64)


def model(nodes, constants, shape=IMAGE, outputs=("y",), opset=13):
    """A chain from "x" to `outputs`; a node is (operator, inputs, outputs, attributes)."""
    made = [helper.make_node(op, ins, outs, name=f"node_{i}", **attributes) for i, (op, ins, outs, attributes) in enumerate(nodes)]
    graph = helper.make_graph(
        made, "g", [helper.make_tensor_value_info("x", TensorProto.FLOAT, shape)],
        [helper.make_tensor_value_info(name, TensorProto.FLOAT, None) for name in outputs],
        [numpy_helper.from_array(value, name) for name, value in constants.items()])
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", opset)], ir_version=8)


def one(op, constants=(), shape=IMAGE, opset=13, outputs=("y",), **attributes):
    """One operator over x and constants."""
    names = [f"c{i}" for i in range(len(constants))]
    return model([(op, ["x", *names], list(outputs), attributes)], dict(zip(names, constants)), shape, outputs, opset)


def unary_models():
    for op in ("Relu", "LeakyRelu", "Elu", "Sigmoid", "HardSigmoid", "Tanh", "Softplus", "Identity", "GlobalAveragePool", "Flatten"):
        yield op, one(op)
    yield "HardSwish", one("HardSwish", opset=14)
    yield "Mish", one("Mish", opset=18)
    yield "PRelu", one("PRelu", [real(4, 1, 1)])
    yield "Clip", one("Clip", [np.float32(0), np.float32(6)])
    yield "Clip6", one("Clip", opset=6 + 1, min=0.0, max=6.0)
    yield "Softmax", one("Softmax", axis=1)
    yield "SiLU", model([("Sigmoid", ["x"], ["s"], {}), ("Mul", ["x", "s"], ["y"], {})], {})
    yield "DepthToSpace", one("DepthToSpace", blocksize=2)


def linear_models():
    yield "Conv", one("Conv", [real(8, 4, 3, 3), real(8)], pads=[1, 1, 1, 1])
    yield "ConvStride", one("Conv", [real(4, 4, 3, 2)], strides=[2, 1], dilations=[1, 2], pads=[0, 1, 2, 1])
    yield "ConvGroup", one("Conv", [real(4, 2, 1, 1)], group=2)
    yield "ConvDepthwise", one("Conv", [real(4, 1, 3, 3)], group=4, auto_pad="SAME_UPPER")
    yield "ConvTranspose", one("ConvTranspose", [real(4, 3, 2, 2)], strides=[2, 2])
    yield "Gemm", one("Gemm", [real(5, 8), real(5)], shape=(1, 8), transB=1)
    yield "MatMul", one("MatMul", [real(8, 5)], shape=(1, 8))
    yield "BatchNormalization", one("BatchNormalization", [real(4), real(4), real(4), abs(real(4))])
    yield "ConvBnReluAdd", model(
        [("Conv", ["x", "w"], ["a"], {"pads": [1, 1, 1, 1]}), ("BatchNormalization", ["a", "n", "n", "n", "v"], ["b"], {}),
         ("Relu", ["b"], ["c"], {}), ("Add", ["c", "x"], ["y"], {})],
        {"w": real(4, 4, 3, 3), "n": real(4), "v": abs(real(4))})


def binary_models():
    for op in ("Add", "Sub", "Mul", "Div"):
        yield op, one(op, [abs(real(1, 4, 1, 1)) + 1])
        yield op + "Self", model([("Relu", ["x"], ["r"], {}), (op, ["x", "r"], ["y"], {})] if op != "Div" else
                                 [("Sigmoid", ["x"], ["r"], {}), (op, ["x", "r"], ["y"], {})], {})
    for op in ("Min", "Max"):
        yield op, model([("Tanh", ["x"], ["r"], {}), (op, ["x", "r"], ["y"], {})], {})


def moving_models():
    yield "Concat", model([("Relu", ["x"], ["r"], {}), ("Concat", ["x", "r"], ["y"], {"axis": 1})], {})
    yield "Split", model([("Split", ["x", "s"], ["a", "b"], {"axis": 1}), ("Add", ["a", "b"], ["y"], {})], {"s": ints(2, 2)})
    yield "Slice", one("Slice", [ints(1, 0), ints(3, 6), ints(1, 2), ints(1, 2)])
    yield "Pad", one("Pad", [ints(0, 0, 1, 1, 0, 0, 1, 2), np.float32(0)])
    yield "Transpose", one("Transpose", perm=[0, 2, 3, 1])
    yield "Reshape", one("Reshape", [ints(1, 8, 3, -1)])
    yield "Squeeze", model([("ReduceMean", ["x"], ["m"], {"axes": [2, 3]}), ("Squeeze", ["m", "a"], ["y"], {})], {"a": ints(2, 3)})
    yield "Unsqueeze", model([("Squeeze", ["x", "a"], ["s"], {}), ("Unsqueeze", ["s", "a"], ["y"], {})], {"a": ints(0)})
    yield "ShapeArithmetic", model(
        [("Shape", ["x"], ["s"], {}), ("Gather", ["s", "i"], ["n"], {}), ("Concat", ["n", "m"], ["t"], {"axis": 0}),
         ("Reshape", ["x", "t"], ["y"], {})], {"i": ints(0), "m": ints(-1)})
    yield "Range", model(
        [("Range", ["a", "b", "c"], ["r"], {}), ("Cast", ["r"], ["f"], {"to": 1}), ("Add", ["x", "f"], ["y"], {})],
        {"a": np.int64(0), "b": np.int64(6), "c": np.int64(1)})
    yield "Expand", model([("ConstantOfShape", ["s"], ["z"], {}), ("Expand", ["z", "t"], ["e"], {}), ("Add", ["x", "e"], ["y"], {})],
                          {"s": ints(1), "t": ints(1, 4, 1, 1)})


def window_models():
    yield "MaxPool", one("MaxPool", kernel_shape=[3, 3], strides=[2, 2], pads=[1, 1, 1, 1])
    yield "AveragePool", one("AveragePool", kernel_shape=[2, 2], strides=[2, 2], ceil_mode=1)
    for mode, how in (("nearest", "asymmetric"), ("linear", "half_pixel"), ("linear", "align_corners"), ("nearest", "half_pixel")):
        yield f"Resize{mode}{how}", model(
            [("Resize", ["x", "", "k"], ["y"], {"mode": mode, "coordinate_transformation_mode": how})],
            {"k": np.array([1, 1, 2, 2], np.float32)})
    yield "Upsample", one("Upsample", [np.array([1, 1, 2, 2], np.float32)], opset=9, mode="nearest")


def run(*command):
    done = subprocess.run([str(part) for part in command], capture_output=True, text=True)
    if done.returncode != 0:
        print(f"{command[2].name if hasattr(command[2], 'name') else command}: {done.stderr.strip()[:300]}")
    return done.returncode == 0


def stages(graupel, path, folder):
    """From one ONNX file the HAR at its first and last stage and the HEF."""
    loaded = onnx.load(path)
    constants = {value.name for value in loaded.graph.initializer}
    graph_input = next(value for value in loaded.graph.input if value.name not in constants)
    shape = [dim.dim_value or 1 for dim in graph_input.type.tensor_type.shape.dim]
    parsed, optimized = folder / "har" / f"{path.stem}.parsed.har", folder / "har" / f"{path.stem}.har"
    with tempfile.TemporaryDirectory() as temporary:
        frames = pathlib.Path(temporary) / "frames.npy"
        np.save(frames, real(4, *shape[1:]))
        _ = (run(graupel, "parse", path, "-o", parsed) and run(graupel, "optimize", parsed, "--calib", frames, "-o", optimized)
             and run(graupel, "compile", optimized, "-o", folder / "hef" / f"{path.stem}.hef"))


def main(graupel, folder):
    for kind in ("onnx", "har", "hef"):
        (folder / kind).mkdir(parents=True, exist_ok=True)
    for make in (unary_models, linear_models, binary_models, moving_models, window_models):
        for name, made in make():
            onnx.save(made, folder / "onnx" / f"{name}.onnx")
    for path in sorted((DATA / "models").glob("*.onnx")):
        if path.stat().st_size <= LARGEST:
            (folder / "onnx" / path.name).write_bytes(path.read_bytes())
    for path in sorted((folder / "onnx").glob("*.onnx")):
        stages(graupel, path, folder)
    for path in (*(folder / "har").iterdir(), *(folder / "hef").iterdir()):
        if path.stat().st_size > 4 * LARGEST:
            path.unlink()
    print({kind: len(list((folder / kind).iterdir())) for kind in ("onnx", "har", "hef")})


main(sys.argv[1], pathlib.Path(sys.argv[2]))
