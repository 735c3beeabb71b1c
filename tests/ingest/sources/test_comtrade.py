"""UN Comtrade: flows of goods, codes of its own, replies that were cut or are silently empty."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given

from ingest.jobs import ReplyError, Window
from ingest.sources._comtrade_rows import areas, code_of
from ingest.sources.comtrade import SOURCE
from tests.ingest.market import (
    HTML,
    NOW,
    SHAPES,
    mangled,
    names,
    problem,
    recorded,
    reply,
    rows,
    survives,
)

PREVIEW = "https://comtradeapi.un.org/public/v1/preview/C/A/HS?period=2022&reporterCode=842"


def flow(**more: Any) -> dict[str, Any]:
    """One annual row as the API writes it without descriptions."""
    return {
        "typeCode": "C",
        "freqCode": "A",
        "refPeriodId": 20220101,
        "refYear": 2022,
        "refMonth": 52,
        "period": "2022",
        "reporterCode": 842,
        "reporterISO": None,
        "flowCode": "M",
        "partnerCode": 156,
        "partnerISO": None,
        "partner2Code": 0,
        "classificationCode": "H6",
        "cmdCode": "TOTAL",
        "customsCode": "C00",
        "motCode": 0,
        "qtyUnitCode": -1,
        "qty": 0,
        "netWgt": 0,
        "cifvalue": 10.5,
        "fobvalue": None,
        "primaryValue": 10.5,
    } | more


def answer(*data: dict[str, Any]) -> dict[str, Any]:
    """The envelope of a page."""
    return {"elapsedTime": "0.1 secs", "count": len(data), "data": list(data), "error": ""}


BREAKDOWN = "documented_preview_C_A_HS_with_breakdown_rows.json"


@pytest.mark.needs("shared")
def test_recorded_flows_read_as_in_the_file(shared: Path) -> None:
    trade = rows(SOURCE, recorded(shared, "comtrade/data_v1_get_C_A_HS_CHN_2010.json"))["trade"]
    assert len(trade) == 4
    found = {(row["partner"], row["flow"]): row for row in trade}
    row = found["ARG", "import"]
    assert (row["reporter"], row["year"], row["product"]) == ("CHN", 2010, "TOTAL")
    assert (row["value_usd"], row["valuation"]) == (6804128143.0, "CIF")
    assert (row["net_weight_kg"], row["classification"]) == (None, "H3")
    assert found["DEU", "export"]["value_usd"] == 68047133397.0
    assert found["DEU", "export"]["valuation"] == "FOB"


@pytest.mark.needs("shared")
def test_recorded_lists_and_errors(shared: Path) -> None:
    listing = rows(SOURCE, recorded(shared, "comtrade/bulk_v1_get_C_A_HS_ARG_1962.json"))
    assert listing["read:publications"][0]["publicationDate"] == "2003-04-29T11:24:10Z"
    products = rows(SOURCE, recorded(shared, "comtrade/reference_HS.json"))["read:reference"]
    assert (products[1]["id"], products[1]["text"]) == ("01", "01 - Animals; live")
    classes = {
        "bulk_v1_get_C_A_HS_none.json": "empty",
        "quoted_data_v1_get_bad_params_200_empty.json": "empty",
        "quoted_error_401_invalid_key.json": "auth",
        "quoted_error_429_rate_limit.json": "quota",
    }
    for name, expected in classes.items():
        saved = recorded(shared, f"comtrade/{name}")
        assert problem(SOURCE, saved) == expected
        assert problem(SOURCE, reply(saved.body)) == expected, "also when the status is not known"
    # Of a flow and its parts by transport, procedure and second partner, the whole is kept.
    parts = rows(SOURCE, recorded(shared, f"comtrade/{BREAKDOWN}"))["trade"]
    assert [(row["partner"], row["value_usd"]) for row in parts] == [
        ("ARE", 22_813_803),
        ("DEU", 19_154_002),
        ("POL", 10_186_617),
        ("WLD", 120_000_000),
    ]
    whole = rows(SOURCE, recorded(shared, "comtrade/data_v1_get_C_A_HS_all_47_columns.json"))
    first = whole["trade"][0]
    assert (first["flow"], first["valuation"], first["value_usd"]) == ("export", "FOB", 6115764185)
    assert len(names(shared, "comtrade")) == 14


@pytest.mark.needs("shared")
def test_codes_agree_with_the_recorded_list_of_reporters(shared: Path) -> None:
    saved = recorded(shared, "comtrade/reference_Reporters.json")
    for row in rows(SOURCE, saved)["read:reference"]:
        stated, ours = row["reporterCodeIsoAlpha3"], areas().get(int(row["reporterCode"]))
        if row["isGroup"] == "False" and stated.isalpha():
            assert ours == stated, row["text"]


@pytest.mark.parametrize(
    ("code", "iso3"),
    [
        (842, "USA"),
        (251, "FRA"),
        (699, "IND"),
        (579, "NOR"),
        (757, "CHE"),
        (490, "TWN"),
        (0, "WLD"),
    ],
)
def test_codes_of_its_own(code: int, iso3: str) -> None:
    partner = code if code != 842 else 156
    trade = rows(SOURCE, reply(answer(flow(reporterCode=842, partnerCode=partner))))["trade"][0]
    assert trade["reporter"] == "USA"
    assert trade["partner"] == ("CHN" if code == 842 else iso3)
    assert code_of(iso3) == str(code)


def test_the_world_in_letters_is_the_total() -> None:
    row = flow(partnerCode=0, partnerISO="W00", partner2Code=0, partner2ISO="W00")
    assert rows(SOURCE, reply(answer(row)))["trade"][0]["partner"] == "WLD"


def test_parts_of_totals_are_left_out() -> None:
    parts = [
        flow(motCode=2100, primaryValue=4.0),
        flow(customsCode="C04", primaryValue=3.0),
        flow(partner2Code=36, primaryValue=2.0),
        flow(flowCode="RM", primaryValue=1.0),
    ]
    parsed = SOURCE.parse(reply(answer(*parts, flow())))
    assert parsed.rows == 1
    assert "4 rows" in parsed.note
    assert rows(SOURCE, reply(answer(*parts, flow())))["trade"][0]["value_usd"] == 10.5


def test_a_group_is_no_country_and_the_nameless_keep_their_trade() -> None:
    data = [
        flow(),
        flow(reporterCode=97, reporterISO="EUR"),
        flow(partnerCode=899, partnerISO="_X "),
    ]
    trade = rows(SOURCE, reply(answer(*data)))["trade"]
    assert [(row["reporter"], row["partner"]) for row in trade] == [("USA", "CHN"), ("USA", "XNS")]


def test_missing_is_not_zero() -> None:
    data = [
        flow(),
        flow(partnerCode=36, primaryValue=None, cifvalue=None, netWgt=None),
        flow(partnerCode=40, primaryValue=0, cifvalue=0, netWgt=0),
    ]
    trade = {row["partner"]: row for row in rows(SOURCE, reply(answer(*data)))["trade"]}
    assert set(trade) == {"CHN", "AUT"}
    assert trade["CHN"]["net_weight_kg"] is None  # a zero with unit -1 beside a value
    assert (trade["AUT"]["value_usd"], trade["AUT"]["net_weight_kg"]) == (0, 0)


def test_valuation_is_read_off_the_value() -> None:
    data = [
        flow(fobvalue=0),
        flow(partnerCode=36, cifvalue=9.0, fobvalue=10.5),
        flow(partnerCode=40, cifvalue=None),
    ]
    trade = {
        row["partner"]: row["valuation"] for row in rows(SOURCE, reply(answer(*data)))["trade"]
    }
    assert trade == {"CHN": "CIF", "AUS": "FOB", "AUT": None}


def test_months_and_services_are_read_and_not_stored() -> None:
    month = flow(freqCode="M", period="202201", refMonth=1)
    assert list(rows(SOURCE, reply(answer(month)))) == ["read:trade"]
    assert list(rows(SOURCE, reply(answer(flow(typeCode="S"))))) == ["read:trade"]


def test_a_cut_reply_is_followed_by_halves() -> None:
    full = answer(*(flow(cmdCode=f"{n:04}") for n in range(500)))
    first = SOURCE.parse(reply(full, f"{PREVIEW}&flowCode=M,X&cmdCode=AG2"))
    assert [call.params["cmdCode"].count(",") for call in first.follow] == [47, 48]
    assert "cut at 500" in first.note
    flows = SOURCE.parse(reply(full, f"{PREVIEW}&cmdCode=TOTAL")).follow
    assert [call.params["flowCode"] for call in flows] == ["M", "X"]
    assert flows[0].params["reporterCode"] == "842"
    one = SOURCE.parse(reply(full, f"{PREVIEW}&cmdCode=TOTAL&flowCode=M"))
    partners = [call.params["partnerCode"].split(",") for call in one.follow]
    assert len(partners) == 2 and not set(partners[0]) & set(partners[1])
    assert not SOURCE.parse(
        reply(answer(*(flow(cmdCode=f"{n}") for n in range(499))), PREVIEW)
    ).follow
    single = SOURCE.parse(reply(full, f"{PREVIEW}&cmdCode=01&flowCode=M&partnerCode=156"))
    assert not single.follow and "cannot be made smaller" in single.note


def _day(day: int) -> Window:
    """A day of the daily job, which names no reporter."""
    return Window((), datetime(2026, 12, day, 4, tzinfo=UTC), job="trade_new")


def test_the_plan_pins_what_would_double_and_always_names_a_year() -> None:
    calls = SOURCE.plan(Window(("USA", "FRA"), NOW))
    assert [(c.params["reporterCode"], c.params["period"]) for c in calls] == [
        ("842", "2024"),
        ("842", "2023"),
        ("251", "2024"),
        ("251", "2023"),
    ]
    for call in calls:
        assert (call.params["motCode"], call.params["customsCode"]) == ("0", "C00")
        assert (call.params["partner2Code"], "preview" in call.url) == ("0", True)
    turns = [
        {call.params["reporterCode"] for call in SOURCE.plan(_day(day))} for day in range(1, 32)
    ]
    assert sum(map(len, turns)) == 30 and "842" in turns[0] and not turns[30]
    window = Window(("USA",), NOW, since=date(2019, 1, 1), until=date(2021, 1, 1), job="trade_full")
    assert [call.params["period"] for call in SOURCE.plan(window)] == ["2019", "2020", "2021"]


@pytest.mark.parametrize(
    ("body", "status", "expected"),
    [
        (
            {"message": "Out of call volume quota. Quota will be replenished.", "statusCode": 403},
            200,
            "quota",
        ),
        ({"statusCode": 400, "message": "Multiple periods are not allowed"}, 400, "client"),
        ({"statusCode": 500, "message": "Internal server error"}, 200, "upstream"),
        ({"elapsedTime": "", "count": 0, "data": [], "error": "Invalid cmdCode"}, 200, "client"),
        (answer(), 200, "empty"),
        ({"count": 0, "data": None, "error": None}, 200, "empty"),
        ({"title": "Validation errors", "status": 400, "errors": {"period": ["x"]}}, 200, "client"),
        (HTML, 502, "upstream"),
        (b"", 200, "upstream"),
        ({"data": [1, 2]}, 200, "upstream"),
        ([], 200, "upstream"),
        (b'{"count":1,"data":[{"typeCode":"C","freq', 200, "upstream"),
    ],
)
def test_what_is_no_data_is_classified(body: object, status: int, expected: str) -> None:
    assert problem(SOURCE, reply(body, PREVIEW, status)) == expected


def test_a_limit_says_how_long() -> None:
    with pytest.raises(ReplyError) as raised:
        SOURCE.parse(
            reply({"statusCode": 429, "message": "Rate limit is exceeded. Try again in 2 seconds."})
        )
    assert raised.value.retry_after_s == 2


@pytest.mark.parametrize("layout", [{"indent": 2}, {"separators": (",", ":")}, {"sort_keys": True}])
def test_layout_and_brackets_in_text_do_not_matter(layout: dict[str, Any]) -> None:
    data = [flow(cmdDesc="Parts [of] },{ things"), flow(partnerCode=36)]
    body = json.dumps(answer(*data), **layout)
    assert [row["partner"] for row in rows(SOURCE, reply(body))["trade"]] == ["AUS", "CHN"]


@given(mangled(json.dumps(answer(flow(), flow(partnerCode=36))).encode()) | SHAPES)
def test_nothing_but_a_classified_error_comes_of_a_mangled_body(body: bytes) -> None:
    survives(SOURCE, reply(body, PREVIEW))
