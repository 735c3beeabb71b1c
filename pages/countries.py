"""Countries: a comparison of countries by any indicator, and a profile of each.

The **table** comes first: the last value of each country and indicator that was known at the clock,
with its period. Click the head of a column to sort by it; a dash is not known. The box above it
takes up to ten indicators, which the address keeps.

The **map** and the **ranking** show the last value of each country at the clock. The colour scale
ends at the 2nd and the 98th percentile. A country without a value has an outline only. *Year*
shows the change on the year within the vintage of the clock: in percentage points for values in
percent, otherwise in percent. Amounts in national currency are ranked by this change only.

**Own-history percentile** ranks the last value among the country's own values, **peer
percentile** among the countries that have the indicator. **Groups** are means
weighted by population, with the share of people who live where the indicator is known. A country
without a known population has no weight.

Choose a country on the map or by its name to see its profile, and up to eight countries to compare
them. A country without data can be found by its name; its profile says that there are none.
Forecasts of a source are dashed and never joined to history.

*Trade and rates* of a profile shows the balance of trade with a partner by year over their exchange
rate and policy rates, as this country reports it: exports FOB, imports mostly CIF. **Commodity
dependence** is the share of exports by kind of commodity beside the change of their prices in the
lake over a year. **Terms of trade** are unit values of exports over those of imports; a new edition
of the list of goods begins a new segment at 100, and segments do not compare with each other. Two
things that move together are not cause and effect.
"""

from __future__ import annotations

from html import escape
from typing import Any

import polars as pl
import streamlit as st

from analytics.core.catalogue import find
from analytics.core.plain_numbers import plain_number
from analytics.macro import countries, prints
from data.query import Answer
from data.vocabulary import named
from pages.frame import charts
from pages.frame.cached import cached
from pages.frame.controls import pick_indicator, segment
from pages.frame.errors import Trouble, explain
from pages.frame.figures import decimals, period_of, written
from pages.frame.links import address, link, plain
from pages.frame.panel import Drawn, Panel, say, way_out
from pages.frame.run import current
from pages.frame.tab_title import name_tab
from pages.frame.tables import Column, table
from pages.frame.theme import palette
from pages.frame.view import age
from pages.macro.country_table import country_table
from pages.macro.country_ties import country_ties
from pages.search.directory import country_names
from pages.search.pickers import pick_countries, pick_country

NEEDS = ("macro", "series")
TABS = {"indicators": "Indicators", "ties": "Trade and rates"}
NOTHING = "No country has a value of it at this clock."
# Told apart by colour-blind eyes too (Okabe and Ito).
COLOURS = ("#56b4e9", "#e69f00", "#009e73", "#cc79a7", "#d55e00", "#0072b2", "#b8a200", "#999999")


def shared_indicators() -> pl.DataFrame | None:
    """The indicators that several countries have; none where they cannot be read."""
    try:
        known = cached(find("indicators").call, current().at).frame
    except Exception as error:  # noqa: BLE001 - said where the table would stand
        say(explain(error, "indicators"), "error")
        return None
    if known.is_empty():
        say(
            Trouble(
                "No indicator is known of several countries at this clock.",
                way_out(current()),
            ),
            "empty",
        )
        return None
    return known


def chosen(names: list[str]) -> tuple[str, bool]:
    """Indicator and measure of the map and the ranking."""
    first = next((name for name in ("CPIYOY", "cpi") if name in names), names[0])
    indicator = pick_indicator("countries", names, first)
    measure = segment("countries", "measure", "Measure", ["level", "year"], "level")
    return indicator, measure == "year"


def standing(indicator: str, *, yearly: bool) -> pl.DataFrame:
    """The map, the groups and the ranking; gives the ranking."""
    fields = {"indicator": indicator, "yearly": yearly}
    left, right = st.columns((8, 5), gap="small")
    with left:
        Panel("Map", _word(yearly), NEEDS, NOTHING).show(
            countries.indicator_ranking, lambda answer: _map(answer, yearly), **fields
        )
    with right:
        Panel(
            "Groups",
            "population-weighted means",
            (*NEEDS, "countries"),
            "No mean: units differ, or amounts are in national money. Try the change on the year.",
        ).show(countries.group_means, _groups, **fields)
    answer = Panel("Ranking", _word(yearly), NEEDS, NOTHING).show(
        countries.indicator_ranking, _ranking, **fields
    )
    return pl.DataFrame() if answer is None else answer.frame


