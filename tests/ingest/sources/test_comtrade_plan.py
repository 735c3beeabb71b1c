"""What is asked of UN Comtrade: lists of publications, what follows from them, how it is dated."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from data.quotas import read_quotas
from ingest.jobs import Call, Edition, Reply, ReplyError, Window
from ingest.quota.prover import demands, prove
from ingest.runs.keys import MissingKeyError
from ingest.sources._comtrade_areas import code_of
from ingest.sources.comtrade import SOURCE
from tests.ingest.market import NOW, recorded, reply
from tests.ingest.sources.comtrade_pages import PREVIEW, answer, availability, flow, listing, plan


def test_what_is_published_is_asked_first_and_pins_what_would_double() -> None:
    [asked] = plan("USA", "FRA")
    assert asked.url.endswith("/public/v1/getDA/C/A/HS#TOTAL")
    assert dict(asked.params) == {"reporterCode": "842,251", "period": "2025,2024,2023"}
    follow = SOURCE.parse(availability(asked, listing(842, 2024), listing(251, 2023))).follow
    assert [
        (c.params["reporterCode"], c.params["period"], c.params["flowCode"]) for c in follow
    ] == [
        ("842", "2024", "M,RM"),
        ("842", "2024", "X,RX"),
        ("251", "2023", "M,RM"),
        ("251", "2023", "X,RX"),
    ]
    for call in follow:
        assert call.url.endswith("/public/v1/preview/C/A/HS")
        assert (call.params["motCode"], call.params["customsCode"]) == ("0", "C00")
        assert (call.params["partner2Code"], call.params["cmdCode"]) == ("0", "TOTAL")
    span = {"since": date(2019, 1, 1), "until": date(2021, 1, 1)}
    [full] = plan("USA", job="trade_full", has_key=True, **span)
    assert full.url.endswith("/data/v1/getDa/C/A/HS#AG2")
    assert full.params["period"] == "2019,2020,2021"
    [all_of_it] = SOURCE.parse(availability(full, listing(842, 2020))).follow
    assert all_of_it.url.endswith("/data/v1/get/C/A/HS")
    assert (all_of_it.params["cmdCode"], all_of_it.params["flowCode"]) == ("AG2", "M,X,RM,RX")
    with pytest.raises(MissingKeyError, match="COMTRADE_API_KEY"):
        plan("USA", job="trade_full")


def test_months_and_sitc_are_asked_for_by_their_own_lists() -> None:
    [months] = plan("USA", job="trade_months")
    assert months.url.endswith("/public/v1/getDA/C/M/HS#TOTAL")
    periods = months.params["period"].split(",")
    assert len(periods) == 12 and periods == sorted(periods, reverse=True)
    assert periods[0] < f"{NOW:%Y%m}"
    span = {"since": date(2019, 11, 1), "until": date(2020, 2, 1)}
    [asked] = plan("USA", job="trade_months", **span)
    assert asked.params["period"] == "202002,202001,201912,201911"
    sitc = plan("DEU", job="trade_sitc", since=date(1988, 1, 1), until=date(1992, 1, 1))
    assert [call.url.rpartition("/")[2] for call in sitc] == [
        f"{edition}#TOTAL" for edition in ("S1", "S2", "S3", "S4")
    ]
    assert sitc[0].params["reporterCode"] == "280,276"
    for job in ("trade_months", "trade_sitc"):
        assert plan("DEU", job=job, has_key=True)[0].url.endswith("#TOTAL,AG2")
    assert plan(job="trade_months", has_key=True)[0].url.endswith("#TOTAL")
    years = set()
    for month in range(1, 13):
        for call in SOURCE.plan(Window((), datetime(2026, month, 1, tzinfo=UTC), job="trade_sitc")):
            years |= set(call.params["period"].split(","))
    assert years == {str(year) for year in range(1962, 1998)}


@pytest.mark.parametrize(
    ("iso3", "year", "code"),
    [
        ("DEU", 1989, "280"),
        ("DEU", 1991, "276"),
        ("USA", 1979, "841"),
        ("USA", 1981, "842"),
        ("BEL", 1998, "58"),
        ("BEL", 1999, "56"),
        ("IND", 1974, "356"),
        ("IND", 1975, "699"),
        ("TWN", 2020, "490"),
        ("FRA", 1970, "251"),
    ],
)
def test_a_country_is_asked_for_by_the_code_of_its_time(iso3: str, year: int, code: str) -> None:
    assert code_of(iso3, year) == code


def test_who_has_not_published_is_named_and_conversions_and_others_lead_nowhere() -> None:
    [asked] = plan("USA", "FRA", "RUS")
    data = [
        listing(842, 2024),
        listing(97, 2024),
        listing(251, 2024, isOriginalClassification=False),
        listing(251, 2023, totalRecords=0),
        listing(251, 2023, typeCode="S"),
        listing(643, 2023, lastReleased=None),
    ]
    parsed = SOURCE.parse(availability(asked, *data))
    assert {call.params["reporterCode"] for call in parsed.follow} == {"842", "643"}
    assert "without a key: previews of 500 rows each" in parsed.note
    assert "not published of 2025: USA, FRA, RUS" in parsed.note
    assert "not published of 2024: FRA, RUS" in parsed.note
    with pytest.raises(ReplyError, match="not published of 2023: USA, FRA, RUS"):
        SOURCE.parse(availability(asked))


@pytest.mark.needs("shared")
def test_the_recorded_list_of_publications_leads_to_its_months(shared: Path) -> None:
    saved = recorded(shared, "comtrade/documented_getDA_C_M_HS_CHN.json")
    body = SOURCE.parse(replace(saved, fetched_at=NOW))
    assert {call.params["period"] for call in body.follow} == {"202401", "202412"}
    editions = {call.edition.name: call.edition for call in body.follow if call.edition}
    last = editions["C/M/HS 156 202412 TOTAL preview"]
    assert last.released_at == datetime(2025, 7, 5, 11, 51, 36, tzinfo=UTC)
    assert "987654321" in last.mark


@pytest.mark.parametrize(
    ("released", "later", "known", "grade"),
    [
        (datetime(2023, 5, 1, tzinfo=UTC), 0, datetime(2023, 5, 1, tzinfo=UTC), "lagged"),
        (datetime(2022, 12, 31, tzinfo=UTC), 0, NOW, "snapshot"),  # before the year was over
        (datetime(2023, 5, 1, tzinfo=UTC), 2, NOW + timedelta(hours=2), "snapshot"),
        (datetime(2099, 5, 1, tzinfo=UTC), 0, NOW, "lagged"),
        (None, 0, NOW, "snapshot"),
    ],
)
def test_a_row_is_known_from_its_release_where_that_can_be(
    released: datetime | None, later: int, known: datetime, grade: str
) -> None:
    edition = Edition("C/A/HS 842 2022", "x", released, NOW + timedelta(hours=1))
    call = Call(PREVIEW, edition=edition)
    body = json.dumps(answer(flow())).encode()
    found = Reply(call, 200, {}, body, NOW + timedelta(hours=later))
    row = SOURCE.parse(found).tables["trade"].to_pylist()[0]
    assert (row["known_at"], row["vintage_grade"]) == (known, grade)


def test_a_cut_reply_is_followed_by_halves() -> None:
    full = answer(*(flow(cmdCode=f"{n:04}") for n in range(500)))
    first = SOURCE.parse(reply(full, f"{PREVIEW}&flowCode=M,X&cmdCode=AG2"))
    assert [call.params["cmdCode"].count(",") for call in first.follow] == [47, 48]
    assert "cut at 500" in first.note
    flows = SOURCE.parse(reply(full, f"{PREVIEW}&cmdCode=TOTAL")).follow
    assert [call.params["flowCode"] for call in flows] == ["M,X", "RM,RX"]
    assert flows[0].params["reporterCode"] == "842"
    one = SOURCE.parse(reply(full, f"{PREVIEW}&cmdCode=TOTAL&flowCode=M"))
    partners = [call.params["partnerCode"].split(",") for call in one.follow]
    assert len(partners) == 2 and not set(partners[0]) & set(partners[1])
    assert not SOURCE.parse(
        reply(answer(*(flow(cmdCode=f"{n}") for n in range(499))), PREVIEW)
    ).follow
    divisions = SOURCE.parse(reply(full, f"{PREVIEW.replace('/HS', '/S1')}&cmdCode=AG2")).follow
    assert divisions[0].params["cmdCode"].startswith("00,01,02")
    assert divisions[1].params["cmdCode"].endswith("98,99")
    single = SOURCE.parse(reply(full, f"{PREVIEW}&cmdCode=01&flowCode=M&partnerCode=156"))
    assert not single.follow and "cannot be made smaller" in single.note


@pytest.mark.parametrize("month", range(1, 13))
def test_every_month_of_the_timetable_fits_the_quota_of_the_free_key(month: int) -> None:
    quotas = {name: quota for name, quota in read_quotas().items() if name == "comtrade"}
    start = datetime(2027, month, 1, tzinfo=UTC)
    end = datetime(2027 + month // 12, month % 12 + 1, 1, tzinfo=UTC)
    proof = prove(demands([SOURCE], quotas, start, end), quotas, start, end)
    assert proof.fits, str(proof)
