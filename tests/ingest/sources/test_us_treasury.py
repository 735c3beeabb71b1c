"""US Treasury: maturities that come and go, fragments, CSV, fiscaldata."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from ingest.jobs import Window
from ingest.sources.us_treasury import SOURCE
from tests.ingest.macro_replies import NOW, PAGE, problem, recorded, reply, rows

URL = "https://home.treasury.gov/resource-center/data-chart-center/interest-rates/pages/xml?data="
CURVE = URL + "daily_treasury_yield_curve&field_tdr_date_value=2026"
FISCAL = "https://api.fiscaldata.treasury.gov/services/api/fiscal_service/v2/accounting/od/avg_interest_rates"


def entry(day: str, cells: str) -> str:
    """A feed of one day; namespaces stand on each element, as in the real one."""
    return (
        '<?xml version="1.0"?><feed xmlns="http://www.w3.org/2005/Atom"><entry><content>'
        '<m:properties xmlns:m="urn:m" xmlns:d="urn:d">'
        f"<d:NEW_DATE>{day}T00:00:00</d:NEW_DATE>{cells}</m:properties></content></entry></feed>"
    )


def test_yields_of_a_day_are_known_at_six_in_new_york() -> None:
    cells = (
        "<d:BC_1_5MONTH>4.1</d:BC_1_5MONTH><d:BC_10YEAR>4.25</d:BC_10YEAR><d:BC_20YEAR "
        'm:null="true"/><d:BC_30YEARDISPLAY>0</d:BC_30YEARDISPLAY>'
    )
    found = rows(SOURCE, reply(entry("2026-03-02", cells), CURVE), "macro")
    assert [(row["series_id"], row["value"]) for row in found] == [
        ("us_treasury:par:1.5m", 4.1),
        ("us_treasury:par:10y", 4.25),
    ]
    assert found[0]["known_at"] == datetime(2026, 3, 2, 23, tzinfo=UTC)
    assert (found[0]["vintage_grade"], found[0]["unit"]) == ("lagged", "percent per year")


def test_the_real_curve_and_the_bills_are_other_series() -> None:
    real = reply(
        entry("2026-03-02", "<d:TC_10YEAR>-0.4</d:TC_10YEAR>"),
        URL + "daily_treasury_real_yield_curve",
    )
    assert rows(SOURCE, real, "macro")[0]["series_id"] == "us_treasury:real:10y"
    assert rows(SOURCE, real, "macro")[0]["value"] == -0.4
    bills = (
        "<d:ROUND_B1_CLOSE_4WK_2>3.9</d:ROUND_B1_CLOSE_4WK_2><d:ROUND_B1_YIELD_4WK_2>4.0<"
        "/d:ROUND_B1_YIELD_4WK_2>"
    )
    found = rows(
        SOURCE, reply(entry("2026-03-02", bills), URL + "daily_treasury_bill_rates"), "macro"
    )
    assert [row["series_id"] for row in found] == [
        "us_treasury:bills:bill4w-close",
        "us_treasury:bills:bill4w-yield",
    ]
    long = "<d:RATE_TYPE>BC_20year</d:RATE_TYPE><d:RATE>4.8</d:RATE>"
    found = rows(
        SOURCE, reply(entry("2026-03-02", long), URL + "daily_treasury_long_term_rate"), "macro"
    )
    assert (found[0]["series_id"], found[0]["value"]) == ("us_treasury:long:bc_20year", 4.8)


def test_a_year_as_csv_is_newest_first_and_may_lack_maturities() -> None:
    text = (
        'Date,"1 Mo","1.5 Month","20 Yr",Comment\n01/03/2026,4.00,N/A,,x\n01/02/2026,'
        "4.01,3.9,4.7,y\n"
    )
    found = rows(SOURCE, reply(text, CURVE), "macro")
    assert [(row["series_id"], row["period"].day, row["value"]) for row in found] == [
        ("us_treasury:par:1.5m", 2, 3.9),
        ("us_treasury:par:1m", 2, 4.01),
        ("us_treasury:par:1m", 3, 4.0),
        ("us_treasury:par:20y", 2, 4.7),
    ]


def test_bills_as_csv_are_the_bills_of_the_feed() -> None:
    text = 'Date,"4 WEEKS BANK DISCOUNT","4 WEEKS COUPON EQUIVALENT"\n01/02/2026,3.9,4.0\n'
    url = CURVE.replace("yield_curve", "bill_rates")
    assert [row["series_id"] for row in rows(SOURCE, reply(text, url), "macro")] == [
        "us_treasury:bills:bill4w-close",
        "us_treasury:bills:bill4w-yield",
    ]


def test_fiscaldata_writes_everything_as_text() -> None:
    body = {
        "data": [
            {
                "record_date": "2026-01-31",
                "security_type_desc": "Marketable",
                "security_desc": "Treasury Bills",
                "avg_interest_rate_amt": "4.123",
            },
            {
                "record_date": "2026-01-31",
                "security_type_desc": "Marketable",
                "security_desc": "Floating Rate Notes (FRN)",
                "avg_interest_rate_amt": "null",
            },
        ],
        "meta": {"count": 2, "total-count": 4, "total-pages": 2},
    }
    answer = reply(body, FISCAL + "?page[number]=1")
    (row,) = rows(SOURCE, answer, "macro")
    assert row["series_id"] == "us_treasury:average:marketable-treasury-bills"
    assert (row["value"], row["period"]) == (4.123, date(2026, 1, 1))
    assert SOURCE.parse(answer).follow[0].params["page[number]"] == "2"


@pytest.mark.parametrize(
    ("body", "status", "expected"),
    [
        (entry("2026-03-02", ""), 200, "empty"),
        ("<feed/>", 200, "empty"),
        (PAGE, 200, "upstream"),
        (PAGE, 403, "blocked"),
        ("Date\n", 200, "upstream"),
        ("x,y\n1,2\n", 200, "upstream"),
        ({"data": []}, 200, "empty"),
        ({"error": "Invalid Query Param", "message": "no such field"}, 400, "client"),
        (entry("2026-03-02", "<d:BC_1YEAR>4</d:BC_1YEAR>")[:-40], 200, "upstream"),
    ],
)
def test_refusals_have_their_class(body: object, status: int, expected: str) -> None:
    assert problem(SOURCE, reply(body, CURVE, status)).problem == expected


def test_the_plan_asks_the_years_of_the_window() -> None:
    calls = SOURCE.plan(Window(("daily_treasury_yield_curve",), NOW, since=date(2025, 12, 30)))
    assert [call.params["field_tdr_date_value"] for call in calls] == ["2025", "2026"]


@pytest.mark.needs("shared")
def test_recorded_answers_read_as_in_their_files(shared: Path) -> None:
    def value(name: str, series: str, day: date) -> float:
        found = rows(SOURCE, recorded(shared, f"us_treasury/{name}"), "macro")
        return next(r["value"] for r in found if (r["series_id"], r["period"]) == (series, day))

    year = "DailyTreasuryYieldCurveRateData_2020.xml"
    assert value(year, "us_treasury:par:10y", date(2020, 1, 2)) == 1.88
    fragment = "daily_yield_curve_entry_2022-02-01.xml"
    assert value(fragment, "us_treasury:par:2m", date(2022, 2, 1)) == 0.10
    assert value("documented_daily_rates.csv", "us_treasury:par:30y", date(2025, 11, 19)) == 4.75


@pytest.mark.parametrize(
    ("body", "series"),
    [
        (
            "<m:properties><d:NEW_DATE>2026-01-02</d:NEW_DATE><d:TC_10YEAR>1.9</d:TC_10YEAR>"
            "</m:properties>",
            "real:10y",
        ),
        (
            "<m:properties><d:NEW_DATE>2026-01-02</d:NEW_DATE><d:BC_10YEAR>4.1</d:BC_10YEAR>"
            "</m:properties>",
            "par:10y",
        ),
        ('Date,"5 YR","10 YR"\n01/02/2026,1.46,1.9\n', "real:5y"),
        ('Date,"5 Yr","10 Yr"\n01/02/2026,3.9,4.1\n', "par:5y"),
    ],
)
def test_a_file_without_its_request_tells_real_from_nominal(body: str, series: str) -> None:
    found = {row["series_id"] for row in rows(SOURCE, reply(body), "macro")}
    assert f"us_treasury:{series}" in found


@pytest.mark.needs("shared")
def test_the_recorded_real_curve_is_real_also_without_its_request(shared: Path) -> None:
    saved = recorded(shared, "us_treasury/daily_treasury_real_yield_curve_2026-01.xml")
    for answer in (saved, reply(saved.body)):
        first = rows(SOURCE, answer, "macro")
        read = {(r["series_id"], r["period"]): r["value"] for r in first}
        assert read["us_treasury:real:5y", date(2026, 1, 2)] == 1.46
        assert not any(":par:" in name for name, _ in read)
