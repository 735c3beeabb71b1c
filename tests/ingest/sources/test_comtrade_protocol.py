"""Comtrade's protocol: lists of what is published, previews cut at 500 rows without a word, months,
whole files, limits told in plain words."""

from __future__ import annotations

import gzip
import json
import shutil
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from random import Random

import pytest

from ingest.sources import comtrade
from ingest.sources._comtrade_areas import areas
from tests.ingest.desk import Desk, opened, outage
from tests.ingest.server import Handler, Hit, document, status
from tests.ingest.sources.comtrade_server import CAP, GERMANY, USA, Comtrade, small

LIST = "/public/v1/getDA/C/A/HS"
PREVIEW = "/public/v1/preview/C/A/HS"
KEYED_LIST = "/data/v1/getDa/C/A/HS"
FINAL = "/data/v1/get/C/A/HS"
MONTHS = ("/public/v1/getDA/C/M/HS", "/public/v1/preview/C/M/HS")
BULK = "/bulk/v1/get/C/A/HS"
FILE = "/bulk/v1/file/842/5f0e"
WORLD = "SELECT value_usd FROM trade WHERE reporter = 'DEU' AND partner = 'WLD' AND flow = 'export'"
HISTORY = (
    "SELECT reporter, partner, flow, year, value_usd, known_at FROM trade_vintages ORDER BY ALL"
)
COUNT = "SELECT count(*) FROM trade WHERE year = 2022"
FLOWS = ("M", "X", "RM", "RX")


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    with opened(comtrade.SOURCE, tmp_path) as found:
        yield found


def data_calls(desk: Desk) -> list[Hit]:
    """The requests for data so far, without those for lists."""
    return [hit for hit in desk.server.hits if "getda" not in hit.path.lower()]


def test_a_preview_that_was_cut_is_asked_again_until_it_is_whole(desk: Desk) -> None:
    partners = [code for code, iso3 in areas().items() if iso3 and code != USA]
    assert len(partners) * 2 > CAP > len(partners)
    flows = {
        (USA, 2022, partner, flow, "TOTAL"): 1000.0 + partner
        for flow in FLOWS
        for partner in partners
    }
    desk.speak(Comtrade(flows), LIST, PREVIEW)
    outcome = desk.run("USA").outcome
    assert outcome.status == "ok"
    assert "without a key: previews of 500 rows each" in outcome.message
    assert "cut at 500 rows" in outcome.message
    assert "not published of 2023: USA" in outcome.message
    assert [hit.query["flowCode"] for hit in data_calls(desk)] == [
        *("M,RM", "X,RX"),
        *("M", "RM", "X", "RX"),
    ]
    # Of a country with several codes the one that holds today counts, then the largest value.
    told = desk.rows("SELECT flow, count(*), sum(value_usd) FROM trade GROUP BY flow ORDER BY flow")
    assert [row[0] for row in told] == ["export", "import", "re-export", "re-import"]
    assert len({row[1:] for row in told}) == 1
    assert told[0][1] == len({areas()[partner] for partner in partners})


@pytest.mark.parametrize("seed", range(4))
def test_however_often_a_reply_is_cut_every_row_comes_once(desk: Desk, seed: int) -> None:
    """Random partners, flows and chapters, against a route that cuts at 500 rows."""
    chance = Random(seed)
    own = [code for code, iso3 in areas().items() if iso3 and 0 < code != USA]
    names: dict[str | None, int] = {areas()[code]: code for code in own}
    partners = chance.sample(sorted(names.values()), chance.randrange(150, len(names)))
    flows = chance.sample(FLOWS, chance.randrange(1, 5))
    values = {
        (USA, 2022, partner, flow, "TOTAL"): float(chance.randrange(1, 10**9))
        for partner in partners
        for flow in flows
        if chance.random() < 0.9
    }
    items = list(values.items())
    chance.shuffle(items)
    desk.speak(Comtrade(dict(items)), LIST, PREVIEW)
    assert desk.counts("USA") == ("ok", len(values), 0)
    assert desk.rows("SELECT sum(value_usd) FROM trade") == [(sum(values.values()),)]


