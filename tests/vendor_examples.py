"""The vendor's own example programs of HailoRT 4.23.0, unmodified, on HEFs of ours under the names that they expect.

Skipped unless GRAUPEL_CLIENTS names a folder with a checkout of hailort (tag v4.23.0) in `hailort`. Nothing is fetched here.
"""

import contextlib
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parents[1]
BUILD = pathlib.Path(os.environ.get("GRAUPEL_BUILD", ROOT / "build" / "release"))
SOURCES = pathlib.Path(os.environ.get("GRAUPEL_CLIENTS", "/nonexistent")) / "hailort" / "hailort" / "libhailort" / "examples"

SERVICE = BUILD / "tools" / "hailort_service"
NOT_SUPPORTED, INVALID_OPERATION = 79, 6
# By program: the command lines, and the exit code of each where it is not 0: what needs hardware is refused with its documented code.
ARGUMENTS = {
    "c_data_quantization_example": [["none"], ["in"], ["out"], ["both"]],
    "c_power_measurement_example": [["power"], ["current"]],
    "cpp_power_measurement_example": [["power"], ["current"]],
    "cpp_multi_process_example": [["hefs/shortcut_net.hef"]],
}
REFUSED = {
    "c_power_measurement_example": NOT_SUPPORTED,
    "cpp_power_measurement_example": NOT_SUPPORTED,
    "cpp_multi_process_example": 0 if SERVICE.exists() else INVALID_OPERATION,
}
PROGRAMS = 25

if not SOURCES.is_dir():
    print("skipped: " + __doc__.split("\n\n")[1].strip())
    sys.exit(77)


def run(*command, **named):
    done = subprocess.run([str(c) for c in command], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=600, **named)
    return done.returncode, done.stdout


failed = []
with tempfile.TemporaryDirectory() as folder, contextlib.ExitStack() as stack:
    folder = pathlib.Path(folder)
    environment = {**os.environ, "HAILORT_LOGGER_PATH": "NONE", "HAILORT_SERVICE_ADDRESS": f"unix://{folder}/socket"}
    if SERVICE.exists():
        service = stack.enter_context(subprocess.Popen([SERVICE], env=environment, stdout=subprocess.PIPE))
        stack.callback(service.kill)
        assert b"listening" in service.stdout.readline()
    for command in (["cmake", "-S", SOURCES, "-B", folder / "build", f"-DCMAKE_PREFIX_PATH={BUILD / 'HailoRT'}",
                     "-DHAILO_COMPILE_WARNING_AS_ERROR=ON"], ["cmake", "--build", folder / "build", "-j2"]):
        status, text = run(*command)
        if status != 0:
            sys.exit(f"the examples do not build against our package, even their warnings are errors:\n{text[-6000:]}")
    subprocess.run(["sh", ROOT / "examples" / "make_models.sh", BUILD / "tools" / "graupel", ROOT / "zoo" / "glyphs", folder / "models"],
                   check=True)
    (folder / "hefs").mkdir()
    for name, model in (("shortcut_net", "first"), ("shortcut_net_nv12", "second"), ("multi_network_shortcut_net", "pair")):
        shutil.copy(folder / "models" / f"{model}.hef", folder / "hefs" / f"{name}.hef")

    programs = sorted(p for p in (folder / "build").glob("c*/*/c*_example") if p.is_file())
    assert len(programs) == PROGRAMS, [p.name for p in programs]
    for program in programs:
        for arguments in ARGUMENTS.get(program.name, [[]]):
            status, text = run(program, *arguments, cwd=folder, env=environment)
            title, wanted = " ".join([program.name, *arguments]), REFUSED.get(program.name, 0)
            print(f"{title}: exit code {status}")
            if status != wanted:
                failed.append(f"{title} exited with {status}, not {wanted}:\n{text[-1500:]}")
    if SERVICE.exists():
        status, text = run("bash", SOURCES / "cpp" / "multi_process_example" / "multi_process_example.sh", "-n", 3, "-m", 2, cwd=folder,
                           env=environment)
        print(f"multi_process_example.sh: {text.count('Inference finished successfully')} of 5 processes succeed")
        if text.count("Inference finished successfully") != 5:
            failed.append(f"multi_process_example.sh, 3 and 2 processes at once:\n{text[-1500:]}")
if failed:
    sys.exit("\n".join(failed))
