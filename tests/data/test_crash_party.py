"""Two writers, a collector and two readers, killed hundred times and more at random instants."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests import tiers

pytestmark = pytest.mark.uncounted
REPOSITORY = Path(__file__).resolve().parents[2]
KILLS = tiers.amount("PARTY_KILLS", day=40, night=5000)


def held(folder: Path, *options: str) -> dict[str, Any]:
    """What one party found."""
    done = subprocess.run(
        [sys.executable, "-m", "tests.data.crash_party", folder, "--seed", "7", *options],
        cwd=REPOSITORY,
        # Threads that a library starts when it is imported would be missing after the fork.
        env=os.environ | {"OPENBLAS_NUM_THREADS": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    found: dict[str, Any] = json.loads(done.stdout)
    sys.stdout.write(f"{found}\n")
    return found


def test_no_kill_is_seen_by_a_reader_and_nothing_acknowledged_is_lost(tmp_path: Path) -> None:
    found = held(tmp_path, "--kills", str(KILLS))
    assert found["faults"] == []
    assert found["kills"] == KILLS
    # The party was one: things were published, and looked at, all the while.
    assert found["versions"] > KILLS / 10
    assert found["looks"] > KILLS


def test_the_same_finder_catches_a_writer_that_replaces_files_in_place(tmp_path: Path) -> None:
    found = held(tmp_path, "--kills", str(KILLS), "--fixed")
    kinds = {fault.split(":")[0] for fault in found["faults"]}
    # Which of them depends on the instant; "ended", a writer that broke by itself, is none.
    assert kinds
    assert kinds <= {"mixed", "error", "left out", "went back"}
