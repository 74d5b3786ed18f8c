"""hailortcli: the vendor's lines for the vendor's files (those of ../shared that have a reference text), frames run and
measured on the bundled model, and the documented exit codes.

Usage: hailortcli.py. GRAUPEL and HAILORTCLI name the commands.
"""

import csv
import json
import os
import pathlib
import re
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parent.parent
RELEASE = ROOT / "build" / "release" / "tools"
GRAUPEL = os.environ.get("GRAUPEL", str(RELEASE / "graupel"))
HAILORTCLI = os.environ.get("HAILORTCLI", str(RELEASE / "hailortcli"))
ZOO = ROOT / "zoo" / "glyphs"
SHARED = ROOT.parent / "shared"
# HEF in data/hef: the reference texts of a file with the same streams.
REFERENCES = {
    "arcface_mobilefacenet_h8_3.29.hef": "rpi5_arcface_mobilefacenet",
    "scrfd_2.5g_h10_5.2.hef": "edgeprivacy_scrfd_2.5g",
    "xfeat_480_640.hef": "guyp98_model_480_640_x_feature_13_without_pixel_unshuffle_normilize_softmax_slice_sim",
}
INVALID_ARGUMENT, OPEN_FILE, NOT_FOUND, CORRUPTED, NOT_SUPPORTED_HEF, NOT_COMPATIBLE = 2, 13, 61, 91, 92, 93
NOT_SUPPORTED = 79
failures = []


def check(condition, what):
    if not condition:
        failures.append(what)
        print(f"FAILED {what}")


def cli(*arguments, status=0):
    done = subprocess.run([HAILORTCLI, *map(str, arguments)], capture_output=True, text=True, timeout=300,
                          env={**os.environ, "HAILORT_LOGGER_PATH": "NONE"})
    check(done.returncode == status,
          f"hailortcli {' '.join(map(str, arguments))}: exit code {done.returncode}, not {status}; {done.stderr[-400:]}")
    if status:
        check(len(done.stderr) > 20, f"{arguments}: a refusal says why, not {done.stderr!r}")
    return done.stdout


def vendor_files():
    for name, reference in REFERENCES.items():
        path, texts = SHARED / "data" / "hef" / name, SHARED / "reference" / "parse-hef-outputs"
        if not path.exists() or not texts.exists():
            print(f"skipped {name}: no ../shared")
            continue
        for suffix, options in (("", []), (".streams", ["--parse-streams"])):
            ours, theirs = cli("parse-hef", path, *options), (texts / f"{reference}{suffix}.txt").read_text()
            check(ours == theirs, f"parse-hef {name} {options} prints\n{ours}and the vendor\n{theirs}")
        cli("run", path, "-c", 1, status=NOT_COMPATIBLE)


def compiled(folder):
    har, hef = folder / "glyphs.har", folder / "glyphs.hef"
    for arguments in (["parse", ZOO / "glyphs.onnx", "-o", har],
                      ["optimize", har, "--calib", ZOO / "calibration", "--limit", 8], ["compile", har, "-o", hef]):
        subprocess.run([GRAUPEL, *map(str, arguments)], check=True, capture_output=True)
    return hef


def device():
    check(cli("--version") == "HailoRT-CLI version 4.23.0\n", "--version")
    ids = json.loads(cli("scan", "--json"))["devices"]
    check(cli("scan") == "Hailo Devices:\n" + "".join(f"[-] Device: {i}\n" for i in ids), "scan")
    text = cli("fw-control", "identify")
    check(text.startswith(f"Executing on device: {ids[0]}\nIdentifying board\nControl Protocol Version: 2\n"), text)
    check("\nDevice Architecture: HAILO8\n" in text and text.endswith("\n\n"), text)
    check(json.loads(cli("fw-control", "identify", "--json"))[0]["Board Name"] == "Hailo-8", "identify --json")
    cli("fw-control", "identify", "-s", "0000:77:00.0", status=NOT_FOUND)
    for verb in ("measure-power", "monitor", "fw-update", "sensor-config", "fw-config", "fw-logger", "ssb-update"):
        cli(verb, status=NOT_SUPPORTED)
    cli("no-such-verb", status=INVALID_ARGUMENT)


def number(pattern, text):
    found = re.search(pattern, text, re.M)
    check(found, f"no line like {pattern!r} in\n{text}")
    return float(found.group(1)) if found else 0.0


