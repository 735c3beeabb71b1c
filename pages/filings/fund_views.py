"""All managers of Form 13F, the securities that most hold, and whose portfolios are alike."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

import streamlit as st

from analytics.companies.holdings_reading import due_quarter
from analytics.core.catalogue import find
from data.query import Answer
from pages.filings.holding_words import (
    FILED,
    NEEDS,
    NOTHING_HELD,
    filed_cells,
    fund_link,
    lag_note,
    millions,
    note,
    percent,
    pick_quarter,
    plus,
    quarter_name,
    security_link,
)
from pages.frame.controls import pick
from pages.frame.links import address
from pages.frame.lists import known_lists
from pages.frame.panel import Panel
from pages.frame.run import current
from pages.frame.tables import MOST, Absent, Column, table
from pages.search.directory import instrument_titles, known_instruments
from pages.search.pickers import pick_fund

ALL = "all"
SHOWN = 100  # securities
NOTHING = "No manager of Form 13F is known at this clock."
NO_LIST = (
    "No manager holds a share of this list; funds, currencies and foreign shares have no CUSIP."
)


def list_view() -> None:
    """Every manager with its last quarter."""
    words = "last quarter of each; shares and bonds, largest first"
    Panel("Managers", words, NEEDS, NOTHING).show(find("fund_filers").call, _filers)


def _filers(answer: Answer) -> str:
    due = due_quarter(current().at, None)
    rows = [
        {
            **row,
            **filed_cells(row),
            "named": fund_link(row, row["period_end"]),
            "quarter": quarter_name(row["period_end"]),
            "value": Absent(NOTHING_HELD[row["nothing"]])
            if row["nothing"] in NOTHING_HELD
            else millions(row["value_usd"]),
            "options": millions(row["options_usd"]),
            "about": _about(row, due),
        }
        for row in answer.frame.iter_rows(named=True)
    ]
    columns = (
        Column("named", "manager", "name"),
        Column("quarter", "last quarter"),
        Column("value", "value, USD mn", "number", digits=0, hint="shares and bonds"),
        Column("options", "options, USD mn", "number", digits=0, hint="of the underlyings"),
        Column("positions", "positions", "count"),
        *FILED,
        Column("about", "note", "wide"),
    )
    behind = sum(row["period_end"] < due for row in rows)
    more = f" The {MOST} largest are shown." if len(rows) > MOST else ""
    noun = "manager has" if len(rows) == 1 else "managers have"
    have = f"{len(rows) - behind:,} of {len(rows):,} {noun} filed for {quarter_name(due)}."
    return f"{table(rows, columns, caption='Managers')}{note(f'{have}{more} {lag_note(due)}')}"


def _about(row: Mapping[str, Any], due: date) -> str:
    words = [NOTHING_HELD.get(row["nothing"] or "", "")]
    if row["period_end"] < due:
        words.append(f"not filed yet for {quarter_name(due)}")
    if not row["has_base"]:
        words.append("the report that its amendments add to is not known")
    return "; ".join(filter(None, words))


def crowding_view() -> None:
    """The securities that most managers hold, or those of a watchlist."""
    lists = known_lists(current())
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        quarter = pick_quarter("funds")
        named = pick("funds", "list", "Securities", [ALL, *lists], ALL, format_func=_listed)
    words = f"{quarter_name(quarter)}; managers that hold shares, and what they did"
    panel = Panel("Crowding", words, NEEDS, NOTHING if named == ALL else NO_LIST)
    if named == ALL:
        panel.show(find("crowded_securities").call, _crowded, quarter=quarter, top=SHOWN)
    else:
        symbols = list(lists[named].symbols)
        panel.show(find("holding_crowding").call, _crowded, symbols=symbols, quarter=quarter)


def _listed(name: str) -> str:
    return "All securities" if name == ALL else name


def _crowded(answer: Answer) -> str:
    end = answer.frame["period_end"][0]
    is_list = "issuer" not in answer.frame.columns
    named = _named(answer) if is_list else {}
    rows = [_crowd_row(row, end, named) for row in answer.frame.iter_rows(named=True)]
    columns = (
        Column("named", "security", "name"),
        Column("holders", "holders", "count"),
        *(() if is_list else (Column("previous_holders", "a quarter before", "count"),)),
        *(() if is_list else (Column("moved", "change", "move"),)),
        Column("new", "new", "count"),
        Column("increased", "added", "count"),
        Column("reduced", "cut", "count"),
        Column("closed", "gone", "count"),
        Column("value", "value, USD mn", "number", digits=0),
        Column("part", "of outstanding, %", "number", digits=2),
        Column("top", "largest holder, %", "number", digits=1, hint="of the reported shares"),
        Column("calls", "calls, USD mn", "number", digits=0),
        Column("puts", "puts, USD mn", "number", digits=0),
        Column("flagged", "flagged", "count", hint="positions whose figures contradict"),
    )
    return f"{table(rows, columns, caption='Crowding')}{note(lag_note(end))}"


def _named(answer: Answer) -> dict[str, str]:
    symbols = answer.frame["symbol"].to_list()
    return dict(zip(symbols, instrument_titles(symbols), strict=True))


def _crowd_row(row: Mapping[str, Any], end: date, named: Mapping[str, str]) -> dict[str, Any]:
    symbol = row["symbol"]
    title = {"text": named[symbol], "to": address("instrument", id=symbol)} if named else None
    before = row.get("previous_holders")
    return {
        **row,
        "named": title or security_link(row, end),
        "moved": None if before is None else plus(row["holders"] - before),
        "value": millions(row["value_usd"]),
        "part": percent(row["of_outstanding"]),
        "top": percent(row["largest"]),
        "calls": millions(row["calls_usd"]),
        "puts": millions(row["puts_usd"]),
    }


def overlap_view(manager: str) -> None:
    """Managers alike to one, one pair position by position, and managers alike to a watchlist."""
    lists = known_lists(current())
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        quarter = pick_quarter("funds")
        named = pick("funds", "list", "Watchlist", [ALL, *lists], ALL, format_func=_none)
        rival = pick_fund("funds", "with", "Compare with", width=320)
    words = f"{quarter_name(quarter)}; sum of the smaller weights, 100 % where both are the same"
    Panel("Similar portfolios", words, NEEDS, "No other manager holds its securities.").show(
        find("fund_overlap").call,
        lambda answer: _alike(answer, manager, quarter),
        manager=manager,
        quarter=quarter,
    )
    if rival:
        Panel("Common positions", f"{quarter_name(quarter)}; shares", NEEDS, NOTHING).show(
            find("shared_positions").call,
            lambda answer: _pair(answer, quarter),
            manager=manager,
            rival=rival,
            quarter=quarter,
        )
    if named != ALL:
        words = f"{quarter_name(quarter)}; every name of {named} weighs the same"
        Panel("Overlap with a watchlist", words, NEEDS, NO_LIST).show(
            find("portfolio_overlap").call,
            lambda answer: _with_list(answer, quarter),
            symbols=list(lists[named].symbols),
            quarter=quarter,
        )


def _none(name: str) -> str:
    return "No watchlist" if name == ALL else name


def _alike(answer: Answer, manager: str, quarter: date) -> str:
    rows = [
        {
            **row,
            "named": {
                "text": row["manager_name"],
                "to": address(
                    "funds",
                    view="overlap",
                    id=manager,
                    quarter=quarter.isoformat(),
                    **{"with": row["manager"]},
                ),
            },
            "same": percent(row["overlap"]),
            "own": percent(row["own_weight"]),
            "its": percent(row["weight"]),
        }
        for row in answer.frame.iter_rows(named=True)
    ]
    columns = (
        Column("named", "manager", "name"),
        Column("same", "overlap, %", "number", digits=1),
        Column("shared", "securities in common", "count"),
        Column("positions", "of", "count", hint="securities of the chosen manager"),
        Column("own", "weight in the chosen portfolio, %", "number", digits=1),
        Column("its", "weight in its own, %", "number", digits=1),
    )
    return table(rows, columns, caption="Similar portfolios") + note(
        "A name compares the two portfolios position by position."
    )


def _pair(answer: Answer, quarter: date) -> str:
    rows = [
        {
            **row,
            "named": security_link(row, quarter),
            "first": percent(row["weight_a"]),
            "second": percent(row["weight_b"]),
            "both": percent(row["common"]),
        }
        for row in answer.frame.iter_rows(named=True)
    ]
    columns = (
        Column("named", "security", "name"),
        Column("first", "weight in the chosen portfolio, %", "number", total=False),
        Column("second", "weight in the other, %", "number"),
        Column("both", "in common, %", "number", total=True),
    )
    return table(rows, columns, caption="Common positions")


def _with_list(answer: Answer, quarter: date) -> str:
    found = sorted({name for row in answer.frame["names"] for name in row.split()})
    codes = {
        symbol: row["code"] or row["label"] for symbol, row in known_instruments(found).items()
    }
    rows = [
        {
            **row,
            "named": fund_link(row, quarter),
            "same": percent(row["overlap"]),
            "part": percent(row["weight"]),
            "value": millions(row["value_usd"]),
            "of": f"{row['held']} of {row['listed']}",
            "which": ", ".join(codes.get(name, name) for name in row["names"].split()),
        }
        for row in answer.frame.iter_rows(named=True)
    ]
    columns = (
        Column("named", "manager", "name"),
        Column("same", "overlap, %", "number", digits=1),
        Column("of", "names held"),
        Column("part", "of its portfolio, %", "number", digits=1),
        Column("value", "value, USD mn", "number", digits=0),
        Column("which", "names", "wide"),
    )
    return table(rows, columns, caption="Overlap with a watchlist")
