"""The commands that check drafts and score checks."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

from tests import machine
from tests.demo_fixture import DemoLake
from tests.golden import gold


def command(lake: DemoLake, *words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", *words, "--workspace", lake.settings.workspace],
        cwd=machine.ROOT,
        env={"DATA_DIR": str(lake.settings.data_dir), "PATH": "/usr/bin:/bin"},
        capture_output=True,
        text=True,
        check=False,
    )


def test_a_draft_is_checked_from_a_file(demo_lake: DemoLake, tmp_path: Path) -> None:
    path = tmp_path / "note.md"
    path.write_text("# US\n\nUnemployment rose to 4.4% in May; inflation was 2.9%.\n", "utf-8")
    words = ("scripts.check_text", str(path), "--as-of", "2024-06-20T12:00Z", "--format", "json")
    done = command(demo_lake, *words)
    assert done.returncode == 0, done.stderr
    rows = json.loads(done.stdout)
    assert [(row["quote"], row["verdict"]) for row in rows] == [
        ("4.4%", "supported"),
        ("2.9%", "wrong value"),
    ]
    assert rows[0]["subject"] == "demo:UNEMP:USA"
    assert rows[1]["found"] == 1.7


def test_a_file_that_is_not_there_is_one_sentence(demo_lake: DemoLake) -> None:
    done = command(demo_lake, "scripts.check_text", "nowhere.md", "--as-of", "2024-06-20T12:00Z")
    assert done.returncode == 2
    assert done.stderr.strip() == "nowhere.md cannot be read: No such file or directory"


def test_another_gold_set_is_scored(demo_lake: DemoLake, tmp_path: Path) -> None:
    name = "us-week-2024-06-14.toml"
    (tmp_path / name).write_bytes((gold.FOLDER / name).read_bytes())
    done = command(demo_lake, "scripts.score_claims", "--gold", str(tmp_path))
    assert done.returncode == 0, done.stderr
    assert "0 false supported" in done.stderr
    (tmp_path / name).write_text("title = 1", "utf-8")
    done = command(demo_lake, "scripts.score_claims", "--gold", str(tmp_path))
    assert done.returncode == 2
    assert "is no draft of a gold set" in done.stderr
