"""Curves: yield curves today and on any past date, their slopes, history and breakevens.

**Yield curve** draws the last curve at the clock against earlier ones: some usual distances, or any
date picked. For a date without a curve the last one of the ten days before it is shown. All tenors
of a line are of one day. A tenor that has no value on that day is a *gap*: no line is drawn across
it and no value is filled in.

**Yields by tenor** has the level in percent and its changes in *basis points* (100 bp are one
percentage point) since the day before and since the curve of a week, a month and a year ago.

A **slope** is the longer yield less the shorter one of the same day, in basis points. Below zero
the curve is *inverted*; *since* is the first day of the present run above or below zero. *Lower on*
is the share of all its days on which the slope was lower. Shaded are recessions as they were dated
at the clock, from the month after the peak through the trough; they are announced many months
late, and where no dates are known nothing is shaded.

**Yields over time** shows each week, or each month over longer spans, by its last day; nothing is
averaged. Hatched cells have no value.

**Breakeven inflation** is the nominal less the real yield of the same tenor and day: the inflation
at which both pay the same. It also holds premiums for inflation risk and liquidity, so it is no
pure forecast.

Curves are quoted differently: US Treasury yields are par yields with bond-equivalent compounding,
those of the euro area (AAA bonds) and of British gilts are spot rates with continuous compounding.
Compare their shapes, not their levels to the basis point.
"""

from __future__ import annotations

from contextlib import suppress
from datetime import date, timedelta
from html import escape
from typing import Any

import polars as pl
import streamlit as st

from analytics.core.catalogue import find
from analytics.curves import curves
from analytics.curves.definitions import Curve
from analytics.curves.definitions import curves as definitions
from data.query import Answer
from pages.frame import charts
from pages.frame.cached import cached
from pages.frame.controls import pick, segment
from pages.frame.errors import Trouble
from pages.frame.figures import decimals, written
from pages.frame.panel import Drawn, Panel, say
from pages.frame.run import current
from pages.frame.tables import Column, facts, table
from pages.frame.theme import palette
from pages.macro.curve_dates import choose_dates

SPANS = {"1y": 366, "3y": 1096, "10y": 3653, "all": 0}
WEEKLY_DAYS = 1100  # shown by week; by month beyond
LATE_DAYS = 5
SIDE_BY_SIDE = 4  # curves in a row; more become a list
NEEDS = ("macro",)
NONE_YET = "This workspace holds no yield curve. Jobs says which sources give one."
NOT_THEN = "No yield curve was known at this clock. Step forward, or press Now."
NOTHING = "No value of this curve is known at this clock."
STEPS = ("day", "week", "month", "year")
BREAKEVENS = ("5y", "10y", "30y")


def known_curves() -> dict[str, tuple[date, date]]:
    """The curves that have values at the clock, in the order of the list: first and last day.

    Where there is none a panel stands in their place and says why.
    """
    run = current()
    spans: dict[str, tuple[date, date]] = {}
    if not isinstance(run.lake, Exception):
        with suppress(Exception):  # the panel says what went wrong
            frame = cached(curves.curves_known, run.at).frame
            spans = {row["curve"]: (row["first"], row["last"]) for row in frame.to_dicts()}
    if not spans:
        Panel(
            "Yield curves",
            "known at the clock",
            NEEDS,
            NONE_YET if current().view.is_now else NOT_THEN,
        ).show(curves.curves_known, lambda answer: "")
    return {name: spans[name] for name in definitions() if name in spans}


def say_if_old(curve: Curve, last: date) -> None:
    """In words when the last curve is older than a long weekend."""
    days = (current().view.as_of.date() - last).days
    if days > LATE_DAYS:
        what = f"The last known curve of {curve.title} is of {last:%d %b %Y}, {days} days ago."
        say(Trouble(what, "Jobs says when its source was last fetched."), "partial")


def the_curve(curve: Curve, wanted: dict[str, date]) -> None:
    """The curve at the clock and on the dates it is compared with."""
    Panel("Yield curve", f"{curve.title} · {curve.quoted}", NEEDS, NOTHING).show(
        curves.curve_on,
        lambda answer: _curve(answer, wanted),
        curve=curve.name,
        dates=[day.isoformat() for day in wanted.values()],
    )


