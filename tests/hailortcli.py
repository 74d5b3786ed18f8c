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
import zipfile

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


def two_networks(folder):
    hars = []
    for name in ("one", "two"):
        hars.append(folder / f"{name}.har")
        for arguments in (["parse", ZOO / "glyphs.onnx", "--name", name, "-o", hars[-1]],
                          ["optimize", hars[-1], "--calib", ZOO / "calibration", "--limit", 8]):
            subprocess.run([GRAUPEL, *map(str, arguments)], check=True, capture_output=True)
    hef = folder / "pair.hef"
    subprocess.run([GRAUPEL, "compile", *hars, "--name", "pair", "-o", hef], check=True, capture_output=True)
    tested = json.loads(subprocess.run([GRAUPEL, "inspect", hef, "--self-test", "--json"], check=True, capture_output=True).stdout)
    check([n["name"] for n in tested["networks"]] == ["one", "two"] and tested["self_test"].startswith("equal on"), tested)
    text = cli("parse-hef", hef)
    names = re.findall(r"^    Network name: (\S+)$", text, re.M)
    check(names == ["pair/one", "pair/two"] and text.count("            Input  ") == 2, text)
    for mode in ("streaming", "hw_only"):
        text = cli("run", hef, "-c", 10, "-m", mode, "--self-test")
        check(" Network group: pair\n    Frames count: 10\n" in text, text)
    cli("run", hef, "-c", 10, "--net-batch-size", "pair/two=4")
    cli("run", hef, "-c", 10, "--net-batch-size", "pair/three=4", status=NOT_FOUND)
    cli("run2", "-t", 1, "set-net", hef)


def device():
    check(cli("--version") == "HailoRT-CLI version 4.23.0\n", "--version")
    ids = json.loads(cli("scan", "--json"))["devices"]
    check(cli("scan") == "Hailo Devices:\n" + "".join(f"[-] Device: {i}\n" for i in ids), "scan")
    text = cli("fw-control", "identify")
    check(text.startswith(f"Executing on device: {ids[0]}\nIdentifying board\nControl Protocol Version: 2\n"), text)
    check("\nDevice Architecture: HAILO8\n" in text and text.endswith("\n\n"), text)
    check(json.loads(cli("fw-control", "identify", "--json"))[0]["Board Name"] == "Hailo-8", "identify --json")
    cli("fw-control", "identify", "-s", "0000:77:00.0", status=NOT_FOUND)
    for verb in ("measure-power", "fw-update", "sensor-config", "fw-config", "fw-logger", "ssb-update"):
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
    picture = folder / "graph.dot"
    cli("run", hef, "-c", 2, "--dot", picture)
    name = source["name"]
    check(f'"vstream {name}" -> "stream {name}";' in picture.read_text() and picture.read_text().startswith(f'digraph "{group}" {{'), picture.read_text())
    cli("run", hef, "-c", 2, "--dot", picture, "-m", "hw_only", status=INVALID_ARGUMENT)
    cli("run", hef, "collect-runtime-data", "--output-path", "x.json", status=NOT_SUPPORTED)
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


def several_networks(hef, folder):
    for mode in ("full_sync", "full_async", "raw_sync", "raw_async"):
        result = json.loads(cli("run2", "-t", 0.3, "-m", mode, "-j", "-", "set-net", hef, "--scheduler-threshold", 2,
                                "--scheduler-timeout", 5, "set-net", hef, "--framerate", 20))
        groups = result["network_groups"]
        check(len(groups) == 2 and all(float(g["FPS"]) > 0 for g in groups), result)
        check(float(groups[1]["FPS"]) < 40, f"--framerate 20 holds one of two networks back: {result}")
    text = cli("run2", "-t", 0.2, "--scheduling-algorithm", "none", "--measure-hw-latency", "set-net", hef)
    check(number(r"^\S+: fps: ([\d.]+) \| hw latency: [\d.]+ ms$", text) > 0, text)
    streams = json.loads(cli("parse-hef", hef, "--json"))[0]["network_groups"][0]["vstreams"]
    source, sink = (next(s for s in streams if s["direction"] == d) for d in ("input", "output"))
    height, width, channels = source["shape"]
    frames = folder / "float_frames.bin"
    frames.write_bytes(bytes(4 * height * width * channels))
    own = ("set-vstream", source["name"], "--format-type", "float32", "--format-order", "nchw", "--input-file", frames)
    for mode in ("full_sync", "full_async"):
        cli("run2", "-t", 0.2, "-m", mode, "set-net", hef, *own, "set-vstream", sink["name"], "--format-type", "float32",
            "set-net", hef, "--framerate", 20)
    cli("run2", "-t", 0.1, "-m", "full_sync", "set-net", hef, "set-vstream", source["name"], "--input-file", frames,
        "--format-type", "float32", "--format-order", "sideways", status=INVALID_ARGUMENT)
    cli("run2", "-t", 0.1, "set-net", hef, "set-vstream", "nobody", status=NOT_FOUND)
    cli("run2", "-t", 0.1, "-m", "raw_sync", "set-net", hef, *own, status=INVALID_ARGUMENT)
    cli("run2", status=INVALID_ARGUMENT)


def tool(*arguments, status=0):
    done = subprocess.run([GRAUPEL, *map(str, arguments)], capture_output=True, text=True, timeout=300)
    check(done.returncode == status, f"graupel {' '.join(map(str, arguments))}: exit code {done.returncode}, not {status}; {done.stderr[-400:]}")
    return done.stdout if status == 0 else done.stderr


