"""Heatmaps: moves over a universe, in several views.

**Map** draws a tile for each instrument. Its area is the market value known at the clock in the
base currency (equal where none is known), its colour the measure. The colour scale is symmetric
around zero and ends at the limit in the legend; hatched means not known. Point at a tile for its
name, price, change, last 30 closes and newest headline of 30 days. Click the heading of a sector to
zoom in, or a tile to open the instrument. With the keyboard: Tab leads into the map, the arrow keys
move to the next tile, Enter opens it, + zooms in and Escape zooms out. *Colours* are blue and
orange, which all eyes can tell apart, or green and red; the choice is kept for you. The slider
below the map moves the clock of all pages over the last 40 sessions, to the evening of each
(23:59 UTC).

**Grid** shows instruments by horizon, **calendar** months by year (everything that traded in a
month counts in it, also instruments that were delisted later), **cross-asset** the median
instrument of each asset class, **countries** the latest change of each indicator against its own
past.

The horizon goes along when you change the view. Horizons count *sessions of each instrument*, not
calendar days. At a weekend coins have moves of
that day, while shares show Friday with its date. *Own σ* is the return divided by the standard
deviation of the 60 sessions before it, scaled to the horizon; *z* compares the move with moves of
the same length in the last 252 sessions.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import polars as pl
import streamlit as st

from analytics.macro import countries
from analytics.markets import market, seasons
from analytics.markets.market_cards import market_cards
from data import vocabulary
from data.chart_theme import DEMO_MARK
from data.clock import iso
from data.fields import DIMENSIONS
from data.query import Answer
from pages.frame import charts
from pages.frame.cells import Kind
from pages.frame.controls import pick, segment
from pages.frame.figures import period_of
from pages.frame.links import go
from pages.frame.panel import Drawn, Panel
from pages.frame.run import current
from pages.frame.tables import Column, facts, table
from pages.heat.colours import better_colour, choose_colours, chosen_palette
from pages.heat.heat_map import heat_map
from pages.heat.scrub import session_slider
from pages.heat.tile_columns import Tiles
from pages.macro.months import seasons as of_seasons
from pages.macro.months import years_by_months
from pages.search.universe import Chosen, choose


@dataclass(frozen=True, slots=True)
class Measure:
    """One way to colour: `column` of the market, a fixed colour limit or none, and how it reads."""

    column: str
    title: str
    kind: Kind
    fixed: float | None = None

    @property
    def figure(self) -> dict[str, Any]:
        """How the browser writes a value: with one decimal, times a factor, before a unit."""
        is_share = self.kind == "heat"
        return {"factor": 100 if is_share else 1, "unit": " %" if is_share else ""}

    def text(self, value: float | None) -> str:
        """A value as it stands on a tile."""
        if value is None:
            return "not known"
        shown = f"{100 * value:+z.1f} %" if self.kind == "heat" else f"{value:+z.1f}"
        return shown.replace("-", "−")


MEASURES = {
    "total": Measure("total_return", "Total return", "heat"),
    "price": Measure("price_return", "Price return", "heat"),
    "total in base": Measure("total_return_base", "Total return in the base currency", "heat"),
    "price in base": Measure("price_return_base", "Price return in the base currency", "heat"),
    "own σ": Measure("sigmas", "Move in σ (60d)", "score", 3.0),
    "z": Measure("z", "z-score of the return (1y)", "score", 3.0),
    "volume": Measure("volume_surge", "Turnover against its median (20d)", "heat"),
    "drawdown": Measure("drawdown", "Drawdown within the horizon", "heat"),
    "from high": Measure("from_high", "Drawdown from 52-week high", "heat"),
}
LENSES = ["map", "grid", "calendar", "cross-asset", "countries"]
CURRENCIES = ["USD", "EUR", "GBP", "JPY"]
GRID_ROWS = 120
HORIZON_COLUMNS = tuple(
    Column(label, label, "heat", digits=1, scale=scale, hint=f"{sessions} sessions of its own")
    for (label, sessions), scale in zip(
        market.HORIZONS.items(), (0.04, 0.08, 0.15, 0.25, 0.35, 0.5), strict=True
    )
)
BREADTH = Panel("Breadth", "selected instruments", ("prices", "instruments"))
SECTORS = Panel(
    "Contribution by sector",
    "weighted by value at the beginning",
    ("prices", "instruments"),
    "No instrument here has a market value.",
)
TABLE = Panel(
    "Every instrument", "all measures; choose a row to open it", ("prices", "instruments")
)
CROSS = Panel(
    "Kinds against horizons",
    "median total return in percent",
    ("prices", "instruments"),
)


def horizon() -> str:
    """The horizon, the same in every lens; `by` is what the grid called it before."""
    earlier = st.query_params.get("by", "")
    if earlier in market.HORIZONS and "horizon" not in st.query_params:
        st.query_params["horizon"] = earlier
    st.query_params.pop("by", None)
    return segment("heatmaps", "horizon", "Horizon", list(market.HORIZONS), "1d")


def _measure_title(name: str) -> str:
    return MEASURES[name].title


def the_map(chosen: Chosen) -> None:
    """Tiles, breadth, sectors and the table of all values."""
    with HEAD:
        reach = horizon()
        name = pick(
            "heatmaps", "measure", "Measure", list(MEASURES), "total", format_func=_measure_title
        )
        currency = pick("heatmaps", "base", "Base currency", CURRENCIES, "USD")
        choose_colours()
    measure, sessions = MEASURES[name], market.HORIZONS[reach]
    fields = {"sessions": sessions, **chosen.params}
    BREADTH.show(market.breadth, _breadth, **fields)
    Panel(
        f"{measure.title}, {reach}",
        f"{chosen.label} · area: market value, {currency}",
        ("prices", "instruments"),
        "No instrument of this universe has traded within ten days of the clock.",
        key="map",
    ).show(market_cards, lambda answer: _tiles(answer, measure, reach), currency=currency, **fields)
    session_slider(chosen)
    left, right = st.columns((5, 8), gap="small")
    with left:
        SECTORS.show(market.contributions, _sectors, currency=currency, **fields)
    with right:
        TABLE.show(market.market, _every, currency=currency, **fields)


def _breadth(answer: Answer) -> str:
    (row,) = answer.frame.iter_rows(named=True)

    def percent(value: float | None, digits: int = 0) -> str:
        return "–" if value is None else f"{100 * value:.{digits}f} %".replace("-", "−")

    return facts(
        [
            ("Advancers", f"{row['advancers']:,}", f"of {row['members']:,}"),
            (
                "Decliners",
                f"{row['decliners']:,}",
                f"{row['unchanged']:,} unchanged, {row['without_return']:,} not known",
            ),
            ("New highs", f"{row['highs']:,}", f"{row['lows']:,} new lows, 252 sessions"),
            ("Above 50 sessions", percent(row["above_50"]), "of those with 50 sessions"),
            ("Above 200 sessions", percent(row["above_200"]), "of those with 200 sessions"),
            ("Median", percent(row["median"], 2), "total return"),
            ("Dispersion", percent(row["dispersion"], 2), "cross-sectional st. dev."),
        ]
    )


def _tiles(answer: Answer, measure: Measure, reach: str) -> None:
    """The map itself; a tile without a market value is drawn only where no tile has one."""
    run, paint, frame = current(), chosen_palette(), answer.frame
    tiles = Tiles.of(frame)
    scale = charts.ColourScale.of(frame[measure.column], measure.fixed)
    st.html(_legend(frame, measure, scale, tiles))
    document = {
        "measure": f"{measure.title}, {reach}",
        "figure": measure.figure,
        "alt": f"{measure.title}: the table below has the same values",
        "limit": scale.limit,
        "mark": DEMO_MARK if run.demo else "",
        "clock": iso(run.view.as_of),
        "columns": tiles.columns(measure.column),
    }
    symbol = heat_map(document, paint, "heatmaps_tiles")
    if symbol is not None:
        go("instrument", id=symbol)


def _legend(frame: pl.DataFrame, measure: Measure, scale: charts.ColourScale, tiles: Tiles) -> str:
    paint = chosen_palette()
    unknown = int(frame[measure.column].null_count())
    old = frame["date"].max() != frame["date"].min()
    first, last = frame.select(first=pl.col("date").min(), last=pl.col("date").max()).row(0)
    parts = [
        f'<span>{measure.text(-scale.limit)}</span><i style="background:linear-gradient(90deg,'
        f'{",".join(paint.diverging)})"></i><span>{measure.text(scale.limit)}</span>',
        f"{scale.beyond:,} of {frame.height:,} off scale",
        f'<i class="b-hatch"></i> {unknown:,} not known' if unknown else "",
        "" if tiles.by_value else "equal areas: values are compared within shares only",
        f"{tiles.without_value:,} without a market value are in the table only"
        if tiles.without_value
        else "",
        f"the {tiles.rows.height:,} largest are drawn, {tiles.smaller:,} smaller ones are in the "
        "table only"
        if tiles.smaller
        else "",
        f"last sessions from {first:%d %b} to {last:%d %b %Y}"
        if old
        else f"session of {last:%d %b %Y}",
    ]
    return (
        f'<div class="b-legend">{"".join(f"<span>{part}</span>" for part in parts if part)}</div>'
    )


def _sectors(answer: Answer) -> str:
    columns = (
        Column("sector", "sector"),
        Column("valued", "valued", "count", hint="members with a value and a return"),
        Column("weight", "weight, %", "number", digits=1),
        Column("return", "return, %", "heat", digits=2, scale=0.05),
        Column("added", "contribution, bp", "bar", digits=1, scale=50.0),
    )
    rows = answer.frame.with_columns(
        (pl.col("contribution") * 1e4).alias("added"), pl.col("weight") * 100
    )
    total = float(answer.frame["contribution"].sum()) * 1e4
    note = f"All of them together: {total:+.1f} bp".replace("-", "−")
    return table(rows, columns, caption=SECTORS.title) + f'<div class="b-note">{note}</div>'


def _every(answer: Answer) -> None:
    percent = st.column_config.NumberColumn(format="percent")
    plain = st.column_config.NumberColumn(format="%.2f")
    names = {
        "ticker": "instrument",
        "name": "name",
        "date": "session",
        "close": "close",
        "currency": "in",
        "price_return": "price",
        "total_return": "total",
        "total_return_base": "total, base",
        "change": "change",
        "sigmas": "move in σ",
        "z": "z",
        "volume_surge": "volume",
        "drawdown": "drawdown",
        "from_high": "from high",
        "market_value": "value, base",
        "source": "source",
        "symbol": "id",
    }
    there = [name for name in names if answer.frame[name].null_count() < answer.frame.height]
    unit = pl.when(asset_class="rate").then(pl.lit("%")).otherwise("currency").alias("currency")
    stated = answer.frame.with_columns(unit)
    shown = stated.select(pl.col(name).alias(names[name]) for name in there)
    heat = ("price", "total", "total, base", "volume", "drawdown", "from high")
    config = dict.fromkeys(heat, percent) | dict.fromkeys(("move in σ", "z"), plain)
    config["value, base"] = st.column_config.NumberColumn(format="compact")
    event = st.dataframe(
        shown.to_arrow(compat_level=pl.CompatLevel.oldest()),
        hide_index=True,
        height=330,
        row_height=26,
        column_config=config,
        key="heatmaps_rows",
        on_select="rerun",
        selection_mode="single-row",
        alt="all measures of every instrument of the universe",
    )
    if event.selection.rows:
        go("instrument", id=answer.frame["symbol"][event.selection.rows[0]])


def the_grid(chosen: Chosen) -> None:
    """Instruments against horizons, those that moved most for themselves first."""
    with HEAD:
        order = horizon()
        choose_colours()
    Panel(
        "Returns by horizon",
        f"{chosen.label} · total return, % · {GRID_ROWS} largest moves by own volatility",
        ("prices", "instruments"),
    ).show(market.horizons, lambda answer: _grid(answer, order), **chosen.params)


def _grid(answer: Answer, order: str) -> str:
    rows = answer.frame.sort(
        pl.col(f"{order}_sigmas").abs(), "symbol", descending=[True, False], nulls_last=True
    ).head(GRID_ROWS)
    columns = (
        Column("ticker", "instrument", "id"),
        Column("name", "name"),
        Column("date", "session", "session"),
        *HORIZON_COLUMNS,
        Column(f"{order}_sigmas", f"{order}, move in σ", "bar", digits=1),
    )
    return table(rows, columns, caption="Returns by horizon")


def the_kinds(chosen: Chosen) -> None:
    """Kinds of instruments against horizons, those that moved most over the chosen one first."""
    with HEAD:
        order = horizon()
        choose_colours()
    CROSS.show(market.cross_asset, lambda answer: _kinds(answer, order), **chosen.params)


def _kinds(answer: Answer, order: str) -> str:
    rows = answer.frame.sort(
        pl.col(f"{order}_sigmas").abs(), "asset_class", descending=[True, False], nulls_last=True
    )
    sigmas = tuple(
        Column(f"{label}_sigmas", f"{label}, move in σ", "score", digits=2, scale=2.0)
        for label in market.HORIZONS
    )
    first = (Column("asset_class", "kind"), Column("members", "members", "count"))
    return table(rows, (*first, *HORIZON_COLUMNS, *sigmas), caption=CROSS.title)


def the_calendar(chosen: Chosen) -> None:
    """Years by months of the middle instrument, and what the months have in common."""
    with HEAD:
        choose_colours()
    needs = ("prices", "instruments")
    Panel("Monthly returns", f"{chosen.label} · median total return, %", needs).show(
        seasons.universe_months, lambda answer: years_by_months(answer.frame), **chosen.params
    )
    Panel("Seasonality", "of these medians, complete months", needs).show(
        seasons.universe_seasons, lambda answer: of_seasons(answer.frame), **chosen.params
    )


def the_countries() -> None:
    """Countries against the indicators of one dimension."""
    with HEAD:
        dimension = segment("heatmaps", "dimension", "Dimension", list(DIMENSIONS), "growth")
        choose_colours()
    Panel(
        "Countries against indicators",
        f"{dimension} · z of the latest change among those before it, {better_colour()} for better",
        ("macro", "series"),
        "No country has an indicator of this dimension at this clock.",
    ).show(countries.country_indicators, _countries, dimension=dimension)


def _countries(answer: Answer) -> Drawn:
    frame = answer.frame
    names = frame["indicator"].unique().sort().to_list()
    wide = frame.pivot(on="indicator", index=["name", "country"], values="z").sort("name")
    newest = {
        row["country"]: {
            "day": row["period"],
            "text": period_of(row["period"], row["frequency"]),
        }
        for row in frame.sort("period", "indicator").iter_rows(named=True)
    }
    rows = [row | {"newest": newest[row["country"]]} for row in wide.iter_rows(named=True)]
    columns = (
        Column("name", "country"),
        Column("newest", "newest period", "session"),
        *(_indicator(word) for word in names),
    )
    return table(rows, columns, caption="Countries against indicators")


def _indicator(word: str) -> Column:
    """Coloured by whether a rise of it is better; not at all where it is neither."""
    good = vocabulary.good(word)
    hint = {1: "better when higher", -1: "better when lower"}.get(good, "no better direction")
    kind: Kind = "score" if good else "number"
    return Column(word, vocabulary.named(word), kind, digits=1, scale=3.0 * good, hint=hint)


HEAD = st.container(horizontal=True, vertical_alignment="bottom", gap="small")
with HEAD:
    lens = segment("heatmaps", "lens", "Lens", LENSES, "map")
if lens == "countries":
    the_countries()
else:
    with HEAD:
        universe = choose("equity" if lens != "cross-asset" else "all")
    drawn = {"map": the_map, "grid": the_grid, "calendar": the_calendar, "cross-asset": the_kinds}
    drawn[lens](universe)
