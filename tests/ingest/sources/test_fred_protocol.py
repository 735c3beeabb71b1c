"""FRED's protocol: real-time windows, pages by offset, a key in every call, its own refusals."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest

from ingest.sources import fred
from tests.ingest.desk import KEY, Desk, opened, outage
from tests.ingest.server import Act, Handler, document, status

FOREVER = "9999-12-31"
VALUES = "SELECT series_id, period, value FROM macro ORDER BY ALL"
HISTORY = "SELECT period, value, known_at FROM macro_vintages ORDER BY ALL"
UNKNOWN = "Bad Request.  The series does not exist."


def eight_thirty(day: str) -> datetime:
    """When the agency speaks on a winter's day in New York."""
    return datetime.fromisoformat(f"{day}T13:30:00+00:00")


@dataclass
class Fred:
    """Per series its prints: (period, day of the print, value); and at most so many rows a page."""

    prints: dict[str, list[tuple[str, str, str]]]
    titles: dict[str, str] = field(default_factory=dict)
    page: int = 3

    def __call__(self, to: Handler) -> None:
        asked = to.query
        if asked.get("api_key") != KEY:
            words = "Bad Request.  The value for variable api_key is not registered: "
            return document_with(400, words + asked.get("api_key", ""))(to)
        name = asked.get("series_id", "")
        if name not in self.prints:
            return document_with(400, UNKNOWN)(to)
        if to.path.startswith("/fred/series?"):
            return document(self.description(name))(to)
        if "vintagedates" in to.path:
            return self.vintages(name, asked)(to)
        rows = self.rows(name, asked)
        start = int(asked.get("offset", "0"))
        head = {"count": len(rows), "offset": start, "limit": self.page, "output_type": 1}
        shown = rows[start : start + self.page]
        return document({"units": "lin", **head, "observations": shown})(to)

    def rows(self, name: str, asked: dict[str, str]) -> list[dict[str, str]]:
        """Every print that holds somewhere in the window, its dates cut to the window's."""
        first, last = asked["realtime_start"], asked["realtime_end"]
        found = []
        for period in sorted({period for period, _, _ in self.prints[name]}):
            known = sorted(row[1:] for row in self.prints[name] if row[0] == period)
            ends = [day for day, _ in known[1:]] + [FOREVER]
            for (day, value), end in zip(known, ends, strict=True):
                if end > first and day <= last:
                    row = {"realtime_start": max(day, first), "realtime_end": end}
                    found.append(row | {"date": period, "value": value})
        return found

    def vintages(self, name: str, asked: dict[str, str]) -> Act:
        days = sorted({day for _, day, _ in self.prints[name]})
        shown = [day for day in days if asked["realtime_start"] <= day <= asked["realtime_end"]]
        head = {"count": len(shown), "offset": 0, "limit": 10_000}
        return document({**head, "vintage_dates": shown})

    def description(self, name: str) -> dict[str, Any]:
        about = {"id": name, "title": self.titles[name], "frequency_short": "M", "units": "Percent"}
        about |= {"seasonal_adjustment_short": "SA", "realtime_start": "2024-03-11"}
        return {"seriess": [about]}


def document_with(code: int, words: str) -> Act:
    body = f'{{"error_code": {code}, "error_message": "{words}"}}'
    return status(code, body.encode(), Content_Type="application/json")


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    with opened(fred.SOURCE, tmp_path, is_keyed=True) as found:
        yield found


def unemployment() -> Fred:
    """Four months, of which one was revised before we first asked."""
    rows = [
        ("2023-10-01", "2023-11-03", "3.9"),
        ("2023-10-01", "2024-01-05", "3.8"),
        ("2023-11-01", "2023-12-08", "3.7"),
        ("2023-12-01", "2024-01-05", "3.7"),
        ("2024-01-01", "2024-02-02", "3.7"),
    ]
    return Fred({"UNRATE": rows}, {"UNRATE": "Unemployment Rate"})


PATHS = ("/fred/series/observations", "/fred/series/vintagedates", "/fred/series")


def test_a_first_fill_takes_every_page_and_every_vintage(desk: Desk) -> None:
    desk.speak(unemployment(), *PATHS)
    assert desk.counts("UNRATE") == ("ok", 4, 1)
    assert desk.asked("offset") == [None, "2"]  # the last row again, see the withdrawal below
    assert desk.asked("realtime_start") == ["1776-07-04"] * 2
    october = "SELECT value FROM macro WHERE period = DATE '2023-10-01'"
    assert desk.rows(october, eight_thirty("2024-01-04")) == [(3.9,)]
    assert desk.rows(october, eight_thirty("2024-01-05")) == [(3.8,)]
    assert desk.rows(october, datetime(2023, 11, 3, 12, 29, 59, tzinfo=UTC)) == []
    assert len(desk.rows(VALUES)) == 4


def test_a_refresh_adds_only_what_is_new_and_a_revision_its_vintages(desk: Desk) -> None:
    far = unemployment()
    desk.speak(far, *PATHS)
    desk.run("UNRATE")
    before = desk.rows(HISTORY)
    desk.sleep(days=1)
    assert desk.refresh("UNRATE") == ("ok", 0, 0)
    # The look back of thirty days cuts the dates of the old prints.
    assert desk.asked("realtime_start")[-1] == "2024-02-11"
    assert desk.rows(HISTORY) == before
    far.prints["UNRATE"] += [
        ("2024-02-01", "2024-03-12", "3.9"),
        ("2023-12-01", "2024-03-12", "3.8"),
    ]
    desk.sleep(hours=2)
    assert desk.refresh("UNRATE") == ("ok", 1, 1)
    at = datetime(2024, 3, 12, 12, 30, tzinfo=UTC)  # New York has put its clocks forward
    new = [(date(2023, 12, 1), 3.8, at), (date(2024, 2, 1), 3.9, at)]
    assert sorted(desk.rows(HISTORY)) == sorted(before + new)
    december = "SELECT value FROM macro WHERE period = DATE '2023-12-01'"
    assert desk.rows(december, eight_thirty("2024-03-11")) == [(3.7,)]
    assert desk.rows(december, at) == [(3.8,)]


