"""Bodies, records, periods and SDMX slots, each by the smallest example that decides it."""

from __future__ import annotations

import json
from datetime import date

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.formats import body, records
from ingest.formats.periods import first_day, periods
from ingest.formats.xml import root
from ingest.jobs import ReplyError
from ingest.lists import FOLDER, listed
from ingest.registry import SOURCES
from tests.ingest.macro_replies import NOW, PAGE, reply

FIELDS = {"date": ("date",), "id": ("in", "id"), "value": ("value",)}
TEXT = st.text(max_size=8) | st.sampled_from(["},{", '"', "\n", "]", "\\", "é"])
ROWS = st.lists(
    st.fixed_dictionaries(
        {},
        optional={
            "date": TEXT,
            "in": st.fixed_dictionaries({"id": TEXT, "value": TEXT}),
            "value": st.none() | st.floats(-1e300, 1e300),
            "more": TEXT,
        },
    ),
    max_size=5,
)


@given(rows=ROWS, indent=st.sampled_from([None, 1]), spaced=st.booleans())
def test_the_quick_road_and_the_slow_one_lead_to_the_same(
    rows: list[dict[str, object]], indent: int | None, spaced: bool
) -> None:
    text = json.dumps(rows, indent=indent, separators=None if spaced else (",", ":"))
    quick = records.from_bytes(text.encode()[1:-1], FIELDS, numbers=("value",))
    assert quick.equals(records.from_rows(rows, FIELDS, numbers=("value",)))
    assert quick["value"].to_list() == [row.get("value") for row in rows]


def test_every_way_to_say_nothing_is_null() -> None:
    words = [".", "..", "NaN", "null", "NA", "-", "", " 1.5 ", "inf", "None", "N/A"]
    frame = pl.DataFrame({"v": words}).select(records.number("v"))
    assert frame["v"].to_list() == [None] * 7 + [1.5] + [None] * 3


@pytest.mark.parametrize(
    ("word", "day", "frequency"),
    [
        ("2026-09-03", date(2026, 9, 3), "daily"),
        ("2026-09", date(2026, 9, 1), "monthly"),
        ("2012M06", date(2012, 6, 1), "monthly"),
        ("2023-M01", date(2023, 1, 1), "monthly"),
        ("202501", date(2025, 1, 1), "monthly"),
        ("2012Q3", date(2012, 7, 1), "quarterly"),
        ("2023-Q4", date(2023, 10, 1), "quarterly"),
        ("2023-S2", date(2023, 7, 1), "irregular"),
        ("2020-W53", date(2020, 12, 28), "weekly"),
        ("YR1970", date(1970, 1, 1), "annual"),
        ("1972-A1", date(1972, 1, 1), "annual"),
        (" 2026 ", date(2026, 1, 1), "annual"),
    ],
)
def test_periods_start_on_their_first_day(word: str, day: date, frequency: str) -> None:
    assert first_day(word) == (day, frequency)
    assert periods(pl.DataFrame({"t": [word]}), "t")["period"].to_list() == [day]


@pytest.mark.parametrize(
    "word", ["", "Spring", "2023-13", "2023-02-30", "2023-Q5", "19", "2023-W60"]
)
def test_what_is_no_period_is_refused(word: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        first_day(word)


@pytest.mark.parametrize(
    ("header", "seconds"),
    [("30", 30.0), ("Sat, 21 Nov 2026 12:01:00 GMT", 60.0), ("soon", None), ("-5", 0.0)],
)
def test_a_wait_is_a_number_or_a_date(header: str, seconds: float | None) -> None:
    answer = reply(PAGE, status=429, headers={"retry-after": header})
    assert answer.fetched_at == NOW
    assert body.retry_after(answer) == seconds


@pytest.mark.parametrize(
    "words",
    [
        "api_key=abcdef0123456789",
        'with "access_key": "abcdef0123456789"',
        "https://x/y?subscription-key=abcdef0123456789&a=1",
        "app_id=abcdef0123456789",
        "token abcdef0123456789abcdef0123456789",
    ],
)
def test_keys_are_taken_out_of_words(words: str) -> None:
    assert "abcdef0123456789" not in body.said(words)


def test_words_are_one_short_line_without_markup() -> None:
    assert body.said("<p>Bad\n  <b>thing</b></p>") == "Bad thing"
    assert len(body.said("x" * 5000)) == body.WIDTH


def test_xml_without_declared_prefixes_is_read_and_entities_are_not() -> None:
    top = root(b'<m:a d:x="1"><d:b m:null="true"/></m:a>')
    assert (top.tag, top.get("x"), top[0].tag) == ("a", "1", "b")
    for bad in (b'<!DOCTYPE a [<!ENTITY x "y">]><a>&x;</a>', b"<a>", b"\x00<a/>", b"<a>&x;</a>"):
        with pytest.raises(ReplyError):
            root(bad)


def test_lists_are_whole_and_every_series_states_a_unit() -> None:
    keys = {"fred": "id", "worldbank": "id", "imf": "id", "ecb": "key", "bis": "key"}
    for name, key in keys.items():
        rows = listed(name, key).values()
        assert rows
        assert all(row["unit"] for row in rows), name
    series = listed("fred", "id").values()
    assert {row["vintages"] for row in series} == {"yes", "no"}
    assert all(row["zone"] and row["clock"] for row in series)
    assert all(row["release"] == "" or row["release"].isdigit() for row in series)
    assert (FOLDER / "countries.csv").is_file()


def test_every_source_says_whose_data_they_are() -> None:
    for source in SOURCES.values():
        assert source.licence
        assert source.gives
        assert "|" not in source.licence
        assert bool(source.secret) == bool(source.key_in), source.name
