"""The moves on the disk: exclusive, atomic, and told in one sentence when refused."""

from __future__ import annotations

import errno
import threading
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from data.disk import explain, locked, make_folder, path_value, settle, temporary, write_file


@pytest.mark.parametrize(
    ("value", "path"),
    [
        ("equity", "equity"),
        (2020, "2020"),
        ("CON", "CON"),
        ("a b", "a%20b"),
        ("a/b", "a%2Fb"),
        ("..", "%2E%2E"),
        (".", "%2E"),
        ("%41", "%2541"),
        ("a=b", "a%3Db"),
        ("__HIVE_DEFAULT_PARTITION__", "%5F_HIVE_DEFAULT_PARTITION__"),
    ],
)
def test_partition_values_as_paths(value: object, path: str) -> None:
    assert path_value(value) == path


@given(st.text(min_size=1))
def test_no_value_leads_out_of_its_folder_and_no_two_share_one(text: str) -> None:
    name = path_value(text) if text.encode("utf-8", "ignore").decode() == text else "plain"
    assert "/" not in name
    assert "\x00" not in name
    assert name not in {"", ".", ".."}
    assert Path("lake", f"source={name}").parts == ("lake", f"source={name}")


def test_writing_a_file_replaces_it_whole(tmp_path: Path) -> None:
    final = tmp_path / "manifest.json"
    write_file(final, b"one")
    write_file(final, b"two")
    assert final.read_bytes() == b"two"
    assert list(tmp_path.iterdir()) == [final]


def test_a_failed_write_leaves_the_old_content_and_no_temporary(tmp_path: Path) -> None:
    final = tmp_path / "folder"
    (final / "full").mkdir(parents=True)
    with pytest.raises(OSError):
        write_file(final, b"a file cannot replace a folder")
    assert list(tmp_path.iterdir()) == [final]


def test_temporaries_are_never_shared(tmp_path: Path) -> None:
    assert len({temporary(tmp_path) for _ in range(100)}) == 100


def test_folders_are_made_with_their_parents(tmp_path: Path) -> None:
    make_folder(tmp_path / "a" / "b" / "c")
    make_folder(tmp_path / "a" / "b" / "c")
    assert (tmp_path / "a" / "b" / "c").is_dir()


def test_settling_moves_the_file(tmp_path: Path) -> None:
    written = tmp_path / ".tmp-1"
    written.write_bytes(b"x")
    settle(written, tmp_path / "final")
    assert [path.name for path in tmp_path.iterdir()] == ["final"]


def test_one_holder_of_a_lock_at_a_time(tmp_path: Path) -> None:
    inside = 0
    most = 0

    def enter() -> None:
        nonlocal inside, most
        for _ in range(50):
            with locked(tmp_path / "lock"):
                inside += 1
                most = max(most, inside)
                inside -= 1

    threads = [threading.Thread(target=enter) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert most == 1


@pytest.mark.parametrize(
    ("code", "words"),
    [
        (errno.ENOSPC, "the disk is full"),
        (errno.EROFS, "the disk is read-only"),
        (errno.EACCES, "permission was denied"),
        (errno.EIO, "I/O error"),
        (errno.ENAMETOOLONG, "too long"),
    ],
)
def test_what_the_disk_refuses_is_one_sentence(code: int, words: str) -> None:
    import os

    said = str(explain(OSError(code, os.strerror(code)), "macro: could not write"))
    assert said.startswith("macro: could not write: ")
    assert words in said
    assert said.endswith("what was in the lake stays, then run it again")
