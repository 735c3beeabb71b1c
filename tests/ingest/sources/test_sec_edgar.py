"""Recorded replies of EDGAR: filings with their times, accounts as filed, refusals by name."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

import pytest
from hypothesis import given, settings

from ingest.jobs import Window
from ingest.lists import listed
from ingest.runs.reading import read
from ingest.sources import sec_edgar
from ingest.sources._sec_addresses import (
    TICKERS,
    facts_url,
    noted,
    older_url,
    packed_times,
    submissions_url,
    unpacked_times,
)
from ingest.sources._sec_times import (
    FilingTime,
    accepted,
    clock_shown,
    filer_clock,
    public_from,
    stated_time,
)
from tests.ingest.market import (
    NOW,
    SHAPES,
    Facts,
    mangled,
    problem,
    recorded,
    reply,
    rows,
    survives,
)

SOURCE = sec_edgar.SOURCE
APPLE = "sec:0000320193"
FOLDER = "sec_edgar"
SLOW_DOWN = (
    b"<!DOCTYPE html><html><head><title>SEC.gov | Request Rate Threshold Exceeded</title></head>"
    b"<body><h1>Your Request Originates from an Undeclared Automated Tool</h1></body></html>"
)
UNDECLARED = (
    b"<html><head><title>SEC.gov | Your Request Originates from an Undeclared Automated Tool"
    b"</title></head><body>Please declare your traffic</body></html>"
)


def of(shared: Path, name: str, url: str | None = None) -> Facts:
    return rows(SOURCE, recorded(shared, f"{FOLDER}/{name}", url))


def stated(word: str, filed: str, form: str = "8-K") -> FilingTime:
    return FilingTime(form, date.fromisoformat(filed), stated_time(word))


@pytest.mark.parametrize(
    ("word", "filed", "form", "shown"),
    [
        ("2025-12-10T00:00:14.000Z", "2025-12-09", "4", "utc"),  # its date in UTC is the day after
        ("2026-04-20T21:29:51.000Z", "2026-04-20", "8-K", "utc"),  # 21:29 there is the next day's
        ("2022-10-24T06:08:50.000Z", "2022-10-24", "10-Q", "new_york"),  # 02:08 if it were UTC
        ("2022-04-29T18:05:17.000Z", "2022-05-02", "10-K/A", "new_york"),  # 14:05 keeps its day
        ("2022-10-19T17:15:46.000Z", "2022-10-19", "8-K", "unsure"),
        ("2022-10-19T12:00:00.000Z", "2022-10-19", "8-K", "unsure"),
        ("2022-10-19T12:00:00.000Z", "2022-10-27", "8-K", "unsure"),  # fits neither
        ("2022-10-22T12:00:00.000Z", "2022-10-22", "8-K", "unsure"),  # a Saturday
        ("", "2022-10-19", "8-K", "unsure"),
        ("yesterday", "2022-10-19", "8-K", "unsure"),
    ],
)
def test_what_a_time_shows(word: str, filed: str, form: str, shown: str) -> None:
    assert clock_shown(stated(word, filed, form)) == shown


def test_the_clock_of_a_filer_is_what_all_its_times_show() -> None:
    utc = stated("2025-12-10T00:00:14.000Z", "2025-12-09", "4")
    local = stated("2022-10-24T06:08:50.000Z", "2022-10-24", "10-Q")
    mute = stated("2022-10-19T17:15:46.000Z", "2022-10-19")
    assert filer_clock([utc, mute]) == "utc"
    assert accepted(mute, "utc") == datetime(2022, 10, 19, 17, 15, 46, tzinfo=UTC)
    assert filer_clock([local, mute]) == "new_york"
    assert accepted(mute, "new_york") == datetime(2022, 10, 19, 21, 15, 46, tzinfo=UTC)
    assert filer_clock([utc, local, mute]) == "unsure"
    assert accepted(mute, "unsure") is None
    assert accepted(utc, "unsure") == datetime(2025, 12, 10, 0, 0, 14, tzinfo=UTC)
    assert accepted(local, "utc") is None
    assert filer_clock([mute], "utc") == "utc"
    assert filer_clock([local], "utc") == "unsure"


def test_an_evening_filing_is_public_on_the_morning_of_its_filing_day() -> None:
    friday = datetime(2022, 4, 29, 22, 5, 17, tzinfo=UTC)  # 18:05 in New York
    assert public_from(date(2022, 5, 2), friday) == datetime(2022, 5, 2, 11, 30, tzinfo=UTC)
    assert public_from(date(2022, 4, 29), friday) == friday  # a form that keeps its day
    night = datetime(2025, 12, 10, 1, 0, tzinfo=UTC)  # 20:00 on the 9th in New York
    assert public_from(date(2025, 12, 9), night) == night
    assert public_from(date(2025, 12, 10), night) == datetime(2025, 12, 10, 12, 30, tzinfo=UTC)
    assert public_from(date(2022, 5, 2), None) == datetime(2022, 5, 3, 2, 0, tzinfo=UTC)


@pytest.mark.needs("shared")
def test_a_recorded_evening_filing_and_what_follows_from_it(shared: Path) -> None:
    """Tesla's 10-K/A, accepted on a Friday at 18:05 in New York and dated on Monday."""
    answer = recorded(shared, f"{FOLDER}/submissions_CIK0001318605_8K_items.json")
    friday = datetime(2022, 4, 29, 22, 5, 17, tzinfo=UTC)
    (late,) = [row for row in rows(SOURCE, answer)["filings"] if row["accepted_at"] == friday]
    assert (late["form"], late["filed_on"]) == ("10-K/A", date(2022, 5, 2))
    assert late["known_at"] == datetime(2022, 5, 2, 11, 30, tzinfo=UTC)
    notes = [dict(parse_qsl(call.url.partition("#")[2])) for call in SOURCE.parse(answer).follow]
    times = [unpacked_times(note.get("public", "")).get(late["accession"]) for note in notes]
    assert {at for at in times if at} == {late["known_at"]}