def inference(hef, folder):
    text = cli("parse-hef", hef, "--parse-streams")
    group = re.search(r"^Network group name: (\S+), Single Context$", text, re.M).group(1)
    check(f"\n    Network name: {group}/{group}\n        Stream infos:\n" in text, text)
    streams = json.loads(cli("parse-hef", hef, "--json"))[0]["network_groups"][0]["vstreams"]
    source = next(s for s in streams if s["direction"] == "input")
    table = folder / "run.csv"
    for mode in ("streaming", "hw_only"):
        text = cli("run", hef, "-c", 50, "-m", mode, "--csv", table)
        check(f" Network group: {group}\n    Frames count: 50\n" in text, text)
        check(number(r"^    FPS: ([\d.]+)$", text) > 0 and number(r"^    Send Rate: ([\d.]+) Mbit/s$", text) > 0, text)
        row = next(csv.DictReader(table.open()))
        check((row["net_name"], row["status"], row["num_of_frames"]) == (group, "0", "50"), row)
    for kind in ("auto", "uint8", "float32"):
        result = json.loads(cli("run", hef, "-c", 20, "--user-format-type", kind, "--json", "--measure-latency",
                                "--measure-overall-latency"))
        check(result["frames"] == 20 and 0 < result["hw_latency_ms"] <= result["overall_latency_ms"], result)
    frames = folder / "frames.bin"
    size = source["shape"][0] * source["shape"][1] * source["shape"][2]
    frames.write_bytes(bytes(i % 251 for i in range(3 * size)))
    cli("run", hef, "-c", 7, "--input-files", frames)
    cli("run", hef, "-c", 7, "--input-files", f"{source['name']}={frames}")
    cli("run", hef, "-c", 7, "--input-files", f"other={frames}", status=INVALID_ARGUMENT)
    frames.write_bytes(bytes(size + 1))
    cli("run", hef, "-c", 7, "--input-files", frames, status=INVALID_ARGUMENT)
    cli("run", hef, "-c", 1, "--measure-power", status=NOT_SUPPORTED)
    text = cli("benchmark", hef, "-t", 0.3, "--csv", table)
    row = next(csv.DictReader(table.open()))
    for pattern, column in ((r"^FPS     \(hw_only\)                 = ([\d.]+)$", "hw_only_fps"),
                            (r"^        \(streaming\)               = ([\d.]+)$", "fps"),
                            (r"^Latency \(hw\)                      = ([\d.]+) ms$", "hw_latency"),
                            (r"^        \(overall\)                 = ([\d.]+) ms$", "overall_latency")):
        check(number(pattern, text) == float(row[column]) > 0, f"{column}: {row} and\n{text}")


def several_networks(hef):
    for mode in ("full_sync", "full_async", "raw_sync"):
        result = json.loads(cli("run2", "-t", 0.3, "-m", mode, "-j", "-", "set-net", hef, "--scheduler-threshold", 2,
                                "--scheduler-timeout", 5, "set-net", hef, "--framerate", 20))
        groups = result["network_groups"]
        check(len(groups) == 2 and all(float(g["FPS"]) > 0 for g in groups), result)
        check(float(groups[1]["FPS"]) < 40, f"--framerate 20 holds one of two networks back: {result}")
    text = cli("run2", "-t", 0.2, "--scheduling-algorithm", "none", "--measure-hw-latency", "set-net", hef)
    check(number(r"^\S+: fps: ([\d.]+) \| hw latency: [\d.]+ ms$", text) > 0, text)
    cli("run2", "-m", "raw_async", "set-net", hef, status=NOT_SUPPORTED)
    cli("run2", status=INVALID_ARGUMENT)


def damage(hef, folder):
    data, bad = hef.read_bytes(), folder / "bad.hef"
    flipped = bytearray(data)
    flipped[len(data) // 2] ^= 1
    for what, content, status in (("a flipped byte", flipped, CORRUPTED), ("a byte more", data + b"x", CORRUPTED),
                                  ("a byte less", data[:-1], CORRUPTED),
                                  ("another magic", b"\x02" + data[1:], NOT_SUPPORTED_HEF)):
        bad.write_bytes(content)
        for verb in (["parse-hef", bad], ["run", bad, "-c", 1], ["benchmark", bad, "-t", 0.1],
                     ["run2", "-t", 0.1, "set-net", bad]):
            print(f"{what}: {verb[0]} must end in {status}")
            cli(*verb, status=status)
    cli("parse-hef", folder / "absent.hef", status=OPEN_FILE)


with tempfile.TemporaryDirectory() as name:
    vendor_files()
    device()
    model = compiled(pathlib.Path(name))
    inference(model, pathlib.Path(name))
    several_networks(model)
    damage(model, pathlib.Path(name))
if failures:
    sys.exit(f"{len(failures)} failures; run the command named in each line to see it")
print("hailortcli: all as documented")
