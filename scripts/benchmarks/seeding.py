"""The first start measured: the demo world drawn and written into an empty workspace."""

from __future__ import annotations

import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path as Folder

from scripts.benchmarks.report import Row

NAME = "demo world"
REPOSITORY = Folder(__file__).resolve().parents[2]
UNTIL = "2026-10-30"


@dataclass(frozen=True, slots=True)
class SeedScale:
    """A scale of the demo world and what it may take."""

    name: str
    most_s: float
    most_mb: int


SCALES = (SeedScale("small", 3.0, 20), SeedScale("default", 20.0, 150))


def rows(rounds: int) -> list[Row]:
    """Two rows a scale: the time of the whole command, and the room its lake takes."""
    found: list[Row] = []
    for number, scale in enumerate(SCALES):
        runs = [_seed(scale.name) for _ in range(rounds)]
        wall, cpu = ([run[i] for run in runs] for i in (0, 1))
        size = runs[0][2] / 1e6
        blank = ("", "", "")
        middle = statistics.median(wall)
        verdict = "met" if middle <= scale.most_s else "missed"
        if verdict == "missed" and min(wall) <= scale.most_s:
            verdict = "met at min"
        times = (
            f"{middle * 1e3:,.0f}",
            f"{min(wall) * 1e3:,.0f}",
            f"{statistics.median(cpu) * 1e3:,.0f}",
        )
        first = NAME if number == 0 else ""
        found.append((first, scale.name, *times, *blank, f"<= {scale.most_s:g} s", verdict, ""))
        room = "met" if size <= scale.most_mb else "missed"
        sizes = ("", f"{scale.name}, {size:.0f} MB on disk", *blank, *blank)
        found.append((*sizes, f"<= {scale.most_mb} MB", room, ""))
    return found


def _seed(scale: str) -> tuple[float, float, int]:
    """Wall and CPU seconds of one seeding from nothing, and the bytes it wrote."""
    home = Folder(tempfile.mkdtemp(prefix="barograph-seed-"))
    try:
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        start = time.perf_counter()
        subprocess.run(
            [
                *("env", f"DATA_DIR={home}", sys.executable, "-m", "scripts.seed_demo"),
                *("--scale", scale, "--until", UNTIL),
            ],
            cwd=REPOSITORY,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            check=True,
        )
        wall = time.perf_counter() - start
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
        return wall, cpu, sum(path.stat().st_size for path in home.rglob("*") if path.is_file())
    finally:
        shutil.rmtree(home, ignore_errors=True)