def _curve(answer: Answer, wanted: dict[str, date]) -> Drawn:
    """One line a date, and in words what is missing."""
    frame, notes = answer.frame, list[str]()
    latest = frame.filter(pl.col("wanted").is_null())
    lines = [latest.with_columns(name=pl.lit(f"{latest['period'][0]:%d %b %Y}"))]
    for word, day in wanted.items():
        mine = frame.filter(pl.col("wanted") == day)
        if mine.is_empty():
            notes.append(f"No curve on {day:%d %b %Y} or in the ten days before.")
            continue
        shown = f"{mine['period'][0]:%d %b %Y}"
        name = shown if word == shown or word == f"{day:%d %b %Y}" else f"{shown}, {word}"
        lines.append(mine.with_columns(name=pl.lit(name)))
    for mine in lines:
        absent = mine.filter(pl.col("value").is_null())["tenor"].to_list()
        if absent:
            notes.append(f"No value of {', '.join(absent)} on {mine['period'][0]:%d %b %Y}.")
    if notes:
        st.html(f'<div class="b-note">{escape(" ".join(notes))}</div>')
    return charts.yield_curves(pl.concat(lines), palette(current().theme))


def the_tenors(curve: Curve) -> None:
    """Levels and changes of every tenor."""
    Panel("Yields by tenor", "%, changes in bp", NEEDS, NOTHING).show(
        curves.curve_changes, _tenors, curve=curve.name
    )


def _tenors(answer: Answer) -> str:
    frame = answer.frame
    digits = min(decimals(frame["value"]), 3)
    places = 0 if digits <= 2 else 1
    bases = {step: frame[f"{step}_base"][0] for step in STEPS}
    columns = (
        Column("tenor", "tenor"),
        Column("value", "yield, %", "number", digits=digits),
        *(
            Column(
                f"{step}_bp",
                f"1 {step}",
                "signed",
                digits=places,
                hint=f"bp since {base:%d %b %Y}" if (base := bases[step]) else "no curve then",
            )
            for step in STEPS
        ),
    )
    day = f'<div class="b-note">{frame["period"][0]:%d %b %Y}; changes in basis points.</div>'
    return table(frame, columns, caption="Yields by tenor") + day


def the_slopes(curve: Curve) -> None:
    """Each slope in words."""
    nothing = "This curve lacks the tenors of every slope."
    Panel("Slopes", "bp, the longer less the shorter yield", NEEDS, nothing).show(
        curves.slope_summary, _slopes, curve=curve.name
    )


def _slopes(answer: Answer) -> str:
    rows = [_slope(row) for row in answer.frame.iter_rows(named=True)]
    places = 0 if decimals(answer.frame["bp"]) == 0 else 1
    columns = (
        Column("slope", "slope"),
        Column("bp", "bp", "signed", digits=places),
        Column("state", "state", "wide"),
        Column("month_bp", "1 month", "signed", digits=places, hint="change in bp"),
        Column("year_bp", "1 year", "signed", digits=places, hint="change in bp"),
        Column(
            "lower",
            "own-history percentile",
            "number",
            digits=0,
            hint="percent of all its days at the clock on which the slope was lower",
        ),
    )
    inverted = [row["slope"] for row in rows if row["is_inverted"]]
    words = f"Inverted: {', '.join(inverted)}." if inverted else "No slope is inverted."
    head = f'<div class="b-note"><b>{words}</b> {rows[0]["period"]:%d %b %Y}</div>'
    return head + table(rows, columns, caption="Slopes")


def _slope(row: dict[str, Any]) -> dict[str, Any]:
    """A slope as it reads, its state in words."""
    if row["bp"] is None:
        return row | {"state": f"a tenor has no value; the last slope is of {row['last']:%d %b %Y}"}
    word = "inverted" if row["bp"] < 0 else "positive" if row["bp"] > 0 else "flat, not inverted"
    return row | {"state": f"{word} since {row['since']:%d %b %Y}", "lower": 100 * row["lower"]}


def the_history(curve: Curve, since: date) -> None:
    """The slopes over time, with recessions behind them."""
    Panel("Slope history", "bp, below zero is inverted", NEEDS, "No slope in this span.").show(
        curves.curve_slopes,
        lambda answer: _history(answer, curve.country),
        curve=curve.name,
        since=since,
    )