def _word(yearly: bool) -> str:
    return "change on the year" if yearly else "last value"


def _unit(frame: pl.DataFrame, *, yearly: bool) -> str:
    """What the values of a ranking are in."""
    units = frame["unit"].unique().to_list()
    if len(units) == 1:
        return prints.shown_unit(units[0], "year" if yearly else "level")
    return "percent on the year" if yearly else "several units"


def _map(answer: Answer, yearly: bool) -> Drawn:
    run = current()
    frame = answer.frame.drop_nulls("value")
    if frame["among_peers"].null_count() and not yearly:
        st.html(
            '<div class="b-note">Units differ between countries, or amounts are in national '
            "money: they are not compared. Choose the change on the year.</div>"
        )
        return None
    unit = _unit(frame, yearly=yearly)
    chart, (low, high), beyond = charts.world(
        frame, palette(run.theme), unit=unit, is_demo=run.demo
    )

    def choose_country() -> None:
        """The country that was clicked is the profile below."""
        rows = st.session_state["countries_map"].selection.get("country") or []
        if rows and (code := rows[0].get("country")):
            st.query_params["id"] = str(code)

    st.altair_chart(
        chart, key="countries_map", theme=None, on_select=choose_country, selection_mode="country"
    )
    off_scale = f"{beyond or 'none'} of {frame.height} off scale"
    limits = f"{plain_number(low, 4)} to {plain_number(high, 4)}"
    st.html(
        f'<div class="b-note">{escape(unit)}; colour from {limits}, {off_scale}; '
        "outlines only: not known.</div>"
    )
    return None


def _groups(answer: Answer) -> str:
    rows = answer.frame.with_columns(pl.col("covered") * 100)
    digits = min(decimals([*rows["mean"], *rows["median"]]), 2)
    columns = (
        Column("group", "group", "wide"),
        Column("mean", "mean", "number", digits=digits),
        Column("median", "median", "number", digits=digits),
        Column("countries", "countries", "count"),
        Column(
            "covered",
            "population covered, %",
            "number",
            digits=0,
            hint="who live where it is known, of those countries whose population is known",
        ),
        Column("unweighted", "no weight", "count", hint="without a known population"),
    )
    return table(rows, columns, caption="Groups")


def _ranking(answer: Answer) -> str:
    known = answer.frame.drop_nulls("value")
    rows = [_row(row) for row in known.iter_rows(named=True)]
    digits = decimals(known["value"])
    columns = (
        Column("place", "", "count"),
        Column("named", "country", "link"),
        Column("value", "value", "number", digits=digits),
        Column("change", "change", "signed", digits=digits),
        Column("until", "period"),
        Column("known", "published"),
        Column("in_past", "own-history percentile", "number", digits=0),
        Column("among_peers", "peer percentile", "number", digits=0),
        Column("path", "last 40", "spark"),
        Column("vintage_grade", "grade"),
    )
    placed = [row | {"place": number} for number, row in enumerate(rows, 1)]
    return table(placed, columns, caption="Ranking")


def _row(row: dict[str, Any]) -> dict[str, Any]:
    as_of = current().view.as_of
    return row | {
        "named": {"text": row["name"], "to": address("countries", id=row["country"])},
        "series": {
            "text": row["title"].removeprefix(f"{row['name']}: "),
            "to": address("series", id=row["series_id"]),
        },
        "until": period_of(row["period"], row["frequency"]),
        "known": f"{age(row['known_at'], as_of)} ago",
        "in_past": None if row["in_past"] is None else 100 * row["in_past"],
        "among_peers": None if row["among_peers"] is None else 100 * row["among_peers"],
    }


def _own(row: dict[str, Any]) -> dict[str, Any]:
    """Value and change with the decimals of their own series; each line has another unit."""
    digits = decimals(row["path"])
    change = {"value": row["change"], "text": written(row["change"], digits, sign=True)}
    return {"value": round(row["value"], digits), "change": change}


