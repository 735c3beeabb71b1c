"""Correlation: how instruments move together, how certain that is, and what has changed.

Each cell is the correlation of two instruments in hundredths. It is measured on the days on which
*all* of them traded: prices are cut to those days first and differenced then, so nothing is filled
in. Returns are log returns with dividends; for rates, changes of the level are used. Instruments
are ordered by average linkage, so that similar ones stand together.

A **star** marks a pair that differs from zero when all pairs are tested together; one star in ten
may be chance. In **hatched** cells zero lies within the 95 % interval; grey cells are not known.
Where closes lie more than four hours apart, moves of one date do not react to the same news. Then
moves from Wednesday to Wednesday are used, unless you choose otherwise. *Shrunk* draws all
coefficients towards zero by the weight of Ledoit and Wolf, which depends on the number of
instruments and the sample.

*Members* has presets: the instruments of the market strip for the asset classes (the largest of a
kind that it lacks), an index or fund for each sector (its largest share where there is none), and
your watchlists. *My choice* narrows by kind, sector, country or list. **Also** adds instruments and
formulas, such as `GOLD/SILVER` or `DGS10 - DGS2`; the formulas of a watchlist are members with it.
A formula moves by its log return, and by its change where a rate, a difference or a logarithm
stands in it. It is made of instruments, whose dividends do not count in it, or of daily series: a
monthly one has no daily or weekly moves. A formula that cannot be computed says why above the
matrix, and the others remain.

Choose a cell, or two names, to see one pair over the last three years.
"""

from __future__ import annotations

from html import escape

import polars as pl
import streamlit as st

from analytics.markets import correlation_map, market
from data.query import Answer
from pages.frame import charts
from pages.frame.cached import cached
from pages.frame.controls import pick, segment
from pages.frame.errors import Trouble, explain, sentence
from pages.frame.freshness import known
from pages.frame.panel import Drawn, Panel, nothing_known, say
from pages.frame.run import current
from pages.frame.tables import Column, table
from pages.frame.theme import palette
from pages.search.added_members import AddedMembers, choose_added
from pages.search.presets import OWN, PICKED, choose_preset, preset_universe
from pages.search.universe import Chosen, choose

WINDOWS = {"3m": 63, "6m": 126, "1y": 252}
MOVES = ["auto", "daily", "weekly"]
COUNTS = ["12", "20", "30", "40", "60"]
CHANGED = 10
PAIR = (Column("ticker", "instrument"), Column("other_ticker", "and"))
NEEDS = ("prices", "instruments")


def members(chosen: Chosen, count: int, preset: str, added: AddedMembers) -> pl.DataFrame | None:
    """Those of the preset, or the largest of the universe, each kind in turn, and what was added;
    none where the prices cannot be read."""
    run = current()
    if isinstance(run.lake, Exception) or set(NEEDS) & set(run.at.closed):
        return None  # the frame has said why, above
    try:
        every = cached(market.market, run.at, **chosen.params).frame
        if preset in PICKED:
            return added.after(PICKED[preset](every))
        ranked = every.sort("market_value", "symbol", descending=[True, False], nulls_last=True)
        turn = pl.int_range(pl.len()).over("asset_class").alias("turn")
        in_turn = ranked.with_columns(turn).sort("turn", "asset_class", "symbol")
        return added.after(in_turn.head(count))
    except Exception as error:  # noqa: BLE001 - said where the matrix would stand
        say(explain(error, "members"), "error")
        return None


def too_few() -> Trouble:
    """Why there is no matrix: no rows at all, or too few members with recent prices."""
    run = current()
    if missing := known(run).missing(NEEDS):
        return nothing_known(run, missing)
    return Trouble(
        "Fewer than two instruments of this universe traded within ten days.",
        "Choose other members, or move the clock.",
    )


def is_weekly(symbols: list[str], asked: str) -> bool:
    """Whether moves are weekly: as asked, or because closes lie far apart; says which."""
    if asked != "auto":
        return asked == "weekly"
    try:
        hours = cached(correlation_map.closing_hours, current().at, symbols=symbols).frame
    except Exception as error:  # noqa: BLE001 - said here; daily moves are the plain choice
        say(explain(error, "closing hours"), "error")
        return False
    apart = hours["apart"].max() if hours.height else None
    if not isinstance(apart, float):
        return False
    far = apart > correlation_map.APART_HOURS
    taken = "so moves are weekly" if far else "so moves are daily"
    st.html(
        f'<div class="b-note">Sessions of these instruments end up to {apart:.1f} hours apart, '
        f"{taken}.</div>"
    )
    return far


def the_matrix(symbols: list[str], sessions: int, *, weekly: bool, shrunk: bool) -> None:
    """All pairs, and those that changed most."""
    fields = {"symbols": symbols, "sessions": sessions, "weekly": weekly, "shrunk": shrunk}
    step = "weekly moves" if weekly else "daily moves"
    Panel("Correlation matrix", f"correlation of {step} × 100", NEEDS).show(
        correlation_map.correlation_map, _matrix, **fields
    )
    left, right = st.columns(2, gap="small")
    with left:
        Panel("Largest changes", "against the window before", NEEDS).show(
            correlation_map.correlation_map, _changed, **fields
        )
    with right:
        Panel("Highest and lowest", "pairs with a star", NEEDS).show(
            correlation_map.correlation_map, _extremes, **fields
        )


