"""What this machine has, and whether a test may do without it; it installs nothing."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TypeVar

import coverage
import pytest

ROOT = Path(__file__).resolve().parents[1]
TOOLS = {
    "chromium": ("chromium", "chromium-browser", "google-chrome"),
    "redis-server": ("redis-server",),
    "strace": ("strace",),
    "node": ("node", "nodejs"),
    "shared": (),
}
# What even CI may lack: reference material is not part of the checkout, and the superuser passes
# every permission, so a test of a refused permission says nothing for that user.
EXCUSED = ("../shared", "superuser")
Report = TypeVar("Report", bound=pytest.TestReport | pytest.CollectReport)


def find(tool: str) -> Path | None:
    """Where a tool of `TOOLS` is; `shared` is a folder beside the checkout."""
    if tool == "shared":
        folder = ROOT.parent / "shared"
        return folder if folder.is_dir() else None
    paths = (shutil.which(name) for name in TOOLS[tool])
    return next((Path(path) for path in paths if path), None)


def require(tool: str) -> Path:
    """Where it is; without it the test is skipped, which CI counts as a failure."""
    found = find(tool)
    if found is not None:
        return found
    if tool == "shared":
        pytest.skip("../shared is not beside this checkout")
    pytest.skip(f"no {tool} on this machine; .ci/run installs it")


def is_ci() -> bool:
    """`CI=true`, as .ci/run sets it."""
    return os.environ.get("CI", "").lower() in ("true", "1", "yes")


def seed() -> int:
    """The seed from which the `rng` of every test is derived."""
    return int(os.environ.get("TEST_SEED", "20200316"))


@contextmanager
def uncounted() -> Iterator[None]:
    """No line is counted meanwhile, here or in the programs that are started."""
    running = coverage.Coverage.current()
    settings = os.environ.pop("COVERAGE_PROCESS_CONFIG", None)
    if running is not None:
        running.stop()
    try:
        yield
    finally:
        if running is not None:
            running.start()
        if settings is not None:
            os.environ["COVERAGE_PROCESS_CONFIG"] = settings


def judge(report: Report) -> Report:
    """Turn a skip into a failure in CI, unless its reason is excused."""
    if not (is_ci() and report.outcome == "skipped") or hasattr(report, "wasxfail"):
        return report
    why = report.longrepr[2] if isinstance(report.longrepr, tuple) else str(report.longrepr)
    if not any(word in why for word in EXCUSED):
        report.outcome = "failed"
        report.longrepr = f"skipped, which CI does not allow: {why}"
    return report