def test_a_refresh_asks_only_for_what_was_published_anew(desk: Desk) -> None:
    far = small()
    desk.speak(far, LIST, PREVIEW)
    assert desk.counts("USA", "DEU") == ("ok", 12, 0)
    assert len(data_calls(desk)) == 4
    before = desk.rows(HISTORY)
    desk.sleep(days=28)
    outcome = desk.run("USA", "DEU").outcome
    assert (outcome.status, outcome.calls, outcome.rows_added) == ("ok", 1, 0)
    assert "2 data sets are unchanged and were not asked for" in outcome.message
    assert len(data_calls(desk)) == 4
    far.values[(GERMANY, 2021, 0, "X", "TOTAL")] = 99.0
    assert desk.counts("USA", "DEU")[1:] == (1, 0)
    asked = [(hit.query["reporterCode"], hit.query["period"]) for hit in data_calls(desk)[4:]]
    assert asked == [("276", "2021")] * 2
    assert len(desk.rows(HISTORY)) == len(before) + 1


def test_a_revision_adds_its_vintage_from_its_release_and_the_old_one_stays(desk: Desk) -> None:
    far = small()
    desk.speak(far, LIST, PREVIEW)
    desk.run("USA", "DEU")
    first, before = desk.now, desk.rows(HISTORY)
    known = datetime(2024, 2, 1, 22, 0, 0, tzinfo=UTC)  # no zone is stated: at the latest then
    assert {row[-1] for row in before} == {known}
    assert not desk.rows(WORLD, datetime(2024, 2, 1, 21, tzinfo=UTC))
    desk.sleep(days=28)
    far.values[(GERMANY, 2022, 0, "X", "TOTAL")] = 107.0
    far.released[GERMANY, 2022] = "2024-04-01T08:00:00"
    assert desk.counts("USA", "DEU") == ("ok", 0, 1)
    assert desk.rows(WORLD, first) == [(100.0,)]
    assert desk.rows(WORLD, datetime(2024, 4, 1, 19, tzinfo=UTC)) == [(100.0,)]
    assert desk.rows(WORLD, datetime(2024, 4, 1, 20, 1, tzinfo=UTC)) == [(107.0,)]
    assert set(before) < set(desk.rows(HISTORY))


def test_a_revision_without_a_new_date_is_known_from_when_it_was_seen(desk: Desk) -> None:
    far = small()
    desk.speak(far, LIST, PREVIEW)
    desk.run("DEU")
    first = desk.now
    desk.sleep(days=28)
    far.values[(GERMANY, 2022, 0, "X", "TOTAL")] = 107.0  # another checksum, the same release
    assert desk.counts("DEU") == ("ok", 0, 1)
    assert desk.rows(WORLD, first) == [(100.0,)]
    assert desk.rows(WORLD) == [(107.0,)]


def test_an_answer_that_comes_long_after_the_list_is_not_dated_by_it(desk: Desk) -> None:
    """A run that goes on after its quota is there again may meet a later release."""
    far, due = small(), desk.now
    refused = status(403, b'{"statusCode":403,"message":"Out of call volume quota."}')
    desk.speak(far, LIST)
    desk.speak(refused, PREVIEW)
    assert desk.run("DEU", due=due).outcome.status == "over_budget"
    desk.speak(far, PREVIEW)
    desk.sleep(days=2)
    assert desk.run("DEU", due=due).outcome.status == "ok"
    assert desk.rows("SELECT DISTINCT vintage_grade FROM trade_vintages") == [("snapshot",)]


