"""How much more fits, by hand: names of a source, hours of a feed, the lake of a year from now."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from data.profiles import Profile
from data.quotas import Limit, Quota
from data.settings import Settings
from ingest.jobs import Cadence, Call, Job, Parsed, Source
from ingest.quota.room import MOST, longest_window, most_names, most_that_fit
from ingest.quota.storage import Growth, is_borne, sentences

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
QUOTA = Quota("shop", (Limit(100, "calls", "day"),), "UTC", "https://x", date(2026, 11, 1))
SOURCE = Source(
    name="shop",
    title="Shop",
    gives="prices",
    grade="lagged",
    licence="ours",
    jobs=(Job("shop_daily", ("prices",), "prices", Cadence(at="09:00")),),
    plan=lambda window: [Call(f"https://x/{name}") for name in window.names_or(("A", "B"))],
    parse=lambda reply: Parsed({}),
    ids="shop:",
)


@pytest.mark.parametrize("limit", [-1, 0, 1, 7, 10])
def test_the_largest_that_fits(limit: int) -> None:
    assert most_that_fit(lambda amount: amount <= limit, 10) == limit


def test_names_beside_its_own() -> None:
    """A hundred a day less a tenth for people, less the two that the source has of its own."""
    assert most_names(SOURCE, QUOTA, now=NOW) == 88
    twice = replace(SOURCE, jobs=(*SOURCE.jobs, Job("again", (), "", Cadence(at="17:00"))))
    assert most_names(twice, QUOTA, now=NOW) == 43
    tight = replace(QUOTA, limits=(Limit(1, "calls", "day"),))
    assert most_names(SOURCE, tight, now=NOW) == -1
    assert most_names(SOURCE, replace(QUOTA, limits=()), now=NOW) == MOST
    assert most_names(replace(SOURCE, ids=None), QUOTA, now=NOW) is None


def test_hours_of_the_feed() -> None:
    told = Settings.from_env("live", {"DATA_DIR": "/nowhere", "LIVE_SAMPLE_MS": "500"})
    redis = replace(QUOTA, source="redis", limits=(Limit(500_000, "commands", "month"),))
    half = longest_window(told, redis, now=NOW)
    slower = longest_window(replace(told, live_sample_ms=5_000), redis, now=NOW)
    assert 0 < half < 60 < slower
    assert longest_window(told, replace(redis, limits=()), now=NOW) == 24 * 60


def profile(**more: float) -> Profile:
    given = {"budget_usd": 0.0, "disk_gb": 2.0, "bucket_gb": 1.0} | more
    return Profile(name="x", about="x", plans={}, **given)


def test_the_lake_of_a_year_from_now() -> None:
    prices = Growth("prices", 512_000_000, 1_000_000.0)  # 0.877 GB in a year
    ticks = Growth("ticks", 300_000_000, 10_000_000.0)  # ten days of it: 0.1 GB
    assert prices.after(365, 10) == pytest.approx(877e6)
    assert ticks.after(365, 10) == pytest.approx(100e6)
    assert is_borne([prices, ticks], profile(), 10)
    assert not is_borne([prices, ticks], profile(bucket_gb=0.9), 10)
    words = sentences([prices, ticks], profile(bucket_gb=0.9), 10)
    assert "0.81 GB and grew by 11.0 MB a day" in words[0] and "most of it ticks" in words[0]
    assert "in a year 0.98 GB" in words[0]
    assert words[1] == "- disk of 2 GB: fits, 1.02 GB left"
    assert words[2] == "- bucket of 0.9 GB: 77.0 MB too little"
    assert "nothing is measured" in sentences([], profile(), 10)[0]
