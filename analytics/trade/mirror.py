"""One flow as its seller and as its buyer report it, the gap between them, and an estimate.

Possible causes of a gap are listed, never guessed: goods in transit that are booked to the hub,
different years of leaving and of arriving, secrecy, and what each side counts as its territory.
"""

from __future__ import annotations

import polars as pl
from scipy import stats

from analytics.core.catalogue import run
from analytics.trade.areas import asked
from analytics.trade.editions import bridges
from analytics.trade.reading import checked_level, checked_month, newest_year, of_reports
from data.errors import ConfigError
from data.query import Answer, At, Value

FREIGHT = 0.06  # Marini, Dippelsman and Stanger (2018): the ratio of CIF to FOB of most pairs
THRESHOLD = 0.2
ORDERS = ("amount", "gap")
LEAST_PAIRS = 5  # that a hub must have
HUB_GAP = -0.1
HUB_CHANCE = 0.01


def mirror_rows(handle: At, year: int, *, month: int | None = None, **given: object) -> Answer:
    """Both sides of flows of a year or month; see `areas.asked` for what restricts them."""
    if month is not None:
        restricted = asked(year, year, **given)  # type: ignore[arg-type] # lists and a number
        return run(handle, "parts/month_mirrors", month=month, **_rules(), **restricted)  # type: ignore[arg-type] # lists and numbers
    return of_reports(handle, "parts/mirror_rows", year, year, rules=_rules(), **given)


def _rules() -> dict[str, Value]:
    """The parameters of `parts/mirrors` that are rules."""
    links = [" ".join(link) for link in sorted(bridges())]
    return {"freight": FREIGHT, "threshold": THRESHOLD, "bridges": links}


def trade_pair(  # noqa: PLR0913 - two sides, a period and a level
    at: At,
    *,
    country: str,
    partner: str,
    year: int | None = None,
    month: str | None = None,
    level: int = 0,
) -> Answer:
    """The four numbers of each flow between two countries, both ways, and a reconciled estimate.

    Exports as reported, imports as the partner reports them, these made FOB (less 6 % where they
    are CIF), and `gap`, their difference over their mean. `reconciled_usd` is an estimate: the mean
    of both weighted by how much of each reporter's trade agrees with its partners (`rule`); where
    one side alone states the flow, what that side states. With a month, `2024-05`, both sides of
    that month, weighted by its flows: goods that leave in one month may arrive in the next.
    """
    chosen, number, seen = mirrored_period(at, year, month)
    pair = [country.strip().upper(), partner.strip().upper()]
    if pair[0] == pair[1]:
        raise ConfigError(f"{pair[0]} with itself: expected two countries")
    level = checked_level(level)
    rows = mirror_rows(at, chosen, month=number, reporters=pair, partners=pair, level=level)
    every = mirror_rows(at, chosen, month=number, level=0)
    frame = reconciled(rows.frame, symmetry(every.frame)).with_columns(
        pl.lit(chosen, pl.Int32).alias("year"),
        pl.lit(str(chosen) if month is None else month.strip()).alias("period"),
    )
    joined = rows.join(every, frame, "gap of both sides, weights from the totals of all pairs")
    return joined if seen is None else joined.join(seen, frame, joined.derived or "")


def mirrored_period(
    at: At, year: int | None, month: str | None
) -> tuple[int, int | None, Answer | None]:
    """The year, or the year and number of the month, and the answer that has the last year."""
    if month is not None:
        return *checked_month(month), None
    chosen, seen = (year, None) if year is not None else newest_year(at)
    return chosen, None, seen


def symmetry(rows: pl.DataFrame) -> pl.DataFrame:
    """The share of each reporter's exports, and of its imports, whose two sides agree."""
    both = rows.filter(pl.col("gap").is_not_null()).with_columns(
        ((pl.col("exports_usd") + pl.col("imports_fob_usd")) / 2).alias("mean")
    )
    agreed = pl.col("mean").filter(pl.col("gap").abs() <= THRESHOLD).sum()
    share = pl.when(pl.col("mean").sum() > 0).then(agreed / pl.col("mean").sum()).alias("symmetry")
    parts = [
        both.group_by(pl.col(column).alias("reporter"), maintain_order=True)
        .agg(share)
        .with_columns(pl.lit(flow).alias("flow"))
        for column, flow in (("seller", "export"), ("buyer", "import"))
    ]
    return pl.concat(parts)


