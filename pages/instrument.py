"""Instrument: one instrument with its bars, positions, notes, peers, risk and seasons.

**Bars** are drawn by session, so weekends leave no gap. *Adjusted* prices are in shares of the
last session, by the splits known at the clock; *raw* prices are as printed. Letters mark events: S
split, D delisting, C crash, R rate decision of its country, N headline. Scroll to zoom, drag to
move, double-click an axis to fit it.

A dashed line is the average cost of the open lots of all portfolios, a dotted line the price
trigger of an alert rule. Arrows are purchases and sales, ✎ notes, all as recorded by the clock.
**Alert rules** lists the rules that name the instrument, or that fired for it; one whose metric is
not a price has no line. **Notes** are plain text of up to 4,000 characters, signed with your name.
A changed note is a new version; an earlier clock shows the text of that time.

**Compare with** draws other instruments in the same chart. All become changes in percent from the
first session that they have in common in the visible part, each in its own currency; scroll or
zoom, and the start moves along. The table *Compared* has the changes over the whole span and says
from which session they count. The box takes formulas too, such as
`GOLD/SILVER` or `yoy(USA CPI)`. A rate, and a formula with a rate, a difference or a logarithm in
it, can be zero and has no return: it is drawn below the price as a level, one pane for each unit. A
formula of series alone is a step line: each session has what was known when its close first was.
The page of a rate has no volatility, drawdown, beta or seasons.

**Indicators** are drawn over the price or below it, and stand in a table with their last value.
They are computed on adjusted closes of all sessions known at the clock, so the chosen span changes
none of them. Type one with its own numbers, such as `sma_100` or `macd_5_35_5`.

**Peers** are the largest instruments of its kind and sector, with their change over the span, at
most a year. **Risk and beta** are of the last 252 sessions, in its own currency. **Correlation with
the benchmark** is over each 60 sessions that both have.

**Volatility** is the annualised standard deviation of the last 60 log returns. **Drawdown** is the
adjusted close against its highest so far. **Returns by volatility regime** sorts returns by the
regime known the session before: the 20-session volatility, ranked among the 756 values before it,
is low below a third and high above two thirds. **Returns by regime** sorts them by the quadrant of
growth and inflation of its country, from the day after the quadrant could be known. **Seasonality**
shows total returns by month and year. The current month and the month in which the history begins
do not count in the medians.

**Formula** draws an expression over instruments and series, such as `GOLD/SILVER` or `yoy(CPI) -
policy rate`. Units are checked; beside prices a series counts with what was known at each close.

**Add to list** beside the name makes the instrument a member of a watchlist, or begins a new one;
**New alert** opens the form of an alert rule on it.

Type part of a name, a ticker or an ISIN and choose from the list. The page opens with the
instrument seen last, at first with a broad index. Where a link has a ticker that several
instruments used, you are asked which one you mean.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from html import escape
from typing import Any

import polars as pl
import streamlit as st

from analytics.core.ranking import first_standing
from analytics.markets import instrument, market, returns, seasons, volatility, volatility_states
from analytics.regimes import regimes
from data.query import Answer
from pages.desk.list_members import add_to_list
from pages.frame import charts
from pages.frame.cached import cached
from pages.frame.controls import segment
from pages.frame.errors import Trouble, explain
from pages.frame.figures import price_text, unit_of_price
from pages.frame.links import choose_here, link, one_of_each
from pages.frame.panel import Drawn, Panel, nothing_known, say
from pages.frame.run import current
from pages.frame.tab_title import name_tab
from pages.frame.tables import Column, facts, table
from pages.frame.theme import palette
from pages.instruments import desk_lines, indicators
from pages.instruments.benchmark import Benchmark, against_benchmark, correlation_course
from pages.instruments.comparison import ComparedLines, choose_compared
from pages.instruments.event_marks import event_marks
from pages.instruments.formula_chart import formula_chart
from pages.instruments.notes_panel import known_notes, note_marks, notes_panel
from pages.instruments.peers import peers
from pages.instruments.price_chart import ChartParts, PriceLook, price_chart
from pages.macro.months import seasons as of_seasons
from pages.macro.months import years_by_months
from pages.macro.shading import returns_in_each
from pages.replaying.window_picker import moment_link
from pages.search.opening import a_broad_index, open_with
from pages.search.pickers import pick_instrument
from pages.search.recents import remember

SPANS = {"3m": 92, "1y": 366, "5y": 1827, "all": 0}
EVENT_COLUMNS = (
    Column("when", "when", "link", hint="opens its replay"),
    Column("kind", "kind"),
    Column("title", "what", "wide"),
    Column("relation", "concerns"),
)
STATE_COLUMNS = (
    Column("state", "volatility was"),
    Column("sessions", "sessions", "count", total=True),
    Column("mean", "mean a year, %", "heat", digits=1, scale=0.5),
    Column("low", "from", "heat", digits=1, scale=1.0, hint="95 % interval of the mean"),
    Column("high", "to", "heat", digits=1, scale=1.0, hint="95 % interval of the mean"),
    Column("volatility", "volatility, %", "number", digits=1),
    Column("rose", "rose, %", "number", digits=0),
    Column("worst", "worst session, %", "heat", digits=1, scale=0.1),
)


def resolve(word: str) -> dict[str, Any] | None:
    """The instrument that was asked for, or the question which one; nothing is guessed."""
    try:
        found = cached(instrument.find_instruments, current().at, word=word).frame
    except Exception as error:  # noqa: BLE001 - said where the instrument would stand
        say(explain(error, "instrument"), "error")
        return None
    rows = list(found.iter_rows(named=True))
    if not rows:
        what = f"No instrument called {word[:60]!r} is known at this clock."
        say(Trouble(what, "Ctrl/⌘ K finds names; one listed later is not known yet."), "empty")
        return None
    best = [row for row in rows if row["rank"] == rows[0]["rank"]]
    if len({row["symbol"] for row in best}) == 1 and best[0]["rank"] < 3:
        return best[0]
    if len({row["symbol"] for row in rows}) == 1:
        return rows[0]
    _which(word, rows)
    return None


def _which(word: str, rows: list[dict[str, Any]]) -> None:
    say(Trouble(f"{len(rows)} instruments are called {word[:60]!r}.", "Which one?"), "partial")
    for row in one_of_each(rows, "symbol"):
        life = f"{row['listed_on'] or '?'} to {row['delisted_on'] or 'now'}"
        label = f"{row['ticker']} · {row['name']} · {row['asset_class']} · {life} · {row['symbol']}"
        choose_here("id", word, row["symbol"], label)


def head(symbol: str, row: dict[str, Any]) -> None:
    """Its last session and moves as single numbers."""
    Panel(
        f"{row['ticker'] or symbol} · {row['name'] or symbol}",
        f"{row['asset_class']} · {_stated(row)}",
        ("prices",),
        "It has not traded within ten days of this clock; its history is below.",
    ).show(market.market, _head, symbols=[symbol])


def _stated(row: dict[str, Any]) -> str:
    unit = unit_of_price(row["asset_class"], row["currency"])
    return "level in %" if unit == "%" else f"prices in {unit}"


def _head(answer: Answer) -> str:
    row = answer.frame.row(0, named=True)

    def percent(value: float | None, digits: int = 2) -> str:
        return "–" if value is None else f"{100 * value:+.{digits}f} %".replace("-", "−")

    moved, value = row["price_return"], row["market_value"]
    unit = unit_of_price(row["asset_class"], row["currency"])
    strip = [
        ("Last", price_text(row["close"]), f"{unit}, {row['date']:%d %b %Y}"),
        (
            "Session",
            percent(moved) if row["change"] is None else f"{row['change']:+.3f}".replace("-", "−"),
            "price return" if row["change"] is None else "change of level",
        ),
        (
            "Move in σ (60d)",
            "–" if row["sigmas"] is None else f"{row['sigmas']:+.1f}".replace("-", "−"),
            "of 60 sessions",
        ),
        ("Turnover", percent(row["volume_surge"], 0), "against its usual"),
        ("From high", percent(row["from_high"], 1), "252 sessions"),
        ("Market value", "–" if value is None else f"{value / 1e9:,.1f} bn", "USD at the clock"),
    ]
    return facts(strip)


def bars(symbol: str, row: dict[str, Any]) -> None:
    """The chart under its choices, and the indicators as numbers."""
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        span = segment("instrument", "span", "Span", list(SPANS), "1y")
        kind = segment("instrument", "chart", "Chart", ["candles", "line"], "candles")
        shown = segment("instrument", "prices", "Prices", ["adjusted", "raw"], "adjusted")
        scale = segment("instrument", "scale", "Scale", ["linear", "log"], "linear")
        words = indicators.choose()
        comparison = choose_compared(symbol, row["country"], _since(span))
    since, name = _since(span), row["ticker"] or symbol
    unit = unit_of_price(row["asset_class"], row["currency"])
    look = PriceLook(f"{symbol} {span}", name, unit, kind, scale == "log")
    is_adjusted = shown == "adjusted"
    desk, written = desk_lines.desk_view(symbol), known_notes(symbol)
    lines = comparison.lines() if is_adjusted else ComparedLines()
    parts = ChartParts(
        indicators.read(symbol, words, since) if is_adjusted else None,
        words,
        lines.beside_price,
        lines.below_price,
        [
            *event_marks(symbol, row["country"], _since(span), is_short=span in ("3m", "1y")),
            *desk_lines.trade_marks(desk),
            *note_marks(written),
        ],
        desk_lines.levels(desk, row["currency"]),
    )
    Panel(
        "Bars",
        f"{shown}, {unit}, one per session",
        ("prices",),
        "No session of this span was known at the clock.",
    ).show(
        returns.history,
        lambda answer: _bars(answer, parts, look),
        symbol=symbol,
        since=since,
        asset_class=row["asset_class"],
    )
    if is_adjusted:
        comparison.table()
        if words:
            indicators.table_of(symbol, words, since)
    elif words or comparison.names:
        st.caption(
            "Indicators and other instruments are drawn with adjusted prices; choose them to see "
            "the lines."
        )
    desk_lines.draw_desk(desk, row["currency"])
    notes_panel(symbol, written)


def _since(span: str) -> date | None:
    return current().view.as_of.date() - timedelta(days=SPANS[span]) if SPANS[span] else None


def _bars(answer: Answer, parts: ChartParts, look: PriceLook) -> Drawn:
    frame = _one_source(answer.frame)
    if str(st.session_state.get("instrument_prices", "adjusted")) == "adjusted":
        names = ("open", "high", "low", "close", "volume")
        frame = frame.with_columns(pl.col(f"adjusted_{name}").alias(name) for name in names)
    low = frame["low"].min()
    if look.is_log and isinstance(low, float) and low <= 0:
        st.html(
            '<div class="b-note">A price at or below zero has no logarithm: linear scale.</div>'
        )
        look = replace(look, is_log=False)
    if look.is_log and parts.compared:
        st.html('<div class="b-note">Changes beside others are drawn on a linear scale.</div>')
    if current().demo:
        look = replace(look, mark="DEMO · invented data")
    price_chart(frame, parts, look, palette(current().theme))
    return None


def _one_source(frame: pl.DataFrame) -> pl.DataFrame:
    """The source that is shown; the others are in the panel's download."""
    drawn = first_standing(frame)
    others = sorted(set(frame["source"]) - set(drawn["source"]))
    if others:
        said = f"Source shown: {drawn['source'][0]}. Other sources: {', '.join(others)}."
        st.html(f'<div class="b-note">{escape(said)}</div>')
    return drawn.drop_nulls("close")


