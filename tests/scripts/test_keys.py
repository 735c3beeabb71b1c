"""Keys go into the secrets file unseen, one at a time, and out again; nothing prints one."""

from __future__ import annotations

import stat
import subprocess
import sys
from pathlib import Path

import pytest

from data.settings import REPOSITORY, Settings
from scripts import keys

SECRET = "planted-0123456789"


def run(folder: Path, *words: str, typed: str = "", **environ: str) -> tuple[int, str]:
    done = subprocess.run(
        [sys.executable, "-m", "scripts.keys", *words],
        cwd=REPOSITORY,
        env={"PATH": "", "DATA_DIR": str(folder), **environ},
        input=typed,
        capture_output=True,
        text=True,
    )
    return done.returncode, done.stdout + done.stderr


def test_a_key_goes_in_and_out_and_is_never_shown(tmp_path: Path) -> None:
    file = tmp_path / "secrets.env"
    code, said = run(tmp_path, "add", "fred", typed=f"{SECRET}\n")
    assert code == 0 and "FRED_API_KEY is in" in said and SECRET not in said
    assert file.read_text() == f"FRED_API_KEY={SECRET}\n"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    settings = Settings.from_env("live", {"DATA_DIR": str(tmp_path)})
    assert settings.secret("FRED_API_KEY", {}) == SECRET
    code, said = run(tmp_path, ALERT_WEBHOOK="https://x.example")
    assert code == 0 and SECRET not in said
    assert "in the secrets file" in said and "in the environment" in said
    assert run(tmp_path, "remove", "FRED_API_KEY")[0] == 0
    assert file.read_text() == ""
    assert "was not in" in run(tmp_path, "remove", "fred")[1]


def test_other_lines_stay_and_one_of_the_name_is_replaced(tmp_path: Path) -> None:
    file = tmp_path / "secrets.env"
    file.touch(mode=0o600)
    file.write_text("# ours\nexport FRED_API_KEY='old'\nALERT_WEBHOOK=https://x.example\n")
    settings = Settings.from_env("live", {"DATA_DIR": str(tmp_path)})
    assert keys.write(settings, "FRED_API_KEY", "new")
    assert file.read_text() == "# ours\nALERT_WEBHOOK=https://x.example\nFRED_API_KEY=new\n"
    assert [path.name for path in tmp_path.iterdir()] == ["secrets.env"]


@pytest.mark.parametrize(
    "typed", ["", "\n", "short\n", "a b\n", "'x'\n", "ключ\n", "x" * 5000 + "\n"]
)
def test_what_is_no_key_is_not_written(tmp_path: Path, typed: str) -> None:
    code, said = run(tmp_path, "add", "fred", typed=typed)
    assert code == 2 and "nothing was written" in said
    assert not (tmp_path / "secrets.env").exists()


def test_names_that_nobody_has_and_a_file_that_others_read(tmp_path: Path) -> None:
    assert "no source or channel has a key" in run(tmp_path, "add", "nobody")[1]
    assert "worldbank needs no key" in run(tmp_path, "add", "worldbank")[1]
    file = tmp_path / "secrets.env"
    file.touch(mode=0o644)
    code, said = run(tmp_path, "add", "fred", typed=f"{SECRET}\n")
    assert code == 2 and "chmod 600" in said and file.read_text() == ""
