"""Quarterly accounts in whole cents: assets are liabilities and equity, and each quarter rolls on.

Sums are of integers, so they hold to the cent and in any order.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from ingest.sources.demo_world.draws import Floats, Ints, normals
from ingest.sources.demo_world.issuers import EVENING, LATE, PENCE, RESTATED, UNBALANCED, Issuer
from ingest.sources.demo_world.regime import Story
from ingest.sources.demo_world.spec import DAY_US, Spec
from ingest.sources.demo_world.tables import local_instants

FIRST_YEAR = 2010
_TOLD_TOO_WELL = 0.04
_MISTYPED = 1.1
_LATE_DAYS = (28, 49)  # of a quarter, and of a year, which has longer to be filed
_SHOWN_MINUTE = 7 * 60 + 30  # when EDGAR shows what it accepted the evening before
DOMESTIC = ("USA", "CAN", "JPN")  # countries whose companies file as domestic ones, not on 20-F
_CYCLICAL = np.array([2.0, 1.8, 1.4, 1.6, 0.3, 0.3, 1.2, 1.3, 0.8, 0.2, 0.7])
_ZONES = {
    "XNYS": "America/New_York",
    "XNAS": "America/New_York",
    "XLON": "Europe/London",
    "XTKS": "Asia/Tokyo",
    "XETR": "Europe/Berlin",
    "XPAR": "Europe/Paris",
    "XHKG": "Asia/Hong_Kong",
    "XTSE": "America/Toronto",
    "XASX": "Australia/Sydney",
    "XSWX": "Europe/Zurich",
    "XJSE": "Africa/Johannesburg",
}
FLOWS = (
    "Revenues",
    "GrossProfit",
    "OperatingIncomeLoss",
    "InterestExpense",
    "IncomeTaxExpenseBenefit",
    "NetIncomeLoss",
    "DepreciationDepletionAndAmortization",
    "NetCashProvidedByUsedInOperatingActivities",
    "PaymentsToAcquirePropertyPlantAndEquipment",
    "PaymentsOfDividends",
    "ProceedsFromRepaymentsOfDebt",
)
STOCKS = (
    "CashAndCashEquivalentsAtCarryingValue",
    "AccountsReceivableNetCurrent",
    "PropertyPlantAndEquipmentNet",
    "Assets",
    "LongTermDebtNoncurrent",
    "LongTermDebtCurrent",
    "LongTermDebt",
    "ShortTermBorrowings",
    "CommercialPaper",
    "Liabilities",
    "StockholdersEquity",
)
# What a company owes for less than a year is tagged with one word or the other, never with both.
SHORT_TERM = ("ShortTermBorrowings", "CommercialPaper")


@dataclass(frozen=True, slots=True)
class Accounts:
    """[quarter, company] in cents by concept; `filed` is the acceptance of each filing."""

    starts: Ints
    ends: Ints
    cents: dict[str, Ints]
    filed: Ints
    has_filed: np.ndarray


def quarters(spec: Spec) -> tuple[Ints, Ints]:
    """First and last days from 2010 to the end of the year of `until`."""
    first = np.datetime64(f"{FIRST_YEAR}-01", "M")
    count = max(0, spec.until.year + 1 - FIRST_YEAR) * 12
    edges = (first + np.arange(0, count + 1, 3)).astype("datetime64[D]").astype(np.int64)
    return edges[:-1], edges[1:] - 1


def keep_books(spec: Spec, story: Story, issuers: Sequence[Issuer]) -> Accounts:
    """Roll every company forward, quarter by quarter."""
    starts, ends = quarters(spec)
    growth = _growth(story, len(starts))
    names = (*FLOWS, *STOCKS)
    cents = {name: np.empty((len(starts), len(issuers)), np.int64) for name in names}
    draws = np.stack(
        [normals(spec.seed, f"books {i.company}", len(starts) * 4).reshape(-1, 4) for i in issuers],
        axis=1,
    )
    level = np.array([i.shares * i.price * _unit(i) * 0.05 for i in issuers])
    margin = np.array([0.06 + 0.12 * (i.beta - 0.55) for i in issuers])
    cyclical = _CYCLICAL[[i.sector for i in issuers]]
    payout = np.array([0.45 if i.dividend_yield else 0.0 for i in issuers])
    stock = _opening(level)
    for quarter in range(len(starts)):
        rate = 1.2 + 1.1 * cyclical * growth[quarter] + 1.5 * draws[quarter, :, 0]
        level = level * (1.0 + np.clip(rate, -25.0, 25.0) / 100.0)
        wobble = 1.0 + 0.02 * draws[quarter, :, 1]
        earned = margin + 0.03 * cyclical * np.minimum(growth[quarter], 0.5)
        flow = _flows(level * wobble, earned + 0.01 * draws[quarter, :, 2], payout, stock)
        stock = _roll(stock, flow)
        for name, values in {**flow, **_closing(stock)}.items():
            cents[name][quarter] = values
    filed, has_filed = _filings(spec, issuers, ends)
    return Accounts(starts, ends, cents, filed, has_filed)


def _unit(issuer: Issuer) -> float:
    """What one unit of the price is worth in the currency of the accounts: pence are hundredths."""
    return 0.01 if issuer.venue.currency in PENCE else 1.0


def _growth(story: Story, count: int) -> Floats:
    first = story.month_index(FIRST_YEAR, 1)
    months = story.growth[first : first + 3 * count]
    return (months[0::3] + months[1::3] + months[2::3]) / 3.0


def _cents(values: Floats) -> Ints:
    return np.rint(values * 100.0).astype(np.int64)


def _opening(level: Floats) -> dict[str, Ints]:
    cash, due, plant, debt = (_cents(level * part) for part in (0.8, 0.6, 3.0, 1.4))
    return {
        "cash": cash,
        "due": due,
        "plant": plant,
        "debt": debt,
        "equity": cash + due + plant - debt,
    }


def _flows(
    revenue: Floats, margin: Floats, payout: Floats, stock: dict[str, Ints]
) -> dict[str, Ints]:
    """One quarter; the change in receivables is the difference of two balances, so not stated."""
    sales = _cents(revenue)
    operating = _cents(revenue * margin)
    gross = operating + _cents(revenue * 0.22)
    interest = np.rint(stock["debt"] * 0.011).astype(np.int64)
    before_tax = operating - interest
    tax = np.rint(np.maximum(before_tax, 0) * 0.25).astype(np.int64)
    income = before_tax - tax
    worn = np.rint(stock["plant"] * 0.022).astype(np.int64)
    due = np.rint(sales * 0.6).astype(np.int64) - stock["due"]
    cash_flow = income + worn - due
    bought = np.rint(worn * 1.15).astype(np.int64)
    paid = np.rint(np.maximum(income, 0) * payout).astype(np.int64)
    left = stock["cash"] + cash_flow - bought - paid
    wanted = np.rint(sales * 0.8).astype(np.int64)
    # Nobody repays all: half a quarter's sales stay borrowed.
    spare = np.maximum(stock["debt"] - sales // 2, 0)
    borrowed = np.maximum((wanted - left) // 2, -(spare // 4))
    borrowed = np.maximum(borrowed, -left + 1)
    values = (
        sales,
        gross,
        operating,
        interest,
        tax,
        income,
        worn,
        cash_flow,
        bought,
        paid,
        borrowed,
    )
    return dict(zip(FLOWS, values, strict=True))


def _roll(stock: dict[str, Ints], flow: dict[str, Ints]) -> dict[str, Ints]:
    income, worn = flow["NetIncomeLoss"], flow["DepreciationDepletionAndAmortization"]
    cash_flow = flow["NetCashProvidedByUsedInOperatingActivities"]
    bought = flow["PaymentsToAcquirePropertyPlantAndEquipment"]
    paid, borrowed = flow["PaymentsOfDividends"], flow["ProceedsFromRepaymentsOfDebt"]
    return {
        "cash": stock["cash"] + cash_flow - bought - paid + borrowed,
        "due": stock["due"] + income + worn - cash_flow,
        "plant": stock["plant"] + bought - worn,
        "debt": stock["debt"] + borrowed,
        "equity": stock["equity"] + income - paid,
    }


def _closing(stock: dict[str, Ints]) -> dict[str, Ints]:
    assets = stock["cash"] + stock["due"] + stock["plant"]
    short, current = stock["debt"] // 8, stock["debt"] // 10
    long = stock["debt"] - short
    values = (
        stock["cash"],
        stock["due"],
        stock["plant"],
        assets,
        long - current,
        current,
        long,
        short,
        short,
        stock["debt"],
        stock["equity"],
    )
    return dict(zip(STOCKS, values, strict=True))


def _filings(spec: Spec, issuers: Sequence[Issuer], ends: Ints) -> tuple[Ints, np.ndarray]:
    """After the close of the company's own market, four to six weeks on; yearly ones later."""
    filed = np.empty((len(ends), len(issuers)), np.int64)
    has_filed = np.empty(filed.shape, dtype=bool)
    is_year_end = np.arange(len(ends)) % 4 == 3
    for column, issuer in enumerate(issuers):
        luck = normals(spec.seed, f"filing {issuer.company}", len(ends) * 2).reshape(-1, 2)
        wait = 36 + np.clip(luck[:, 0] * 3.0, -7, 7).astype(np.int64) + 18 * is_year_end
        minute = 970 + np.clip(luck[:, 1] * 25.0, -60, 60).astype(np.int64)
        days = ends + wait
        days = days + np.where((days + 3) % 7 >= 5, 2, 0)
        late, evening = (planted_quarter(of, issuer.number) for of in (LATE, EVENING))
        if late is not None and late < len(days):
            days[late] += _LATE_DAYS[late % 4 == 3]
        if evening is not None and evening < len(days):
            days[evening] += 3 if (days[evening] + 3) % 7 == 4 else 1
            minute[evening] = _SHOWN_MINUTE
        filed[:, column] = local_instants(days, minute, _ZONES[issuer.venue.code])
        last = issuer.delisted if issuer.delisted is not None else 10**6
        has_filed[:, column] = (ends > issuer.listed) & (days < last)
    return filed, has_filed


