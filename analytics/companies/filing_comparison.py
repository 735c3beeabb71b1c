"""Two simulations side by side, of one company or of two: lines, ratios and differences."""

from __future__ import annotations

import polars as pl

from analytics.companies.edited_accounts import Edits
from analytics.companies.simulation import BaseAccounts, base_accounts, simulated
from data.errors import ConfigError
from data.query import Answer, At

SIDES = ("before", "after", "reason_before", "reason_after", "company", "period_end", "currency")
UNITS = ("percent", "times", "shares")  # that say the same in every currency


def filing_comparison(
    at: At,
    *,
    company: str,
    edits: str = "{}",
    other_company: str | None = None,
    other_edits: str = "{}",
) -> Answer:
    """Lines and ratios of a company under edits beside those under other edits, or of another.

    Both are of the twelve months that are known at the clock. `difference` is the other's figure
    after the edits less the first's, null where either is not known, and for money where the
    accounts are in two currencies; `reason` then says `not_known` or `currency`.
    """
    first, left = _side(at, company, edits)
    second, right = _side(at, other_company or company, other_edits)
    other = right.select("kind", "name", *SIDES).rename({name: f"other_{name}" for name in SIDES})
    joined = left.drop("crossed", "change").join(
        other, on=["kind", "name"], how="left", maintain_order="left"
    )
    is_apart = (pl.col("currency") != pl.col("other_currency")) & ~pl.col("unit").is_in(UNITS)
    is_unknown = pl.col("after").is_null() | pl.col("other_after").is_null()
    reason = pl.when(is_unknown).then(pl.lit("not_known")).when(is_apart).then(pl.lit("currency"))
    frame = joined.with_columns(reason.alias("reason")).with_columns(
        pl.when(pl.col("reason").is_null())
        .then(pl.col("other_after") - pl.col("after"))
        .alias("difference")
    )
    both = first.answer.join(second.answer, frame, "")
    return both.derive(frame, "two simulations of twelve months, and how they differ")


def _side(at: At, company: str, edits: str) -> tuple[BaseAccounts, pl.DataFrame]:
    """One of the two; what is refused says of which company."""
    try:
        base = base_accounts(at, company)
        return base, simulated(base, company, Edits.read(edits))
    except ConfigError as error:
        raise ConfigError(
            f"{company[:60]}: {str(error).removeprefix(f'{company[:60]}: ')}"
        ) from None
