"""The model view: the filter against another's, what is refused, and what may never change."""

from __future__ import annotations

import json
import random
from datetime import date
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from statsmodels.tsa.regime_switching.markov_regression import MarkovRegression

from analytics.regimes.switching import calls, filtered, model_fit, recession_model, smoothed
from analytics.regimes.two_states import Fit, fit_two_states
from data.lake import Lake
from data.query import Db
from tests.analytics.months import describe, keep, known, month

UNITS = {"IP": "index", "RETAIL": "percent, month on month", "PMI": "diffusion index"}


def two_states(rng: random.Random, months: int = 200) -> tuple[list[float], list[bool]]:
    """Scores of two states, and which it was."""
    weak, values, truth = False, [], []
    for _ in range(months):
        weak = weak if rng.random() < (0.9 if weak else 0.97) else not weak
        values.append((-1.2 if weak else 0.5) + rng.gauss(0, 0.5))
        truth.append(weak)
    return values, truth


def fitted(values: list[float]) -> Fit:
    fit, note = fit_two_states(np.array(values).tobytes())
    assert note is None
    assert fit is not None
    return fit


def test_filter_and_smoother_are_those_of_the_library(rng: random.Random) -> None:
    values, _ = two_states(rng)
    fit = fitted(values)
    model = MarkovRegression(np.array(values), k_regimes=2)
    told = model.smooth([fit.stay[0], 1 - fit.stay[1], *fit.mean, fit.deviation**2])
    assert filtered(np.array(values), fit)[0] == pytest.approx(
        told.filtered_marginal_probabilities[:, 0], abs=1e-6
    )
    assert smoothed(np.array(values), fit) == pytest.approx(
        told.smoothed_marginal_probabilities[:, 0], abs=1e-6
    )


def test_the_states_are_found_and_named_by_their_means(rng: random.Random) -> None:
    values, truth = two_states(rng)
    fit = fitted(values)
    assert fit.mean == pytest.approx((-1.2, 0.5), abs=0.2)
    assert fit.deviation == pytest.approx(0.5, abs=0.1)
    said = filtered(np.array(values), fit)[0] > 0.5
    assert (said == np.array(truth)).mean() > 0.93
    fit_two_states.cache_clear()
    np.random.seed(3)  # whatever else draws meanwhile
    assert fitted(values) == fit


@pytest.mark.parametrize(
    ("values", "said"),
    [([1.0] * 80, "does not vary"), ([0.0] * 79 + [50.0], "of the time|does not converge")],
)
def test_what_has_no_two_states_is_refused(values: list[float], said: str) -> None:
    rng = random.Random(1)
    jitter = [value + (rng.gauss(0, 0.1) if said[0] == "o" else 0) for value in values]
    fit, note = fit_two_states(np.array(jitter).tobytes())
    assert fit is None
    assert note is not None
    assert any(part in note for part in said.split("|"))


def test_a_missing_month_only_predicts() -> None:
    fit = Fit((0.9, 0.97), (-1.0, 0.5), 0.5)
    after = filtered(np.array([-1.0, np.nan, np.nan]), fit)[0]
    assert after[1] == pytest.approx(0.9 * after[0] + 0.03 * (1 - after[0]))
    assert after[2] == pytest.approx(0.9 * after[1] + 0.03 * (1 - after[1]))


def test_a_value_far_out_is_no_accident() -> None:
    fit = Fit((0.9, 0.97), (-1.0, 0.5), 0.01)
    after = filtered(np.array([-500.0, 500.0, 0.5]), fit)[0]
    assert np.isfinite(after).all()
    assert after[0] == pytest.approx(1.0)
    assert after[2] == pytest.approx(0.0)


def test_a_call_takes_three_months() -> None:
    high, low, between = 0.9, 0.1, 0.5
    chances = [high, high, between, high, high, high, between, low, low, between, low, low, low]
    assert calls(chances) == [False] * 5 + [True] * 7 + [False]
    assert calls([float("nan"), high]) == [None, False]


