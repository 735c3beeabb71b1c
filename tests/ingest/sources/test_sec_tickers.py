"""Tickers of the SEC's lists over time: each belongs to one company for good, and may end."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from analytics.companies.directory import company_directory
from analytics.core.resolve import resolve
from ingest.sources import sec_edgar
from pages.search.directory import matches
from tests.analytics.companies.filed_facts import about
from tests.ingest.desk import Desk, opened
from tests.ingest.sources.test_sec_edgar_protocol import Edgar, edgar, on_one_host

TICKERS = "SELECT symbol, delisted_on FROM instruments WHERE source = 'sec_edgar' ORDER BY symbol"
OLD, NEW = "sec:0000000001:XYZ", "sec:0000000002:XYZ"


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    with opened(on_one_host(sec_edgar.SOURCE), tmp_path) as found:
        yield found


@dataclass
class WithTickers(Edgar):
    """The page of a filer that states its tickers."""

    own: list[str] = field(default_factory=list)

    def profile(self) -> dict[str, Any]:
        return super().profile() | {"tickers": self.own, "exchanges": ["NYSE"] * len(self.own)}


def listed(desk: Desk, *rows: list[Any]) -> None:
    far = edgar()
    far.tickers = list(rows)
    desk.speak(far, "*")
    assert desk.run("all", job="sec_tickers").outcome.status == "ok"


def tickers(desk: Desk, at: datetime | None = None) -> dict[str, date | None]:
    return dict(desk.rows(TICKERS, at) if at else desk.rows(TICKERS))


def test_a_ticker_that_a_list_no_longer_has_has_ended(desk: Desk) -> None:
    other = [2, "Other", "OTH", "NYSE"]
    listed(desk, [1, "Old Owner", "XYZ", "NYSE"], other)
    seen = desk.now
    desk.sleep(days=30)
    listed(desk, other)
    assert tickers(desk) == {OLD: desk.now.date(), "sec:0000000002:OTH": None}
    assert tickers(desk, seen + timedelta(days=1))[OLD] is None
    # Every further list says the same, which is no vintage.
    desk.sleep(days=30)
    day = tickers(desk)[OLD]
    listed(desk, other)
    assert tickers(desk)[OLD] == day
    # Listed again: the same instrument, without an end.
    desk.sleep(days=30)
    listed(desk, [1, "Old Owner", "XYZ", "NYSE"], other)
    assert tickers(desk)[OLD] is None


def test_a_recycled_ticker_finds_the_company_that_had_it_then(desk: Desk) -> None:
    """By the ticker the old company at an old clock, the new one now; both ids stay."""
    listed(desk, [1, "Old Owner", "XYZ", "NYSE"])
    then = desk.now
    desk.sleep(days=30)
    listed(desk, [2, "New Owner", "XYZ", "Nasdaq"])
    assert tickers(desk) == {OLD: desk.now.date(), NEW: None}
    for number, name in ((1, "Old Owner"), (2, "New Owner")):
        row = about(f"sec:{number:010}", name=name, source="sec_edgar")
        desk.engine.lake.upsert("companies", row)
    desk.sleep(days=2)
    assert {at: by_ticker(desk, "xyz", at) for at in (then, desk.now)} == {
        then: ["sec:0000000001"],
        desk.now: ["sec:0000000002"],
    }
    # A mere listing is no choice among the instruments, which have prices.
    assert resolve(desk.db.at(desk.now), words=["XYZ"]).frame.is_empty()


def by_ticker(desk: Desk, ticker: str, at: datetime) -> list[str]:
    """The companies that a picker finds by a ticker."""
    return list(matches(company_directory(desk.db.at(at)).frame, ticker, 9)["id"])


def test_a_filers_own_page_lists_its_tickers_and_ends_them(desk: Desk) -> None:
    base = edgar()
    far = WithTickers(base.filings, base.told, base.older, own=["ABC", "ABC-PA"])
    desk.speak(far, "*")
    assert desk.run("1").outcome.status == "ok"
    assert tickers(desk) == {"sec:0000000001:ABC": None, "sec:0000000001:ABC-PA": None}
    far.own = ["ABC"]
    desk.sleep(days=1)
    assert desk.run("1").outcome.status == "ok"
    assert tickers(desk)["sec:0000000001:ABC-PA"] is not None
    far.own = []
    desk.sleep(days=1)
    assert desk.run("1").outcome.status == "ok"
    assert None not in tickers(desk).values()


def test_a_list_that_was_cut_ends_nothing(desk: Desk) -> None:
    whole = [[cik, f"Company {cik}", f"T{cik}", "NYSE"] for cik in range(1, 201)]
    listed(desk, *whole)
    desk.sleep(days=1)
    listed(desk, *whole[:100])
    assert set(tickers(desk).values()) == {None}
    desk.sleep(days=1)
    listed(desk, *whole[:160])
    assert sum(day is not None for day in tickers(desk).values()) == 40