def seeing_inside(hef, folder):
    """Taps, poison and self-test of both commands; no output changes by a byte."""
    pictures = ("--input", ZOO / "test", "--limit", 2)
    plain, tapped, poisoned = (folder / f"{n}.npz" for n in ("plain", "tapped", "poisoned"))
    tool("run", hef, *pictures, "-o", plain)
    result = json.loads(tool("run", hef, *pictures, "-o", tapped, "--tap", "all", "--json"))
    tool("run", hef, *pictures, "-o", poisoned, "--poison", "0xA5", "--self-test")
    check(poisoned.read_bytes() == plain.read_bytes(), "poison changes an output")
    with zipfile.ZipFile(plain) as a, zipfile.ZipFile(tapped) as b:
        layers = [n for n in b.namelist() if n not in a.namelist()]
        check(all(a.read(n) == b.read(n) for n in a.namelist()), "tapping changes an output")
        check(sorted(layers) == sorted(t["name"] + ".npy" for t in result["taps"]) and len(layers) > 5, f"taps: {layers}")
    some = json.loads(tool("run", hef, *pictures, "--tap", "conv1,fc1", "--json"))["taps"]
    check([t["name"] for t in some] == [result["taps"][0]["name"], "fc1"], f"conv1 is shown with its activation: {some}")
    check("nearest: " in tool("run", hef, *pictures, "--tap", "conv99", status=5), "an unknown layer")
    check("poison" in tool("run", hef, *pictures, "--poison", "many", status=3), "a poison that is no byte")
    check("self-test: equal on " in tool("inspect", hef, "--self-test"), "self-test")
    har = hef.with_suffix(".har")
    check("golden vector" in tool("run", har, *pictures, "--stage", "compiled", "--self-test", status=3), "nothing to test with")
    visible = folder / "visible.hef"
    tool("compile", har, "--vendor-inspectable", "-o", visible)
    told = [json.loads(tool("inspect", f, "--json")) for f in (hef, visible)]
    check([t["vendor_inspectable"] for t in told] == [False, True] and all(t["golden_vector"] for t in told), told)
    for verb in (["run", hef, "-c", 3], ["benchmark", hef, "-t", 0.1], ["run2", "-t", 0.1]):
        cli(*verb, "--self-test", "--poison", "0x5A", *(["set-net", hef] if verb[0] == "run2" else []))
    cli("run", hef, "-c", 1, "--poison", "rubbish", status=INVALID_ARGUMENT)
    table = folder / "stats.csv"
    cli("run", hef, "-c", 20, "measure-stats", "--elem-fps", "--vstream-latency", "--output-path", table)
    rows = list(csv.DictReader(table.open()))
    check({r["measure"] for r in rows} == {"fps", "latency_us"} and all(int(r["count"]) >= 19 and float(r["mean"]) > 0 for r in rows), rows)
    cli("run", hef, "-c", 1, "measure-stats", status=INVALID_ARGUMENT)
    cli("run", hef, "-c", 1, "measure-stats", "--elem-queue-size", status=NOT_SUPPORTED)


def monitor(hef, folder):
    """A program with HAILO_MONITOR=1 is seen while it runs, and gone afterwards."""
    environment = {**os.environ, "TMPDIR": str(folder), "HAILORT_LOGGER_PATH": "NONE"}

    def look():
        return subprocess.run([HAILORTCLI, "monitor", "--json"], capture_output=True, text=True, env=environment)

    check(look().returncode == NOT_FOUND, "monitor finds nothing where nothing runs")
    program = subprocess.Popen([HAILORTCLI, "run2", "-t", "60", "set-net", str(hef)], stdout=subprocess.DEVNULL,
                               env={**environment, "HAILO_MONITOR": "1"})
    try:
        seen = look()
        while seen.returncode == NOT_FOUND and program.poll() is None:  # the first report comes after a second
            seen = look()
        check(seen.returncode == 0, seen.stderr)
        tables = json.loads(seen.stdout)
        check(tables["devices"][0]["Architecture"] == "HAILO8" and float(tables["devices"][0]["Utilization (%)"]) > 0, tables)
        check(tables["models"][0]["PID"] == str(program.pid) and float(tables["models"][0]["FPS"]) > 0, tables)
        check({s["Direction"] for s in tables["streams"]} == {"H2D", "D2H"}, tables)
        text = subprocess.run([HAILORTCLI, "monitor"], capture_output=True, text=True, env=environment).stdout
        lines = text.splitlines()
        check(lines[0] == "Device ID".ljust(60) + "Utilization (%)".ljust(25) + "Architecture".ljust(60) and lines[1] == "-" * 160, text)
        check(lines[4] == "Model".ljust(60) + "Utilization (%)".ljust(25) + "FPS".ljust(15) + "PID".ljust(15), text)
        check(lines[8].split() == ["Model", "Stream", "Direction", "Frames", "Queue"] and lines[9].split() == ["Avg", "Max", "Min", "Capacity"], text)
        check(re.match(r"\S+ +\S+/\S+ +(H2D|D2H) {12}\d+\.\d\d +\d+ +\d+ +\d+ *$", lines[11]) is not None, text)
    finally:
        program.kill()
        program.wait()


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
    two_networks(pathlib.Path(name))
    several_networks(model, pathlib.Path(name))
    seeing_inside(model, pathlib.Path(name))
    monitor(model, pathlib.Path(name))
    damage(model, pathlib.Path(name))
if failures:
    sys.exit(f"{len(failures)} failures; run the command named in each line to see it")
print("hailortcli: all as documented")
