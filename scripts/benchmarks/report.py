"""Put what was measured into a table: on screen, and in docs/benchmarks.md after a full run."""

from __future__ import annotations

import os
import platform
from importlib.metadata import version
from pathlib import Path as Folder

from scripts.benchmarks.timing import OURS, Goal, TimedPath, Timing

HEADER = (
    *("path", "variant", "median ms", "min ms", "CPU ms"),
    *("ratio", "at min", "of CPU", "goal", "", "peak MB"),
)
LEFT = (0, 1, 8, 9)
LIBRARIES = ("duckdb", "polars", "pyarrow", "numpy", "pandas")
MOST_DISK = 0.1
BEGIN, END = "<!-- measured: begin -->", "<!-- measured: end -->"
Row = tuple[str, ...]


def rows(path: TimedPath, timings: dict[str, Timing], peaks: dict[str, int]) -> list[Row]:
    """One row for ours and one for every peer; the ratio is ours over the peer's."""
    ours = timings[OURS]
    goals = {goal.than: goal for goal in path.goals}
    found = []
    for name, timing in timings.items():
        goal = goals.get(name)
        by = goal.by if goal else "wall"
        ratio = ours.median(by) / timing.median(by)
        least = ours.least(by) / timing.least(by)
        cpu = ours.median("cpu") / timing.median("cpu")
        shown = (f"{ratio:.2f}", f"{least:.2f}", f"{cpu:.2f}")
        if name == OURS:
            shown = ("", "", "")
        verdict = _verdict(goal, ratio, least) if goal else ("", "")
        if name in path.most_ms:
            limit = path.most_ms[name]
            shown = ("", "", "")
            verdict = (f"<= {limit:g} ms", _met(timing.median() * 1e3, limit))
        times = (_ms(timing.median()), _ms(timing.least()), _ms(timing.median("cpu")))
        label = path.name if name == OURS else ""
        peak = f"{peaks[name]:,}" if name in peaks else ""
        found.append((label, name, *times, *shown, *verdict, peak))
    return found + _bounds(path, peaks)


def _bounds(path: TimedPath, peaks: dict[str, int]) -> list[Row]:
    """What is bounded besides time, for a path that writes."""
    blank = ("", "", "")
    found: list[tuple[str, ...]] = []
    if path.most_files:
        ratio = peaks[OURS] / path.file_mb
        goal = f"<= {path.most_files:g} x {path.file_mb:.0f} MB"
        met = _met(ratio, path.most_files)
        found.append(("", "peak memory / file", *blank, f"{ratio:.2f}", "", "", goal, met, ""))
    if path.disk_share:
        share = path.disk_share()
        goal = f"<= {MOST_DISK:g} of it"
        row = ("", "fsync and rename", *blank, f"{share:.3f}", "", "", goal, _met(share, MOST_DISK))
        found.append((*row, ""))
    return found


def _verdict(goal: Goal, ratio: float, least: float) -> tuple[str, str]:
    unit = " of its CPU" if goal.by == "cpu" else " x"
    verdict = _met(ratio, goal.limit)
    if verdict == "missed" and least <= goal.limit:
        verdict = "met at min"
    return f"<= {goal.limit:g}{unit}", verdict


def _met(value: float, limit: float) -> str:
    return "met" if value <= limit else "missed"


def _ms(seconds: float) -> str:
    return f"{seconds * 1e3:,.2f}" if seconds < 0.01 else f"{seconds * 1e3:,.0f}"


def table(found: list[Row]) -> str:
    """As text in columns."""
    lines = [HEADER, *found]
    widths = [max(len(line[i]) for line in lines) for i in range(len(HEADER))]
    return "\n".join(
        "  ".join(
            word.ljust(width) if i in LEFT else word.rjust(width)
            for i, (word, width) in enumerate(zip(line, widths, strict=True))
        ).rstrip()
        for line in lines
    )


def markdown(found: list[Row]) -> str:
    """As a Markdown table."""
    lines = ["| " + " | ".join(HEADER) + " |", "|" + "---|" * len(HEADER)]
    lines += ["| " + " | ".join(row) + " |" for row in found]
    return "\n".join(lines)


def machine() -> str:
    """What it was measured on, without naming the machine."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    libraries = ", ".join(f"{name} {version(name)}" for name in LIBRARIES)
    return (
        f"{len(os.sched_getaffinity(0))} cores ({platform.machine()}, {_processor()}), "
        f"{memory:.0f} GB, Linux {platform.release().split('-')[0]}, "
        f"Python {platform.python_version()}, {libraries}"
    )


def _processor() -> str:
    for line in Folder("/proc/cpuinfo").read_text(encoding="utf-8").splitlines():
        if line.startswith("model name"):
            return line.split(":", 1)[1].strip()
    return "unknown processor"


def write(document: Folder, found: list[Row], rounds: int) -> None:
    """Replace the measured part of the document; what is written around it stays."""
    measured = (
        f"{BEGIN}\n\nMeasured on {machine()}; {rounds} rounds in turns, warm; "
        f"load {os.getloadavg()[2]:.1f}, of which 1 to 2 is the bench itself.\n\n"
        f"{markdown(found)}\n\n{END}"
    )
    text = document.read_text(encoding="utf-8") if document.exists() else f"{BEGIN}\n{END}\n"
    before, rest = text.split(BEGIN, 1)
    after = rest.split(END, 1)[1]
    document.parent.mkdir(exist_ok=True)
    document.write_text(before + measured + after, encoding="utf-8")
