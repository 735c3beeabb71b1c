"""What the pages are told of the timetable: its words, its keys by name, the proof of the month."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from data.profiles import quotas_in_force
from data.quotas import Limit, Quota, read_quotas
from data.settings import Settings
from data.state.db import State
from data.state.timetable import dues
from ingest.jobs import Cadence, Job
from ingest.quota.published_timetable import line_up
from ingest.registry import SOURCES
from ingest.schedule.cadence import in_words
from ingest.schedule.planning import Planner, Task
from ingest.schedule.timetable import timetable

NOW = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)
KEY = "planted-0123456789"


def settings(folder: Path, workspace: str) -> Settings:
    secrets = folder / "secrets.env"
    secrets.write_text(f"FRED_API_KEY={KEY}\n")
    secrets.chmod(0o600)
    return Settings.from_env(workspace, {"DATA_DIR": str(folder)})


def posted(chosen: Settings, quotas: dict[str, Quota]):
    table = timetable(chosen, SOURCES.values(), chosen.secret)
    return line_up(chosen, table, SOURCES.values(), quotas, now=NOW)


def test_keys_are_told_by_name_and_never_by_value(tmp_path: Path) -> None:
    told = posted(settings(tmp_path, "live"), read_quotas())
    assert KEY not in repr(told)
    by_name = {source.name: source for source in told.sources}
    assert (by_name["fred"].secret, by_name["fred"].has_key) == ("FRED_API_KEY", True)
    assert by_name["fred"].why_off == ""
    assert not by_name["marketstack"].has_key
    assert "set MARKETSTACK_API_KEY" in by_name["marketstack"].why_off
    assert by_name["coingecko"].is_key_optional
    assert "demo" not in by_name
    jobs = {job.name for job in told.jobs}
    assert {"fred.fred_series", "house.backup"} <= jobs
    assert not [name for name in jobs if name.startswith("marketstack.")]


def test_month_is_proved_for_the_sources_that_run(tmp_path: Path) -> None:
    small = Quota(
        "coingecko",
        (Limit(100, "calls", "month"), Limit(9, "calls", "second")),
        "UTC",
        "https://terms",
        date(2026, 11, 1),
    )
    told = posted(settings(tmp_path, "live"), {"coingecko": small})
    (line,) = told.quotas
    assert (line.source, line.amount, line.per, line.kept) == ("coingecko", 100, "month", 10)
    assert line.asked > 100
    assert (line.terms, line.as_of) == ("https://terms", "2026-11-01")
    assert "does not fit" in told.verdict
    roomy = {"coingecko": replace(small, limits=(Limit(1_000_000, "calls", "month"),))}
    assert "the plan fits" in posted(settings(tmp_path, "live"), roomy).verdict


def test_a_demo_workspace_tells_of_its_own_source_only(tmp_path: Path) -> None:
    told = posted(settings(tmp_path, "demo"), read_quotas())
    assert [source.name for source in told.sources] == ["demo"]
    assert (told.quotas, told.verdict) == ((), "")


@pytest.mark.parametrize(
    ("cadence", "words"),
    [
        (Cadence(every_minutes=7 * 24 * 60), "every 7 d"),
        (Cadence(every_minutes=24 * 60), "every day"),
        (Cadence(every_minutes=1), "every minute"),
        (Cadence(every_minutes=60), "every hour"),
        (Cadence(every_minutes=15, days="weekdays"), "every 15 min on weekdays of UTC"),
        (Cadence(at="06:00", days="first_of_month"), "on the 1st of each month at 06:00 UTC"),
        (Cadence(at="18:30", zone="Europe/Berlin"), "every day at 18:30 Europe/Berlin"),
        (Cadence(at="04:00", days="first_of_february"), "on 1 February at 04:00 UTC"),
        (
            Cadence(every_minutes=120, days="sessions", calendar="XNYS", at_close=True),
            "every 2 h while XNYS is open and 30 min after each close of XNYS",
        ),
        (Cadence(at="09:00", days="sessions", calendar="XNYS"), "on days of XNYS at 09:00 UTC"),
        (Cadence(), "never"),
    ],
)
def test_cadences_in_words(cadence: Cadence, words: str) -> None:
    assert in_words(cadence) == words


def test_planner_tells_when_each_job_is_due_next(tmp_path: Path) -> None:
    state = State.open(tmp_path / "state.db")
    job = Job("rates", ("prices",), "rates", Cadence(at="18:30"))
    planner = Planner(state, [Task("x", job), Task("y", replace(job, cadence=Cadence()))])
    planner.plan(NOW)
    assert dues(state) == {"x.rates": datetime(2026, 11, 20, 18, 30, tzinfo=UTC), "y.rates": None}
    planner.plan(datetime(2026, 11, 20, 18, 30, 1, tzinfo=UTC))
    assert dues(state)["x.rates"] == datetime(2026, 11, 21, 18, 30, tzinfo=UTC)
    state.close()


def test_watchlist_symbols_without_room_in_a_quota_are_named(tmp_path: Path) -> None:
    chosen = settings(tmp_path, "live")
    table = timetable(chosen, SOURCES.values(), chosen.secret)
    tight = Quota("coingecko", (Limit(1000, "calls", "month"),), "UTC", "", date(2026, 11, 1))
    names = tuple(f"coin{number}" for number in range(50))
    wishing = replace(table, wishes={"coingecko": names})
    told = line_up(chosen, wishing, SOURCES.values(), {"coingecko": tight}, now=NOW)
    plain = line_up(chosen, table, SOURCES.values(), {"coingecko": tight}, now=NOW)
    assert "of 50 watchlist symbols are not fetched" in told.verdict
    assert plain.quotas[0].asked < told.quotas[0].asked <= 900
    assert "watchlist" not in plain.verdict


def test_prices_and_room_are_posted_with_the_quotas(tmp_path: Path) -> None:
    """A profile that pays for one plan; of a source that takes no names no room is said."""
    profile = tmp_path / "mine.toml"
    profile.write_text(
        "about = 'us'\nbudget_usd = 20\ndisk_gb = 1\nbucket_gb = 1\n"
        '[plans.coingecko]\nplan = "small"\nlimits = ["50_000 calls per month"]\n'
        'price_usd = 30\nterms = "https://t"\nas_of = 2026-11-01\n'
    )
    chosen = replace(settings(tmp_path, "live"), profile=str(profile))
    told = posted(chosen, quotas_in_force(chosen))
    assert told.money.endswith("plans cost 30 USD a month of 20, 10 too much.")
    by_name = {line.source: line for line in told.quotas}
    coins = by_name["coingecko"]
    assert (coins.plan, coins.price_usd, coins.amount) == ("small", 30.0, 50_000)
    assert coins.room is not None and coins.room > 1000
    assert by_name["comtrade"].room is None
