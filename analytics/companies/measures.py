"""What ratios are made of: twelve months of flows, balances at their end and a year before.

One row a company and end of a period, in one currency; what a company does not state is null.
"""

from __future__ import annotations

import numpy as np
import polars as pl

from analytics.companies.per_share import COUNTED, count_of, with_share_counts
from analytics.companies.periods import LENGTHS, YEAR_BACK, trailing_years

INDEX = ["company", "period_end"]
FLOWS = (
    "Revenues",
    "CostOfRevenue",
    "GrossProfit",
    "OperatingIncomeLoss",
    "InterestExpense",
    "IncomeBeforeTax",
    "IncomeTaxExpenseBenefit",
    "ProfitLoss",
    "NetIncomeLoss",
    "NetIncomeLossAvailableToCommonStockholdersBasic",
    "EarningsPerShareDiluted",
    "DepreciationDepletionAndAmortization",
    "NetCashProvidedByUsedInOperatingActivities",
    "PaymentsToAcquirePropertyPlantAndEquipment",
    "PaymentsOfDividends",
    "PaymentsForRepurchaseOfCommonStock",
)
DEBT = (
    "LongTermDebtNoncurrent",
    "LongTermDebtCurrent",
    "LongTermDebt",
    "ShortTermBorrowings",
    "CommercialPaper",
    "DebtCurrent",
    "DebtAndLeasesCurrent",
    "DebtAndLeasesNoncurrent",
)
LEASES = (
    "FinanceLeaseLiabilityCurrent",
    "FinanceLeaseLiabilityNoncurrent",
    "OperatingLeaseLiabilityCurrent",
    "OperatingLeaseLiabilityNoncurrent",
)
STOCKS = (
    *("Assets", "AssetsCurrent", "CashAndCashEquivalentsAtCarryingValue", "Liabilities"),
    *("LiabilitiesCurrent", "StockholdersEquity", "TotalEquity", *DEBT),
)
USED = (*FLOWS, *STOCKS, *LEASES, COUNTED)
EARNED = ("Revenues", "OperatingIncomeLoss", "NetIncomeLoss", "ProfitLoss")
BEFORE = ("revenue", "net_income", "eps", "eps_shares", "eps_split", "equity", "assets")
# A year back twice over: to the end a year before, and from there to the first of its quarters.
REACH_DAYS = YEAR_BACK[1] + LENGTHS["year"][1]
WITH_LEASES = "debt with leases"
NO_SHORT = "no current debt stated"


def ends_of_flows(facts: pl.DataFrame) -> pl.DataFrame:
    """The last days of the periods of which a company has stated what it earned."""
    is_flow = pl.col("concept").is_in(EARNED) & (pl.col("kind") != "other")
    return facts.filter(is_flow).select(INDEX).unique().sort(INDEX)


def with_year_before(ends: pl.DataFrame, among: pl.DataFrame | None = None) -> pl.DataFrame:
    """Ends of periods with the one a year before each, where it is known, or is `among` these."""
    other = (ends if among is None else among).rename({"period_end": "before"})
    days = (pl.col("period_end") - pl.col("before")).dt.total_days()
    near = ends.join(other, on="company").filter(days.is_between(*YEAR_BACK))
    last = near.group_by(INDEX).agg(pl.col("before").max())
    return ends.join(last, on=INDEX, how="left", maintain_order="left")


def last_with_year_before(facts: pl.DataFrame) -> tuple[pl.DataFrame, pl.DataFrame]:
    """The facts that the last end of each company and the one a year before rest on, and both ends.

    No part of twelve months to either ends more than `REACH_DAYS` before the last end. `facts` have
    their companies as an enumeration.
    """
    ends = ends_of_flows(facts)
    last = ends.group_by("company", maintain_order=True).agg(pl.col("period_end").max())
    kind = facts.schema["company"]
    assert isinstance(kind, pl.Enum)
    since = np.full(len(kind.categories), np.iinfo(np.int32).max, dtype=np.int32)
    since[_numbers(last["company"])] = _numbers(last["period_end"]) - REACH_DAYS
    is_near = _numbers(facts["period_end"]) >= since[_numbers(facts["company"])]
    return facts.filter(pl.Series(is_near)), with_year_before(last, ends)