def _matrix(answer: Answer) -> None:
    run, frame = current(), answer.frame
    spec, pairs = charts.matrix(frame, palette(run.theme), is_demo=run.demo)
    alone = frame.filter(pl.col("symbol") == pl.col("other"), pl.col("correlation").is_null())
    for ticker, problem in alone.drop_nulls("problem").select("ticker", "problem").iter_rows():
        what = sentence(f"the formula {ticker} is not computed: {problem}")
        say(Trouble(what, "The other members are not affected."), "partial")
    left_out = alone.filter(pl.col("problem").is_null())["ticker"].sort().to_list()
    count, shrinkage = frame["returns"][0], frame["shrinkage"][0]
    words = [
        f"{count} common observations"
        if count >= 30
        else f"{count} common observations: too few, below 30",
        f"drawn {100 * shrinkage:.0f} % towards zero" if shrinkage else "",
        f"without enough sessions: {escape(', '.join(left_out[:8]))}" if left_out else "",
        f"and {len(left_out) - 8} more" if len(left_out) > 8 else "",
        "* significant (false discovery rate 10 %)",
        '<i class="b-hatch"></i> zero lies within the 95 % interval',
    ]
    spans = "".join(f"<span>{word}</span>" for word in words if word)
    st.html(f'<div class="b-legend">{spans}</div>')
    names = dict(frame.select("symbol", "ticker").unique().iter_rows())

    def choose_pair() -> None:
        """The cell that was clicked is the pair below."""
        selected = st.session_state["correlation_cells"].selection.selected
        places = [place for group in selected for place in group["data_indices"]]
        first, second = pairs[places[0]] if places else ("", "")
        if first != second:
            st.query_params["first"], st.query_params["second"] = names[first], names[second]

    st.echarts_chart(
        spec,
        height=charts.height(len(names)),
        theme=None,
        key="correlation_cells",
        on_select=choose_pair,
        alt="the panel's menu has the pairs as a table",
    )


def _changed(answer: Answer) -> str:
    pairs = answer.frame.filter(pl.col("symbol") < pl.col("other"), pl.col("change").is_not_null())
    if pairs.is_empty():
        return '<div class="b-note">The window before has fewer than 30 common observations.</div>'
    rows = pairs.sort(
        pl.col("change").abs(), "symbol", "other", descending=[True, False, False]
    ).head(CHANGED)
    columns = (
        *PAIR,
        Column("before", "before", "score", digits=2, scale=1.0),
        Column("correlation", "now", "score", digits=2, scale=1.0),
        Column("change", "change", "signed"),
    )
    note = f"{answer.frame['returns_before'][0]} moves in the window before"
    shown = table(rows, columns, caption="Largest changes")
    return f'{shown}<div class="b-note">{note}</div>'


def _extremes(answer: Answer) -> str:
    starred = answer.frame.filter(pl.col("symbol") < pl.col("other"), pl.col("significant"))
    if starred.is_empty():
        return '<div class="b-note">No pair differs from zero when all are judged together.</div>'
    ordered = starred.sort("correlation", "symbol", "other", descending=[True, False, False])
    rows = pl.concat([ordered.head(6), ordered.tail(min(4, max(0, ordered.height - 6)))])
    return table(
        rows,
        (
            *PAIR,
            Column("correlation", "now", "score", scale=1.0),
            Column("low", "from", "number"),
            Column("high", "to", "number"),
        ),
        caption="Highest and lowest",
    )


def the_pair(them: pl.DataFrame, *, weekly: bool) -> None:
    """The course of one pair."""
    tickers = them["ticker"].to_list()
    names = {
        ticker: f"{ticker} · {name}" if name and name != ticker else ticker
        for ticker, name in them.select("ticker", "name").iter_rows()
    }
    look = {"format_func": names.__getitem__, "width": 320}
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        first = pick("correlation", "first", "Pair", tickers, tickers[0], **look)
        second = pick("correlation", "second", "and", tickers, tickers[1], **look)
    if first == second:
        say(Trouble(f"{first} always moves with itself.", "Choose two different ones."), "empty")
        return
    ids = dict(zip(tickers, them["symbol"].to_list(), strict=True))
    window = 30 if weekly else correlation_map.ROLLING
    step = "weeks" if weekly else "sessions in common"
    Panel(
        f"{first[:60]} and {second[:60]}",
        f"correlation over {window} {step}",
        NEEDS,
        f"They have fewer than {window} common observations in three years.",
    ).show(
        correlation_map.rolling_pair,
        _pair,
        symbol=ids[first],
        other=ids[second],
        window=window,
        weekly=weekly,
    )


def _pair(answer: Answer) -> Drawn:
    shown = answer.frame.select(
        "date", pl.col("correlation").alias("value"), pl.lit("pair").alias("source")
    )
    return charts.line(shown, palette(current().theme), unit="correlation", span=(-1, 1))


with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
    window = segment("correlation", "window", "Window", list(WINDOWS), "1y")
    moves = segment("correlation", "moves", "Moves", MOVES, "auto")
    shrink = segment("correlation", "shrink", "Estimate", ["plain", "shrunk"], "plain")
    count = pick("correlation", "most", "Instruments, at most", COUNTS, "30")
preset = choose_preset("correlation")
if preset == OWN:
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        universe = choose("all")
else:
    universe = preset_universe(preset)
also = AddedMembers.of(choose_added("correlation"), universe.symbols or ())
them = members(universe, int(count), preset, also)
if them is not None and them.height < 2:
    say(too_few(), "empty")
elif them is not None:
    weekly = is_weekly(them["symbol"].to_list(), moves)
    the_matrix(them["symbol"].to_list(), WINDOWS[window], weekly=weekly, shrunk=shrink == "shrunk")
    the_pair(them, weekly=weekly)
