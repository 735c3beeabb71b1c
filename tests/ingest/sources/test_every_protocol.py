"""What every source owes the lake over weeks: a first fill, a refresh, a correction, a rename, an
outage, a refusal in the source's own words.

Sources with a protocol of more parts (FRED, World Bank, Comtrade, ECB, EDGAR, CoinGecko, Binance,
Marketstack) have a module of their own each.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import product
from pathlib import Path

import pytest

from ingest.jobs import Source
from ingest.sources import (
    alpha_vantage,
    bea,
    bis,
    bls,
    boe,
    boj,
    central_bank_rss,
    eia,
    eurostat,
    exchangerate_host,
    frankfurter,
    imf,
    oecd,
    openexchangerates,
    pink_sheet,
    us_treasury,
    yahoo_chart,
)
from tests.ingest.desk import Desk, opened, outage
from tests.ingest.server import Act, document, status
from tests.ingest.sources import fake_servers as far
from tests.ingest.sources.fake_servers import Far, Value

TABLES = {
    "prices": "SELECT symbol, date, close FROM prices",
    "macro": "SELECT series_id, period, value FROM macro",
    "news": "SELECT news_id, event_at::DATE, headline FROM news",
}
DAYS = ("2024-03-06", "2024-03-07", "2024-03-08", "2024-03-12")
MONTHS = ("2023-12-01", "2024-01-01", "2024-02-01", "2024-03-01")
QUARTERS = ("2023-01-01", "2023-04-01", "2023-07-01", "2023-10-01")
YEARS = ("2021-01-01", "2022-01-01", "2023-01-01", "2024-01-01")


@dataclass(frozen=True)
class Case:
    """A source, its far side, two names that it is asked for with their ids, and its refusal."""

    source: Source
    side: type[Far]
    ids: dict[str, str]
    refusal: Act
    words: str
    verdict: str = "failed"
    dataset: str = "prices"
    days: tuple[str, ...] = DAYS
    wanted: tuple[str, ...] = ()  # what is asked for by name; else the names themselves

    @property
    def asked(self) -> tuple[str, ...]:
        return self.wanted or tuple(self.ids)

    def first(self) -> Far:
        """The far side before its last day."""
        return self.side(self.figures(*self.days[:3]))

    def figures(self, *days: str) -> dict[tuple[str, str], Value]:
        pairs = list(product(self.ids, days))
        if self.dataset == "news":
            return {pair: f"Headline {at}" for at, pair in enumerate(pairs)}
        return {pair: 1.25 + at / 8 for at, pair in enumerate(pairs)}

    def rows(self, side: Far) -> list[tuple[object, ...]]:
        """What the lake should hold of it."""
        return sorted(
            (self.ids[name].format(day=day), date.fromisoformat(day), value)
            for (name, day), value in side.figures.items()
        )


ERH_LIMIT = {"code": 104, "type": "usage_limit_reached", "info": "Your monthly usage limit is up."}
OXR_LIMIT = {
    "error": True,
    "status": 429,
    "message": "access_restricted",
    "description": "Access restricted until the next billing cycle.",
}
AV_LIMIT = {"Information": "Our standard API rate limit is 25 requests per day."}
YAHOO_LIMIT = {
    "finance": {
        "result": None,
        "error": {"code": "Too Many Requests", "description": "Too Many Requests. Rate limited."},
    }
}
BLS_LIMIT = {
    "status": "REQUEST_NOT_PROCESSED",
    "message": ["Request could not be serviced, as the daily threshold has been reached."],
    "Results": {},
}
BEA_ERROR = {"APIErrorCode": "4", "APIErrorDescription": "The dataset requires parameters."}
SORRY = status(200, b"<html><body>Under maintenance</body></html>", Content_Type="text/html")
SORRY_WORDS = "HTML came where data were due"

CASES = [
    Case(
        frankfurter.SOURCE,
        far.Frankfurter,
        {"USD": "frankfurter:EURUSD", "JPY": "frankfurter:EURJPY"},
        status(422, b'{"message":"invalid currency: XXX"}', Content_Type="application/json"),
        "invalid currency",
    ),
    Case(
        exchangerate_host.SOURCE,
        far.ExchangerateHost,
        {"EUR": "erh:USDEUR", "JPY": "erh:USDJPY"},
        document({"success": False, "error": ERH_LIMIT}),
        "monthly usage limit",
        "over_budget",
    ),
    Case(
        openexchangerates.SOURCE,
        far.OpenExchangeRates,
        {"EUR": "oxr:USDEUR", "JPY": "oxr:USDJPY"},
        document(OXR_LIMIT),
        "Access restricted",
        "over_budget",
    ),
    Case(
        yahoo_chart.SOURCE,
        far.YahooChart,
        {"IBM": "yahoo:IBM", "MSFT": "yahoo:MSFT"},
        document(YAHOO_LIMIT),
        "Rate limited",
        "over_budget",
    ),
    Case(
        alpha_vantage.SOURCE,
        far.AlphaVantage,
        {"IBM": "av:IBM", "MSFT": "av:MSFT"},
        document(AV_LIMIT),
        "25 requests per day",
        "over_budget",
    ),
    Case(
        us_treasury.SOURCE,
        far.UsTreasury,
        {"10YEAR": "us_treasury:par:10y", "1_5MONTH": "us_treasury:par:1.5m"},
        SORRY,
        SORRY_WORDS,
        dataset="macro",
        wanted=("daily_treasury_yield_curve",),
    ),
    Case(
        central_bank_rss.SOURCE,
        far.CentralBank,
        {"fed_monetary": "fed_monetary {day}", "fed_speeches": "fed_speeches {day}"},
        SORRY,
        SORRY_WORDS,
        dataset="news",
    ),
    Case(
        bis.SOURCE,
        far.Bis,
        {"M.US": "bis:WS_CBPOL.M.US", "M.GB": "bis:WS_CBPOL.M.GB"},
        status(400, b"Invalid key"),
        "Invalid key",
        dataset="macro",
        days=MONTHS,
    ),
    Case(
        eurostat.SOURCE,
        far.Eurostat,
        {code: f"eurostat:prc_hicp_minr.M.I15.TOTAL.{code}" for code in ("EL", "DE")},
        document({"warning": {"status": 413, "label": "ASYNCHRONOUS_RESPONSE"}}),
        "by a file for later (413)",
        dataset="macro",
        days=MONTHS,
        wanted=tuple(
            f"prc_hicp_minr?freq=M&unit=I15&coicop18=TOTAL&geo={code}" for code in ("EL", "DE")
        ),
    ),
    Case(
        oecd.SOURCE,
        far.Oecd,
        {
            f"{code}.M.IRLT.PA._Z._Z._Z": f"oecd:DSD_KEI@DF_KEI.{code}.M.IRLT.PA._Z._Z._Z"
            for code in ("GBR", "JPN")
        },
        status(200, b"You have exceeded the number of requests allowed"),
        "exceeded the number of requests",
        "over_budget",
        dataset="macro",
        days=MONTHS,
        wanted=tuple(
            f"OECD.SDD.STES,DSD_KEI@DF_KEI,/{code}.M.IRLT.PA._Z._Z._Z" for code in ("GBR", "JPN")
        ),
    ),
    Case(
        boe.SOURCE,
        far.BankOfEngland,
        {"IUDBEDR": "boe:IUDBEDR", "IUDSOIA": "boe:IUDSOIA"},
        SORRY,
        SORRY_WORDS,
        dataset="macro",
    ),
    Case(
        boj.SOURCE,
        far.BankOfJapan,
        {"STRDCLUCON": "boj:STRDCLUCON", "STRDCLUCONH": "boj:STRDCLUCONH"},
        document({"STATUS": 400, "MESSAGEID": "M181004E", "MESSAGE": "The DB name is incorrect."}),
        "DB name is incorrect",
        dataset="macro",
    ),
    Case(
        imf.SOURCE,
        far.Imf,
        {"NGDP_RPCH": "imf:NGDP_RPCH:USA", "LUR_X": "imf:LUR_X:USA"},
        SORRY,
        SORRY_WORDS,
        dataset="macro",
        days=YEARS,
    ),
    Case(
        eia.SOURCE,
        far.Eia,
        {"RWTC": "eia:RWTC", "RBRTE": "eia:RBRTE"},
        status(403, b'{"error":"invalid or missing api_key","code":403}'),
        "invalid or missing api_key",
    ),
    Case(
        bls.SOURCE,
        far.Bls,
        {"CUSR0000SA0": "bls:CUSR0000SA0", "APU0000701111": "bls:APU0000701111"},
        document(BLS_LIMIT),
        "daily threshold",
        "over_budget",
        dataset="macro",
        days=MONTHS,
    ),
    Case(
        bea.SOURCE,
        far.Bea,
        {
            "T10101.Q.A191RL": "bea:T10101.Q.A191RL",
            "T10101.Q.A007RL": "bea:T10101.Q.A007RL",
        },
        document({"BEAAPI": {"Results": {"Error": BEA_ERROR}}}),
        "requires parameters",
        dataset="macro",
        days=QUARTERS,
    ),
    Case(
        pink_sheet.SOURCE,
        far.PinkSheet,
        {"Cocoa": "pink_sheet:cocoa", "Orange": "pink_sheet:orange"},
        status(200, b"<html><body>Nothing here</body></html>", Content_Type="text/html"),
        "no link to the workbook",
        dataset="macro",
        days=MONTHS,
    ),
]


@pytest.fixture(params=CASES, ids=lambda case: case.source.name)
def case(request: pytest.FixtureRequest) -> Case:
    found: Case = request.param
    return found


@contextmanager
def at_work(case: Case, folder: Path) -> Iterator[tuple[Desk, Far]]:
    """A desk whose server is the far side of the case."""
    side = case.first()
    with opened(case.source, folder, is_keyed=bool(case.source.secret)) as desk:
        desk.speak(side, "*")
        yield desk, side


def lake(desk: Desk, case: Case, **more: object) -> list[tuple[object, ...]]:
    return sorted(desk.rows(TABLES[case.dataset], **more))


def fill(desk: Desk, case: Case) -> tuple[str, int, int]:
    """A run over all days of the case."""
    return desk.counts(*case.asked, since=date.fromisoformat(case.days[0]))


@pytest.mark.sampled(2)
def test_the_weeks_of_a_source(case: Case, tmp_path: Path) -> None:
    """A fill, a day more, a correction: nothing early, nothing doubled, nothing lost."""
    with at_work(case, tmp_path) as (desk, side):
        assert fill(desk, case)[0] == "ok"
        assert lake(desk, case) == case.rows(side)
        (first,) = desk.rows(f"SELECT min(known_at) FROM {case.dataset}")[0]
        assert lake(desk, case, at=first - timedelta(seconds=1)) == []
        assert lake(desk, case, at=first) != []

        desk.sleep(days=1)
        assert fill(desk, case)[1:] == (0, 0), "the same again is no news"
        side.figures |= case.figures(*case.days) | side.figures
        desk.sleep(days=1)
        status, added, changed = desk.refresh(*case.asked)
        assert (status, changed) == ("ok", 0)
        assert lake(desk, case) == case.rows(side)
        assert added >= 2

        seen, before = desk.now, lake(desk, case)
        corrected = next(iter(case.ids)), case.days[2]
        side.figures[corrected] = "Corrected" if case.dataset == "news" else 9.5
        side.edition = "2024-03-14T09:00:00Z"
        desk.sleep(days=1)
        assert fill(desk, case) == ("ok", 0, 1)
        assert lake(desk, case, at=seen) == before
        assert lake(desk, case) == case.rows(side)
        assert lake(desk, case) != before


def test_what_a_source_dropped_keeps_its_past(case: Case, tmp_path: Path) -> None:
    with at_work(case, tmp_path) as (desk, side):
        fill(desk, case)
        before = lake(desk, case)
        dropped = list(case.ids)[1]
        side.is_gone.add(dropped)
        desk.sleep(days=1)
        outcome = desk.run(*case.asked, since=date.fromisoformat(case.days[0])).outcome
        assert outcome.status in ("ok", "partial", "failed")
        assert outcome.status == "ok" or outcome.message
        assert lake(desk, case) == before


@pytest.mark.sampled(2)
def test_a_day_of_503(case: Case, tmp_path: Path) -> None:
    with opened(case.source, tmp_path, is_keyed=bool(case.source.secret)) as desk:
        api = desk.speak(case.first(), "*")
        one = case.wanted or case.asked[:1]
        since = date.fromisoformat(case.days[2])
        assert desk.run(*one, since=since).outcome.status == "ok"
        desk.sleep(days=1)
        sql = TABLES[case.dataset] + " ORDER BY ALL"
        outage(desk, api, sql, lambda: desk.run(*one, since=since))


def test_a_refusal_is_told_in_its_own_words(case: Case, tmp_path: Path) -> None:
    with at_work(case, tmp_path) as (desk, _):
        fill(desk, case)
        before = lake(desk, case)
        desk.speak(case.refusal, "*")
        desk.sleep(days=2)
        outcome = desk.run(*case.asked).outcome
        assert outcome.status == case.verdict
        assert case.words in outcome.message
        assert lake(desk, case) == before


@pytest.mark.parametrize(
    ("name", "sql", "title"),
    [
        ("bis", "SELECT title FROM series WHERE series_id LIKE '%.US'", "{}: US"),
        ("boj", "SELECT title FROM series WHERE series_id = 'boj:STRDCLUCON'", "{}"),
        ("imf", "SELECT title FROM series WHERE series_id LIKE 'imf:LUR_X:%'", "{}: USA"),
        ("alpha_vantage", "SELECT name FROM instruments WHERE symbol = 'av:IBM'", "{}"),
    ],
)
def test_a_new_title_is_a_vintage_of_the_description_alone(
    name: str, sql: str, title: str, tmp_path: Path
) -> None:
    case = next(item for item in CASES if item.source.name == name)
    with at_work(case, tmp_path) as (desk, side):
        job = next((j.name for j in case.source.jobs if "companies" in j.datasets), "")
        desk.run(*case.asked, job=job)
        seen, before = desk.now, lake(desk, case)
        side.title = "Another title"
        desk.sleep(days=1)
        status, added, changed = desk.counts(*case.asked, job=job)
        assert (status, added) == ("ok", 0)
        assert changed >= 1
        assert desk.rows(sql, seen) == [(title.format("A first title"),)]
        assert desk.rows(sql) == [(title.format("Another title"),)]
        assert lake(desk, case) == before
