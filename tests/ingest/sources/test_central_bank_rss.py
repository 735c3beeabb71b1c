"""Feeds of central banks: three forms of feed, two of dates, links that need mending."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from ingest.jobs import Window
from ingest.sources.central_bank_rss import SOURCE
from tests.ingest.macro_replies import NOW, PAGE, problem, recorded, reply, rows

URL = "https://www.ecb.europa.eu/rss/press.html"
ITEM = (
    "<item><title> Monetary\n policy decisions</title><link>"
    "https://www.ecb.europa.eu//press/pr/a.html</link><guid>"
    "https://www.ecb.europa.eu//press/pr/a.html</guid><pubDate>Thu, 23 Jul 2026 14:15:00 "
    "+0200</pubDate></item>"
)


def feed(*items: str) -> str:
    """RSS 2.0 with these items."""
    return f"<rss version='2.0'><channel><title>x</title>{''.join(items)}</channel></rss>"


def test_a_headline_is_known_when_it_was_published() -> None:
    (row,) = rows(SOURCE, reply("\ufeff" + feed(ITEM), URL), "news")
    assert row["event_at"] == row["known_at"] == datetime(2026, 7, 23, 12, 15, tzinfo=UTC)
    assert row["headline"] == "Monetary policy decisions"
    assert row["url"] == row["news_id"] == "https://www.ecb.europa.eu/press/pr/a.html"


def test_rdf_and_atom_are_feeds_too() -> None:
    rdf = '<rdf:RDF xmlns:rdf="urn:r" xmlns="urn:s" xmlns:dc="urn:d"><channel/><item><title>Rate</title><link>https://www.bankofcanada.ca/2026/1</link><dc:date>2026-07-15T09:45:00-04:00</dc:date></item></rdf:RDF>'
    (row,) = rows(SOURCE, reply(rdf, URL), "news")
    assert (row["event_at"], row["country"]) == (datetime(2026, 7, 15, 13, 45, tzinfo=UTC), "CAN")
    atom = (
        '<feed xmlns="http://www.w3.org/2005/Atom"><entry><title>Bank Rate</title><id>'
        'urn:1</id><link href="https://www.bankofengland.co.uk/x"/><updated>2026-08-06<'
        "/updated></entry></feed>"
    )
    (row,) = rows(SOURCE, reply(atom, URL), "news")
    assert (row["news_id"], row["country"], row["vintage_grade"]) == ("urn:1", "GBR", "lagged")
    # Of a date alone we only know that it was over by midnight.
    assert row["known_at"] == datetime(2026, 8, 7, tzinfo=UTC)


BOC = "https://www.bankofcanada.ca/content_type/press-releases/feed/"


def ottawa(stamp: str) -> str:
    """The feed of the Bank of Canada: RSS 1.0 with the date in Dublin Core."""
    return (
        '<rdf:RDF xmlns:rdf="urn:r" xmlns="urn:s" xmlns:dc="urn:d"><channel/><item><title>Bank of '
        "Canada holds policy rate</title><link>https://www.bankofcanada.ca/2026/10/fad/</link>"
        f"<dc:date>{stamp}</dc:date></item></rdf:RDF>"
    )


@pytest.mark.parametrize(
    ("stamp", "moment", "grade"),
    [
        # Decisions come at 09:45 in Ottawa, whatever offset the feed writes.
        ("2026-10-28T09:45:00+00:00", datetime(2026, 10, 28, 13, 45, tzinfo=UTC), "lagged"),
        ("2026-01-28T09:45:00+00:00", datetime(2026, 1, 28, 14, 45, tzinfo=UTC), "lagged"),
        ("2026-10-28T09:45:00Z", datetime(2026, 10, 28, 13, 45, tzinfo=UTC), "lagged"),
        ("2026-10-28T09:45:00", datetime(2026, 10, 28, 13, 45, tzinfo=UTC), "lagged"),
        ("Wed, 28 Oct 2026 09:45:00 GMT", datetime(2026, 10, 28, 13, 45, tzinfo=UTC), "lagged"),
        # An offset that says something is believed.
        ("2026-10-28T09:45:00-04:00", datetime(2026, 10, 28, 13, 45, tzinfo=UTC), "native"),
        # The hour that comes twice is the later one.
        ("2025-11-02T01:30:00+00:00", datetime(2025, 11, 2, 6, 30, tzinfo=UTC), "lagged"),
    ],
)
def test_ottawa_writes_its_own_clock_and_calls_it_utc(
    stamp: str, moment: datetime, grade: str
) -> None:
    for url in (BOC, ""):
        (row,) = rows(SOURCE, reply(ottawa(stamp), url), "news")
        assert row["event_at"] == row["known_at"] == moment
        assert (row["vintage_grade"], row["country"]) == (grade, "CAN")


def test_other_banks_mean_the_offset_that_they_write() -> None:
    for item in (ITEM.replace("14:15:00 +0200", "12:15:00 +0000"), ITEM):
        (row,) = rows(SOURCE, reply(feed(item), URL), "news")
        assert row["event_at"] == datetime(2026, 7, 23, 12, 15, tzinfo=UTC)
        assert row["vintage_grade"] == "native"


def test_what_says_it_comes_from_the_future_is_known_now() -> None:
    (row,) = rows(
        SOURCE, reply(feed(ITEM.replace("2026", "2031").replace("Thu, ", "")), URL), "news"
    )
    assert row["known_at"] == NOW


def test_items_without_a_date_are_counted_and_left_out() -> None:
    parsed = SOURCE.parse(reply(feed(ITEM, "<item><title>x</title></item>"), URL))
    assert (parsed.rows, parsed.note) == (1, "1 items without date or title")


@pytest.mark.parametrize(
    ("body", "status", "expected"),
    [
        (feed(), 200, "empty"),
        (feed("<item><title>x</title></item>"), 200, "upstream"),
        ("<urlset/>", 200, "upstream"),
        (PAGE, 200, "upstream"),
        (feed(ITEM)[:-30], 200, "upstream"),
        ("<!DOCTYPE rss [<!ENTITY a 'b'>]><rss/>", 200, "upstream"),
        ("gone", 410, "client"),
    ],
)
def test_refusals_have_their_class(body: object, status: int, expected: str) -> None:
    assert problem(SOURCE, reply(body, URL, status)).problem == expected


def test_the_plan_polls_every_feed_of_the_list() -> None:
    assert URL in {call.url for call in SOURCE.plan(Window((), NOW))}


@pytest.mark.needs("shared")
@pytest.mark.parametrize(
    ("name", "headline", "moment", "country", "count"),
    [
        (
            "boe",
            "Results of the Semi-Annual FX Turnover Surveys in April 2026",
            datetime(2026, 8, 11, 13, tzinfo=UTC),
            "GBR",
            50,
        ),
        (
            "boj",
            "Japanese Government Bonds Held by the Bank of Japan",
            datetime(2026, 8, 13, 8, tzinfo=UTC),
            "JPN",
            48,
        ),
        (
            "ecb",
            "Cash remains most widely accepted payment method in euro area",
            datetime(2026, 8, 13, 9, tzinfo=UTC),
            None,
            15,
        ),
        (
            "fed",
            "Federal Reserve issues FOMC statement",
            datetime(2026, 7, 29, 18, tzinfo=UTC),
            "USA",
            15,
        ),
    ],
)
def test_recorded_feeds_read_as_in_their_files(
    shared: Path, name: str, headline: str, moment: datetime, country: str | None, count: int
) -> None:
    found = rows(SOURCE, recorded(shared, f"central_bank_rss/{name}_feed.xml"), "news")
    assert len(found) == count
    row = next(r for r in found if (r["headline"], r["event_at"]) == (headline, moment))
    assert row["country"] == country


# When these banks publish by their own rules, by their own clocks.
@pytest.mark.needs("shared")
@pytest.mark.parametrize(
    ("name", "title", "zone", "hour", "count"),
    [
        ("fed", r"Federal Reserve issues FOMC statement", "America/New_York", "14:00", 4),
        ("fed", r"Minutes of the Federal Open Market Committee", "America/New_York", "14:00", 4),
        ("ecb", r"Monetary policy decisions", "Europe/Berlin", "14:15", 1),
        ("boe", r"Bank Rate maintained", "Europe/London", "12:00", 2),
        ("boj", r"Minutes of the Monetary Policy Meeting|Summary of Op", "Asia/Tokyo", "08:50", 2),
        ("boj", r"Corporate Goods Price Index", "Asia/Tokyo", "08:50", 1),
    ],
)
def test_recorded_feeds_tell_the_hours_at_which_their_banks_decide(
    shared: Path, name: str, title: str, zone: str, hour: str, count: int
) -> None:
    found = rows(SOURCE, recorded(shared, f"central_bank_rss/{name}_feed.xml"), "news")
    hours = [
        f"{row['event_at'].astimezone(ZoneInfo(zone)):%H:%M}"
        for row in found
        if re.match(title, row["headline"])
    ]
    assert hours == [hour] * count
