"""Read a file of others in a process of its own, whose memory and time are bounded.

The caller hands over bytes and gets plain values; whatever a file does to a parser happens in that
process, which writes no file and whose environment holds no secret.
"""

from __future__ import annotations

import json
import resource
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from data.errors import UploadError

ROOT = Path(__file__).resolve().parents[1]
MB = 1 << 20
MOST_BYTES = 25 * MB  # of one file
SECONDS = 20
CPU_SECONDS = 15
MEMORY = 2 << 30  # address space; a workbook of 100 MB unpacked needs about half of it
REFUSED = 3


def read_confined(module: str, words: list[str], payload: bytes, *, advice: str) -> Any:
    """What `module`, run with these words, reads in the bytes; one clear sentence otherwise."""
    shown = [word[:200].encode("utf-8", "replace").decode().replace("\0", " ") for word in words]
    try:
        done = subprocess.run(
            [sys.executable, "-m", module, *shown],
            cwd=ROOT,
            env={"PYTHONDONTWRITEBYTECODE": "1", "POLARS_MAX_THREADS": "1"},
            input=payload,
            capture_output=True,
            timeout=SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise _too_much(advice) from None
    if done.returncode not in (0, REFUSED):
        raise _too_much(advice)
    said = json.loads(done.stdout)
    if done.returncode == REFUSED:
        raise UploadError(said["error"])
    return said


def answer(read: Callable[[bytes], object]) -> int:
    """The other side: bounds itself, reads stdin and writes one JSON document; its exit code."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (CPU_SECONDS, CPU_SECONDS))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    try:
        said, code = read(sys.stdin.buffer.read()), 0
    except UploadError as error:
        said, code = {"error": str(error)}, REFUSED
    sys.stdout.write(json.dumps(said))
    return code


def _too_much(advice: str) -> UploadError:
    return UploadError(
        f"reading it took more than {SECONDS} seconds or {MEMORY >> 30} GB of memory; {advice}"
    )