def _numbers(column: pl.Series) -> np.ndarray:
    return column.to_physical().to_numpy()


def measures(
    facts: pl.DataFrame, ends: pl.DataFrame, value: str = "value", *, leases: bool = False
) -> pl.DataFrame:
    """Each end of a period with its measures, and with those of the year before (`_before`).

    `facts` have the kinds of their periods, `ends` what `with_year_before` gives.
    """
    wanted = pl.concat(
        [ends.select(INDEX), ends.select("company", pl.col("before").alias("period_end"))]
    ).drop_nulls()
    wanted = wanted.unique(maintain_order=True)
    used = with_share_counts(facts.filter(pl.col("concept").is_in([*FLOWS, COUNTED])), [value])
    flows = trailing_years(used.filter(pl.col("concept").is_in(FLOWS)), wanted, [value])
    stocks = facts.filter(
        pl.col("kind") == "instant", pl.col("concept").is_in([*STOCKS, *LEASES])
    ).join(wanted, on=INDEX, how="semi")
    # A price is put on the footing of the figures that are read, so on that of their own filing.
    known_at = "known_at" if value == "value" else "first_known_at"
    columns = [*INDEX, "concept", "unit", value, pl.col(known_at).alias("known_at")]
    lines = in_one_currency(
        pl.concat(
            [flows.select([*columns, count_of(value)]), stocks.select(columns)], how="diagonal"
        )
    )
    wide = lines.pivot("concept", index=INDEX, values=value, aggregate_function="first")
    absent = [pl.lit(None, pl.Float64).alias(name) for name in USED if name not in wide.columns]
    known = lines.group_by(INDEX).agg(
        pl.col("known_at").max(), pl.col("currency").first().alias("currency")
    )
    footing = lines.filter(pl.col("concept") == "EarningsPerShareDiluted").select(
        *INDEX,
        pl.col(count_of(value)).alias("eps_shares"),
        pl.col(value).is_null().alias("eps_split"),
    )
    base = named_measures(wide.with_columns(absent), leases=leases).join(known, on=INDEX)
    base = base.join(footing, on=INDEX, how="left", maintain_order="left")
    before = base.select(
        "company",
        pl.col("period_end").alias("before"),
        *(pl.col(name).alias(f"{name}_before") for name in BEFORE),
    )
    found = ends.join(base, on=INDEX, how="left", maintain_order="left")
    return found.join(before, on=["company", "before"], how="left", maintain_order="left")


def in_one_currency(lines: pl.DataFrame) -> pl.DataFrame:
    """Lines in the currency of the accounts, which is that of income, else of total assets."""
    chief = {"NetIncomeLoss": 0, "ProfitLoss": 1, "Revenues": 2, "Assets": 3}
    chosen = (
        lines.filter(pl.col("concept").is_in(list(chief)))
        .with_columns(
            pl.col("concept")
            .cast(pl.String)
            .replace_strict(chief, return_dtype=pl.Int8)
            .alias("place"),
            pl.col("unit").cast(pl.String),
        )
        .group_by(INDEX)
        .agg(pl.col("unit").sort_by("place", "unit").first().cast(pl.String).alias("currency"))
    )
    unit, currency = pl.col("unit"), pl.col("currency")
    fits = (unit == currency) | (unit == currency + " per share")
    lines = lines.with_columns(unit.cast(pl.String))
    return lines.join(chosen, on=INDEX, maintain_order="left").filter(fits)


