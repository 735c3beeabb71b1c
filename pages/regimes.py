"""Regimes: the state of growth and inflation by a rule and by a model, as it could be known.

The **rule** asks whether growth and inflation are rising: it compares the three-month mean of the
change on the year with its twelve-month mean. Within a band around zero the previous state stays.
Growth up and inflation down is *goldilocks*, both up *reflation*, growth down and inflation up
*stagflation*, both down *slowdown*.

The **model** gives the probability that growth is in its weak state. It has two states with a mean
each, is fitted every January on what was known then, and is only filtered in between. The dashed
line looks back from the clock. It is hindsight, and no label, return or vote uses it.

*Quarterly growth* is Hamilton's model with two means and four lags on the vintage of the clock.
Its parameters know later quarters, so both of its lines are hindsight.

The **Sahm indicator** is the three-month mean of the unemployment rate, less its low of the twelve
months before. At half a point it calls a recession. Two of the three views make the *vote*, which
then holds for three months.

States change slowly: the rule within its band, the call of the model until three months in a row
say otherwise, the vote for its three months. Where a state differs from the number beside it, it
is marked *kept* or says what it waits for.

Every label is read from the vintage of its own month and never changes. Shades and returns begin
the day after a label could be known. *Compared with recession dates* scores both.
These are set months later, and no label uses them.

**Change points** are where the mean of the change on the year moved. *Hindsight* divides all
months known at the clock and knows both sides; *live* ones could be reported at the print of the
day beside them.
"""

from __future__ import annotations

from datetime import date, timedelta
from html import escape

import polars as pl
import streamlit as st

from analytics.core.catalogue import find
from analytics.core.ranking import first_standing
from analytics.macro import realtime
from analytics.markets import returns, volatility_states
from analytics.regimes import breaks, hamilton, quadrants, regimes, switching
from data.query import Answer
from pages.desk.tables import short
from pages.frame import charts
from pages.frame.cached import cached
from pages.frame.controls import segment
from pages.frame.errors import Trouble, explain
from pages.frame.panel import Drawn, Panel, say, way_out
from pages.frame.run import current
from pages.frame.tab_title import name_tab
from pages.frame.tables import Column, facts, table
from pages.frame.theme import palette
from pages.macro import regime_words as words
from pages.macro.breaks import breaks_table
from pages.macro.shading import returns_in_each, returns_table, shades
from pages.replaying.window_picker import moment_link, stand_in
from pages.search.directory import country_names
from pages.search.opening import a_broad_index
from pages.search.pickers import pick_country, pick_instrument

SPANS = {"3y": 1096, "10y": 3653, "all": 0}
NEEDS = ("macro", "series")
NOTHING = "Fewer than six years of growth and prices are known: no state yet."
RECENT = 14


def chosen() -> tuple[str, str]:
    """Country and span, as the address says; no country where none has both series."""
    run = current()
    rules, codes = realtime.rules(), list[str]()
    try:
        codes = (
            cached(find("regime_countries").call, run.at, growth=rules.growth, prices=rules.prices)
            .frame["country"]
            .to_list()
        )
    except Exception as error:  # noqa: BLE001 - said where the regimes would stand
        say(explain(error, "countries"), "error")
        return "", "all"
    if not codes:
        say(
            Trouble(
                "No country has a monthly series of growth and one of prices at this clock.",
                way_out(current()),
            ),
            "empty",
        )
        return "", "all"
    first = "USA" if "USA" in codes else codes[0]
    return pick_country("regimes", "country", "Country", codes, first), segment(
        "regimes", "span", "Span", list(SPANS), "10y"
    )


def reading(country: str) -> None:
    """What each view says now, and what would change it."""
    Panel("Now", "latest month", NEEDS, NOTHING).show(regimes.regimes, _reading, country=country)


def _reading(answer: Answer) -> str:
    frame = answer.frame
    rule, model = frame.drop_nulls("quadrant"), frame.drop_nulls("p_filtered")
    jobs, voted = frame.drop_nulls("rise"), frame.drop_nulls("weak")
    strip: list[words.Fact] = []
    turns: list[str] = []
    if rule.height:
        row = rule.row(-1, named=True)
        same = rule["quadrant"].reverse() == row["quadrant"]
        lasted = next((n for n, is_same in enumerate(same) if not is_same), rule.height)
        strip.append(words.rule_fact(row, lasted))
        turns += words.rule_turns(row)
    if model.height:
        row = model.row(-1, named=True)
        strip.append(words.model_fact(row))
        turns.append(words.model_turns(row))
    if jobs.height:
        strip.append(words.jobless_fact(jobs.row(-1, named=True)))
    if voted.height:
        strip.append(words.vote_fact(voted.row(-1, named=True)))
    if not strip:
        return f'<div class="b-note">{NOTHING}</div>'
    told = f'<div class="b-note">What would change it: {"; ".join(turns)}.</div>' if turns else ""
    return facts(strip) + told


