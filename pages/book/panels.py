"""The panels of a portfolio: sums and returns, positions, profit and loss, exposure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from typing import Any

import polars as pl

from analytics.book.exposure import book_exposure, book_positions
from analytics.book.history import book_history
from analytics.book.summary import OLD_DAYS, book_summary
from data.query import Answer
from pages.desk.tables import short
from pages.frame.charts.course import Course, Pane, courses
from pages.frame.links import address
from pages.frame.panel import Drawn, Panel
from pages.frame.run import current
from pages.frame.tables import Column, facts, table
from pages.frame.theme import palette

NEEDS = ("prices", "instruments")
GROUPS = {
    "country": "Country",
    "sector": "Sector",
    "currency": "Trading currency",
    "class": "Asset class",
}
NOT_CLASSIFIED = "not classified"
REASONS = {
    "missing_input": "a price or rate is missing",
    "non_positive_capital": "capital not above 0",
    "no_unique_rate": "no single rate",
    "insufficient_history": "one day only",
}


@dataclass(frozen=True, slots=True)
class Portfolio:
    """What is shown: the text of a portfolio, its base currency, a benchmark if one is chosen."""

    title: str
    text: str
    base: str
    benchmark: str | None
    benchmark_name: str = ""

    @property
    def params(self) -> dict[str, Any]:
        """For the analytics of a book."""
        return {"book": self.text, "base": self.base}

    @property
    def compared(self) -> dict[str, Any]:
        """For those that take a benchmark."""
        return self.params | {"benchmark": self.benchmark}


def summary(portfolio: Portfolio) -> None:
    """The strip of sums and returns, and what they lack."""

    def draw(answer: Answer) -> Drawn:
        if answer.frame.is_empty():
            return '<div class="b-note">No trades up to this time.</div>'
        row = answer.frame.row(0, named=True)
        return _strip(row, portfolio) + f'<div class="b-note">{escape(_lacks(row))}</div>'

    unit = f"in {portfolio.base} · costs and flows at the rates of their days"
    Panel(portfolio.title, unit, NEEDS, draws_empty=True).show(
        book_summary, draw, **portfolio.compared
    )


def _strip(row: dict[str, Any], portfolio: Portfolio) -> str:
    base = portfolio.base
    day = f"{base}, {row['day_of']:%d %b}" if row["day_of"] else base
    shown = [
        ("Value", _amount(row["value"]), base),
        ("Day's gain", _amount(row["day_gain"], sign=True), day),
        ("Total gain", _amount(row["gain"], sign=True), f"{base}, with income"),
        ("Unrealised", _amount(row["unrealised"], sign=True), base),
        ("Realised", _amount(row["realised"], sign=True), f"{base}, after fees"),
        ("Income", _amount(row["income"], sign=True), f"{base}, after taxes and fees"),
        ("Time-weighted", *_return(row, "time_weighted")),
        ("Money-weighted", *_return(row, "money_weighted")),
        ("Max drawdown", _share(row["max_drawdown"]), ""),
        ("Positions", f"{row['positions']}", f"{row['closed']} closed"),
    ]
    if row["short"]:
        shown += [("Long", _amount(row["long"]), base), ("Short", _amount(row["short"]), base)]
    if portfolio.benchmark is not None:
        word = f"{portfolio.benchmark_name}, without dividends"
        shown.insert(8, ("Benchmark", _share(row["benchmark"]), word))
    return facts(shown)


def _return(row: dict[str, Any], name: str) -> tuple[str, str]:
    """The return of the whole span, and beside it that of a year or why there is none."""
    value, yearly = row[name], row[f"{name}_year"]
    if value is None:
        return "–", REASONS.get(row[f"{name}_reason"], "")
    if yearly is not None:
        return _share(value), f"{_share(yearly)} a year"
    late = name == "time_weighted" and row["measured_from"] >= row["since"]
    return _share(value), f"since {row['measured_from']:%d %b %Y}" if late else "since first trade"


def _tickers(symbols: str) -> str:
    """The symbols of a list without their sources."""
    return ", ".join(map(short, symbols.split(", ")))


def _lacks(row: dict[str, Any]) -> str:
    """What the sums lack, in a line that no narrow window hides."""
    begins = row["measured_from"]
    unvalued = set((row["without_value"] or "").split(", "))
    left_out = [name for name in (row["left_out"] or "").split(", ") if name not in unvalued]
    late = begins is not None and begins >= row["since"]
    entries = row["unknown_income"]
    parts = [
        f"Without a price or a rate, left out of the sums: {_tickers(row['without_value'])}"
        if row["without_value"]
        else "",
        "Without a rate on a day of trade, left out of gains and returns: "
        + _tickers(", ".join(left_out))
        if left_out
        else "",
        f"At a close older than {OLD_DAYS} days: {_tickers(row['stale'])}" if row["stale"] else "",
        "Without a recent session or the one before it, not in the day's gain: "
        f"{_tickers(row['without_day_gain'])}"
        if row["without_day_gain"]
        else "",
        f"Returns are measured from {begins:%d %b %Y}; before, a price or a rate is missing"
        if late
        else "",
        f"Ledger entries without a day, an amount or a rate, not in the income: {entries}"
        if entries
        else "",
    ]
    return ". ".join(part for part in parts if part) or "All positions are valued"


def positions_table(portfolio: Portfolio) -> None:
    """Every position with its weight and gains, in its own currency and in the base."""
    base = portfolio.base
    columns = _columns(base)

    def draw(answer: Answer) -> Drawn:
        rows = [_row(row) for row in answer.frame.iter_rows(named=True)]
        rows.sort(key=lambda row: (row["quantity"] == 0, -abs(row["value_base"] or 0)))
        return table(rows, columns, caption="Positions")

    unit = f"columns marked {base} in the base currency, others in that of the lots · largest first"
    Panel("Positions", unit, NEEDS, draws_empty=True).show(book_positions, draw, **portfolio.params)


def _columns(base: str) -> tuple[Column, ...]:
    return (
        Column("named", "instrument", "link"),
        Column("name", "name"),
        Column("quantity", "quantity", "figure", hint="in shares of the clock, through splits"),
        Column("price", "average cost", "money", hint="mean price of the open lots, without fees"),
        Column("last", "last", "money", hint="in the currency of the lots"),
        Column("last_on", "session", "session"),
        Column("value_base", f"value, {base}", "number", digits=0, total=True),
        Column("weight", "weight, %", "number", digits=1, total=True),
        Column("day_gain_base", f"day's gain, {base}", "signed", digits=0, total=True),
        Column(
            "gain_base",
            f"gain, {base}",
            "signed",
            digits=0,
            hint="with the currency's gain",
            total=True,
        ),
        Column("share", "gain, %", "heat", digits=1, scale=0.3, hint="in the lots' currency"),
        Column("currency", "lots in"),
        Column("value", "value", "number", digits=0, hint="in the currency of the lots"),
        Column("day_gain", "day's gain", "signed", hint="in the currency of the lots"),
        Column("gain", "gain", "signed", hint="unrealised, in the currency of the lots"),
        Column(
            "realised_base",
            f"realised, {base}",
            "signed",
            digits=0,
            hint="after all fees",
            total=True,
        ),
        Column("realised", "realised", "signed", hint="in the currency of the lots"),
        Column("lots", "lots", "count", total=True),
        Column("opened_on", "since", "day"),
        Column("missing", "missing"),
    )


def _row(row: dict[str, Any]) -> dict[str, Any]:
    quantity, cost, gain = row["quantity"], row["cost"], row["gain"]
    # Cost is of the shares bought; the average is of those that they became.
    each = cost / quantity if cost is not None and quantity else None
    return row | {
        "named": {
            "text": row["ticker"] or row["symbol"],
            "to": address("instrument", id=row["symbol"]),
        },
        "price": {"value": each, "unit": row["currency"]},
        "last": {"value": row["last"], "unit": row["currency"]},
        "share": gain / abs(cost) if gain is not None and cost else None,
        "weight": None if row["weight"] is None else 100 * row["weight"],
    }


def profit_and_loss(portfolio: Portfolio) -> None:
    """Gain over time, and the return beside the benchmark."""
    base = portfolio.base

    def draw(answer: Answer) -> Drawn:
        return _chart(answer.frame, portfolio)

    Panel(
        "Profit and loss",
        f"gain in {base} since the first trade · time-weighted return in %",
        ("prices",),
        nothing="No trades up to this time.",
    ).show(book_history, draw, **portfolio.compared)


def _chart(frame: pl.DataFrame, portfolio: Portfolio) -> Drawn:
    def line(column: str, value: pl.Expr | None = None) -> pl.DataFrame:
        shown = value if value is not None else pl.col(column)
        return frame.select(pl.col("date").alias("day"), shown.alias("value"))

    def percent(column: str) -> pl.Expr:
        return 100 * (pl.col(column) - 1)

    money = [
        Course("total gain", line("gain")),
        Course("realised", line("realised"), "step", "dim"),
        Course("income", line("income"), "step", "warn"),
    ]
    returns = [Course("portfolio", line("index", percent("index")))]
    if portfolio.benchmark is not None:
        name = f"{portfolio.benchmark_name}, without dividends"
        returns.append(Course(name, line("benchmark", percent("benchmark")), "dash", "dim"))
    panes = [Pane(f"gain, {portfolio.base}", money), Pane("return, %", returns)]
    return courses(panes, palette(current().theme))


def exposure(portfolio: Portfolio) -> None:
    """Net value by country, sector, currency and class."""
    base = portfolio.base

    def draw(answer: Answer) -> Drawn:
        parts = [
            _group(answer.frame.filter(by=by), label, base)
            for by, label in GROUPS.items()
            if not answer.frame.filter(by=by).is_empty()
        ]
        return f'<div class="b-cols">{"".join(parts)}</div>'

    Panel(
        "Exposure",
        f"net value in {base}, share of all positions with a value",
        NEEDS,
        nothing="No open position has a value at this time.",
    ).show(book_exposure, draw, **portfolio.params)


def _group(frame: pl.DataFrame, label: str, base: str) -> str:
    named = pl.coalesce("name", pl.lit(NOT_CLASSIFIED)).alias("name")
    shown = frame.with_columns(named, pl.col("weight") * 100)
    columns: Sequence[Column] = (
        Column("name", label.lower()),
        Column("positions", "positions", "count", total=True),
        Column("net", f"net, {base}", "number", digits=0, total=True),
        Column("weight", "weight, %", "number", digits=1, total=True),
    )
    return table(shown, columns, caption=label)


def _amount(value: float | None, *, sign: bool = False) -> str:
    if value is None:
        return "–"
    signed = "+" if sign and round(value) else ""
    return f"{value:{signed}z,.0f}".replace("-", "−")


def _share(value: float | None) -> str:
    return "–" if value is None else f"{100 * value:+z.2f} %".replace("-", "−")
