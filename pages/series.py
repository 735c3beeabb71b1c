"""Series: one series as it was first printed, as the clock knows it, and its revisions.

The **line** is what the clock knows of each period. **Dots** are first prints, each as it was on
its own day. A point stands at the *end* of its period, because a quarter is not known at its
beginning. Dashes are the source's own forecasts, never joined to history.

Growth, year on year and annualised are taken **within one vintage**: both values as they were
known at one instant. Values in percent change by percentage points. A new base or unit is not a
revision, and nothing is subtracted across it.

The **triangle** shows the prints of each period from left to right. **Revisions** shows how far
the first print was off: the mean with its 95 % interval, the mean size, and how often the sign
changed. **Change points** are where the mean moved (of the growth on the year, where the level has
a trend). *Hindsight* knows both sides; *live* ones could be reported at the print of the day
beside them.

*Shade* puts the regime of its country behind the line, from the day after it could be known. The
*grade* says how well publication times are known: native has the source's own, lagged assumes a
stated delay or hour, snapshot begins when we first saw the value.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta
from itertools import chain
from typing import Any

import polars as pl
import streamlit as st

from analytics.core.catalogue import find
from analytics.macro import prints
from analytics.regimes import breaks
from data.query import Answer
from data.vocabulary import named
from pages.frame import charts
from pages.frame.arrivals import lit_rows, watch_arrivals
from pages.frame.cached import cached
from pages.frame.controls import segment
from pages.frame.errors import Trouble, explain
from pages.frame.figures import decimals, period_of, written
from pages.frame.links import choose_here, one_of_each
from pages.frame.panel import Drawn, Panel, nothing_known, say
from pages.frame.run import current
from pages.frame.tab_title import name_tab
from pages.frame.tables import ARRIVED, Column, facts, table
from pages.frame.theme import palette
from pages.frame.view import age
from pages.macro.breaks import breaks_table
from pages.macro.shading import shades
from pages.search.opening import a_price_index, open_with
from pages.search.pickers import pick_many_series, pick_series
from pages.search.recents import remember

NAMES = {
    "level": "level",
    "change": "change",
    "growth": "growth",
    "year": "year on year",
    "annualised": "annualised",
    "z": "z",
    "index": "index",
}
SPANS = {"3y": 1096, "10y": 3653, "all": 0}
ALIGNED = ("own", "monthly", "quarterly", "annual")
# Of these more is always more, whatever a source's own list says (`data/vocabulary.py`).
MORE = {"inflation": "higher inflation", "policy": "a tighter policy"}
ADJUSTED = {
    "sa": "seasonally adjusted",
    "nsa": "not seasonally adjusted",
    "unknown": "not stated",
}
UNTIL = {"second": "to second print", "third": "to third print", "clock": "to latest"}


def resolve(word: str, name: str = "id") -> dict[str, Any] | None:
    """The series that was asked for, or the question which one; nothing is guessed."""
    try:
        rows = list(
            cached(find("find_series").call, current().at, word=word).frame.iter_rows(named=True)
        )
    except Exception as error:  # noqa: BLE001 - said where the series would stand
        say(explain(error, "series"), "error")
        return None
    if not rows:
        what = f"No series called {word[:60]!r} is known at this clock."
        say(
            Trouble(what, "Try a country's code and words of the title, like `USA unemployment`."),
            "empty",
        )
        return None
    best = [row for row in rows if row["rank"] == rows[0]["rank"]]
    if len(best) == 1 and (len(rows) == 1 or best[0]["rank"] < 3):
        return best[0]
    if len({row["series_id"] for row in rows}) == 1:
        return rows[0]
    say(Trouble(f"{len(rows)} series are called {word[:60]!r}.", "Which one?"), "partial")
    for row in one_of_each(rows, "series_id"):
        label = f"{row['title']} · {row['unit']} · {row['frequency']} · {row['series_id']}"
        choose_here(name, word, row["series_id"], label)
    return None


def head(row: dict[str, Any], asked: dict[str, str]) -> None:
    """The last print as single numbers."""
    unit = prints.shown_unit(row["unit"], asked["measure"])
    Panel(
        row["title"],
        f"{row['frequency']} · {unit}",
        ("macro",),
        "No observation of it was known at this clock.",
    ).show(prints.series_history, lambda answer: _head(answer, asked), **asked)


def _head(answer: Answer, asked: dict[str, Any]) -> str:
    measure = asked["measure"]
    run, frame = current(), answer.frame
    known = frame.drop_nulls("value")
    if known.is_empty():
        return '<div class="b-note">The vintage of this clock has no value in this measure.</div>'
    last = known.row(-1, named=True)
    values = known["value"]
    before = values[-2] if len(values) > 1 else None
    below = (values < last["value"]).sum() + (values == last["value"]).sum() / 2
    digits = _digits(values, measure)
    moved = None if before is None else last["value"] - before
    strip = [
        ("Last", written(last["value"], digits), period_of(last["end"], asked["frequency"])),
        ("Change", written(moved, digits, sign=True), "on the period before"),
        ("First print", written(last["first"], digits), f"{last['first_known']:%d %b %Y}"),
        (
            "Revised by",
            written(last["revision"], digits, sign=True),
            f"{last['prints']} prints" if last["prints"] != 1 else "1 print",
        ),
        ("Published", age(last["known_at"], run.view.as_of), "ago"),
        (
            "Own-history percentile",
            f"{100 * below / len(values):.0f} %",
            f"rank among {len(values)}",
        ),
        ("Grade", last["vintage_grade"], last["source"]),
    ]
    return facts(strip)


def _digits(values: Iterable[float | None], measure: str) -> int:
    """A level with the decimals of its source; what is computed of levels with two at most."""
    found = decimals(values)
    return found if measure == "level" else min(found, 2)


def course(row: dict[str, Any], asked: dict[str, str], span: str, shaded: str | None) -> None:
    """The clock's vintage, first prints and forecasts over time."""
    unit = prints.shown_unit(row["unit"], asked["measure"])
    Panel("First print and as of the clock", unit, ("macro",)).show(
        prints.series_course, lambda answer: _course(answer, unit, asked, span, shaded), **asked
    )