def timeline(country: str, span: str) -> str:
    """An instrument over the shaded quadrants, with both views below it; gives its id."""
    symbol = pick_instrument("regimes", "of", "Price of", a_broad_index())
    if symbol:
        unit = f"{short(symbol)}, close, adjusted for splits"
        nothing = "No price of this instrument is known at the clock."
        Panel("Price by regime", unit, ("prices",), nothing).show(
            returns.history, lambda answer: _shaded(answer, country, span), symbol=symbol
        )
    unit = "chance of weak growth; impulses in percentage points"
    Panel("Model and rule", unit, NEEDS, NOTHING).show(
        regimes.regimes, lambda answer: _views(answer, span), country=country
    )
    return symbol


def _shaded(answer: Answer, country: str, span: str) -> Drawn:
    paint = palette(current().theme)
    frame = first_standing(answer.frame)
    shown = frame.select(pl.col("date").alias("day"), pl.col("adjusted_close").alias("value"))
    first = _first_day(span) or min(shown["day"])
    shown = shown.filter(pl.col("day") >= first)
    behind = shades(country, first, paint)
    return charts.courses([charts.Pane("close", [charts.Course("close", shown)])], paint, behind)


def _views(answer: Answer, span: str) -> Drawn:
    paint = palette(current().theme)
    frame = answer.frame.with_columns((pl.col("month").dt.offset_by("1mo")).alias("day"))
    if first := _first_day(span):
        frame = frame.filter(pl.col("day") >= first)

    def course(
        name: str, column: str, style: charts.Style = "line", tone: str = "accent"
    ) -> charts.Course:
        return charts.Course(name, frame.select("day", pl.col(column).alias("value")), style, tone)

    panes = [
        charts.Pane(
            "chance",
            [
                course("chance, as known", "p_filtered"),
                course("hindsight", "p_smoothed", "dash", "dim"),
            ],
            (0, 1),
        ),
        charts.Pane(
            "impulse, pp",
            [
                course("growth", "growth_impulse", tone="up"),
                course("inflation", "inflation_impulse", tone="down"),
            ],
        ),
        charts.Pane("Sahm indicator, pp", [course("Sahm indicator", "rise", tone="ink")]),
    ]
    return charts.courses(panes, paint)


def quarters(country: str, span: str) -> None:
    """Hamilton's model of quarterly growth: hindsight beside what could be known."""
    unit = "two means and four lags on the clock's vintage"
    nothing = "No quarterly growth of this country is known."
    Panel("Quarterly growth, in hindsight", unit, NEEDS, nothing).show(
        hamilton.quarterly_model, lambda answer: _quarters(answer, span), country=country
    )


def _quarters(answer: Answer, span: str) -> Drawn:
    frame = answer.frame.with_columns(pl.col("end").alias("day"))
    if note := frame["note"][0]:
        st.html(f'<div class="b-note">No model: {escape(note)}.</div>')
    if first := _first_day(span):
        frame = frame.filter(pl.col("day") >= first)

    def course(name: str, column: str, style: charts.Style, tone: str) -> charts.Course:
        return charts.Course(name, frame.select("day", pl.col(column).alias("value")), style, tone)

    growth = charts.Pane("growth, %", [course("growth", "growth", "line", "ink")])
    chance = charts.Pane(
        "chance of weak",
        [
            course("smoothed: with all later quarters", "p_smoothed", "dash", "dim"),
            course("filtered: with parameters of later", "p_filtered", "line", "accent"),
        ],
        (0, 1),
    )
    return charts.courses([growth, chance], palette(current().theme))


def _first_day(span: str) -> date | None:
    return current().view.as_of.date() - timedelta(days=SPANS[span]) if SPANS[span] else None


def _returns(country: str, symbol: str) -> None:
    """Returns of the instrument by quadrant and by volatility, and its correlation with another."""
    unit = f"{symbol}, by the quadrant known before the session"
    nothing = "No session of it lies in a known quadrant."
    Panel("Returns by regime", unit, ("prices", *NEEDS), nothing).show(
        regimes.returns_by_quadrant, returns_in_each, country=country, symbol=symbol
    )
    together(country, symbol)
    Panel(
        "Returns by volatility regime",
        "by the volatility known the session before",
        ("prices",),
        "Fewer than 272 sessions are known.",
    ).show(volatility_states.returns_by_volatility, _volatility_table, symbol=symbol)


def details(country: str, symbol: str) -> None:
    """The last months, what followed what, returns in each, and how the views did."""
    Panel("Month by month", "as it could be known, newest first", NEEDS, NOTHING).show(
        regimes.regimes, lambda answer: _months(country, answer), country=country
    )
    left, right = st.columns(2, gap="small")
    with left:
        Panel("Transitions", "share of months, %", NEEDS, NOTHING).show(
            regimes.regime_transitions, _transitions, country=country
        )
        Panel(
            "Model estimates by year",
            "on what was known at the turn of each year",
            NEEDS,
            "Fewer than six years of the composite are known.",
        ).show(switching.model_fit, _fits, country=country)
        Panel(
            "Change points",
            "of the change on the year, newest first",
            NEEDS,
            "No mean moved, or fewer than 31 months are known.",
        ).show(breaks.regime_breaks, breaks_table, country=country)
    with right:
        if symbol:
            _returns(country, symbol)
        Panel(
            "Compared with recession dates",
            "of recessions, which are set months later",
            NEEDS,
            "No dates of recessions of this country are held.",
        ).show(regimes.regime_scores, _scores, country=country)


