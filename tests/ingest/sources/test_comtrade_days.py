"""Weeks of Comtrade: data sets come, change or stay away; the lake follows and is never ahead."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random

import pytest

from ingest.runs.editions import StoredEditions
from ingest.sources import comtrade
from ingest.sources._comtrade_areas import areas
from tests.ingest.desk import Desk, opened
from tests.ingest.server import Act, Handler, status
from tests.ingest.sources.comtrade_server import GERMANY, USA, Comtrade, Flow, small

LIST = "/public/v1/getDA/C/A/HS"
PREVIEW = "/public/v1/preview/C/A/HS"
REPORTERS = (USA, GERMANY, 156, 392)
FLOWS = {"M": "import", "X": "export", "RM": "re-import", "RX": "re-export"}
STATED = "SELECT reporter, year, partner, flow, value_usd FROM trade ORDER BY ALL"
Release = tuple[datetime, dict[Flow, float]]


def publish(chance: Random, far: Comtrade, now: datetime) -> None:
    """A new data set, or another version of one: some flows change, some are new."""
    reporter, year = chance.choice(REPORTERS), chance.choice((2021, 2022, 2023))
    for partner in chance.sample((0, 36, 40, 250, 899), chance.randrange(1, 5)):
        for code in chance.sample(sorted(FLOWS), chance.randrange(1, 5)):
            far.values[reporter, year, partner, code, "TOTAL"] = float(chance.randrange(10**6))
    far.released[reporter, year] = now.replace(tzinfo=None).isoformat()


def as_stated(values: dict[Flow, float]) -> list[tuple[object, ...]]:
    """The flows of the far side as the lake has them."""
    return sorted(
        (areas()[reporter], year, areas()[partner], FLOWS[code], value)
        for (reporter, year, partner, code, _), value in values.items()
    )


@pytest.mark.parametrize("seed", range(3))
def test_the_lake_follows_what_is_published_and_is_never_ahead_of_it(
    tmp_path: Path, seed: int
) -> None:
    """Every day some data sets change, and on some days the quota is used up half way."""
    chance, far = Random(seed), Comtrade({})
    published: list[Release] = []
    with opened(comtrade.SOURCE, tmp_path) as desk:
        desk.speak(far, LIST)
        desk.speak(failing(chance, far), PREVIEW)
        for _ in range(14):
            for _ in range(chance.randrange(3)):
                desk.sleep(hours=1)
                publish(chance, far, desk.now)
                published.append((desk.now, dict(far.values)))
            desk.sleep(hours=20)
            desk.run(*(("USA", "DEU", "CHN", "JPN") if chance.random() < 0.3 else ()))
        desk.speak(far, PREVIEW)
        desk.sleep(days=8)
        assert desk.run("USA", "DEU", "CHN", "JPN").outcome.status == "ok"
        assert desk.rows(STATED) == as_stated(far.values)
        for moment, _ in chance.sample(published, 6):
            for clock in (moment - timedelta(seconds=1), moment, moment + timedelta(hours=13)):
                assert_not_ahead(desk, published, clock)


def failing(chance: Random, far: Comtrade) -> Act:
    """Now and then a refusal, for the rest of that day."""

    def act(to: Handler) -> None:
        refused = status(403, b'{"statusCode":403,"message":"Out of call volume quota."}')
        (refused if chance.random() < 0.1 else far)(to)

    return act


def assert_not_ahead(desk: Desk, published: list[Release], clock: datetime) -> None:
    """No row has a value that nobody had published at that clock."""
    public = {row for at, values in published if at <= clock for row in as_stated(values)}
    assert set(desk.rows(STATED, clock)) <= public


def test_a_run_that_dies_before_it_remembers_is_taken_up_and_remembers(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def dies(*_: object) -> None:
        raise RuntimeError("the power is gone")

    with opened(comtrade.SOURCE, tmp_path) as desk:
        desk.speak(small(), LIST, PREVIEW)
        due = desk.now
        with monkeypatch.context() as broken:
            broken.setattr(StoredEditions, "remember", dies)
            assert desk.run("USA", "DEU", due=due).outcome.status == "partial"
        again = desk.run("USA", "DEU", due=due).outcome
        assert (again.status, again.rows_added) == ("ok", 12)
        assert len(desk.server.hits) == 5
        assert "2 data sets are unchanged" in desk.run("USA", "DEU").outcome.message


def test_a_month_of_the_timetable_stays_inside_the_quota(tmp_path: Path) -> None:
    """Everything is new on the first day, more than the quota holds; it comes day by day."""
    codes = [code for code, iso3 in areas().items() if iso3 and 0 < code < 500][:60]
    values = {
        (reporter, year, partner, flow, "TOTAL"): 1.0
        for reporter in (*REPORTERS, 826, 251, 699, 380, 124, 410)
        for year in (2021, 2022, 2023)
        for partner in codes[:3]
        for flow in FLOWS
    }
    with opened(comtrade.SOURCE, tmp_path) as desk:
        desk.speak(Comtrade(values), LIST, PREVIEW)
        calls = []
        for _ in range(20):
            calls.append(desk.run().outcome.calls)
            desk.sleep(days=1)
        assert max(calls) <= (desk.source.jobs[0].cost or 0)
        assert calls[-1] == 1  # the list alone: nothing is left to fetch
        assert desk.rows("SELECT count(*) FROM trade") == [(len(values),)]
        assert desk.now > datetime(2024, 3, 30, tzinfo=UTC)