def test_times_travel_in_an_address() -> None:
    times = {
        "0000320193-23-000106": datetime(2023, 11, 2, 22, 8, 27, tzinfo=UTC),
        "0000320193-09-000001": datetime(2009, 10, 27, 20, 18, 29, tzinfo=UTC),
    }
    assert unpacked_times(packed_times(times)) == times
    assert unpacked_times("") == {}
    many = {f"0000320193-23-{n:06}": datetime(2023, 1, 1, tzinfo=UTC) for n in range(9000)}
    assert len(noted(facts_url(1), public=packed_times(many))) < 60_000


@pytest.mark.needs("shared")
def test_a_filer_with_times_in_utc(shared: Path) -> None:
    found = of(shared, "submissions_CIK0000320193.json")
    names = [(row["known_at"].date().isoformat(), row["name"]) for row in found["companies"]]
    assert names == [
        ("1994-01-27", "APPLE COMPUTER INC"),
        ("2007-01-11", "APPLE INC"),
        ("2019-08-06", "Apple Inc."),
        (NOW.date().isoformat(), "Apple Inc."),
    ]
    today = found["companies"][-1]
    # What changes with the years is known since we saw it, and not under the earlier names.
    assert [row.get("category") for row in found["companies"]] == [
        *(None, None, None),
        "Large accelerated filer",
    ]
    assert [row["vintage_grade"] for row in found["companies"]] == ["current"] * 3 + ["snapshot"]
    assert (today["website"], today["description"]) == (None, None)
    assert (today["sector"], today["industry"]) == ("manufacturing", "Electronic Computers")
    assert (today["country"], today["fiscal_year_end"]) == ("USA", "09-26")
    assert (today["cik"], today["lei"]) == ("0000320193", None)
    filing = next(row for row in found["filings"] if row["accession"] == "0001140361-26-015711")
    assert (filing["form"], filing["items"]) == ("8-K", "5.02")
    assert filing["known_at"] == filing["accepted_at"]
    assert filing["known_at"] == datetime(2026, 4, 20, 21, 29, 51, tzinfo=UTC)
    assert filing["vintage_grade"] == "native"
    assert filing["url"].endswith("/data/320193/000114036126015711/ef20071035_8k.htm")
    assert {row["form"] for row in found["filings"]} == {"8-K", "10-Q", "10-K"}
    assert [row["title"] for row in found["events"]][-1:] != []
    assert any("results of operations (8-K 2.02)" in row["title"] for row in found["events"])


@pytest.mark.needs("shared")
def test_a_filer_with_times_in_new_york(shared: Path) -> None:
    found = of(shared, "submissions_CIK0001318605_8K_items.json")
    filings = {row["accession"]: row for row in found["filings"]}
    assert filings["0001564590-22-034639"]["items"] == "2.02,9.01"
    at = filings["0001564590-22-034639"]["known_at"]
    assert at == datetime(2022, 10, 19, 21, 15, 46, tzinfo=UTC)
    assert "CT ORDER" not in {row["form"] for row in found["filings"]}
    assert {row["kind"] for row in found["events"]} == {"filing"}
    titles = {row["event_id"]: row["title"] for row in found["events"]}
    assert (
        titles["sec:0001564590-22-034639:2.02"] == "Tesla, Inc.: results of operations (8-K 2.02)"
    )
    assert "sec:0001564590-22-034639:9.01" not in titles


