"""What happened after a shock: how much less its exporters sold, and what their buyers did then.

Both years are taken as the clock knows them, each from the same side. A year that is not reported
says nothing, a supplier that has not reported is no zero, and codes of two editions are not
compared.
"""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

from analytics.trade.accounts import BACK, SupplyAccounts, accounts
from analytics.trade.areas import side
from analytics.trade.dependency import FLOOR, INSUFFICIENT
from analytics.trade.editions import is_bridged, level_of, purchase_editions
from analytics.trade.reading import (
    exporters_part,
    flows,
    newest_year,
    reports,
    statements,
    total,
)
from analytics.trade.shock import BEST, checked_shock
from data.errors import ConfigError
from data.query import Answer, At

HAPPENED, NOT_HAPPENED = "happened", "did not happen"
NOT_REPORTED, NOT_COMPARABLE = "not yet reported", "not comparable"
LEAST = 0.5  # of the assumed cut that must be lost for the shock to have happened
MOST_YEARS = 5
KEY = ("importer", "product")


@dataclass(frozen=True, slots=True)
class YearAccount:
    """Purchases of a year, and each `supplier` that had reported its exports at a `level`."""

    year: int
    found: SupplyAccounts
    exporters: pl.DataFrame
    rows: pl.DataFrame


def shock_outcome(  # noqa: PLR0913 - who stops what, how far, and when
    at: At,
    *,
    exporters: list[str],
    products: list[str],
    cut: float = 1.0,
    year: int | None = None,
    after: int = 1,
    top: int = 50,
) -> Answer:
    """What happened `after` years after the year on which a shock is drawn up.

    `realised_cut` is by how much of their sales to each importer those who stop sold less then.
    `state` is `happened` from half of `cut` on, below that `did not happen`; `not yet reported`,
    `not comparable` (`break_reason`: another edition, or another side that reports) or
    `insufficient coverage`, also where a seller that is no longer named may still sell
    (`missing_sellers`). `expected_change` is what the realised cut alone would have done to the
    importer's purchases, `bought_change` what they did, `error` the difference, and `replaced` how
    much of what was lost it bought elsewhere; `filled_by` are the suppliers that sold more.
    """
    checked_shock(exporters, products, cut)
    if not 1 <= after <= MOST_YEARS:
        raise ConfigError(f"after={after}: expected 1 to {MOST_YEARS} years")
    chosen, seen = (year, None) if year is not None else newest_year(at)
    stopped, told = side(at, ",".join(exporters), chosen)
    rows = flows(at, chosen - BACK, chosen + after, products=products)
    known = reports(at, chosen, chosen + after)
    stated = statements(at, chosen - BACK, chosen + after)
    parts = [exporters_part(at, one) for one in (chosen, chosen + after)]
    first, second = (
        _of_year(rows.frame, stated, one, sellers)
        for one, (sellers, _) in zip((chosen, chosen + after), parts, strict=True)
    )
    frame = _scored(first, second, stopped.members, cut).sort(
        "before_usd", "importer", "product", descending=[True, False, False]
    )
    answer = rows.join(known, frame, "")
    for other in (*(imports for _, imports in parts), seen, told):
        answer = answer if other is None else answer.join(other, frame, "")
    return answer.derive(frame.head(top), "purchases from who stops, before and after")


def _of_year(
    rows: pl.DataFrame, stated: pl.DataFrame, year: int, sellers: pl.DataFrame
) -> YearAccount:
    recent = rows.filter(pl.col("year").is_between(year - BACK, year))
    found = accounts(recent, recent, year, inside=(), reported=stated, exporters=sellers)
    sells = stated.filter(pl.col("year") == year, pl.col("flow") == "export")
    exporters = sells.select(pl.col("reporter").alias("supplier"), "level")
    return YearAccount(year, found, exporters, recent.filter(pl.col("year") == year))


