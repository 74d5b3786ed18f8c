"""Bad input of every kind ends in a message, a non-zero exit and no output file; nothing crashes.

Usage: bad_input.py. Runs on the bundled model; needs neither test data nor oracles. GRAUPEL names the command.
"""

import os
import pathlib
import random
import shutil
import struct
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parent.parent
GRAUPEL = os.environ.get("GRAUPEL", str(ROOT / "build" / "release" / "tools" / "graupel"))
ZOO = ROOT / "zoo" / "glyphs"
SEED = 7
CUTS, FLIPS = 50, 200

failures = []


def run(*arguments):
    return subprocess.run([GRAUPEL, *map(str, arguments)], capture_output=True, text=True, errors="replace")


def expect_refused(what, output, *arguments, may_succeed=False):
    """The command fails with a message that says something, and leaves nothing at or beside `output`."""
    before = set(output.parent.iterdir()) if output.parent.is_dir() else set()
    done = run(*arguments)
    after = set(output.parent.iterdir()) if output.parent.is_dir() else set()
    problem = None
    if done.returncode < 0:
        problem = f"died of signal {-done.returncode}"
    elif done.returncode == 0 and may_succeed:
        for path in after - before:
            path.unlink()
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
    for i, (what, data) in enumerate(damaged((ZOO / "glyphs.onnx").read_bytes(), SEED)):
        bad.write_bytes(data)
        # A flipped bit of a weight is another valid model; nothing in an ONNX file could tell.
        accepted += expect_refused(f"ONNX {what}", out / "x.har", "parse", bad, "-o", out / "x.har", may_succeed="xor" in what)
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
    expect_refused("output folder missing", out / "x", "parse", ZOO / "glyphs.onnx", "-o", folder / "no" / "folder" / "x.har")
    expect_refused("output in a place that cannot be written", out / "x", "parse", ZOO / "glyphs.onnx", "-o", "/proc/x.har")
    disk_full(folder, har, quantized)


def disk_full(folder, har, quantized):
    small = folder / "small"
    small.mkdir()
    if subprocess.run(["mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", str(small)], capture_output=True).returncode != 0:
        print("skipped: a full disk needs the right to mount a tmpfs")
        return
    try:
        expect_refused("disk full: HAR", small / "x.har", "parse", ZOO / "glyphs.onnx", "-o", small / "x.har")
        expect_refused("disk full: optimized HAR", small / "x.har", "optimize", har, "--calib", ZOO / "calibration", "-o", small / "x.har")
        expect_refused("disk full: HEF", small / "x.hef", "compile", quantized, "-o", small / "x.hef")
        (small / "keep.har").write_bytes(b"precious")
        expect_refused("disk full over an old file", small / "keep.har", "parse", ZOO / "glyphs.onnx", "-o", small / "keep.har")
        if (small / "keep.har").read_bytes() != b"precious":
            failures.append("disk full: the old file is lost")
    finally:
        subprocess.run(["umount", str(small)])


with tempfile.TemporaryDirectory() as temporary:
    main(pathlib.Path(temporary))
if failures:
    sys.exit(f"{len(failures)} bad inputs were not handled")
print("every bad input was refused with a message and left nothing behind")
