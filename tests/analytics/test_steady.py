"""Answers that descriptions alone decide: at any clock those of the query itself, and asked once
between two changes."""

from __future__ import annotations

import random
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

import polars as pl
import pytest

from analytics.core.catalogue import function_named, run
from analytics.core.listing import listing_hint
from analytics.core.query_texts import query_text
from analytics.core.steady import steady_answer
from data.errors import LakeError
from data.lake import Lake
from data.lake.views import MODES, Mode
from data.proof.receipt_check import verify
from data.proof.receipts import make_receipt
from data.query import At, Db, Value
from tests import tiers
from tests.analytics import revised_world
from tests.analytics.quotes import evening, quotes, table
from tests.analytics.test_market import instruments, listed
from tests.spoil import spoil

CLOCKS = tiers.amount("STEADY_CLOCKS", day=8, night=80)
QUERIES: Mapping[str, Mapping[str, Value]] = {
    "directory": {},
    "tickers": {},
    "first_index": {},
    "find_instruments": {"word": "a", "top": 40},
    "indicators": {},
    "find_series": {"word": "usa", "top": 40},
    "parts/people": {},
}


def drawn(seed: str) -> list[datetime]:
    """Clocks of all years, and instants around those at which the lake took in most."""
    rng = random.Random(f"{seed} {tiers.commit()}")
    first = datetime(2004, 6, 1, tzinfo=UTC)
    seconds = int((revised_world.TAKEN_IN + timedelta(days=200) - first).total_seconds())
    busy = [*revised_world.PARTS, revised_world.AFTERWARDS, revised_world.TAKEN_IN]
    found = [first + timedelta(seconds=rng.randrange(seconds)) for _ in range(CLOCKS - len(busy))]
    return found + [moment + timedelta(seconds=rng.randrange(-90, 90)) for moment in busy]


def asked(at: At, name: str) -> pl.DataFrame:
    """The slow way."""
    text = query_text(name)
    return at.sql(text, **QUERIES[name], **listing_hint(at, text)).frame


@pytest.mark.parametrize("mode", MODES)
def test_at_any_clock_as_the_query_says(revised: Db, mode: Mode) -> None:
    for clock in drawn(mode):
        at = revised.at(clock, mode)
        for name, params in QUERIES.items():
            answer = run(at, name, **params)
            assert answer.frame.equals(asked(at, name)), (clock, mode, name)
            assert {one.at.as_of for one in answer.asked} == {clock}


def test_it_is_asked_once_between_two_changes(
    lake: Lake, db: Db, monkeypatch: pytest.MonkeyPatch
) -> None:
    lake.upsert("prices", table(quotes({0: 1.0, 5: 2.0}, "x:A"), quotes({3: 1.0}, "x:B")))
    lake.upsert("instruments", instruments(listed("x:A", known_at=evening(2))))
    lake.upsert("instruments", instruments(listed("x:B", known_at=evening(4))))
    clocks: list[datetime] = []
    plain = At.sql

    def heard(self: At, query: str, **params: Value) -> object:
        if "ticker" in query:
            clocks.append(self.as_of)
        return plain(self, query, **params)

    monkeypatch.setattr(At, "sql", heard)
    for day, at_last_change in ((1, 1), (2, 2), (3, 3), (4, 4), (5, 4), (9, 4)):
        moment = evening(day) + timedelta(hours=1)
        answer = run(db.at(moment), "tickers")
        # Where an id has prices alone, prices are read, which change every day.
        is_listed = at_last_change in (2, 4)
        assert clocks.pop() == (evening(at_last_change) if is_listed else moment), day
        assert [one.at.as_of for one in answer.asked] == [moment]
    later = listed("x:B", known_at=evening(7)) | {"name": "Other"}
    lake.upsert("instruments", instruments(later))
    for day, names in ((6, False), (7, True)):
        frame = run(db.at(evening(day)), "tickers").frame
        assert ("Other" in frame["name"].to_list()) is names


def test_a_receipt_runs_again_at_its_own_clock(lake: Lake, db: Db) -> None:
    lake.upsert("instruments", instruments(listed("x:A", known_at=evening(2))))
    answer = run(db.at(evening(30)), "directory")
    receipt = make_receipt(answer)
    assert receipt["queries"][0]["as_of"].startswith(f"{evening(30):%Y-%m-%dT%H:%M}")
    assert all(verdict.same for verdict in verify(receipt, lake.root, function_named))


def test_a_query_that_reads_the_clock_or_figures_is_asked_at_the_clock(lake: Lake, db: Db) -> None:
    lake.upsert("instruments", instruments(listed("x:A", known_at=evening(2))))
    lake.upsert("prices", table(quotes({3: 1.0}, "x:A")))
    at = db.at(evening(9))
    for text, expected in (
        ("SELECT symbol, getvariable('as_of') AS now FROM instruments ORDER BY 1", evening(9)),
        ("SELECT symbol, known_at AS now FROM prices ORDER BY 1", evening(3)),
    ):
        assert steady_answer(text, at).frame["now"].to_list() == [expected]
    early = db.at(evening(0))
    assert steady_answer("SELECT symbol FROM instruments ORDER BY 1", early).frame.is_empty()


def test_a_closed_dataset_is_refused_and_a_damaged_file_told(lake: Lake, db: Db) -> None:
    lake.upsert("instruments", instruments(listed("x:A", known_at=evening(2))))
    text = "SELECT symbol FROM instruments ORDER BY 1"
    assert steady_answer(text, db.at(evening(9))).frame.height == 1
    (entry,) = db.manifest("instruments").files
    path = lake.root / "instruments" / entry.file
    content = path.read_bytes()
    path.write_bytes(content[:-9])
    assert steady_answer(text, db.at(evening(9))).damaged
    path.write_bytes(content)
    assert not steady_answer(text, db.at(evening(9))).damaged
    lake.upsert("instruments", instruments(listed("x:B", known_at=evening(3))))
    spoil(lake.root, "instruments")
    with pytest.raises(LakeError, match="damaged"):
        steady_answer(text, db.at(evening(9)))
