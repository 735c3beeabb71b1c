"""The prover refuses what would burst, with the figures, and finds what runs less often."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from data.errors import ConfigError
from data.quotas import Limit, Quota, read_quotas
from ingest.jobs import Cadence, Call, Job, Parsed, Source
from ingest.quota.prover import Demand, Proof, demands, month_after, prove
from tests.machine import ROOT

START, END = month_after(datetime(2026, 11, 21, 12, tzinfo=UTC))


def quotas(
    source: str, *limits: str, uses: Sequence[str] = (), zone: str = "UTC"
) -> dict[str, Quota]:
    found = tuple(map(Limit.parse, limits))
    used = tuple(map(Limit.parse, uses))
    quota = Quota(source, found, zone, "https://example.org", date(2026, 11, 1), uses=used)
    return {source: quota}


def source(name: str, *jobs: Job, calls: int = 1, credits: int = 1) -> Source:
    made = [Call(f"https://example.org/{at}", credits=credits) for at in range(calls)]
    return Source(name, name, "", "native", "", jobs, lambda window: made, lambda reply: Parsed({}))


def job(name: str, priority: int = 5, cost: int | None = None, **cadence: object) -> Job:
    when = Cadence(**cadence)
    return Job(name, ("macro",), "", when, priority=priority, cost=cost)


def proof_of(given: dict[str, Quota], *sources: Source) -> Proof:
    return prove(demands(sources, given, START, END), given, START, END)


def test_the_month_is_the_longest_from_the_first_of_the_next() -> None:
    assert f"{START:%Y-%m-%d %H:%M}" == "2026-12-01 00:00"
    assert f"{END:%Y-%m-%d %H:%M}" == "2027-01-01 00:00"


def test_a_call_a_minute_on_ten_thousand_a_month_is_refused() -> None:
    given = quotas("coingecko", "30 calls per minute", "10_000 calls per month")
    proof = proof_of(given, source("coingecko", job("spot", every_minutes=1)))
    assert not proof.fits
    (burst,) = proof.bursts
    assert (burst.asked, burst.allowed, burst.window) == (44_640, 9_000, "2026-12")
    assert "44,640 calls in 2026-12 on a quota of 10,000 calls per month" in str(proof)
    assert "35,640 more than the 9,000 open to jobs (10,000 less 1,000 kept for people)" in str(
        proof
    )
    assert "coingecko.spot (priority 5): every 5th time, 8,928 runs in the month" in str(proof)
    assert proof.every == {"coingecko.spot": 5}


def test_three_commands_for_each_of_7200_ticks_a_day_are_refused() -> None:
    given = quotas("redis", "10_000 commands per day")
    ticks = tuple(START + timedelta(seconds=12 * at) for at in range(7200))
    proof = prove(
        [Demand("ticks", "redis", ticks, {"commands": 3}, is_fixed=True)], given, START, END
    )
    assert "21,600 commands in 2026-12-01 on a quota of 10,000 commands per day" in str(proof)
    assert "12,600 more" in str(proof)
    assert "no timetable of jobs mends redis" in str(proof)
    assert not proof.fits and not proof.changes and len(proof.hopeless) == 1


def test_the_same_from_the_quotas_file() -> None:
    given = quotas("redis", "10_000 commands per day", uses=["21_600 commands per day"])
    assert "21,600 commands" in str(proof_of(given))


def test_500_news_queries_a_day_on_a_plan_of_100_are_refused() -> None:
    given = quotas("newsapi", "100 calls per day")
    proof = proof_of(given, source("newsapi", job("headlines", at="06:00", cost=500)))
    assert "500 calls in 2026-12-01 on a quota of 100 calls per day: 410 more" in str(proof)
    assert "headlines (priority 5): not at all, instead of 31" in str(proof)
    spread = proof_of(given, source("newsapi", job("headlines", every_minutes=3, cost=1)))
    assert "480 calls in 2026-12-01" in str(spread)
    assert spread.every == {"newsapi.headlines": 6}


def test_what_fits_is_said_to_fit() -> None:
    given = quotas("coingecko", "30 calls per minute", "10_000 calls per month")
    proof = proof_of(given, source("coingecko", job("spot", every_minutes=5)))
    assert proof.fits and "the plan fits; 2 quotas were checked" in str(proof)
    assert [line.asked for line in proof.lines] == [12, 8_928]


def test_the_least_important_job_gives_way_first() -> None:
    given = quotas("x", "100 calls per day")
    jobs = (job("prices", 1, every_minutes=20), job("news", 9, every_minutes=30))
    proof = proof_of(given, source("x", *jobs))
    assert proof.every == {"x.news": 3}  # 72 + 48 asked, 90 open: 16 a day are left
    assert prove(thinned(given, proof, *jobs), given, START, END).fits


def test_when_it_is_not_enough_the_next_one_gives_way_too() -> None:
    given = quotas("x", "50 calls per day")
    jobs = (job("prices", 1, every_minutes=20), job("news", 9, every_minutes=30))
    proof = proof_of(given, source("x", *jobs))
    assert proof.every == {"x.news": 0, "x.prices": 2}
    assert prove(thinned(given, proof, *jobs), given, START, END).fits


def thinned(given: dict[str, Quota], proof: Proof, *jobs: Job) -> list[Demand]:
    asked = demands([source("x", *jobs)], given, START, END)
    return [replace(demand, every=proof.every.get(demand.job, 1)) for demand in asked]


def test_credits_count_where_the_quota_counts_them() -> None:
    given = quotas("x", "1_000 credits per day", "100 calls per day")
    proof = proof_of(given, source("x", job("a", every_minutes=60), calls=2, credits=40))
    (burst,) = proof.bursts
    assert (burst.limit.unit, burst.asked) == ("credits", 24 * 2 * 40)


def test_a_pace_that_the_hour_cannot_hold_is_refused() -> None:
    given = quotas("x", "10 calls per minute")
    proof = proof_of(given, source("x", job("a", every_minutes=60, cost=700)))
    (burst,) = proof.bursts
    assert (burst.asked, burst.allowed) == (700, 600)


def test_days_are_those_of_the_provider() -> None:
    given = quotas("x", "2 calls per day", zone="Asia/Tokyo")
    proof = proof_of(given, source("x", job("a", at="14:00"), job("b", at="16:00")))
    (line,) = proof.lines
    assert line.asked == 2  # b of one day and a of the next
    assert line.window == "2026-12-02"


def test_people_and_model_calls_count_too() -> None:
    given = quotas(
        "gemini",
        "250 calls per day",
        "1_000_000 tokens per month",
        "10 calls per minute",
        uses=["300 calls per day", "40_000 tokens per day", "1 calls per minute"],
    )
    proof = proof_of(given)
    assert {burst.limit.unit for burst in proof.bursts} == {"calls", "tokens"}
    assert "1,240,000 tokens in 2026-12" in str(proof)
    monthly = proof_of(quotas("x", "10 calls per day", uses=["300 calls per month"]))
    assert [line.asked for line in monthly.lines] == [10]


def test_the_shipped_figures_are_dated_and_readable() -> None:
    found = read_quotas()
    assert {"coingecko", "gemini", "redis", "newsapi"} <= found.keys()
    assert all(quota.terms.startswith("https://") for quota in found.values())


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("x = 1", r"\[x\] is none"),
        ("[x]\nlimits = []", "needs `as_of`"),
        ('[x]\nas_of = 2026-01-01\nterms = "t"\nspeed = 9', "unknown fields speed"),
        ('[x]\nas_of = 2026-01-01\nterms = "t"\nzone = "Mars"', "zone 'Mars' is no time zone"),
        ('[x]\nas_of = 2026-01-01\nterms = "t"\nlimits = ["a lot"]', "'a lot' is no limit"),
        ("[x", "cannot be read as TOML"),
    ],
)
def test_a_quotas_file_with_a_fault_is_refused(text: str, words: str, tmp_path: Path) -> None:
    path = tmp_path / "quotas.toml"
    path.write_text(text)
    with pytest.raises(ConfigError, match=words):
        read_quotas(path)
    with pytest.raises(ConfigError, match="cannot be read"):
        read_quotas(tmp_path / "none.toml")


def test_the_command_says_it_and_fails(tmp_path: Path) -> None:
    path = tmp_path / "quotas.toml"
    path.write_text(
        '[redis]\nas_of = 2026-01-01\nterms = "https://t"\nlimits = ["10_000 commands per day"]\n'
        'uses = ["21_600 commands per day"]\n'
    )
    command = [sys.executable, "-m", "scripts.plan", "--quotas", str(path), "--month", "2026-11-21"]
    command += ["--format", "csv"]

    def plan(url: str) -> subprocess.CompletedProcess[str]:
        env = {"PATH": "", "DATA_DIR": str(tmp_path), "REDIS_URL": url}
        return subprocess.run(command, cwd=ROOT, env=env, capture_output=True, text=True)

    hosted = plan("rediss://default:secret-word@redis.example.org:6379")
    assert hosted.returncode == 1
    assert "commands in 2026-12-01 on a quota of 10,000" in hosted.stderr
    assert "secret-word" not in hosted.stderr + hosted.stdout
    assert "10,000 commands per day" in hosted.stdout
    assert plan("redis://127.0.0.1:6379").returncode == 0


def test_every_source_has_its_figures() -> None:
    from ingest.registry import SOURCES

    missing = sorted(SOURCES.keys() - {"demo"} - read_quotas().keys())
    assert not missing, (
        f"ingest/quotas.toml has no limits of {', '.join(missing)}: add for each a table [name] "
        "with limits, terms, as_of and note"
    )


def test_a_profile_pays_for_plans_and_is_held_to_its_budget(tmp_path: Path) -> None:
    """By hand: a plan of 30 dollars on a budget of 20, and a lake that is still empty."""
    file = tmp_path / "mine.toml"
    file.write_text(
        "about = 'us'\nbudget_usd = 20\ndisk_gb = 1\nbucket_gb = 1\n"
        '[plans.coingecko]\nplan = "small"\nlimits = ["50_000 calls per month"]\n'
        'price_usd = 30\nterms = "https://t"\nas_of = 2026-11-01\n'
    )

    def plan() -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "scripts.plan", "--profile", str(file), "--format", "csv"]
        env = {"PATH": "", "DATA_DIR": str(tmp_path)}
        return subprocess.run(command, cwd=ROOT, env=env, capture_output=True, text=True)

    over = plan()
    assert over.returncode == 1
    assert "plans cost 30 USD a month of 20, 10 too much" in over.stderr
    assert "- coingecko, small: 30 USD" in over.stderr
    assert "nothing is measured yet" in over.stderr
    line = next(line for line in over.stdout.splitlines() if line.startswith("coingecko"))
    assert '"50,000 calls per month"' in line and ",small,30.0," in line
    file.write_text(file.read_text().replace("budget_usd = 20", "budget_usd = 30"))
    fits = plan()
    assert fits.returncode == 0
    assert "plans cost 30 USD a month of 30, 0 left" in fits.stderr
