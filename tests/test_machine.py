"""A test that skipped is a failure in CI, whatever way it skipped; what CI may lack is excused."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
SKIPS = """
import pytest

@pytest.mark.needs("redis-server")
def test_marked(): ...

def test_by_fixture(chromium): ...

def test_in_the_body(): pytest.skip("no strace")

@pytest.mark.skipif(True, reason="no wish to")
def test_by_condition(): ...

def test_by_import(): pytest.importorskip("a_library_that_is_not")

def test_excused(shared): ...

@pytest.mark.xfail(reason="known")
def test_expected_to_fail(): assert False

def test_that_passes(): ...
"""
WHOLE = 'import pytest\npytest.skip("nobody likes me", allow_module_level=True)\n'


def outcome(folder: Path, body: str, ci: str) -> tuple[int, str]:
    """Exit code and closing line of pytest under our rules, where no tool is on the PATH."""
    (folder / "test_planted.py").write_text(body)
    command = [sys.executable, "-m", "pytest", "-q", "-p", "tests.conftest", "-c", "/dev/null"]
    environment = {"PATH": str(folder), "PYTHONPATH": str(ROOT), "CI": ci, "HOME": str(folder)}
    done = subprocess.run(
        [*command, "-p", "no:cacheprovider", "test_planted.py"],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    return done.returncode, done.stdout.strip().splitlines()[-1]


def has_shared() -> bool:
    return (ROOT.parent / "shared").is_dir()


@pytest.mark.parametrize(("ci", "code", "skipped"), [("", 0, 6), ("true", 1, 1)])
def test_skips(tmp_path: Path, ci: str, code: int, skipped: int) -> None:
    found, closing = outcome(tmp_path, SKIPS, ci)
    present = int(has_shared())
    assert found == code
    assert ("2 failed" in closing and "3 errors" in closing) == bool(ci)
    assert (f"{skipped - present} skipped" in closing) == (skipped > present)
    assert f"{1 + present} passed" in closing
    assert "1 xfailed" in closing


@pytest.mark.parametrize(("ci", "word"), [("", "1 skipped"), ("true", "1 error")])
def test_a_module_that_skips_whole(tmp_path: Path, ci: str, word: str) -> None:
    assert word in outcome(tmp_path, WHOLE, ci)[1]
