"""Renew the two locks from the two lists of requirements; it installs nothing.

Run by hand after a list changed: `python3 scripts/lock.py`, with `--upgrade` to take newer
versions of everything. It needs `uv` on the PATH, since only uv writes one lock that serves
every Python from 3.11 on, Linux and macOS.
"""

from __future__ import annotations

import argparse
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
LISTS = ("requirements", "requirements-dev")
# No header and no annotations: they would name the index and the folders of whoever ran this.
FLAGS = ("--universal", "--python-version=3.11", "--generate-hashes", "--no-strip-extras")
QUIET = ("--no-header", "--no-annotate", "--no-emit-index-url", "--no-emit-find-links", "--quiet")


def main() -> int:
    """Lock what runs first, then the tools against it."""
    chosen = ["--upgrade"] if parser().parse_args().upgrade else []
    uv = shutil.which("uv")
    if uv is None:
        sys.stderr.write("uv is not on the PATH; install it (`pip install uv`) and run again\n")
        return 2
    for name in LISTS:
        command = [uv, "pip", "compile", *FLAGS, *QUIET, *chosen, f"{name}.txt", "-o"]
        done = subprocess.run([*command, f"{name}.lock"], cwd=ROOT, check=False)
        if done.returncode:
            return done.returncode
        sys.stderr.write(f"wrote {name}.lock\n")
    return 0


def parser() -> argparse.ArgumentParser:
    """What the command takes."""
    made = argparse.ArgumentParser(prog="python3 scripts/lock.py", description=__doc__)
    made.add_argument("--upgrade", action="store_true", help="take the newest versions allowed")
    return made


if __name__ == "__main__":
    sys.exit(main())
