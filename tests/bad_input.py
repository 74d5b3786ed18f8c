"""Bad input of every kind ends in a message, a non-zero exit and no output file; nothing crashes. A file that no reader
could know to be damaged (a weight of an ONNX model is another number) is carried on with, and that ends well or in a
message too.

Usage: bad_input.py. Runs on the bundled model; needs neither test data nor oracles. GRAUPEL names the command.
"""

import os
import pathlib
import random
import shutil
import signal
import struct
import subprocess
import sys
import tempfile
import time
import zipfile

ROOT = pathlib.Path(__file__).resolve().parent.parent
GRAUPEL = os.environ.get("GRAUPEL", str(ROOT / "build" / "release" / "tools" / "graupel"))
ZOO = ROOT / "zoo" / "glyphs"
SEED = 7
CUTS, FLIPS = 50, 200
INTERRUPTS = 12

failures = []


def run(*arguments):
    return subprocess.run([GRAUPEL, *map(str, arguments)], capture_output=True, text=True, errors="replace")


def expect_refused(what, output, *arguments, may_succeed=False):
    """The command fails with a message that says something, and leaves nothing at or beside `output`. True when it
    succeeds instead, which only `may_succeed` allows; its output stays then."""
    before = set(output.parent.iterdir()) if output.parent.is_dir() else set()
    done = run(*arguments)
    after = set(output.parent.iterdir()) if output.parent.is_dir() else set()
    problem = None
    if done.returncode < 0:
        problem = f"died of signal {-done.returncode}"
    elif done.returncode == 0 and may_succeed:
        return True
    elif done.returncode == 0:
        problem = "was accepted"
    elif len(done.stderr.strip()) < 20:
        problem = f"said only {done.stderr!r}"
    elif after != before:
        problem = f"left {sorted(p.name for p in after - before)}"
    if problem:
        failures.append(f"{what}: {problem}")
        print(f"FAILED {what}: {problem}\n  {' '.join(map(str, arguments))}\n  {done.stderr.strip()[:300]}")
    return False


def damaged(data, seed):
    """(what, bytes): the file cut at CUTS offsets, and with FLIPS single bytes changed."""
    rng = random.Random(seed)
    for i in range(CUTS):
        at = len(data) * i // CUTS
        yield f"cut to {at} bytes", data[:at]
    for _ in range(FLIPS):
        at, mask = rng.randrange(len(data)), rng.randrange(1, 256)
        yield f"byte {at} xor {mask:#x}", data[:at] + bytes([data[at] ^ mask]) + data[at + 1:]


def is_finite(npz):
    """Of float32 arrays."""
    with zipfile.ZipFile(npz) as members:
        for name in members.namelist():
            data = members.read(name)
            start = 10 + struct.unpack_from("<H", data, 8)[0]
            if not all(abs(value) < float("inf") for (value,) in struct.iter_unpack("<f", data[start:])):
                return False
    return True


def carry_on(what, har, picture):
    """A model whose damage nothing shows runs, or is refused; one that computes no numbers is not quantized."""
    out, quantized = har.with_suffix(".npz"), har.with_suffix(".q.har")
    if expect_refused(f"{what}: run", out, "run", har, "--input", picture, "-o", out, may_succeed=True):
        sound = is_finite(out)
        out.unlink()
        if not sound:
            expect_refused(f"{what}: optimize, though its outputs are no numbers", quantized,
                           "optimize", har, "--calib", ZOO / "calibration", "-o", quantized)


def varint(n):
    out = b""
    while n > 127:
        out, n = out + bytes([n & 127 | 128]), n >> 7
    return out + bytes([n])


def field(number, payload):
    if isinstance(payload, int):
        return varint(number << 3) + varint(payload)
    return varint(number << 3 | 2) + varint(len(payload)) + payload


def tiny_onnx(op_types):
    """A chain of operators over one f32[1,3,8,8] tensor, written byte by byte."""
    dims = b"".join(field(1, field(1, d)) for d in (1, 3, 8, 8))

    def info(name):
        return field(1, name) + field(2, field(1, field(1, 1) + field(2, dims)))

    nodes, last = b"", b"x"
    for i, op in enumerate(op_types):
        out = b"t%d" % i
        nodes += field(1, field(1, last) + field(2, out) + field(3, b"node_%d" % i) + field(4, op))
        last = out
    graph = nodes + field(2, b"g") + field(11, info(b"x")) + field(12, info(last))
    return field(1, 8) + field(7, graph) + field(8, field(1, b"") + field(2, 13))