def named_measures(wide: pl.DataFrame, *, leases: bool) -> pl.DataFrame:
    """Lines under the names of measures; what follows from others is worked out."""
    col = pl.col
    income = pl.coalesce("NetIncomeLossAvailableToCommonStockholdersBasic", "NetIncomeLoss")
    debt, note = total_debt(leases=leases)
    operating = col("NetCashProvidedByUsedInOperatingActivities")
    return wide.select(
        *INDEX,
        col("Revenues").alias("revenue"),
        pl.coalesce("GrossProfit", col("Revenues") - col("CostOfRevenue")).alias("gross_profit"),
        col("OperatingIncomeLoss").alias("ebit"),
        (col("OperatingIncomeLoss") + col("DepreciationDepletionAndAmortization")).alias("ebitda"),
        col("InterestExpense").alias("interest"),
        pl.coalesce(
            "IncomeBeforeTax",
            pl.coalesce("ProfitLoss", "NetIncomeLoss") + col("IncomeTaxExpenseBenefit"),
        ).alias("pretax"),
        col("IncomeTaxExpenseBenefit").alias("tax"),
        pl.coalesce(income, "ProfitLoss").alias("net_income"),
        col("EarningsPerShareDiluted").alias("eps"),
        operating.alias("operating_cash_flow"),
        col("PaymentsToAcquirePropertyPlantAndEquipment").alias("capex"),
        (operating - col("PaymentsToAcquirePropertyPlantAndEquipment")).alias("free_cash_flow"),
        col("PaymentsOfDividends").alias("dividends"),
        col("PaymentsForRepurchaseOfCommonStock").alias("buybacks"),
        col("Assets").alias("assets"),
        col("AssetsCurrent").alias("assets_current"),
        col("LiabilitiesCurrent").alias("liabilities_current"),
        col("Liabilities").alias("liabilities"),
        col("CashAndCashEquivalentsAtCarryingValue").alias("cash"),
        pl.coalesce("StockholdersEquity", "TotalEquity").alias("equity"),
        debt.alias("debt"),
        (debt - col("CashAndCashEquivalentsAtCarryingValue")).alias("net_debt"),
        note.alias("debt_note"),
    )


def total_debt(*, leases: bool) -> tuple[pl.Expr, pl.Expr]:
    """Total debt, and what is to be known of it: long-term debt, its current part, and short-term
    borrowings, or commercial paper where there is no total of these. Null where none is stated.

    Where a filer states totals of debt with leases alone, those are taken and named.
    """
    col = pl.col
    short = pl.coalesce("ShortTermBorrowings", "CommercialPaper")
    due_soon = col("LongTermDebtCurrent")
    whole = pl.coalesce("DebtCurrent", due_soon)  # of long-term debt and of all else for short
    current = pl.when(short.is_null()).then(whole).otherwise(_sum_of(due_soon, short))
    long = col("LongTermDebtNoncurrent")
    parts = pl.coalesce(
        # The total of long-term debt has its current part in it.
        pl.when(long.is_null() & col("LongTermDebt").is_not_null()).then(
            _sum_of(col("LongTermDebt"), short)
        ),
        _sum_of(long, current),
    )
    with_leases = _sum_of(col("DebtAndLeasesNoncurrent"), col("DebtAndLeasesCurrent"))
    debt = pl.coalesce(parts, with_leases)
    is_with_leases = parts.is_null() & with_leases.is_not_null()
    note = pl.coalesce(
        pl.when(is_with_leases).then(pl.lit(WITH_LEASES)),
        pl.when(long.is_not_null() & current.is_null()).then(pl.lit(NO_SHORT)),
    )
    if leases:
        debt = _sum_of(debt, *(col(name) for name in LEASES))
    return debt, note


def _sum_of(*parts: pl.Expr) -> pl.Expr:
    """The sum of the parts that are stated; null where none is."""
    some = pl.any_horizontal(part.is_not_null() for part in parts)
    return pl.when(some).then(pl.sum_horizontal(*parts))
