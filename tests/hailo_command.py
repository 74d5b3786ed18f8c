"""The command `hailo` on the bundled model: names of files, lines that scripts read, and what it refuses."""

import os
import pathlib
import re
import subprocess
import sys
import tempfile

try:
    import numpy as np
except ImportError as missing:
    print(f"skipped: {missing} (./dev test installs it from PyPI)")
    sys.exit(77)

ROOT = pathlib.Path(__file__).resolve().parent.parent
HAILO = os.environ.get("HAILO", str(ROOT / "build" / "release" / "tools" / "hailo"))
folder = pathlib.Path(tempfile.mkdtemp())


def hailo(*words, code=0):
    done = subprocess.run([HAILO, *map(str, words)], cwd=folder, capture_output=True, text=True)
    assert done.returncode == code, f"hailo {words} exited with {done.returncode} instead of {code}:\n{done.stdout}{done.stderr}"
    return done.stdout + done.stderr


def expect(text, *parts):
    for part in parts:
        assert re.search(part, text), f"the output lacks /{part}/:\n{text}"


(folder / "net.onnx").write_bytes((ROOT / "zoo" / "glyphs" / "glyphs.onnx").read_bytes())
np.save(folder / "calibration.npy", np.random.default_rng(1).uniform(-2, 2, (70, 48, 48, 3)).astype(np.float32))

expect(hailo("--version"), r"Hailo Dataflow Compiler v3\.33\.0")
assert hailo("help") == hailo("-h") and hailo("help", "parser") == hailo("parser", "-h"), "help is -h"
hailo("help", "parse", code=2)
expect(hailo("-h"), "help", "parser", "optimize", "compiler", "analyze-noise", "params-csv", "visualizer")
expect(hailo("parser", "onnx", "net.onnx", "-y"), r"\[info\] Hailo DFC Version: 3\.33\.0", r"Running `hailo parser onnx net\.onnx -y`",
       r"Translation started on ONNX model net", r"Start nodes mapped from original model: 'image': 'net/input_layer1'\.",
       r"End nodes mapped from original model: '/head/Gemm'\.", r"Translation completed on ONNX model net \(completion time: 00:00:0\d\.\d\d\)",
       rf"Saved HAR to: {folder.resolve()}/net\.har")
hailo("parser", "onnx", "net.onnx", "--net-name", "b", "--har", "named.har", "--tensor-shapes", "[1,3,48,48]", "--end-node-names",
      "/head/Gemm", "--hw-arch", "hailo8l")
expect(hailo("har", "info", "named.har"), "State: Hailo Model", "HW arch: hailo8l", r"b\.npz")
(folder / "named.har").rename(folder / "named2.har")
expect(hailo("optimize", "--calib-set-path", "calibration.npy", code=3), "named2.har, net.har")
expect(hailo("optimize", "net.har", "--calib-set-path", "calibration.npy", "--work-dir", "w"), r"\[warning\] --work-dir has no effect here", r"Saved HAR to: .*/net_optimized\.har", "64 calibration frames")
hailo("optimize", "net.har", "--use-random-calib-set", "--output-har-path", "random.har")
expect(hailo("compiler", "net_optimized.har"), r"input_layer1, conv1", r"Layer connections:", r"input_layer1 -> conv1", r"fc1 -> output_layer1",
       r"Successful Compilation", r"Saved HAR to: .*/net_compiled\.har")
assert (folder / "net.hef").read_bytes()[:4] == b"\x01HEF"
expect(hailo("har", "info", "net_compiled.har"), "State: Compiled Model", r"net\.hef")
(folder / "out").mkdir()
hailo("har", "extract", "net_compiled.har", "--output-dir", "out")
assert (folder / "out" / "net.hef").read_bytes() == (folder / "net.hef").read_bytes()
expect(hailo("har", "extract", "net_compiled.har", "--auto-model-script-path", "auto.alls", code=3), "leave it out")
expect(hailo("analyze-noise", "net_optimized.har", "--data-path", "calibration.npy", "--data-count", "2"), r"logits: \d+\.?\d* dB",
       r"Saved HAR to: .*/net_optimized\.har")
expect(hailo("analyze-noise", "net_optimized.har", "--data-path", "calibration.npy", "--data-count", "1", "--analyze-mode", "advanced"),
       r"Layers quantized alone, the SNR of the worst output:\n(\[info\]   net/\w+: \d+\.?\d* dB\n){5}")
expect(hailo("har", "info", "net_optimized.har"), r"net\.noise\.npz")
expect(hailo("profiler", "net_compiled.har", "--csv", "--mode", "post_placement"), "GMACs", "Throughput", "conv1 ", r"\[warning\] --mode has no effect here")
assert (folder / "net_profile.csv").read_text().startswith("layer,us,share,macs\n")
expect(hailo("join", "net.har", "named2.har"), r"Saved HAR to: .*/net_joined\.har")
expect(hailo("har", "info", "net_joined.har"), "State: Hailo Model")
hailo("params-csv", "net_optimized.har")
assert (folder / "net_params.csv").read_text().splitlines()[1].startswith('"net/conv1/kernel:0",3x3x3x16,s8,')

expect(hailo("parser", "tf", "net.tflite", code=3), "ONNX")
expect(hailo("parser", "onnx", "absent.onnx", code=5), "absent.onnx")
expect(hailo("parser", "onnx", "net.onnx", "--end-node-names", "/head/Gem", code=5), "/head/Gemm")
expect(hailo("parser", "onnx", "net.onnx", "--tensor-shapes", "[1,x]", code=3), r"accepted: \[1,3,320,320\]")
expect(hailo("optimize", "net.har", code=3), "--calib-set-path and --use-random-calib-set")
expect(hailo("optimize", "net_optimized.har", "--use-random-calib-set", code=3), "quantized already")
expect(hailo("optimize", "net.onnx", "--use-random-calib-set", code=3), "not a HAR")
expect(hailo("compiler", "net.har", code=3), "stage parsed", "hailo optimize")
expect(hailo("join", "net.har", "net_optimized.har", code=3), "bring both to the same stage")
expect(hailo("join", "net.har", "net.har", "--join-action", "auto_chain_networks", code=4), "takes")
(folder / "wrong.alls").write_text("normalization([0, 0, 0], [1, 1, 1])\nnormalise()\n")
expect(hailo("optimize", "net.har", "--use-random-calib-set", "--model-script", "wrong.alls", code=3), r"line 2, column 1")
expect(hailo("optimise", code=2), "there is no verb 'optimise'; nearest: 'optimize'")
hailo("parser", "onnx", "net.onnx", "--hw-arch", "hailo9", code=2)
print("the command line writes, prints and refuses what it must")
