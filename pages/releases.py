"""Calendar: upcoming and past releases, the consensus, the surprise and the bias.

Times are in the zone of the clock. A day without a time is known to the day, a month to the month.
**Expected** is the last consensus known before the print, with the time at which it was known.
There is no free source of it for real countries, so it is empty until you import it (below): a row
per series and period, dated when it was expected. A consensus published after the print
does not count. **Previous** is the period before as the release states it. Where it states none,
it is the value of the series as known just before the print, or at this clock for upcoming
releases, marked *from series*, and only in the unit of the release. **Now** is what is known of the
period at this clock.

**σ** is the surprise divided by the standard deviation of the indicator's last 60 surprises, at
least five. It has the sign of its meaning: a lower unemployment rate counts as stronger. The
**index** is the mean of σ, cut at 4, over 90 days, weighted by importance and halved every 30
days.

**Bias** weighs the indices for each asset of the country. It uses the weights that counted at the
clock (the standard ones and those that you save below), is drawn towards zero where there are few
releases, and names the indicators that make the score. Below 60 % of what was due there is no
label and no colour. The bias of a currency pair is the score of its base less that of the other
currency.

A past clock shows no later actual and no later change of the schedule. *Reaction* is the move of
an instrument that you choose: within a minute of the print where trades are stored, otherwise from
the last close known before to the next one.
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

import polars as pl
import streamlit as st

from analytics.core.catalogue import find
from analytics.macro import agenda, surprises
from analytics.macro.agenda import ReleaseState, in_state
from data.fields import DIMENSIONS
from data.query import Answer
from pages.frame import charts
from pages.frame.arrivals import Question, lit_rows, watch_arrivals
from pages.frame.cached import cached
from pages.frame.controls import segment
from pages.frame.errors import explain
from pages.frame.figures import period_of
from pages.frame.links import address
from pages.frame.panel import Drawn, Panel
from pages.frame.run import current
from pages.frame.tab_title import name_tab
from pages.frame.tables import ARRIVED, Column, facts, table
from pages.frame.theme import palette
from pages.macro.bias import the_bias, the_weights
from pages.macro.previous import PREVIOUS, before
from pages.replaying.window_picker import moment_link, stand_in
from pages.search.directory import country_names
from pages.search.pickers import pick_country, pick_instrument
from pages.uploads.expectations import bring_expectations

WEEKS = {"1w": 7, "2w": 14, "1m": 31, "3m": 92}
WEIGHTS = {"all": 1, "medium": 2, "high": 3}
ALL = "all"
SAID: Mapping[ReleaseState, str] = {"late": "late", "cancelled": "cancelled"}
NEEDS = ("releases",)
NO_UNIT = "none"  # of a release of many series
ROWS = 100
TONES = {"all": "ink", "growth": "accent", "inflation": "down", "labour": "dim"}
SPAN = timedelta(days=1096)
SCALE = "from −100, against, to 100, for"


def chosen() -> tuple[list[str] | None, int, int]:
    """Countries, days each way, least importance: as the address says."""
    run = current()
    codes: list[str] = []
    try:
        codes = cached(find("release_countries").call, run.at).frame["country"].to_list()
    except Exception as error:  # noqa: BLE001 - the panels below say it
        explain(error, "countries")
    first = "USA" if "USA" in codes else ALL
    country = pick_country("releases", "country", "Country", [ALL, *codes], first)
    reach = segment("releases", "reach", "Window (±)", list(WEEKS), "2w")
    weight = segment("releases", "weight", "Importance", list(WEIGHTS), "all")
    if country == ALL:
        return None, WEEKS[reach], WEIGHTS[weight]
    name_tab(country_names().get(country, country))
    return [country], WEEKS[reach], WEIGHTS[weight]


def the_agenda(countries: list[str] | None, days: int, weight: int) -> None:
    """Totals of the window, then upcoming and released figures."""
    asked = {"countries": countries, "back": days, "ahead": days, "importance": weight}
    nothing = "No release of this choice lies that near."
    Panel("Calendar", f"window ±{days} days", NEEDS, nothing).show(agenda.agenda, _strip, **asked)
    Panel("Upcoming", "by day", NEEDS, nothing).show(agenda.agenda, _coming, **asked)
    symbol = pick_instrument("releases", "of", "Market reaction of")
    Panel("Released", "newest first", NEEDS, nothing).show(
        agenda.agenda,
        lambda answer: _came(answer, symbol, ("releases", *map(str, asked.values()))),
        **asked,
        symbol=symbol,
    )


def _strip(answer: Answer) -> str:
    run, frame = current(), answer.frame
    ahead = frame.filter(in_state("due")).sort("scheduled_at")
    late = frame.filter(in_state("late"))
    printed = frame.filter(in_state("printed"))
    sized = printed["z"].drop_nulls().abs().to_list()
    strip = [("Next", "–", "nothing due")]
    if ahead.height:
        row = ahead.row(0, named=True)
        same = ahead.filter(pl.col("scheduled_at") == row["scheduled_at"]).height
        more = f" and {same - 1} more" if same > 1 else ""
        strip = [
            (
                "Next",
                _countdown(row["scheduled_at"] - run.view.as_of),
                f"{row['country'] or ''} {row['title']}{more}",
            )
        ]
    strip += [
        ("Due", f"{ahead.height}", "upcoming"),
        ("Released", f"{printed.height}", _forecast_words(printed)),
        (
            "Mean |surprise|",
            f"{sum(sized) / len(sized):.2f}" if sized else "–",
            "σ; 0.8 is normal",
        ),
        ("Late", f"{late.height}", "scheduled, not published"),
    ]
    return facts(strip)


def _forecast_words(printed: pl.DataFrame) -> str:
    """How many of what was published had a forecast; nothing where nothing was published."""
    count = printed["consensus"].drop_nulls().len()
    return f"of which {count} with a forecast" if printed.height else "nothing published"


def _countdown(left: timedelta) -> str:
    hours, minutes = divmod(int(left.total_seconds()) // 60, 60)
    if hours >= 24:
        return f"in {hours // 24} d {hours % 24} h"
    return f"in {hours} h {minutes:02d} min" if hours else f"in {minutes} min"


def _coming(answer: Answer) -> str:
    """Due and late ones under their days."""
    rows = answer.frame.filter(~in_state("printed")).sort(
        "scheduled_at", "importance", "title", descending=[False, True, False]
    )
    if rows.is_empty():
        return '<div class="b-note">Nothing is due in this time.</div>'
    columns = (
        Column("time", "time"),
        Column("country", "country"),
        Column("release", "release", "name"),
        Column("for_period", "period"),
        Column("weight", "weight"),
        Column("consensus", "expected", "figure"),
        Column("expected", "known at"),
        PREVIOUS,
        Column("unit", "unit"),
        Column("said", ""),
    )
    shown = [_row(row) for row in rows.head(ROWS).iter_rows(named=True)]
    return table(shown, columns, caption="Upcoming", group="day") + _more(rows)


def _came(answer: Answer, symbol: str, question: Question) -> str:
    rows = answer.frame.filter(in_state("printed")).sort(
        "released_at", "importance", "title", descending=[True, True, False]
    )
    lit = lit_rows(question, {_print(row): row["released_at"] for row in rows.to_dicts()})
    if rows.is_empty():
        return '<div class="b-note">Nothing was printed in this time.</div>'
    columns = [
        Column("replay", "time", "link", hint="opens its replay"),
        Column("country", "country"),
        Column("release", "release", "name"),
        Column("for_period", "period"),
        Column("weight", "weight"),
        Column("actual", "first print", "figure"),
        Column("consensus", "expected", "figure"),
        Column("z", "surprise, σ", "bar", digits=1, hint="over the deviation of those before it"),
        PREVIOUS,
        Column("now", "now", "figure", hint="what is known of this period at the clock"),
        Column("unit", "unit"),
    ]
    stands = {name: (symbol,) if symbol else stand_in(name or "") for name in {*rows["country"]}}
    shown = [
        fields
        | {
            ARRIVED: lit.get(_print(row)),
            "replay": moment_link(
                row["released_at"], stands[row["country"]], row["country"] or "", fields["time"]
            )
            or {"text": fields["time"], "to": address("replay")},
        }
        for row in rows.head(ROWS).iter_rows(named=True)
        for fields in [_row(row, at="released_at")]
    ]
    if symbol and "move" in rows.columns:
        columns.insert(8, Column("reaction", symbol, "move", hint="by the minute or by day"))
        shown = [row | {"reaction": _reaction(row)} for row in shown]
        if rows["move"].drop_nulls().is_empty():
            st.html('<div class="b-note">No price of this id is known around these prints.</div>')
    return table(shown, columns, caption="Released", group="day") + _more(rows)


def _print(row: dict[str, Any]) -> Hashable:
    return row["source"], row["series_id"], row["title"], row["period"]


def _more(rows: pl.DataFrame) -> str:
    if rows.height <= ROWS:
        return ""
    return (
        f'<div class="b-note">and {rows.height - ROWS} more; choose a country or importance</div>'
    )


def _reaction(row: dict[str, Any]) -> dict[str, Any]:
    """The move of the chosen instrument as it reads."""
    if row["move"] is None:
        return {"value": None, "text": ""}
    text = f"{row['move']:+.3f}" if row["is_rate"] else f"{100 * row['move']:+.2f} %"
    quick = " in a minute" if row["by"] == "minute" else ""
    return {"value": row["move"], "text": text + quick}


def _row(row: dict[str, Any], at: str = "scheduled_at") -> dict[str, Any]:
    """A release as it reads."""
    zone = ZoneInfo(current().view.zone)
    moment = row[at].astimezone(zone)
    precise = row["precision"] == "minute" or at == "released_at"
    day = f"{moment:%A %d %B %Y}" if row["precision"] != "month" else f"{moment:%B %Y}"
    expected = row["expected_at"] if row["consensus"] is not None else None
    said = SAID.get(row["state"], "")
    if row["status"] == "rescheduled" and not said:
        said = "put off"
    return (
        row
        | before(row)
        | {
            "day": day,
            "time": f"{moment:%H:%M}" if precise else row["precision"],
            "release": _release(row),
            "for_period": period_of(row["period"], row["frequency"]),
            "unit": "" if row["unit"] == NO_UNIT else row["unit"],
            "weight": "●" * (row["importance"] or 0),
            "expected": f"{expected.astimezone(zone):%d %b %H:%M}" if expected else None,
            "said": said,
        }
    )


def _release(row: dict[str, Any]) -> Any:
    """Its title, which leads to its series; a release of many series leads to none of them."""
    if row["frequency"] is None:
        return row["title"]
    return {"text": row["title"], "to": address("series", id=row["series_id"])}


def the_surprises(countries: list[str] | None) -> None:
    """The indices of one country over time, or of all countries beside each other."""
    if countries:
        since = current().view.as_of - SPAN
        left, right = st.columns((3, 2), gap="small")
        with left:
            Panel(
                "Surprise index",
                "standard deviations; 90 days, halved every 30",
                NEEDS,
                "Fewer than six releases with a consensus are known.",
            ).show(surprises.surprise_history, _history, country=countries[0], since=since)
        with right:
            Panel(
                "By indicator",
                "the last surprise, 30 days and 12 releases",
                NEEDS,
                "No release of this country had a consensus.",
            ).show(surprises.rolling_surprises, _indicators, countries=countries)
        return
    Panel(
        "Surprise indices",
        "standard deviations; 90 days, halved every 30",
        NEEDS,
        "No release had a consensus.",
    ).show(surprises.surprise_index, _countries)


def _history(answer: Answer) -> Drawn:
    frame = answer.frame.with_columns(pl.col("moment").dt.date().alias("day"))
    drawn = [
        charts.Course(name, mine.select("day", pl.col("index").alias("value")), tone=tone)
        for name, tone in TONES.items()
        if (mine := frame.filter(pl.col("dimension") == name)).height
    ]
    return charts.courses([charts.Pane("σ", drawn)], palette(current().theme))


def _indicators(answer: Answer) -> str:
    columns = (
        Column("title", "indicator", "wide"),
        Column("z", "last, σ", "score", digits=1, scale=3.0),
        Column("mean_z_30d", "30 d", "score", digits=1, scale=2.0, hint="mean σ, 30 days"),
        Column("mean_z_12", "12", "score", digits=1, scale=2.0, hint="mean σ, 12 releases"),
        Column("above_12", "above, %", "number", digits=0, hint="of 12 came above expectation"),
    )
    rows = answer.frame.with_columns(pl.col("above_12") * 100)
    return table(rows, columns, caption="By indicator", group="dimension")


def _countries(answer: Answer) -> str:
    wide = answer.frame.pivot(on="dimension", index="country", values="index")
    counts = answer.frame.filter(pl.col("dimension") == ALL).select("country", "releases")
    rows = wide.join(counts, on="country").sort(ALL, "country", descending=[True, False])
    columns = (
        Column("country", "country"),
        *(
            Column(name, name, "score", scale=1.5)
            for name in (ALL, *DIMENSIONS)
            if name in wide.columns
        ),
        Column("releases", "releases in 90 d", "count"),
    )
    return table(rows, columns, caption="Surprise indices")


with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
    countries, days, weight = chosen()
the_agenda(countries, days, weight)
the_surprises(countries)
the_bias(countries)
the_weights()
bring_expectations()
watch_arrivals("releases", ("releases", "macro"))
