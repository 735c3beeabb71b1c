"""Nobody but its owner reads a workspace."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from data.private import keep_private
from tests import machine


@pytest.fixture(autouse=True)
def _umask() -> Iterator[None]:
    before = os.umask(0o022)
    yield
    os.umask(before)


def rights(folder: Path) -> dict[str, int]:
    """What others may do, by path."""
    found = {}
    for path in (folder, *folder.rglob("*")):
        found[path.name] = path.lstat().st_mode & 0o777
    return found


def test_what_lies_there_is_closed_and_links_are_left_alone(tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere.txt"
    elsewhere.write_text("public")
    elsewhere.chmod(0o644)
    home = tmp_path / "home"
    (home / "lake").mkdir(parents=True)
    (home / "lake" / "part").write_text("x")
    (home / "script").write_text("x")
    (home / "script").chmod(0o755)
    (home / "link").symlink_to(elsewhere)
    keep_private(home, tmp_path / "absent")
    found = rights(home)
    assert (found["home"], found["lake"], found["part"]) == (0o700, 0o700, 0o600)
    assert found["script"] == 0o700
    assert elsewhere.stat().st_mode & 0o777 == 0o644


def test_what_a_main_and_its_children_write_is_private(tmp_path: Path) -> None:
    script = (
        "from pathlib import Path; import subprocess, sys\n"
        "from data.private import private_settings\n"
        "held = private_settings('demo'); held.root.mkdir(parents=True)\n"
        "(held.root / 'own').write_text('x')\n"
        "subprocess.run([sys.executable, '-c', 'open(\"child\", \"w\").close()'], cwd=held.root)\n"
    )
    subprocess.run(
        [sys.executable, "-c", script],
        cwd=machine.ROOT,
        env=os.environ | {"DATA_DIR": str(tmp_path / "var")},
        check=True,
    )
    found = rights(tmp_path / "var" / "demo")
    assert found == {"demo": 0o700, "own": 0o600, "child": 0o600}


def test_a_seeded_workspace_is_private_in_every_file(tmp_path: Path) -> None:
    words = ["-m", "scripts.seed_demo", "--workspace", "demo", "--scale", "small"]
    subprocess.run(
        [sys.executable, *words, "--until", "2024-06-28"],
        cwd=machine.ROOT,
        env=os.environ | {"DATA_DIR": str(tmp_path)},
        check=True,
        capture_output=True,
    )
    found = rights(tmp_path / "demo")
    assert len(found) > 20
    assert [name for name, mode in found.items() if mode & 0o077] == []
