"""The bias by hand: weights, shrinking, contributions that add up, coverage, words, versions."""

from __future__ import annotations

import warnings
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from analytics.macro import weights
from analytics.macro.bias import (
    Kinds,
    bias,
    bias_contributions,
    bias_history,
    days_of_year,
    labels,
    scored_releases,
)
from analytics.macro.surprises import surprises
from data.errors import ConfigError
from data.lake import Lake
from data.query import At, Db
from tests.analytics.test_known_history import drawn
from tests.analytics.test_surprises import keep, noon, release

STEPS = [1.0, -1.0, 1.0, -1.0, 1.0, 2.0, -3.0, 0.5]


@pytest.fixture
def at(lake: Lake, db: Db) -> At:
    """A labour and an inflation series, each with eight surprises, thirty days apart."""
    keep(lake, *(release(30 * n, 100 + s, 100.0, "s:J") for n, s in enumerate(STEPS)))
    keep(
        lake,
        *(release(30 * n + 3, 50 - s, 50.0, "s:P", importance=3) for n, s in enumerate(STEPS)),
        dimension="inflation",
    )
    return db.at(noon(220))


def test_a_score_by_hand(at: At) -> None:
    rows = surprises(at).frame.drop_nulls("z").to_dicts()
    held = [row for row in rows if 0 <= (at.as_of - row["released_at"]).days < 90]
    weight = {
        id(row): row["importance"] * 0.5 ** ((at.as_of - row["released_at"]) / timedelta(days=30))
        for row in held
    }
    signs = weights.book(at).at(at.as_of).assets["equities"]
    means = {}
    for kind in ("labour", "inflation"):
        mine = [row for row in held if row["dimension"] == kind]
        total = sum(weight[id(row)] for row in mine)
        means[kind] = sum(weight[id(row)] * max(-4.0, min(4.0, row["z"])) for row in mine) / total
    plain = sum(signs[kind] * mean for kind, mean in means.items())
    plain /= sum(abs(signs[kind]) for kind in means)
    effective = sum(weight.values()) ** 2 / sum(w * w for w in weight.values())
    wanted = 25 * plain * effective / (effective + 5)
    row = bias(at).frame.row(by_predicate=pl.col("asset") == "equities", named=True)
    assert row["score"] == pytest.approx(wanted)
    assert row["effective"] == pytest.approx(effective)
    assert row["confidence"] == pytest.approx(effective / (effective + 5))
    assert row["releases"] == len(held)
    assert row["coverage"] == 1.0
    assert row["cutoff"] == noon(213)


def test_contributions_sum_to_the_score(at: At) -> None:
    for asset in weights.book(at).at(at.as_of).assets:
        score = bias(at).frame.row(by_predicate=pl.col("asset") == asset, named=True)["score"]
        parts = bias_contributions(at, country="USA", asset=asset).frame
        assert parts["contribution"].sum() == pytest.approx(score, abs=1e-9)
        assert set(parts["age_days"]) == {10.0, 7.0}
    with pytest.raises(ConfigError, match="expected one of equities"):
        bias_contributions(at, country="USA", asset="luck")


def test_the_history_ends_at_the_score_and_keeps_its_past(at: At, db: Db) -> None:
    history = bias_history(at, country="USA", since=noon(150)).frame
    score = bias(at).frame.row(by_predicate=pl.col("asset") == "equities", named=True)["score"]
    assert history["score"][-1] == pytest.approx(score, abs=1e-12)
    earlier = bias_history(db.at(noon(190)), country="USA", since=noon(150)).frame
    both = history.join(earlier, on="moment", suffix="_then")
    assert both.height == 40
    assert both["score"].to_numpy() == pytest.approx(both["score_then"].to_numpy(), abs=1e-9)


