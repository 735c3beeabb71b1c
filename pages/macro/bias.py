"""The bias of a country's assets on Calendar: scores, what makes them, and their weights."""

from __future__ import annotations

from datetime import timedelta

import polars as pl
import streamlit as st

from analytics.macro import bias, bias_views, weights
from data.disk import write_file
from data.errors import WorkstationError
from data.query import Answer
from data.state import requests
from data.state.values import Edit
from pages.frame import charts
from pages.frame.controls import segment
from pages.frame.errors import Trouble, explain
from pages.frame.panel import Drawn, Panel, say
from pages.frame.resources import now
from pages.frame.run import current
from pages.frame.tables import Column, table
from pages.frame.theme import palette
from pages.macro.shading import shades

NEEDS = ("releases", "series")
SPAN = timedelta(days=1096)
SCALE = "from −100, against, to 100, for"
ENDS = 6  # of the strongest pairs, each way
SAID = "bias_weights_said"
TOLD = "house.bias"  # says on the bus how the bias stands


def the_bias(countries: list[str] | None) -> None:
    """The bias of each asset, the surprises behind it, and since when it holds."""
    if not countries:
        Panel("Bias", SCALE, NEEDS, "No release had a consensus.").show(bias.bias, _heat)
        return
    Panel("Bias", SCALE, NEEDS, "No release of this country had a consensus.").show(
        bias.bias, _bias, countries=countries
    )
    left, right = st.columns((2, 3), gap="small")
    with left:
        Panel(
            "Bias by memory",
            "surprises halved every 7, 30 or 90 days",
            NEEDS,
            "No release of this country had a consensus.",
        ).show(bias_views.bias_horizons, _horizons, country=countries[0])
    with right:
        Panel(
            "Its currency against others",
            SCALE,
            (*NEEDS, "countries"),
            "No other currency has a bias.",
        ).show(bias_views.currency_bias, _pairs, country=countries[0])
    _drivers(countries[0])


def _drivers(country: str) -> None:
    """What each indicator adds to the bias of one asset, and the bias over time."""
    try:
        assets = list(weights.book(current().at).at(current().view.as_of).assets)
    except WorkstationError as error:
        say(explain(error, "weights"), "error")
        return
    asset = segment("releases", "asset", "Drivers of", assets, assets[0])
    left, right = st.columns((2, 3), gap="small")
    with left:
        Panel(
            "Drivers",
            f"{asset}: what each indicator adds",
            NEEDS,
            "No release of the last 90 days had a surprise.",
        ).show(bias.bias_contributions, _contributions, country=country, asset=asset)
    with right:
        Panel("Bias over time", f"{asset}, {SCALE}", NEEDS, "No bias is known.").show(
            bias.bias_history,
            lambda answer: _bias_path(answer, country),
            country=country,
            asset=asset,
            since=current().view.as_of - SPAN,
        )


def _shown(frame: pl.DataFrame) -> pl.DataFrame:
    """Where too little of what was due has come there is no colour, only the word."""
    return _coloured(frame).with_columns(pl.col("confidence") * 100)


def _coloured(frame: pl.DataFrame) -> pl.DataFrame:
    enough = pl.col("label") != bias.INSUFFICIENT
    return frame.with_columns(
        pl.when(enough).then("score").alias("shown"), pl.col("coverage") * 100
    )


def _bias(answer: Answer) -> str:
    columns = (
        Column("asset", "asset"),
        Column("shown", "score", "bar", digits=0, scale=100.0),
        Column("label", "signal"),
        Column("confidence", "confidence, %", "number", digits=0, hint="n / (n + 5) releases"),
        Column(
            "coverage",
            "released, % of weight",
            "number",
            digits=0,
            hint="of what was due in 90 days",
        ),
        Column("releases", "releases", "count"),
        Column("cutoff", "until", "instant"),
        Column("version", "weights of", "instant"),
    )
    return table(_shown(answer.frame), columns, caption="Bias", zone=current().view.zone)


def _heat(answer: Answer) -> str:
    assets = answer.frame["asset"].unique(maintain_order=True).to_list()
    wide = _shown(answer.frame).pivot(on="asset", index="country", values="shown")
    columns = (
        Column("country", "country"),
        *(Column(name, name, "score", digits=0, scale=30.0) for name in assets),
    )
    return table(wide.sort("country"), columns, caption="Bias")