def test_a_reporter_who_is_gone_is_empty_and_takes_nothing_away(desk: Desk) -> None:
    far = small()
    desk.speak(far, LIST, PREVIEW)
    desk.run("USA", "DEU")
    before = desk.rows(HISTORY)
    desk.sleep(days=28)
    far.values = {}
    outcome = desk.run("USA", "DEU").outcome
    assert outcome.status == "empty"
    assert "nothing is published" in outcome.message
    assert "not published of 2022: USA, DEU" in outcome.message
    assert desk.rows(HISTORY) == before


def test_rows_that_are_listed_and_do_not_come_are_named_and_asked_for_again(desk: Desk) -> None:
    far = small()
    far.silent = {GERMANY}
    desk.speak(far, LIST, PREVIEW)
    outcome = desk.run("USA", "DEU").outcome
    assert (outcome.status, outcome.rows_added) == ("ok", 6)
    assert "no rows and no reason, though C/A/HS 276 2022" in outcome.message
    far.silent = set()
    desk.sleep(days=1)
    assert desk.counts("USA", "DEU") == ("ok", 0, 0)
    desk.sleep(days=7)
    assert desk.counts("USA", "DEU") == ("ok", 6, 0)


@pytest.mark.parametrize("wrong", [(GERMANY, 2022), (USA, 2012)])
def test_rows_of_another_reporter_or_year_than_asked_for_are_left_out(
    desk: Desk, wrong: tuple[int, int]
) -> None:
    far = small()

    def answer(to: Handler) -> None:
        rows = [far.row((*wrong, *key[2:]), value) for key, value in far.values.items()]
        document({"count": len(rows), "data": rows, "error": ""})(to)

    desk.speak(far, LIST)
    desk.speak(answer, PREVIEW)
    outcome = desk.run("USA").outcome
    assert outcome.status == "empty"
    assert "24 rows left out: of another reporter or period than was asked for" in outcome.message
    assert not desk.rows("SELECT * FROM trade")


def test_a_reply_that_lacks_rows_it_counts_is_asked_for_again(desk: Desk) -> None:
    far = small()

    def cut(to: Handler) -> None:
        rows = far.flows(to)
        document({"count": len(rows), "data": rows[:1], "error": ""})(to)

    desk.speak(far, LIST)
    desk.speak(cut, PREVIEW)
    outcome = desk.run("USA").outcome
    assert (outcome.status, outcome.rows_added) == ("partial", 0)
    assert "1 of the 3 rows that it names" in outcome.message
    desk.speak(far, PREVIEW)
    desk.sleep(days=3)
    assert desk.counts("USA") == ("ok", 6, 0)


@pytest.mark.parametrize("fault", ["checksum", "html"])
def test_a_data_set_that_changes_or_fails_every_day_keeps_no_other_waiting(
    desk: Desk, fault: str
) -> None:
    reporters, restless = (USA, GERMANY, 156, 392, 826), (USA, 826)
    values = {
        (reporter, year, 0, flow, "TOTAL"): 1.0
        for reporter in reporters
        for year in (2021, 2022)
        for flow in "MX"
    }
    far, page = Comtrade(values), status(200, b"<html><title>Down</title></html>")

    def listed(to: Handler) -> None:
        rows = far.listed(to)
        for row in rows:
            if fault == "checksum" and row["reporterCode"] in restless:
                row["datasetChecksum"] = len(desk.server.hits)
        document({"count": len(rows), "data": rows, "error": ""})(to)

    def answer(to: Handler) -> None:
        is_down = fault == "html" and int(to.query["reporterCode"]) in restless
        (page if is_down else far)(to)

    desk.speak(listed, LIST)
    desk.speak(answer, PREVIEW)
    for _ in range(6):
        desk.run()
        desk.sleep(days=3)
    quiet = "SELECT count(*) FROM trade WHERE reporter NOT IN ('USA', 'GBR')"
    assert desk.rows(quiet) == [(12,)]