def risk(symbol: str, row: dict[str, Any], benchmark: Benchmark | None) -> None:
    """Rolling volatility, drawdown and correlation with a benchmark, side by side."""
    since = _since(str(st.session_state.get("instrument_span", "1y")))
    early = since - timedelta(days=95) if since else None
    left, middle, *rest = st.columns(3 if benchmark else 2, gap="small")
    with left:
        Panel("Volatility", "60 sessions, annualised, %", ("prices",), keeps=False).show(
            volatility.rolling_volatility,
            lambda answer: _line(answer, "volatility", since, "% a year"),
            symbols=[symbol],
            since=early,
        )
    with middle:
        Panel("Drawdown", "adjusted close below its highest so far, %", ("prices",)).show(
            instrument.drawdown,
            lambda answer: _line(answer, "value", since, "%"),
            symbol=symbol,
            asset_class=row["asset_class"],
        )
    if benchmark:
        with rest[0]:
            correlation_course(symbol, benchmark)


def volatility_regime_returns(symbol: str) -> None:
    """What returns were like after each state of the volatility."""
    Panel(
        "Returns by volatility regime",
        "log returns of one session by the state before it",
        ("prices",),
        "Fewer than 272 sessions are known: no state yet.",
    ).show(volatility_states.returns_by_volatility, _states, symbol=symbol)