def _horizons(answer: Answer) -> str:
    columns = (
        Column("asset", "asset"),
        *(Column(name, name, "score", digits=0, scale=30.0) for name in bias_views.HORIZONS),
    )
    return table(answer.frame, columns, caption="Bias by memory")


def _pairs(answer: Answer) -> str:
    """The strongest both ways."""
    rows = _coloured(answer.frame).drop_nulls("score")
    shown = rows if rows.height <= 2 * ENDS else pl.concat([rows.head(ENDS), rows.tail(ENDS)])
    columns = (
        Column("pair", "pair"),
        Column("country", "against"),
        Column("shown", "score", "bar", digits=0, scale=100.0),
        Column("label", "signal"),
        Column(
            "coverage",
            "released, % of weight",
            "number",
            digits=0,
            hint="of what was due, the lesser side",
        ),
    )
    return table(shown, columns, caption="Its currency against others")


def _contributions(answer: Answer) -> str:
    columns = (
        Column("title", "indicator", "wide"),
        Column("dimension", "kind"),
        Column("contribution", "adds", "bar", digits=1, scale=5.0),
        Column("z", "last σ", "number", digits=1),
        Column("age_days", "age, d", "number", digits=0),
        Column("releases", "n", "count"),
    )
    total = answer.frame["contribution"].sum()
    said = f"{total:+.2f}".replace("-", "−")
    return (
        table(answer.frame, columns, caption="Drivers")
        + f'<div class="b-note">Together {said}, which is the score.</div>'
    )


def _bias_path(answer: Answer, country: str) -> Drawn:
    frame = answer.frame.select(
        pl.col("moment").dt.date().alias("day"), pl.col("score").alias("value")
    )
    paint = palette(current().theme)
    behind = shades(country, min(frame["day"]), paint)
    return charts.courses([charts.Pane("score", [charts.Course("score", frame)])], paint, behind)


def the_weights() -> None:
    """Change what surprises say: a new version that counts from now on, at the present only."""
    run = current()
    if not run.view.is_now or isinstance(run.lake, Exception):
        return
    with st.expander("Weights: what each kind of surprise says for each asset"):
        if said := st.session_state.pop(SAID, None):
            say(*said)
        try:
            held = weights.book(run.at).at(run.view.as_of)
        except WorkstationError as error:
            say(explain(error, "weights"), "error")
            return
        given = pl.DataFrame(
            [
                {"asset": asset} | {kind: signs.get(kind, 0.0) for kind in weights.KINDS}
                for asset, signs in held.assets.items()
            ]
        )
        changed = st.data_editor(
            given,
            key=f"bias_weights_{held.since.timestamp():.0f}",
            hide_index=True,
            row_height=28,
            num_rows="dynamic",
            alt="weights from -1, against, to 1, for",
        )
        st.caption(
            "From −1, fully against, to +1, fully for. Saved, they count from then on; "
            "every earlier clock keeps the weights of its time."
        )
        if not changed.equals(given):
            st.button(
                "Save as a new version",
                type="primary",
                key="bias_weights_save",
                on_click=save_weights,
                args=(changed,),
            )


def save_weights(changed: pl.DataFrame) -> None:
    """One more version at the end of the workspace's own file, or why there is none."""
    run = current()
    try:
        rows = [row for row in changed.iter_rows(named=True) if str(row["asset"] or "").strip()]
        version = weights.Weights(
            now(),
            {
                str(row["asset"]).strip(): {kind: row[kind] for kind in weights.KINDS if row[kind]}
                for row in rows
            },
        )
        path = weights.own_file(run.settings.lake)
        before = path.read_text(encoding="utf-8") if path.exists() else ""
        write_file(path, weights.added(before, version).encode())
        if run.services.state is not None:
            requests.ask(run.services.state, TOLD, {}, edit=Edit("page", now()))
    except (WorkstationError, ValueError, OSError) as error:
        said = Trouble(f"Nothing was saved: {error}.", "Give numbers from −1 to 1.")
        st.session_state[SAID] = said, "error"
        return
    said = Trouble("A new version was saved.", "It counts from the next minute of the clock on.")
    st.session_state[SAID] = said, "quiet"
