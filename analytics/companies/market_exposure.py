"""What currencies and commodities mean to a company: its revenue by currency as far as the filing
discloses places, and how its share moved with pairs and commodities.

The two are different things: hedges, costs and what markets think are in the share alone.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from math import erfc, sqrt
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl

from analytics.companies.places import UNDISCLOSED, company_places
from analytics.core.catalogue import run
from analytics.core.closes import Closes, Floats, levels, read_closes
from analytics.core.intervals import NORMAL_95
from analytics.core.money import in_major, pair_of
from analytics.core.ranking import ranking
from analytics.core.universe import FRESH_DAYS
from analytics.markets.correlation import week_ends
from data.errors import ConfigError
from data.query import Answer, At

WEEKS, LEAST_WEEKS, MOST_WEEKS = 156, 104, 520
KINDS = ("country", "region", "undisclosed")
EPOCH = date(1970, 1, 1)
FALSE_SHARE = 0.10  # of those called significant, how many may be chance
FEW, FLAT, OLD, NO_PAIR, NO_SHARE = "few_weeks", "flat", "old_prices", "no_pair", "no_share"
ESTIMATES = ("beta", "low", "high", "t", "r2")
SCHEMA = {
    "company": pl.String,
    "symbol": pl.String,
    "kind": pl.String,
    "factor": pl.String,
    "name": pl.String,
    "currency": pl.String,
    "revenue_share": pl.Float64,
    **dict.fromkeys(ESTIMATES, pl.Float64),
    "weeks": pl.Int64,
    "since": pl.Date,
    "until": pl.Date,
    "reason": pl.String,
}


def company_currencies(at: At, *, company: str) -> Answer:
    """Revenue of the last fiscal period by currency of the places that the filing names.

    `share` is of all revenue, and all rows add up to one; it is null where revenue is not above
    zero. `kind` is `country`, whose currency is known, `region`, which has none, or `undisclosed`.
    `currency` is that of the place, `reported` that of the accounts; that customers pay in the
    currency of their country is an assumption.
    """
    places, money = company_places(at, company=company, top=1), run(at, "parts/country_currencies")
    by_country = dict(money.frame.select("country", "currency").iter_rows())
    is_undisclosed = pl.col("place") == UNDISCLOSED
    own = pl.col("place").replace_strict(by_country, default=None, return_dtype=pl.String)
    rows = places.frame.rename({"currency": "reported"}).with_columns(own.alias("currency"))
    kind = (
        pl.when(is_undisclosed)
        .then(pl.lit("undisclosed"))
        .when(pl.col("currency").is_null())
        .then(pl.lit("region"))
        .otherwise(pl.lit("country"))
    )
    frame = (
        rows.with_columns(kind.alias("kind"))
        .group_by("kind", "currency", maintain_order=True)
        .agg(
            pl.col("place").sort().alias("places"),
            pl.col("revenue").sum(),
            # Null of a period whose revenue is not above zero: a sum would make it nought.
            pl.when(pl.col("share").null_count() == 0).then(pl.col("share").sum()),
            pl.col("reported", "period_end", "accession", "known_at").first(),
        )
        .select(pl.lit(company).alias("company"), pl.all())
    )
    order = pl.col("kind").replace_strict(list(KINDS), [0, 1, 2], return_dtype=pl.Int64)
    frame = frame.sort(order, -pl.col("share"), "currency")
    answer = places.join(money, frame, "")
    return answer.derive(frame, "revenue by place summed by currency")


def share_sensitivity(at: At, *, company: str, weeks: int = WEEKS, market: str = "") -> Answer:
    """How a company's share moved with each currency pair of its currency, and each commodity.

    `beta` is the move of the share in percent for one percent of the factor: an ordinary regression
    of weekly log returns (Wednesday to Wednesday, on common dates, splits taken in, dividends not),
    one factor at a time, beside `market` where it is given; a week that is not over counts not.
    `low` and `high` bound the 95 % interval with Newey-West errors; `significant` is judged over
    all factors at a false share of 10 %. Null below 104 weeks: `reason` says why. `revenue_share`
    is the part of revenue in that currency.
    """
    if not LEAST_WEEKS <= weeks <= MOST_WEEKS:
        raise ConfigError(f"weeks={weeks}: expected {LEAST_WEEKS} to {MOST_WEEKS}")
    listed = run(at, "parts/exposure_factors", company=company)
    money = company_currencies(at, company=company)
    names = listed.frame["symbol"].to_list()
    since = at.as_of.date() - timedelta(days=7 * (weeks + 1))
    closes = read_closes(at, [*names, *([market] if market else [])], since)
    lines = _Lines.of(closes, at.as_of.date())
    share = _share(listed.frame, lines, company)
    rows = _factors(listed.frame, lines, money.frame, share)
    found = [row | _estimate(lines, share, row["factor"], weeks, market) for row in rows]
    frame = _judged(pl.DataFrame([{"company": company} | row for row in found], schema=SCHEMA))
    answer = closes.answer.join(listed, frame, "").join(money, frame, "")
    return answer.derive(frame, "regressions of weekly returns with Newey-West errors")


@dataclass(frozen=True, slots=True)
class _Lines:
    """The days and log levels of each instrument, and the day of the clock."""

    of_symbol: dict[str, tuple[npt.NDArray[np.int32], Floats]]
    today: int

    @classmethod
    def of(cls, closes: Closes, day: date) -> _Lines:
        level, found = levels(closes), {}
        for place, symbol in enumerate(closes.symbols):
            rows = closes.place == place
            if rows.any():
                found[symbol] = closes.day[rows], level[rows]
        return cls(found, (day - EPOCH).days)

    def last(self, symbol: str) -> int:
        """The last day with a close; -1 where there is none."""
        return int(self.of_symbol[symbol][0][-1]) if symbol in self.of_symbol else -1

    def weekly(self, symbols: list[str], weeks: int) -> tuple[npt.NDArray[np.int32], Floats]:
        """Ends of the last weeks on dates common to all, and the returns between them."""
        days = self.of_symbol[symbols[0]][0]
        for symbol in symbols[1:]:
            days = np.intersect1d(days, self.of_symbol[symbol][0])
        days = days[week_ends(days)]
        is_over = (days // 7 < self.today // 7) | (days % 7 == 6)  # day 6 was a Wednesday
        days = days[is_over][-weeks - 1 :]
        level = [
            own[np.searchsorted(dates, days)]
            for dates, own in (self.of_symbol[symbol] for symbol in symbols)
        ]
        moves = np.diff(np.column_stack(level), axis=0)
        sound = np.isfinite(moves).all(axis=1)
        return days[1:][sound], moves[sound]


def _share(listed: pl.DataFrame, lines: _Lines, company: str) -> dict[str, Any] | None:
    """The first share of the company by its id that trades; none where none does."""
    today = EPOCH + timedelta(days=lines.today)
    for row in listed.filter(pl.col("company") == company).sort("symbol").to_dicts():
        is_gone = row["delisted_on"] is not None and row["delisted_on"] < today
        if not is_gone and lines.today - lines.last(row["symbol"]) <= FRESH_DAYS:
            return row
    return None


def _factors(
    listed: pl.DataFrame, lines: _Lines, money: pl.DataFrame, share: dict[str, Any] | None
) -> list[dict[str, Any]]:
    """Pairs of the share's currency and commodities, each under one id; a currency in which the
    company sells and of which no pair is known is a row as well."""
    sold = {row["currency"]: row["share"] for row in money.to_dicts() if row["currency"]}
    ours = None if share is None else in_major(share["currency"])[0]
    symbol = None if share is None else share["symbol"]
    last = pl.Series("day", [lines.last(name) for name in listed["symbol"]], dtype=pl.Int32)
    fresh = listed.with_columns(last.cast(pl.Date)).filter(last >= 0)
    kept = ranking().preferred(
        fresh.filter(pl.col("asset_class").is_in(["fx", "commodity"])), day="day"
    )
    rows: dict[str, dict[str, Any]] = {}
    for row in ranking().ordered(kept).to_dicts():
        pair = pair_of(row["symbol"]) if row["asset_class"] == "fx" else None
        if pair is None:
            if row["asset_class"] == "commodity":
                rows[row["symbol"]] = {"kind": "commodity", "name": row["name"] or row["ticker"]}
                rows[row["symbol"]] |= {"factor": row["symbol"]}
        elif ours in pair:
            other = pair[1] if pair[0] == ours else pair[0]
            rows.setdefault(other, {"kind": "currency", "name": "/".join(pair), "currency": other})
            rows[other].setdefault("factor", row["symbol"])
    for currency in sorted(sold.keys() - rows.keys() - {ours}):
        rows[currency] = {"kind": "currency", "currency": currency, "name": currency}
    empty = {"factor": None, "currency": None, "symbol": symbol}
    return [
        empty | row | {"revenue_share": sold.get(row.get("currency", ""))} for row in rows.values()
    ]


def _estimate(
    lines: _Lines, share: dict[str, Any] | None, factor: str | None, weeks: int, market: str
) -> dict[str, Any]:
    """One regression, or the reason why there is none."""
    if share is None or factor is None:
        return {"reason": NO_SHARE if share is None else NO_PAIR}
    if lines.last(share["symbol"]) - lines.last(factor) > FRESH_DAYS:
        return {"reason": OLD}
    beside = [market] if market and market in lines.of_symbol else []
    days, moves = lines.weekly([share["symbol"], factor, *beside], weeks)
    about: dict[str, Any] = {"weeks": len(days)}
    if len(days):
        ends = [EPOCH + timedelta(days=int(day)) for day in (days[0], days[-1])]
        about |= {"since": ends[0], "until": ends[1]}
    if len(days) < LEAST_WEEKS:
        return about | {"reason": FEW}
    fit = newey_west(moves[:, 0], moves[:, 1:])
    return about | ({"reason": FLAT} if fit is None else fit)


def newey_west(own: Floats, factors: Floats) -> dict[str, float] | None:
    """Slope of the first factor with its interval by Newey-West errors, weights of Bartlett, lags
    by the length of the sample; none where a factor is flat or follows from the others."""
    count = len(own)
    # In units of their own size, so that a flat line is told by rounding alone.
    size = np.abs(factors).max(axis=0)
    if (np.ptp(factors, axis=0) <= 1e-12 * np.where(size > 0, size, 1.0)).any():
        return None
    design = np.column_stack([np.ones(count), factors / size])
    gram = design.T @ design
    if np.linalg.cond(gram) > 1e12 or np.ptp(own) == 0:
        return None
    inverse = np.linalg.inv(gram)
    slopes = inverse @ (design.T @ own)
    errors = own - design @ slopes
    scores = design * errors[:, None]
    middle = scores.T @ scores
    lags = int(4 * (count / 100) ** (2 / 9))
    for lag in range(1, lags + 1):
        shifted = scores[lag:].T @ scores[:-lag]
        middle += (1 - lag / (lags + 1)) * (shifted + shifted.T)
    spread = inverse @ middle @ inverse * count / (count - design.shape[1])
    beta, error = float(slopes[1] / size[0]), sqrt(max(float(spread[1, 1]), 0.0)) / float(size[0])
    if error == 0:
        return None
    reach = NORMAL_95 * error
    total = float(((own - own.mean()) ** 2).sum())
    fitted = 1.0 - float((errors**2).sum()) / total
    return {
        "beta": beta,
        "low": beta - reach,
        "high": beta + reach,
        "t": beta / error,
        "r2": fitted,
    }


def _judged(frame: pl.DataFrame) -> pl.DataFrame:
    """`significant` by Benjamini and Hochberg over all factors, the surest of a kind first."""
    chances = [None if t is None else erfc(abs(t) / sqrt(2)) for t in frame["t"]]
    known = sorted(chance for chance in chances if chance is not None)
    bounds = [
        chance
        for place, chance in enumerate(known, 1)
        if chance <= FALSE_SHARE * place / len(known)
    ]
    most = max(bounds, default=-1.0)
    judged = [None if chance is None else chance <= most for chance in chances]
    frame = frame.with_columns(pl.Series("significant", judged, dtype=pl.Boolean))
    return frame.sort(
        pl.col("kind") == "commodity", -pl.col("t").abs(), "name", "currency", nulls_last=True
    )