def in_regimes(symbol: str, country: str) -> None:
    """What returns were like in the quadrants of growth and inflation of its country."""
    Panel(
        "Returns by regime of its country",
        f"{country}, by the quadrant known before the session",
        ("prices", "macro"),
        "No session of it lies in a known quadrant.",
    ).show(regimes.returns_by_quadrant, returns_in_each, country=country, symbol=symbol)


def _states(answer: Answer) -> str:
    marked = pl.when("is_now").then(pl.lit(" (now)")).otherwise(pl.lit(""))
    rows = answer.frame.with_columns(
        pl.concat_str("state", marked).alias("state"),
        pl.col("volatility", "rose") * 100,
    )
    return table(rows, STATE_COLUMNS, caption="Returns by volatility regime")


def _line(answer: Answer, column: str, since: date | None, unit: str) -> Drawn:
    frame = answer.frame if since is None else answer.frame.filter(pl.col("date") >= since)
    if "standing" in frame.columns:
        frame = first_standing(frame)
    source = pl.col("source") if "source" in frame.columns else pl.lit("60 sessions")
    shown = frame.select("date", (pl.col(column) * 100).alias("value"), source.alias("source"))
    return charts.line(shown, palette(current().theme), unit=unit)


def calendar(symbol: str, row: dict[str, Any]) -> None:
    """Years by months, and what the months have in common."""
    fields = {"symbol": symbol, "asset_class": row["asset_class"]}
    Panel("Monthly returns", "total return, %", ("prices",)).show(
        seasons.monthly_returns, _calendar, **fields
    )
    Panel("Seasonality", "by month of the year, complete months", ("prices",)).show(
        seasons.seasonality, _seasons, **fields
    )