def sells_paper(issuer: Issuer) -> bool:
    """Whether a company borrows for short by commercial paper, and states that alone."""
    return issuer.number % 5 == 4


def is_domestic(issuer: Issuer) -> bool:
    """Whether a company files 10-K, 10-Q and 8-K, or 20-F and 6-K as a foreign one."""
    return issuer.venue.country in DOMESTIC


def report_form(issuer: Issuer, quarter: int) -> str:
    """The form of a quarter's report."""
    is_year = quarter % 4 == 3
    if is_domestic(issuer):
        return "10-K" if is_year else "10-Q"
    return "20-F" if is_year else "6-K"


def report_accession(number: int, quarter: int, *, again: bool = False) -> str:
    """The id of an issuer's report, or of its amendment."""
    return f"demo-{number:05d}-{quarter * 2 + again:04d}"


def restated_quarter(number: int) -> int | None:
    """The position of the quarter that an issuer had to tell again, if any."""
    return planted_quarter(RESTATED | UNBALANCED, number)


def planted_quarter(planted: dict[int, tuple[int, int]], number: int) -> int | None:
    """The position of the quarter that a list names for an issuer, if any."""
    if number not in planted:
        return None
    year, quarter = planted[number]
    return (year - FIRST_YEAR) * 4 + quarter - 1


def told_first(accounts: Accounts, quarter: int, column: int, number: int) -> dict[str, int]:
    """The figures of the first filing: too good by the same amount everywhere, so in balance, or
    with liabilities that were mistyped, so out of it."""
    first = {name: int(values[quarter, column]) for name, values in accounts.cents.items()}
    if number in UNBALANCED:
        return first | {"Liabilities": int(round(first["Liabilities"] * _MISTYPED))}
    too_much = int(round(first["Revenues"] * _TOLD_TOO_WELL))
    swollen = (
        "Revenues",
        "GrossProfit",
        "OperatingIncomeLoss",
        "NetIncomeLoss",
        "AccountsReceivableNetCurrent",
        "Assets",
        "StockholdersEquity",
    )
    return first | {name: first[name] + too_much for name in swollen}


def restated_at(accounts: Accounts, quarter: int, column: int) -> int:
    """Six weeks after the first filing, and before the next one."""
    return int(accounts.filed[quarter, column]) + 42 * DAY_US
