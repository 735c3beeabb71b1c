"""IMF: forecasts told from history, slots of SDMX-JSON, empty answers, the table of rates."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest

from ingest.jobs import Window
from ingest.sources.imf import SOURCE
from tests.ingest.macro_replies import NOW, PAGE, files, held, problem, recorded, reply, rows

SDMX = "https://api.imf.org/external/sdmx/3.0/data/dataflow/IMF.RES/WEO/+/*.NGDP_RPCH.A"
MAPPER = "https://www.imf.org/external/datamapper/api/v1/NGDP_RPCH"


def outlook(
    latest: object = "2024", published: str | None = "2025-10-14T13:00:00Z"
) -> dict[str, Any]:
    """A small World Economic Outlook: two countries, attributes by index and as literals."""
    names = ("COUNTRY", "INDICATOR", "FREQUENCY")
    values = (["USA", "G001"], ["NGDP_RPCH"], ["A"])
    dimensions = [
        {"id": n, "keyPosition": i, "values": [{"id": v} for v in held_]}
        for i, (n, held_) in enumerate(zip(names, values, strict=True))
    ]
    years = [{"value": str(year)} for year in (2023, 2024, 2025, 2026)]
    attributes = {
        "dataSet": [{"id": "PUBLICATION_DATE", "values": []}],
        "dimensionGroup": [
            {"id": "UNIT", "values": [{"id": "PT"}]},
            {"id": "LATEST_ACTUAL_ANNUAL_DATA", "values": []},
        ],
        "series": [{"id": "SCALE", "values": [{"id": "0"}]}],
        "observation": [{"id": "STATUS", "values": []}],
    }
    series = {
        "0:0:0": {
            "attributes": [0],
            "observations": {
                "0": ["2.9"],
                "1": ["2.8", "A"],
                "2": ["2.0", None],
                "3": [None, "NP"],
            },
        },
        "1:0:0": {"attributes": [0], "observations": {"3": ["3.1", 0], "0": ["3.5", 0]}},
    }
    groups = {":0:": [0, None], "0::": [None, latest], "1::": [None, None]}
    dataset: dict[str, Any] = {"series": series, "dimensionGroupAttributes": groups}
    if published:
        dataset["attributes"] = [published]
    link = {"urn": "urn:sdmx:org.sdmx.infomodel.datastructure.Dataflow=IMF.RES:WEO(9.0.0)"}
    structure = {
        "links": [link],
        "dimensions": {
            "series": dimensions,
            "observation": [{"id": "TIME_PERIOD", "values": years}],
        },
        "attributes": attributes,
    }
    return {"meta": {}, "data": {"dataSets": [dataset], "structures": [structure]}}


def found(body: object, url: str = SDMX) -> dict[tuple[str, int], dict[str, Any]]:
    """Rows by series and year."""
    return {(r["series_id"], r["period"].year): r for r in rows(SOURCE, reply(body, url), "macro")}


def test_years_after_the_latest_actual_one_are_forecasts() -> None:
    read = found(outlook())
    assert {
        year: row["is_forecast"]
        for (_, year), row in read.items()
        if row["series_id"] == "imf:NGDP_RPCH:USA"
    } == {2023: False, 2024: False, 2025: True}
    assert read["imf:NGDP_RPCH:USA", 2025]["value"] == 2.0
    # The group states no latest year: forecasts start in the year of publication.
    assert read["imf:NGDP_RPCH:G001", 2026]["is_forecast"]
    assert not read["imf:NGDP_RPCH:G001", 2023]["is_forecast"]
    assert ("imf:NGDP_RPCH:USA", 2026) not in read


def test_a_fiscal_year_is_the_year_in_which_it_begins() -> None:
    read = found(outlook(latest="FY2023/24"))
    assert read["imf:NGDP_RPCH:USA", 2024]["is_forecast"]
    assert not read["imf:NGDP_RPCH:USA", 2023]["is_forecast"]


def test_a_stated_publication_dates_the_vintage_and_without_it_we_do() -> None:
    row = found(outlook())["imf:NGDP_RPCH:USA", 2025]
    assert (row["known_at"], row["vintage_grade"]) == (
        datetime(2025, 10, 14, 13, tzinfo=UTC),
        "native",
    )
    row = found(outlook(published=None))["imf:NGDP_RPCH:USA", 2025]
    assert (row["known_at"], row["vintage_grade"]) == (NOW, "snapshot")


def test_groups_of_countries_have_no_country_of_their_own() -> None:
    series = held(SOURCE.parse(reply(outlook(), SDMX)))["series"].to_dicts()
    assert {row["series_id"]: row["country"] for row in series} == {
        "imf:NGDP_RPCH:USA": "USA",
        "imf:NGDP_RPCH:G001": None,
    }
    assert {row["unit"] for row in series} == {"percent per year"}


def test_the_datamapper_is_read_and_its_future_marked() -> None:
    body = {
        "values": {"NGDP_RPCH": {"USA": {"2024": 2.8, "2026": 2, "2031": 1.8}, "": None}},
        "api": {"version": "1", "output-method": "json"},
    }
    read = found(body, MAPPER)
    assert [(year, row["value"], row["is_forecast"]) for (_, year), row in read.items()] == [
        (2024, 2.8, False),
        (2026, 2.0, True),
        (2031, 1.8, True),
    ]


def test_sdmx_csv_is_read_by_its_headers() -> None:
    text = (
        "STRUCTURE[;],STRUCTURE_ID,ACTION,COUNTRY,INDICATOR,FREQUENCY,TIME_PERIOD,OBS_VALUE,TOPIC[]\n"
        'dataflow,IMF.RES:WEO(9.0.0),I,USA,NGDP_RPCH,A,2023,2.9,"a,b"\n'
        "dataflow,IMF.RES:WEO(9.0.0),I,USA,NGDP_RPCH,A,2024,NA,\n"
    )
    assert list(found(text)) == [("imf:NGDP_RPCH:USA", 2023)]


def test_rates_are_quoted_as_their_footnotes_say() -> None:
    text = (
        "Representative Exchange Rates for Selected Currencies for March 2026\n"
        "Currency\tMarch 02, 2026\tMarch 03, 2026\n"
        "Euro(1)\t1.169800\tNA\nKorean won\t1,496.000000\t1,491.600000\n"
        "U.S. dollar\t1.000000\t1.000000\nMoon crater\t5.0\t5.0\n\n"
        "Representative Exchange Rates for Selected Currencies for March 2026 Continued\n\n"
        "Currency\tMarch 04, 2026\nEuro(1)\t1.1649\n"
    )
    parsed = SOURCE.parse(reply(text, "https://www.imf.org/external/np/fin/data/rms_mth.aspx?x=1"))
    read = held(parsed)["prices"].to_dicts()
    assert [(r["symbol"], r["date"].day, r["close"], r["currency"]) for r in read] == [
        ("imf:EURUSD", 2, 1.1698, "USD"),
        ("imf:EURUSD", 4, 1.1649, "USD"),
        ("imf:USDKRW", 2, 1496.0, "KRW"),
        ("imf:USDKRW", 3, 1491.6, "KRW"),
    ]
    assert "Moon crater" in parsed.note


RATES = "https://www.imf.org/external/np/fin/data/rms_mth.aspx?reportType=REP"
TITLE = "Representative Exchange Rates for Selected Currencies for May 2017"


def rates(title: str, *, dollar: str = "1.000000", euro: str = "Euro(1)") -> str:
    """A table of two days under this title."""
    return (
        f"{title}\r\nCurrency\tMay 01, 2017\tMay 02, 2017\r\n"
        f"{euro}\t1.0906\t1.0914\r\nJapanese yen\t111.8\t112.2\r\nU.S. dollar\t{dollar}\tNA\r\n"
    )


@pytest.mark.parametrize(
    "title",
    [
        "SDRs per Currency unit for May 2017",
        "Currency units per SDR for May 2017",
        "Currency units per SDR(3)",
        "SDRs per Currency unit and Currency units per SDR (1)\r\nlast five days",
        "Taux de change représentatifs de certaines monnaies pour mai 2017",
        f"{TITLE} in SDR",
        f"{TITLE}\r\nSDRs per Currency unit",
        "",
    ],
)
def test_only_the_title_of_dollar_rates_is_read_as_dollars(title: str) -> None:
    error = problem(SOURCE, reply(rates(title), RATES))
    assert error.problem == "upstream"
    assert "nothing of it is stored" in str(error)
    # A file read without the address of its request is judged by the same title.
    assert "nothing of it is stored" in str(problem(SOURCE, reply(rates(title))))


def test_a_title_that_is_known_is_found_wherever_it_stands_above_its_table() -> None:
    for text in (rates(TITLE), "\ufeff\n\n" + rates(TITLE.upper() + " (4)\r\n\r\n")):
        found = rows(SOURCE, reply(text, RATES), "prices")
        assert [(r["symbol"], r["close"]) for r in found] == [
            ("imf:EURUSD", 1.0906),
            ("imf:EURUSD", 1.0914),
            ("imf:USDJPY", 111.8),
            ("imf:USDJPY", 112.2),
        ]


def test_a_second_block_needs_a_title_of_its_own() -> None:
    for second in (rates("SDRs per Currency unit for May 2017"), rates("")):
        error = problem(SOURCE, reply(rates(TITLE) + "\r\n" + second, RATES))
        assert "nothing of it is stored" in str(error)


def test_a_table_in_which_a_dollar_is_not_one_is_refused() -> None:
    error = problem(SOURCE, reply(rates(TITLE, dollar="0.729"), RATES))
    assert "quotes the US dollar at 0.729" in str(error)


def test_a_mark_that_is_not_known_leaves_its_currency_out() -> None:
    parsed = SOURCE.parse(reply(rates(TITLE, euro="Euro(2)"), RATES))
    assert "Euro(2)" in parsed.note
    assert {row["symbol"] for row in held(parsed)["prices"].to_dicts()} == {"imf:USDJPY"}


@pytest.mark.parametrize(
    ("body", "status", "expected"),
    [
        (b"", 204, "empty"),
        ({"api": {"version": "1"}}, 200, "empty"),
        ({"values": {"NGDP_RPCH": {"USA": {"2024": None}}}}, 200, "empty"),
        ({"meta": {}, "data": {"dataSets": []}}, 200, "upstream"),
        ({"hello": []}, 200, "upstream"),
        ({"message": "boom"}, 500, "upstream"),
        (b"<HTML><HEAD>\n<TITLE>Access Denied</TITLE>\n</HEAD></HTML>", 403, "blocked"),
        (b"<HTML><HEAD>\n<TITLE>Access Denied</TITLE>\n</HEAD></HTML>", 200, "blocked"),
        (PAGE, 503, "upstream"),
        ("Request entity too large", 413, "client"),
        ('<?xml version="1.0"?><!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>', 200, "upstream"),
    ],
)
def test_refusals_have_their_class(body: object, status: int, expected: str) -> None:
    assert problem(SOURCE, reply(body, SDMX, status)).problem == expected


def test_a_wrong_order_of_the_key_is_an_empty_answer() -> None:
    body = outlook()
    body["data"]["dataSets"][0]["series"] = {}
    error = problem(SOURCE, reply(body, SDMX))
    assert error.problem == "empty"
    assert "order" in str(error)


def test_the_plan_puts_country_first() -> None:
    calls = SOURCE.plan(Window(("NGDP_RPCH",), NOW, job="imf_outlook", since=date(2020, 1, 1)))
    assert calls[0].url.endswith("/WEO/+/*.NGDP_RPCH.A")
    assert calls[0].params["c[TIME_PERIOD]"] == "ge:2020"
    (call,) = SOURCE.plan(Window((), NOW, job="imf_rates"))
    assert call.params["SelectDate"] == "2026-11-21"


@pytest.mark.needs("shared")
def test_recorded_answers_read_as_in_their_files(shared: Path) -> None:
    (row,) = rows(SOURCE, recorded(shared, "imf/sdmx_WEO_data.structure_specific.xml"), "macro")
    assert (row["series_id"], row["period"], row["value"]) == (
        "imf:NGDP_R:SVK",
        date(2018, 1, 1),
        94669000000.0,
    )
    # In words that keep it out of rankings of countries: the file says XDC, domestic currency.
    assert (row["is_forecast"], row["unit"]) == (False, "national currency")
    read = rows(SOURCE, recorded(shared, "imf/sdmx30_WHDREO_GX1213.BCA_GDP_BP6.A.json"), "macro")
    assert (read[0]["period"], read[0]["value"]) == (date(1976, 1, 1), -7.436)
    assert read[-1]["is_forecast"]
    assert read[-1]["period"] == date(2030, 1, 1)
    (zinc,) = rows(SOURCE, recorded(shared, "imf/sdmx_PCPS.xml"), "macro")
    assert (zinc["value"], zinc["period"]) == (2705.345, date(2021, 1, 1))
    rates = rows(SOURCE, recorded(shared, "imf/rms_mth_representative_rates_2026-03.tsv"), "prices")
    yuan = [r for r in rates if r["symbol"] == "imf:USDCNY"]
    assert (yuan[0]["close"], yuan[0]["date"]) == (6.8829, date(2026, 3, 2))
    won = next(r for r in rates if r["symbol"] == "imf:USDKRW" and r["date"].day == 17)
    assert won["close"] == 1496.0
    flows = rows(SOURCE, recorded(shared, "imf/sdmx30_dataflow_PCPS.json"), "read:dataflows")
    assert flows[0]["version"] == "9.0.0"


@pytest.mark.needs("shared")
def test_every_recorded_answer_is_rows_or_the_class_that_its_name_says(shared: Path) -> None:
    classes = {
        "403": "blocked",
        "unknown": "empty",
        "all_null": "empty",
        "no_series": "empty",
        "SOO_all": "empty",
    }
    for name in files(shared, "imf"):
        expected = next((kind for word, kind in classes.items() if word in name), None)
        if expected:
            assert problem(SOURCE, recorded(shared, name)).problem == expected, name
        else:
            assert all(f.height for f in held(SOURCE.parse(recorded(shared, name))).values()), name


@pytest.mark.needs("shared")
def test_the_recorded_table_is_refused_under_any_other_title(shared: Path) -> None:
    whole = recorded(shared, "imf/rms_mth_representative_rates_2026-03.tsv")
    found = rows(SOURCE, whole, "prices")
    assert len(found) == 712
    read = {(r["symbol"], r["date"]): r["close"] for r in found}
    assert read["imf:EURUSD", date(2026, 3, 2)] == 1.1698
    assert read["imf:USDKRW", date(2026, 3, 31)] == 1513.4
    assert read["imf:USDCHF", date(2026, 3, 30)] == 0.7994
    known = b"Representative Exchange Rates for Selected Currencies"
    assert whole.body.count(known) == 2
    for title in (b"SDRs per Currency unit", b"Currency units per SDR", b"Cours", b""):
        for count in (1, 2):
            body = whole.body.replace(known, title, count)
            error = problem(SOURCE, replace(whole, body=body))
            assert (error.problem, "nothing of it is stored" in str(error)) == ("upstream", True)


@pytest.mark.needs("shared")
def test_dollars_are_no_unit_of_a_commodity(shared: Path) -> None:
    for name in ("sdmx_PCPS.xml", "extract_sdmx21_csv_PCPS_PLITH.csv"):
        (row, *_) = rows(SOURCE, recorded(shared, f"imf/{name}"), "macro")
        assert row["unit"] == "unstated"
