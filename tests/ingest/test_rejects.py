"""What was refused is kept, and the disk does not fill with it."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

from ingest.jobs import Call, Reply
from ingest.runs.keys import Keys
from ingest.runs.rejects import BODY, KEPT, Rejects
from tests.ingest.conftest import START


def reply(at: int, body: bytes = b"x") -> Reply:
    return Reply(Call("https://x.org/a"), 200, {}, body, START + timedelta(seconds=at))


def test_the_last_thousand_are_kept(tmp_path: Path) -> None:
    folder = tmp_path / "x"
    folder.mkdir()
    for at in range(KEPT):
        for suffix in (".json", ".body"):
            (folder / f"20200101T{at:012d}{suffix}").write_text("")
    rejects = Rejects(tmp_path, Keys(lambda name: None))
    assert rejects.keep("x", reply(1), problem="upstream", reason="why") is not None
    names = sorted(path.name for path in folder.iterdir())
    assert len(names) == 2 * KEPT
    assert not (folder / "20200101T000000000000.json").exists()
    assert not (folder / "20200101T000000000000.body").exists()


def test_a_large_body_is_cut_and_that_is_noted(tmp_path: Path) -> None:
    note = Rejects(tmp_path, Keys(lambda name: None)).keep(
        "x", reply(1, b"y" * (BODY + 5)), problem="upstream", reason="why"
    )
    assert note is not None
    assert note.with_suffix(".body").stat().st_size == BODY
    assert f'"bytes": {BODY + 5}' in note.read_text()


def test_a_disk_that_refuses_is_borne(tmp_path: Path) -> None:
    (tmp_path / "x").write_text("a file where the folder should be")
    rejects = Rejects(tmp_path, Keys(lambda name: None))
    assert rejects.keep("x", reply(1), problem="upstream", reason="why") is None
