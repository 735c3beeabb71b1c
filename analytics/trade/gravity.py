"""What trade size and distance would let one expect, and which pairs trade more or less than that.

Flows are of all goods, as the seller reports them; where it has not reported the year, as the buyer
does, made FOB. A pair that neither side names is zero only where both have reported the year.
Variables are those that the lake has: the distance, one currency, both in the European Union, and,
without effects, GDP in US dollars. A border, a language or an agreement in common are not held.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl
from scipy import stats

from analytics.core.catalogue import run
from analytics.trade.areas import bloc_members
from analytics.trade.distances import kilometres
from analytics.trade.mirror import mirror_rows
from analytics.trade.ppml import FlowFit, log_ols, ppml
from analytics.trade.reading import FLOWS, newest_year, reports, statements
from data.errors import ConfigError
from data.query import Answer, At

SHARED = ("ln_distance", "same_currency", "both_in_eu")
SIZES = ("ln_gdp_seller", "ln_gdp_buyer")


@dataclass(frozen=True, slots=True)
class GravityFit:
    """The pairs that took part, the fit, the comparison, and what they rest on."""

    year: int
    answer: Answer
    pairs: pl.DataFrame
    fit: FlowFit
    plain: FlowFit
    total: float


def gravity_model(at: At, *, year: int | None = None, fixed_effects: bool = True) -> Answer:
    """The gravity model of a year: estimates in levels with robust errors, and log least squares.

    With effects of exporters and importers, which take in their sizes, or with GDP. `fitted_usd`
    and `flows_usd` are the sums over all pairs, which agree in a fit in levels; `log_ols` is a
    comparison only, since it drops zeros and is biased. A variable that is not identified is null.
    """
    found = _gravity(at, year, with_effects=fixed_effects)
    if isinstance(found, Answer):
        return found.derive(pl.DataFrame(schema=_MODEL), "no flow is known")
    names = list(found.fit.names) + list(found.fit.dropped)
    ours = dict(
        zip(found.fit.names, zip(found.fit.estimates, found.fit.errors, strict=True), strict=True)
    )
    plain = dict(zip(found.plain.names, found.plain.estimates, strict=True))
    rows = []
    for name in names:
        estimate, error = ours.get(name, (None, None))
        z = estimate / error if estimate is not None and error else None
        chance = None if z is None else float(2 * stats.norm.sf(abs(z)))
        rows.append((name, estimate, error, z, chance, plain.get(name)))
    lines = pl.DataFrame(rows, schema=list(_MODEL.items())[:6], orient="row")
    frame = lines.with_columns(
        pl.lit(float(found.fit.fitted.sum())).alias("fitted_usd"),
        pl.lit(found.total).alias("flows_usd"),
        pl.lit(int(found.fit.rows.sum()), pl.Int64).alias("pairs"),
        pl.lit(int((~found.fit.rows).sum()), pl.Int64).alias("left_out"),
        pl.lit(found.year, pl.Int32).alias("year"),
    )
    return found.answer.derive(frame, "Poisson pseudo-maximum likelihood by reweighted squares")


def gravity_residuals(
    at: At,
    *,
    country: str | None = None,
    year: int | None = None,
    fixed_effects: bool = True,
    top: int = 50,
) -> Answer:
    """Pairs that trade more or less than the gravity model expects: ln(flow / fitted).

    +0.69 is twice as much as expected. A flow of zero has no residual. Largest flows first.
    """
    found = _gravity(at, year, with_effects=fixed_effects)
    if isinstance(found, Answer):
        return found.derive(pl.DataFrame(schema=_RESIDUALS), "no flow is known")
    kept = found.pairs.filter(pl.Series(found.fit.rows)).with_columns(
        pl.Series("fitted_usd", found.fit.fitted)
    )
    frame = kept.with_columns(
        pl.when(pl.col("flow_usd") > 0)
        .then((pl.col("flow_usd") / pl.col("fitted_usd")).log())
        .alias("residual"),
        pl.lit(found.year, pl.Int32).alias("year"),
    ).select(
        "seller", "buyer", "flow_usd", "fitted_usd", "residual", "distance_km", "told_by", "year"
    )
    if country is not None:
        code = country.strip().upper()
        frame = frame.filter((pl.col("seller") == code) | (pl.col("buyer") == code))
    ranked = frame.sort("flow_usd", "seller", "buyer", descending=[True, False, False])
    return found.answer.derive(ranked.head(top), "flow over what the model fits")


def _gravity(at: At, year: int | None, *, with_effects: bool) -> GravityFit | Answer:
    """The fit; without any flow what was read."""
    chosen, seen = (year, None) if year is not None else newest_year(at)
    rows = mirror_rows(at, chosen, level=0)
    sizes = run(at, "parts/gravity_sizes", year=chosen)
    known = reports(at, chosen, chosen)
    stated = statements(at, chosen, chosen).filter(pl.col("level") == 0)
    pairs = _pairs(rows.frame, sizes.frame, stated, chosen)
    answer = rows.join(sizes, rows.frame, "").join(known, rows.frame, "")
    answer = answer if seen is None else answer.join(seen, rows.frame, "")
    if not rows.frame.height:
        return answer
    names = SHARED if with_effects else (*SIZES, *SHARED)
    pairs = pairs.drop_nulls(list(names)).sort("seller", "buyer")
    if not pairs.height:
        lacking = "distances" if with_effects else "GDP in US dollars (gdp_usd) and distances"
        raise ConfigError(f"no pair of {chosen} has {lacking} at this clock")
    flow = pairs["flow_usd"].to_numpy()
    variables = pairs.select(names).to_numpy()
    codes = [
        pairs[side].rank("dense").to_numpy().astype(np.int64) - 1 for side in ("seller", "buyer")
    ]
    first, second = codes if with_effects else (None, None)
    fit = ppml(flow, variables, names, first=first, second=second)
    plain = log_ols(flow, variables, names, first=first, second=second)
    return GravityFit(chosen, answer, pairs, fit, plain, float(flow[fit.rows].sum()))


def _pairs(
    rows: pl.DataFrame, sizes: pl.DataFrame, stated: pl.DataFrame, year: int
) -> pl.DataFrame:
    """Every pair of countries that trade, with its flow and variables."""
    traders = sorted({*rows["seller"], *rows["buyer"]} & set(sizes["country"]))
    about = sizes.filter(pl.col("country").is_in(traders)).sort("country")
    distance = kilometres(about["timezone"].to_list())
    count = len(traders)
    seller, buyer = np.divmod(np.arange(count * count), max(count, 1))
    bloc = list(bloc_members(year))
    every = pl.DataFrame(
        {
            "seller": about["country"].gather(seller),
            "buyer": about["country"].gather(buyer),
            "distance_km": pl.Series(distance.reshape(-1), nan_to_null=True),
            "seller_currency": about["currency"].gather(seller),
            "buyer_currency": about["currency"].gather(buyer),
            "seller_gdp": about["gdp_usd"].gather(seller),
            "buyer_gdp": about["gdp_usd"].gather(buyer),
        }
    ).filter(pl.col("seller") != pl.col("buyer"))
    told = rows.select("seller", "buyer", "exports_usd", "imports_fob_usd")
    joined = every.join(told, on=["seller", "buyer"], how="left", maintain_order="left")
    sells, buys = (stated.filter(flow=flow)["reporter"].to_list() for flow in FLOWS)
    both = pl.col("seller").is_in(sells) & pl.col("buyer").is_in(buys)
    nothing = pl.col("exports_usd").is_null() & pl.col("imports_fob_usd").is_null()
    return joined.with_columns(
        pl.coalesce("exports_usd", "imports_fob_usd", pl.when(both).then(0.0)).alias("flow_usd"),
        pl.when(pl.col("exports_usd").is_not_null())
        .then(pl.lit("seller"))
        .when(~nothing)
        .then(pl.lit("buyer"))
        .otherwise(pl.lit("neither"))
        .alias("told_by"),
        pl.when(pl.col("distance_km") > 0).then(pl.col("distance_km").log()).alias("ln_distance"),
        (pl.col("seller_currency") == pl.col("buyer_currency"))
        .fill_null(value=False)
        .cast(pl.Float64)
        .alias("same_currency"),
        (pl.col("seller").is_in(bloc) & pl.col("buyer").is_in(bloc))
        .cast(pl.Float64)
        .alias("both_in_eu"),
        pl.col("seller_gdp").log().alias("ln_gdp_seller"),
        pl.col("buyer_gdp").log().alias("ln_gdp_buyer"),
    ).filter(pl.col("flow_usd").is_not_null())


_MODEL = {
    "variable": pl.String,
    "estimate": pl.Float64,
    "error": pl.Float64,
    "z": pl.Float64,
    "chance": pl.Float64,
    "log_ols": pl.Float64,
    "fitted_usd": pl.Float64,
    "flows_usd": pl.Float64,
    "pairs": pl.Int64,
    "left_out": pl.Int64,
    "year": pl.Int32,
}
_RESIDUALS = {
    "seller": pl.String,
    "buyer": pl.String,
    "flow_usd": pl.Float64,
    "fitted_usd": pl.Float64,
    "residual": pl.Float64,
    "distance_km": pl.Float64,
    "told_by": pl.String,
    "year": pl.Int32,
}
