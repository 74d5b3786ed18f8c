"""A process that holds another protobuf for all to see, as TensorFlow brings one, takes nothing of it: models parse and files open.

The other one is made here: a library that defines every protobuf and ONNX symbol which the native modules take from elsewhere, and ends the
process when one is called.
"""

import os
import pathlib
import shutil
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parent.parent
BUILD = pathlib.Path(os.environ.get("GRAUPEL_BUILD", ROOT / "build" / "release"))
GLYPHS = ROOT / "zoo" / "glyphs" / "glyphs.onnx"
USES = {
    "graupel": f"import graupel; graupel.parse({str(GLYPHS)!r}).save('g.har'); graupel.load('g.har')",
    "hailo_platform": "import hailo_platform\ntry: hailo_platform.HEF(b'no hef')\nexcept hailo_platform.HailoRTException: pass",
}

try:
    import networkx  # noqa: F401
    import numpy  # noqa: F401
except ImportError as missing:
    print(f"skipped: {missing} (./dev test installs it from PyPI)")
    sys.exit(77)
if not (shutil.which("cc") and shutil.which("nm")):
    print("skipped: it takes cc and nm")
    sys.exit(77)


def foreign_symbols():
    """What the native modules and libhailort leave to the libraries that they load."""
    names = set()
    for library in [*BUILD.glob("python/_*.so"), *BUILD.glob("src/hailort/libhailort.so")]:
        listed = subprocess.run(["nm", "-D", "--undefined-only", library], capture_output=True, text=True, check=True).stdout
        names |= {line.split()[-1].split("@")[0] for line in listed.splitlines()}
    return sorted(name for name in names if "google8protobuf" in name or name.startswith("_ZN4onnx"))


with tempfile.TemporaryDirectory() as folder:
    folder = pathlib.Path(folder)
    symbols = foreign_symbols()
    assert len(symbols) > 20, f"nothing of protobuf is taken from elsewhere: {symbols}"
    (folder / "other.c").write_text("#include <stdlib.h>\n" + "".join(f"void {name}(void) {{ abort(); }}\n" for name in symbols))
    subprocess.run(["cc", "-shared", "-fPIC", "-o", folder / "libother.so", folder / "other.c"], check=True)
    for package, use in USES.items():
        program = f"import ctypes; ctypes.CDLL({str(folder / 'libother.so')!r}, ctypes.RTLD_GLOBAL)\n{use}"
        done = subprocess.run([sys.executable, "-c", program], cwd=folder, capture_output=True, text=True)
        assert done.returncode == 0, f"{package} behind another protobuf ended with {done.returncode}:\n{done.stderr}"
print(f"{len(symbols)} symbols of another protobuf stand in the way, and none is called")
