"""Bank of England: columns per code, cubes, ends of months, errors with status 200."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from ingest.jobs import Window
from ingest.sources.boe import SOURCE
from tests.ingest.macro_replies import NOW, PAGE, held, problem, recorded, reply, rows

URL = "https://www.bankofengland.co.uk/boeapps/database/_iadb-fromshowcolumns.asp?csv.x=yes"


def test_rates_and_series_of_one_answer_part_ways() -> None:
    text = "DATE,IUDBEDR,XUDLUSS,LPMAUYN\n31 Mar 2026,3.75,1.3343,..\n30 Apr 2026,3.75,,3100000\n"
    found = held(SOURCE.parse(reply(text, URL)))
    (rate,) = found["prices"].to_dicts()
    assert (rate["symbol"], rate["close"], rate["currency"]) == ("boe:GBPUSD", 1.3343, "USD")
    assert [(r["series_id"], r["period"], r["value"]) for r in found["macro"].to_dicts()] == [
        ("boe:IUDBEDR", date(2026, 3, 31), 3.75),
        ("boe:IUDBEDR", date(2026, 4, 30), 3.75),
        ("boe:LPMAUYN", date(2026, 4, 1), 3100000),
    ]
    units = {r["series_id"]: r["unit"] for r in found["macro"].to_dicts()}
    assert units["boe:LPMAUYN"] == "million GBP"


def test_a_code_that_the_list_lacks_is_not_guessed() -> None:
    found = held(SOURCE.parse(reply("DATE,XYZQABC\n31 Mar 2026,5\n", URL)))
    assert found["macro"]["unit"].to_list() == ["unstated"]
    assert found["series"]["frequency"].to_list() == ["irregular"]


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (PAGE, "upstream"),
        ("DATE,IUDBEDR\n", "empty"),
        ("DATE,IUDBEDR\n31 Mar 2026,\n", "empty"),
        ("Error: no such code", "upstream"),
        ("DATE,IUDBEDR\n2026-03-31,1\n", "upstream"),
        ("<Envelope><Cube/></Envelope>", "upstream"),
    ],
)
def test_refusals_have_their_class(body: object, expected: str) -> None:
    assert problem(SOURCE, reply(body, URL)).problem == expected


def test_the_plan_writes_months_in_english() -> None:
    (call,) = SOURCE.plan(Window(("IUDBEDR", "XUDLUSS"), NOW, since=date(2026, 9, 1)))
    assert (call.params["Datefrom"], call.params["Dateto"]) == ("01/Sep/2026", "21/Nov/2026")
    assert call.params["SeriesCodes"] == "IUDBEDR,XUDLUSS"


@pytest.mark.needs("shared")
def test_recorded_answers_read_as_in_their_files(shared: Path) -> None:
    rates = rows(SOURCE, recorded(shared, "boe/iadb_csv_XUDL_2026-03.csv"), "prices")
    yen = [r for r in rates if r["symbol"] == "boe:GBPJPY"]
    assert (yen[0]["date"], yen[0]["close"]) == (date(2026, 3, 17), 212.1937)
    notes = held(SOURCE.parse(recorded(shared, "boe/iadb_xml_LPMVWYR.xml")))
    by_month = {r["period"]: r["value"] for r in notes["macro"].to_dicts()}
    assert by_month[date(2012, 2, 1)] == 55271
    assert notes["series"]["adjustment"].to_list() == ["sa"]