def _course(
    answer: Answer, unit: str, asked: dict[str, str], span: str, shaded: str | None
) -> Drawn:
    frame = answer.frame.with_columns(pl.col("end").alias("day"))
    ahead = frame.filter("is_forecast")
    frame = frame.filter(~pl.col("is_forecast"))
    shown = frame.filter(pl.col("day") >= _first_day(span)) if SPANS[span] else frame
    style: charts.Style = "step" if asked["frequency"] == "irregular" else "line"
    drawn = [charts.Course("as of the clock", shown.select("day", "value"), style)]
    if asked["measure"] in prints.PRINTED:
        drawn.append(charts.Course("first print", _firsts(shown, asked["measure"]), "dots", "down"))
    if ahead.height:
        drawn.append(charts.Course("source's forecast", ahead, "dash", "dim"))
    paint = palette(current().theme)
    behind = shades(shaded, min(shown["day"]), paint) if shaded and shown.height else []
    return charts.courses([charts.Pane(unit, drawn)], paint, behind)


def _firsts(shown: pl.DataFrame, measure: str) -> pl.DataFrame:
    """First prints; one in an older unit has no place on this axis, which is said."""
    same = shown.filter(pl.col("first_unit") == pl.col("unit"))
    if measure in ("level", "change") and same.height < shown.height:
        st.html(
            f'<div class="b-note">{shown.height - same.height} first prints were in another '
            "unit or base and are not drawn; the triangle has them.</div>"
        )
        shown = same
    return shown.select("day", pl.col("first").alias("value"))


def revisions(row: dict[str, Any], asked: dict[str, str]) -> None:
    """The triangle, what revisions were like, and what the series is."""
    if asked["measure"] not in prints.PRINTED:
        say(
            Trouble(
                f"{NAMES[asked['measure']]} looks at a whole vintage, so a print has none.",
                "Choose level, change, growth, year on year or annualised for revisions.",
            ),
            "empty",
        )
        what_it_is(row)
        return
    unit = prints.shown_unit(row["unit"], asked["measure"])
    left, right = st.columns(2, gap="small")
    with left:
        Panel("Revision triangle", f"{unit}, newest period first", ("macro",)).show(
            prints.revision_triangle, lambda answer: _triangle(answer, asked), **asked
        )
    with right:
        Panel(
            "Revisions",
            f"of the first print, {unit}",
            ("macro",),
            "No period was printed twice in one unit.",
        ).show(prints.revision_statistics, _statistics, **asked)
        what_it_is(row)


def moved(row: dict[str, Any], asked: dict[str, str]) -> None:
    """Where its mean moved; of a level that trends, the mean of its growth on the year."""
    trends = asked["measure"] not in ("change", "growth", "year", "annualised")
    measure = "year" if trends and not prints.is_rate(row["unit"]) else asked["measure"]
    if measure not in prints.PRINTED:
        measure = "level"
    unit = f"{prints.shown_unit(row['unit'], measure)}, newest first"
    Panel("Change points", unit, ("macro",), "No mean moved, or too few periods are known.").show(
        breaks.series_breaks, breaks_table, **(asked | {"measure": measure})
    )


def _triangle(answer: Answer, asked: dict[str, Any]) -> str:
    measure = asked["measure"]
    frame = answer.frame.with_columns(
        pl.when(pl.col("rebased").is_not_null())
        .then(pl.format("unit changed at print {}", "rebased"))
        .alias("note")
    )
    used = [n for n in range(1, prints.PRINTS + 1) if frame[f"print_{n}"].drop_nulls().len()]
    digits = _digits(chain.from_iterable(frame[f"print_{n}"] for n in used), measure)
    ordinals = {1: "first", 2: "2nd", 3: "3rd"}
    columns = [
        Column("end", "period"),
        *(Column(f"print_{n}", ordinals.get(n, f"{n}th"), "number", digits=digits) for n in used),
        Column("known_at", "last print", "instant"),
    ]
    if frame["note"].drop_nulls().len():
        columns.append(Column("note", "", "text"))
    found = frame.to_dicts()
    prints_at = {(row["end"], row["known_at"]): row["known_at"] for row in found}
    lit = lit_rows(("series", asked["series"], measure), prints_at)
    rows = [
        {
            **row,
            "end": period_of(row["end"], asked["frequency"]),
            ARRIVED: lit.get((row["end"], row["known_at"])),
        }
        for row in found
    ]
    return table(rows, columns, caption="Revision triangle", zone=current().view.zone)


