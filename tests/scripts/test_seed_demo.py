"""The command: a hash as the last line, one sentence for what cannot be done."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

import pytest

from data.errors import ConfigError
from data.lake.manifest import Manifest, commit, read_manifest
from data.lake.store import DiskStore
from scripts import seed_demo
from scripts.support import console
from tests.demo_fixture import DemoLake


@pytest.fixture
def copy(demo_lake: DemoLake, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The seeded workspace where the command looks for it."""
    shutil.copytree(demo_lake.settings.root, tmp_path / "demo")
    monkeypatch.setenv("DATA_DIR", str(tmp_path))
    return tmp_path / "demo"


def run(*words: str) -> int:
    """The command with these words."""
    return seed_demo.main(seed_demo.arguments_of().parse_args(words))


def test_seeding_what_is_there_prints_its_hash_last(
    copy: Path, demo_lake: DemoLake, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run("--until", "2024-06-28") == console.DONE
    out = capsys.readouterr()
    assert out.out.splitlines()[-1] == demo_lake.stamp.hash
    assert "prices" in out.err


def test_check_agrees_with_what_was_seeded(
    copy: Path, demo_lake: DemoLake, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run("--check") == console.DONE
    assert capsys.readouterr().out == f"{demo_lake.stamp.hash}\n"


def test_check_names_the_dataset_that_differs(
    copy: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    store = DiskStore(copy / "lake")
    commit(store, [(read_manifest(store, "news"), Manifest("news", version=2))])
    assert run("--check") == console.DIFFERS
    assert "differing: news" in capsys.readouterr().err


def test_a_lake_that_was_removed_is_filled_again(
    copy: Path, demo_lake: DemoLake, capsys: pytest.CaptureFixture[str]
) -> None:
    shutil.rmtree(copy / "lake")
    assert run("--until", "2024-06-28") == console.DONE
    assert run("--check") == console.DONE
    assert capsys.readouterr().out.split() == [demo_lake.stamp.hash] * 2


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["--until", "soon"], "expected a date"),
        (["--until", "2100-01-01"], "a day that is over"),
        (["--until", "1990-01-01"], "expected a date from"),
        (["--seed", "x"], "expected a whole number"),
        (["--scale", "vast", "--workspace", "demo-new"], "expected one of small, default, huge"),
        (["--workspace", "live"], "holds real data and takes no demo rows"),
        (["--workspace", "live", "--check"], "holds real data"),
        (["--workspace", "demo-new", "--check"], "holds no demo world"),
        (["--scale", "default"], "holds the world of seed 7, scale small"),
        (["--until", "2020-01-01"], "already runs to 2024-06-28"),
    ],
)
def test_what_cannot_be_done_is_said_in_one_sentence(
    copy: Path, words: list[str], sentence: str
) -> None:
    with pytest.raises(ConfigError, match=sentence) as caught:
        run(*words)
    assert "\n" not in str(caught.value)


def test_as_a_process_it_exits_with_a_telling_code(
    copy: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "argv", ["seed_demo", "--until", "soon"])
    with pytest.raises(SystemExit) as left:
        console.run(seed_demo.main, seed_demo.arguments_of())
    assert left.value.code == console.USAGE
    assert capsys.readouterr().err.count("\n") == 1
