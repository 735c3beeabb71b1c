"""The ECB portal's protocol: CSV or SDMX by key, ETags that spare an answer, 404 for nothing."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from ingest.sources import ecb
from tests.ingest.desk import Desk, opened, outage
from tests.ingest.server import Handler, status

RATES = "EXR.D..EUR.SP00.A"
DEPOSIT = "FM.B.U2.EUR.4F.KR.DFR.LEV"
PRICES = "SELECT symbol, date, close, known_at FROM prices_vintages ORDER BY ALL"
MACRO = "SELECT series_id, period, value, known_at FROM macro_vintages ORDER BY ALL"
DOLLAR = "SELECT close FROM prices WHERE symbol = 'ecb:EURUSD' AND date = DATE '2024-03-08'"
NOTHING = b"No results found."
HEAD = {
    RATES: "KEY,FREQ,CURRENCY,CURRENCY_DENOM,EXR_TYPE,EXR_SUFFIX,TIME_PERIOD,OBS_VALUE,OBS_STATUS",
    DEPOSIT: "KEY,FREQ,REF_AREA,CURRENCY,TIME_PERIOD,OBS_VALUE,OBS_STATUS,TITLE,UNIT,UNIT_MULT",
}


@dataclass
class Ecb:
    """Fixings by currency and day, a rate by day; an ETag per answer."""

    fixings: dict[tuple[str, str], str]
    rate: dict[str, str]
    title: str = "Deposit facility - date of changes (raw data) - Level"
    sent: list[int] = field(default_factory=list)

    def __call__(self, to: Handler) -> None:
        since = to.query.get("startPeriod", "")
        is_rates = "/EXR/" in to.path
        lines = self.quoted(since) if is_rates else self.official(since)
        if not lines:
            return self.send(to, 404, NOTHING)
        body = "\r\n".join([HEAD[RATES if is_rates else DEPOSIT], *lines, ""]).encode()
        tag = f'"{hashlib.sha256(body).hexdigest()[:16]}"'
        if to.headers.get("If-None-Match") == tag:
            return self.send(to, 304, b"", tag)
        return self.send(to, 200, body, tag)

    def quoted(self, since: str) -> list[str]:
        """Holidays have a row too, with the status H and no value."""
        return [
            f"EXR.D.{code}.EUR.SP00.A,D,{code},EUR,SP00,A,{day},{value},{'A' if value else 'H'}"
            for (code, day), value in sorted(self.fixings.items())
            if day >= since
        ]

    def official(self, since: str) -> list[str]:
        return [
            f"{DEPOSIT},B,U2,EUR,{day},{value},A,{self.title},PC,0"
            for day, value in sorted(self.rate.items())
            if day >= since
        ]

    def send(self, to: Handler, code: int, body: bytes, tag: str = "") -> None:
        self.sent.append(code)
        more = {"ETag": tag} if tag else {}
        status(code, body, Content_Type="text/csv", **more)(to)


def bank() -> Ecb:
    """Two currencies on three days, one of them a holiday; two changes of the deposit rate."""
    days = {"2024-03-06": "1.0874", "2024-03-07": "", "2024-03-08": "1.0932"}
    dollars = {("USD", day): value for day, value in days.items()}
    kuna = {("HRK", "2022-12-29"): "7.5365", ("HRK", "2022-12-30"): "7.5365"}
    return Ecb(dollars | kuna, {"2023-09-19": "4.00", "2023-09-20": "4.00"})


def as_sdmx(far: Ecb) -> bytes:
    """The deposit rate as the portal's generic XML, which names each dimension of the key."""
    spaces = "".join(
        f' xmlns:{short}="http://www.sdmx.org/resources/sdmxml/schemas/v2_1/{name}"'
        for short, name in (("message", "message"), ("generic", "data/generic"))
    )
    names = ("FREQ", "REF_AREA", "CURRENCY", "PROVIDER_FM", "INSTRUMENT_FM", "PROVIDER_FM_ID")
    parts = zip((*names, "DATA_TYPE_FM"), DEPOSIT.split(".")[1:], strict=True)
    key = "".join(f'<generic:Value id="{name}" value="{part}"/>' for name, part in parts)
    told = {"TITLE": far.title, "UNIT": "PC", "UNIT_MULT": "0"}
    about = "".join(f'<generic:Value id="{name}" value="{word}"/>' for name, word in told.items())
    days = "".join(
        f'<generic:Obs><generic:ObsDimension value="{day}"/><generic:ObsValue value="{value}"/>'
        '<generic:Attributes><generic:Value id="OBS_STATUS" value="A"/></generic:Attributes>'
        "</generic:Obs>"
        for day, value in far.rate.items()
    )
    return (
        f"<message:GenericData{spaces}><message:DataSet><generic:Series>"
        f"<generic:SeriesKey>{key}</generic:SeriesKey>"
        f"<generic:Attributes>{about}</generic:Attributes>{days}"
        "</generic:Series></message:DataSet></message:GenericData>"
    ).encode()


PATHS = tuple("/service/data/" + key.replace(".", "/", 1) for key in (RATES, DEPOSIT))


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    with opened(ecb.SOURCE, tmp_path) as found:
        yield found