def npy(shape, values, dtype="<f4"):
    header = f"{{'descr': '{dtype}', 'fortran_order': False, 'shape': {tuple(shape)}, }}".encode()
    header += b" " * (63 - (10 + len(header)) % 64) + b"\n"
    return b"\x93NUMPY\x01\x00" + struct.pack("<H", len(header)) + header + values


def main(folder):
    print(f"seed {SEED}")
    out = folder / "out"
    out.mkdir()
    har, quantized, hef = folder / "m.har", folder / "q.har", folder / "m.hef"
    for arguments in (["parse", ZOO / "glyphs.onnx", "-o", har], ["optimize", har, "--calib", ZOO / "calibration", "-o", quantized],
                      ["compile", quantized, "-o", hef]):
        done = run(*arguments)
        if done.returncode != 0:
            sys.exit(f"the sound model does not pass: {done.stderr}")

    picture = next((ZOO / "test").glob("*.jpg"))
    bad = folder / "bad"
    accepted = 0
    for what, data in damaged((ZOO / "glyphs.onnx").read_bytes(), SEED):
        bad.write_bytes(data)
        # A flipped bit of a weight is another valid model; nothing in an ONNX file could tell.
        if expect_refused(f"ONNX {what}", out / "x.har", "parse", bad, "-o", out / "x.har", may_succeed="xor" in what):
            accepted += 1
            carry_on(f"ONNX {what}", out / "x.har", picture)
            (out / "x.har").unlink()
    for what, data in damaged(quantized.read_bytes(), SEED + 1):
        bad.write_bytes(data)
        expect_refused(f"HAR {what}", out / "x.hef", "compile", bad, "-o", out / "x.hef")
    for what, data in damaged(hef.read_bytes(), SEED + 2):
        bad.write_bytes(data)
        expect_refused(f"HEF {what}", out / "x.npz", "run", bad, "--input", picture, "-o", out / "x.npz")
    print(f"damaged files: {3 * (CUTS + FLIPS)} tried, {accepted} ONNX files with a flipped byte are still valid models")

    for name, data in (("empty", b""), ("random", random.Random(SEED).randbytes(5000)), ("text", b"hello\n" * 100)):
        bad.write_bytes(data)
        expect_refused(f"{name} as ONNX", out / "x.har", "parse", bad, "-o", out / "x.har")
        expect_refused(f"{name} as HAR", out / "x.hef", "compile", bad, "-o", out / "x.hef")
        expect_refused(f"{name} as HEF", out / "x.npz", "run", bad, "--input", picture, "-o", out / "x.npz")

    bad.write_bytes(tiny_onnx([b"Relu", b"NonZero", b"Relu", b"Frobnicate"]))
    expect_refused("unsupported operators", out / "x.har", "parse", bad, "-o", out / "x.har")
    message = run("parse", bad, "-o", out / "x.har").stderr
    for word in ("node_1", "NonZero", "node_3", "Frobnicate"):
        if word not in message:
            failures.append(f"unsupported operators: the message does not name {word}: {message}")
    expect_refused("unknown end node", out / "x.har", "parse", ZOO / "glyphs.onnx", "-o", out / "x.har", "--end-nodes", "/no/such/node")
    expect_refused("unknown start node", out / "x.har", "parse", ZOO / "glyphs.onnx", "-o", out / "x.har", "--start-nodes", "nowhere")

    empty = folder / "empty"
    empty.mkdir()
    optimize = ["optimize", har, "-o", out / "x.har", "--calib"]
    expect_refused("calibration folder empty", out / "x.har", *optimize, empty)
    expect_refused("calibration missing", out / "x.har", *optimize, folder / "nothing")
    one = struct.pack("<f", 0.5)
    calibrations = {
        "wrong shape": npy((2, 3, 47, 48), one * (2 * 3 * 47 * 48)),
        "NaN": npy((1, 3, 48, 48), struct.pack("<f", float("nan")) + one * (3 * 48 * 48 - 1)),
        "infinity": npy((1, 3, 48, 48), one * (3 * 48 * 48 - 1) + struct.pack("<f", float("inf"))),
        "no frames": npy((0, 3, 48, 48), b""),
        "lies about its size": npy((1000000, 3, 48, 48), one * 100),
        "strings": npy((1, 3, 48, 48), b"a" * (3 * 48 * 48), "|S1"),
    }
    for what, data in calibrations.items():
        (folder / "bad.npy").write_bytes(data)
        expect_refused(f"calibration {what}", out / "x.har", *optimize, folder / "bad.npy")
    broken = folder / "broken"
    broken.mkdir()
    shutil.copy(picture, broken / "a.jpg")
    (broken / "b.jpg").write_bytes(picture.read_bytes()[:100])
    expect_refused("calibration picture unreadable", out / "x.har", *optimize, broken)
    if "b.jpg" not in run(*optimize, broken).stderr:
        failures.append("unreadable picture: the message does not name it")

    expect_refused("compile of an unquantized HAR", out / "x.hef", "compile", har, "-o", out / "x.hef")
    verbs = [("parse", ZOO / "glyphs.onnx"), ("optimize", har, "--calib", ZOO / "calibration"), ("compile", quantized),
             ("run", hef, "--input", picture)]
    for verb in verbs:
        expect_refused(f"{verb[0]}: output folder missing", out / "x", *verb, "-o", folder / "no" / "folder" / "x")
        expect_refused(f"{verb[0]}: output in a place that cannot be written", out / "x", *verb, "-o", "/proc/x")
    not_writable(folder, verbs)
    disk_full(folder, verbs)
    interrupted(folder, verbs)


