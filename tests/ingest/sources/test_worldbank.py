"""World Bank: economies and groups, missing years, pages, errors that arrive as success."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.jobs import Window
from ingest.sources.worldbank import SOURCE
from tests.ingest.macro_replies import NOW, PAGE, files, held, problem, recorded, reply, rows

URL = "https://api.worldbank.org/v2/country/all/indicator/NY.GDP.MKTP.CD?format=json"
HEAD = {
    "page": 1,
    "pages": 1,
    "per_page": 50,
    "total": 4,
    "sourceid": "2",
    "lastupdated": "2026-07-01",
}


def row(code: str, iso3: str, year: str, value: object, **more: object) -> dict[str, Any]:
    """One row as the bank gives it."""
    return {
        "indicator": {"id": "NY.GDP.MKTP.CD", "value": "GDP (current US$)"},
        "country": {"id": code, "value": f"Place {code} "},
        "countryiso3code": iso3,
        "date": year,
        "value": value,
        "unit": "",
        "obs_status": "",
        "decimal": 0,
        **more,
    }


ROWS = [
    row("DE", "DEU", "2024", 4659929000000.0),
    row("DE", "DEU", "2023", None),
    row("1W", "WLD", "2024", 1.1e14),
    row("ZJ", "", "2024", 6.1e12),
    row("XK", "XKX", "2024", 10),
]


def test_countries_are_told_from_groups_by_our_own_table() -> None:
    found = held(SOURCE.parse(reply([HEAD, ROWS], URL)))
    values = {item["series_id"]: item["value"] for item in found["macro"].to_dicts()}
    assert values == {
        "wb:NY.GDP.MKTP.CD:DEU": 4659929000000.0,
        "wb:NY.GDP.MKTP.CD:WLD": 1.1e14,
        "wb:NY.GDP.MKTP.CD:ZJ": 6.1e12,
        "wb:NY.GDP.MKTP.CD:XKX": 10.0,
    }
    series = {item["series_id"].rpartition(":")[2]: item for item in found["series"].to_dicts()}
    assert [series[code]["country"] for code in ("DEU", "WLD", "ZJ", "XKX")] == [
        "DEU",
        None,
        None,
        "XKX",
    ]
    assert (series["ZJ"]["title"], series["ZJ"]["unit"]) == ("GDP: Place ZJ", "current USD")
    assert series["DEU"]["indicator"] == "gdp_usd"
    assert {item["vintage_grade"] for item in found["macro"].to_dicts()} == {"snapshot"}
    assert {item["known_at"] for item in found["macro"].to_dicts()} == {NOW}


@pytest.mark.parametrize(
    "text",
    [
        json.dumps([HEAD, ROWS]),
        json.dumps([HEAD, ROWS], separators=(",", ":")),
        "\ufeff" + json.dumps([HEAD, ROWS], indent=1).replace("\n", "\r\n"),
        json.dumps([{k: str(v) for k, v in HEAD.items()}, ROWS]),
        json.dumps([HEAD, [dict(reversed(item.items())) for item in ROWS]], separators=(",", ":")),
        json.dumps([HEAD, [each | {"obs_status": "},{" + str(i)} for i, each in enumerate(ROWS)]]),
        json.dumps(
            [HEAD, [item | {"value": item["value"] and str(item["value"])} for item in ROWS]]
        ),
    ],
)
def test_layout_makes_no_difference(text: str) -> None:
    plain = held(SOURCE.parse(reply([HEAD, ROWS], URL)))
    other = held(SOURCE.parse(reply(text, URL)))
    assert other["macro"].equals(plain["macro"])
    assert other["series"].equals(plain["series"])


@given(
    names=st.lists(
        st.text(max_size=6) | st.sampled_from(['"', "},{", "\\", ":", "é", '","value":"']),
        min_size=2,
        max_size=4,
    ),
    values=st.lists(st.none() | st.floats(-1e300, 1e300) | st.just("1.5"), min_size=4, max_size=4),
    status=st.sampled_from(["", "E"]),
)
def test_the_quick_road_and_the_slow_one_lead_to_the_same(
    names: list[str], values: list[object], status: str
) -> None:
    body = [
        row("DE", "DEU", f"{2000 + i}", v) for i, v in zip(range(len(names)), values, strict=False)
    ]
    for each, name in zip(body, names, strict=True):
        each["country"]["value"] = name
    body[-1]["obs_status"] = status
    body.append(row("DE", "DEU", "1999", 1))
    quick = json.dumps([HEAD, body], separators=(",", ":"), ensure_ascii=False)
    slow = json.dumps([HEAD, body], indent=1)
    one, other = (held(SOURCE.parse(reply(text, URL))) for text in (quick, slow))
    assert one["macro"].equals(other["macro"])
    assert one["series"].equals(other["series"])


def test_the_default_form_says_the_same() -> None:
    cells = "".join(
        f'<wb:data><wb:indicator id="NY.GDP.MKTP.CD">GDP</wb:indicator>'
        f'<wb:country id="{r["country"]["id"]}">x</wb:country>'
        f"<wb:countryiso3code>{r['countryiso3code']}</wb:countryiso3code>"
        f"<wb:date>{r['date']}</wb:date><wb:value>{r['value'] or ''}</wb:value></wb:data>"
        for r in ROWS
    )
    text = f'<?xml version="1.0"?><wb:data page="1" pages="2" xmlns:wb="urn:w">{cells}</wb:data>'
    plain = held(SOURCE.parse(reply([HEAD, ROWS], URL)))
    answer = SOURCE.parse(reply(text, URL))
    assert held(answer)["macro"].equals(plain["macro"])
    assert answer.follow[0].params["page"] == "2"


def test_rows_of_two_indicators_in_one_answer_stay_apart() -> None:
    other = row("DE", "DEU", "2024", 5.5) | {"indicator": {"id": "X.Y", "value": "Other"}}
    text = json.dumps([HEAD, [*ROWS, other]], separators=(",", ":"))
    found = {item["series_id"]: item for item in rows(SOURCE, reply(text, URL), "macro")}
    assert found["wb:X.Y:DEU"]["value"] == 5.5
    assert found["wb:X.Y:DEU"]["unit"] == "unstated"
    assert found["wb:NY.GDP.MKTP.CD:DEU"]["unit"] == "current USD"


def test_months_quarters_and_years_start_on_their_first_day() -> None:
    body = [HEAD, [row("DE", "DEU", word, 1) for word in ("2012M06", "2012Q3", "2012")]]
    found = rows(SOURCE, reply(body, URL), "macro")
    assert [item["period"] for item in found] == [
        date(2012, 1, 1),
        date(2012, 6, 1),
        date(2012, 7, 1),
    ]


def test_what_lies_ahead_is_a_projection() -> None:
    body = [HEAD, [row("DE", "DEU", "2050", 1), row("DE", "DEU", "2025", 2)]]
    found = rows(SOURCE, reply(body, URL), "macro")
    assert [(item["period"].year, item["is_forecast"]) for item in found] == [
        (2025, False),
        (2050, True),
    ]


def test_the_next_page_is_asked_and_only_while_there_is_one() -> None:
    pages = [HEAD | {"page": "1", "pages": "3"}, ROWS]
    (follow,) = SOURCE.parse(reply(pages, URL)).follow
    assert (follow.params["page"], follow.params["format"]) == ("2", "json")
    assert SOURCE.parse(reply([HEAD, ROWS], URL)).follow == ()


def test_a_debt_to_one_creditor_is_a_series_of_its_own() -> None:
    def cell(year: str, value: object, party: str) -> dict[str, object]:
        names = {"Country": ("PAK", "Pakistan"), "Time": (f"YR{year}", year)}
        names |= {"Series": ("DT.DOD", "Debt"), "Counterpart-Area": (party, "Party")}
        variable = [{"concept": c, "id": i, "value": v} for c, (i, v) in names.items()]
        return {"variable": variable, "value": value}

    data = [cell("1970", 5, "730"), cell("1970", 9, "WLD"), cell("1971", None, "730")]
    body = {"page": 1, "pages": 2, "lastupdated": "2025-12-03", "source": {"id": "6", "data": data}}
    answer = reply(body, "https://api.worldbank.org/v2/sources/6/country/PAK/data?format=json")
    found = {item["series_id"]: item["value"] for item in rows(SOURCE, answer, "macro")}
    assert found == {
        "wb:DT.DOD;counterpart-area=730:PAK": 5,
        "wb:DT.DOD;counterpart-area=WLD:PAK": 9,
    }
    assert SOURCE.parse(answer).follow[0].params["page"] == "2"


def test_groups_are_no_countries_in_the_list_of_economies() -> None:
    def economy(code: str, region: str, name: str) -> dict[str, object]:
        return {
            "id": code,
            "iso2Code": code[:2],
            "name": name,
            "capitalCity": "Berlin",
            "region": {"id": region, "value": "Europe & Central Asia "},
            "incomeLevel": {"id": "HIC", "value": "High income"},
        }

    body = [HEAD, [economy("DEU", "ECS", " Germany "), economy("EUU", "NA", "European Union")]]
    (only,) = rows(SOURCE, reply(body, "https://api.worldbank.org/v2/country"), "countries")
    assert (only["country"], only["name"], only["region"]) == (
        "DEU",
        "Germany",
        "Europe & Central Asia",
    )
    assert (only["iso_numeric"], only["currency"]) == (276, "EUR")


@pytest.mark.parametrize(
    ("body", "status", "expected"),
    [
        (
            [{"message": [{"id": "120", "key": "Invalid value", "value": "not valid"}]}],
            200,
            "client",
        ),
        (
            [{"message": [{"id": "175", "key": "Invalid", "value": "deleted or archived"}]}],
            200,
            "client",
        ),
        ([{"page": 0, "pages": 0, "per_page": 0, "total": 0}, None], 200, "empty"),
        ([HEAD, []], 200, "empty"),
        ([HEAD, [row("DE", "DEU", "2025", None)]], 200, "empty"),
        (PAGE, 502, "upstream"),
        (PAGE, 200, "upstream"),
        ({"message": "Endpoint request timed out"}, 504, "upstream"),
        ([HEAD, "rows"], 200, "upstream"),
        ([HEAD, [1]], 200, "upstream"),
        ({"a": 1}, 200, "upstream"),
        ("3", 200, "upstream"),
        (
            (
                '<?xml version="1.0"?><wb:error xmlns:wb="x"><wb:message id="120">no<'
                "/wb:message></wb:error>"
            ),
            200,
            "client",
        ),
        ([HEAD, [row("DE", "DEU", "Spring", 1)]], 200, "upstream"),
    ],
)
def test_errors_come_as_success_and_are_seen(body: object, status: int, expected: str) -> None:
    assert problem(SOURCE, reply(body, URL, status)).problem == expected


def test_the_plan_asks_58_indicators_of_all_economies() -> None:
    calls = SOURCE.plan(Window((), NOW, since=date(2010, 1, 1)))
    assert len(calls) == 58
    assert all("/country/all/indicator/" in call.url for call in calls)
    assert calls[0].params["date"] == "2010:2026"
    (call,) = SOURCE.plan(Window((), NOW, job="worldbank_countries"))
    assert call.url.endswith("/country")


@pytest.mark.needs("shared")
def test_recorded_answers_read_as_in_their_files(shared: Path) -> None:
    name = "worldbank/v2_FI.RES.TOTL.MO_multi_country.json"
    found = rows(SOURCE, recorded(shared, name), "macro")
    bangladesh = [r for r in found if r["series_id"] == "wb:FI.RES.TOTL.MO:BGD"]
    assert (bangladesh[-1]["period"], bangladesh[-1]["value"]) == (
        date(2025, 1, 1),
        3.91092137452087,
    )
    assert bangladesh[-1]["unit"] == "months of imports"
    answer = recorded(shared, "worldbank/v2_sources6_ids_page1of3.json")
    (first, *_) = rows(SOURCE, answer, "macro")
    assert (first["period"], first["value"]) == (date(1970, 1, 1), 49132800.0)
    assert SOURCE.parse(answer).follow[0].params["page"] == "2"
    places = rows(
        SOURCE, recorded(shared, "worldbank/decoded_v2_country_data_array.json"), "countries"
    )
    assert places[0]["country"] == "ABW"
    assert places[0]["region"] == "Latin America & Caribbean"
    assert not {"AFE", "AFR", "AFW"} & {place["country"] for place in places}
    names = files(shared, "worldbank")
    assert (
        problem(SOURCE, recorded(shared, next(n for n in names if "invalid" in n))).problem
        == "client"
    )
    levels = rows(
        SOURCE, recorded(shared, next(n for n in names if "income" in n)), "read:incomeLevel"
    )
    assert levels[0]["value"] == "High income"
    catalogue = rows(
        SOURCE, recorded(shared, next(n for n in names if "v2_source_" in n)), "read:source"
    )
    assert catalogue[1]["code"] == "WDI"