def test_a_withdrawal_counts_also_where_a_page_begins_with_it(desk: Desk) -> None:
    far = Fred(
        {
            "UNRATE": [
                ("2023-10-01", "2023-11-03", "3.9"),
                ("2023-11-01", "2023-12-08", "3.8"),
                ("2023-12-01", "2024-01-05", "3.7"),
                ("2023-12-01", "2024-01-08", "."),
                ("2024-01-01", "2024-02-02", "3.7"),
            ]
        }
    )
    desk.speak(far, *PATHS)
    assert desk.run("UNRATE").outcome.status == "ok"
    december = "SELECT value FROM macro WHERE period = DATE '2023-12-01'"
    assert desk.rows(december, eight_thirty("2024-01-05")) == [(3.7,)]
    assert desk.rows(december) == [(None,)]


def test_a_daily_series_asks_for_its_vintages_first(desk: Desk) -> None:
    far = Fred(
        {
            "USRECD": [
                ("2020-02-01", "2020-06-08", "1"),
                ("2020-04-01", "2020-06-08", "1"),
                ("2020-05-01", "2020-06-08", "1"),
            ]
        }
    )
    desk.speak(far, *PATHS)
    assert desk.counts("USRECD") == ("ok", 3, 0)
    far.prints["USRECD"] += [
        ("2020-04-01", "2024-03-12", "."),
        ("2020-05-01", "2024-03-12", "0"),
    ]
    desk.sleep(days=1, hours=5)
    assert desk.refresh("USRECD") == ("ok", 0, 2)
    flag = "SELECT value FROM macro ORDER BY period"
    assert desk.rows(flag, eight_thirty("2024-03-11")) == [(1.0,), (1.0,), (1.0,)]
    assert desk.rows(flag) == [(1.0,), (None,), (0.0,)]
    desk.sleep(days=60)
    assert desk.refresh("USRECD") == ("empty", 0, 0)


def test_a_page_of_gaps_does_not_hide_the_pages_behind_it(desk: Desk) -> None:
    far = unemployment()
    gaps = [(f"1940-0{month}-01", "1950-01-01", ".") for month in range(1, 5)]
    far.prints["UNRATE"] = gaps + far.prints["UNRATE"]
    desk.speak(far, *PATHS)
    assert desk.counts("UNRATE") == ("ok", 4, 1)


def test_a_discontinued_series_gets_a_vintage_and_a_dropped_one_a_message(desk: Desk) -> None:
    far = unemployment()
    far.prints["TCU"] = [("2024-01-01", "2024-02-15", "78.5")]
    far.titles["TCU"] = "Capacity Utilization"
    desk.speak(far, *PATHS)
    assert desk.counts("UNRATE", "TCU", job="fred_descriptions") == ("ok", 2, 0)
    first = desk.now
    desk.sleep(days=30)
    far.titles["TCU"] = "Capacity Utilization (DISCONTINUED)"
    assert desk.counts("UNRATE", "TCU", job="fred_descriptions") == ("ok", 0, 1)
    title = "SELECT title FROM series WHERE series_id = 'fred:TCU'"
    assert desk.rows(title, first) == [("Capacity Utilization",)]
    assert desk.rows(title, desk.now) == [("Capacity Utilization (DISCONTINUED)",)]
    desk.run("UNRATE", "TCU")
    held = desk.rows(VALUES)
    del far.prints["TCU"]
    desk.sleep(days=1)
    gone = desk.run("TCU", "UNRATE").outcome
    assert gone.status == "partial"
    assert "The series does not exist" in gone.message
    assert desk.rows(VALUES) == held
    assert desk.breaker.until is None


def test_a_429_is_waited_out_as_long_as_it_says(desk: Desk) -> None:
    api = desk.speak(unemployment(), *PATHS)
    words = b'{"error_code":429,"error_message":"Too Many Requests."}'
    api.first = [status(429, words, Retry_After="17")]
    assert desk.counts("UNRATE") == ("ok", 4, 1)
    assert 17.0 in desk.clock.slept


def test_a_refused_key_ends_the_run_and_is_not_repeated_to_anybody(desk: Desk) -> None:
    desk.engine.settings.secrets.write_text("FRED_API_KEY=another-key-than-theirs\n")
    desk.speak(unemployment(), *PATHS)
    outcome = desk.run("UNRATE", "TCU").outcome
    assert (outcome.status, outcome.calls) == ("failed", 1)
    assert "FRED_API_KEY" in outcome.message
    assert "another-key-than-theirs" not in outcome.message
    for path in desk.engine.settings.root.rglob("*"):
        assert path.is_dir() or b"another-key-than-theirs" not in path.read_bytes()


def test_without_a_key_nothing_is_sent(tmp_path: Path) -> None:
    with opened(fred.SOURCE, tmp_path) as desk:
        desk.speak(unemployment(), *PATHS)
        outcome = desk.run("UNRATE").outcome
        assert outcome.status == "skipped"
        assert "FRED_API_KEY" in outcome.message
        assert desk.server.hits == []


def test_a_day_of_503_leaves_the_lake_as_it_was(desk: Desk) -> None:
    api = desk.speak(unemployment(), *PATHS)
    desk.run("UNRATE")
    desk.sleep(days=1)
    outage(desk, api, HISTORY, lambda: desk.run("UNRATE"))