@pytest.mark.needs("shared")
def test_what_a_filer_leads_to(shared: Path) -> None:
    def follow(since: str = "") -> list[str]:
        url = noted(submissions_url(320193), since=since)
        answer = recorded(shared, f"{FOLDER}/submissions_CIK0000320193.json", url)
        return [call.url for call in SOURCE.parse(answer).follow]

    older, facts, *instances = follow()
    assert older == older_url("CIK0000320193-submissions-001.json") + "#clock=utc"
    assert facts.startswith(facts_url(320193) + "#public=")
    assert [url.partition("#")[0].rpartition("/")[2] for url in instances] == [
        "aapl-20250927_htm.xml",
        "aapl-20240928_htm.xml",
        "aapl-20230930_htm.xml",
    ]
    assert follow(since="2026-04-01") == []
    assert len(follow(since="2025-10-01")) == 2


def test_an_older_page_is_of_the_filer_in_its_name() -> None:
    page = {
        "accessionNumber": ["0000320193-15-000001", "0000320193-15-000002"],
        "filingDate": ["2015-01-28", "2015-01-29"],
        "reportDate": ["2014-12-27", ""],
        "acceptanceDateTime": ["2015-01-28T16:35:00.000Z", "2015-01-29T16:35:00.000Z"],
        "form": ["10-Q", "4"],
    }
    url = older_url("CIK0000320193-submissions-001.json")
    (filing,) = rows(SOURCE, reply(page, url))["filings"]
    assert (filing["company"], filing["accepted_at"]) == (APPLE, None)
    # Uncertain hours: the end of the filing day in New York.
    assert filing["known_at"] == datetime(2015, 1, 29, 3, 0, tzinfo=UTC)
    assert filing["vintage_grade"] == "lagged"
    (filing,) = rows(SOURCE, reply(page, url + "#clock=new_york"))["filings"]
    assert filing["known_at"] == datetime(2015, 1, 28, 21, 35, tzinfo=UTC)
    page["form"].pop()
    assert problem(SOURCE, reply(page, url)) == "upstream"


@pytest.mark.needs("shared")
def test_filers_without_reports_are_named(shared: Path) -> None:
    parsed = SOURCE.parse(recorded(shared, f"{FOLDER}/submissions_CIK0000350001_no_filings.json"))
    assert "has no filings" in parsed.note
    assert set(parsed.tables) == {"companies"}
    person = recorded(shared, f"{FOLDER}/submissions_CIK0001771340.json")
    assert problem(SOURCE, person) == "empty"
    missing = recorded(shared, f"{FOLDER}/submissions_not_found_404.xml")
    assert problem(SOURCE, missing) == "client"
    no_facts = recorded(shared, f"{FOLDER}/submissions_not_found_404.xml", facts_url(1))
    assert problem(SOURCE, no_facts) == "empty"


@pytest.mark.needs("shared")
def test_a_company_has_every_ticker_of_its(shared: Path) -> None:
    listed = of(shared, "company_tickers_exchange.json")["instruments"]
    apple = next(row for row in listed if row["ticker"] == "AAPL")
    assert (apple["symbol"], apple["company"]) == (f"{APPLE}:AAPL", APPLE)
    assert (apple["venue"], apple["currency"], apple["calendar"]) == ("XNAS", "USD", "XNYS")
    body = {
        "fields": ["cik", "name", "ticker", "exchange"],
        "data": [
            [1652044, "Alphabet Inc.", "GOOGL", "Nasdaq"],
            [1652044, "Alphabet Inc.", "GOOG", "Nasdaq"],
            [7, "Old Owner", "XYZ", None],
            [8, "New Owner", "XYZ", ""],
            ["none", "Nobody", "NIL", ""],
        ],
    }
    assert problem(SOURCE, reply(body, noted(TICKERS, of="listed"))) == "empty"
    assert sec_edgar.plan(Window((), NOW, job="sec_tickers")) == []
    (call,) = sec_edgar.plan(Window(("listed",), NOW, job="sec_tickers"))
    chosen = of(shared, "company_tickers_exchange.json", call.url)["instruments"]
    assert {row["ticker"] for row in chosen} > {"AAPL", "NVDA", "JPM", "JPM-PC", "BAC"}
    assert "MSFT" not in {row["ticker"] for row in chosen}
    parsed = SOURCE.parse(reply(body))
    symbols = parsed.tables["instruments"]["symbol"].to_pylist()
    assert symbols == [
        "sec:0001652044:GOOGL",
        "sec:0001652044:GOOG",
        "sec:0000000007:XYZ",
        "sec:0000000008:XYZ",
    ]
    assert parsed.note.startswith("1 rows")


