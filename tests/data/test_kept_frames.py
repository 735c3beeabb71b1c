"""Frames of queries kept by a reader: asked once, and never for other rows or another clock."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import polars as pl
import pytest

from data.lake import Lake
from data.query import At, Db
from data.query.guard import Checked
from tests.analytics.quotes import evening, quotes, table

CLOSES = "SELECT symbol, close FROM prices WHERE close > $least ORDER BY ALL"


class Counted(Db):
    """A reader that counts what it runs."""

    ran = 0

    def run(self, at: At, checked: Checked, params: Mapping[str, Any]) -> pl.DataFrame:
        self.ran += 1
        return super().run(at, checked, params)


@pytest.fixture
def lake(tmp_path: Any) -> Lake:
    made = Lake(tmp_path / "live" / "lake", workspace="live")
    made.upsert("prices", table(quotes({0: 1.0, 1: 2.0})))
    return made


def ask(db: Db, number: int = 1, least: float = 0.0) -> list[float]:
    clock: datetime = evening(number)
    return db.at(clock).sql(CLOSES, least=least).frame["close"].to_list()


def test_the_same_question_is_run_once(lake: Lake) -> None:
    db = Counted(lake.root, threads=1, keep_mb=1)
    assert [ask(db) for _ in range(3)] == [[1.0, 2.0]] * 3
    assert db.ran == 1


def test_another_clock_parameter_mode_or_version_is_asked_anew(lake: Lake) -> None:
    db = Counted(lake.root, threads=1, keep_mb=1)
    assert ask(db) == [1.0, 2.0]
    assert ask(db, 0) == [1.0]
    assert ask(db, least=1) == [2.0]
    assert db.at(evening(1), "house").sql(CLOSES, least=0.0).frame.is_empty()
    assert db.at(evening(1), all_vintages=True).sql(CLOSES, least=0.0).frame.height == 2
    only = db.at(evening(1)).within("prices", evening(400), evening(500))
    assert only.sql(CLOSES, least=0.0).frame.is_empty()
    assert db.ran == 6
    lake.upsert("prices", table(quotes({1: 3.0}, known_at=evening(1).replace(hour=23))))
    assert db.at(evening(2)).sql(CLOSES, least=0.0).frame["close"].to_list() == [1.0, 3.0]
    assert ask(db) == [1.0, 2.0]
    assert db.ran == 8


def test_a_list_of_names_is_part_of_the_question(lake: Lake) -> None:
    db = Counted(lake.root, threads=1, keep_mb=1)
    query = "SELECT count(*) AS n FROM prices WHERE list_contains($names, symbol)"
    for names, count in ((["x:AAA"], 2), (["x:BBB"], 0), (["x:AAA"], 2)):
        assert db.at(evening(1)).sql(query, names=names).frame["n"][0] == count
    assert db.ran == 2


def test_what_a_caller_does_to_its_frame_reaches_nobody_else(lake: Lake) -> None:
    db = Counted(lake.root, threads=1, keep_mb=1)
    frame = db.at(evening(1)).sql(CLOSES, least=0.0).frame
    frame.drop_in_place("close")
    assert ask(db) == [1.0, 2.0]
    assert db.ran == 1


def test_a_file_that_was_damaged_afterwards_is_missed(lake: Lake) -> None:
    db = Counted(lake.root, threads=1, keep_mb=1)
    assert ask(db) == [1.0, 2.0]
    entry = db.at(evening(1)).manifests["prices"].files[0]
    (lake.root / "prices" / entry.file).write_bytes(b"nothing")
    answer = db.at(evening(1)).sql(CLOSES, least=0.0)
    assert answer.frame.is_empty()
    assert answer.damaged == (f"prices/{entry.file}",)


def test_without_room_nothing_is_kept_and_large_frames_never(lake: Lake) -> None:
    plain = Counted(lake.root, threads=1)
    assert [ask(plain), ask(plain)] == [[1.0, 2.0]] * 2
    assert plain.ran == 2
    small = Counted(lake.root, threads=1, keep_mb=1)
    many = "SELECT repeat('x', 1000) AS word FROM range(1000), prices"
    for _ in range(2):
        assert small.at(evening(1)).sql(many).frame.height == 2_000
    assert small.ran == 2
