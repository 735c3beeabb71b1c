"""Hamilton's model of quarterly growth: two means, four lags, one variance (1989).

It is fitted on the whole vintage of the clock, so all of it is hindsight: for charts and for
comparison with what others publish, never for a label.
"""

from __future__ import annotations

import warnings
from functools import lru_cache
from typing import NamedTuple

import numpy as np
import polars as pl

from analytics.core.catalogue import run
from analytics.core.closes import Floats
from analytics.macro.prints import is_rate, series_history
from analytics.macro.realtime import rules
from analytics.regimes.two_states import SEED, STARTS
from data.query import Answer, At

LAGS = 4
LEAST_QUARTERS = 60
SCHEMA = {
    "period": pl.Date(),
    "end": pl.Date(),
    "growth": pl.Float64(),
    "p_filtered": pl.Float64(),
    "p_smoothed": pl.Float64(),
    "note": pl.String(),
}


class Switching(NamedTuple):
    """The weaker state first: chances to stay in each, means, lags, variance, likelihood, and the
    chance of the weak state in each quarter after the first four."""

    stay: tuple[float, float]
    mean: tuple[float, float]
    lags: tuple[float, ...]
    variance: float
    likelihood: float
    p_filtered: Floats
    p_smoothed: Floats


def quarterly_model(at: At, *, country: str) -> Answer:
    """The chance of weak growth in each quarter of a country, in hindsight from the clock.

    Growth is as published where it is in percent, else on the quarter before; `note` says why
    there is no model.
    """
    found = run(at, "parts/quarterly_growth", country=country, indicators=rules().gdp)
    if found.frame.is_empty():
        return found.derive(pl.DataFrame(schema=SCHEMA), "no quarterly growth is held")
    row = found.frame.row(0, named=True)
    measure = "level" if is_rate(row["unit"]) else "growth"
    history = series_history(at, series=row["series_id"], frequency="quarterly", measure=measure)
    frame = history.frame.filter(pl.col("source") == row["source"]).drop_nulls("value")
    values = frame["value"].to_numpy()
    fit, note = fit_autoregression(values.tobytes())
    nothing = np.full(len(values), np.nan)
    filtered, smoothed = nothing.copy(), nothing.copy()
    if fit is not None:
        filtered[LAGS:], smoothed[LAGS:] = fit.p_filtered, fit.p_smoothed
    shown = frame.select(
        "period",
        "end",
        pl.col("value").alias("growth"),
        pl.Series("p_filtered", filtered, nan_to_null=True),
        pl.Series("p_smoothed", smoothed, nan_to_null=True),
        pl.lit(note, pl.String).alias("note"),
    )
    return found.join(history, shown, "two means and four lags, fitted on the clock's vintage")


@lru_cache(maxsize=256)
def fit_autoregression(data: bytes) -> tuple[Switching | None, str | None]:
    """The likeliest of twenty seeded starts, or why none is taken. Kept by the data's own bytes."""
    values = np.frombuffer(data, dtype=np.float64)
    if len(values) < LEAST_QUARTERS:
        return None, f"{len(values)} quarters are known; {LEAST_QUARTERS} are needed"
    if values.std() < 1e-9:
        return None, "growth does not vary"
    from statsmodels.tsa.regime_switching.markov_autoregression import MarkovAutoregression

    model = MarkovAutoregression(values, k_regimes=2, order=LAGS, switching_ar=False)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # a start that leads nowhere is not the one that is kept
        try:
            told = model.fit(search_reps=STARTS, rng=SEED, disp=False)
        except (np.linalg.LinAlgError, ValueError, RuntimeError) as error:
            return None, f"the model does not converge ({error})"
    stay_first, leave_second, first, second, variance, *lags = (float(p) for p in told.params)
    if not all(np.isfinite(told.params)) or variance <= 0:
        return None, "the model does not converge"
    if abs(first - second) < 1e-3 or told.smoothed_marginal_probabilities[:, 0].std() < 1e-3:
        return None, "two states cannot be told apart in these quarters"
    stay, mean, weak = (stay_first, 1 - leave_second), (first, second), 0
    if first > second:
        stay, mean, weak = (stay[1], stay[0]), (second, first), 1
    return Switching(
        stay,
        mean,
        tuple(lags),
        variance,
        float(told.llf),
        told.filtered_marginal_probabilities[:, weak],
        told.smoothed_marginal_probabilities[:, weak],
    ), None
