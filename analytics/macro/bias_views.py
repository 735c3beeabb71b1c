"""The bias seen otherwise: of one currency against another, and at shorter and longer memories."""

from __future__ import annotations

import numpy as np
import polars as pl

from analytics.core.catalogue import run
from analytics.macro.bias import (
    FULL,
    INSUFFICIENT,
    Kinds,
    days_of_year,
    labels,
    scored_releases,
    scores_of,
)
from analytics.macro.weights import book
from data.clock import FIRST
from data.query import Answer, At

CURRENCY = "currency"
PAIRS = {
    "country": pl.String,
    "currency": pl.String,
    "pair": pl.String,
    "score": pl.Float64,
    "label": pl.String,
    "coverage": pl.Float64,
}
HORIZONS = {"week": 7.0, "month": 30.0, "quarter": 90.0}


def currency_bias(at: At, *, country: str) -> Answer:
    """The bias of a country's currency against every other one: its score less the other's.

    Words hold as for `bias`; where either side has too little of what was due it is
    `insufficient`. A currency that several countries share stands once per country, and a country
    with the same currency is left out.
    """
    scored, weights = scored_releases(at), book(at)
    money = run(at, "parts/currencies")
    own = dict(money.frame.select("country", "currency").iter_rows())
    kinds = Kinds.by_country(scored.frame, days_of_year(at.as_of))
    paths = {code: found.path(CURRENCY, weights) for code, found in kinds.items()}
    sides = scores_of(kinds, scored.frame, at.as_of, weights).filter(asset=CURRENCY)
    side = {row["country"]: row for row in sides.iter_rows(named=True)}
    rows = []
    for other, path in sorted(paths.items()):
        if country not in paths or other == country or own.get(other) == own.get(country):
            continue
        gap, both = paths[country] - path, (side[country], side[other])
        enough = all(item["label"] not in (None, INSUFFICIENT) for item in both)
        score, word = gap[-1], labels(gap)[-1]
        shares = [item["coverage"] for item in both]
        rows.append(
            {
                "country": other,
                "currency": own.get(other),
                "pair": f"{own.get(country) or country}/{own.get(other) or other}",
                "score": float(score * FULL) if np.isfinite(score) else None,
                "label": None if word is None else word if enough else INSUFFICIENT,
                "coverage": None if None in shares else min(shares),
            }
        )
    frame = pl.DataFrame(rows, schema=PAIRS).sort(
        "score", "pair", descending=[True, False], nulls_last=True
    )
    return scored.join(money, frame, "its bias less that of the other currency")


def bias_horizons(at: At, *, country: str) -> Answer:
    """The bias of every asset by how long surprises count: halved every 7, 30 and 90 days.

    Each looks back three times its half-life; `month` is the score of `bias`. No word, since the
    thresholds were set for the month.
    """
    scored, weights = scored_releases(at, [country]), book(at)
    if scored.frame.is_empty():  # for 400 days, or ever
        scored = scored_releases(at, [country], since=FIRST)
    if scored.frame.is_empty():
        return scored.derive(pl.DataFrame(schema={"asset": pl.String}), "no release")
    kinds = {name: Kinds.of(scored.frame, [at.as_of], half) for name, half in HORIZONS.items()}
    frame = pl.DataFrame(
        [
            {"asset": asset}
            | {name: float(kind.path(asset, weights)[-1] * FULL) for name, kind in kinds.items()}
            for asset in weights.at(at.as_of).assets
        ]
    ).fill_nan(None)
    return scored.derive(frame, "bias with surprises halved every 7, 30 and 90 days")
