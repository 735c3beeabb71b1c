"""What a change of demand or of currencies would do to companies, through where they sell.

An account, no forecast: prices, hedges and competitors are not modelled.
"""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

from analytics.companies.edited_accounts import MARGIN, MOST_TAX, TAX
from analytics.companies.places import UNDISCLOSED
from analytics.companies.screen import OLD_DAYS, company_screen
from analytics.core.catalogue import run
from data.errors import ConfigError
from data.query import Answer, At

OLDEST_DAYS = 3650
GROSS, ASSUMED, GIVEN = "gross margin", "assumed", "given"


@dataclass(frozen=True, slots=True)
class MacroShock:
    """Changes as parts of one: of demand by place, and of currencies against all others."""

    demand: dict[str, float]
    currencies: dict[str, float]
    elasticity: float

    @classmethod
    def read(cls, demand: str, currencies: str, elasticity: float) -> MacroShock:
        """From texts such as `USA:-10;DEU:-5`, in percent."""
        shock = cls(_changes("demand", demand), _changes("currencies", currencies), elasticity)
        if not shock.demand and not shock.currencies:
            raise ConfigError("demand and currencies are empty; give at least one, as in USA:-10")
        return shock


def macro_impact(  # noqa: PLR0913 - two shocks, how they act, and on whom
    at: At,
    *,
    demand: str,
    currencies: str = "",
    elasticity: float = 1.0,
    margin: float | None = None,
    universe: str = "",
    companies: list[str] | None = None,
) -> Answer:
    """What a change of demand by place and of currencies does to revenue, EBIT and EPS.

    `demand` is as in `USA:-10;DEU:-5`, in percent by place as filings name it; `currencies` as in
    `EUR:-8`, against all others. `revenue_change` is exact, `linear_change` its first order. EBIT
    moves by the gross margin of the change, or by 30 % where that is not known, or by `margin`.
    `covered_share` is the part of revenue in countries; of the rest no currency is known.
    `is_stale` marks revenue by place older than 18 months. `price_change` holds if the PE stays.
    Either text may be empty, not both.
    """
    shock = MacroShock.read(demand, currencies, elasticity)
    placed, answer = _placed(at, shock)
    changes = placed.group_by("company", maintain_order=True).agg(
        pl.col("period_end", "currency", "is_stale").first(),
        pl.col("revenue").sum(),
        pl.col("contribution").sum().alias("revenue_change"),
        pl.col("linear").sum().alias("linear_change"),
        pl.col("share").filter(pl.col("is_country")).sum().alias("covered_share"),
        pl.col("share").filter(pl.col("place") == UNDISCLOSED).sum().alias("undisclosed_share"),
    )
    screened = company_screen(at, universe=universe, companies=companies)
    frame = _effects(changes, screened.frame, margin)
    joined = answer.join(screened, frame, "")
    return joined.derive(frame, "revenue by place under the changes, with margins and tax")


def macro_impact_places(
    at: At, *, company: str, demand: str, currencies: str = "", elasticity: float = 1.0
) -> Answer:
    """What each place adds to the change of one company's revenue; the contributions add up.

    `demand_change` and `currency_change` are parts of one, null where nothing is said of the place:
    a region has no currency, and what is undisclosed has neither.
    """
    shock = MacroShock.read(demand, currencies, elasticity)
    placed, answer = _placed(at, shock)
    frame = placed.filter(company=company).select(
        "company",
        "place",
        "period_end",
        "revenue",
        "share",
        "currency",
        "place_currency",
        "demand_change",
        "currency_change",
        "contribution",
        pl.col("linear").alias("linear_contribution"),
        "is_stale",
    )
    frame = frame.sort(pl.col("contribution").abs(), "place", descending=[True, False])
    return answer.derive(frame, "revenue by place under the changes")


def _placed(at: At, shock: MacroShock) -> tuple[pl.DataFrame, Answer]:
    """Every company's revenue by place with what the shock makes of it."""
    revenue = run(at, "parts/revenue_places", oldest=OLDEST_DAYS)
    money = run(at, "parts/country_currencies")
    by_country = dict(money.frame.select("country", "currency").iter_rows())
    moves = shock.currencies
    placed = revenue.frame.with_columns(
        pl.col("place")
        .replace_strict(by_country, default=None, return_dtype=pl.String)
        .alias("place_currency"),
        pl.col("place").is_in(list(by_country)).alias("is_country"),
        pl.col("place")
        .replace_strict(shock.demand, default=None, return_dtype=pl.Float64)
        .alias("demand_change"),
    )

    def moved(column: str) -> pl.Expr:
        return 1.0 + pl.col(column).replace_strict(moves, default=0.0, return_dtype=pl.Float64)

    against = pl.when(pl.col("place_currency").is_not_null()).then(
        moved("place_currency") / moved("currency") - 1.0
    )
    waited = (pl.lit(at.as_of.date()) - pl.col("period_end")).dt.total_days()
    placed = placed.with_columns(
        against.alias("currency_change"), (waited > OLD_DAYS).alias("is_stale")
    )
    grows = shock.elasticity * pl.col("demand_change").fill_null(0.0)
    turns = pl.col("currency_change").fill_null(0.0)
    placed = placed.with_columns(
        (pl.col("revenue") * ((1.0 + grows) * (1.0 + turns) - 1.0)).alias("contribution"),
        (pl.col("revenue") * (grows + turns)).alias("linear"),
    )
    return placed, revenue.join(money, placed, "")


