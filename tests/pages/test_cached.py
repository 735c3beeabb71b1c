"""Answers are kept per clock and version, shared, bounded, and cannot be spoilt by a page."""

from __future__ import annotations

import threading
from datetime import UTC, datetime
from pathlib import Path

import polars as pl
import pytest

from analytics.macro import weights
from data.errors import QueryError
from data.lake import Lake
from data.query import Answer, At, Db
from pages.frame.cached import SHELF, AnalyticCall, AnswerCache, cached, observe
from tests.pages import world

CLOCK = datetime(2026, 1, 5, tzinfo=UTC)
ASKED: list[object] = []


def country_names(at: At, *, top: int = 5) -> Answer:
    ASKED.append(at.as_of)
    return at.sql("SELECT name FROM countries ORDER BY name LIMIT $top", top=top)


def broken(at: At) -> Answer:
    return at.sql("SELECT nothing FROM countries")


@pytest.fixture
def lake(tmp_path: Path) -> Lake:
    ASKED.clear()
    SHELF.clear()
    held = world.settings(tmp_path)
    lake = Lake(held.lake, workspace="demo")
    add(lake, "DEU", "Germany", 2020)
    return lake


def add(lake: Lake, code: str, name: str, year: int) -> None:
    row = {"country": code, "name": name, "known_at": datetime(year, 1, 1, tzinfo=UTC)}
    lake.upsert(
        "countries",
        world.rows("countries", [row | {"source": "demo"}]),
        publish_id=f"{code}{year}",
    )


def names(at: At, **params: int) -> list[str]:
    return cached(country_names, at, **params).frame["name"].to_list()


def test_same_question_is_asked_once(lake: Lake) -> None:
    db = Db(lake.root)
    assert [names(db.at(CLOCK)) for _ in range(3)] == [["Germany"]] * 3
    assert len(ASKED) == 1


def weighed(at: At) -> Answer:
    answer = at.sql("SELECT name FROM countries")
    newest = weights.book(at).versions[-1].assets
    return answer.derive(pl.DataFrame({"asset": sorted(newest)}), "the newest weights")


def test_weights_that_were_changed_by_hand_ask_again(lake: Lake) -> None:
    """Their file lies beside the lake: nothing tells the server that somebody edited it."""
    db, own = Db(lake.root), weights.own_file(lake.root)
    first = cached(weighed, db.at(CLOCK)).frame["asset"].to_list()
    for asset in ("tea", "copper"):
        version = weights.Weights(CLOCK, {asset: {"growth": 1.0}})
        own.write_text(weights.added("", version))
        assert cached(weighed, db.at(CLOCK)).frame["asset"].to_list() == [asset]
    own.unlink()
    assert cached(weighed, db.at(CLOCK)).frame["asset"].to_list() == first


def test_clock_mode_and_parameters_ask_again(lake: Lake) -> None:
    db = Db(lake.root)
    names(db.at(CLOCK))
    names(db.at(CLOCK.replace(year=2021)))
    names(db.at(CLOCK, "house"))
    names(db.at(CLOCK), top=1)
    assert len(ASKED) == 4


def test_new_version_of_a_dataset_that_was_read_asks_again(lake: Lake) -> None:
    db = Db(lake.root)
    assert names(db.at(CLOCK)) == ["Germany"]
    add(lake, "FRA", "France", 2021)
    assert names(db.at(CLOCK)) == ["France", "Germany"]


def test_new_version_of_another_dataset_does_not(lake: Lake) -> None:
    db = Db(lake.root)
    names(db.at(CLOCK))
    world.put(
        lake,
        "events",
        [
            {
                "event_id": "e",
                "event_at": CLOCK,
                "precision": "day",
                "kind": "split",
                "title": "t",
                "known_at": CLOCK,
                "source": "demo",
            }
        ],
    )
    names(db.at(CLOCK))
    assert len(ASKED) == 1


def test_page_cannot_spoil_what_others_read(lake: Lake) -> None:
    at = Db(lake.root).at(CLOCK)
    frame = cached(country_names, at).frame
    frame.insert_column(0, pl.Series("spoilt", ["x"]))
    frame[0, "name"] = "Atlantis"
    assert cached(country_names, at).frame.to_dicts() == [{"name": "Germany"}]


def test_failure_is_told_and_not_kept(lake: Lake) -> None:
    at = Db(lake.root).at(CLOCK)
    heard: list[AnalyticCall] = []
    for _ in range(2):
        with observe(heard.append), pytest.raises(QueryError):
            cached(broken, at)
    assert [call.answer for call in heard] == [None, None]
    assert len(SHELF) == 0


def test_partial_answer_is_not_kept(lake: Lake) -> None:
    db = Db(lake.root)
    file = next(lake.root.glob("countries/*.parquet"))
    whole = file.read_bytes()
    file.write_bytes(whole[:100])
    assert cached(country_names, db.at(CLOCK)).damaged
    file.write_bytes(whole)
    assert cached(country_names, Db(lake.root).at(CLOCK)).damaged == ()


def test_shelf_is_bounded_by_count_and_by_bytes(lake: Lake) -> None:
    at = Db(lake.root).at(CLOCK)
    answer = country_names(at)
    store = AnswerCache(entries=3, size=100_000)
    for number in range(10):
        store.get((number,), at, lambda: answer)
    assert len(store) == 3
    big = answer.derive(pl.DataFrame({"x": range(2_000)}), "made larger")
    store = AnswerCache(entries=100, size=80_000)
    for number in range(10):
        store.get((number,), at, lambda: big)
    assert 0 < store.bytes <= 80_000
    assert len(store) == 80_000 // (16_000 + 2_048)


def test_many_threads_ask_once(lake: Lake) -> None:
    at = Db(lake.root).at(CLOCK)
    start = threading.Barrier(8)
    found: list[list[str]] = []

    def ask() -> None:
        start.wait()
        found.append(names(at))

    threads = [threading.Thread(target=ask) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == [["Germany"]] * 8
    assert len(ASKED) == 1
