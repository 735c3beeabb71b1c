"""UN Comtrade: flows of goods, codes of its own, replies that were cut or are silently empty."""

from __future__ import annotations

import json
from datetime import date, timedelta
from pathlib import Path
from random import Random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.jobs import ReplyError
from ingest.sources._comtrade_areas import areas, code_of
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
from tests.ingest.sources.comtrade_pages import PREVIEW, answer, flow

FLOW_CODES = ("X", "M", "RX", "RM", "DX", "FM", "MIP", "XIP")
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
        flow(partner2Code=40, primaryValue=1.0),
    ]
    parsed = SOURCE.parse(reply(answer(*parts, flow())))
    assert parsed.note == (
        "1 row left out: parts of totals by mode of transport; "
        "1 row left out: parts of totals by customs procedure; "
        "2 rows left out: parts of totals by second partner"
    )
    assert [row["value_usd"] for row in stored(*parts, flow())] == [10.5]


def stored(*data: dict[str, Any]) -> list[dict[str, Any]]:
    """The rows of `trade` that come of rows of a page."""
    return rows(SOURCE, reply(answer(*data)))["trade"]


def note(*data: dict[str, Any]) -> str:
    """What is said of them."""
    return SOURCE.parse(reply(answer(*data))).note


def test_re_exports_are_flows_of_their_own_and_other_flows_are_left_out() -> None:
    data = [flow(flowCode=code, primaryValue=value) for value, code in enumerate(FLOW_CODES, 1)]
    assert {row["flow"]: row["value_usd"] for row in stored(*data)} == {
        "export": 1.0,
        "import": 2.0,
        "re-export": 3.0,
        "re-import": 4.0,
    }
    assert note(*data) == (
        "4 rows left out: other flows, e.g. domestic exports or goods for processing"
    )


def test_negative_values_are_left_out_and_zeros_are_said() -> None:
    data = [flow(), flow(partnerCode=36, primaryValue=-5.0), flow(partnerCode=40, primaryValue=0)]
    assert {row["partner"]: row["value_usd"] for row in stored(*data)} == {"CHN": 10.5, "AUT": 0.0}
    assert "1 row left out: with a value below zero" in note(*data)
    assert "1 row stored: with a value of zero" in note(*data)


def test_confidential_goods_and_other_units_are_named() -> None:
    data = [
        flow(cmdCode="9999AA", qtyUnitCode=5, qty=12, netWgt=None),
        flow(cmdCode="8703", qtyUnitCode=8, qty=12, netWgt=12.0),
        flow(cmdCode="99", netWgt=-3),
    ]
    found = {row["product"]: row["net_weight_kg"] for row in stored(*data)}
    assert found == {"9999AA": None, "8703": 12.0, "99": None}
    assert "2 rows stored: of goods confidential or not specified" in note(*data)
    assert "1 row stored: with a quantity in another unit than kg" in note(*data)


def test_a_code_that_ended_gives_way_to_the_one_that_holds() -> None:
    data = [
        flow(partnerCode=280, primaryValue=90.0),
        flow(partnerCode=276, primaryValue=80.0),
        flow(partnerCode=278, primaryValue=7.0),
    ]
    found = {row["partner"]: row["value_usd"] for row in stored(*data)}
    assert found == {"DEU": 80.0, "DDR": 7.0}
    assert "1 row left out: of a flow that is there twice" in note(*data)
    assert "1 row stored: with the code of a country that had ended by then" in note(*data)
    then = [row | {"refYear": 1985, "period": "1985"} for row in data if row["partnerCode"] != 276]
    assert {row["partner"]: row["value_usd"] for row in stored(*then)} == {"DEU": 90.0, "DDR": 7.0}
    assert not note(*then)


