"""Every ratio of a company: what it is, and the reason where there is none."""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

from analytics.companies.per_share import SPLIT, have_split

BANK = r"(?i)\b(bank|banks|banking|insurance|insurer|insurers|assurance|financials|savings)\b"
NOT_STATED = "not_stated"
Guard = tuple[str, pl.Expr]


@dataclass(frozen=True, slots=True)
class Ratio:
    """`value` holds where no guard does; `unit` is percent (a part of one), times, or money."""

    name: str
    label: str
    unit: str
    value: pl.Expr
    guards: tuple[Guard, ...] = ()
    needs_price: bool = False

    def columns(self) -> tuple[pl.Expr, pl.Expr]:
        """The ratio and its reason: the first guard that holds, else that a line is not stated."""
        reasons = [pl.when(holds).then(pl.lit(reason)) for reason, holds in self.guards]
        reason = pl.coalesce(*reasons, pl.lit(None, pl.String))
        value = pl.when(reason.is_null()).then(self.value)
        missing = pl.when(value.is_null()).then(pl.lit(NOT_STATED))
        return value.alias(self.name), pl.coalesce(reason, missing).alias(f"{self.name}_reason")


def _col(name: str) -> pl.Expr:
    return pl.col(name)


def _growth(name: str) -> pl.Expr:
    return _col(name) / _col(f"{name}_before") - 1


# Of a bank interest is what it trades in, so neither cover nor debt says what it does elsewhere.
_BANK: Guard = ("bank", _col("is_bank"))
_EQUITY: Guard = ("negative_equity", _col("equity") <= 0)
_REVENUE: Guard = ("no_revenue", _col("revenue") <= 0)
_MEAN_EQUITY = (_col("equity") + _col("equity_before")) / 2
_PRICE: Guard = ("no_price", _col("price").is_null())
_VALUE: Guard = ("no_price", _col("market_value").is_null())


def _above_zero(name: str) -> Guard:
    return "not_meaningful", _col(name) <= 0


_SPLIT: Guard = (SPLIT, _col("eps_split"))
_SPLIT_BEFORE: Guard = (
    SPLIT,
    _col("eps_split_before") | have_split(_col("eps_shares"), _col("eps_shares_before")),
)


RATIOS: tuple[Ratio, ...] = (
    Ratio(
        "revenue_growth",
        "Revenue growth",
        "percent",
        _growth("revenue"),
        (_above_zero("revenue_before"),),
    ),
    Ratio(
        "eps_growth",
        "EPS growth",
        "percent",
        _growth("eps"),
        (_above_zero("eps_before"), _SPLIT, _SPLIT_BEFORE),
    ),
    Ratio(
        "gross_margin",
        "Gross margin",
        "percent",
        _col("gross_profit") / _col("revenue"),
        (_REVENUE,),
    ),
    Ratio(
        "operating_margin",
        "Operating margin",
        "percent",
        _col("ebit") / _col("revenue"),
        (_REVENUE,),
    ),
    Ratio("net_margin", "Net margin", "percent", _col("net_income") / _col("revenue"), (_REVENUE,)),
    Ratio(
        "fcf_margin",
        "Free cash flow margin",
        "percent",
        _col("free_cash_flow") / _col("revenue"),
        (_REVENUE,),
    ),
    Ratio(
        "tax_rate",
        "Effective tax rate",
        "percent",
        _col("tax") / _col("pretax"),
        (_above_zero("pretax"),),
    ),
    Ratio(
        "roe",
        "Return on equity",
        "percent",
        _col("net_income") / _MEAN_EQUITY,
        (
            ("no_opening", _col("equity_before").is_null() & _col("equity").is_not_null()),
            ("negative_equity", _MEAN_EQUITY <= 0),
        ),
    ),
    Ratio(
        "roa",
        "Return on assets",
        "percent",
        _col("net_income") / ((_col("assets") + _col("assets_before")) / 2),
        (("no_opening", _col("assets_before").is_null() & _col("assets").is_not_null()),),
    ),
    Ratio(
        "icr",
        "Interest coverage",
        "times",
        _col("ebit") / _col("interest"),
        (
            _BANK,
            # Debt without an interest line is a line that is missing, not a company without debt.
            (NOT_STATED, _col("interest").is_null() & (_col("debt") > 0)),
            ("no_debt", _col("interest").fill_null(0.0) <= 0),
        ),
    ),
    Ratio(
        "debt_to_equity",
        "Debt to equity",
        "times",
        _col("debt") / _col("equity"),
        (_BANK, _EQUITY),
    ),
    Ratio(
        "net_debt_to_ebitda",
        "Net debt to EBITDA",
        "times",
        _col("net_debt") / _col("ebitda"),
        (_BANK, _above_zero("ebitda")),
    ),
    Ratio(
        "equity_ratio", "Equity to assets", "percent", _col("equity") / _col("assets"), (_EQUITY,)
    ),
    Ratio(
        "current_ratio",
        "Current ratio",
        "times",
        _col("assets_current") / _col("liabilities_current"),
        (_BANK, _above_zero("liabilities_current")),
    ),
    Ratio(
        "asset_turnover",
        "Asset turnover",
        "times",
        _col("revenue") / _col("assets"),
        (_above_zero("assets"),),
    ),
    Ratio(
        "payout",
        "Dividend payout",
        "percent",
        _col("dividends") / _col("net_income"),
        (_above_zero("net_income"),),
    ),
    Ratio(
        "pe",
        "Price to earnings",
        "times",
        _col("price") / _col("eps"),
        (_PRICE, _SPLIT, _above_zero("eps")),
        needs_price=True,
    ),
    Ratio(
        "ps",
        "Price to sales",
        "times",
        _col("market_value") / _col("revenue"),
        (_VALUE, _REVENUE),
        needs_price=True,
    ),
    Ratio(
        "pb",
        "Price to book",
        "times",
        _col("market_value") / _col("equity"),
        (_VALUE, _EQUITY),
        needs_price=True,
    ),
    Ratio(
        "ev_to_ebitda",
        "Enterprise value to EBITDA",
        "times",
        (_col("market_value") + _col("net_debt")) / _col("ebitda"),
        (_BANK, _VALUE, _above_zero("ebitda")),
        needs_price=True,
    ),
    Ratio(
        "fcf_yield",
        "Free cash flow yield",
        "percent",
        _col("free_cash_flow") / _col("market_value"),
        (_VALUE,),
        needs_price=True,
    ),
    Ratio(
        "dividend_yield",
        "Dividends to market value",
        "percent",
        _col("dividends") / _col("market_value"),
        (_VALUE,),
        needs_price=True,
    ),
)


def is_bank(sector: pl.Expr, industry: pl.Expr) -> pl.Expr:
    """Whether a company is a bank or an insurer, by its sector or its industry."""
    words = pl.concat_str(sector, industry, separator=" ", ignore_nulls=True)
    return words.str.contains(BANK).fill_null(value=False)


def with_ratios(measured: pl.DataFrame, chosen: tuple[Ratio, ...] = RATIOS) -> pl.DataFrame:
    """Measures with every ratio and its reason beside them."""
    return measured.with_columns(column for one in chosen for column in one.columns())
