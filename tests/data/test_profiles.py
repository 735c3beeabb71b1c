"""Profiles of what a team pays for: shipped ones read, faults are named with file and field."""

from __future__ import annotations

from pathlib import Path

import pytest

from data.errors import ConfigError
from data.profiles import FOLDER, quotas_in_force, read_profile
from data.quotas import read_quotas
from data.settings import Settings

GOOD = "about = 'x'\nbudget_usd = 1\ndisk_gb = 3\nbucket_gb = 4\n"
PLAN = "limits = ['1 calls per day']\nterms = 'https://x'\nas_of = 2026-11-30\n"


@pytest.mark.parametrize("name", sorted(path.stem for path in FOLDER.glob("*.toml")))
def test_the_shipped_ones_pay_for_sources_that_there_are(name: str) -> None:
    profile = read_profile(name)
    quotas = profile.in_force(read_quotas())
    assert sum(quota.price_usd for quota in profile.plans.values()) <= profile.budget_usd
    for source, quota in profile.plans.items():
        assert quotas[source] is quota
        assert quota.plan and quota.price_usd > 0 and quota.note, source


def test_the_free_one_pays_nothing() -> None:
    assert read_profile("free").plans == {}
    assert all(quota.price_usd == 0 for quota in read_quotas().values())


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("about = [", "cannot be read as TOML"),
        (GOOD + "colour = 1\n", "unknown fields colour"),
        (GOOD.replace("= 3", "= -3"), "`disk_gb` is -3"),
        (GOOD.replace("= 1", "= 'much'"), "`budget_usd` is 'much'"),
        (GOOD.replace("= 1", "= nan"), "`budget_usd` is nan"),
        (GOOD.replace("bucket_gb = 4\n", ""), "`bucket_gb` is None"),
        (GOOD + "plans = 3\n", "`plans` holds a section"),
        (GOOD + f"[plans.fred]\n{PLAN}price_usd = -1\n", "price_usd -1"),
        (GOOD + f"[plans.fred]\n{PLAN}dollars = 1\n", "unknown fields dollars"),
    ],
)
def test_a_fault_is_named(text: str, words: str, tmp_path: Path) -> None:
    file = tmp_path / "mine.toml"
    file.write_text(text)
    with pytest.raises(ConfigError, match=words):
        read_profile(str(file))


def test_the_setting_chooses(tmp_path: Path) -> None:
    file = tmp_path / "mine.toml"
    file.write_text(GOOD + f"[plans.coingecko]\n{PLAN}")
    given = {"DATA_DIR": "/nowhere", "PROFILE": str(file)}
    quota = quotas_in_force(Settings.from_env("live", given))["coingecko"]
    assert [str(limit) for limit in quota.limits] == ["1 calls per day"]
    assert quotas_in_force(Settings.from_env("live", {"DATA_DIR": "/nowhere"})) == read_quotas()


def test_a_plan_of_nobody_and_a_profile_that_is_not_there(tmp_path: Path) -> None:
    file = tmp_path / "mine.toml"
    file.write_text(GOOD + f"[plans.nobody]\n{PLAN}")
    with pytest.raises(ConfigError, match="a plan of nobody"):
        read_profile(str(file)).in_force(read_quotas())
    with pytest.raises(ConfigError, match="there are free, hobby, team"):
        read_profile("rich")
