"""Other instruments and formulas in the chart of one: changes from a session that all have.

A rate or a difference has no such change: it is drawn as a level below the price, in its own unit.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import polars as pl

from analytics.core.resolve import resolve
from analytics.formulas.values import formula_of
from analytics.markets.comparison import AT_100, DIFFERENCE, RATIO, compared
from data.query import Answer
from pages.frame.cached import cached
from pages.frame.errors import Trouble, explain, sentence
from pages.frame.figures import decimals, unit_of_price, written
from pages.frame.links import address
from pages.frame.panel import Panel, say
from pages.frame.run import current
from pages.frame.tables import Column, table
from pages.instruments.price_chart import ComparedLine, LevelLine
from pages.search.directory import rows_of, title
from pages.search.pickers import pick_instruments

PARAMETER = "vs"
SAID = 3  # reasons above the chart; the table has all
LONGEST_CODE = 40  # letters beside a line of the chart
COLUMNS = (
    Column("named", "instrument or formula", "link"),
    Column("currency", "currency", hint="its change is in this currency, not converted"),
    Column("first", "from", "instant"),
    Column("last", "to", "instant"),
    Column("change", "change", "percent", hint="from the first session in common, no dividends"),
    Column("level", "last level", "money", hint="of a rate or a difference, in its own unit"),
    Column("moved", "change of level", "move", hint="over the span, in the same unit"),
    Column("late", "late parts", hint="their last value is too old: the line goes on with it"),
    Column("problem", "why it is not drawn", "wide"),
)
OPTIONAL = ("currency", "level", "moved", "late", "problem")


@dataclass(frozen=True, slots=True)
class ComparedLines:
    """What is drawn with the price, and what below it."""

    beside_price: list[ComparedLine] = field(default_factory=list)
    below_price: list[LevelLine] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Comparison:
    """An instrument with the others that the address names, over a span."""

    symbol: str
    country: str | None
    names: Sequence[str]
    since: date | None

    @property
    def params(self) -> dict[str, Any]:
        """For the analytic."""
        return {
            "symbol": self.symbol,
            "others": list(self.names),
            "since": self.since,
            "country": self.country,
        }

    def lines(self) -> ComparedLines:
        """The lines for the chart; what is not drawn says why above it, as the table does."""
        drawn = ComparedLines()
        if not self.names:
            return drawn
        try:
            frame = cached(compared, current().at, **self.params).frame
        except Exception as error:  # noqa: BLE001 - the table says it
            explain(error, "comparison")
            return drawn
        _say_refused(frame)
        for name in self.names:
            mine = frame.filter(pl.col("symbol") == name).drop_nulls("date")
            values = mine.select("date", "value")
            if mine.is_empty():
                continue
            if mine["moves"][0] == RATIO:
                drawn.beside_price.append(ComparedLine(_code(name), values))
            else:
                drawn.below_price.append(LevelLine(_code(name), mine["unit"][0], values))
        return drawn

    def table(self) -> None:
        """The change of each over the span, with the receipt of all lines."""
        if not self.names:
            return
        Panel(
            "Compared",
            "over the span, from the first session in common",
            ("prices",),
            "No session of this span was known at the clock.",
        ).show(compared, lambda answer: _table(answer, [self.symbol, *self.names]), **self.params)


def _say_refused(frame: pl.DataFrame) -> None:
    """One sentence for each that is not drawn, beside the box in which it was typed."""
    refused = frame.drop_nulls("problem").select("symbol", "problem").rows()
    for name, problem in refused[:SAID]:
        say(Trouble(f"{_code(name)} is not drawn.", sentence(problem)), "partial")
    if len(refused) > SAID:
        say(Trouble(f"{len(refused) - SAID} more are not drawn.", "Compared says why."), "partial")


def choose_compared(symbol: str, country: str | None, since: date | None) -> Comparison:
    """The others that the address names, and the box to change them."""
    names = pick_instruments("instrument", PARAMETER, "Compare with", width=320)
    others = [name for name in dict.fromkeys(names) if name != symbol]
    return Comparison(symbol, country, others, since)


def _table(answer: Answer, names: Sequence[str]) -> str:
    frame = answer.frame
    first, currencies = _first_common(frame), _currencies(names)
    rows = [_row(name, frame.filter(pl.col("symbol") == name), first) for name in names]
    for name, row in zip(names, rows, strict=True):
        row["currency"] = currencies.get(name)
    empty = {name for name in OPTIONAL if all(row[name] is None for row in rows)}
    columns = [column for column in COLUMNS if column.name not in empty]
    return _counted_from(first) + table(rows, columns, caption="Compared")


def _counted_from(first: date | None) -> str:
    """From which session the changes count, whatever part of the chart is in view."""
    if first is None:
        return ""
    return (
        f'<div class="b-note">Changes count from {first.day} {first:%b %Y}, the first session of '
        "the span that all have, each in its own currency. Where the chart shows a part of the "
        "span, its changes count from the first session in view.</div>"
    )


def _currencies(names: Sequence[str]) -> Mapping[str, str]:
    """What each instrument's price is stated in; none for a formula or a rate."""
    ids = [name for name in names if formula_of(name) is None]
    found = cached(resolve, current().at, words=ids).frame.filter(
        pl.col("symbol") == pl.col("word")
    )
    units = {
        str(row["symbol"]): unit_of_price(row["asset_class"], row["currency"])
        for row in found.iter_rows(named=True)
    }
    return {symbol: unit for symbol, unit in units.items() if unit not in ("", "%")}


def _row(name: str, lines: pl.DataFrame, first: date | None) -> dict[str, Any]:
    """What the table says of one; nothing where it has no session in the span."""
    problem = lines["problem"].drop_nulls().first()
    priced = lines.drop_nulls("value")
    row: dict[str, Any] = dict.fromkeys(column.name for column in COLUMNS)
    row |= {"named": _named(name), "problem": sentence(str(problem)) if problem else None}
    if priced.is_empty():
        return row
    begin, end = priced["value"][0], priced["value"][-1]
    row |= {"last": priced["date"][-1], "late": priced["late"][-1]}
    if priced["moves"][-1] != DIFFERENCE:
        return row | {"first": first, "change": end / 100 - 1}
    digits = decimals([begin, end])
    return row | {
        "first": priced["date"][0],
        "level": {"value": end, "unit": priced["unit"][-1]},
        "moved": {"value": end - begin, "text": written(end - begin, digits, sign=True)},
    }


def _named(name: str) -> dict[str, str]:
    if (text := formula_of(name)) is not None:
        return {"text": text, "to": address("instrument", f=text)}
    known = rows_of(current(), "instrument", [name]).get(name)
    return {"text": title(known) if known else name, "to": address("instrument", id=name)}


def _first_common(frame: pl.DataFrame) -> date | None:
    """The session at which all that move by ratio stand at 100."""
    rebased = frame.filter(pl.col("unit") == AT_100).drop_nulls("value")
    members = rebased.group_by("date").agg(pl.col("symbol").n_unique().alias("members"))
    whole = members.filter(pl.col("members") == rebased["symbol"].n_unique())
    return min(whole["date"].to_list(), default=None)


def _code(name: str) -> str:
    if (text := formula_of(name)) is not None:
        return text if len(text) <= LONGEST_CODE else f"{text[: LONGEST_CODE - 1]}…"
    row = rows_of(current(), "instrument", [name]).get(name)
    return str(row["code"] or row["label"]) if row else name
