"""The command line of `up.py`, run as a bare Python runs it: no site packages at all."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from scripts.up import PORT, options

UP = Path(__file__).resolve().parents[2] / "scripts" / "up.py"


def bare(*words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-S", str(UP), *words],
        capture_output=True,
        text=True,
        timeout=20,
        check=False,
    )


def test_help_needs_nothing_installed() -> None:
    done = bare("--help")
    assert done.returncode == 0, done.stderr
    assert "--live" in done.stdout


@pytest.mark.parametrize("word", ["0", "65536", "-1", "http", "", "٨"])
def test_a_bad_port_is_refused_before_anything_is_installed(word: str) -> None:
    done = bare(f"--port={word}")
    assert done.returncode == 2
    assert "expected a port from 1 to 65535" in done.stderr


def test_live_and_a_workspace_exclude_each_other() -> None:
    assert bare("--live", "--workspace", "demo").returncode == 2


def test_the_defaults_open_no_browser() -> None:
    choice = options([])
    assert (choice.workspace, choice.port, choice.browser) == (None, PORT, False)
    assert options(["--live", "--browser"]).workspace == "live"
