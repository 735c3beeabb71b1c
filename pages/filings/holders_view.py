"""Who holds a company by Form 13F: managers with changes, those not filed yet, options, history."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from html import escape
from typing import Any

import polars as pl

from analytics.companies.holdings_reading import NOT_REPORTED
from analytics.core.catalogue import find
from data.query import Answer
from pages.filings.holding_words import (
    CHANGE,
    FILED,
    FLAG,
    NEEDS,
    PRICES,
    change_cells,
    filed_cells,
    flags,
    fund_link,
    lag_note,
    millions,
    note,
    percent,
    pick_quarter,
    price_cells,
    quarter_name,
)
from pages.frame import charts
from pages.frame.cached import cached
from pages.frame.errors import Trouble, explain
from pages.frame.panel import Drawn, Panel, say
from pages.frame.run import current
from pages.frame.tables import Column, facts, table
from pages.frame.theme import palette

NOTHING = "No manager reports a position in this company for the quarter at this clock."
NONE_MISSING = "No manager that held shares a quarter before has yet to file."
NO_OPTION = "No option on its shares and no bond under their CUSIP is reported."
NEVER = "No manager reported shares of this company in the quarters up to this one."
IS_SHARE = (pl.col("put_call") == "none") & (pl.col("amount_kind") == "SH")
IS_MISSING = pl.col("action") == NOT_REPORTED
SHOWN = 12  # quarters in the chart


def holders_view(company: str) -> None:
    """The sums, the holders, who has not filed, options and bonds, and the quarters before."""
    try:
        known = cached(find("company_securities").call, current().at, company=company).frame
    except Exception as error:  # noqa: BLE001 - one sentence in place of the view
        say(explain(error, "holders"), "error")
        return
    matched = known.filter(pl.col("cusip").is_not_null())
    if matched.is_empty():
        say(_no_cusip(known), "empty")
        return
    quarter = pick_quarter("company")
    name = quarter_name(quarter)
    names = dict(matched.select("symbol", "ticker").iter_rows())
    fields = {"symbol": company, "quarter": quarter}
    call, few = find("fund_holders").call, matched.height == 1
    Panel("Reported ownership", f"Form 13F, {name}", NEEDS, NOTHING).show(
        find("holding_crowding").call,
        lambda answer: _sums(answer, names),
        symbols=matched["symbol"].to_list(),
        quarter=quarter,
    )
    Panel("Holders", f"{name}; shares against the quarter before", NEEDS, NOTHING).show(
        call, lambda answer: _holders(answer, quarter, is_single=few), **fields
    )
    words = "held at the end of the quarter before; no report for this one at the clock"
    Panel("Not filed yet", words, NEEDS, NONE_MISSING).show(
        call, lambda answer: _missing(answer, quarter), **fields
    )
    Panel("Options and bonds", f"{name}; in no sum of shares", NEEDS, NO_OPTION).show(
        call, lambda answer: _options(answer, quarter), **fields
    )
    words = "bars: value, USD mn; line: managers that hold shares"
    Panel("Holders over time", words, NEEDS, NOTHING).show(
        find("holder_history").call, _course, **fields, count=SHOWN
    )


def _no_cusip(known: pl.DataFrame) -> Trouble:
    """Why no position can be matched to this company."""
    if known.is_empty():
        return Trouble(
            "No holders are shown: no instrument of the lake is linked to this company, so its "
            "CUSIP is not known.",
            "13F positions are matched by CUSIP alone.",
        )
    named = ", ".join(known["ticker"].fill_null(known["symbol"]).head(3))
    return Trouble(
        f"No holders are shown: {named} has no American or Canadian ISIN in the lake, so its "
        "CUSIP is not known.",
        "13F positions are matched by CUSIP alone; form 13F covers securities listed in the US.",
    )


def _sums(answer: Answer, names: dict[str, str | None]) -> str:
    """One strip for each security of the company."""
    parts = []
    for row in answer.frame.iter_rows(named=True):
        if answer.frame.height > 1:
            parts.append(note(escape(names[row["symbol"]] or row["symbol"])))
        parts.append(facts(_strip(row)))
    end = answer.frame["period_end"][0]
    flagged = sum(row or 0 for row in answer.frame["flagged"])
    count = "1 position is" if flagged == 1 else f"{flagged} positions are"
    odd = f" {count} flagged, and counted as filed." if flagged else ""
    return f"{''.join(parts)}{note(lag_note(end) + odd)}"


def _strip(row: dict[str, Any]) -> Sequence[tuple[str, str, str]]:
    return (
        ("Holders", f"{row['holders']:,}", f"of {row['reports']:,} managers that filed"),
        ("Shares", _whole(row["amount"]), ""),
        ("Of shares outstanding", _percent(row["of_outstanding"]), ""),
        ("Value", _whole(millions(row["value_usd"])), "USD mn"),
        ("Change", _whole(row["net_change"], "+"), "shares"),
        ("New / added / cut / gone", _actions(row), "holders"),
        ("Largest holder", _percent(row["largest"]), "of reported shares"),
        ("Calls / puts", _pair(row), "USD mn of underlying"),
    )


def _actions(row: dict[str, Any]) -> str:
    return " / ".join(_whole(row[name]) for name in ("new", "increased", "reduced", "closed"))


def _pair(row: dict[str, Any]) -> str:
    return " / ".join(_whole(millions(row[f"{side}_usd"])) for side in ("calls", "puts"))


def _whole(value: float | None, sign: str = "") -> str:
    return "–" if value is None else f"{value:{sign},.0f}".replace("-", "−")


def _percent(share: float | None) -> str:
    return "–" if share is None else f"{100 * share:.2f} %"


def _cells(row: dict[str, Any], quarter: date) -> dict[str, Any]:
    return {
        **row,
        **change_cells(row),
        **price_cells(row),
        **filed_cells(row),
        "named": fund_link(row, quarter),
        "value": millions(row["value_usd"]),
        "part": percent(row["of_outstanding"]),
        "share": percent(row["weight"]),
        "ticker": row["symbol"],
        "flag": flags(row),
    }


def _holders(answer: Answer, quarter: date, *, is_single: bool) -> str:
    frame = answer.frame.filter(IS_SHARE, ~IS_MISSING)
    if frame.is_empty():
        return note(NOTHING)
    rows = [_cells(row, quarter) for row in frame.iter_rows(named=True)]
    columns = (
        Column("named", "manager", "name"),
        *(() if is_single else (Column("cusip", "CUSIP", "key"),)),
        Column("value", "value, USD mn", "number", digits=1, total=True),
        Column("amount", "shares", "number", digits=0, total=is_single),
        Column("part", "of all, %", "number", hint="of the shares outstanding", total=is_single),
        Column("share", "weight, %", "number", digits=1, hint="in its portfolio"),
        *CHANGE,
        *PRICES,
        *FILED,
        FLAG,
    )
    return table(rows, columns, caption="Holders")


def _missing(answer: Answer, quarter: date) -> str:
    frame = answer.frame.filter(IS_SHARE, IS_MISSING)
    if frame.is_empty():
        return note(NONE_MISSING)
    rows = [_cells(row, quarter) for row in frame.iter_rows(named=True)]
    columns = (
        Column("named", "manager", "name"),
        Column("previous_amount", "shares a quarter before", "number", digits=0, total=True),
        Column("done", "this quarter"),
        Column("filed_on", "filed", "day"),
    )
    return table(rows, columns, caption="Not filed yet")


def _options(answer: Answer, quarter: date) -> str:
    frame = answer.frame.filter(~IS_SHARE)
    if frame.is_empty():
        return note(NO_OPTION)
    rows = [
        _cells(row, quarter) | {"kind": row["put_call"] if row["put_call"] != "none" else "bond"}
        for row in frame.iter_rows(named=True)
    ]
    columns = (
        Column("named", "manager", "name"),
        Column("kind", "kind"),
        Column("value", "value, USD mn", "number", digits=1, hint="of the underlying"),
        Column("amount", "shares or principal", "number", digits=0),
        *CHANGE,
        *PRICES,
        *FILED,
        FLAG,
    )
    return table(rows, columns, caption="Options and bonds")


def _course(answer: Answer) -> Drawn | str:
    frame = answer.frame
    if not frame["holders"].sum():
        return note(NEVER)
    periods = [quarter_name(end) for end in frame["period_end"]]
    values = [millions(value) for value in frame["value_usd"]]
    holders = [float(count) for count in frame["holders"]]
    drawn = [
        charts.YearBars("Value", periods, values),
        charts.YearLine("Holders", periods, holders, "warn"),
    ]
    return charts.by_period(drawn, palette(current().theme), unit="USD mn", right="holders")
