"""One manager's portfolio by Form 13F: positions with changes, options, quarters and filings."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

import polars as pl

from analytics.core.catalogue import find
from data.datasets.fund_holdings import NOTICE
from data.query import Answer
from pages.filings.holding_words import (
    CHANGE,
    FLAG,
    NEEDS,
    NOTHING_HELD,
    PRICES,
    change_cells,
    flags,
    lag_note,
    millions,
    note,
    percent,
    pick_quarter,
    price_cells,
    quarter_name,
    security_link,
)
from pages.frame import charts
from pages.frame.panel import Drawn, Panel
from pages.frame.run import current
from pages.frame.tables import Column, facts, table
from pages.frame.theme import palette

SHOWN = 12  # quarters
NOTHING = "No position of this manager's own is reported for this quarter at this clock."
NO_REPORT = "This manager has no filing for these quarters at this clock."


def portfolio_view(manager: str) -> None:
    """Sums, positions, options, the quarters before, and every filing."""
    quarter = pick_quarter("funds")
    name = quarter_name(quarter)
    fields = {"manager": manager, "quarter": quarter}
    history = find("fund_history").call
    Panel("Portfolio", f"Form 13F, {name}", NEEDS, NO_REPORT).show(
        history, lambda answer: _sums(answer, quarter), **fields, count=SHOWN
    )
    words = f"{name}; against the quarter before, splits undone"
    Panel("Positions", words, NEEDS, NOTHING).show(
        find("fund_portfolio").call, lambda answer: _positions(answer, quarter), **fields
    )
    Panel("Options", f"{name}; by their underlying, in no weight", NEEDS, NOTHING).show(
        find("fund_portfolio").call, lambda answer: _options(answer, quarter), **fields
    )
    words = "bars: shares and bonds, USD mn; line: turnover, %"
    Panel("Quarters", words, NEEDS, NO_REPORT).show(history, _course, **fields, count=SHOWN)
    Panel("Quarter by quarter", "as known at the clock", NEEDS, NO_REPORT).show(
        history, _quarters, **fields, count=SHOWN
    )
    words = "newest first; a restatement replaces the report, new holdings add to it"
    Panel("Filings", words, NEEDS, NO_REPORT).show(
        find("fund_filing_list").call, _filings, **fields
    )


def _sums(answer: Answer, quarter: date) -> str:
    rows = answer.frame.filter(pl.col("period_end") == quarter).to_dicts()
    if not rows:
        said = f"Nothing is filed for {quarter_name(quarter)} at this clock. "
        return note(said + lag_note(quarter))
    row = rows[0]
    if not row["has_report"]:
        return note(f"For this quarter its {NOTHING_HELD[NOTICE]} (13F-NT). {lag_note(quarter)}")
    strip = (
        ("Value", _number(millions(row["value_usd"]), 0), "USD mn"),
        ("Options", _number(millions(row["options_usd"]), 0), "USD mn"),
        ("Positions", f"{row['positions']:,}", "with options"),
        ("Largest / ten largest", _largest(row), "of value"),
        ("Concentration", _number(row["concentration"], 0, 1e4), "HHI"),
        ("Turnover", _percent(row["turnover"]), "of the mean value"),
        ("Bought / sold", _pair(row), "USD mn"),
        ("New / gone", _counts(row), "shares"),
    )
    days = (row["filed_on"] - quarter).days
    filed = f"Last filing {row['filed_on']:%d %b %Y}, {days} days after the quarter's end. "
    return f"{facts(strip)}{note(filed + lag_note(quarter))}"


def _largest(row: Mapping[str, Any]) -> str:
    return " / ".join(_percent(row[name]) for name in ("largest", "top_ten"))


def _pair(row: Mapping[str, Any]) -> str:
    return " / ".join(_number(millions(row[f"{side}_usd"]), 0) for side in ("bought", "sold"))


def _counts(row: Mapping[str, Any]) -> str:
    return "–" if row["new"] is None else f"{row['new']} / {row['closed']}"


def _number(value: float | None, digits: int, size: float = 1.0) -> str:
    return "–" if value is None else f"{value * size:,.{digits}f}"


def _percent(share: float | None) -> str:
    return "–" if share is None else f"{100 * share:.1f} %"


def _cells(row: dict[str, Any], quarter: date) -> dict[str, Any]:
    return {
        **row,
        **change_cells(row),
        **price_cells(row),
        "named": security_link(row, quarter),
        "value": millions(row["value_usd"]),
        "share": percent(row["weight"]),
        "kind": row["put_call"],
        "flag": flags(row),
    }


def _positions(answer: Answer, quarter: date) -> str:
    frame = answer.frame.filter(pl.col("put_call") == "none")
    if frame.is_empty():
        return note("No shares and no bonds.")
    rows = [_cells(row, quarter) for row in frame.iter_rows(named=True)]
    columns = (
        Column("named", "security", "name"),
        Column("title_of_class", "class"),
        Column("cusip", "CUSIP", "key"),
        Column("value", "value, USD mn", "number", digits=1, total=True),
        Column("share", "weight, %", "number", total=True),
        Column("amount", "shares or principal", "number", digits=0),
        *CHANGE,
        *PRICES,
        FLAG,
    )
    odd = frame["flag"].is_not_null().sum()
    shown = table(rows, columns, caption="Positions")
    if not odd:
        return shown
    text = f"Flagged: {odd} of {frame.height} positions. Values are shown as filed; sums, weights "
    return shown + note(f"{text}and turnover follow them.")


def _options(answer: Answer, quarter: date) -> str:
    frame = answer.frame.filter(pl.col("put_call") != "none")
    if frame.is_empty():
        return note("No options.")
    rows = [_cells(row, quarter) for row in frame.iter_rows(named=True)]
    columns = (
        Column("named", "underlying", "name"),
        Column("kind", "option"),
        Column("value", "value, USD mn", "number", digits=1, hint="of the underlying", total=True),
        Column("amount", "shares", "number", digits=0),
        *CHANGE,
        FLAG,
    )
    return table(rows, columns, caption="Options")


def _course(answer: Answer) -> Drawn:
    frame = answer.frame
    periods = [quarter_name(end) for end in frame["period_end"]]
    turnover = [percent(value) for value in frame["turnover"]]
    drawn = [
        charts.YearBars("Value", periods, [millions(value) for value in frame["value_usd"]]),
        charts.YearLine("Turnover", periods, turnover, "warn"),
    ]
    return charts.by_period(drawn, palette(current().theme), unit="USD mn", right="turnover, %")


def _quarters(answer: Answer) -> str:
    rows = [
        {
            **row,
            "quarter": quarter_name(row["period_end"]),
            "value": millions(row["value_usd"]),
            "bought": millions(row["bought_usd"]),
            "sold": millions(row["sold_usd"]),
            "most": percent(row["largest"]),
            "ten": percent(row["top_ten"]),
            "turned": percent(row["turnover"]),
            "days": (row["filed_on"] - row["period_end"]).days,
        }
        for row in answer.frame.reverse().iter_rows(named=True)
    ]
    columns = (
        Column("quarter", "quarter"),
        Column("value", "value, USD mn", "number", digits=0),
        Column("positions", "positions", "count"),
        Column("most", "largest, %", "number", digits=1),
        Column("ten", "ten largest, %", "number", digits=1),
        Column("bought", "bought, USD mn", "number", digits=0),
        Column("sold", "sold, USD mn", "number", digits=0),
        Column("turned", "turnover, %", "number", digits=1),
        Column("new", "new", "count"),
        Column("closed", "gone", "count"),
        Column("filed_on", "last filing", "day"),
        Column("days", "days after", "count"),
    )
    return table(rows, columns, caption="Quarter by quarter")


def _filings(answer: Answer) -> str:
    rows = [
        {
            **row,
            "quarter": quarter_name(row["period_end"]),
            "value": millions(row["value_usd"]),
            "what": _what(row),
            "flag": row["flag"] or "",
            "stands": _stands(row),
            "days": (row["filed_on"] - row["period_end"]).days,
        }
        for row in answer.frame.iter_rows(named=True)
    ]
    columns = (
        Column("quarter", "quarter"),
        Column("form", "form"),
        Column("what", "kind"),
        Column("known_at", "known", "instant"),
        Column("days", "days after", "count", hint="the quarter's end"),
        Column("positions", "positions", "count"),
        Column("value", "value, USD mn", "number", digits=0),
        Column("stands", "at this clock"),
        Column("flag", "flags", "wide"),
        Column("accession", "filing", "key"),
    )
    return table(rows, columns, caption="Filings", zone=current().view.zone)


def _what(row: Mapping[str, Any]) -> str:
    if row["nothing"] in NOTHING_HELD:
        return NOTHING_HELD[row["nothing"]]
    kinds = {"RESTATEMENT": "restatement", "NEW HOLDINGS": "new holdings"}
    return kinds.get(row["amendment_type"], "report")


def _stands(row: Mapping[str, Any]) -> str:
    if row["counts"]:
        return "counts"
    return "repeats an addition" if row["is_repeat"] else "replaced"