@pytest.fixture
def world(lake: Lake, rng: random.Random) -> Lake:
    """Sixteen years of three series that share two states."""
    scores, _ = two_states(rng, 192)
    level, index = 100.0, dict[date, float | None]()
    for number, score in enumerate(scores):
        level *= 1 + 0.003 * score
        index[month(number)] = level
    describe(lake, UNITS)
    keep(lake, "IP", index)
    for name, lag in (("RETAIL", 38), ("PMI", 20)):
        values = {month(n): s + rng.gauss(0, 0.3) for n, s in enumerate(scores)}
        keep(lake, name, dict(values), unit=UNITS[name], lag=lag)
    return lake


def test_what_comes_later_changes_nothing_earlier(world: Lake, db: Db) -> None:
    past = ["month", "known_at", "composite", "p_filtered", "called", "fitted"]
    whole = recession_model(db.at(known(month(191))), country="USA").frame.select(past)
    assert whole["p_filtered"].drop_nulls().len() > 80
    for number in (70, 100, 131, 150):
        clock = known(month(number), 41)
        part = recession_model(db.at(clock), country="USA").frame.select(past)
        assert part.equals(whole.filter(pl.col("known_at") <= clock))


def test_a_year_is_fitted_on_what_was_known_at_its_turn(world: Lake, db: Db) -> None:
    frame = model_fit(db.at(known(month(191))), country="USA").frame
    assert frame["fitted"].to_list() == list(range(2007, 2017))
    # At the turn of 2007 the last month printed was November 2006, the 83rd.
    assert frame["months"][0] == 83
    assert frame["note"].null_count() == frame.height
    early = model_fit(db.at(known(month(120))), country="USA").frame
    assert early.equals(frame.head(early.height))


def test_without_series_there_is_no_chance(lake: Lake, db: Db) -> None:
    at = db.at(known(month(10)))
    assert recession_model(at, country="USA").frame.is_empty()
    assert model_fit(at, country="USA").frame.is_empty()
    describe(lake, UNITS)
    keep(lake, "IP", {month(n): 100.0 for n in range(120)})
    frame = recession_model(db.at(known(month(130))), country="USA").frame
    assert frame["p_filtered"].null_count() == frame.height == 120


@pytest.mark.needs("shared")
@pytest.mark.sampled(3)
def test_the_model_on_four_decades_of_real_series(lake: Lake, db: Db, shared: Path) -> None:
    """Recessions of the NBER are told apart as they could be known, from revised data."""
    file = pl.read_csv(shared / "real" / "fred_md_a.csv", try_parse_dates=True)
    file = file.filter(pl.col("date") >= date(1985, 1, 1))  # a fit a year: more would take minutes
    names = {"IP": "INDPRO", "payrolls": "PAYEMS", "real_income": "RPI"}
    describe(lake, dict.fromkeys(names, "index"))
    for name, column in names.items():
        keep(lake, name, dict(file.select("date", column).drop_nulls().iter_rows()))
    frame = recession_model(db.at(known(date(2030, 1, 1))), country="USA").frame
    spells = json.loads((shared / "real" / "nber_us_recessions.json").read_text())["peaks_troughs"]
    known_ones = frame.drop_nulls("p_filtered")
    inside = [
        any(
            spell["peak"] < f"{day:%Y-%m}" <= spell["trough"] for spell in spells if spell["trough"]
        )
        for day in known_ones["month"]
    ]
    weak = np.array(inside)
    chance = known_ones["p_filtered"].to_numpy()
    # The share of pairs that are ordered rightly; a coin has a half.
    ranks = np.argsort(np.argsort(chance))
    area = (ranks[weak].sum() - weak.sum() * (weak.sum() - 1) / 2) / (weak.sum() * (~weak).sum())
    assert area > 0.9
