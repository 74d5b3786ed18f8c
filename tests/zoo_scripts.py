"""Every model script below a folder parses, and what is printed parses to the same text.

Usage: zoo_scripts.py. GRAUPEL_ZOO_SCRIPTS names the folder, for example a checkout of the public Hailo Model Zoo; skipped
when it is not set. GRAUPEL names the command.
"""

import os
import pathlib
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parent.parent
GRAUPEL = os.environ.get("GRAUPEL", str(ROOT / "build" / "release" / "tools" / "graupel"))
SKIPPED = 77


def printed(path):
    done = subprocess.run([GRAUPEL, "recipe", str(path)], capture_output=True, text=True)
    return done.stdout if done.returncode == 0 else None, done.stderr.strip()


def main():
    folder = os.environ.get("GRAUPEL_ZOO_SCRIPTS")
    if not folder:
        print("skipped: GRAUPEL_ZOO_SCRIPTS names no folder of model scripts")
        return SKIPPED
    scripts = sorted(pathlib.Path(folder).rglob("*.alls"))
    if not scripts:
        print(f"FAILED: no *.alls below {folder}; GRAUPEL_ZOO_SCRIPTS must name a folder of model scripts")
        return 1
    failures = 0
    with tempfile.TemporaryDirectory() as scratch:
        again = pathlib.Path(scratch) / "printed.alls"
        for script in scripts:
            text, message = printed(script)
            if text is not None:
                again.write_text(text)
                if printed(again)[0] == text:
                    continue
                message = "the printed text does not print the same again"
            failures += 1
            print(f"FAILED {script}: {message}")
    print(f"{len(scripts) - failures} of {len(scripts)} scripts parse and print")
    return 1 if failures else 0


sys.exit(main())
