"""The three distributions as wheels, in a fresh environment, used from there. Takes minutes: skipped unless GRAUPEL_SLOW=1.

It compiles everything once more, and pip fetches the build tools and numpy.
"""

import os
import pathlib
import subprocess
import sys
import tempfile
import venv

ROOT = pathlib.Path(__file__).resolve().parents[1]
DISTRIBUTIONS = (".", "./python/distributions/hailort", "./python/distributions/hailo-dataflow-compiler")
SESSION = """
import sys
import graupel, hailo_platform as hpf, numpy as np
from hailo_sdk_client import ClientRunner, InferenceContext
assert all(sys.prefix in module.__file__ for module in (graupel, hpf)), (graupel.__file__, hpf.__file__)
runner = ClientRunner(hw_arch="hailo8")
runner.translate_onnx_model(sys.argv[1], "glyphs")
frames = np.random.default_rng(3).integers(0, 256, (8, 48, 48, 3)).astype(np.float32)
runner.optimize(frames)
open("glyphs.hef", "wb").write(runner.compile())
with runner.infer_context(InferenceContext.SDK_QUANTIZED) as ctx:
    emulated = runner.infer(ctx, frames)
hef = hpf.HEF("glyphs.hef")
with hpf.VDevice() as target:
    group = target.configure(hef, hpf.ConfigureParams.create_from_hef(hef, interface=hpf.HailoStreamInterface.PCIe))[0]
    params = [kind.make(group, format_type=hpf.FormatType.FLOAT32) for kind in (hpf.InputVStreamParams, hpf.OutputVStreamParams)]
    with hpf.InferVStreams(group, *params) as pipeline, group.activate():
        (scores,) = pipeline.infer(frames).values()
assert np.array_equal(scores.reshape(-1), emulated.reshape(-1)), "the installed runtime differs from the installed emulation"
print(f"{len(frames)} frames: the installed runtime gives the scores of the installed emulation")
"""

if not os.environ.get("GRAUPEL_SLOW"):
    print("skipped: " + __doc__.split(": ", 1)[1].strip())
    sys.exit(77)


def run(*command, **named):
    done = subprocess.run([str(c) for c in command], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, **named)
    if done.returncode != 0:
        sys.exit(f"{' '.join(str(c) for c in command)} exited with {done.returncode}:\n{done.stdout[-6000:]}")
    return done.stdout


with tempfile.TemporaryDirectory() as folder:
    folder = pathlib.Path(folder)
    venv.create(folder / "venv", with_pip=True)
    python = folder / "venv" / "bin" / "python"
    run(python, "-m", "pip", "wheel", "-q", "--no-deps", "-w", folder / "wheels", *DISTRIBUTIONS, cwd=ROOT)
    wheels = sorted((folder / "wheels").glob("*.whl"))
    print("\n".join(f"{wheel.name}: {wheel.stat().st_size / 1e6:.1f} MB" for wheel in wheels))
    assert len(wheels) == len(DISTRIBUTIONS)
    run(python, "-m", "pip", "install", "-q", *wheels)
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    print(run(python, "-c", SESSION, ROOT / "zoo" / "glyphs" / "glyphs.onnx", cwd=folder,
              env={**environment, "HAILORT_LOGGER_PATH": "NONE"}).strip().splitlines()[-1])
