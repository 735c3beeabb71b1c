"""BLS: lists by POST with and without a key, gaps with their reason, derived periods, refusals."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from ingest.jobs import Window
from ingest.sources.bls import SOURCE
from tests.ingest.desk import KEY, opened
from tests.ingest.macro_replies import NOW, held, problem, recorded, reply, rows
from tests.ingest.server import document
from tests.ingest.sources.fake_servers import Bls

LAPSE = "Data unavailable due to the 2025 lapse in appropriations"


def row(period: str, value: object, *notes: dict[str, str], year: str = "2025") -> dict[str, Any]:
    return {"year": year, "period": period, "value": value, "footnotes": list(notes) or [{}]}


def answer(*series: tuple[str, list[dict[str, Any]]], message: object = ()) -> dict[str, Any]:
    found = [{"seriesID": name, "data": data} for name, data in series]
    return {"status": "REQUEST_SUCCEEDED", "message": message, "Results": {"series": found}}


def test_lists_and_years_are_cut_to_what_a_call_may_ask() -> None:
    names = tuple(f"S{number:02}" for number in range(60))
    since = date(2000, 1, 1)
    calls = SOURCE.plan(Window(names, NOW, since=since))
    bodies = [call.body or {} for call in calls]
    assert [len(body["seriesid"]) for body in bodies] == [25, 25, 10] * 3
    spans = [(body["startyear"], body["endyear"]) for body in bodies[::3]]
    assert spans == [("2017", "2026"), ("2007", "2016"), ("2000", "2006")]
    keyed = SOURCE.plan(Window(names, NOW, since=since, has_key=True))
    bodies = [call.body or {} for call in keyed]
    assert [len(body["seriesid"]) for body in bodies] == [50, 10] * 2
    assert {(body["startyear"], body["endyear"]) for body in bodies} == {
        ("2007", "2026"),
        ("2000", "2006"),
    }


def test_a_refresh_is_one_call_a_day_without_a_key_whatever_the_day() -> None:
    """Nine years back lie within ten calendar years, which is what one call may ask for."""
    back = SOURCE.jobs[0].lookback_days or 0
    for ordinal in range(date(2026, 1, 1).toordinal(), date(2029, 1, 2).toordinal(), 7):
        since = date.fromordinal(ordinal - back)
        today = date.fromordinal(ordinal)
        assert len(SOURCE.plan(Window((), NOW, since=since, until=today))) == 1


def test_a_gap_is_no_row_and_its_reason_is_said() -> None:
    data = [row("M11", "324.122"), row("M10", "-", {"code": "X", "text": LAPSE}), row("M09", "0.0")]
    parsed = SOURCE.parse(reply(answer(("CUUR0000SA0", data))))
    found = held(parsed)["macro"].sort("period").to_dicts()
    assert [(r["period"], r["value"], r["unit"]) for r in found] == [
        (date(2025, 9, 1), 0.0, "index 1982-1984=100"),
        (date(2025, 11, 1), 324.122, "index 1982-1984=100"),
    ]
    assert parsed.note == f"CUUR0000SA0 has no value for 2025 M10: {LAPSE}"
    zero = rows(SOURCE, reply(answer(("X", [row("M01", 0), row("M02", None)]))), "macro")
    assert [r["value"] for r in zero] == [0.0]
    unsaid = SOURCE.parse(reply(answer(("CUUR0000SA0", [row("M10", "-"), row("M09", "1")]))))
    assert unsaid.note.endswith("no reason")
    refused = problem(SOURCE, reply(answer(("LNS14000000", data[1:2]))))
    assert refused.problem == "empty" and LAPSE in str(refused)


def test_what_is_derived_is_left_out() -> None:
    derived = [row(period, "9") for period in ("M13", "S01", "S02", "S03", "Q05")]
    quarters = [row("Q02", "1,234.5"), row("Q01", "2")]
    annual = [row("A01", "3")]
    body = answer(("CUUR0000SA0", derived), ("PRS85006092", derived + quarters), ("X", annual))
    found = held(SOURCE.parse(reply(body)))
    assert {(r["series_id"], r["period"], r["value"]) for r in found["macro"].to_dicts()} == {
        ("bls:PRS85006092", date(2025, 4, 1), 1234.5),
        ("bls:PRS85006092", date(2025, 1, 1), 2.0),
        ("bls:X", date(2025, 1, 1), 3.0),
    }
    series = {r["series_id"]: r for r in found["series"].to_dicts()}
    assert series["bls:PRS85006092"]["frequency"] == "quarterly"
    assert series["bls:X"]["frequency"] == "annual"
    assert series["bls:X"]["unit"] == "unstated", "an answer states none, and no list of ours does"


def test_a_series_that_is_unknown_leaves_the_others() -> None:
    message = ["Series does not exist for Series LUCK", "No Data Available for X Year: 2026"]
    parsed = SOURCE.parse(reply(answer(("LUCK", []), ("X", [row("M01", "1")]), message=message)))
    assert parsed.note == "; ".join(message)
    assert parsed.rows == 2
    refused = problem(SOURCE, reply(answer(("LUCK", []), message=message[:1])))
    assert refused.problem == "empty" and "does not exist" in str(refused)


@pytest.mark.parametrize(
    ("status", "message", "kind"),
    [
        ("REQUEST_NOT_PROCESSED", ["... the daily threshold ... has been reached."], "quota"),
        ("REQUEST_NOT_PROCESSED", ["The key:abcdefgh12345678 provided is invalid."], "auth"),
        ("REQUEST_FAILED_INVALID_PARAMETERS", ["Invalid start year"], "client"),
        ("REQUEST_FAILED", [], "client"),
        ("REQUEST_FAILED", "Service unavailable", "upstream"),
    ],
)
def test_a_refusal_is_a_status_inside_200(status: str, message: object, kind: str) -> None:
    for results in ({}, None, []):
        body = {"status": status, "message": message, "Results": results}
        refused = problem(SOURCE, reply(body))
        assert refused.problem == kind
        assert "abcdefgh" not in str(refused)


@pytest.mark.parametrize("value", ["1e400", "about 3", "3..4", {"a": 1}])
def test_what_is_no_number_is_refused(value: object) -> None:
    assert problem(SOURCE, reply(answer(("X", [row("M01", value)])))).problem == "upstream"


def test_the_key_stands_in_the_body_alone_and_twenty_years_are_one_call(tmp_path: Path) -> None:
    side = Bls({("CUSR0000SA0", "2024-01-01"): 308.4})
    for is_keyed, spans in ((True, 1), (False, 2)):
        with opened(SOURCE, tmp_path / str(is_keyed), is_keyed=is_keyed) as desk:
            desk.speak(side, "*")
            status, added, _ = desk.counts("CUSR0000SA0", since=date(2005, 1, 1))
            assert (status, added) == ("ok", 2)
            sent = [json.loads(hit.posted) for hit in desk.server.hits]
            assert [body.get("registrationkey") for body in sent] == [KEY if is_keyed else None] * (
                spans
            )
            assert all(KEY not in hit.path + str(hit.query) for hit in desk.server.hits)


def test_a_refresh_after_the_limit_waits_and_then_goes_on(tmp_path: Path) -> None:
    """Without a key 25 calls a day are counted by the ledger, so the 26th is never sent."""

    with opened(SOURCE, tmp_path) as desk:
        desk.speak(Bls({("X", "2024-01-01"): 1.0}), "*")
        for number in range(30):
            last = desk.run(f"S{number}", "X", since=date(2024, 1, 1)).outcome.status
        assert len(desk.server.hits) <= 25
        assert last == "over_budget"
        desk.sleep(days=1)
        assert desk.run("X", since=date(2024, 1, 1)).outcome.status == "ok"
        desk.speak(document({"status": "REQUEST_SUCCEEDED", "message": []}), "*")
        desk.sleep(days=1)
        assert "gives no series" in desk.run("X").outcome.message


@pytest.mark.needs("shared")
def test_the_recorded_answers(shared: Path) -> None:
    flour = recorded(shared, "bls/v2_timeseries_APU0000701111_2022_calculations.json")
    found = sorted(rows(SOURCE, flour, "macro"), key=lambda r: r["period"])
    assert len(found) == 12
    assert [(r["period"], r["value"]) for r in (found[0], found[9], found[11])] == [
        (date(2022, 1, 1), 0.424),
        (date(2022, 10, 1), 0.534),
        (date(2022, 12, 1), 0.522),
    ]
    assert {(r["unit"], r["known_at"], r["vintage_grade"]) for r in found} == {
        ("USD per pound", NOW, "snapshot")
    }
    gap = SOURCE.parse(recorded(shared, "bls/extract_CPI_October_2025_gap.json"))
    assert LAPSE in gap.note
    values = {r["period"]: r["value"] for r in held(gap)["macro"].to_dicts()}
    assert len(values) == 6 and date(2025, 10, 1) not in values
    assert values[date(2025, 9, 1)] == 324.8 and values[date(2026, 2, 1)] == 326.785
    spent = problem(SOURCE, recorded(shared, "bls/documented_error_200_daily_threshold.json"))
    assert spent.problem == "quota"