@pytest.mark.parametrize(
    ("body", "status", "kind", "words"),
    [
        (SLOW_DOWN, 403, "quota", "ten minutes"),
        (UNDECLARED, 403, "blocked", "CONTACT"),
        (b"<html><body>Forbidden</body></html>", 403, "blocked", "refuses"),
        (b"<html><title>404</title></html>", 404, "client", "has no"),
        (b"<html><title>SEC.gov | Maintenance</title></html>", 200, "upstream", "HTML came"),
        (b'{"cik": "320193", "filings": {"rec', 200, "upstream", "may be cut"),
        (b"[]", 200, "upstream", "object"),
        (b"{}", 200, "empty", "no ticker"),
        (b'{"cik": 1, "entityName": "X", "facts": {}}', 200, "empty", "no XBRL facts"),
        (b"", 200, "upstream", "empty"),
    ],
)
def test_refusals_are_named(body: bytes, status: int, kind: str, words: str) -> None:
    answer = reply(body, submissions_url(320193), status)
    assert problem(SOURCE, answer) == kind
    with pytest.raises(Exception, match=words):
        read(SOURCE, answer)


def test_who_is_asked() -> None:
    assert len(sec_edgar.plan(Window((), NOW))) >= 100
    calls = sec_edgar.plan(Window(("AAPL", "789019", "sec:0000000020"), NOW))
    assert [call.url for call in calls] == [submissions_url(n) for n in (320193, 789019, 20)]
    with pytest.raises(Exception, match="no CIK"):
        sec_edgar.plan(Window(("NOSUCH",), NOW))


@pytest.mark.needs("shared")
def test_our_keys_are_those_of_the_recorded_lists(shared: Path) -> None:
    """But for seven, which the list itself says are not checked."""
    known: dict[str, set[str]] = {}
    for row in json.loads(recorded(shared, f"{FOLDER}/company_tickers.json").body).values():
        known.setdefault(f"{row['cik_str']:010}", set()).add(row["ticker"])
    ours = {cik: row["ticker"] for cik, row in listed("sec_edgar", "cik").items()}
    unchecked = {ticker for cik, ticker in ours.items() if cik not in known}
    assert unchecked == {"RIOT", "CLSK", "CIFR", "WULF", "CORZ", "BTBT", "HUT"}
    assert [cik for cik, ticker in ours.items() if ticker not in known.get(cik, {ticker})] == []


@given(SHAPES)
@settings(max_examples=60, deadline=None)
def test_any_json_is_rows_or_a_named_error(body: bytes) -> None:
    for url in ("", submissions_url(1), facts_url(1)):
        survives(SOURCE, reply(body, url))


@pytest.mark.needs("shared")
@pytest.mark.parametrize(
    "name",
    ["submissions_CIK0001318605_8K_items.json", "companyfacts_ifrs_20F_CIK0001997711.json"],
)
def test_mangled_replies_are_rows_or_a_named_error(name: str, shared: Path) -> None:
    body = recorded(shared, f"{FOLDER}/{name}").body

    @given(mangled(body))
    @settings(max_examples=40, deadline=None)
    def survive(bad: bytes) -> None:
        survives(SOURCE, reply(bad, facts_url(1)))

    survive()


def test_a_key_in_our_list_that_is_another_companys_is_noted() -> None:
    page = json.loads(columns()) | {"cik": "320193", "name": "Other Inc.", "tickers": ["OTH"]}
    assert SOURCE.parse(reply(page)).note == "AAPL in our list is Other Inc. (OTH) at EDGAR"
    assert SOURCE.parse(reply(page | {"tickers": ["AAPL", "OTH"]})).note == ""


def columns(**more: Any) -> bytes:
    """A small company with one 10-K."""
    recent = {
        "accessionNumber": ["0000000001-24-000001"],
        "filingDate": ["2024-02-01"],
        "reportDate": ["2023-12-31"],
        "acceptanceDateTime": ["2024-02-01T21:05:00.000Z"],
        "form": ["10-K"],
    }
    page = {"cik": 1, "name": "One", "sic": "6798", "filings": {"recent": recent | more}}
    return json.dumps(page).encode()


def test_a_page_with_few_columns_is_enough() -> None:
    found = rows(SOURCE, reply(columns()))
    assert found["companies"][0]["sector"] == "real estate"
    assert found["filings"][0]["accepted_at"] == datetime(2024, 2, 1, 21, 5, tzinfo=UTC)
    assert "events" not in found