def together(country: str, symbol: str) -> None:
    """How it moved together with another one in each quadrant."""
    other = pick_instrument("regimes", "vs", "Correlate with")
    if not other or other == symbol:
        return
    Panel(
        "Correlation in each",
        f"{symbol} with {other}",
        ("prices", *NEEDS),
        "They share no session that lies in a known quadrant.",
    ).show(regimes.correlation_by_quadrant, _together, country=country, symbol=symbol, other=other)


def _together(answer: Answer) -> str:
    columns = (
        Column("quadrant", "quadrant"),
        Column("returns", "returns", "count"),
        Column("correlation", "correlation", "score", scale=1.0),
        Column("low", "from", "number", hint="95 % interval"),
        Column("high", "to", "number", hint="95 % interval"),
    )
    return table(answer.frame, columns, caption="Correlation in each")


def _months(country: str, answer: Answer) -> str:
    rows = answer.frame.drop_nulls("known_at").reverse().head(RECENT).to_dicts()
    digits = words.table_digits(rows)
    columns = (
        Column("month", "month"),
        Column("quadrant", "rule", hint="kept: an impulse is within its band and says the other"),
        Column(
            "growth_impulse",
            "growth, pp",
            "signed",
            digits["growth"],
            hint="3-month mean less 12-month mean",
        ),
        Column("inflation_impulse", "inflation, pp", "signed", digits["inflation"]),
        Column(
            "p_filtered", "weak, %", "number", digits["chance"], hint="the model's chance, as known"
        ),
        Column("rise", "Sahm, pp", "signed", digits["rise"]),
        Column("called", "Sahm indicator"),
        Column("vote", "vote", hint="kept: the members say the other, a vote holds three months"),
        Column("agreed", "members agree"),
        Column("replay", "known", "link", hint="opens its replay"),
    )
    stands = stand_in(country)
    shown = [
        words.table_row(row) | {"replay": moment_link(row["known_at"], stands, country)}
        for row in rows
    ]
    return table(shown, columns, caption="Month by month")


def _transitions(answer: Answer) -> str:
    marked = pl.when("is_now").then(pl.lit(" (now)")).otherwise(pl.lit(""))
    to = [f"to_{state}" for state in quadrants.STATES]
    rows = answer.frame.with_columns(
        pl.concat_str("quadrant", marked).alias("quadrant"), pl.col(*to) * 100
    )
    columns = (
        Column("quadrant", "from"),
        *(Column(name, name.removeprefix("to_"), "number", digits=0) for name in to),
        Column("months", "months", "count", total=True),
        Column("spells", "spells", "count", total=True),
        Column(
            "expected_months",
            "lasts, months",
            "number",
            digits=1,
            hint="1 / (1 - share that stays)",
        ),
    )
    return table(rows, columns, caption="Transitions")


def _volatility_table(answer: Answer) -> str:
    marked = pl.when("is_now").then(pl.lit(" (now)")).otherwise(pl.lit(""))
    rows = answer.frame.with_columns(pl.concat_str("state", marked).alias("state"))
    columns = (
        Column("state", "volatility was"),
        Column("sessions", "sessions", "count", total=True),
        Column("mean", "mean a year, %", "heat", digits=1, scale=0.5),
        Column("volatility", "vol., %", "number", digits=1),
    )
    return returns_table(rows, columns, caption="Returns by volatility regime")


def _fits(answer: Answer) -> str:
    rows = (
        answer.frame.reverse()
        .head(8)
        .with_columns(pl.col("fitted").cast(pl.String), pl.col("weak_share") * 100)
    )
    columns = (
        Column("fitted", "in use in"),
        Column("weak_mean", "weak mean", "number"),
        Column("strong_mean", "strong mean", "number"),
        Column("deviation", "deviation", "number"),
        Column("weak_months", "weak, months", "number", digits=0),
        Column("weak_share", "weak, %", "number", digits=0),
        Column("note", ""),
    )
    return table(rows, columns, caption="Model estimates by year")


def _scores(answer: Answer) -> str:
    rows = answer.frame.with_columns(pl.col("hit", "alarm") * 100)
    columns = (
        Column("view", "view"),
        Column("months", "months", "count"),
        Column("brier", "Brier", "number", digits=3),
        Column("hit", "found, %", "number", digits=0, hint="of recession months, above a half"),
        Column("alarm", "false, %", "number", digits=0, hint="of other months, above a half"),
        Column("lag", "late, months", "number", digits=1, hint="until it could first be said"),
    )
    return table(rows, columns, caption="Compared with recession dates")


with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
    country, span = chosen()
if country:
    name_tab(country_names().get(country, country))
    reading(country)
    symbol = timeline(country, span)
    quarters(country, span)
    details(country, symbol)