def _scored(
    first: YearAccount, second: YearAccount, stopped: tuple[str, ...], cut: float
) -> pl.DataFrame:
    """A row for each importer and product that bought from those who stop in the first year."""
    before, after = _bought(first, stopped, "before"), _bought(second, stopped, "after")
    joined = (
        before.filter(pl.col("before_usd") > 0, ~pl.col("importer").is_in(list(stopped)))
        .join(after, on=KEY, how="left")
        .join(_missing_sellers(first, second, stopped), on=KEY, how="left")
        .join(_filled(first, second, stopped), on=KEY, how="left")
        .with_columns(pl.col("after_usd").fill_null(0.0))
    )
    joined = second.found.is_own(joined, "importer").rename({"is_own": "own_after"})
    broken = _break()
    is_missing = pl.col("missing_sellers").is_not_null()
    unreported = ~pl.col("own_after") & (pl.col("own_before") | is_missing)
    enough = (pl.col("coverage_before") >= FLOOR) & (pl.col("coverage_after") >= FLOOR)
    realised = 1.0 - pl.col("after_usd") / pl.col("before_usd")
    state = (
        pl.when(unreported)
        .then(pl.lit(NOT_REPORTED))
        .when(broken.is_not_null())
        .then(pl.lit(NOT_COMPARABLE))
        .when(is_missing | ~enough.fill_null(value=False))
        .then(pl.lit(INSUFFICIENT))
        .when(realised >= LEAST * cut)
        .then(pl.lit(HAPPENED))
        .otherwise(pl.lit(NOT_HAPPENED))
    )
    scored = joined.with_columns(
        state.alias("state"), realised.alias("realised_cut"), broken.alias("break_reason")
    )
    return _figures(scored, first.year, second.year)


def _figures(scored: pl.DataFrame, year: int, later: int) -> pl.DataFrame:
    """The account of the realised cut against what was bought; null where nothing can be said."""
    says = pl.col("state").is_in([HAPPENED, NOT_HAPPENED])
    gone = pl.col("before_usd") - pl.col("after_usd")
    change = pl.col("bought_after_usd") / pl.col("bought_before_usd") - 1.0
    expected = -gone / pl.col("bought_before_usd")
    fell = pl.col("state") == HAPPENED
    others = pl.col("bought_after_usd") - pl.col("bought_before_usd") + gone
    return scored.select(
        *KEY,
        pl.col("edition_before").alias("edition"),
        "state",
        pl.when(pl.col("state") == NOT_COMPARABLE).then("break_reason").alias("break_reason"),
        "coverage_before",
        "coverage_after",
        "missing_sellers",
        pl.col("own_before").alias("is_own_report"),
        "from",
        "before_usd",
        pl.when(says).then("after_usd").alias("after_usd"),
        pl.when(says).then("realised_cut").alias("realised_cut"),
        "bought_before_usd",
        pl.when(says).then("bought_after_usd").alias("bought_after_usd"),
        pl.when(says).then(expected).alias("expected_change"),
        pl.when(says).then(change).alias("bought_change"),
        pl.when(says).then(change - expected).alias("error"),
        pl.when(fell).then(others / gone).alias("replaced"),
        pl.when(says).then("filled_by").alias("filled_by"),
        pl.when(says).then("filled_usd").alias("filled_usd"),
        pl.lit(year, pl.Int32).alias("year"),
        pl.lit(later, pl.Int32).alias("later_year"),
    )


def _break() -> pl.Expr:
    """Why two years cannot be compared."""
    same = is_bridged(pl.col("product"), pl.col("edition_after"), pl.col("edition_before"))
    return (
        pl.when(pl.col("own_after") != pl.col("own_before"))
        .then(pl.lit("other side"))
        .when(~same)
        .then(pl.lit("edition"))
    )


