"""Other instruments in the chart of one, as changes from a session that all of them have."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import polars as pl

from analytics.markets.instrument import rebased
from data.query import Answer
from pages.frame.cached import cached
from pages.frame.errors import explain
from pages.frame.links import address
from pages.frame.panel import Panel
from pages.frame.run import current
from pages.frame.tables import Column, table
from pages.instruments.price_chart import ComparedLine
from pages.search.directory import rows_of, title
from pages.search.pickers import pick_instruments

PARAMETER = "vs"
EVER = date(1900, 1, 1)
COLUMNS = (
    Column("named", "instrument", "link"),
    Column("first", "from", "instant"),
    Column("last", "to", "instant"),
    Column("change", "change", "percent", hint="price return from the first session in common"),
)


def choose_compared(symbol: str) -> list[str]:
    """The other instruments that the address names, and the box to change them."""
    names = pick_instruments("instrument", PARAMETER, "Compare with", width=320)
    return [name for name in dict.fromkeys(names) if name != symbol]


def compared_lines(symbol: str, names: Sequence[str], since: date | None) -> list[ComparedLine]:
    """Their closes for the chart; none where the table below the chart says why."""
    if not names:
        return []
    try:
        frame = cached(rebased, current().at, **_asked(symbol, names, since)).frame
    except Exception as error:  # noqa: BLE001 - the table says it
        explain(error, "comparison")
        return []
    parts = {
        str(name): part for (name,), part in frame.partition_by("symbol", as_dict=True).items()
    }
    return [
        ComparedLine(_code(name), parts[name].select("date", "value"))
        for name in names
        if name in parts
    ]


def compared_table(symbol: str, names: Sequence[str], since: date | None) -> None:
    """The change of each over the span, with the receipt of all lines."""
    if not names:
        return
    Panel(
        "Compared",
        "price change over the span, from the first session in common",
        ("prices",),
        "No session of this span was known at the clock.",
    ).show(rebased, lambda answer: _table(answer, [symbol, *names]), **_asked(symbol, names, since))


def _asked(symbol: str, names: Sequence[str], since: date | None) -> dict[str, object]:
    return {"symbols": [symbol, *names], "since": since or EVER, "common": True}


def _table(answer: Answer, names: Sequence[str]) -> str:
    known = rows_of(current(), "instrument", names)
    priced = answer.frame.drop_nulls("value")
    first = _first_common(priced)
    last = priced.group_by("symbol").agg(pl.all().sort_by("date").last())
    found = {row["symbol"]: row for row in last.iter_rows(named=True)}
    rows = [
        {
            "named": {
                "text": title(known[name]) if name in known else name,
                "to": address("instrument", id=name),
            },
            "first": first if name in found else None,
            "last": found[name]["date"] if name in found else None,
            "change": found[name]["value"] / 100 - 1 if name in found else None,
        }
        for name in names
    ]
    return table(rows, COLUMNS, caption="Compared")


def _first_common(priced: pl.DataFrame) -> object:
    members = priced.group_by("date").agg(pl.col("symbol").n_unique().alias("members"))
    return members.filter(pl.col("members") == priced["symbol"].n_unique())["date"].min()


def _code(name: str) -> str:
    row = rows_of(current(), "instrument", [name]).get(name)
    return str(row["code"] or row["label"]) if row else name
