"""A map of the world, drawn by Altair from an outline that lies beside the fonts: no other host.

A country without a value keeps its outline only; it is never coloured as nought.
"""

from __future__ import annotations

from typing import Any

import polars as pl

from pages.frame.charts.base import FONT
from pages.frame.theme import Palette

# Relative, so that it is found on every page and below any path.
OUTLINE = "app/static/countries-110m.json"
CLIP = (0.02, 0.98)


def world(
    frame: pl.DataFrame, paint: Palette, *, unit: str, is_demo: bool
) -> tuple[Any, tuple[float, float], int]:
    """`frame` has iso_numeric, country, name and value: the map, its limits, and how many lie
    beyond them."""
    import altair as alt

    held = frame.drop_nulls(["iso_numeric", "value"])
    low, high = (float(held["value"].quantile(q, "linear") or 0.0) for q in CLIP)
    beyond = held.filter((pl.col("value") < low) | (pl.col("value") > high)).height
    outline = alt.topo_feature(OUTLINE, "countries")
    layers = [
        alt.Chart(outline).mark_geoshape(fill=paint.surface, stroke=paint.dim, strokeWidth=0.35),
        _filled(outline, held, paint, unit, (low, high)),
    ]
    if is_demo:
        layers.append(_demo(paint))
    chart = (
        alt.layer(*layers)
        .project("naturalEarth1")
        .properties(height=360)
        .configure_view(stroke=None)
        .configure_legend(labelColor=paint.dim, labelFont=FONT, labelFontSize=11)
        .configure(background="transparent")
    )
    return chart, (low, high), beyond


def _filled(
    outline: Any, frame: pl.DataFrame, paint: Palette, unit: str, limits: tuple[float, float]
) -> Any:
    """The countries that have a value; a click on one chooses it."""
    import altair as alt

    columns = {"id": "iso_numeric", "country": "country", "label": "name", "value": "value"}
    rows = frame.select(**columns).to_dicts()
    known = alt.LookupData(alt.Data(values=rows), "id", ["country", "label", "value"])  # type: ignore[no-untyped-call]  # no types
    colour = alt.Color(
        "value:Q",
        scale=alt.Scale(range=list(paint.sequential), domain=list(limits), clamp=True),
        legend=alt.Legend(
            title=None, orient="bottom-left", gradientLength=140, gradientThickness=8
        ),
    )
    tips = [
        alt.Tooltip("label:N", title="country"),
        alt.Tooltip("value:Q", title=unit, format=",.4~g"),
    ]
    return (
        # Named, since a name that is counted up would make each drawing another one.
        alt.Chart(outline, name="countries")
        .mark_geoshape(stroke=paint.surface, strokeWidth=0.5)
        .transform_calculate(id="toNumber(datum.id)")
        .transform_lookup("id", from_=known)
        .transform_filter("isValid(datum.value)")
        .encode(color=colour, tooltip=tips)
        .add_params(alt.selection_point(name="country", fields=["country"], on="click"))
    )


def _demo(paint: Palette) -> Any:
    import altair as alt

    return (
        alt.Chart(alt.Data(values=[{"text": "DEMO · invented data"}]))  # type: ignore[no-untyped-call]  # no types
        .mark_text(
            fontSize=26,
            opacity=0.2,
            color=paint.ink,
            font=FONT,
            x=alt.ExprRef("width / 2"),
            y=alt.ExprRef("height * 0.86"),
        )
        .encode(text="text:N")
    )