def _bought(account: YearAccount, stopped: tuple[str, ...], when: str) -> pl.DataFrame:
    """By importer and product what was bought in all and from those who stop, with the coverage."""
    now = _named(account)
    stops = pl.col("supplier").is_in(list(stopped))
    there = (
        now.filter(stops)
        .group_by(KEY)
        .agg(
            total("value_usd").alias(f"{when}_usd"),
            pl.col("supplier").sort().str.join(" ").alias("from"),
        )
    )
    found = account.found.by_buyer.select(
        pl.col("buyer").alias("importer"),
        "product",
        (pl.col("covered_usd") / pl.col("bought_usd")).alias(f"coverage_{when}"),
        pl.col("bought_usd").alias(f"bought_{when}_usd"),
    )
    editions = purchase_editions(account.rows, account.found.own)
    joined = found.join(there, on=KEY, how="left").join(
        editions.rename({"edition": f"edition_{when}"}), on=KEY, how="left"
    )
    if when == "after":
        return joined.drop("from")
    return account.found.is_own(joined, "importer").rename({"is_own": "own_before"})


def _named(account: YearAccount) -> pl.DataFrame:
    """Purchases of the year by supplier."""
    return account.found.both.filter(
        pl.col("year") == account.year, pl.col("kind") == "country", pl.col("value_usd") > 0
    ).rename({"buyer": "importer"})


def _missing_sellers(
    first: YearAccount, second: YearAccount, stopped: tuple[str, ...]
) -> pl.DataFrame:
    """Those who stop and are not named by an importer any more, though nothing says that they sold
    it nothing: they have not reported the later year themselves, or say that they sold."""
    pair = [*KEY, "supplier"]
    sold = second.rows.filter(pl.col("flow") == "export", pl.col("value_usd") > 0).select(
        pl.col("partner").alias("importer"), "product", pl.col("reporter").alias("supplier")
    )
    gone = (
        _named(first)
        .filter(pl.col("supplier").is_in(list(stopped)))
        .join(_named(second), on=pair, how="anti")
        .join(
            sold.unique().with_columns(pl.lit(value=True).alias("says_sold")), on=pair, how="left"
        )
    )
    silent = gone.with_columns(level_of()).join(
        second.exporters, on=["supplier", "level"], how="anti"
    )
    missing = pl.concat(
        [silent.drop("level"), gone.filter(pl.col("says_sold").is_not_null())]
    ).unique(pair)
    return missing.group_by(KEY).agg(
        pl.col("supplier").sort().str.join(" ").alias("missing_sellers")
    )


def _filled(first: YearAccount, second: YearAccount, stopped: tuple[str, ...]) -> pl.DataFrame:
    """The suppliers that sold most more than before; where suppliers are asked, of those who have
    reported both years."""
    of_supplier, of_importer = ["supplier", "level"], ["importer", "level"]
    both = first.exporters.join(second.exporters, on=of_supplier, how="semi").with_columns(
        pl.lit(value=True).alias("is_both")
    )
    own = first.found.own.join(second.found.own, on=["buyer", "level"], how="semi").select(
        pl.col("buyer").alias("importer"), "level", pl.lit(value=True).alias("is_own")
    )
    key = [*KEY, "supplier"]
    before, after = (
        _named(one)
        .filter(~pl.col("supplier").is_in(list(stopped)))
        .with_columns(level_of())
        .join(both, on=of_supplier, how="left")
        .join(own, on=of_importer, how="left")
        .filter(pl.col("is_own").is_not_null() | pl.col("is_both").is_not_null())
        .select(*key, "value_usd")
        for one in (first, second)
    )
    more = (pl.col("value_usd") - pl.col("value_usd_before").fill_null(0.0)).alias("more_usd")
    risen = after.join(before, on=key, how="left", suffix="_before").with_columns(more)
    ranked = risen.filter(pl.col("more_usd") > 0).sort(
        *KEY, "more_usd", "supplier", descending=[False, False, True, False]
    )
    return ranked.group_by(KEY, maintain_order=True).agg(
        pl.col("supplier").head(BEST).alias("filled_by"),
        pl.col("more_usd").head(BEST).alias("filled_usd"),
    )