def test_too_little_of_what_was_due_is_no_word(at: At, lake: Lake, db: Db) -> None:
    keep(lake, *(release(200 + n, None, 1.0, "s:J") for n in range(12)))
    row = bias(db.at(noon(220))).frame.row(0, named=True)
    assert row["coverage"] < 0.6
    assert row["label"] == "insufficient"
    assert row["score"] is not None


def test_without_surprises_there_is_no_bias(lake: Lake, db: Db) -> None:
    assert bias(db.at(noon(10))).frame.is_empty()
    keep(lake, release(5, 1.0, None))
    row = bias(db.at(noon(10))).frame.row(0, named=True)
    assert (row["score"], row["label"], row["releases"]) == (None, None, 0)
    assert bias_contributions(db.at(noon(10)), country="USA").frame.is_empty()


def test_a_word_is_left_only_beyond_its_threshold() -> None:
    path = np.array([0.0, 0.27, 0.31, 0.23, 0.19, -0.1, -0.31, -0.76, -0.81, np.nan, 0.26])
    with warnings.catch_warnings():
        warnings.simplefilter("error")  # a score that is not known is never made a whole number
        found = labels(path)
    assert found == [
        "neutral",
        "neutral",
        "mild for",
        "mild for",
        "neutral",
        "neutral",
        "mild against",
        "mild against",
        "strong against",
        None,
        "mild for",
    ]


def test_a_past_clock_reads_the_weights_of_its_time(
    at: At, db: Db, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "bias.toml"
    day = noon(200).date()
    file.write_text(
        "[[version]]\nsince = 2000-01-01\n[version.assets]\nequities = { labour = 1.0 }\n"
        f"[[version]]\nsince = {day}\n[version.assets]\nequities = {{ labour = -1.0 }}\n"
    )
    monkeypatch.setattr(weights, "FILE", file)
    before, after = (bias(db.at(noon(day))).frame.row(0, named=True) for day in (199, 200))
    assert before["version"] == datetime(2000, 1, 1, tzinfo=UTC)
    assert after["version"].date() == day
    assert np.sign(before["score"]) == -np.sign(after["score"]) != 0
    history = bias_history(db.at(noon(200)), country="USA", since=noon(190)).frame
    evening = bias(db.at(history["moment"][-2])).frame.row(0, named=True)
    assert history["score"][-2] == pytest.approx(evening["score"], abs=1e-9)
    assert np.sign(evening["score"]) == np.sign(before["score"])


@pytest.mark.parametrize(
    "text",
    [
        "version = 1",
        "[[version]]\nsince = 2000-01-01\n",
        "[[version]]\nsince = 2000-01-01\n[version.assets]\ngold = { growth = 3.0 }\n",
    ],
)
def test_a_broken_file_is_one_sentence(tmp_path: Path, text: str) -> None:
    file = tmp_path / "bias.toml"
    file.write_text(text)
    with pytest.raises(ConfigError, match=r"expected \[\[version\]\] with `since`"):
        weights.read(file)


def test_countries_read_together_are_as_each_alone(revised: Db) -> None:
    read = 0
    for clock in drawn("kinds"):
        at = revised.at(clock)
        scored, moments = scored_releases(at).frame, days_of_year(clock)
        together = Kinds.by_country(scored, moments)
        parts = scored.partition_by("country", as_dict=True, maintain_order=True)
        assert list(together) == [str(country) for (country,) in parts]
        for (country,), part in parts.items():
            found, alone = together[str(country)], Kinds.of(part, moments)
            assert found.releases.equals(alone.releases)
            assert found.heard() == alone.heard()
            assert found.mean.keys() == alone.mean.keys()
            for kind, mean in found.mean.items():
                np.testing.assert_array_equal(mean, alone.mean[kind])
            last = alone.releases.filter(pl.Series(alone.weight[-1] > 0, dtype=pl.Boolean))
            counts = last.group_by("dimension").agg(pl.len(), pl.max("released_at"))
            assert found.heard() == {kind: (count, end) for kind, count, end in counts.iter_rows()}
            read += found.releases.height
    assert read > 500