def test_a_first_fill_takes_the_days_that_have_a_fixing(desk: Desk) -> None:
    desk.speak(bank(), *PATHS)
    outcome = desk.run(RATES, DEPOSIT).outcome
    assert (outcome.status, outcome.vintages_added) == ("ok", 0)
    symbols = "SELECT symbol, count(*) FROM prices GROUP BY symbol ORDER BY symbol"
    assert desk.rows(symbols) == [("ecb:EURHRK", 2), ("ecb:EURUSD", 2)]
    published = datetime(2024, 3, 8, 15, 0, tzinfo=UTC)
    assert desk.rows(DOLLAR, published - timedelta(seconds=1)) == []
    assert desk.rows(DOLLAR, published) == [(1.0932,)]
    assert [row[2] for row in desk.rows(MACRO)] == [4.0, 4.0]
    assert desk.rows("SELECT * FROM macro", desk.now - timedelta(minutes=1)) == []


def test_what_did_not_change_is_not_sent_again(desk: Desk) -> None:
    far = bank()
    desk.speak(far, *PATHS)
    desk.run(RATES, DEPOSIT)
    before = desk.rows(PRICES), desk.rows(MACRO)
    desk.sleep(minutes=20)
    assert desk.counts(RATES, DEPOSIT) == ("ok", 0, 0)
    assert far.sent == [200, 200]
    desk.sleep(hours=2)
    assert desk.counts(RATES, DEPOSIT) == ("ok", 0, 0)
    assert far.sent == [200, 200, 304, 304]
    far.fixings[("USD", "2024-03-11")] = "1.0926"
    desk.sleep(hours=2)
    assert desk.counts(RATES, DEPOSIT) == ("ok", 1, 0)
    assert far.sent[4:] == [200, 304]
    assert (set(before[0]) < set(desk.rows(PRICES)), desk.rows(MACRO)) == (True, before[1])


def test_a_refresh_of_some_days_adds_only_what_is_new(desk: Desk) -> None:
    far = bank()
    desk.speak(far, *PATHS)
    desk.run(RATES)
    before = desk.rows(PRICES)
    desk.sleep(hours=4)
    far.fixings[("USD", "2024-03-11")] = "1.0926"
    assert desk.refresh(RATES) == ("ok", 1, 0)
    (new,) = set(desk.rows(PRICES)) - set(before)
    assert new[:3] == ("ecb:EURUSD", date(2024, 3, 11), 1.0926)


def test_a_correction_is_a_vintage_and_the_old_value_stays(desk: Desk) -> None:
    far = bank()
    desk.speak(far, *PATHS)
    desk.run(RATES, DEPOSIT)
    seen, before = desk.now, (desk.rows(PRICES), desk.rows(MACRO))
    far.fixings[("USD", "2024-03-08")] = "1.0923"
    far.rate["2023-09-20"] = "4.25"
    desk.sleep(hours=2)
    assert desk.counts(RATES, DEPOSIT) == ("ok", 0, 2)
    assert desk.rows(DOLLAR, seen) == [(1.0932,)]
    assert desk.rows(DOLLAR) == [(1.0923,)]
    deposit = "SELECT value FROM macro WHERE period = DATE '2023-09-20'"
    assert desk.rows(deposit, seen) == [(4.0,)]
    assert desk.rows(deposit, desk.now) == [(4.25,)]
    assert set(before[0]) < set(desk.rows(PRICES))
    assert set(before[1]) < set(desk.rows(MACRO))


def test_the_same_facts_as_sdmx_are_no_news_and_a_change_in_them_is(desk: Desk) -> None:
    far = bank()
    desk.speak(far, *PATHS)
    desk.run(DEPOSIT)
    before = desk.rows(MACRO)
    desk.speak(lambda to: status(200, as_sdmx(far), Content_Type="application/xml")(to), *PATHS)
    desk.sleep(hours=2)
    assert desk.counts(DEPOSIT) == ("ok", 0, 0)
    far.rate |= {"2023-09-20": "4.25", "2023-09-21": "4.50"}
    desk.sleep(hours=2)
    assert desk.counts(DEPOSIT) == ("ok", 1, 1)
    added = sorted(set(desk.rows(MACRO)) - set(before))
    assert [row[1:3] for row in added] == [(date(2023, 9, 20), 4.25), (date(2023, 9, 21), 4.5)]


def test_a_renamed_series_is_a_vintage_of_its_description_alone(desk: Desk) -> None:
    far = bank()
    desk.speak(far, *PATHS)
    desk.run(DEPOSIT)
    seen, values = desk.now, desk.rows(MACRO)
    far.title = "Deposit facility - Level"
    desk.sleep(hours=2)
    assert desk.counts(DEPOSIT) == ("ok", 0, 1)
    title = "SELECT title FROM series"
    assert desk.rows(title, seen) == [("Deposit facility - date of changes (raw data) - Level",)]
    assert desk.rows(title, desk.now) == [("Deposit facility - Level",)]
    assert desk.rows(MACRO) == values


def test_a_currency_that_ended_keeps_its_past_and_asks_for_nothing_more(desk: Desk) -> None:
    desk.speak(bank(), *PATHS, "/service/data/EXR/D.HRK.EUR.SP00.A")
    desk.run(RATES)
    before = desk.rows(PRICES)
    far = Ecb({}, {})
    desk.speak(far, "/service/data/EXR/D.HRK.EUR.SP00.A")
    outcome = desk.run("EXR.D.HRK.EUR.SP00.A", since=date(2024, 3, 1)).outcome
    assert (outcome.status, far.sent) == ("empty", [404])
    assert "no such series, or has not published it yet" in outcome.message
    assert desk.rows(PRICES) == before
    assert desk.breaker.until is None


def test_a_day_of_503_leaves_the_lake_as_it_was(desk: Desk) -> None:
    api = desk.speak(bank(), *PATHS)
    desk.run(RATES)
    desk.sleep(days=1)
    outage(desk, api, PRICES, lambda: desk.run(RATES))
