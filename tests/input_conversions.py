"""Every input_conversion, resize and transpose of the model script on the bundled model: pictures encoded here in NumPy give the answers
that the network gives on RGB, in floats; quantized, compiled and emulated agree bit for bit; what is not emulated leaves the input alone.
"""

import sys

try:
    import numpy as np
except ImportError as missing:
    print(f"skipped: {missing} (./dev test installs it from PyPI)")
    sys.exit(77)

import pathlib

from hailo_sdk_client import ClientRunner, InferenceContext

MODEL = pathlib.Path(__file__).resolve().parent.parent / "zoo" / "glyphs" / "glyphs.onnx"
NORMALIZATION = "norm = normalization([127.5], [63.75])\n"
SIZE, FRAMES = 48, 3
#: Columns Y, U, V of what RGB is multiplied by, and what is added.
YUV_OF_RGB = np.array([[0.2568619, -0.14823364, 0.43923104], [0.5042455, -0.2909974, -0.367758], [0.09799913, 0.43923104, -0.07147305]])
YUV_OFFSET = np.array([16, 128, 128])
#: They convert the layout and then the colours: two layers, two names.
TWO_STEPS = {f"{layout}_to_{colours}" for layout in ("nv12", "i420", "yuy2") for colours in ("rgb", "bgr")}
random = np.random.default_rng(13)
failures = []


def expect(holds, sentence):
    print(sentence + ("" if holds else "  FAILED"))
    if not holds:
        failures.append(sentence)


