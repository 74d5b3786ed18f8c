"""Checks what compilers do not: which folder includes which, that every numerics clause is tested, that headers compile alone.

Run from the project's root after a configure (the compiler and its include paths come from build/release).
"""

import concurrent.futures
import json
import pathlib
import re
import shlex
import subprocess
import sys

# A folder may include itself and what its row names (docs/architecture.md).
MAY_INCLUDE = {
    "base": "",
    "tensor": "base",
    "kernels": "base tensor",
    "program": "base tensor kernels",
    "hef": "base tensor kernels program",
    "runtime": "base tensor kernels program hef graupel",  # graupel/: the public headers
    "hailort": "base tensor kernels program hef runtime hailo",  # hailo/: the public headers
    "service": "base hailort hailo",
    "onnx": "base tensor",
    "ops": "base tensor kernels program onnx",
    "ir": "base tensor kernels program onnx ops",
    "passes": "base tensor kernels program onnx ops ir",
    "recipe": "base",
    "quant": "base tensor kernels program onnx ops ir",
    "lower": "base tensor kernels program onnx ops ir",
    "har": "base tensor kernels program onnx ops ir passes recipe quant lower",
    "eval": "base tensor kernels program onnx ops ir passes recipe quant lower har",
    "compiler": "base tensor kernels program hef runtime onnx ops ir passes recipe quant lower har eval graupel",
}
FORBIDDEN_NAMES = re.compile(r"(^|_)(utils?|common|helpers?|misc)(_|\.|$)")

ISA_512 = ["-mavx512f", "-mavx512bw", "-mavx512vl", "-mavx512dq", "-mavx512vbmi", "-mavx512vnni", "-mfma", "-Wno-maybe-uninitialized", "-Wno-uninitialized"]

problems = []


def check_includes():
    for path in sorted(pathlib.Path("src").rglob("*.*")):
        if path.suffix not in (".h", ".cc"):
            continue
        room = path.parts[1]
        if room not in MAY_INCLUDE:
            problems.append(f"{path}: folder src/{room} is not in the architecture's table")
            continue
        if any(FORBIDDEN_NAMES.search(part) for part in path.parts):
            problems.append(f"{path}: name it after what it does")
        if path.stem.endswith("_test"):
            continue  # a test may hold one room against another
        allowed = set(MAY_INCLUDE[room].split()) | {room}
        for number, line in enumerate(path.read_text().splitlines(), 1):
            found = re.match(r'\s*#include "([a-z_]+)/', line)
            if found and found.group(1) not in allowed:
                problems.append(f"{path}:{number}: src/{room} may not include {found.group(1)}/ (allowed: {' '.join(sorted(allowed))})")


def check_clauses():
    defined = set(re.findall(r"^\* (N\d+\.\d+) ", pathlib.Path("docs/numerics.md").read_text(), re.M))
    tests = {}
    for path in [*pathlib.Path("src").rglob("*_test.cc"), *pathlib.Path("tests").rglob("*.*")]:
        if path.suffix in (".cc", ".py", ".txt"):
            for clause in re.findall(r"\bN\d+\.\d+\b", path.read_text(errors="replace")):
                tests.setdefault(clause, path)
    for clause in sorted(defined - tests.keys(), key=lambda c: [int(n) for n in c[1:].split(".")]):
        problems.append(f"docs/numerics.md: no test cites clause {clause}")
    for path in [*pathlib.Path("src").rglob("*.h"), *pathlib.Path("src").rglob("*.cc"), *pathlib.Path("tests").rglob("*.cc")]:
        for number, line in enumerate(path.read_text().splitlines(), 1):
            for clause in re.findall(r"\bN\d+\.\d+\b", line):
                if clause not in defined:
                    problems.append(f"{path}:{number}: cites {clause}, which docs/numerics.md does not define")


def included_first_by_its_source(header):
    """The build then proves that it compiles alone."""
    source = header.with_suffix(".cc")
    if not source.exists():
        return False
    first = re.search(r'#include [<"]([^>"]+)', source.read_text())
    return first is not None and first.group(1) == str(header.relative_to("src"))


def compile_alone(path, flags):
    isa = ["-mavx2", "-mfma"] if "_avx2" in path.stem else ISA_512 if "_avx512" in path.stem else []
    command = ["g++", *isa, *flags, "-fsyntax-only", "-Werror", "-x", "c++", "-include", str(path), "/dev/null"]
    done = subprocess.run(command, capture_output=True, text=True)
    return f"{path} does not compile alone:\n{done.stderr}" if done.returncode else None


def check_headers():
    commands = json.loads(pathlib.Path("build/release/compile_commands.json").read_text())
    flags = {"-std=c++20", "-Isrc", "-Iinclude"}
    for entry in commands:
        words = shlex.split(entry["command"])
        for i, word in enumerate(words):
            if word.startswith("-I"):
                flags.add(word)
            elif word == "-isystem":
                flags.add("-isystem" + words[i + 1])
            elif word.startswith("-DONNX"):
                flags.add(word)
    headers = [p for p in sorted(pathlib.Path("src").rglob("*.h")) if not included_first_by_its_source(p)]
    with concurrent.futures.ThreadPoolExecutor() as pool:
        problems.extend(p for p in pool.map(lambda h: compile_alone(h, sorted(flags)), headers) if p)


check_includes()
check_clauses()
check_headers()
for problem in problems:
    print(problem, file=sys.stderr)
print(f"lint: {len(problems)} problem(s)", file=sys.stderr)
sys.exit(1 if problems else 0)
