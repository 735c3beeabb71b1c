"""Columns of the table of companies: what each is called, its unit, and the shipped sets."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from analytics.companies.ratio_list import RATIOS
from analytics.companies.screen_text import PLACE_SHARE
from pages.frame.cells import Kind


@dataclass(frozen=True, slots=True)
class ScreenColumn:
    """`size` is what a figure is multiplied by to stand in `unit`; `filtered` says that a screen
    can have a range of it."""

    label: str
    unit: str = ""
    kind: Kind = "tinted"
    size: float = 1.0
    digits: int = 2
    hint: str = ""
    filtered: bool = True

    @property
    def named(self) -> str:
        """With its unit, as a choice has it."""
        return f"{self.label}, {self.unit}" if self.unit else self.label

    @property
    def head(self) -> str:
        """As it stands above the column: small letters, but for abbreviations."""
        is_word = not self.label[1:2].isupper()
        return f"{self.named[0].lower()}{self.named[1:]}" if is_word else self.named


def _money(label: str) -> ScreenColumn:
    hint = "in the currency of the accounts"
    return ScreenColumn(label, "mn", "number", 1e-6, 0, hint, filtered=False)


def _share(label: str, hint: str = "") -> ScreenColumn:
    return ScreenColumn(label, "%", size=100.0, digits=1, hint=hint)


UNITS = {"percent": ("%", 100.0), "times": ("×", 1.0)}
COLUMNS: Mapping[str, ScreenColumn] = {
    "sector": ScreenColumn("Sector", kind="wide", filtered=False),
    "industry": ScreenColumn("Industry", kind="wide", filtered=False),
    "country": ScreenColumn("Country", kind="text", filtered=False),
    "market_value_usd": ScreenColumn("Market value", "USD bn", "number", 1e-9, 1),
    "revenue_usd": ScreenColumn("Revenue", "USD bn", "number", 1e-9, 2, "at the rate of the clock"),
    "revenue": _money("Revenue"),
    "net_income": _money("Net income"),
    "free_cash_flow": _money("Free cash flow"),
    "debt": _money("Debt"),
    "equity": _money("Equity"),
    "currency": ScreenColumn("Currency", kind="text", filtered=False, hint="of the accounts"),
    **{
        one.name: ScreenColumn(
            one.label, UNITS.get(one.unit, ("", 1.0))[0], size=UNITS.get(one.unit, ("", 1.0))[1]
        )
        for one in RATIOS
    },
    "return_1m": _share("Return 1 month", "with dividends, 21 sessions"),
    "return_3m": _share("Return 3 months", "with dividends, 63 sessions"),
    "return_12m": _share("Return 12 months", "with dividends, 252 sessions"),
    "volatility": _share("Volatility", "of 60 daily returns, annualised"),
    "from_high": _share("From 52-week high", "last close against the highest of 252 sessions"),
    PLACE_SHARE: _share("Revenue in the place", "the place of the filter, last fiscal year"),
    "price_path": ScreenColumn("Price", "60 d", "spark", filtered=False),
    "revenue_path": ScreenColumn(
        "Revenue", "2 y", "spark", filtered=False, hint="twelve months to each quarter's end"
    ),
    "period_end": ScreenColumn("Accounts to", kind="day", filtered=False),
}
FIRST = ("sector", "country", "market_value_usd")
MARGINS = ("gross_margin", "operating_margin", "net_margin", "fcf_margin")
TECHNICAL = ("return_1m", "return_3m", "return_12m", "volatility", "from_high", "price_path")
LAST = ("period_end",)
SETS: Mapping[str, tuple[str, tuple[str, ...]]] = {
    "overview": (
        "Overview",
        (*FIRST, "revenue_usd", "revenue_growth", "operating_margin", "roe", "pe", "return_12m")
        + ("price_path", *LAST),
    ),
    "valuation": (
        "Valuation",
        (*FIRST, "pe", "ps", "pb", "ev_to_ebitda", "fcf_yield", "dividend_yield", *LAST),
    ),
    "growth": (
        "Growth",
        (*FIRST, "revenue", "currency", "revenue_growth", "eps_growth", *MARGINS)
        + ("revenue_path", *LAST),
    ),
    "quality": (
        "Quality",
        (*FIRST, "roe", "roa", "operating_margin", "fcf_margin", "asset_turnover", "tax_rate")
        + ("payout", *LAST),
    ),
    "balance": (
        "Balance",
        (*FIRST, "debt", "equity", "currency", "icr", "debt_to_equity", "net_debt_to_ebitda")
        + ("equity_ratio", "current_ratio", *LAST),
    ),
    "technical": ("Technical", (*FIRST, *TECHNICAL)),
}
MOST = 30


def read_columns(text: str) -> tuple[tuple[str, ...], list[str]]:
    """The columns of an address: those of a shipped set, or names with commas between; and the
    names that are none."""
    if text in SETS:
        return SETS[text][1], []
    names = list(dict.fromkeys(word.strip() for word in text.split(",") if word.strip()))
    known = tuple(name for name in names if name in COLUMNS)[:MOST]
    return known, [name for name in names if name not in COLUMNS]


def column_text(names: Iterable[str]) -> str:
    """As an address has it: a shipped set by its name."""
    given = tuple(names)
    shipped = (name for name, (_, columns) in SETS.items() if columns == given)
    return next(shipped, ",".join(given))