def test_a_run_by_the_timetable_takes_a_few_data_sets_and_the_next_one_goes_on(desk: Desk) -> None:
    reporters = (USA, GERMANY, 156, 392, 826)
    values = {
        (reporter, year, 0, flow, "TOTAL"): 1.0
        for reporter in reporters
        for year in (2021, 2022)
        for flow in "MX"
    }
    desk.speak(Comtrade(values), LIST, PREVIEW)
    most = desk.source.jobs[0].cost
    added = []
    for _ in range(6):
        outcome = desk.run().outcome
        assert outcome.status == "ok"
        assert outcome.calls <= (most or 0)
        added.append(outcome.rows_added)
        desk.sleep(days=1)
    assert added == [4, 4, 4, 4, 4, 0]
    assert desk.rows("SELECT count(*) FROM trade") == [(20,)]
    years = [hit.query["period"] for hit in data_calls(desk)]
    assert years == ["2022"] * 10 + ["2021"] * 10


def test_a_lake_that_is_new_is_filled_whatever_was_stored_before(desk: Desk) -> None:
    desk.speak(small(), LIST, PREVIEW)
    assert desk.counts("USA", "DEU") == ("ok", 12, 0)
    [noted] = (desk.engine.settings.run / "editions").glob("*.json")
    assert len(json.loads(noted.read_text())) == 2
    noted.write_text("[no json")  # lost: everything is asked for once more and adds nothing
    assert desk.counts("USA", "DEU") == ("ok", 0, 0)
    assert len(data_calls(desk)) == 8
    shutil.rmtree(desk.engine.settings.lake)
    assert desk.counts("USA", "DEU") == ("ok", 12, 0)


def test_a_limit_told_in_words_is_waited_out(desk: Desk) -> None:
    words = b'{"statusCode":429,"message":"Rate limit is exceeded. Try again in 1 seconds."}'
    api = desk.speak(small(), LIST, PREVIEW)
    api.first = [status(429, words)]
    assert desk.counts("USA", "DEU") == ("ok", 12, 0)
    assert max(desk.clock.slept) >= 30.0


def test_a_limit_that_does_not_end_is_asked_five_times(desk: Desk) -> None:
    desk.speak(small(), LIST)
    desk.speak(status(429, b'{"statusCode":429,"message":"Rate limit is exceeded."}'), PREVIEW)
    outcome = desk.run("USA", "DEU").outcome
    assert outcome.status == "over_budget"
    assert len(data_calls(desk)) == 5
    assert "left alone until" in desk.run("USA", "DEU").outcome.message
    assert len(data_calls(desk)) == 5


def test_a_quota_that_is_used_up_ends_the_run_and_keeps_what_came(desk: Desk) -> None:
    words = b'{"statusCode":403,"message":"Out of call volume quota. Quota will be replenished."}'
    far = small()
    refused = status(403, words, Retry_After="3600")
    due = desk.now
    desk.speak(far, LIST)
    desk.speak(lambda to: (far if to.query["reporterCode"] == "842" else refused)(to), PREVIEW)
    outcome = desk.run("USA", "DEU", due=due).outcome
    assert outcome.status == "over_budget"
    assert "call volume quota" in outcome.message
    assert desk.rows(COUNT) == [(6,)]
    assert desk.breaker.until is not None
    desk.speak(far, PREVIEW)
    desk.sleep(hours=2)
    again = desk.run("USA", "DEU", due=due)
    assert (again.outcome.status, again.attempt) == ("ok", 2)
    assert desk.rows(COUNT) == [(12,)]
    later = desk.run("USA", "DEU").outcome
    assert "2 data sets are unchanged" in later.message


def test_every_chapter_needs_the_key_and_comes_with_it(tmp_path: Path) -> None:
    chapters = {(USA, 2022, 0, "X", f"{number:02}"): float(number) for number in range(1, 77)}
    with opened(comtrade.SOURCE, tmp_path, is_keyed=True) as desk:
        desk.speak(Comtrade(chapters), KEYED_LIST, FINAL)
        assert desk.counts("USA", job="trade_full") == ("ok", 76, 0)
        assert [hit.query["flowCode"] for hit in data_calls(desk)] == ["M,X,RM,RX"]
        desk.engine.settings.secrets.write_text("COMTRADE_API_KEY=another-key-than-theirs\n")
        desk.sleep(days=365)
        outcome = desk.run("USA", job="trade_full").outcome
        assert (outcome.status, outcome.calls) == ("failed", 1)
        assert "invalid subscription key" in outcome.message
        assert desk.rows("SELECT count(*) FROM trade") == [(76,)]