def _calendar(answer: Answer) -> str:
    return years_by_months(first_standing(answer.frame))


def _seasons(answer: Answer) -> str:
    return of_seasons(first_standing(answer.frame))


def happened(symbol: str, row: dict[str, Any]) -> None:
    """Events and headlines, and what the instrument is."""
    left, right = st.columns((8, 5), gap="small")
    with left:
        Panel("What happened", "its own, its country's and the world's", ("events",)).show(
            instrument.instrument_events,
            lambda answer: _happened(symbol, row["country"] or "", answer),
            symbol=symbol,
            country=row["country"],
        )
    with right:
        Panel("Description", "as known at the clock", ("instruments",)).show(
            instrument.instrument, _facts, symbol=symbol
        )


def _happened(symbol: str, country: str, answer: Answer) -> str:
    """Its own first, then what happened around it, each the newest first."""
    own = pl.col("relation") == "own"
    rows = pl.concat([answer.frame.filter(own).head(10), answer.frame.filter(~own)]).head(14)
    shown = [
        row | {"when": moment_link(max(row["event_at"], row["known_at"]), (symbol,), country)}
        for row in rows.iter_rows(named=True)
    ]
    return table(shown, EVENT_COLUMNS, caption="What happened")


def _facts(answer: Answer) -> str:
    row = answer.frame.row(0, named=True)
    names = {
        "symbol": "id",
        "ticker": "ticker",
        "asset_class": "kind",
        "sector": "sector",
        "country": "country",
        "currency": "prices in",
        "unit": "price of one",
        "venue": "venue",
        "calendar": "sessions of",
        "isin": "ISIN",
        "figi": "FIGI",
        "aliases": "also called",
        "shares_outstanding": "shares in issue",
        "listed_on": "listed on",
        "delisted_on": "delisted on",
        "source": "source",
        "vintage_grade": "grade",
        "known_at": "known at",
    }
    rows = [{"what": label, "value": _word(row[name])} for name, label in names.items()]
    return table(rows, (Column("what", ""), Column("value", "", "wide")), caption="Description")


def _word(value: Any) -> str | None:
    if isinstance(value, float):
        return f"{value:,.0f}"
    return None if value is None else str(value).replace("+00:00", " UTC")


def show(symbol: str, row: dict[str, Any]) -> None:
    """The whole of one instrument."""
    head(symbol, row)
    bars(symbol, row)
    span = str(st.session_state.get("instrument_span", "1y"))
    peers(symbol, row, span)
    benchmark = against_benchmark(symbol, row)
    if row["asset_class"] != "rate":
        risk(symbol, row, benchmark)
        volatility_regime_returns(symbol)
        if row["country"]:
            in_regimes(symbol, row["country"])
        calendar(symbol, row)
    elif benchmark:
        correlation_course(symbol, benchmark)
    formula_chart(row["country"], _since(span))
    happened(symbol, row)


open_with("instrument", "id", a_broad_index)
row_of_choice = st.container(horizontal=True, vertical_alignment="bottom", gap="small")
with row_of_choice:
    wanted = pick_instrument("instrument", "id", "Instrument", width=520)
if wanted:
    if found := resolve(wanted):
        with (
            row_of_choice,
            st.container(
                width="content", horizontal=True, vertical_alignment="center", gap="small"
            ),
        ):
            add_to_list(found["symbol"])
            if current().view.is_now:
                link("alerts", label="New alert", new="yes", id=found["symbol"])
            else:
                st.button("New alert", disabled=True, help="Press Now first.")
            link("notes", label="Analyst note", id=found["symbol"])
        remember("instrument", found["symbol"])
        name_tab(found["ticker"] or found["name"] or found["symbol"])
        show(found["symbol"], found)
else:
    say(nothing_known(current(), ["instruments"]), "empty")