def mounted(folder, options):
    """A small file system of its own, or None without the right to mount."""
    folder.mkdir()
    if subprocess.run(["mount", "-t", "tmpfs", "-o", options, "tmpfs", str(folder)], capture_output=True).returncode == 0:
        return folder
    return None


def not_writable(folder, verbs):
    if os.geteuid() == 0:  # to whom the mode of a folder means nothing
        sealed = mounted(folder / "sealed", "size=64k,ro")
        if sealed is None:
            print("skipped: a read-only folder needs the right to mount a tmpfs")
            return
    else:
        sealed = folder / "sealed"
        sealed.mkdir(mode=0o555)
    try:
        for verb in verbs:
            expect_refused(f"{verb[0]}: output folder not writable", sealed / "x", *verb, "-o", sealed / "x")
    finally:
        if os.geteuid() == 0:
            subprocess.run(["umount", str(sealed)])


def disk_full(folder, verbs):
    small = mounted(folder / "small", "size=64k")
    if small is None:
        print("skipped: a full disk needs the right to mount a tmpfs")
        return
    try:
        (small / "keep").write_bytes(b"precious")
        for verb in verbs[:3]:
            expect_refused(f"{verb[0]}: disk full", small / "x", *verb, "-o", small / "x")
        with open(small / "filler", "wb", buffering=0) as filler:
            try:
                while filler.write(bytes(4096)):
                    pass
            except OSError:
                pass
        for verb in verbs:
            expect_refused(f"{verb[0]}: disk full to the last byte", small / "x", *verb, "-o", small / "x")
            expect_refused(f"{verb[0]}: disk full over an old file", small / "keep", *verb, "-o", small / "keep")
        if (small / "keep").read_bytes() != b"precious":
            failures.append("disk full: the old file is lost")
    finally:
        subprocess.run(["umount", str(small)])


def interrupted(folder, verbs):
    """Whenever a command is interrupted, its output is whole, or as it was."""
    place = folder / "interrupted"
    place.mkdir()
    rng = random.Random(SEED)
    for verb in verbs:
        target = place / verb[0]
        started = time.monotonic()
        run(*verb, "-o", target)
        takes = time.monotonic() - started
        whole = target.read_bytes()
        for old in (None, b"precious"):
            for _ in range(INTERRUPTS // 2):
                target.unlink(missing_ok=True)
                if old is not None:
                    target.write_bytes(old)
                command = subprocess.Popen([GRAUPEL, *map(str, verb), "-o", str(target)], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
                try:
                    # Most of the time around the end, where files are written.
                    command.wait(takes * rng.triangular(0, 1.2, 1))
                except subprocess.TimeoutExpired:
                    command.send_signal(signal.SIGINT)
                    command.wait()
                left = target.read_bytes() if target.exists() else None
                if left not in (old, whole) or set(place.iterdir()) - {target}:
                    names = sorted(path.name for path in place.iterdir())
                    failures.append(f"{verb[0]} interrupted: left {names}")
                    print(f"FAILED {failures[-1]}")
        target.unlink()


with tempfile.TemporaryDirectory() as temporary:
    main(pathlib.Path(temporary))
if failures:
    sys.exit(f"{len(failures)} bad inputs were not handled")
print("every bad input was refused with a message and left nothing behind")
