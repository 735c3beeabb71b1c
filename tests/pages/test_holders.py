"""Form 13F on pages: figures by hand, clocks around filings and amendments, recorded unit cases."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta
from html import unescape
from typing import Any

import polars as pl
import pytest

from data.clock import iso
from data.lake import Lake
from data.settings import Settings
from tests.ingest.sources.test_sec_13f import line, rows, submission
from tests.pages import browse, holding_rows, world

DAYS = [world._at(day) for day in world._weekdays(world.last_day(), world.SESSIONS)]
ENDS = holding_rows.quarters(DAYS)
LAST = ENDS[-1]
NOW_SHARES = 1000.0 + 100.0 * (len(ENDS) - 1)
NVIDIA = "67066G104"
ISSUER = holding_rows.ISSUER


@pytest.fixture(scope="module")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """One workspace for all tests: nothing here writes."""
    return world.build(tmp_path_factory.mktemp("holders"))


def shown(settings: Settings, page: str, **query: str) -> str:
    app = browse.visit(settings, page, **query)
    assert not app.exception
    cells = re.sub(r"</t[dh]>", " | ", browse.text(app))
    return unescape(re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", cells)))


def holders(settings: Settings, **query: str) -> str:
    return shown(settings, "company", view="holders", quarter=LAST.isoformat(), **query)


def fund(settings: Settings, view: str, **query: str) -> str:
    return shown(settings, "funds", view=view, quarter=LAST.isoformat(), **query)


def row(text: str, name: str) -> str:
    """The first line of a table that begins with a name."""
    found = re.search(rf"{re.escape(name)}\s*\| (.*?)(?=Manager [A-E]\s*\||Total|$)", text)
    assert found, name
    return found.group(1)


def test_holders_with_changes_parts_and_dates(settings: Settings) -> None:
    """The first bought 100; the late one has what it had; the last has what it restated."""
    text = holders(settings)
    assert f"Holders 3 of 4 managers that filed Shares {NOW_SHARES + 590:,.0f}" in text
    part = 100 * (NOW_SHARES + 590) / holding_rows.OUTSTANDING
    assert f"Of shares outstanding {part:.2f} %" in text
    first = row(text, holding_rows.NAME)
    assert f"| {NOW_SHARES:,.0f} |" in first
    assert "+100" in first and "added" in first and "44" in first
    late = row(text, "Manager B")
    assert "unchanged" in late and "61 late" in late
    last = row(text, "Manager E")
    assert "| 90 |" in last and "no earlier report" in last and "restated, 1 added to it" in last
    assert "&lt;b&gt;" in browse.text(browse.visit(settings, "company", view="holders"))


def test_who_has_not_filed_and_who_gave_notice(settings: Settings) -> None:
    text = holders(settings).partition("Not filed yet")[2]
    assert re.search(r"Manager C \| 70 \| not filed yet", text)
    assert re.search(r"Manager D \| 80 \| positions are in reports of others", text)


def test_options_stand_apart(settings: Settings) -> None:
    text = holders(settings)
    assert "Calls / puts 0 / 2 USD mn" in text
    assert re.search(rf"{re.escape(holding_rows.NAME)} \| put \| 2.5 \| 200 \|", text)
    assert "due 45 days later" in text


@pytest.mark.parametrize(
    ("lag", "before", "after"),
    [
        (44, None, "| 900 |"),
        (52, "| 900 |", "| 90 |"),
        (61, "Manager B | 500 | not filed", "61 late"),
    ],
)
def test_a_filing_shows_from_its_second_on(
    settings: Settings, lag: int, before: str | None, after: str
) -> None:
    """A second before and at the report, its restatement, and a late report."""
    day = LAST + timedelta(days=lag)
    moment = datetime(day.year, day.month, day.day, 21, tzinfo=UTC)
    early = holders(settings, as_of=iso(moment - timedelta(seconds=1)))
    late = holders(settings, as_of=iso(moment))
    assert after in late and after not in early
    assert before is None or (before in early and before not in late)


def test_every_filer_is_listed_with_its_last_quarter(settings: Settings) -> None:
    day = LAST + timedelta(days=66)
    clock = datetime(day.year, day.month, day.day, tzinfo=UTC)
    text = shown(settings, "funds", as_of=iso(clock))
    assert holding_rows.NAME in text
    assert "not filed yet for" in row(text, "Manager C")
    assert "positions are in reports of others" in row(text, "Manager D")
    assert "4 of 5 managers have filed" in text


def test_a_portfolio_has_weights_changes_and_filings(settings: Settings) -> None:
    text = fund(settings, "portfolio", id="demo:mgr-a")
    weight = 100 * NOW_SHARES / (NOW_SHARES + 40)
    value = f"{NOW_SHARES * holding_rows.PRICE / 1e6:.1f}"
    assert f"Largest / ten largest {weight:.1f} % / 100.0 % of value" in text
    assert f"{ISSUER} | COM | {holding_rows.CUSIP} | {value} | {weight:.2f} |" in text
    assert "Turnover 0.0 % of the mean value Bought / sold 1 / 0 USD mn" in text
    amended = fund(settings, "portfolio", id="demo:mgr-e")
    assert re.search(r"13F-HR/A \| new holdings \|.*?\| counts", amended)
    assert re.search(r"13F-HR/A \| restatement \|.*?\| counts", amended)
    assert re.search(r"13F-HR \| report \|.*?\| replaced", amended)
    notice = fund(settings, "portfolio", id="demo:mgr-d")
    assert "positions are in reports of others (13F-NT)" in notice
    assert "No manager 'nobody' is known" in fund(settings, "portfolio", id="nobody")


def test_crowding_and_overlap(settings: Settings) -> None:
    text = fund(settings, "crowding")
    assert f"{ISSUER} | 3 | 4 | ▼ −1 | 0 | 1 | 0 | 0 |" in text
    assert "| 2 | 1 | ▲ +1 | 0 | 0 | 0 | 0 |" in text
    text = fund(settings, "overlap", id="demo:mgr-b", **{"with": "demo:mgr-e"})
    assert "Manager E | 90.0 | 1 | 1 | 100.0 | 90.0" in text
    assert f"{ISSUER} | 100.00 | 90.00 | 90.00 |" in text
    assert "Total | | | 90.00" in text


def test_nothing_is_known_before_the_first_filing(settings: Settings) -> None:
    day = ENDS[0] + timedelta(days=holding_rows.LAG)
    moment = datetime(day.year, day.month, day.day, 21, tzinfo=UTC) - timedelta(seconds=1)
    assert "was known at" in shown(settings, "funds", as_of=iso(moment))


@pytest.fixture(scope="module")
def recorded(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """NVIDIA's share with its closes, and filings parsed as the SEC sends them."""
    held = world.settings(tmp_path_factory.mktemp("nvidia"), "live")
    lake = Lake(held.lake, workspace="live")
    seen = {"known_at": datetime(2022, 1, 3, tzinfo=UTC), "source": "x"}
    about = {"name": "NVIDIA", "ticker": "NVDA", "asset_class": "equity", "currency": "USD"}
    share = {"symbol": "x:NVDA", "isin": f"US{NVIDIA}0", "company": "x:nvidia", **about}
    foreign = {"symbol": "x:SAP", "isin": "DE0007164600", "company": "x:sap", **about}
    foreign |= {"ticker": "SAP", "name": "SAP"}
    world.put(lake, "instruments", [share | seen, foreign | seen])
    known = {"sector": "Technology", "country": "USA", "currency": "USD", **seen}
    names = {"x:nvidia": "NVIDIA", "x:sap": "SAP", "x:alone": "Alone"}
    world.put(lake, "companies", [{"company": c, "name": n} | known for c, n in names.items()])
    closes = {date(2022, 9, 30): 121.39, date(2022, 12, 30): 146.14}
    price = {"symbol": "x:NVDA", "asset_class": "equity", "currency": "USD", "split_ratio": 1.0}
    world.put(
        lake,
        "prices",
        [
            price
            | {"date": day, "close": close, "source": "x"}
            | {"known_at": datetime(day.year, day.month, day.day, 22, tzinfo=UTC)}
            for day, close in closes.items()
        ],
    )
    early = [line("NVIDIA", NVIDIA, 9204, 75820)]
    wrong = [line("NVIDIA", NVIDIA, 58993, 403677), line("AT&amp;T", "00206R102", 20, 1)]
    lines = [line("NVIDIA", NVIDIA, 58993357, 403677), line("AT&amp;T", "00206R102", 20, 1)]
    found = [
        _filing("a-1", rows(submission(early, filed="20221114", period="09-30-2022"))),
        _filing("a-2", rows(submission(lines))),
        _filing("b-1", rows(submission(early, filed="20221114", period="09-30-2022")), "x:b"),
        _filing("b-2", rows(submission(wrong)), "x:b"),
        _filing("c-1", rows(submission(None)), "x:c"),
    ]
    table = pl.DataFrame([one for part in found for one in part], infer_schema_length=None)
    lake.upsert("fund_holdings", table)
    return held


