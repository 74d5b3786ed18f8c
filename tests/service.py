"""hailort_service: processes share its device under one scheduler, and get what they get alone; it releases what a process leaves behind.

Skipped where the service is not built (it needs gRPC).
"""

import os
import pathlib
import signal
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parents[1]
BUILD = pathlib.Path(os.environ.get("GRAUPEL_BUILD", ROOT / "build" / "release"))
SERVICE, GRAUPEL, HAILORTCLI = (BUILD / "tools" / name for name in ("hailort_service", "graupel", "hailortcli"))
INVALID_ARGUMENT, OUT_OF_PHYSICAL_DEVICES, RPC_FAILED = 2, 74, 77

if not SERVICE.exists():
    print("skipped: " + __doc__.split("\n\n")[1].strip())
    sys.exit(77)

try:
    import numpy as np
except ImportError as missing:
    print(f"skipped: {missing} (./dev test installs it from PyPI)")
    sys.exit(77)

# One process: frames through a HEF. Without a group it has a device of its own and writes its scores; with one it has the service's, and
# compares.
PROCESS = """
import sys
import numpy as np
import hailo_platform as hpf

hef_path, frames_path, wanted_path, group, rounds, priority = sys.argv[1:]
frames = np.load(frames_path)
params = hpf.VDevice.create_params()
params.scheduling_algorithm = hpf.HailoSchedulingAlgorithm.ROUND_ROBIN
if group:
    params.multi_process_service, params.group_id = True, group
hef = hpf.HEF(hef_path)
with hpf.VDevice(params) as target:
    network = target.configure(hef, hpf.ConfigureParams.create_from_hef(hef, interface=hpf.HailoStreamInterface.PCIe))[0]
    network.set_scheduler_priority(int(priority))
    made = [kind.make(network, format_type=form) for kind, form in ((hpf.InputVStreamParams, hpf.FormatType.UINT8),
                                                                    (hpf.OutputVStreamParams, hpf.FormatType.FLOAT32))]
    with hpf.InferVStreams(network, *made) as pipeline:
        print("ready", flush=True)
        for _ in range(int(rounds)):
            (scores,) = pipeline.infer({hef.get_input_vstream_infos()[0].name: frames}).values()
            if not group:
                np.save(wanted_path, scores)
            assert np.array_equal(scores, np.load(wanted_path)), "the service computes something else"
"""


def program(*command, environment, **named):
    return subprocess.Popen([str(c) for c in command], env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, **named)


def finish(process, status=0):
    out, err = process.communicate(timeout=300)
    if process.returncode != status:
        sys.exit(f"{process.args} exited with {process.returncode}, not {status}:\n{out[-2000:]}\n{err[-2000:]}")
    return out


with tempfile.TemporaryDirectory() as folder:
    folder = pathlib.Path(folder)
    environment = {**os.environ, "HAILORT_SERVICE_ADDRESS": f"unix://{folder}/socket", "HAILORT_LOGGER_PATH": "NONE",
                   "PYTHONPATH": f"{ROOT / 'python'}{os.pathsep}{BUILD / 'python'}", "PYTHONDONTWRITEBYTECODE": "1"}
    subprocess.run(["sh", ROOT / "examples" / "make_models.sh", GRAUPEL, ROOT / "zoo" / "glyphs", folder], check=True)
    frames = np.random.default_rng(5).integers(0, 256, (6, 48, 48, 3)).astype(np.uint8)
    np.save(folder / "frames.npy", frames)

    def infer(name, group="SHARED", rounds=40, priority=16):
        return program(sys.executable, "-c", PROCESS, folder / f"{name}.hef", folder / "frames.npy", folder / f"{name}.npy", group, rounds,
                       priority, environment=environment)

    for name in ("first", "second"):
        finish(infer(name, group="", rounds=1))
    assert not np.array_equal(*(np.load(folder / f"{name}.npy") for name in ("first", "second"))), "the models must differ"
    run2 = [HAILORTCLI, "run2", "-t", "0.5", "--multi-process-service", "--group-id", "SHARED", "set-net", folder / "first.hef"]
    finish(program(*run2, environment=environment), RPC_FAILED)
    print("without a service: 77")
    service = program(SERVICE, environment=environment)
    try:
        assert "listening" in service.stdout.readline(), service.stderr.read()
        for process in [infer("first"), infer("second", priority=20), infer("first", priority=3)]:
            finish(process)
        together = [infer("first"), infer("second"), infer("first"), infer("second")]
        for process in together:
            finish(process)
        print("one after another and four at once: every process gets the bytes that it gets alone")
        alone = infer("first", group="UNIQUE", rounds=2000)
        assert alone.stdout.readline() == "ready\n"
        finish(program(*run2, environment=environment), OUT_OF_PHYSICAL_DEVICES)
        alone.kill()
        alone.communicate()
        while program(*run2, environment=environment).wait() == OUT_OF_PHYSICAL_DEVICES:  # until the service has seen that it is gone
            pass
        finish(infer("second"))
        print("a device of its own keeps others out (74) until its process ends, however it ends")
        finish(program(*run2[:2], "--scheduling-algorithm", "none", *run2[2:], environment=environment), INVALID_ARGUMENT)
        finish(program(*run2[:-1], folder / "pair.hef", environment=environment))
        busy = infer("first", rounds=2000)
        assert busy.stdout.readline() == "ready\n"
        service.send_signal(signal.SIGTERM)
        assert service.wait(60) == 0
        assert busy.wait(60) != 0, "a process whose service is gone must fail"
        print("a service that ends takes its callers' frames with it: they fail and do not hang")
    finally:
        service.kill()
        service.wait()
