"""ECB: reference rates as prices, series as observations, holidays, history, silent answers."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from ingest.jobs import Window
from ingest.lists import listed
from ingest.sources.ecb import SOURCE
from tests.ingest.macro_replies import NOW, PAGE, files, held, problem, recorded, reply, rows

BASE = "https://data-api.ecb.europa.eu/service/data/"
RATES = BASE + "EXR/D..EUR.SP00.A?format=csvdata"
HEADER = (
    "KEY,FREQ,CURRENCY,CURRENCY_DENOM,EXR_TYPE,EXR_SUFFIX,TIME_PERIOD,OBS_VALUE,"
    "OBS_STATUS,TITLE_COMPL,UNIT,UNIT_MULT\n"
)
LINE = (
    'EXR.D.{0}.EUR.SP00.A,D,{0},EUR,SP00,A,{1},{2},{3},"ECB reference rate, {0}/Euro, '
    '2.15 pm",{0},0\n'
)


def test_a_fixing_is_a_price_known_at_four_in_frankfurt() -> None:
    text = (
        HEADER
        + LINE.format("USD", "2026-01-15", "1.1615", "A")
        + LINE.format("USD", "2026-07-15", "1.2", "A")
    )
    winter, summer = rows(SOURCE, reply(text, RATES), "prices")
    assert (winter["symbol"], winter["close"], winter["currency"]) == ("ecb:EURUSD", 1.1615, "USD")
    assert winter["known_at"] == datetime(2026, 1, 15, 15, tzinfo=UTC)
    assert summer["known_at"] == datetime(2026, 7, 15, 14, tzinfo=UTC)
    assert (winter["open"], winter["asset_class"], winter["vintage_grade"]) == (
        None,
        "fx",
        "lagged",
    )


def test_holidays_have_no_rate() -> None:
    lines = [LINE.format("USD", "2026-04-03", value, "H") for value in ("", "NaN")]
    answer = reply(HEADER + lines[0] + LINE.format("JPY", "2026-04-02", "180.1", "A"), RATES)
    assert [row["symbol"] for row in rows(SOURCE, answer, "prices")] == ["ecb:EURJPY"]
    assert problem(SOURCE, reply(HEADER + lines[1], RATES)).problem == "empty"


def test_a_currency_that_ended_stays_where_it_was() -> None:
    text = (
        HEADER
        + LINE.format("HRK", "2022-12-30", "7.5365", "A")
        + LINE.format("RUB", "2022-03-01", "117.2010", "A")
    )
    assert {row["symbol"] for row in rows(SOURCE, reply(text, RATES), "prices")} == {
        "ecb:EURHRK",
        "ecb:EURRUB",
    }


def test_a_shortened_answer_takes_the_rest_from_its_request() -> None:
    text = "FREQ,CURRENCY,TIME_PERIOD,OBS_VALUE\nD,GBP,2026-02-17,0.87\n"
    (row,) = rows(SOURCE, reply(text, BASE + "EXR/D.GBP.EUR.SP00.A"), "prices")
    assert row["symbol"] == "ecb:EURGBP"
    text = "KEY,TIME_PERIOD,OBS_VALUE\nFM.B.U2.EUR.4F.KR.DFR.LEV,2024-06-12,3.75\n"
    url = BASE + "FM/B.U2.EUR.4F.KR.DFR.LEV?detail=dataonly"
    (row,) = rows(SOURCE, reply(text, url), "macro")
    assert (row["series_id"], row["unit"]) == ("ecb:FM.B.U2.EUR.4F.KR.DFR.LEV", "percent per year")


def test_months_of_exchange_rates_are_a_series() -> None:
    text = HEADER + LINE.format("USD", "2026-01", "1.17", "A").replace("EXR.D", "EXR.M")
    found = held(SOURCE.parse(reply(text, BASE + "EXR/M.USD.EUR.SP00.A")))
    (row,) = found["macro"].to_dicts()
    assert (row["series_id"], row["unit"]) == ("ecb:EXR.M.USD.EUR.SP00.A", "USD per EUR")
    assert row["period"] == date(2026, 1, 1)
    assert found["series"]["frequency"].to_list() == ["monthly"]


def test_history_gives_vintages() -> None:
    text = (
        "KEY,FREQ,REF_AREA,TIME_PERIOD,OBS_VALUE,UNIT,ACTION,VALID_FROM,VALID_TO\n"
        "ICP.M.X,M,U2,2023-01,8.5,PCCH,R,2023-02-01T10:00:00Z,2023-02-23T09:59:59Z\n"
        "ICP.M.X,M,U2,2023-01,8.6,PCCH,R,2023-02-23T10:00:00Z,\n"
        "ICP.M.X,M,U2,2023-02,8.1,PCCH,D,2023-03-01T10:00:00Z,\n"
    )
    found = rows(SOURCE, reply(text, BASE + "ICP/M.X?includeHistory=true"), "macro")
    assert [(row["value"], row["known_at"], row["vintage_grade"]) for row in found] == [
        (8.5, datetime(2023, 2, 1, 10, tzinfo=UTC), "native"),
        (8.6, datetime(2023, 2, 23, 10, tzinfo=UTC), "native"),
        (None, datetime(2023, 3, 1, 10, tzinfo=UTC), "native"),
    ]


@pytest.mark.parametrize("day", ["2019-11-29", "29 November 2019"])
def test_the_simple_csv_has_a_column_per_currency(day: str) -> None:
    text = f"Date, USD, JPY, CYP, \n{day}, 1.0982, 120.43, N/A, \n"
    found = rows(SOURCE, reply(text, "https://www.ecb.europa.eu/stats/eurofxref/x.csv"), "prices")
    assert [(r["symbol"], r["close"], r["date"]) for r in found] == [
        ("ecb:EURJPY", 120.43, date(2019, 11, 29)),
        ("ecb:EURUSD", 1.0982, date(2019, 11, 29)),
    ]


@pytest.mark.parametrize("quote", ["'", '"'])
def test_cubes_are_read_with_either_quote(quote: str) -> None:
    text = (
        "<gesmes:Envelope xmlns:gesmes='http://www.gesmes.org/xml/2002-08-01' "
        "xmlns='http://www.ecb.int/vocabulary/2002-08-01/eurofxref'><Cube><Cube "
        "time='2015-01-07'><Cube currency='USD' rate='1.1831'/><Cube currency='ISK' "
        "rate='N/A'/></Cube></Cube></gesmes:Envelope>"
    )
    (row,) = rows(SOURCE, reply(text.replace("'", quote), BASE), "prices")
    assert (row["symbol"], row["date"], row["close"]) == ("ecb:EURUSD", date(2015, 1, 7), 1.1831)


@pytest.mark.parametrize(
    ("body", "status", "expected"),
    [
        ("No results found.", 404, "empty"),
        ("Invalid key", 400, "client"),
        ("Not acceptable", 406, "client"),
        (b"", 304, "empty"),
        (PAGE, 500, "upstream"),
        (PAGE, 200, "upstream"),
        ("a,b,c\n1,2,3\n", 200, "upstream"),
        (HEADER, 200, "empty"),
        ("KEY,TIME_PERIOD,OBS_VALUE\nX.Y,Spring,1\n", 200, "upstream"),
    ],
)
def test_refusals_have_their_class(body: object, status: int, expected: str) -> None:
    assert problem(SOURCE, reply(body, RATES, status)).problem == expected


def test_the_plan_asks_csv_by_flow_and_key() -> None:
    call = SOURCE.plan(Window(("EXR.D..EUR.SP00.A",), NOW, since=date(2026, 11, 1)))[0]
    assert call.url == BASE + "EXR/D..EUR.SP00.A"
    assert call.params == {"format": "csvdata", "startPeriod": "2026-11-01"}


def test_the_plan_asks_every_key_of_the_list_once() -> None:
    """Tenors of one curve come in one answer, and no part of a key is left open."""
    asked = [call.url.removeprefix(BASE).replace("/", ".") for call in SOURCE.plan(Window((), NOW))]
    keys = []
    for text in asked:
        head, _, last = text.rpartition(".")
        keys += [f"{head}.{part}" for part in last.split("+")]
    assert sorted(keys) == sorted(listed("ecb", "key"))
    assert len([text for text in asked if text.startswith("YC.")]) == 1


def test_the_tenors_of_a_curve_are_read_from_one_answer() -> None:
    stem = "YC.B.U2.EUR.4F.G_N_A.SV_C_YM"
    text = (
        "KEY,FREQ,REF_AREA,CURRENCY,PROVIDER_FM,INSTRUMENT_FM,PROVIDER_FM_ID,DATA_TYPE_FM,"
        "TIME_PERIOD,OBS_VALUE\n"
        f"{stem}.SR_3M,B,U2,EUR,4F,G_N_A,SV_C_YM,SR_3M,2026-05-19,2.05\n"
        f"{stem}.SR_10Y,B,U2,EUR,4F,G_N_A,SV_C_YM,SR_10Y,2026-05-19,\n"
        f"{stem}.SR_10Y,B,U2,EUR,4F,G_N_A,SV_C_YM,SR_10Y,2026-05-20,3.1913866523\n"
    )
    (call,) = SOURCE.plan(Window((f"{stem}.SR_3M", f"{stem}.SR_10Y"), NOW))
    assert call.url == f"{BASE}YC/B.U2.EUR.4F.G_N_A.SV_C_YM.SR_3M+SR_10Y"
    assert call.params == {"format": "csvdata", "detail": "dataonly"}
    found = held(SOURCE.parse(reply(text, f"{call.url}?detail=dataonly")))
    assert found["macro"].select("series_id", "period", "value").sort("period").rows() == [
        (f"ecb:{stem}.SR_3M", date(2026, 5, 19), 2.05),
        (f"ecb:{stem}.SR_10Y", date(2026, 5, 20), 3.1913866523),
    ]
    described = found["series"].select("indicator", "unit", "frequency").sort("indicator").rows()
    assert described == [
        ("yield_10y", "percent per year", "daily"),
        ("yield_3m", "percent per year", "daily"),
    ]


@pytest.mark.needs("shared")
def test_recorded_answers_read_as_in_their_files(shared: Path) -> None:
    def close(name: str, symbol: str, day: date) -> float:
        found = rows(SOURCE, recorded(shared, f"ecb/{name}"), "prices")
        return next(r["close"] for r in found if (r["symbol"], r["date"]) == (symbol, day))

    assert close("csvdata_EXR_D..EUR.SP00.A_2026-02.csv", "ecb:EURAUD", date(2026, 2, 17)) == 1.6776
    assert (
        close("csvdata_EXR_D.USD.EUR.SP00.A_2026-09.csv", "ecb:EURUSD", date(2026, 9, 3)) == 1.1615
    )
    assert close("eurofxref-daily.xml", "ecb:EURIDR", date(2015, 1, 7)) == 15041.65
    assert close("eurofxref-hist-90d.xml", "ecb:EURUSD", date(2019, 11, 29)) == 1.0982
    assert close("eurofxref-hist-partial.xml", "ecb:EURISK", date(2021, 1, 8)) == 155.5
    assert close("example_sdmxjson_EXR_sample_flat.json", "ecb:EURRUB", date(2013, 1, 21)) == 40.3
    assert problem(SOURCE, recorded(shared, "ecb/eurofxref-hist-empty.xml")).problem == "empty"
    months = rows(SOURCE, recorded(shared, "ecb/sdmx_EXR_M.USD.EUR.SP00.A.xml"), "macro")
    assert (months[0]["period"], months[0]["value"]) == (date(1999, 1, 1), 1.16078)
    key_rates = rows(SOURCE, recorded(shared, "ecb/sdmx_FM_key_rates.xml"), "macro")
    deposit = [r for r in key_rates if r["series_id"] == "ecb:FM.D.U2.EUR.4F.KR.DFR.LEV"]
    assert (deposit[0]["value"], deposit[0]["unit"]) == (4, "percent per year")
    assert deposit[0]["period"] == date(2024, 2, 2)
    curve = rows(SOURCE, recorded(shared, "ecb/extract_csvdata_YC_SR_10Y.csv"), "macro")
    assert (curve[0]["period"], curve[0]["value"]) == (date(2026, 5, 19), 3.2197250915)
    assert curve[0]["unit"] == "percent per year"
    assert len(files(shared, "ecb")) == 10