def test_of_several_lists_of_goods_none_is_added_up() -> None:
    data = [
        flow(classificationCode="H4", primaryValue=11.0),
        flow(classificationCode="H5"),
        flow(classificationCode="S3", primaryValue=12.0, isOriginalClassification=True),
        flow(classificationCode="S1", primaryValue=13.0, isOriginalClassification=False),
        flow(cmdCode="01", classificationCode="H4", primaryValue=1.0),
        flow(cmdCode="02", classificationCode="H5", primaryValue=2.0),
    ]
    found = {row["product"]: (row["value_usd"], row["classification"]) for row in stored(*data)}
    assert found == {"TOTAL": (10.5, "H5"), "01": (1.0, "H4"), "02": (2.0, "H5")}
    said = note(*data)
    assert "1 row left out: the same trade converted into another list of goods" in said
    assert "several lists of goods in one period: H4, H5" in said


def test_what_is_not_over_is_no_year_or_month() -> None:
    this = {"refYear": NOW.year, "period": str(NOW.year)}
    month = {"freqCode": "M", "refYear": NOW.year}
    data = [
        flow(),
        flow(**this),
        flow(**month, period=f"{NOW:%Y%m}"),
        flow(**month, period=f"{NOW - timedelta(days=NOW.day):%Y%m}"),
    ]
    found = rows(SOURCE, reply(answer(*data)))
    assert [row["year"] for row in found["trade"]] == [2022]
    assert [row["period"] for row in found["trade_months"]] == [
        (NOW - timedelta(days=NOW.day)).date().replace(day=1)
    ]
    assert note(*data) == "2 rows left out: of a year or month that is not over"


def test_a_page_without_a_row_to_store_says_why() -> None:
    with pytest.raises(ReplyError, match="1 row left out: reported by a group beside") as raised:
        SOURCE.parse(reply(answer(flow(reporterCode=97))))
    assert raised.value.problem == "empty"


@given(st.randoms(use_true_random=False), st.integers(1, 60))
def test_parts_and_order_of_rows_never_change_what_is_stored(chance: Random, count: int) -> None:
    """Totals of random flows, with random parts beside them and in any order."""
    totals = {
        (chance.choice([36, 40, 156, 276]), chance.choice(FLOW_CODES[:4]), f"{n:02}"): float(n)
        for n in range(1, count + 1)
    }
    whole = [
        flow(partnerCode=partner, flowCode=code, cmdCode=goods, primaryValue=value)
        for (partner, code, goods), value in totals.items()
    ]
    parts = [
        row | chance.choice([{"motCode": 2100}, {"customsCode": "C04"}, {"partner2Code": 36}])
        for row in whole
        for _ in range(chance.randrange(4))
    ]
    mixed = [*whole, *parts]
    chance.shuffle(mixed)
    assert by_key(stored(*mixed)) == by_key(stored(*whole))
    assert sum(row["value_usd"] for row in stored(*mixed)) == sum(totals.values())


def by_key(trade: list[dict[str, Any]]) -> list[tuple[Any, ...]]:
    """Rows in an order of their own."""
    names = ("partner", "flow", "product", "value_usd")
    return sorted(tuple(row[name] for name in names) for row in trade)


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


def test_months_are_rows_of_their_own_and_services_are_not_stored() -> None:
    month = flow(freqCode="M", period="202203", refMonth=3)
    found = rows(SOURCE, reply(answer(month, flow())))
    assert [row["period"] for row in found["trade_months"]] == [date(2022, 3, 1)]
    assert [row["year"] for row in found["trade"]] == [2022]
    assert list(rows(SOURCE, reply(answer(flow(typeCode="S"))))) == ["read:trade"]
    assert "1 row left out: services" in note(flow(), flow(typeCode="S"))
    assert "1 row left out: of no year or month" in note(flow(), month | {"period": "202213"})


def test_an_impossible_value_or_weight_is_left_out_and_the_others_stay() -> None:
    data = (flow(), flow(partnerCode=36, primaryValue=1e29), flow(partnerCode=40, netWgt=1e300))
    assert [row["partner"] for row in rows(SOURCE, reply(answer(*data)))["trade"]] == ["CHN"]
    assert "2 rows left out: with a value or weight that no flow can have" in note(*data)


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
        ({"count": 5, "data": [], "error": ""}, 200, "upstream"),
        (answer(flow()) | {"count": 2}, 200, "upstream"),
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
