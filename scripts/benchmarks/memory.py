"""Peak memory of a variant, in a process of its own, so that no other work is counted in."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path as Folder

from scripts.benchmarks.timing import TimedPath

REPOSITORY = Folder(__file__).resolve().parents[2]


def probe(path: TimedPath, name: str) -> None:
    """Run one variant once; print this process's memory before it and its peak after, in MB."""
    variant = next(variant for variant in path.variants if variant.name == name)
    if variant.before:
        variant.before()
    base = _megabytes("VmRSS")
    Folder("/proc/self/clear_refs").write_text("5", encoding="ascii")
    variant.run()
    sys.stdout.write(f"{base} {_megabytes('VmHWM')}\n")


def peak(maker: str, variant: str, lake: Folder, *, quick: bool) -> int:
    """Peak resident memory of a fresh process that runs one variant of a path once, in MB."""
    command = [sys.executable, "-m", "scripts.bench", "--lake", str(lake), "--only", maker]
    command += ["--memory-of", variant, *(["--quick"] if quick else [])]
    out = subprocess.run(command, cwd=REPOSITORY, check=True, capture_output=True, text=True)
    return int(out.stdout.split()[-1])


def _megabytes(entry: str) -> int:
    for line in Folder("/proc/self/status").read_text(encoding="ascii").splitlines():
        if line.startswith(entry + ":"):
            return int(line.split()[1]) * 1024 // 1_000_000
    raise LookupError(entry)