def _effects(changes: pl.DataFrame, screened: pl.DataFrame, margin: float | None) -> pl.DataFrame:
    """From the change of revenue to EBIT, net income and earnings per share."""
    measured = screened.select(
        *("company", "name", "symbol", "sector", "country"),
        pl.col("currency").alias("accounts_currency"),
        *("gross_margin", "operating_margin", "tax_rate", "net_income", "eps", "is_old"),
        pl.col("revenue").alias("revenue_12m"),
    )
    known = pl.col("gross_margin").is_between(0.0, 1.0)
    stated = pl.when(known).then("gross_margin").otherwise(MARGIN)
    used = stated if margin is None else pl.lit(margin)
    basis = pl.when(known).then(pl.lit(GROSS)).otherwise(pl.lit(ASSUMED))
    same = pl.col("currency") == pl.col("accounts_currency")
    # The average number of diluted shares that the filing's own earnings per share imply.
    shares = pl.when(same & (pl.col("eps") * pl.col("net_income") > 0)).then(
        pl.col("net_income") / pl.col("eps")
    )
    frame = changes.join(measured, on="company", maintain_order="left").with_columns(
        used.alias("margin"),
        (basis if margin is None else pl.lit(GIVEN)).alias("margin_basis"),
        pl.col("tax_rate").clip(0.0, MOST_TAX).fill_null(TAX).alias("tax_used"),
    )
    ebit = pl.when(same).then(pl.col("operating_margin") * pl.col("revenue_12m"))
    frame = frame.with_columns(
        (pl.col("revenue_change") * pl.col("margin")).alias("ebit_change"),
        ebit.alias("ebit"),
    ).with_columns((pl.col("ebit_change") * (1.0 - pl.col("tax_used"))).alias("net_income_change"))
    frame = frame.with_columns((pl.col("net_income_change") / shares).alias("eps_change"))
    return _ranked(frame)


def _ranked(frame: pl.DataFrame) -> pl.DataFrame:
    """The columns that are shown, the largest change of revenue first."""
    relative = pl.col("revenue_change") / pl.col("revenue")
    frame = frame.select(
        *("company", "symbol", "name", "sector", "country", "period_end", "is_stale", "currency"),
        "revenue",
        "revenue_change",
        relative.alias("revenue_change_share"),
        (pl.col("linear_change") / pl.col("revenue")).alias("linear_change_share"),
        *("covered_share", "undisclosed_share", "margin", "margin_basis", "ebit", "ebit_change"),
        pl.when(pl.col("ebit") > 0)
        .then(pl.col("ebit_change") / pl.col("ebit"))
        .alias("ebit_change_share"),
        *("tax_used", "net_income_change", "eps", "eps_change"),
        pl.when(pl.col("eps") > 0).then(pl.col("eps_change") / pl.col("eps")).alias("price_change"),
    )
    return frame.sort(
        pl.col("revenue_change_share").abs(), "company", descending=[True, False], nulls_last=True
    )


def changes_in_percent(name: str, text: str) -> dict[str, float]:
    """The changes that a text such as `USA:-10;DEU:-5` states; what cannot be read is refused."""
    return {place: 100.0 * change for place, change in _changes(name, text).items()}


def _changes(name: str, text: str) -> dict[str, float]:
    found: dict[str, float] = {}
    for part in filter(None, (word.strip() for word in text.split(";"))):
        place, colon, percent = part.rpartition(":")
        try:
            change = float(percent) / 100.0
        except ValueError:
            change = float("nan")
        if not colon or not place or not -1.0 < change < 10.0:
            raise ConfigError(
                f"{name} {part[:60]!r}: expected a place or currency with its change in percent, "
                "above -100 and below 1000, as in USA:-10"
            )
        if place in found:
            raise ConfigError(f"{name}: {place!r} stands there twice; keep one")
        found[place] = change
    return found