def _filing(accession: str, found: list[dict[str, Any]], manager: str = "") -> list[dict[str, Any]]:
    """The rows of one filing under an accession, and a manager, of its own."""
    other = (
        {"manager": manager, "manager_name": f"Manager {manager[-1].upper()}"} if manager else {}
    )
    left_out = ("ingested_at", "superseded_at", "year")
    return [
        {name: value for name, value in one.items() if name not in left_out}
        | {"accession": accession, **other}
        for one in found
    ]


def test_the_filing_date_decides_the_unit_on_the_page(recorded: Settings) -> None:
    """Schonfeld's NVIDIA: thousands in November 2022, dollars in February 2023; 0.12 and 146.14."""
    quarter = {"view": "holders", "id": "x:nvidia", "as_of": "2023-03-01T00:00Z"}
    early = shown(recorded, "company", **quarter, quarter="2022-09-30")
    assert "Schonfeld & Co | 9.2 | 75,820 |" in early
    assert "| 121.39 | 121.39 |" in early and "0.12 " not in early
    late = shown(recorded, "company", **quarter, quarter="2022-12-31")
    assert "Schonfeld & Co | 59.0 | 403,677 |" in late
    assert "| 146.14 | 146.14 |" in late
    assert re.search(r"Manager B \| 0.1 \| 403,677 \|.*? 0.15 ✕ off \| 146.14 \|", late)
    assert "value 1,000 times too small" in late
    assert "1 positions are flagged" not in late
    assert "1 position is flagged, and counted as filed" in late
    assert round(9204 / 75820, 2) == 0.12


def test_a_filing_of_two_lines_in_dollars_is_not_multiplied(recorded: Settings) -> None:
    text = shown(
        recorded,
        "funds",
        view="portfolio",
        id="sec:0001665241",
        quarter="2022-12-31",
        as_of="2023-03-01T00:00Z",
    )
    assert "Value 59 USD mn" in text
    assert re.search(r"NVIDIA \| COM \| 67066G104 \| 59.0 \| 100.00", text)
    assert "AT&T | COM | 00206R102 | 0.0 | 0.00" in text


def test_a_filing_without_holdings_is_an_empty_list(recorded: Settings) -> None:
    address = {"view": "portfolio", "id": "x:c", "quarter": "2022-12-31"}
    text = shown(recorded, "funds", **address, as_of="2023-03-01T00:00Z")
    assert "No position of this manager's own" in text
    assert "reports no positions" in text


def test_a_company_without_a_cusip_says_so(recorded: Settings) -> None:
    address = {"view": "holders", "as_of": "2023-03-01T00:00Z"}
    assert "SAP has no American or Canadian ISIN" in shown(
        recorded, "company", **address, id="x:sap"
    )
    assert "no instrument of the lake is linked" in shown(
        recorded, "company", **address, id="x:alone"
    )