def reconciled(rows: pl.DataFrame, weights: pl.DataFrame) -> pl.DataFrame:
    """The rows with an estimate of each flow, and the rule by which it was made."""
    for column, flow, name in (("seller", "export", "w_x"), ("buyer", "import", "w_m")):
        of = weights.filter(flow=flow).select(
            pl.col("reporter").alias(column), pl.col("symmetry").alias(name)
        )
        rows = rows.join(of, on=column, how="left", maintain_order="left")
    x, m = pl.col("exports_usd"), pl.col("imports_fob_usd")
    w_x, w_m = pl.col("w_x"), pl.col("w_m")
    is_weighted = (w_x + w_m > 0).fill_null(value=False)
    both = x.is_not_null() & m.is_not_null() & (pl.col("flag") != "editions_differ")
    estimate = (
        pl.when(both & is_weighted)
        .then((w_x * x + w_m * m) / (w_x + w_m))
        .when(both)
        .then((x + m) / 2)
        .when(pl.col("flag") != "editions_differ")
        .then(pl.coalesce(x, m))
    )
    rule = (
        pl.when(both & is_weighted)
        .then(pl.lit("weighted by agreement"))
        .when(both)
        .then(pl.lit("mean of both"))
        .when(estimate.is_null())
        .then(None)
        .when(x.is_not_null())
        .then(pl.lit("exporter alone"))
        .otherwise(pl.lit("importer alone"))
    )
    return rows.with_columns(estimate.alias("reconciled_usd"), rule.alias("rule")).rename(
        {"w_x": "exporter_agreement", "w_m": "importer_agreement"}
    )


def mirror_gaps(  # noqa: PLR0913 - what a ranking is asked for
    at: At,
    *,
    year: int | None = None,
    country: str | None = None,
    level: int = 0,
    by: str = "amount",
    top: int = 50,
) -> Answer:
    """The flows of a year whose two sides disagree most, or which one side alone states.

    Ranked by the amount between both sides, or by the size of the relative gap. A flow that one
    side alone states counts with all of it as amount, and after the others by gap. What cannot be
    verified, because a side has not reported the year, is left out.
    """
    if by not in ORDERS:
        raise ConfigError(f"by={by[:40]!r}: expected one of {', '.join(ORDERS)}")
    chosen, seen = (year, None) if year is not None else newest_year(at)
    code = None if country is None else country.strip().upper()
    rules = {**_rules(), "country": code, "by": by, "top": top}
    name = "parts/mirror_ranked"
    rows = of_reports(at, name, chosen, chosen, rules=rules, level=checked_level(level))
    ranked = rows.frame.with_columns(pl.lit(chosen, pl.Int32).alias("year"))
    answer = rows if seen is None else rows.join(seen, ranked, "")
    return answer.derive(ranked, f"flows whose sides disagree, by {by}")


def trade_hubs(at: At, *, year: int | None = None, level: int = 0) -> Answer:
    """Countries to which more is said to be sold than they say to buy: where goods pass through.

    `median_gap` is the median over the flows to the country whose two sides are known, `below` how
    many of them lie below zero, `chance` that of so many or more if either sign were as likely.
    `is_hub` at a median of at most -0.1, at least five flows, and a chance below one in a hundred.
    """
    chosen, seen = (year, None) if year is not None else newest_year(at)
    level = checked_level(level)
    rows = of_reports(at, "parts/mirror_hubs", chosen, chosen, rules=_rules(), level=level)
    found = rows.frame
    chance = [
        float(stats.binom.sf(below - 1, count, 0.5))
        for below, count in found.select("below", "flows").iter_rows()
    ]
    frame = found.with_columns(pl.Series("chance", chance, pl.Float64)).with_columns(
        (
            (pl.col("median_gap") <= HUB_GAP)
            & (pl.col("flows") >= LEAST_PAIRS)
            & (pl.col("chance") < HUB_CHANCE)
        ).alias("is_hub"),
        pl.lit(chosen, pl.Int32).alias("year"),
    )
    answer = rows if seen is None else rows.join(seen, frame, "")
    return answer.derive(frame.sort("median_gap", "country"), "median gap of flows to each country")