def _statistics(answer: Answer) -> str:
    rows = answer.frame.with_columns(
        pl.col("until").replace_strict(UNTIL, return_dtype=pl.String), pl.col("turned") * 100
    )
    columns = (
        Column("until", "from the first print"),
        Column("pairs", "periods", "count"),
        Column("mean", "mean", "signed", digits=3),
        Column("low", "from", "number", digits=3, hint="95 % interval of the mean"),
        Column("high", "to", "number", digits=3, hint="95 % interval of the mean"),
        Column("size", "mean size", "number", digits=3),
        Column(
            "turned",
            "sign changed, %",
            "number",
            digits=0,
            hint="share of revisions that changed the sign",
        ),
        Column("rebased", "rebased", "count", hint="periods left out: the unit or base changed"),
    )
    shown = table(rows, columns, caption="Revisions")
    few = rows["pairs"].max()
    if isinstance(few, int) and few < prints.LEAST:
        shown += f'<div class="b-note">Only {few} periods: too few to expect the same again.</div>'
    return shown


def others(row: dict[str, Any], asked: dict[str, str], span: str) -> None:
    """Other series below it, each in its own unit over the same time."""
    chosen = pick_many_series("series", "vs", "Compare with (up to 3)", most=3)
    words = [word for word in chosen if word != row["series_id"]]
    found = [row] + [other for word in words if (other := resolve(word, "vs")) is not None]
    if len(found) < 2:
        return
    align = segment("series", "align", "Periods", list(ALIGNED), "own")
    titles = {item["series_id"]: item for item in found}
    Panel("Side by side", f"{NAMES[asked['measure']]}, each in its own unit", ("macro",)).show(
        prints.side_by_side,
        lambda answer: _beside(answer, titles, asked["measure"], span),
        series=[item["series_id"] for item in found],
        measure=asked["measure"],
        align=align,
        frequencies=[item["frequency"] for item in found],
    )


def _beside(answer: Answer, titles: dict[str, Any], measure: str, span: str) -> Drawn:
    frame = answer.frame.with_columns(pl.col("end").alias("day"))
    if SPANS[span]:
        frame = frame.filter(pl.col("day") >= _first_day(span))
    panes = []
    for number, (name, one) in enumerate(titles.items()):
        style: charts.Style = "step" if one["frequency"] == "irregular" else "line"
        mine = frame.filter(pl.col("series_id") == name)
        drawn = charts.Course(one["title"], mine, style, charts.TONES[number])
        panes.append(charts.Pane(prints.shown_unit(one["unit"], measure), [drawn]))
    return charts.courses(panes, palette(current().theme))


def _first_day(span: str) -> date:
    return current().view.as_of.date() - timedelta(days=SPANS[span])


def what_it_is(row: dict[str, Any]) -> None:
    """The series as its source describes it."""
    Panel("Description", "as known at the clock", ("series",)).show(
        find("find_series").call, _what, word=row["series_id"]
    )


def _what(answer: Answer) -> str:
    row = answer.frame.row(0, named=True)
    names = {
        "series_id": "id",
        "indicator": "indicator",
        "country": "country",
        "unit": "unit",
        "frequency": "frequency",
        "adjustment": "seasonal adjustment",
        "dimension": "dimension",
        "direction": "direction",
        "vintage_grade": "grade of the description",
        "source": "source",
    }
    means = MORE.get(row["dimension"]) or {1: "stronger", -1: "weaker"}.get(row["direction"])
    row["direction"] = means if row["direction"] else "neither"
    row["indicator"] = row["indicator"] and named(row["indicator"])
    row["adjustment"] = ADJUSTED.get(row["adjustment"], row["adjustment"])
    rows = [
        {"what": label, "value": str(row[name])}
        for name, label in names.items()
        if row[name] is not None
    ]
    return table(rows, (Column("what", ""), Column("value", "", "wide")), caption="Description")


def show(row: dict[str, Any]) -> None:
    """The whole of one series."""
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        measure = segment("series", "measure", "Measure", list(NAMES), "level")
        span = segment("series", "span", "Span", list(SPANS), "10y")
        behind = segment("series", "shade", "Shade", ["none", "regime"], "none")
    fields = {"series": row["series_id"], "frequency": row["frequency"], "measure": measure}
    head(row, fields)
    course(row, fields, span, row["country"] if behind == "regime" else None)
    revisions(row, fields)
    moved(row, fields)
    others(row, fields, span)


open_with("series", "id", a_price_index)
if wanted := pick_series("series", "id", "Series"):
    if found := resolve(wanted):
        remember("series", found["series_id"])
        name_tab(found["title"] or found["series_id"])
        show(found)
        watch_arrivals("series", ("macro",))
else:
    say(nothing_known(current(), ["series"]), "empty")