def test_without_a_key_every_chapter_is_left_out_and_says_why(desk: Desk) -> None:
    outcome = desk.run("USA", job="trade_full").outcome
    assert (outcome.status, outcome.calls) == ("skipped", 0)
    assert "COMTRADE_API_KEY" in outcome.message


def test_months_are_fetched_and_revised_like_years(desk: Desk) -> None:
    values = {
        (USA, month, partner, flow, "TOTAL"): float(month + partner)
        for month in (202310, 202311, 202312)
        for partner in (0, 156)
        for flow in "MX"
    }
    far = Comtrade(values)
    desk.speak(far, *MONTHS)
    assert desk.counts("USA", job="trade_months") == ("ok", 12, 0)
    found = desk.rows("SELECT DISTINCT period FROM trade_months ORDER BY period")
    assert found == [(date(2023, month, 1),) for month in (10, 11, 12)]
    assert not desk.rows("SELECT * FROM trade")
    desk.sleep(days=10)
    far.values[(USA, 202311, 0, "X", "TOTAL")] = 5.0
    far.released[USA, 202311] = "2024-03-20T00:00:00"
    assert desk.counts("USA", job="trade_months") == ("ok", 0, 1)
    months = [hit.query["period"] for hit in data_calls(desk)]
    assert months == ["202312"] * 2 + ["202311"] * 2 + ["202310"] * 2 + ["202311"] * 2


def test_a_whole_file_is_fetched_once_for_each_publication(tmp_path: Path) -> None:
    listed = {
        "fileUrl": f"https://comtradeapi.un.org{FILE}",
        "isOriginalClassification": True,
        "reporterCode": USA,
        "freqCode": "A",
        "typeCode": "C",
        "classificationCode": "H6",
        "period": 2022,
        "publicationDate": "2023-07-01T11:24:10Z",
        "rowKey": "5f0e",
    }
    far = Comtrade({(USA, 2022, 0, "X", f"{goods:06}"): 1.0 for goods in range(1, 901)})
    rows = [far.row(key, value) for key, value in far.values.items()]
    lines = ["\t".join(rows[0]), *("\t".join(map(_cell, row.values())) for row in rows)]
    packed = gzip.compress("\n".join(lines).encode())
    with opened(comtrade.SOURCE, tmp_path, is_keyed=True) as desk:
        desk.speak(lambda to: document({"count": 1, "data": [listed], "error": ""})(to), BULK)
        desk.speak(status(200, packed, Content_Type="application/TSV"), FILE)
        span = date(2022, 1, 1)
        assert desk.counts("USA", job="trade_bulk", since=span)[:2] == ("ok", 900)
        known = desk.rows("SELECT DISTINCT known_at, vintage_grade FROM trade_vintages")
        assert known == [(datetime(2023, 7, 1, 11, 24, 10, tzinfo=UTC), "native")]
        desk.counts("USA", job="trade_bulk", since=span)
        assert desk.server.count(FILE) == 1
        listed["publicationDate"] = None  # type: ignore[assignment] # as some files have it
        assert desk.counts("USA", job="trade_bulk", since=span) == ("ok", 0, 0)
        assert desk.server.count(FILE) == 2


def _cell(value: object) -> str:
    return "" if value is None else str(value)


def test_a_day_of_503_leaves_the_lake_as_it_was(desk: Desk) -> None:
    api = desk.speak(small(), LIST, PREVIEW)
    desk.run("USA")
    desk.sleep(days=28)
    outage(desk, api, HISTORY, lambda: desk.run("USA"))
