"""Read a file in a process of its own, whose memory and time are bounded.

The web process hands over bytes and gets cells of text; whatever a file does to a parser happens
there. `python -m data.uploads.reader NAME [SHEET]` reads stdin and writes one JSON document.
"""

from __future__ import annotations

import json
import resource
import subprocess
import sys
from dataclasses import asdict
from pathlib import Path

from data.errors import UploadError
from data.uploads.grid import Grid
from data.uploads.sheet import read_grid

ROOT = Path(__file__).resolve().parents[2]
SECONDS = 20
CPU_SECONDS = 15
MEMORY = 2 << 30  # address space; a workbook of 100 MB unpacked needs about half of it
REFUSED = 3


def read_file(payload: bytes, name: str, sheet: str | None = None) -> Grid:
    """The cells of a file; one clear sentence where there are none."""
    shown = name[:200].encode("utf-8", "replace").decode().replace("\0", " ")
    words = [sys.executable, "-m", "data.uploads.reader", shown, *([sheet] if sheet else [])]
    try:
        done = subprocess.run(
            words,
            cwd=ROOT,
            env={"PYTHONDONTWRITEBYTECODE": "1", "POLARS_MAX_THREADS": "1"},
            input=payload,
            capture_output=True,
            timeout=SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise _too_much() from None
    if done.returncode not in (0, REFUSED):
        raise _too_much()
    said = json.loads(done.stdout)
    if done.returncode == REFUSED:
        raise UploadError(said["error"])
    said["rows"] = [(line, cells) for line, cells in said["rows"]]
    return Grid(**said)


def _too_much() -> UploadError:
    return UploadError(
        f"reading it took more than {SECONDS} seconds or {MEMORY >> 30} GB of memory; "
        "split it, or save it as plain CSV"
    )


def _main(name: str, sheet: str | None) -> int:
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (CPU_SECONDS, CPU_SECONDS))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    try:
        grid = read_grid(sys.stdin.buffer.read(), name, sheet)
        said, code = asdict(grid), 0
    except UploadError as error:
        said, code = {"error": str(error)}, REFUSED
    sys.stdout.write(json.dumps(said))
    return code


if __name__ == "__main__":
    sys.exit(_main(sys.argv[1], sys.argv[2] if len(sys.argv) > 2 else None))
