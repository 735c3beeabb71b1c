"""A country's regime behind a chart, and what an instrument returned in it: both from the day after
it could be known."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta

import polars as pl
import streamlit as st

from analytics.regimes import quadrants
from data.query import Answer
from pages.frame import charts
from pages.frame.cached import cached
from pages.frame.run import current
from pages.frame.tables import Column, table
from pages.frame.theme import Palette

ONE_DAY = timedelta(days=1)
RETURNS = (
    Column("quadrant", "quadrant"),
    Column("sessions", "sessions", "count", total=True),
    Column("spells", "spells", "count", total=True),
    Column("mean", "mean a year, %", "heat", digits=1, scale=0.5),
    Column("low", "from", "heat", digits=1, scale=1.0, hint="95 % interval of the mean"),
    Column("high", "to", "heat", digits=1, scale=1.0, hint="95 % interval of the mean"),
    Column("volatility", "vol., %", "number", digits=1),
    Column(
        "worst_fall",
        "worst fall, %",
        "heat",
        digits=0,
        scale=0.5,
        hint="the deepest drawdown within one spell",
    ),
)


def colours(paint: Palette) -> dict[str, str]:
    """Four that all eyes tell apart, also where they are drawn thin: green and blue while growth is
    up, orange and purple while it is down."""
    blue, orange, green, _, purple, *_ = paint.categorical
    return {
        "goldilocks": green,
        "reflation": blue,
        "stagflation": orange,
        "slowdown": purple,
    }


def shades(country: str, first: date, paint: Palette) -> list[charts.Shade]:
    """The quadrants of a country until the clock, and the legend that names them."""
    run = current()
    rule = cached(quadrants.quadrants, run.at, country=country).frame
    known = rule.drop_nulls(["quadrant", "known_at"]).sort("known_at")
    tones, found = colours(paint), list[charts.Shade]()
    rows = [
        (row["known_at"].date() + ONE_DAY, row["quadrant"]) for row in known.iter_rows(named=True)
    ]
    ends = [day for day, _ in rows[1:]] + [run.view.as_of.date() + ONE_DAY]
    for (start, name), end in zip(rows, ends, strict=False):
        begin = max(start, first)
        if end <= begin:
            continue
        if found and found[-1].word == name and found[-1].last == begin:
            begin = found.pop().first
        found.append(charts.Shade(begin, end, name, tones[name]))
    spans = "".join(
        f'<span><i class="b-swatch" style="background:{colour}"></i> {name}</span>'
        for name, colour in tones.items()
    )
    when = "from the day after it could be known" if found else "no quadrant is known in this time"
    st.html(f'<div class="b-legend">{spans}<span>{when}</span></div>')
    return found


def returns_in_each(answer: Answer) -> str:
    """What returns were like in each quadrant, as a table."""
    return returns_table(answer.frame, RETURNS, caption="Returns by regime")


def returns_table(rows: pl.DataFrame, columns: Sequence[Column], *, caption: str) -> str:
    """Returns by state in percent; those of a rate, which are changes of its level, in points."""
    if not rows["is_rate"].any():
        return table(rows.with_columns(pl.col("volatility") * 100), columns, caption=caption)
    shares = [column.name for column in columns if column.kind == "heat"]
    in_points = [replace(column, label=column.label.replace("%", "pp")) for column in columns]
    return table(rows.with_columns(pl.col(shares) / 100), in_points, caption=caption)
