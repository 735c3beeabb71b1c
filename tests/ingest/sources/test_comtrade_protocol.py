"""Comtrade's protocol: previews cut at 500 rows without a word, limits told in plain words."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from ingest.sources import comtrade
from ingest.sources._comtrade_rows import areas
from tests.ingest.desk import KEY, Desk, opened, outage
from tests.ingest.server import Handler, document, status

CAP = 500
PREVIEW = "/public/v1/preview/C/A/HS"
FINAL = "/data/v1/get/C/A/HS"
USA, GERMANY = 842, 276
WORLD = "SELECT value_usd FROM trade WHERE reporter = 'DEU' AND partner = 'WLD' AND flow = 'export'"
HISTORY = (
    "SELECT reporter, partner, flow, year, value_usd, known_at FROM trade_vintages ORDER BY ALL"
)
COUNT = "SELECT count(*) FROM trade WHERE year = 2022"
Flow = tuple[int, int, int, str, str]


@dataclass
class Comtrade:
    """Values by reporter, year, partner, flow and product; a preview shows 500 rows at most."""

    values: dict[Flow, float]
    unreported: set[int] = field(default_factory=set)

    def __call__(self, to: Handler) -> None:
        if to.path.startswith(FINAL) and to.headers["Ocp-Apim-Subscription-Key"] != KEY:
            words = "Access denied due to invalid subscription key."
            return document({"statusCode": 401, "message": words})(to)
        rows = [self.row(key, value) for key, value in self.values.items() if wants(to, key)]
        cut = rows[:CAP] if to.path.startswith(PREVIEW) else rows
        return document({"elapsedTime": "0.1 secs", "count": len(cut), "data": cut, "error": ""})(
            to
        )

    def row(self, key: Flow, value: float) -> dict[str, object]:
        reporter, year, partner, flow, product = key
        return {
            "typeCode": "C",
            "freqCode": "A",
            "refYear": year,
            "period": str(year),
            "reporterCode": reporter,
            "reporterISO": None,
            "flowCode": flow,
            "partnerCode": partner,
            "partnerISO": None,
            "partner2Code": 0,
            "classificationCode": "H6",
            "cmdCode": product,
            "customsCode": "C00",
            "motCode": 0,
            "netWgt": 0.0,
            "cifvalue": None,
            "fobvalue": value,
            "primaryValue": value,
        }


def wants(to: Handler, key: Flow) -> bool:
    """Whether a flow is among those that a request asks for."""
    names = ("reporterCode", "period", "partnerCode", "flowCode", "cmdCode")
    for name, found in zip(names, key, strict=True):
        asked = to.query.get(name)
        is_chapter = asked == "AG2" and len(str(found)) == 2
        if asked is not None and not is_chapter and str(found) not in asked.split(","):
            return False
    return True


def small() -> Comtrade:
    """Two reporters, three partners, both directions, one year."""
    values = {
        (reporter, 2022, partner, flow, "TOTAL"): 100.0 + partner
        for reporter in (USA, GERMANY)
        for partner in (0, 156, 250)
        for flow in "MX"
    }
    return Comtrade(values)


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    with opened(comtrade.SOURCE, tmp_path) as found:
        yield found


def test_a_preview_that_was_cut_is_asked_again_until_it_is_whole(desk: Desk) -> None:
    partners = [code for code, iso3 in areas().items() if iso3 and code != USA]
    assert len(partners) * 2 > CAP
    flows = {
        (USA, 2022, partner, flow, "TOTAL"): 1000.0 + partner
        for flow in "MX"
        for partner in partners
    }
    desk.speak(Comtrade(flows), PREVIEW)
    outcome = desk.run("USA").outcome
    assert outcome.status == "ok"
    assert "cut at 500 rows" in outcome.message
    assert desk.asked("flowCode") == ["M,X", "M,X", "M", "X"]
    # Some countries have had several codes: of these the largest value stands.
    largest: dict[object, float] = {}
    for partner in partners:
        code = areas()[partner]
        largest[code] = max(largest.get(code, 0.0), 1000.0 + partner)
    assert desk.rows(COUNT) == [(2 * len(largest),)]
    told = desk.rows("SELECT flow, sum(value_usd) FROM trade GROUP BY flow ORDER BY flow")
    assert told == [("export", sum(largest.values())), ("import", sum(largest.values()))]


def test_a_refresh_adds_only_the_year_that_came(desk: Desk) -> None:
    far = small()
    desk.speak(far, PREVIEW)
    assert desk.counts("USA", "DEU") == ("ok", 12, 0)
    before = desk.rows(HISTORY)
    desk.sleep(days=28)
    assert desk.counts("USA", "DEU") == ("ok", 0, 0)
    far.values[(GERMANY, 2021, 0, "X", "TOTAL")] = 99.0
    assert desk.counts("USA", "DEU")[1:] == (1, 0)
    assert len(desk.rows(HISTORY)) == len(before) + 1


def test_a_revision_adds_its_vintage_and_the_old_one_stays(desk: Desk) -> None:
    far = small()
    desk.speak(far, PREVIEW)
    desk.run("USA", "DEU")
    first, before = desk.now, desk.rows(HISTORY)
    desk.sleep(days=28)
    far.values[(GERMANY, 2022, 0, "X", "TOTAL")] = 107.0
    assert desk.counts("USA", "DEU") == ("ok", 0, 1)
    assert desk.rows(WORLD, first) == [(100.0,)]
    assert desk.rows(WORLD, desk.now) == [(107.0,)]
    assert set(before) < set(desk.rows(HISTORY))


def test_a_reporter_who_is_gone_is_empty_and_takes_nothing_away(desk: Desk) -> None:
    far = small()
    desk.speak(far, PREVIEW)
    desk.run("USA", "DEU")
    before = desk.rows(HISTORY)
    desk.sleep(days=28)
    far.values = {}
    outcome = desk.run("USA", "DEU").outcome
    assert outcome.status == "empty"
    assert "no rows and no reason" in outcome.message
    assert desk.rows(HISTORY) == before


def test_a_limit_told_in_words_is_waited_out(desk: Desk) -> None:
    words = b'{"statusCode":429,"message":"Rate limit is exceeded. Try again in 1 seconds."}'
    api = desk.speak(small(), PREVIEW)
    api.first = [status(429, words)]
    assert desk.counts("USA", "DEU") == ("ok", 12, 0)
    assert max(desk.clock.slept) >= 30.0


def test_a_quota_that_is_used_up_ends_the_run_and_keeps_what_came(desk: Desk) -> None:
    words = b'{"statusCode":403,"message":"Out of call volume quota. Quota will be replenished."}'
    far = small()
    refused = status(403, words, Retry_After="3600")
    due = desk.now
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


def test_every_chapter_needs_the_key_and_comes_with_it(tmp_path: Path) -> None:
    chapters = {(USA, 2022, 0, "X", f"{number:02}"): float(number) for number in range(1, 77)}
    with opened(comtrade.SOURCE, tmp_path, is_keyed=True) as desk:
        desk.speak(Comtrade(chapters), FINAL)
        assert desk.counts("USA", job="trade_full") == ("ok", 76, 0)
        desk.engine.settings.secrets.write_text("COMTRADE_API_KEY=another-key-than-theirs\n")
        desk.sleep(days=365)
        outcome = desk.run("USA", job="trade_full").outcome
        assert (outcome.status, outcome.calls) == ("failed", 1)
        assert "invalid subscription key" in outcome.message
        assert desk.rows("SELECT count(*) FROM trade") == [(76,)]


def test_a_day_of_503_leaves_the_lake_as_it_was(desk: Desk) -> None:
    api = desk.speak(small(), PREVIEW)
    desk.run("USA")
    desk.sleep(days=28)
    outage(desk, api, HISTORY, lambda: desk.run("USA"))