def smooth_pictures(count):
    """RGB in 0..255 whose colours are the same in every block of 2 x 2 pixels: formats that share colours lose nothing."""
    blocks = random.uniform(0, 255, (count, SIZE // 2, SIZE // 2, 3))
    return blocks.repeat(2, 1).repeat(2, 2)


def yuv(rgb):
    return rgb @ YUV_OF_RGB + YUV_OFFSET


def nv12(picture):
    """[N, H, W, 3] YUV -> [N, H/2, W, 3]: all Y, then U and V in turns."""
    n, h, w, _ = picture.shape
    planes = np.concatenate([picture[..., 0].reshape(n, -1), picture[:, ::2, ::2, 1:].reshape(n, -1)], 1)
    return planes.reshape(n, h // 2, w, 3)


def i420(picture):
    n, h, w, _ = picture.shape
    planes = np.concatenate([picture[..., 0].reshape(n, -1), picture[:, ::2, ::2, 1].reshape(n, -1), picture[:, ::2, ::2, 2].reshape(n, -1)], 1)
    return planes.reshape(n, h // 2, w, 3)


def yuy2(picture):
    second = picture[..., 1].copy()
    second[:, :, 1::2] = picture[:, :, ::2, 2]
    return np.stack([picture[..., 0], second], -1)


def rgbx(picture):
    return np.concatenate([picture, np.full_like(picture[..., :1], 77)], -1)


#: Kind -> what RGB becomes on its way to the input; the colours that the network then sees are RGB, or these exchanged.
KINDS = {
    "bgr_to_rgb": (lambda p: p[..., ::-1], False), "rgb_to_bgr": (lambda p: p, True),
    "yuv_to_rgb": (yuv, False), "yuv_to_bgr": (yuv, True),
    "nv12_to_rgb": (lambda p: nv12(yuv(p)), False), "nv12_to_bgr": (lambda p: nv12(yuv(p)), True),
    "i420_to_rgb": (lambda p: i420(yuv(p)), False), "i420_to_bgr": (lambda p: i420(yuv(p)), True),
    "yuy2_to_rgb": (lambda p: yuy2(yuv(p)), False), "yuy2_to_bgr": (lambda p: yuy2(yuv(p)), True),
    "nv12_to_hailo_yuv": (nv12, False), "i420_to_hailo_yuv": (i420, False), "yuy2_to_hailo_yuv": (yuy2, False),
    "tf_rgbx_to_hailo_rgb": (rgbx, False),
}


def runner_with(script):
    runner = ClientRunner()
    runner.translate_onnx_model(MODEL, "glyphs")
    runner.load_model_script(NORMALIZATION + script)
    runner.optimize_full_precision()
    return runner


def infer(runner, context, frames):
    with runner.infer_context(context) as entered:
        return runner.infer(entered, frames.astype(np.float32))


def check(what, runner, frames, wanted, near=2e-3):
    given = infer(runner, InferenceContext.SDK_FP_OPTIMIZED, frames)
    worst = np.abs(given - wanted).max() / np.abs(wanted).max()
    expect(worst < near, f"{what}: input {frames.shape[1:]}, worst {worst:.1e} of the largest value")
    runner.optimize(frames.astype(np.float32))
    same = np.array_equal(infer(runner, InferenceContext.SDK_QUANTIZED, frames), infer(runner, InferenceContext.SDK_HAILO_HW, frames))
    expect(same, f"{what}: the program's bytes are the emulation's")


pictures = smooth_pictures(FRAMES)
plain = runner_with("")
wanted = infer(plain, InferenceContext.SDK_FP_OPTIMIZED, pictures)
exchanged = infer(plain, InferenceContext.SDK_FP_OPTIMIZED, pictures[..., ::-1])
expect(np.abs(wanted - exchanged).max() > 0.05 * np.abs(wanted).max(), "the order of colours matters to the model")
for kind, (encode, bgr) in KINDS.items():
    names = "layout, colours" if kind in TWO_STEPS else "conversion"
    runner = runner_with(f"{names} = input_conversion(input_layer1, {kind}, emulator_support=True)\n")
    check(kind, runner, encode(pictures), exchanged if bgr else wanted)
for kind, script in {"nv12_to_hailo_yuv": "yuv = input_conversion(yuv_to_rgb)\nformat = input_conversion(input_layer1, nv12_to_hailo_yuv)\n",
                     "nv12_to_rgb": "format, colours = input_conversion(input_layer1, nv12_to_rgb)\n"}.items():
    given = infer(runner_with(script), InferenceContext.SDK_FP_OPTIMIZED, yuv(pictures))
    expect(np.abs(given - wanted).max() < 2e-3 * np.abs(wanted).max(), f"{kind}, not emulated: the input takes the planes' YUV")


def at_the_runtime(kind, order):
    """A HEF whose input takes pictures in a format says so, and the runtime gives it their bytes as they are."""
    import hailo_platform as hpf

    encode, _ = KINDS[kind]
    frames = np.clip(np.rint(encode(pictures)), 0, 255).astype(np.uint8)
    runner = runner_with(f"layout, colours = input_conversion(input_layer1, {kind}, emulator_support=True)\n")
    runner.optimize(frames.astype(np.float32))
    hef = hpf.HEF(runner.compile())
    info = hef.get_input_vstream_infos()[0]
    expect(str(info.format.order) == order and tuple(info.shape) == frames.shape[1:], f"{kind}: the HEF's input is {info.format.order} {info.shape}")
    with hpf.VDevice() as target:
        group = target.configure(hef, hpf.ConfigureParams.create_from_hef(hef, interface=hpf.HailoStreamInterface.PCIe))[0]
        params = [vstreams.make(group, format_type=form) for vstreams, form in ((hpf.InputVStreamParams, hpf.FormatType.UINT8),
                                                                               (hpf.OutputVStreamParams, hpf.FormatType.FLOAT32))]
        with hpf.InferVStreams(group, *params) as pipeline, group.activate():
            (scores,) = pipeline.infer(frames).values()
    emulated = infer(runner, InferenceContext.SDK_QUANTIZED, frames.astype(np.float32))
    expect(np.array_equal(scores.reshape(emulated.shape), emulated), f"{kind}: the runtime gives the emulation's answers")


at_the_runtime("nv12_to_rgb", "FormatOrder.NV12")
at_the_runtime("i420_to_rgb", "FormatOrder.I420")
at_the_runtime("yuy2_to_rgb", "FormatOrder.YUY2")

enlarged = pictures.repeat(2, 1).repeat(2, 2)
check("resize, nearest", runner_with(f"r = resize(resize_shapes=[{2 * SIZE}, {2 * SIZE}], resize_method=nearest_neighbor)\n"), enlarged, wanted)
check("transpose", runner_with("transpose(input_layer1)\n"), pictures.transpose(0, 2, 1, 3), wanted)
for activation, meaning in {"sigmoid": lambda x: 1 / (1 + np.exp(-x)), "tanh": np.tanh, "leaky": lambda x: np.where(x < 0, 0.1 * x, x),
                            "relu": lambda x: np.maximum(x, 0), "linear": lambda x: x}.items():
    check(f"change_output_activation({activation})", runner_with(f"change_output_activation(fc1, {activation})\n"), pictures, meaning(wanted))
share = np.exp(wanted - wanted.max(1, keepdims=True))
check("logits_layer, softmax", runner_with("s = logits_layer(fc1, softmax, -1)\n"), pictures, share / share.sum(1, keepdims=True))
check("logits_layer, argmax", runner_with("s = logits_layer(fc1, argmax, -1)\n"), pictures, wanted.argmax(1)[:, None].astype(np.float32))
if failures:
    sys.exit("input conversions and activations differ: " + "; ".join(failures))