def _history(answer: Answer, country: str) -> Drawn:
    paint = palette(current().theme)
    parts = answer.frame.rename({"period": "day", "bp": "value"}).partition_by(
        "slope", maintain_order=True
    )
    tones = (paint.accent, *paint.categorical[1:3])
    drawn = [
        charts.Course(mine["slope"][0], mine, tone=tone)
        for mine, tone in zip(parts, tones, strict=False)
    ]
    behind = _recessions(country, answer.frame["period"].min(), paint.dim)
    return charts.courses([charts.Pane("bp", drawn)], paint, behind)


def _recessions(country: str, first: object, colour: str) -> list[charts.Shade]:
    """The recessions that were dated at the clock and end after a day, and the words for them."""
    if not country or not isinstance(first, date):
        return []
    found = cached(find("recession_months").call, current().at, country=country).frame
    months = found["period"].unique().sort().to_list()
    spans: list[tuple[date, date]] = []
    for month in months:
        end = (month + timedelta(days=32)).replace(day=1)
        if spans and spans[-1][1] == month:
            spans[-1] = (spans[-1][0], end)
        else:
            spans.append((month, end))
    shown = [(max(start, first), end) for start, end in spans if end > first]
    words = (
        "Shaded: recessions as dated at the clock."
        if shown
        else "No recession is dated in this span."
    )
    words = words if months else "No dates of recessions are known at the clock."
    st.html(f'<div class="b-legend"><span>{words}</span></div>')
    return [charts.Shade(start, end, "recession", colour) for start, end in shown]


def the_surface(curve: Curve, since: date, step: charts.Step) -> None:
    """Every tenor over time as colour."""
    Panel("Yields over time", f"%, last day of each {step}", NEEDS, "No curve in this span.").show(
        curves.curve_surface,
        lambda answer: charts.surface(answer.frame, palette(current().theme), step),
        curve=curve.name,
        since=since,
        step=step,
    )


def the_breakevens(curve: Curve, since: date) -> None:
    """Nominal less real yields, where a real curve is known."""
    Panel(
        "Breakeven inflation",
        "%, nominal less real yield",
        NEEDS,
        "No day of this span has a nominal and a real yield of one tenor.",
    ).show(curves.breakevens, _breakevens, curve=curve.name, since=since)


def _breakevens(answer: Answer) -> Drawn:
    paint, frame = palette(current().theme), answer.frame
    known = frame.drop_nulls("breakeven")
    if known.is_empty():
        return '<div class="b-note">No tenor has both yields on one day of this span.</div>'
    last = known.filter(pl.col("period") == known["period"].max())
    strip = [
        (
            f"{row['tenor']} breakeven",
            f"{written(row['breakeven'], 2)} %",
            f"{written(row['nominal'], 2)} less {written(row['real'], 2)}",
        )
        for row in last.iter_rows(named=True)
    ]
    st.html(facts([*strip, ("Day", f"{last['period'][0]:%d %b %Y}", "")]))
    first = known["period"].min()
    renamed = frame.filter(pl.col("period") >= first).rename(
        {"period": "day", "breakeven": "value"}
    )
    drawn = [
        charts.Course(tenor, mine, tone=tone)
        for tenor, tone in zip(BREAKEVENS, (paint.accent, *paint.categorical[1:3]), strict=True)
        if (mine := renamed.filter(pl.col("tenor") == tenor)).height
    ]
    return charts.courses([charts.Pane("breakeven, %", drawn)], paint)


def the_page(spans: dict[str, tuple[date, date]]) -> None:
    """The choices, and the panels of the chosen curve."""
    titles = {name: definitions()[name].title for name in spans}
    names = list(spans)
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        choose = segment if len(names) <= SIDE_BY_SIDE else pick
        look = {"format_func": titles.__getitem__}
        name = choose("curves", "curve", "Curve", names, names[0], **look)
        first, last = spans[name]
        wanted = choose_dates(last)
    curve = definitions()[name]
    say_if_old(curve, last)
    left, right = st.columns([3, 2], gap="small")
    with left:
        the_curve(curve, wanted)
    with right:
        the_tenors(curve)
    the_slopes(curve)
    span = segment("curves", "span", "Span", list(SPANS), "10y")
    since = max(first, last - timedelta(days=SPANS[span])) if SPANS[span] else first
    the_history(curve, since)
    the_surface(curve, since, "week" if (last - since).days <= WEEKLY_DAYS else "month")
    if curve.real in spans:
        the_breakevens(curve, since)


if spans := known_curves():
    the_page(spans)
