"""The words of a regime never deny the numbers shown beside them, over random histories."""

from __future__ import annotations

import random
import re
from datetime import UTC, date, datetime
from typing import Any

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analytics.macro.realtime import RealtimePrints, month_date
from analytics.regimes.quadrants import NAMED, SAHM_POINTS, SAHM_SLACK, read
from analytics.regimes.regimes import regimes, voted
from analytics.regimes.switching import calls, toward
from pages.macro import regime_words as words
from pages.macro.regime_words import digits_apart
from tests.demo_fixture import DemoLake

FIRST, MONTHS, SHOWN = 2000 * 12, 110, 30
WAY = {name: way for way, name in NAMED.items()}
EDGES = (0.0, 0.19996, 0.2, 0.20004, 0.4996, 0.5, 0.50004, 0.7999, 0.8, 0.80001, 1.0)
CHANCE = st.one_of(
    st.none(), st.sampled_from(EDGES), st.integers(0, 10_000).map(lambda n: n / 10_000)
)
RISE = st.one_of(
    st.none(),
    st.sampled_from((0.4951, 0.4999, 0.5 - 1e-10, 0.5, 0.5004)),
    st.integers(-300, 900).map(lambda n: n / 1000),
)


def walk(seed: int) -> RealtimePrints:
    """A yearly change that wanders, printed once a month; some months are missing."""
    rng, level, values = random.Random(seed), 2.0, []
    for _ in range(MONTHS):
        level = 0.95 * level + rng.gauss(0, 0.4)
        values.append(float("nan") if rng.random() < 0.01 else level)
    months = FIRST + np.arange(MONTHS)
    known = np.array(
        [
            int(datetime(m // 12, m % 12 + 1, 15, tzinfo=UTC).timestamp() * 1_000_000)
            for m in months.tolist()
        ]
    )
    ones = np.ones(MONTHS, dtype=np.int64)
    return RealtimePrints("s:X", known, months, np.array(values), ones, is_yearly=True)


def history(seed: int, chances: list[float | None], rises: list[float | None]) -> pl.DataFrame:
    """The three views of the last months, as the analytics make them of such data."""
    growth, prices = read(walk(seed)), read(walk(seed + 1))
    states = [(g, i) for g, i in zip(growth.state, prices.state, strict=True)]
    p = np.array([np.nan if chance is None else chance for chance in chances])
    called = calls(p)
    frame = (
        pl.DataFrame(
            {
                "month": [month_date(month) for month in growth.months.tolist()],
                **{
                    f"{name}_{part}": pl.Series(getattr(one, part), nan_to_null=True)
                    for name, one in (("growth", growth), ("inflation", prices))
                    for part in ("impulse", "band", "state")
                },
                "quadrant": pl.Series([NAMED.get(pair) for pair in states], dtype=pl.String),
            }
        )
        .tail(SHOWN)
        .with_columns(
            pl.Series("p_filtered", chances, dtype=pl.Float64),
            pl.Series("model_called", called, dtype=pl.Boolean),
            pl.Series("toward", toward(p, called), dtype=pl.Int64),
            pl.Series("rise", rises, dtype=pl.Float64),
            pl.Series(
                "jobless_called",
                [None if r is None else r >= SAHM_POINTS - SAHM_SLACK for r in rises],
                dtype=pl.Boolean,
            ),
        )
    )
    times = {
        name: pl.lit(datetime(2020, 1, 1, tzinfo=UTC))
        for name in ("rule_known", "model_known", "jobless_known")
    }
    return voted(frame.with_columns(**times))


def number(text: str) -> float:
    """The first number of a text, as it is shown."""
    found = re.search(r"[+−-]?\d+(\.\d+)?", text)
    assert found, text
    return float(found[0].replace("−", "-"))


def check_rule(row: dict[str, Any], digits: dict[str, int]) -> None:
    """The quadrant fits both impulses as they are shown, or is marked and explained."""
    word = words.quadrant(row)
    fits = []
    for name, way in zip(words.INPUTS, WAY[word.removesuffix(" (kept)")], strict=True):
        impulse = row[f"{name}_impulse"]
        shown = None if impulse is None else round(impulse, digits[name])
        fits.append(shown is not None and shown * way > 0)
        if not fits[-1]:
            assert name in words.rule_fact(row, 2)[2]
        elif row[f"{name}_band"] is not None and abs(impulse) < row[f"{name}_band"]:
            assert abs(shown or 0) <= round(row[f"{name}_band"], words.impulse_digits(row, name))
    assert all(fits) != word.endswith("(kept)")
    for turn in words.rule_turns(row):
        now, until = (float(n.replace("−", "-")) for n in re.findall(r"[+−]\d+\.\d+", turn))
        assert now > until if "falls" in turn else now < until, turn


def check_model(row: dict[str, Any], so_far: tuple[int, int]) -> None:
    """A call beside a chance that denies it says what it waits for, and how far that is."""
    _, shown, word = words.model_fact(row)
    chance, is_called = number(shown), word.startswith("recession called")
    assert is_called == row["model_called"]
    high, low = so_far
    if is_called and chance <= 80:
        assert f"3 months below 20 %, {low} so far" in word
        assert low < 3
    elif not is_called and chance > 50:
        assert f"3 months above 80 %, {high} so far" in word
        assert high < 3
    else:
        assert "so far" not in word


def check_jobless(row: dict[str, Any]) -> None:
    """Called is what is shown at half a point or above."""
    _, shown, word = words.jobless_fact(row)
    assert (number(shown) >= SAHM_POINTS) == word.startswith("called")


def check_vote(row: dict[str, Any]) -> None:
    """The word is that of the members who are named, or says that it is kept."""
    _, word, told = words.vote_fact(row)
    votes, members = (int(n) for n in re.findall(r"\d+", told)[:2])
    named = re.search(r"\(([^)]*)\)", told)
    says = named[1].split(", ") if named else []
    assert len(says) == votes <= members
    assert (votes >= 2) == (word in ("weak", "not weak (kept)"))
    assert word.endswith("(kept)") == ("a vote holds 3 months" in told)
    shown = None if row["p_filtered"] is None else number(words.percent(row["p_filtered"]))
    assert ("chance" in says) == (shown is not None and shown > 50)
    assert ("Sahm indicator" in says) == bool(row["jobless_called"])
    assert ("rule" in says) == (row["growth_state"] == -1)
    if row["quadrant"] is not None:
        assert ("rule" in says) == (row["quadrant"] in ("stagflation", "slowdown"))
    missing = [row["growth_state"], row["p_filtered"], row["jobless_called"]].count(None)
    assert members == 3 - missing
    assert ("without the" in told) == (missing > 0)


def check(frame: pl.DataFrame) -> int:
    """Every month of a history; gives how many words were kept against their numbers."""
    rows, kept, high, low = frame.to_dicts(), 0, 0, 0
    digits = words.table_digits(rows)
    for row in rows:
        told = words.table_row(row)
        if row["quadrant"] is not None:
            check_rule(row, digits)
            kept += str(told["quadrant"]).endswith("(kept)")
        if row["p_filtered"] is not None:
            high = high + 1 if row["p_filtered"] > 0.8 else 0
            low = low + 1 if row["p_filtered"] < 0.2 else 0
            check_model(row, (high, low))
            shown = round(told["p_filtered"], digits["chance"])
            assert (shown > 50) == (row["p_filtered"] > 0.5)
        if row["rise"] is not None:
            check_jobless(row)
            shown = round(row["rise"], digits["rise"])
            assert (shown >= SAHM_POINTS) == (told["called"] == "called")
        if row["weak"] is not None:
            check_vote(row)
            kept += str(told["vote"]).endswith("(kept)")
        else:
            assert told["vote"] is None
    return kept


@given(
    st.integers(0, 10_000),
    st.lists(CHANCE, min_size=SHOWN, max_size=SHOWN),
    st.lists(RISE, min_size=SHOWN, max_size=SHOWN),
)
def test_no_line_denies_its_own_numbers(
    seed: int, chances: list[float | None], rises: list[float | None]
) -> None:
    check(history(seed, chances, rises))


def test_the_histories_have_states_that_are_kept() -> None:
    rng = random.Random(5)
    found = 0
    for seed in range(6):
        chances = [rng.choice((0.05, 0.3, 0.6, 0.9, 0.97)) for _ in range(SHOWN)]
        rises = [rng.choice((0.1, 0.6)) for _ in range(SHOWN)]
        found += check(history(seed, [*chances], [*rises]))
    assert found > 10


def test_a_line_that_denied_itself_is_explained() -> None:
    """Three strong months, a weak one: the call of the model and the vote outlast their numbers."""
    chances: list[float | None] = [0.9, 0.9, 0.9, 0.1, 0.3]
    called = calls([p for p in chances if p is not None])
    assert called == [False, False, True, True, True]
    assert toward([0.9, 0.9, 0.9, 0.1, 0.3], called) == [1, 2, 0, 1, 0]
    row = {"month": date(2020, 5, 1), "p_filtered": 0.3, "model_called": True, "toward": 0}
    assert words.model_fact(row)[1:] == (
        "30 %",
        "recession called; it ends after 3 months below 20 %, 0 so far, May 2020",
    )
    row = {
        "month": date(2020, 5, 1),
        "growth_state": 1.0,
        "p_filtered": 0.3,
        "votes": 0,
        "members": 3,
        "jobless_called": False,
        "weak": True,
        "kept": True,
    }
    assert words.vote_fact(row)[1:] == (
        "weak (kept)",
        "0 of 3 say weak; a vote holds 3 months, May 2020",
    )


def test_an_impulse_within_its_band_or_missing_says_that_the_state_is_kept() -> None:
    row = {
        "month": date(2020, 5, 1),
        "quadrant": "goldilocks",
        "growth_state": 1.0,
        "growth_impulse": -0.004,
        "growth_band": 0.0412,
        "inflation_state": -1.0,
        "inflation_impulse": None,
        "inflation_band": None,
    }
    name, word, told = words.rule_fact(row, 1)
    assert (name, word) == ("Rule", "goldilocks (kept)")
    assert told == (
        "1 month, May 2020; growth −0.004 is within its band of ±0.041, its state is kept; "
        "inflation has no impulse this month, its state is kept"
    )
    assert words.rule_turns(row) == ["growth turns when its impulse, −0.004, falls below −0.041"]


def test_what_is_nought_but_for_the_dust_of_a_sum_is_nought() -> None:
    row = {
        "growth_state": 1.0,
        "growth_impulse": 4e-16,
        "inflation_state": -1.0,
        "inflation_impulse": -4e-16,
        "quadrant": "goldilocks",
    }
    assert words.quadrant(row) == "goldilocks (kept)"
    assert words.signed(-4e-16, 2) == "+0.00"


@pytest.mark.parametrize(
    ("value", "edges", "least", "digits"),
    [
        (0.4996, (0.5,), 2, 4),
        (0.5, (0.5,), 2, 2),
        (0.51, (0.5,), 2, 2),
        (79.96, (80.0,), 0, 2),
        (0.0, (0.0,), 2, 2),
        (0.046, (0.048, -0.048), 2, 3),
        (-0.0557, (0.0, 0.0602, -0.0602), 2, 3),
    ],
)
def test_a_number_stays_on_its_side(
    value: float, edges: tuple[float, ...], least: int, digits: int
) -> None:
    assert digits_apart(value, edges, least) == digits


def test_every_country_of_the_demo_world(demo_lake: DemoLake) -> None:
    for year in (2009, 2020, 2024):
        at = demo_lake.at(datetime(year, 6, 20, tzinfo=UTC))
        for country in ("USA", "DEU", "JPN"):
            frame = regimes(at, country=country).frame
            check(frame.filter(pl.col("quadrant").is_not_null()))
