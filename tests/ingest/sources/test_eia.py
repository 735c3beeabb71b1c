"""EIA: prices of a day as instruments, stocks as series, pages, units, refusals, the echoed key."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from analytics.markets.instrument import instrument
from data.errors import ConfigError
from ingest.jobs import Window
from ingest.sources.eia import PAGE, SOURCE
from tests.ingest.desk import KEY, leaks, opened
from tests.ingest.macro_replies import NOW, held, problem, recorded, reply, rows
from tests.ingest.server import document
from tests.ingest.sources.fake_servers import Eia

URL = "https://api.eia.gov/v2/petroleum/pri/spt/data/?facets[series][]=RWTC&offset=0"
Row = tuple[str, object]


def answer(
    *days: Row,
    name: str = "RWTC",
    units: object = "$/BBL",
    frequency: str = "daily",
    total: object = None,
) -> dict[str, Any]:
    """An answer of the API; values as they are given."""
    data = [{"period": day, "series": name, "value": v, "units": units} for day, v in days]
    count = str(len(days)) if total is None else total
    head = {"total": count, "frequency": frequency, "data": data}
    return {"response": head, "request": {"params": {"api_key": "x"}}}


def test_one_call_per_id_of_a_job_and_the_oldest_day_first() -> None:
    spot = SOURCE.plan(Window((), NOW, since=date(2026, 10, 1), job="eia_spot"))
    assert len(spot) == 12
    assert spot[0].url == "https://api.eia.gov/v2/petroleum/pri/spt/data/"
    assert spot[0].params["facets[series][]"] == "RWTC"
    assert spot[0].params["sort[0][direction]"] == "asc"
    assert spot[0].params["start"] == "2026-10-01"
    stocks = SOURCE.plan(Window((), NOW, job="eia_stocks"))
    assert {call.params["frequency"] for call in stocks} == {"weekly"}
    assert "start" not in stocks[0].params
    (named,) = SOURCE.plan(Window(("eia:WCESTUS1",), NOW))
    assert named.url.endswith("/petroleum/stoc/wstk/data/")
    with pytest.raises(ConfigError, match="add it with its route"):
        SOURCE.plan(Window(("PET.RWTC.D",), NOW))


def test_a_spot_price_is_a_close_of_a_commodity_with_its_unit() -> None:
    """A negative price is a price; null, nothing and a point are no price and never 0."""
    given = (("2020-04-17", "18.31"), ("2020-04-20", "-36.98"), ("2020-04-21", "8.91"))
    gaps: tuple[Row, ...] = (("2020-04-10", None), ("2020-04-13", ""), ("2020-04-14", "."))
    found = held(SOURCE.parse(reply(answer(*given, *gaps), URL)))
    prices = found["prices"].sort("date").to_dicts()
    assert [(row["date"], row["close"]) for row in prices] == [
        (date(2020, 4, 17), 18.31),
        (date(2020, 4, 20), -36.98),
        (date(2020, 4, 21), 8.91),
    ]
    (described,) = found["instruments"].to_dicts()
    assert described["unit"] == "barrel"
    assert described["name"] == "WTI crude oil, spot, Cushing"
    for row in (*prices, described):
        assert (row["symbol"], row["asset_class"], row["currency"]) == (
            "eia:RWTC",
            "commodity",
            "USD",
        )
        assert (row["known_at"], row["vintage_grade"]) == (NOW, "snapshot")
    assert {row["open"] for row in prices} == {None}


def test_a_week_of_stocks_is_public_by_the_friday_after_or_when_we_had_it() -> None:
    weeks = answer(
        ("2026-11-06", "420000"),
        ("2026-11-13", "421500"),
        name="WCESTUS1",
        units="MBBL",
        frequency="weekly",
    )
    found = sorted(rows(SOURCE, reply(weeks), "macro"), key=lambda row: row["period"])
    assert [(row["value"], row["unit"]) for row in found] == [
        (420000.0, "thousand barrels"),
        (421500.0, "thousand barrels"),
    ]
    assert [row["known_at"] for row in found] == [
        datetime(2026, 11, 13, 22, tzinfo=UTC),
        datetime(2026, 11, 20, 22, tzinfo=UTC),
    ]
    early = datetime(2026, 11, 18, 15, 45, tzinfo=UTC)
    newest = max(row["known_at"] for row in rows(SOURCE, reply(weeks, now=early), "macro"))
    assert newest == early
    (series,) = rows(SOURCE, reply(weeks), "series")
    assert (series["indicator"], series["frequency"]) == ("stocks_crude", "weekly")


def test_pages_follow_until_the_total_however_short_they_are() -> None:
    first = reply(answer(("2026-11-16", "60"), ("2026-11-17", "61"), total="5"), URL)
    (call,) = SOURCE.parse(first).follow
    assert call.params["offset"] == "2" and call.params["facets[series][]"] == "RWTC"
    last = reply(answer(("2026-11-18", "62"), total="5"), URL.replace("offset=0", "offset=4"))
    assert SOURCE.parse(last).follow == ()
    gaps = reply(answer(("2026-11-16", None), total="5"), URL)
    assert SOURCE.parse(gaps).follow, "a page of gaps says nothing of those behind it"
    assert problem(SOURCE, reply(answer(total="5"), URL)).problem == "empty"
    assert PAGE == 5000


@pytest.mark.parametrize(
    ("body", "status", "kind", "words"),
    [
        (answer(("2026-11-16", "60"), units="$/GAL"), 200, "upstream", "RWTC is in $/GAL"),
        (answer(("2026-11-16", "60"), units=None), 200, "upstream", "no unit"),
        (answer(("2026-11-01", "60"), frequency="monthly"), 200, "upstream", "monthly frequency"),
        (answer(("2026-11", "60")), 200, "upstream", "another shape"),
        (answer(("2026-11-16", "sixty")), 200, "upstream", "another shape"),
        (answer(("2026-11-16", "60"), total="many"), 200, "upstream", "another shape"),
        (answer(("2026-11-16", "60"), name="LUCK"), 200, "upstream", "in no list"),
        (answer(("2026-11-16", None)), 200, "empty", "no value for any"),
        ({"error": {"code": "API_KEY_INVALID", "message": "wrong"}}, 403, "auth", "EIA_API_KEY"),
        ({"error": {"code": "OVER_RATE_LIMIT", "message": "slow"}}, 429, "quota", "slow"),
        ({"error": "Invalid series_id", "code": 404}, 200, "client", "Invalid series_id"),
        ({"error": "Internal server error", "code": 500}, 200, "upstream", "Internal"),
        ({"data": []}, 200, "upstream", "no response"),
        (b'{"response": {"data": [', 200, "upstream", "may be cut"),
    ],
)
def test_what_is_no_price_is_refused(body: object, status: int, kind: str, words: str) -> None:
    refused = problem(SOURCE, reply(body, URL, status))
    assert refused.problem == kind and words in str(refused)


def test_the_order_of_fields_and_the_name_of_the_unit_do_not_matter() -> None:
    row = {"unit": "$/bbl", "value": 60.5, "series": "RWTC", "period": "2026-11-16"}
    body = {"response": {"data": [row], "frequency": "daily", "total": 1}}
    assert rows(SOURCE, reply(body, URL), "prices")[0]["close"] == 60.5


def test_a_key_that_comes_back_is_nowhere(tmp_path: Path) -> None:
    days = [f"2024-03-{day:02}" for day in (1, 4, 5, 6, 7)]
    with opened(SOURCE, tmp_path, is_keyed=True) as desk:
        desk.speak(Eia({("RWTC", day): 70.5 for day in days}), "*")
        assert desk.counts("RWTC", since=date(2024, 3, 1)) == ("ok", 6, 0)
        assert desk.asked("api_key") == [KEY] * 3, "three pages of two rows"
        desk.speak(document({"error": f"invalid api_key {KEY}", "code": 403}), "*")
        desk.sleep(days=1)
        assert KEY not in desk.run("RWTC").outcome.message
    assert leaks(tmp_path) == []


@pytest.mark.needs("shared")
def test_the_recorded_answers(shared: Path) -> None:
    spot = recorded(shared, "eia/documented_v2_petroleum_pri_spt_RWTC.json")
    found = sorted(rows(SOURCE, spot, "prices"), key=lambda row: row["date"])
    assert [(row["date"], row["close"]) for row in found] == [
        (date(2026, 4, 17), 85.91),
        (date(2026, 4, 20), 91.06),
    ]
    assert SOURCE.parse(spot).follow, "10,147 rows are three pages"
    # The gas answer proves the shape of a route of another unit key and frequency.
    gas = recorded(shared, "eia/v2_natural-gas_pri_fut_RNGC4.json")
    assert "RNGC4, which is in no list" in str(problem(SOURCE, gas))
    refused = problem(SOURCE, recorded(shared, "eia/documented_error_403_api_key.json"))
    assert refused.problem == "auth"


def test_a_past_clock_has_no_price_that_was_not_seen_yet(tmp_path: Path) -> None:
    with opened(SOURCE, tmp_path, is_keyed=True) as desk:
        desk.speak(Eia({("RWTC", "2024-03-06"): 70.5}), "*")
        desk.run("RWTC", since=date(2024, 3, 1))
        seen = desk.rows("SELECT known_at FROM prices")[0][0]
        assert isinstance(seen, datetime)
        sql = "SELECT close, unit FROM prices JOIN instruments USING (symbol)"
        assert desk.rows(sql, seen) == [(70.5, "barrel")]
        assert desk.rows(sql, seen - timedelta(microseconds=1)) == []
        shown = instrument(desk.db.at(seen), symbol="eia:RWTC").frame
        assert shown["unit"].to_list() == ["barrel"]