def comparison(ranking: pl.DataFrame, indicator: str, *, yearly: bool) -> None:
    """Up to eight countries over time."""
    codes = ranking["country"].to_list()
    label = f"Compare (up to {countries.MOST})"
    chosen = pick_countries("countries", "with", label, codes, countries.MOST)
    asked = [code.upper() for code in chosen]
    unknown = [code for code in asked if code not in codes]
    if unknown:
        say(
            Trouble(
                f"No value of {named(indicator)} for {', '.join(unknown[:5])} at this time.",
                "Choose countries of the ranking.",
            ),
            "partial",
        )
    wanted = [code for code in dict.fromkeys(asked) if code in codes][: countries.MOST]
    if not wanted:
        return
    rows = {row["country"]: row for row in ranking.iter_rows(named=True)}
    names = {rows[code]["series_id"]: rows[code]["name"] for code in wanted}
    Panel("Compared", f"{named(indicator)}, {_word(yearly)}", NEEDS, NOTHING).show(
        countries.countries_compared,
        lambda answer: _compared(answer, names, _unit(ranking, yearly=yearly)),
        series=list(names),
        frequencies=[rows[code]["frequency"] for code in wanted],
        measure="year" if yearly else "level",
    )


def _compared(answer: Answer, names: dict[str, str], unit: str) -> Drawn:
    frame = answer.frame.with_columns(pl.col("end").alias("day"))
    drawn = []
    for (series, name), colour in zip(names.items(), COLOURS, strict=False):
        mine = frame.filter(pl.col("series_id") == series)
        history = mine.filter(~pl.col("is_forecast"))
        ahead = mine.filter("is_forecast")
        drawn.append(charts.Course(name, history, tone=colour))
        if ahead.height:
            drawn.append(charts.Course(f"{name}, forecast", ahead, "dash", colour))
    return charts.courses([charts.Pane(unit, drawn)], palette(current().theme))


def profile(ranking: pl.DataFrame) -> None:
    """Everything that is known of one country; one that is only named is offered if asked for."""
    names = dict(ranking.select("country", "name").iter_rows()) or dict(country_names())
    if not names:
        return
    first = "USA" if "USA" in names else min(names)
    if (asked := st.query_params.get("id", "")) and asked not in names:
        names |= _also_named(asked)
    row = st.container(horizontal=True, vertical_alignment="bottom", gap="small")
    with row:
        country = pick_country("countries", "id", "Profile of", sorted(names), first)
        tab = segment(
            "countries", "tab", "Show", list(TABS), "indicators", format_func=TABS.__getitem__
        )
    if asked:
        name_tab(names[country])
    if tab == "ties":
        country_ties(country, names[country], row)
        return
    link("notes", label=f"Analyst note on {plain(names[country])}", country=country)
    Panel(
        f"Profile: {country}",
        "the last value of every indicator at the clock",
        NEEDS,
        f"{names[country]}: no indicator is known at this clock.",
    ).show(countries.country_profile, _profile, country=country)


def _also_named(code: str) -> dict[str, str]:
    """Code and name of a country that the lake lists; none for any other word."""
    return {found: name for found, name in country_names().items() if found == code}


def _profile(answer: Answer) -> str:
    rows = [
        _row(row) | _own(row)
        for row in answer.frame.drop_nulls("value")
        .sort("dimension", "indicator")
        .iter_rows(named=True)
    ]
    columns = (
        Column("series", "indicator", "link"),
        Column("value", "value", "figure"),
        Column("change", "change", "move"),
        Column("unit", "unit"),
        Column("until", "period"),
        Column("known", "published"),
        Column("in_past", "own-history percentile", "number", digits=0),
        Column("among_peers", "peer percentile", "number", digits=0),
        Column("path", "last 40", "spark"),
    )
    try:
        every = cached(find("indicators").call, current().at).frame.height
    except Exception as error:  # noqa: BLE001 - the count of all is left out
        explain(error, "indicators")
        every = 0
    covered = f"{len(rows)} indicators known" + (
        f"; {every} are known of several countries" if every else ""
    )
    shown = table(rows, columns, caption="Profile", group="dimension")
    return f'{shown}<div class="b-note">{covered}.</div>'


held = pl.DataFrame(schema={"country": pl.String, "name": pl.String})
shared = shared_indicators()
if shared is not None:
    country_table(shared)
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        indicator, yearly = chosen(shared["indicator"].to_list())
    ranking = standing(indicator, yearly=yearly)
    if ranking.height:
        comparison(ranking, indicator, yearly=yearly)
        held = ranking
if held.height or "tab" in st.query_params:  # trade may be known where no indicator is
    profile(held)
